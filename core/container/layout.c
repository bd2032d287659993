/* SPDX-License-Identifier: MIT */
#include "container/layout.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

/* mountinfo writes blank, tab, newline and backslash of a path as \040 and so on (proc_pid_mountinfo(5)). */
static void unescape(char *path)
{
	char *to = path;

	for (const char *from = path; *from; to++) {
		if (*from == '\\' && strspn(from + 1, "01234567") >= 3) {
			*to = (char)((from[1] - '0') * 64 + (from[2] - '0') * 8 + (from[3] - '0'));
			from += 4;
		} else {
			*to = *from++;
		}
	}
	*to = '\0';
}

#define RANK_WRITABLE 4

/*
 * How good a mount of a hierarchy is for us: one that can be written to, that shows all of it and not a part that
 * somebody has bound elsewhere, at the usual place.
 */
static int rank(const char *root, const char *mount, const char *options)
{
	return RANK_WRITABLE * !layout_has_word(options, "ro") + 2 * (strcmp(root, "/") == 0) +
	       (strncmp(mount, "/sys/fs/cgroup", strlen("/sys/fs/cgroup")) == 0);
}

static int add(struct layout *layout, int version, const char *mount, const char *controllers, int new_rank)
{
	struct hierarchy *more, *one = NULL;

	/* A v1 hierarchy is known by its controllers, and there is one v2. */
	for (size_t i = 0; i < layout->count && !one; i++) {
		struct hierarchy *h = &layout->hierarchies[i];

		if (h->version == version && (version == 2 || strcmp(h->controllers, controllers) == 0))
			one = h;
	}
	/* What is mounted over the same place later hides the former. */
	if (one && one->rank >= new_rank && strcmp(one->mount, mount) != 0)
		return 0;
	if (!one) {
		more = reallocarray(layout->hierarchies, layout->count + 1, sizeof(*more));
		if (!more)
			return -ENOMEM;
		layout->hierarchies = more;
		one = &more[layout->count++];
		*one = (struct hierarchy){ .version = version };
	}
	free(one->mount);
	free(one->controllers);
	one->rank = new_rank;
	one->writable = new_rank >= RANK_WRITABLE;
	one->mount = strdup(mount);
	one->controllers = version == 1 ? strdup(controllers) : NULL;
	return one->mount && (version == 2 || one->controllers) ? 0 : -ENOMEM;
}

/* ID PARENT MAJOR:MINOR ROOT MOUNTPOINT OPTIONS [FIELDS...] - TYPE SOURCE SUPEROPTIONS */
enum { FIELD_ROOT = 3, FIELD_MOUNT, FIELD_OPTIONS, FIELDS };

static int parse_line(struct layout *layout, char *line)
{
	/* The optional fields before it are KEY:VALUE, so the first one is the separator. */
	char *tail = strstr(line, " - "), *type, *fields[FIELDS];
	int version;

	if (!tail)
		return 0;
	*tail = '\0';
	tail += strlen(" - ");
	type = strsep(&tail, " ");
	version = strcmp(type, "cgroup2") == 0 ? 2 : strcmp(type, "cgroup") == 0 ? 1 : 0;
	for (size_t i = 0; i < FIELDS; i++) {
		fields[i] = strsep(&line, " ");
		if (!fields[i])
			return 0;
	}
	if (version == 0 || !tail)
		return 0;
	unescape(fields[FIELD_ROOT]);
	unescape(fields[FIELD_MOUNT]);
	tail = strchr(tail, ' ');
	return add(layout, version, fields[FIELD_MOUNT], tail ? tail + 1 : "",
		   rank(fields[FIELD_ROOT], fields[FIELD_MOUNT], fields[FIELD_OPTIONS]));
}

int layout_parse(struct layout *layout, const char *mountinfo)
{
	_cleanup_free_ char *copy = strdup(mountinfo);
	char *rest = copy, *line;
	int result = copy ? 0 : -ENOMEM;

	while (result == 0 && (line = strsep(&rest, "\n")))
		result = parse_line(layout, line);
	return result;
}

bool layout_has_word(const char *list, const char *name)
{
	size_t length = strlen(name);

	while (*list) {
		size_t word = strcspn(list, ", \n");

		if (word == length && strncmp(list, name, length) == 0)
			return true;
		list += word;
		list += *list ? 1 : 0;
	}
	return false;
}

char *layout_parent(const char *mount, const char *parent)
{
	char *path;

	mount = strcmp(mount, "/") == 0 ? "" : mount;
	parent += strspn(parent, "/");
	return asprintf(&path, "%s%s%s", mount, *parent ? "/" : "", parent) < 0 ? NULL : path;
}

char *layout_path(const char *mount, const char *parent, const char *id)
{
	_cleanup_free_ char *above = layout_parent(mount, parent);
	char *path;

	return above && asprintf(&path, "%s/contain-%s", above, id) >= 0 ? path : NULL;
}

void layout_free(struct layout *layout)
{
	for (size_t i = 0; i < layout->count; i++) {
		free(layout->hierarchies[i].mount);
		free(layout->hierarchies[i].controllers);
	}
	free(layout->hierarchies);
	*layout = (struct layout){ 0 };
}
