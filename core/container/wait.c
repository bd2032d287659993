/* SPDX-License-Identifier: MIT */
/* While the command runs: its end, and the signals that are meant for it. */
#include "container/container.h"

#include <contain/plugin.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/signals.h"
#include "base/trace.h"
#include "container/record_keys.h"
#include "plugin/crash.h"

#define AGAIN_USEC 2000000 /* a second TERM or INT within this time is meant */

int container_catch_signals(struct container *container)
{
	static const int may_be_ignored[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM };
	struct sigaction action;
	sigset_t caught, unblocked;

	/* Ignored, as a caller may have left it, children would vanish before they are waited for (waitid(2)). */
	signal(SIGCHLD, SIG_DFL);
	/* SIGPIPE too: a reader of our messages who leaves must not end us before we have cleaned up. */
	sigfillset(&caught);
	/* nohup(1), or a shell's background: what is ignored stays so, and would not if it were blocked (signal(7)). */
	for (size_t i = 0; i < sizeof(may_be_ignored) / sizeof(*may_be_ignored); i++) {
		if (sigaction(may_be_ignored[i], NULL, &action) == 0 && action.sa_handler == SIG_IGN)
			sigdelset(&caught, may_be_ignored[i]);
	}
	unblocked = caught;
	crash_spare(&unblocked);
	sigprocmask(SIG_SETMASK, &unblocked, NULL);
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

/* Whether it is the first process of its pid namespace: the last of its pids is 1 (proc_pid_status(5)). */
static bool is_first(const char *status)
{
	const char *line = strstr(status, "\nNSpid:"), *last;

	if (!line)
		return false;
	line++;
	last = memrchr(line, '\t', strcspn(line, "\n"));
	return last && strncmp(last, "\t1\n", 3) == 0;
}

/*
 * Whether a first process of a pid namespace would never notice: the kernel drops what it neither catches nor blocks
 * (pid_namespaces(7)); one that blocks it waits for it with sigwait(3) or signalfd(2).
 */
bool container_ignores(const struct container *container, int signal)
{
	char path[64], status[8192];

	snprintf(path, sizeof(path), "/proc/%d/status", container->ctx.pid);
	if (file_read_at(AT_FDCWD, path, status, sizeof(status)) < 0 || !is_first(status))
		return false;
	return !((signal_set(status, "\nSigCgt:") | signal_set(status, "\nSigBlk:")) & (1ULL << (signal - 1)));
}

/* What a signal becomes that asks the command to end, and that it would never notice: itself at first, then SIGKILL. */
static int insist(struct container *container, int signal)
{
	struct contain_ctx *ctx = &container->ctx;
	long long now = clock_usec();
	char name[24];

	if (container->last_ignored_usec && now - container->last_ignored_usec < AGAIN_USEC) {
		log_line(&ctx->log, LOG_INFO, "killing the container: %s came twice", signal_text(signal, name));
		return SIGKILL;
	}
	container->last_ignored_usec = now;
	log_line(&ctx->log, LOG_INFO, "the command does not catch %s; once more within 2 seconds kills it",
		 signal_text(signal, name));
	return signal;
}

static void forward(struct container *container, int signal)
{
	if ((signal == SIGTERM || signal == SIGINT) && container_ignores(container, signal))
		signal = insist(container, signal);
	pidfd_send_signal(container->pidfd, signal, NULL, 0);
}

void container_interrupted(struct container *container)
{
	/* The terminal has sent it already. */
	if (container_ignores(container, SIGINT) && insist(container, SIGINT) == SIGKILL)
		pidfd_send_signal(container->pidfd, SIGKILL, NULL, 0);
}

void container_hang_up(struct container *container)
{
	pidfd_send_signal(container->pidfd, container_ignores(container, SIGHUP) ? SIGKILL : SIGHUP, NULL, 0);
}

int container_handle_signal(struct container *container, struct relay *relay, bool starting)
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
		if (relay && relay->signal)
			relay->signal(relay, signal);
		/* Our terminal goes away, and with it the command's. */
		if (!starting && signal == SIGHUP && container->mode.terminal && relay && relay->signal)
			container_hang_up(container);
		else if (!starting && !is_ours(signal))
			forward(container, signal);
	}
	return 0;
}

int container_end_signal(int signals, struct relay *relay)
{
	struct signalfd_siginfo info;
	int status = 0;

	while (read(signals, &info, sizeof(info)) == sizeof(info)) {
		int signal = (int)info.ssi_signo;

		if (relay && relay->signal)
			relay->signal(relay, signal);
		status = asks_to_end(signal) && status == 0 ? 128 + signal : status;
	}
	return status;
}

/* A full disk is no reason to fail now. */
void container_record_exit(struct container *container, int status, int signal)
{
	char text[64];

	life_format_exit(text, sizeof(text), status, signal, life_now_usec());
	record_set(&container->ctx.record, RECORD_CORE, RECORD_EXIT, text);
}

int container_wait(struct container *container, struct relay *relay)
{
	struct contain_ctx *ctx = &container->ctx;
	trace_scope(ctx->trace, TRACE_COMMAND);
	struct pollfd fds[2 + RELAY_FDS] = { { .fd = container->pidfd, .events = POLLIN },
					     { .fd = container->signals, .events = POLLIN } };
	int result;

	while (!fds[0].revents) {
		size_t count = relay ? relay->fill(relay, fds + 2) : 0;

		if (poll(fds, 2 + count, -1) < 0) {
			if (errno != EINTR)
				return ctx_fail(ctx, errno, "can't wait for the command");
			/* What is in the array then is of the call before. */
			fds[0].revents = 0;
			continue;
		}
		if (fds[1].revents)
			container_handle_signal(container, relay, false);
		if (relay)
			relay->move(relay, fds + 2, count);
	}
	container->ended_usec = clock_usec();
	/* Whoever reads the rest of the terminal finds its end. */
	cleanup_close(&container->slave);
	container->slave = -1;
	result = container_reap(container);
	if (result == 0 && !container->mode.joining)
		container_record_exit(container, container->status, container->signal);
	return result;
}
