/* SPDX-License-Identifier: MIT */
/* The end of the container's cgroups: kill what is inside, remove the directories. Works from the record alone. */
#include "container/cgroup.h"

#include <contain/plugin.h>

#include <errno.h>
#include <fcntl.h>
#include <fts.h>
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

/*
 * Call for a cgroup and all below it, which a container with a cgroup file system of its own may have made: FTS_D from
 * the top down, FTS_DP from the deepest up. fts(3) takes no descriptor for each level, however deep they are. The sum.
 */
static int each_below(const char *path, int when, int (*visit)(const char *path))
{
	char *const paths[] = { (char *)path, NULL };
	FTS *tree = fts_open(paths, FTS_PHYSICAL | FTS_XDEV, NULL);
	FTSENT *entry;
	int sum = 0;

	while (tree && (entry = fts_read(tree))) {
		if (entry->fts_info == when)
			sum += visit(entry->fts_accpath);
	}
	if (tree)
		fts_close(tree);
	return sum;
}

/* v1: how many were found alive in one cgroup. The freezer stops forks; what is frozen dies when thawed, so thaw. */
static int freeze_and_kill(const char *path)
{
	_cleanup_close_ int dir = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	int found;

	if (dir < 0)
		return 0;
	file_write_at(dir, "freezer.state", "FROZEN");
	found = kill_listed(dir);
	file_write_at(dir, "freezer.state", "THAWED");
	return found > 0 ? found : 0;
}

/* Kill in a cgroup and those below it. Returns how many may be alive still, 0 when none. */
static int kill_tree(const char *path)
{
	_cleanup_close_ int dir = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	char events[256];

	if (dir < 0)
		return 0;
	if (file_write_at(dir, "cgroup.kill", "1") < 0)
		return each_below(path, FTS_D, freeze_and_kill);
	if (file_read_at(dir, "cgroup.events", events, sizeof(events)) < 0)
		return 0;
	return strstr(events, "populated 0") ? 0 : 1;
}

/* Run `step` on each path of the record, again while it says -EBUSY and there is patience. */
static int each_path(struct contain_ctx *ctx, int (*step)(const char *path))
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
			ctx_fail(ctx, -result, "can't remove the cgroup %s", path);
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
	return each_path(ctx, kill_step);
}

static int remove_one(const char *path)
{
	return rmdir(path);
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
	each_below(path, FTS_DP, remove_one);
	return rmdir(path) == 0 || errno == ENOENT ? 0 : -EBUSY;
}

int cgroups_remove(struct contain_ctx *ctx)
{
	int result = each_path(ctx, remove_step);

	/* On a full disk this fails, and matters to nobody: what is gone is gone, and is found so. */
	if (result == 0 && record_get(&ctx->record, RECORD_CORE, RECORD_CGROUPS))
		record_set(&ctx->record, RECORD_CORE, RECORD_CGROUPS, NULL);
	return result;
}
