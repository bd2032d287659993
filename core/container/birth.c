/* SPDX-License-Identifier: MIT */
/* The child's birth, sealed configuration and all, in its namespaces and cgroups; and its end. */
#include "container/container.h"

#include <contain/plugin.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "container/channel.h"
#include "container/config.h"
#include "container/namespaces.h"
#include "container/record_keys.h"
#include "container/spawn.h"

#define TRACER_TRIES 1000
#define TRACER_NSEC  10000000

/* Field 22 of /proc/PID/stat, in clock ticks: with it a pid names one process for ever (proc_pid_stat(5)). */
static int start_time(pid_t pid, char *text, size_t size)
{
	char path[64], stat[1024], *field;
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	n = file_read_at(AT_FDCWD, path, stat, sizeof(stat));
	/* The command's name, in parentheses, may hold anything; the last parenthesis ends it. */
	field = n < 0 ? NULL : strrchr(stat, ')');
	for (int i = 2; field && i < 22; i++)
		field = strchr(field + 1, ' ');
	if (!field)
		return n < 0 ? (int)n : -EBADMSG;
	snprintf(text, size, "%d %.*s", pid, (int)strcspn(field + 1, " "), field + 1);
	return 0;
}

static int record_pid(struct container *container)
{
	struct contain_ctx *ctx = &container->ctx;
	char text[64];
	int result = start_time(ctx->pid, text, sizeof(text));

	if (result == 0)
		result = record_set(&ctx->record, RECORD_CORE, RECORD_PID, text);
	return result < 0 ? ctx_fail(ctx, -result, "can't write to the record in %s/%s", container->root, ctx->id) : 0;
}

/* The child reads the record, but can't write it; it writes its lines, and the parent reads them. */
static int pass_core_fds(struct container *container)
{
	struct contain_ctx *ctx = &container->ctx;
	int record = openat(container->state.directory, RECORD_FILE, O_RDONLY | O_CLOEXEC), lines[2];

	if (record < 0)
		return ctx_fail(ctx, errno, "can't open the record in %s/%s", container->root, ctx->id);
	if (ctx_add_fd(ctx, "", RECORD_FILE, record) < 0)
		return ctx_fail(ctx, ENOMEM, "can't start the child");
	if (pipe2(lines, O_CLOEXEC) < 0)
		return ctx_fail(ctx, errno, "can't make a pipe for the child's messages");
	container->lines = lines[0];
	if (ctx_add_fd(ctx, "", LINES_FD, lines[1]) < 0 || fcntl(lines[0], F_SETFL, O_NONBLOCK) < 0)
		return ctx_fail(ctx, ENOMEM, "can't start the child");
	return 0;
}

/* The resolved configuration, for whoever has to take care of the container after us. */
int container_save(struct container *container)
{
	_cleanup_wire_ struct wire wire = { 0 };
	int result;

	config_write(container, &wire);
	result = wire.error ? wire.error : state_write(&container->state, "config", wire.bytes, wire.length);
	if (result < 0)
		return ctx_fail(&container->ctx, -result, "can't save the configuration in %s/%s", container->root,
				container->ctx.id);
	return 0;
}

/* The same for the child, with the descriptors that were passed meanwhile. */
static int seal_configuration(struct container *container)
{
	_cleanup_wire_ struct wire wire = { 0 };
	int result;

	config_write(container, &wire);
	result = wire.error ? wire.error : spawn_memfd("contain-config", wire.bytes, wire.length);
	return result < 0 ? ctx_fail(&container->ctx, -result, "can't seal the configuration") : result;
}

static size_t collect_tasks(const struct cgroups *cgroups, int *tasks)
{
	size_t count = 0;

	for (size_t i = 0; i < cgroups->count; i++) {
		if (cgroups->groups[i].join >= 0)
			tasks[count++] = cgroups->groups[i].join;
	}
	return count;
}

