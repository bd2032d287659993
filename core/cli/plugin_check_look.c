/* SPDX-License-Identifier: MIT */
/* What there is that a container could leave. */
#include <contain/plugin.h>

#include <fcntl.h>
#include <fts.h>
#include <limits.h>
#include <net/if.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cli/plugin_check.h"

#define BEHIND " @ " /* what follows tells it from another one, but tells people nothing */

static void add(struct text *lines, enum rule rule, const char *format, ...) __attribute__((format(printf, 3, 4)));
static void add(struct text *lines, enum rule rule, const char *format, ...)
{
	_cleanup_text_ struct text what = { 0 };
	va_list args;

	va_start(args, format);
	text_vprintf(&what, format, args);
	va_end(args);
	text_line(lines, "%d %s", rule, text_peek(&what));
}

/* A file of an overlay is there because somebody has written to it; a directory also because of what is in it. */
static void look_at_upper(const struct world *world, size_t number, struct text *lines)
{
	char upper[PATH_MAX + 32];
	char *const roots[] = { upper, NULL };
	size_t length;
	FTSENT *entry;
	FTS *walk;

	length = (size_t)snprintf(upper, sizeof(upper), "%s/upper%zu", world->directory, number);
	walk = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	while (walk && (entry = fts_read(walk))) {
		const struct stat *st = entry->fts_statp;
		const char *rest = entry->fts_path + length;
		struct stat below;

		if (entry->fts_level == 0 || entry->fts_info == FTS_DP)
			continue;
		if (entry->fts_info == FTS_D &&
		    fstatat(world->lower[number], rest + 1, &below, AT_SYMLINK_NOFOLLOW) == 0)
			continue;
		/* A character device 0/0 stands for what was removed (Documentation/filesystems/overlayfs.rst). */
		if (S_ISCHR(st->st_mode) && st->st_rdev == makedev(0, 0))
			add(lines, RULE_LEFT_FILE, "%s%s, which was there before, is removed", world_places[number],
			    rest);
		else
			add(lines, RULE_LEFT_FILE, "%s%s" BEHIND "%lld.%09ld", world_places[number], rest,
			    (long long)(S_ISDIR(st->st_mode) ? 0 : st->st_ctim.tv_sec),
			    S_ISDIR(st->st_mode) ? 0 : st->st_ctim.tv_nsec);
	}
	if (walk)
		fts_close(walk);
}

/* `shown`: what stands for the path; NULL: itself. */
static void look_at_entries(enum rule rule, const char *path, const char *shown, const char *only, struct text *lines)
{
	_cleanup_closedir_ DIR *dir = opendir(path);
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		/* Of other containers, which come and go. */
		if (only && strncmp(entry->d_name, "contain-", 8) == 0 && !strstr(entry->d_name, only))
			continue;
		if (!only || entry->d_type == DT_DIR)
			add(lines, rule, "%s/%s", shown ? shown : path, entry->d_name);
	}
}

static void look_at_mounts(const char *id, struct text *lines)
{
	_cleanup_free_ char *mountinfo = world_read_proc("/proc/self/mountinfo");
	char *rest = mountinfo, *line;

	while ((line = strsep(&rest, "\n"))) {
		const char *tail = strstr(line, " - ");
		char path[PATH_MAX];

		if (!tail || !world_mount_point(line, path))
			continue;
		add(lines, RULE_LEFT_MOUNT, "%s (%.*s)" BEHIND "%s", path, (int)strcspn(tail + 3, " "), tail + 3, line);
		if (strncmp(tail, " - cgroup", 9) == 0)
			look_at_entries(RULE_LEFT_CGROUP, path, NULL, id, lines);
	}
}

static void look_at_ipc(const struct world *world, struct text *lines)
{
	static const char *const kinds[] = { "shm", "sem", "msg" };
	char path[PATH_MAX + 32];

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		_cleanup_free_ char *table = NULL;
		char *rest, *line;

		snprintf(path, sizeof(path), "/proc/sysvipc/%s", kinds[i]);
		rest = table = world_read_proc(path);
		/* A line of headings, then key and number first (proc(5)). */
		strsep(&rest, "\n");
		while ((line = strsep(&rest, "\n"))) {
			int key, number;

			if (sscanf(line, "%d %d", &key, &number) == 2)
				add(lines, RULE_LEFT_IPC, "%s %d (key %d)", kinds[i], number, key);
		}
	}
	snprintf(path, sizeof(path), "%s/mqueue", world->directory);
	look_at_entries(RULE_LEFT_IPC, path, "message queue ", NULL, lines);
}

void world_look(const struct world *world, const char *id, struct text *lines)
{
	struct if_nameindex *links = if_nameindex();
	char name[HOST_NAME_MAX + 1] = "";

	look_at_mounts(id, lines);
	for (size_t i = 0; i < PLACES; i++) {
		if (world->lower[i] >= 0)
			look_at_upper(world, i, lines);
	}
	for (struct if_nameindex *link = links; link && link->if_index; link++)
		add(lines, RULE_LEFT_LINK, "%s", link->if_name);
	if (links)
		if_freenameindex(links);
	look_at_ipc(world, lines);
	gethostname(name, sizeof(name) - 1);
	add(lines, RULE_LEFT_NAME, "the host name is '%s'", name);
	look_at_entries(RULE_LEFT_STATE, world->state, "state directory", NULL, lines);
}

static bool has_line(const struct text *text, const char *line, size_t length)
{
	const char *at = text_peek(text);

	for (const char *end; (end = strchr(at, '\n')); at = end + 1) {
		if ((size_t)(end - at) == length && memcmp(at, line, length) == 0)
			return true;
	}
	return false;
}

void world_compare(const struct text *a, const struct text *b,
		   void (*differ)(void *user, enum rule rule, const char *what), void *user)
{
	const char *at = text_peek(a);

	for (const char *end; (end = strchr(at, '\n')); at = end + 1) {
		_cleanup_free_ char *line = NULL;
		char *what, *behind;

		if (has_line(b, at, (size_t)(end - at)))
			continue;
		line = strndup(at, (size_t)(end - at));
		if (!line || !(what = strchr(line, ' ')))
			continue;
		if ((behind = strstr(what, BEHIND)))
			*behind = '\0';
		differ(user, (enum rule)atoi(line), what + 1);
	}
}
