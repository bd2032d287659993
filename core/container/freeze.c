/* SPDX-License-Identifier: MIT */
/* All processes of a container at once: stopped, or let go on. Works from the record alone. */
#include "container/cgroup.h"

#include <contain/plugin.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/file.h"
#include "container/record_keys.h"

/* A process that sleeps uninterruptibly, as on a broken disk, is frozen when that is over. */
#define PATIENCE_USEC 10000000
#define PAUSE_NSEC    1000000

/* The container's cgroup that can be frozen; `file` is what does it. A descriptor, -ENOENT if there is none, or -errno.
 */
static int open_freezable(const struct record *record, const char **file)
{
	static const char *const files[] = { "cgroup.freeze", "freezer.state" };
	const char *paths = record_get(record, RECORD_CORE, RECORD_CGROUPS);
	_cleanup_free_ char *copy = strdup(paths ? paths : "");
	char *rest = copy, *path;

	while ((path = strsep(&rest, "\n"))) {
		_cleanup_close_ int dir = *path ? open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;

		for (size_t i = 0; dir >= 0 && i < 2; i++) {
			*file = files[i];
			if (faccessat(dir, files[i], F_OK, AT_EACCESS) == 0)
				return steal_fd(&dir);
			if (errno != ENOENT && errno != ENODEV)
				return -errno;
		}
		if (*path && dir < 0 && errno != ENOENT)
			return -errno;
	}
	return -ENOENT;
}

bool cgroups_are_frozen(const struct record *record)
{
	const char *file;
	_cleanup_close_ int dir = open_freezable(record, &file);
	char text[32] = "";

	if (dir < 0 || file_read_at(dir, file, text, sizeof(text)) < 0)
		return false;
	return *text == '1' || *text == 'F';
}

/* cgroup2 says when the state has changed: POLLPRI on cgroup.events (cgroups(7)). */
static int wait_v2(int dir, const char *wanted)
{
	_cleanup_close_ int events = openat(dir, "cgroup.events", O_RDONLY | O_CLOEXEC);
	int64_t deadline = clock_usec() + PATIENCE_USEC;
	char text[256];

	if (events < 0)
		return -errno;
	for (;;) {
		ssize_t n = pread(events, text, sizeof(text) - 1, 0);

		text[n > 0 ? n : 0] = '\0';
		if (n >= 0 && strstr(text, wanted))
			return 0;
		if (n < 0 && errno != EINTR)
			return -errno;
		if (clock_usec() > deadline)
			return -ETIMEDOUT;
		poll(&(struct pollfd){ .fd = events, .events = POLLPRI }, 1, 1000);
	}
}

/* v1 says FREEZING until it is asked again (freezer-subsystem.rst). */
static int wait_v1(int dir, const char *wanted)
{
	int64_t deadline = clock_usec() + PATIENCE_USEC;
	char text[32];

	for (;;) {
		ssize_t n = file_read_at(dir, "freezer.state", text, sizeof(text));

		if (n < 0)
			return (int)n;
		if (strncmp(text, wanted, strlen(wanted)) == 0)
			return 0;
		if (clock_usec() > deadline)
			return -ETIMEDOUT;
		nanosleep(&(struct timespec){ .tv_nsec = PAUSE_NSEC }, NULL);
	}
}

int cgroups_freeze(struct contain_ctx *ctx, bool frozen)
{
	const char *file, *what = frozen ? "pause" : "resume";
	_cleanup_close_ int dir = open_freezable(&ctx->record, &file);
	bool v2;
	int result;

	/* What has ended meanwhile, and was removed, is frozen no more. */
	if (dir == -ENOENT && !frozen)
		return 0;
	if (dir < 0 && dir != -ENOENT)
		return ctx_fail(ctx, -dir, "can't %s: can't look for the cgroup's freezer", what);
	if (dir < 0)
		return ctx_fail(ctx, 0,
				"can't %s: the container has no cgroup with a freezer (cgroup2, or the v1 controller "
				"'freezer', that can be written to)",
				what);
	v2 = strcmp(file, "cgroup.freeze") == 0;
	if (v2)
		result = file_write_at(dir, file, frozen ? "1" : "0");
	else
		result = file_write_at(dir, file, frozen ? "FROZEN" : "THAWED");
	if (result == 0 && v2)
		result = wait_v2(dir, frozen ? "frozen 1" : "frozen 0");
	else if (result == 0)
		result = wait_v1(dir, frozen ? "FROZEN" : "THAWED");
	if (!frozen && (result == -ENOENT || result == -ENODEV))
		return 0;
	/* Half of it stopped is not what was wanted. */
	if (result == -ETIMEDOUT && frozen)
		file_write_at(dir, file, v2 ? "0" : "THAWED");
	if (result == -ETIMEDOUT)
		return ctx_fail(ctx, 0, "can't %s: a process does not stop, it may wait for a disk or the network",
				what),
		       result;
	return result < 0 ? ctx_fail(ctx, -result, "can't %s: %s", what, file) : 0;
}