static int do_spawn(struct container *container, int config, int executable, int channel)
{
	struct contain_ctx *ctx = &container->ctx;
	_cleanup_free_ int *keep = calloc(ctx->fd_count + 2, sizeof(*keep));
	_cleanup_free_ int *tasks = calloc(container->cgroups.count + 1, sizeof(*tasks));
	char config_text[16], channel_text[16];
	char *argv[] = { (char *)"contain", (char *)"child", config_text, channel_text, NULL };
	struct spawn child = { .namespaces = namespaces_for_clone(ctx->namespaces),
			       .cgroup = cgroups_birth(&container->cgroups),
			       .tasks = tasks,
			       .executable = executable,
			       .argv = argv,
			       .keep = keep,
			       .own_session = !container->use_terminal,
			       .pidfd = -1 };
	pid_t pid;

	if (!keep || !tasks)
		return ctx_fail(ctx, ENOMEM, "can't start the child");
	child.task_count = collect_tasks(&container->cgroups, tasks);
	keep[child.keep_count++] = config;
	keep[child.keep_count++] = channel;
	for (size_t i = 0; i < ctx->fd_count; i++)
		keep[child.keep_count++] = ctx->fds[i].fd;
	snprintf(config_text, sizeof(config_text), "%d", config);
	snprintf(channel_text, sizeof(channel_text), "%d", channel);
	pid = spawn(&child);
	if (pid == -EBUSY || pid == -EOPNOTSUPP)
		return ctx_fail(ctx, -pid,
				"can't make a process in the container's cgroup: is [cgroup] parent a threaded one?");
	if (pid < 0)
		return ctx_fail(ctx, -pid, "can't make a process in new namespaces");
	ctx->pid = pid;
	container->pidfd = child.pidfd;
	return child.error ? ctx_fail(ctx, child.error, "can't start the child: %s", child.step) : 0;
}

int container_spawn(struct container *container)
{
	struct contain_ctx *ctx = &container->ctx;
	int pair[2], result = pass_core_fds(container);
	_cleanup_close_ int config = -1, executable = -1, theirs = -1;

	if (result < 0)
		return result;
	config = seal_configuration(container);
	if (config < 0)
		return config;
	executable = spawn_executable();
	if (executable == -EACCES)
		return ctx_fail(
			ctx, EACCES,
			"can't make a sealed copy of contain's executable: if the sysctl vm.memfd_noexec is 2, set it to 1");
	if (executable < 0)
		return ctx_fail(ctx, -executable, "can't make a sealed copy of contain's executable");
	result = channel_open(pair);
	if (result < 0)
		return ctx_fail(ctx, -result, "can't make a channel to the child");
	container->channel = pair[0];
	theirs = pair[1];
	result = do_spawn(container, config, executable, theirs);
	/* They are the child's now. */
	ctx_close_fds(ctx);
	return result < 0 ? result : record_pid(container);
}

/*
 * A process that is traced goes to its tracer first, and to us when he has let go of it (ptrace(2)). Without a pid
 * namespace he may be of the container's own; else he is somebody outside, whom we do not wait for for ever.
 */
static int wait_for_tracer(struct container *container, siginfo_t *info)
{
	struct failure failure = container->ctx.failure;
	int result = 0;

	/* What can't be killed is told when the cgroups are removed. */
	if (!(container->ctx.namespaces & CLONE_NEWPID))
		cgroups_kill(&container->ctx);
	container->ctx.failure = failure;
	for (int tries = 0; result == 0 && info->si_pid == 0 && tries < TRACER_TRIES; tries++) {
		nanosleep(&(struct timespec){ .tv_nsec = TRACER_NSEC }, NULL);
		result = waitid(P_PIDFD, (id_t)container->pidfd, info, WEXITED | WNOHANG);
	}
	if (result == 0 && info->si_pid == 0)
		return ctx_fail(&container->ctx, 0,
				"process %d has ended, but another one traces it and does not let go",
				container->ctx.pid);
	return result < 0 ? ctx_fail(&container->ctx, errno, "can't wait for the container's first process") : 0;
}

int container_reap(struct container *container)
{
	struct pollfd ended = { .fd = container->pidfd, .events = POLLIN };
	siginfo_t info = { 0 };
	int result;

	if (container->pidfd < 0)
		return 0;
	while (poll(&ended, 1, -1) < 0 && errno == EINTR)
		;
	/* Before its pid, the number of the group that may have the terminal, is anybody's again. */
	container_take_terminal(container);
	result = waitid(P_PIDFD, (id_t)container->pidfd, &info, WEXITED | WNOHANG);
	if (result < 0)
		result = ctx_fail(&container->ctx, errno, "can't wait for the container's first process");
	else if (info.si_pid == 0)
		result = wait_for_tracer(container, &info);
	close(steal_fd(&container->pidfd));
	container->ctx.pid = 0;
	if (result < 0)
		return result;
	container->signal = info.si_code == CLD_EXITED ? 0 : info.si_status;
	container->status = info.si_code == CLD_EXITED ? info.si_status : 128 + info.si_status;
	return 0;
}
