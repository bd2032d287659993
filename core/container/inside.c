/* SPDX-License-Identifier: MIT */
/* The child's last steps: its terminal, the container that it joins, the command that it becomes. */
#include <contain/plugin.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <stdint.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/kernel.h"
#include "base/trace.h"
#include "base/tty.h"
#include "container/channel.h"
#include "container/child.h"
#include "container/command.h"
#include "container/reaper.h"

/*
 * The ptmx of the container's own devpts; -errno if it has none. Without following a link, and what is found must be
 * one: in a container that we join, anything may lie there (CVE-2025-52565 was a path of this kind that was trusted).
 */
static int open_own_ptmx(void)
{
	_cleanup_close_ int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	const uint64_t resolve = RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
	_cleanup_close_ int look = root < 0 ? -1 : kernel_openat2(root, "dev/pts/ptmx", O_PATH, 0, resolve);
	_cleanup_close_ int master = -1;

	if (look < 0)
		return -errno;
	/* Some devices act when they are opened, so look first; and once more at what was opened. */
	if (!tty_is_ptmx(look))
		return -ENOTTY;
	master = kernel_openat2(root, "dev/pts/ptmx", O_RDWR | O_NOCTTY | O_NONBLOCK, 0, resolve);
	if (master < 0)
		return -errno;
	return tty_is_ptmx(master) ? steal_fd(&master) : -ENOTTY;
}

int child_open_terminal(struct child *child)
{
	const struct message message = { .type = MESSAGE_TERMINAL };
	struct contain_ctx *ctx = &child->ctx;
	_cleanup_close_ int master = open_own_ptmx();
	int result;

	if (master < 0) {
		child->terminal = fcntl(ctx_get_fd(ctx, "", TERMINAL_FD), F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
		return child->terminal < 0 ? ctx_fail(ctx, errno, "can't use the pseudo-terminal") : 0;
	}
	result = tty_slave(master, &child->terminal);
	if (result < 0)
		return ctx_fail(ctx, -result, "can't open the pseudo-terminal");
	ctx->terminal = child->terminal;
	result = channel_send(child->channel, &message, master);
	return result < 0 ? ctx_fail(ctx, -result, "can't hand over the pseudo-terminal") : 0;
}

int child_place_terminal(struct child *child)
{
	if (child->terminal < 0)
		return 0;
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (dup2(child->terminal, fd) < 0)
			return ctx_fail(&child->ctx, errno, "can't place the pseudo-terminal");
	}
	/* As login(1) does: /dev/tty and its name can be opened again by who runs there. The group stays tty. */
	if (fchown(STDIN_FILENO, child->user.uid, (gid_t)-1) < 0)
		return ctx_fail(&child->ctx, errno, "can't give the pseudo-terminal to user %u", child->user.uid);
	return 0;
}

/*
 * Go on as another process, which is in the pid namespace that was joined, and a child of our parent like this one. So
 * what the container can see of us is from its first moment what we are now: our sealed copy, which nobody may look
 * into (CVE-2019-5736, CVE-2016-9962).
 */
static int go_on_inside(struct child *child)
{
	struct message message = { .type = MESSAGE_JOINED };
	int pidfd = -1;
	struct clone_args args = { .flags = CLONE_PARENT | CLONE_PIDFD, .pidfd = (uint64_t)(uintptr_t)&pidfd };
	long pid;
	int result;

	/* The kernel writes it before the other one runs, which may have failed before the parent hears of it. */
	if (child->tracing) {
		args.flags |= CLONE_PARENT_SETTID;
		args.parent_tid = (uint64_t)(uintptr_t)&child->tracing->pids[TRACE_JOINED];
	}
	/* fork(3) has no such flag. Nothing after this asks libc for the process's or thread's id. */
	pid = syscall(SYS_clone3, &args, sizeof(args));
	if (pid < 0 && errno == ENOMEM)
		return ctx_fail(&child->ctx, 0, "the container '%s' has ended meanwhile", child->ctx.id);
	/* clone(2): EAGAIN is a limit on their number, which those inside may have reached on purpose. */
	if (pid < 0 && errno == EAGAIN)
		return ctx_fail(&child->ctx, 0, "the container '%s' has as many processes as it may have",
				child->ctx.id);
	if (pid < 0)
		return ctx_fail(&child->ctx, errno, "can't make a process in the container '%s'", child->ctx.id);
	if (pid == 0) {
		if (child->ctx.trace)
			child->ctx.trace->process = TRACE_JOINED;
		return 0;
	}
	message.number = (int32_t)pid;
	result = channel_send(child->channel, &message, pidfd);
	if (result == 0)
		_exit(0);
	/* Nobody would know of it. */
	pidfd_send_signal(pidfd, SIGKILL, NULL, 0);
	return ctx_fail(&child->ctx, -result, "can't speak to the parent");
}

int child_join(struct child *child)
{
	struct contain_ctx *ctx = &child->ctx;
	int init = ctx_get_fd(ctx, "", INIT_FD), result = 0;
	/* Those that it has joined, too, if we were called elsewhere. */
	uint64_t namespaces = ctx->namespaces | ctx->joined;

	if (init < 0)
		return ctx_fail(ctx, -init, "can't find the container's first process");
	if (namespaces && setns(init, (int)namespaces) < 0) {
		if (errno == ESRCH)
			return ctx_fail(ctx, 0, "the container '%s' has ended meanwhile", ctx->id);
		return ctx_fail(ctx, errno, "can't join the namespaces of the container '%s'", ctx->id);
	}
	/* The pid namespace is that of our next children alone (setns(2)). */
	if (ctx->namespaces & CLONE_NEWPID)
		result = go_on_inside(child);
	return result == 0 && child->config.mode.terminal ? child_open_terminal(child) : result;
}

/* It is the session's leader since its birth, unless it is a process that came after that. */
static int take_control(struct child *child, bool new_session)
{
	if (new_session && setsid() < 0)
		return ctx_fail(&child->ctx, errno, "can't make a session");
	if (child->terminal >= 0 && ioctl(STDIN_FILENO, TIOCSCTTY, 0) < 0)
		return ctx_fail(&child->ctx, errno, "can't make the pseudo-terminal the session's own");
	return 0;
}

int child_execute(struct child *child, bool init)
{
	struct contain_ctx *ctx = &child->ctx;
	pid_t pid = 0;
	int result;

	if (init) {
		/* Before the fork, as the command may ask for our name at once. */
		prctl(PR_SET_NAME, "contain-init");
		pid = fork();
	}
	if (pid < 0)
		return ctx_fail(ctx, errno, "can't make a process for the command");
	if (pid > 0) {
		result = user_stay(ctx, &child->user);
		if (result < 0)
			return result;
		/* Those inside see this process, which never executes anything, for the rest of its life. */
		if (child->tracing)
			munmap(child->tracing, sizeof(*child->tracing));
		reaper_run(pid);
	}
	result = take_control(child, getsid(0) != getpid());
	if (result == 0)
		result = command_execute(ctx, child->path, child->config.argv, child->environment, &child->status);
	return result;
}
