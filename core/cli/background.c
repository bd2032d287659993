/* SPDX-License-Identifier: MIT */
#include "cli/background.h"

#include <contain/plugin.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "cli/cli.h"
#include "cli/report.h"
#include "cli/trace.h"
#include "container/command.h"
#include "container/monitor.h"
#include "container/record_keys.h"

#define READ_TRIES 3

int inherited_find(struct inherited *inherited, struct contain_ctx *ctx)
{
	_cleanup_closedir_ DIR *dir = opendir("/proc/self/fd");
	const struct dirent *entry;

	if (!dir)
		return ctx_fail(ctx, errno, "can't read /proc/self/fd");
	while ((errno = 0, entry = readdir(dir))) {
		int fd = atoi(entry->d_name), *more;

		if (fd <= STDERR_FILENO || fd == dirfd(dir) || fd == ctx->log.fd)
			continue;
		more = reallocarray(inherited->fds, inherited->count + 1, sizeof(*more));
		if (!more)
			return ctx_fail(ctx, ENOMEM, "can't list our descriptors");
		inherited->fds = more;
		inherited->fds[inherited->count++] = fd;
	}
	return errno ? ctx_fail(ctx, errno, "can't read /proc/self/fd") : 0;
}

void inherited_free(struct inherited *inherited)
{
	free(inherited->fds);
}

/* A lock that the caller holds by an open file would be held as long as the container runs. */
static void close_inherited(const struct inherited *inherited)
{
	for (size_t i = 0; i < inherited->count; i++)
		close(inherited->fds[i]);
}

/* Nobody who waits for the end of a pipe of ours, such as a shell's $(...), waits for the container's. */
static void leave_caller(struct container *container)
{
	_cleanup_close_ int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (null < 0 || dup2(null, fd) < 0)
			close(fd);
	}
	container->ctx.log.raw = false;
	/* A file system that the caller stood in can be unmounted. */
	if (chdir("/") < 0)
		return;
	malloc_trim(0);
}

/* The command runs: whoever asked for it is told, while it can still be undone. SIGPIPE is blocked since create. */
static int announce(struct container *container, int ready)
{
	const unsigned char status = 0;
	int result = cli_print_id(&container->ctx);

	if (result < 0)
		return result;
	return fd_write_all(ready, &status, 1) < 0 ? ctx_fail(&container->ctx, EPIPE, "the caller is gone") : 0;
}

static int live(struct container *container, struct monitor *monitor, int *ready, const struct inherited *inherited)
{
	int result = monitor_prepare(monitor, container);

	if (result == 0)
		result = container_create(container, false);
	if (result == 0)
		result = monitor_open(monitor);
	if (result == 0)
		result = container_start(container);
	if (result == 0) {
		close_inherited(inherited);
		result = announce(container, *ready);
	}
	if (result < 0)
		return result;
	close(steal_fd(ready));
	container->ending.ready = -1;
	leave_caller(container);
	result = container_wait(container, &monitor->relay);
	if (result == 0)
		monitor_finish(monitor);
	return result;
}

/* What the container used, for who asks later. */
static void record_usage(struct container *container, const struct usage *usage)
{
	_cleanup_text_ struct text json = { 0 };

	usage_json(usage, &json);
	if (text_error(&json) == 0 && json.length > 0)
		record_set(&container->ctx.record, RECORD_CORE, RECORD_USAGE, text_peek(&json));
}

static int monitor_run(struct container *container, int *ready, int file, const struct inherited *inherited)
{
	struct contain_ctx *ctx = &container->ctx;
	struct monitor monitor;
	struct usage usage = { 0 };
	bool reported = false, ended;
	int result = live(container, &monitor, ready, inherited);

	ended = result == 0;
	if (ended)
		result = report_make(container, &usage);
	if (ended && result == 0)
		record_usage(container, &usage);
	if (ended && result == 0)
		result = report_tell(container, &usage, file, &reported);
	if (result < 0)
		ctx_log_failure(ctx);
	if (result < 0 && file >= 0 && !reported)
		report_failure(container, container->wanted_status, file);
	usage_free(&usage);
	container_delete(container, ended && container->mode.kept);
	trace_write(container, container->wanted_status);
	/* Else the caller shows it. */
	if (*ready < 0)
		trace_show(container->tracing, &container->ctx.log);
	monitor_close(&monitor);
	return ended ? 0 : container->wanted_status;
}

/* Until the monitor says that the command runs, or ends. */
static int await(struct container *container, int ready)
{
	unsigned char status = STATUS_FAILED;
	ssize_t n = -1;

	/* Whatever it says, the container may run already. */
	for (int tries = 0; n < 0 && (tries < READ_TRIES || errno == EINTR); tries++)
		n = read(ready, &status, 1);
	if (n != 1) {
		log_line(&container->ctx.log, LOG_ERROR,
			 "the monitor of the container '%s' was killed: `contain gc` "
			 "removes what it has left",
			 container->ctx.id);
		return STATUS_FAILED;
	}
	return status;
}

int background_run(struct container *container, int file, const struct inherited *inherited)
{
	struct contain_ctx *ctx = &container->ctx;
	unsigned char status;
	int ready[2];
	pid_t pid;

	if (pipe2(ready, O_CLOEXEC) < 0 || (pid = fork()) < 0) {
		ctx_fail(ctx, errno, "can't make a monitor");
		ctx_log_failure(ctx);
		return trace_write(container, STATUS_FAILED);
	}
	if (pid > 0) {
		close(ready[1]);
		return await(container, ready[0]);
	}
	close(ready[0]);
	/* No terminal's signals, and no shell's jobs. */
	setsid();
	trace_go_on(container->tracing);
	container->ending.ready = ready[1];
	status = (unsigned char)monitor_run(container, &ready[1], file, inherited);
	/* If it came as far as running, nobody is there to hear it. */
	if (ready[1] >= 0 && write(ready[1], &status, 1) < 0)
		_exit(STATUS_FAILED);
	_exit(status);
}
