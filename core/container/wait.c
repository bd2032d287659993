/* SPDX-License-Identifier: MIT */
/* While the command runs: its end, the signals that are meant for it, and the terminal. */
#include "container/container.h"

#include <contain/plugin.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/signals.h"

#define AGAIN_USEC 2000000 /* a second TERM or INT within this time is meant */

int container_catch_signals(struct container *container)
{
	static const int may_be_ignored[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM };
	struct sigaction action;
	sigset_t caught;

	/* Ignored, as a caller may have left it, children would vanish before they are waited for (waitid(2)). */
	signal(SIGCHLD, SIG_DFL);
	/* SIGPIPE too: a reader of our messages who leaves must not end us before we have cleaned up. */
	sigfillset(&caught);
	/* nohup(1), or a shell's background: what is ignored stays so, and would not if it were blocked (signal(7)). */
	for (size_t i = 0; i < sizeof(may_be_ignored) / sizeof(*may_be_ignored); i++) {
		if (sigaction(may_be_ignored[i], NULL, &action) == 0 && action.sa_handler == SIG_IGN)
			sigdelset(&caught, may_be_ignored[i]);
	}
	sigprocmask(SIG_SETMASK, &caught, NULL);
	container->signals = signalfd(-1, &caught, SFD_CLOEXEC | SFD_NONBLOCK);
	return container->signals < 0 ? ctx_fail(&container->ctx, errno, "can't watch for signals") : 0;
}

static bool asks_to_end(int signal)
{
	return signal == SIGTERM || signal == SIGINT || signal == SIGHUP || signal == SIGQUIT;
}

/* What the terminal or the kernel says to us alone is not passed on. */
static bool is_ours(int signal)
{
	switch (signal) {
	case SIGCHLD:
	case SIGPIPE:
	case SIGTTIN:
	case SIGTTOU:
	case SIGTSTP:
	case SIGURG:
		return true;
	default:
		return false;
	}
}

/* A set of signals in /proc/PID/status; 0 if it is not there. */
static unsigned long long signal_set(const char *status, const char *key)
{
	const char *line = strstr(status, key);

	return line ? strtoull(line + strlen(key), NULL, 16) : 0;
}

/*
 * Whether a first process of a pid namespace would never notice: the kernel drops what it neither catches nor blocks
 * (pid_namespaces(7)); one that blocks it waits for it with sigwait(3) or signalfd(2).
 */
static bool is_ignored(const struct container *container, int signal)
{
	char path[64], status[8192];

	if (!(container->ctx.namespaces & CLONE_NEWPID))
		return false;
	snprintf(path, sizeof(path), "/proc/%d/status", container->ctx.pid);
	if (file_read_at(AT_FDCWD, path, status, sizeof(status)) < 0)
		return false;
	return !((signal_set(status, "\nSigCgt:") | signal_set(status, "\nSigBlk:")) & (1ULL << (signal - 1)));
}

static void forward(struct container *container, int signal)
{
	struct contain_ctx *ctx = &container->ctx;
	long long now = clock_usec();
	char name[24];

	if ((signal == SIGTERM || signal == SIGINT) && is_ignored(container, signal)) {
		if (container->last_ignored_usec && now - container->last_ignored_usec < AGAIN_USEC) {
			log_line(&ctx->log, LOG_INFO, "killing the container: %s came twice",
				 signal_text(signal, name));
			signal = SIGKILL;
		} else {
			container->last_ignored_usec = now;
			log_line(&ctx->log, LOG_INFO,
				 "the command does not catch %s; once more within 2 seconds kills it",
				 signal_text(signal, name));
		}
	}
	pidfd_send_signal(container->pidfd, signal, NULL, 0);
}

/*
 * Ctrl-Z at the command stops its process group, as it does not stop the first process of a pid namespace: then we stop
 * too, as a job of our caller's shell; its fg wakes us, and we the command.
 */
static void stop_with_command(struct container *container)
{
	siginfo_t info = { 0 };
	sigset_t stop;

	if (!container->use_terminal || container->pidfd < 0 ||
	    waitid(P_PIDFD, (id_t)container->pidfd, &info, WSTOPPED | WNOHANG) < 0 || info.si_pid == 0)
		return;
	container_take_terminal(container);
	/* All of our job, as the terminal would; the kernel spares an orphaned one, which no shell could wake. */
	sigemptyset(&stop);
	sigaddset(&stop, SIGTSTP);
	sigprocmask(SIG_UNBLOCK, &stop, NULL);
	kill(0, SIGTSTP);
	sigprocmask(SIG_BLOCK, &stop, NULL);
	container_give_terminal(container);
	kill(-container->ctx.pid, SIGCONT);
}

int container_handle_signal(struct container *container, bool starting)
{
	struct signalfd_siginfo info;
	char name[24];

	while (read(container->signals, &info, sizeof(info)) == sizeof(info)) {
		int signal = (int)info.ssi_signo;

		if (starting && asks_to_end(signal)) {
			container->wanted_status = 128 + signal;
			return ctx_fail(&container->ctx, 0, "interrupted by %s before the command ran",
					signal_text(signal, name)),
			       -EINTR;
		}
		if (signal == SIGCHLD)
			stop_with_command(container);
		/* A shell's fg: the terminal came to us, and is the command's. */
		if (signal == SIGCONT)
			container_give_terminal(container);
		if (!starting && !is_ours(signal))
			forward(container, signal);
	}
	return 0;
}

int container_wait(struct container *container)
{
	struct contain_ctx *ctx = &container->ctx;
	struct pollfd fds[] = { { .fd = container->pidfd, .events = POLLIN },
				{ .fd = container->signals, .events = POLLIN } };

	while (!fds[0].revents) {
		if (poll(fds, 2, -1) < 0 && errno != EINTR)
			return ctx_fail(ctx, errno, "can't wait for the command");
		if (fds[1].revents)
			container_handle_signal(container, false);
	}
	container->ended_usec = clock_usec();
	return container_reap(container);
}
