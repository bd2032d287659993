/* SPDX-License-Identifier: MIT */
/* The end of the container's cgroups: kill what is inside, remove the directories. Works from the record alone. */
#include "container/cgroup.h"

#include <contain/plugin.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/file.h"
#include "container/record_keys.h"

/* Processes die at once, unless they sleep uninterruptibly: a broken disk or NFS server. */
#define PATIENCE_USEC 10000000

static void pause_usec(long usec)
{
	nanosleep(&(struct timespec){ .tv_nsec = usec * 1000 }, NULL);
}

/* v1: each process by its pidfd. A pid that we read may be another's by now, so it must still be in the list after. */
static int kill_listed(int dir)
{
	_cleanup_close_ int procs = openat(dir, "cgroup.procs", O_RDONLY | O_CLOEXEC);
	_cleanup_fclose_ FILE *file = procs < 0 ? NULL : fdopen(procs, "re");
	int found = 0;
	long pid;

	if (!file)
		return -errno;
	steal_fd(&procs);
	while (fscanf(file, "%ld", &pid) == 1) {
		_cleanup_close_ int pidfd = pid > 1 ? pidfd_open((pid_t)pid, 0) : -1;
		_cleanup_free_ char *list = NULL;
		_cleanup_close_ int again = -1;
		char line[32];
		size_t length;

		found++;
		again = openat(dir, "cgroup.procs", O_RDONLY | O_CLOEXEC);
		if (pidfd < 0 || again < 0 || file_read_all(again, 1 << 24, &list, &length) < 0)
			continue;
		snprintf(line, sizeof(line), "%ld", pid);
		if (layout_has_word(list, line))
			pidfd_send_signal(pidfd, SIGKILL, NULL, 0);
	}
	return found;
}

/* v1: how many were found alive in one cgroup. The freezer stops forks; what is frozen dies when thawed, so thaw. */
static int freeze_and_kill(int dir)
{
	int found;

	file_write_at(dir, "freezer.state", "FROZEN");
	found = kill_listed(dir);
	file_write_at(dir, "freezer.state", "THAWED");
	return found > 0 ? found : 0;
}

/* A directory in this one: the first, or the one with that inode number. Its name in `name` (NAME_MAX + 1). */
static bool find_below(int dir, ino_t inode, char *name)
{
	int copy = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_closedir_ DIR *entries = copy < 0 ? NULL : fdopendir(copy);
	struct dirent *entry;

	while (entries && (entry = readdir(entries))) {
		if (entry->d_type != DT_DIR || strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		if (inode && entry->d_ino != inode)
			continue;
		strcpy(name, entry->d_name);
		return true;
	}
	return false;
}

/*
 * Remove all cgroups below one, which a container with a cgroup file system of its own may have made: down to one that
 * has none below, back to the one above by "..", and again, with two descriptors and no path however deep they are.
 * `kill`: what is in them has to be killed one by one. Stops at what can't be removed.
 */
static void remove_below(int top, bool kill)
{
	_cleanup_close_ int dir = openat(top, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char name[NAME_MAX + 1];
	size_t depth = 0;

	while (dir >= 0) {
		bool down = find_below(dir, 0, name);
		int next = openat(dir, down ? name : "..", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		struct stat st;

		if (!down && (depth == 0 || next < 0 || fstat(dir, &st) < 0 || !find_below(next, st.st_ino, name) ||
			      unlinkat(next, name, AT_REMOVEDIR) < 0)) {
			cleanup_close(&next);
			return;
		}
		depth += down ? 1 : (size_t)-1;
		close(dir);
		dir = next;
		if (down && kill && dir >= 0)
			freeze_and_kill(dir);
	}
}

/* Kill in a cgroup and those below it, and remove those. How many may be alive still in it, 0 when none. */
static int kill_tree(const char *path)
{
	_cleanup_close_ int dir = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	char events[256];
	bool one_by_one;
	int alive = 0;

	if (dir < 0)
		return 0;
	one_by_one = file_write_at(dir, "cgroup.kill", "1") < 0;
	if (one_by_one)
		alive = freeze_and_kill(dir);
	else if (file_read_at(dir, "cgroup.events", events, sizeof(events)) > 0)
		alive = strstr(events, "populated 0") ? 0 : 1;
	remove_below(dir, one_by_one);
	return alive;
}

/* Run `step` on each path of the record, again while it says -EBUSY and there is patience. */
static int each_path(struct contain_ctx *ctx, int (*step)(const char *path), const char *what)
{
	const char *paths = record_get(&ctx->record, RECORD_CORE, RECORD_CGROUPS);
	_cleanup_free_ char *copy = NULL;
	char *rest, *path;
	int64_t deadline = 0;
	int worst = 0;

	if (!paths)
		return 0;
	copy = strdup(paths);
	if (!copy)
		return -ENOMEM;
	rest = copy;
	while ((path = strsep(&rest, "\n"))) {
		int result = *path ? step(path) : 0;

		for (long usec = 50; result == -EBUSY; usec = usec < 20000 ? usec * 2 : usec) {
			if (deadline == 0)
				deadline = clock_usec() + PATIENCE_USEC;
			if (clock_usec() > deadline)
				break;
			pause_usec(usec);
			result = step(path);
		}
		if (result < 0) {
			ctx_fail(ctx, -result, "can't %s the cgroup %s", what, path);
			worst = worst ? worst : result;
		}
	}
	return worst;
}

static int kill_step(const char *path)
{
	return kill_tree(path) > 0 ? -EBUSY : 0;
}

int cgroups_kill(struct contain_ctx *ctx)
{
	return each_path(ctx, kill_step, "kill what is in");
}

static int remove_step(const char *path)
{
	/* The usual case. */
	if (rmdir(path) == 0 || errno == ENOENT)
		return 0;
	/* On a file system that is read-only, what was never made fails otherwise. */
	if (errno == EROFS && faccessat(AT_FDCWD, path, F_OK, AT_EACCESS) < 0 && errno == ENOENT)
		return 0;
	if (errno != EBUSY && errno != ENOTEMPTY)
		return -errno;
	kill_tree(path);
	return rmdir(path) == 0 || errno == ENOENT ? 0 : -EBUSY;
}

int cgroups_remove(struct contain_ctx *ctx)
{
	int result = each_path(ctx, remove_step, "remove");

	/* On a full disk this fails, and matters to nobody: what is gone is gone, and is found so. */
	if (result == 0 && record_get(&ctx->record, RECORD_CORE, RECORD_CGROUPS))
		record_set(&ctx->record, RECORD_CORE, RECORD_CGROUPS, NULL);
	return result;
}
