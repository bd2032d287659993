/* SPDX-License-Identifier: MIT */
#include "container/reaper.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/kernel.h"

/* All that have ended; if the command is one of them, that is the end. */
static void reap(pid_t command)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0 || (pid < 0 && errno == EINTR)) {
		/* The kernel then kills the others (pid_namespaces(7)). */
		if (pid == command)
			_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
	}
}

static void never_called(int number)
{
	(void)number;
}

/*
 * Others read in /proc/PID/status whether a first process would notice a signal. While sigwait(3) waits, the kernel
 * says there that none is blocked; so they are caught too, by what is never called, as they are blocked.
 */
static void catch_all(const sigset_t *all)
{
	const struct sigaction caught = { .sa_handler = never_called };

	for (int number = 1; number < NSIG; number++) {
		if (number != SIGCHLD)
			sigaction(number, &caught, NULL);
	}
	sigprocmask(SIG_SETMASK, all, NULL);
}

_Noreturn void reaper_run(pid_t command)
{
	sigset_t all;

	/* A pipe of the command ends when the command closes it, and nobody finds a way to anything here. */
	kernel_close_range(0, ~0U, 0);
	/* Blocked, a signal waits for us, also one that a first process would not get otherwise. */
	sigfillset(&all);
	catch_all(&all);
	for (;;) {
		int number;

		/* Some may have ended before the mask was set. */
		reap(command);
		if (sigwait(&all, &number) == 0 && number != SIGCHLD)
			kill(command, number);
	}
}
