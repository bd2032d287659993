/* SPDX-License-Identifier: MIT */
/* The child's birth, sealed configuration and all, in its namespaces and cgroups; and its end. */
#include "container/container.h"

#include <contain/plugin.h>

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/trace.h"
#include "base/tty.h"
#include "container/channel.h"
#include "container/config.h"
#include "container/namespaces.h"
#include "container/record_keys.h"
#include "container/spawn.h"

#define TRACER_TRIES           1000
#define TRACER_NSEC            10000000
#define STRANGER_PATIENCE_MSEC 10000

int container_fail_record(struct container *container, int result)
{
	return ctx_fail(&container->ctx, -result, "can't write to the record in %s/%s", container->root,
			container->ctx.id);
}

static int record_pid(struct container *container)
{
	struct contain_ctx *ctx = &container->ctx;
	char text[64];
	int result = life_process_name(ctx->pid, text, sizeof(text));

	if (result == 0)
		result = record_set(&ctx->record, RECORD_CORE, RECORD_PID, text);
	return result < 0 ? container_fail_record(container, result) : 0;
}

static int pass(struct container *container, const char *name, int fd)
{
	if (fd < 0)
		return ctx_fail(&container->ctx, errno, "can't pass '%s' to the child", name);
	return ctx_add_fd(&container->ctx, "", name, fd) < 0
		       ? ctx_fail(&container->ctx, ENOMEM, "can't start the child")
		       : 0;
}

