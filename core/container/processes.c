/* SPDX-License-Identifier: MIT */
/* The processes of a container, found in its cgroups. Works from the record alone. */
#include "container/cgroup.h"

#include <contain/plugin.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "container/record_keys.h"

#define LIST_MOST  (64 * 1024 * 1024)
#define WALK_TRIES 100

struct list {
	pid_t *pids;
	size_t count;
};

static int add_listed(struct list *list, int dir)
{
	_cleanup_close_ int procs = openat(dir, "cgroup.procs", O_RDONLY | O_CLOEXEC);
	_cleanup_free_ char *text = NULL;
	char *rest, *line;
	size_t length;
	int result;

	/* A cgroup below may be removed at any moment. */
	if (procs < 0)
		return errno == ENOENT || errno == ENODEV ? 0 : -errno;
	result = file_read_all(procs, LIST_MOST, &text, &length);
	/* A threaded cgroup lists its processes in the one above (cgroups(7)). */
	if (result < 0)
		return result == -EOPNOTSUPP || result == -ENODEV ? 0 : result;
	rest = text;
	while ((line = strsep(&rest, "\n"))) {
		pid_t pid = (pid_t)atoi(line), *more;

		/* 0: of another pid namespace. */
		if (pid <= 0)
			continue;
		more = reallocarray(list->pids, list->count + 1, sizeof(*more));
		if (!more)
			return -ENOMEM;
		list->pids = more;
		more[list->count++] = pid;
	}
	return 0;
}

/* The directory that follows the one of this inode number, or the first. 1, 0 for none, -EAGAIN if that one has gone.
 */
static int next_below(int dir, ino_t after, char *name)
{
	int copy = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_closedir_ DIR *entries = copy < 0 ? NULL : fdopendir(copy);
	bool passed = after == 0;
	struct dirent *entry;

	while (entries && (entry = readdir(entries))) {
		if (entry->d_type != DT_DIR || strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		if (passed) {
			strcpy(name, entry->d_name);
			return 1;
		}
		passed = entry->d_ino == after;
	}
	return passed ? 0 : -EAGAIN;
}

/*
 * A cgroup and all below, which the container may have made deeper than a path is long or than there are descriptors,
 * to hide a process there: so down by name and up by "..", one descriptor at a time. -EAGAIN if what we stood in was
 * removed.
 */
static int walk(struct list *list, const char *top)
{
	_cleanup_close_ int dir = open(top, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char name[NAME_MAX + 1];
	size_t depth = 0;
	ino_t after = 0;
	int result;

	if (dir < 0)
		return errno == ENOENT ? 0 : -errno;
	result = add_listed(list, dir);
	while (result == 0) {
		int found = next_below(dir, after, name), next;
		struct stat st;

		if (found < 0 || (found == 0 && depth == 0))
			return found;
		next = openat(dir, found ? name : "..", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (next < 0 || fstat(dir, &st) < 0) {
			result = errno == ENOENT || errno == ENODEV ? -EAGAIN : -errno;
			cleanup_close(&next);
			return result;
		}
		depth += found ? 1 : (size_t)-1;
		after = found ? 0 : st.st_ino;
		close(dir);
		dir = next;
		result = found ? add_listed(list, dir) : 0;
	}
	return result;
}

static int compare(const void *a, const void *b)
{
	pid_t x = *(const pid_t *)a, y = *(const pid_t *)b;

	return (x > y) - (x < y);
}

/* The first path of the record: the cgroup2 one, where there is one; every process is in each. */
int cgroups_processes(struct contain_ctx *ctx, pid_t **pids, size_t *count)
{
	const char *paths = record_get(&ctx->record, RECORD_CORE, RECORD_CGROUPS);
	_cleanup_free_ char *path = strndup(paths ? paths : "", strcspn(paths ? paths : "", "\n"));
	struct list list = { 0 };
	int result = -EAGAIN;
	size_t unique = 0;

	*pids = NULL;
	*count = 0;
	if (!path || !*path)
		return path ? -ENOENT : ctx_fail(ctx, ENOMEM, "can't list the processes");
	/* Who makes and removes cgroups all the time is not waited for. */
	for (int tries = 0; result == -EAGAIN && tries < WALK_TRIES; tries++)
		result = walk(&list, path);
	result = result == -EAGAIN ? 0 : result;
	if (result < 0) {
		free(list.pids);
		return ctx_fail(ctx, -result, "can't list the processes of %s", path);
	}
	qsort(list.pids, list.count, sizeof(*list.pids), compare);
	for (size_t i = 0; i < list.count; i++) {
		if (unique == 0 || list.pids[i] != list.pids[unique - 1])
			list.pids[unique++] = list.pids[i];
	}
	*pids = list.pids;
	*count = unique;
	return 0;
}