/* Which terminal it will be is found out inside, where the container's own devpts is; this one works without. */
static int pass_terminal(struct container *container)
{
	int slave, result = tty_open(&container->terminal, &slave);

	if (result < 0)
		return ctx_fail(&container->ctx, -result, "can't make a pseudo-terminal");
	tty_copy_size(STDIN_FILENO, container->terminal);
	container->slave = fcntl(slave, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	return pass(container, TERMINAL_FD, slave);
}

/* The child reads the record, but can't write it; it writes its lines, and the parent reads them. */
static int pass_core_fds(struct container *container)
{
	int directory = container->state.directory, result, lines;

	result = pass(container, RECORD_FILE, openat(directory, RECORD_FILE, O_RDONLY | O_CLOEXEC));
	if (result == 0 && container->mode.joining)
		result = pass(container, INIT_FD, fcntl(container->pidfd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
	if (result == 0 && container->mode.terminal)
		result = pass_terminal(container);
	if (result < 0)
		return result;
	lines = container_open_lines(container);
	return lines < 0 ? lines : pass(container, LINES_FD, lines);
}

static int fail_save(struct container *container, int result)
{
	return ctx_fail(&container->ctx, -result, "can't save the configuration in %s/%s", container->root,
			container->ctx.id);
}

static int save(struct container *container,
		int (*put)(const struct state *state, const char *name, const void *bytes, size_t length))
{
	_cleanup_wire_ struct wire wire = { 0 };
	int result;

	config_write(container, &wire);
	result = wire.error ? wire.error : put(&container->state, STATE_CONFIG, wire.bytes, wire.length);
	return result < 0 ? fail_save(container, result) : 0;
}

/* The resolved configuration, for whoever has to take care of the container after us. */
int container_save(struct container *container)
{
	container->saved_variables = container->ctx.environment_count;
	return save(container, state_write);
}

int container_resave(struct container *container)
{
	return save(container, state_replace);
}

int container_save_update(struct container *container)
{
	int result = state_replace(&container->state, STATE_UPDATED, "", 0);

	return result < 0 ? fail_save(container, result) : container_resave(container);
}

/* The same for the child, with the descriptors that were passed meanwhile. */
static int seal_configuration(struct container *container)
{
	_cleanup_wire_ struct wire wire = { 0 };
	trace_scope(container->ctx.trace, "seal the configuration");
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

static int fail_spawn(struct container *container, int result)
{
	struct contain_ctx *ctx = &container->ctx;

	if (container->mode.joining && result == -ENODEV)
		return ctx_fail(ctx, 0, "the container '%s' has ended meanwhile", ctx->id);
	/* clone(2): a limit on their number, which those inside may have reached on purpose. */
	if (container->mode.joining && result == -EAGAIN)
		return ctx_fail(ctx, 0, "the container '%s' has as many processes as it may have", ctx->id);
	if (result == -EBUSY || result == -EOPNOTSUPP)
		return ctx_fail(ctx, -result,
				"can't make a process in the container's cgroup: is [cgroup] parent a threaded one?");
	if (result == -EPERM && !container->mode.joining && namespaces_for_clone(ctx->namespaces)) {
		_cleanup_text_ struct text names = { 0 };

		namespaces_names(ctx->namespaces, &names);
		return ctx_fail(ctx, EPERM,
				"can't make the namespaces %s: each takes the capability CAP_SYS_ADMIN, which root of "
				"another container may lack; without it a container can have none of its own",
				text_peek(&names));
	}
	return ctx_fail(ctx, -result, "can't make %s",
			container->mode.joining                 ? "a process in the container"
			: namespaces_for_clone(ctx->namespaces) ? "a process in new namespaces"
								: "the container's first process");
}

/* Which copy of us the child is to be, with nothing of its own yet. */
static int copy_executable(struct contain_ctx *ctx)
{
	trace_scope(ctx->trace, "copy the executable");
	int executable = spawn_executable();

	if (executable == -EACCES)
		return ctx_fail(
			ctx, EACCES,
			"can't make a sealed copy of contain's executable: if the sysctl vm.memfd_noexec is 2, set it to 1");
	return executable < 0 ? ctx_fail(ctx, -executable, "can't make a sealed copy of contain's executable")
			      : executable;
}

static int do_spawn(struct container *container, int config, int executable, int channel)
{
	struct contain_ctx *ctx = &container->ctx;
	struct tracing *tracing = container->tracing;
	trace_scope(ctx->trace, "clone");
	_cleanup_free_ int *keep = calloc(ctx->fd_count + 3, sizeof(*keep));
	_cleanup_free_ int *tasks = calloc(container->cgroups.count + 1, sizeof(*tasks));
	struct spawn_join joins[NAMESPACES_MOST];
	char config_text[16], channel_text[16], trace_text[16];
	char *argv[] = {
		(char *)"contain", (char *)"child", config_text, channel_text, tracing ? trace_text : NULL, NULL
	};
	struct spawn child = { .namespaces = container->mode.joining ? 0 : namespaces_for_clone(ctx->namespaces),
			       .joins = joins,
			       .join_count = container->mode.joining ? 0 : namespaces_to_join(ctx, joins),
			       .cgroup = cgroups_birth(&container->cgroups),
			       .tasks = tasks,
			       .executable = executable,
			       .argv = argv,
			       .keep = keep,
			       .stdio = container->stdio,
			       .trace = tracing ? &tracing->child : NULL,
			       .pidfd = -1 };
	pid_t pid;

	if (!keep || !tasks)
		return ctx_fail(ctx, ENOMEM, "can't start the child");
	child.task_count = collect_tasks(&container->cgroups, tasks);
	keep[child.keep_count++] = config;
	keep[child.keep_count++] = channel;
	for (size_t i = 0; i < ctx->fd_count; i++)
		keep[child.keep_count++] = ctx->fds[i].fd;
	if (tracing) {
		snprintf(trace_text, sizeof(trace_text), "%d", tracing->fd);
		keep[child.keep_count++] = tracing->fd;
	}
	snprintf(config_text, sizeof(config_text), "%d", config);
	snprintf(channel_text, sizeof(channel_text), "%d", channel);
	pid = spawn(&child);
	if (pid < 0)
		return fail_spawn(container, pid);
	ctx->pid = pid;
	if (tracing)
		tracing->pids[TRACE_CHILD] = pid;
	cleanup_close(&container->pidfd);
	container->pidfd = child.pidfd;
	container->is_child = true;
	/* The cgroups that it was to join were removed. */
	if (child.error == ENODEV && container->mode.joining)
		return fail_spawn(container, -child.error);
	return child.error ? ctx_fail(ctx, child.error, "can't start the child: %s", child.step) : 0;
}

int container_spawn(struct container *container)
{
	struct contain_ctx *ctx = &container->ctx;
	trace_scope(ctx->trace, "spawn");
	int pair[2], result = pass_core_fds(container);
	_cleanup_close_ int config = -1, executable = -1, theirs = -1;

	if (result < 0)
		return result;
	config = seal_configuration(container);
	if (config < 0)
		return config;
	executable = copy_executable(ctx);
	if (executable < 0)
		return executable;
	result = channel_open(pair);
	if (result < 0)
		return ctx_fail(ctx, -result, "can't make a channel to the child");
	container->channel = pair[0];
	theirs = pair[1];
	result = do_spawn(container, config, executable, theirs);
	/* They are the child's now. */
	ctx_close_fds(ctx);
	return result < 0 || container->mode.joining ? result : record_pid(container);
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
	if (!(container->ctx.namespaces & CLONE_NEWPID) && !container->mode.joining)
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

/* Of another process's child it can only be seen that it has ended; killed, it does so at once, or it can't. */
static int await_end(struct container *container)
{
	int ended = container_await_end(container, container->is_child ? -1 : STRANGER_PATIENCE_MSEC);

	if (ended == 0)
		return ctx_fail(&container->ctx, 0, "process %d does not end: it may wait for a disk or the network",
				container->ctx.pid);
	return ended < 0 ? ended : 0;
}

int container_reap(struct container *container)
{
	siginfo_t info = { 0 };
	int result;

	if (container->pidfd < 0)
		return 0;
	result = await_end(container);
	if (result == 0 && container->is_child) {
		do {
			result = waitid(P_PIDFD, (id_t)container->pidfd, &info, WEXITED | WNOHANG);
		} while (result < 0 && errno == EINTR);
		if (result < 0)
			result = ctx_fail(&container->ctx, errno, "can't wait for the container's first process");
		else if (info.si_pid == 0)
			result = wait_for_tracer(container, &info);
	}
	close(steal_fd(&container->pidfd));
	container->ctx.pid = 0;
	if (result < 0)
		return result;
	container->signal = info.si_code == CLD_EXITED || !container->is_child ? 0 : info.si_status;
	container->status = !container->is_child         ? -1
			    : info.si_code == CLD_EXITED ? info.si_status
							 : 128 + info.si_status;
	return 0;
}
