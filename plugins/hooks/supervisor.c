/* SPDX-License-Identifier: MIT */
#include "supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/close_range.h>
#include <poll.h>
#include <signal.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* The descriptors of the supervisor. Those after the third are closed by the program's execve. */
enum { INPUT, OUTPUT, ERROR, RESULT, OWNER, PLACES };

static _Noreturn void tell(int how, int value, int status)
{
	const struct outcome outcome = { how, value };

	/* Nobody reads: then nobody wants to know. */
	_exit(write(RESULT, &outcome, sizeof(outcome)) < 0 ? status + 1 : status);
}

/* These to their places, and nothing else open. */
static void place(const int fds[PLACES])
{
	int copies[PLACES];

	for (int i = 0; i < PLACES; i++)
		copies[i] = fcntl(fds[i], F_DUPFD_CLOEXEC, PLACES);
	for (int i = 0; i < PLACES; i++)
		if (copies[i] < 0 || dup3(copies[i], i, i > ERROR ? O_CLOEXEC : 0) < 0)
			_exit(1);
	syscall(SYS_close_range, PLACES, ~0U, 0);
}

/*
 * Root of an image has all capabilities until the command is sealed. This one would let it get at the memory and the
 * descriptors of our own process, which is closed to all others (PR_SET_DUMPABLE, ptrace(2)) and still holds some of
 * the host's. The inheritable set is not masked by the bounding set at an execve (capabilities(7), CVE-2022-29162).
 */
static int leave_ptrace(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];

	if (prctl(PR_CAPBSET_READ, CAP_SYS_PTRACE) == 1 && prctl(PR_CAPBSET_DROP, CAP_SYS_PTRACE) < 0)
		return -errno;
	if (syscall(SYS_capget, &header, data) < 0)
		return -errno;
	data[0].inheritable = data[1].inheritable = 0;
	return syscall(SYS_capset, &header, data) < 0 ? -errno : 0;
}

static void reset_signals(void)
{
	const struct sigaction fresh = { .sa_handler = SIG_DFL };
	sigset_t none;

	for (int number = 1; number < NSIG; number++)
		sigaction(number, &fresh, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/*
 * A group of its own, so that all of it can be ended; of our session, which has no terminal, and not its leader, who
 * could make any terminal that it opens the session's own.
 */
static _Noreturn void become(const struct program *program, pid_t supervisor)
{
	int result = 0;

	if (setpgid(0, 0) < 0 || prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || chdir("/") < 0)
		result = -errno;
	/* Before that was armed. */
	if (getppid() != supervisor)
		_exit(1);
	if (result == 0 && program->of_image)
		result = leave_ptrace();
	if (result < 0)
		tell(NOT_STARTED, -result, 1);
	umask(022);
	reset_signals();
	execve(program->command->path, program->command->argv, program->environment);
	tell(NOT_EXECUTED, errno, 1);
}

static int64_t now_msec(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Until the program has ended, or its time, or the one who waits. False: its time. */
static bool watch(int64_t seconds, int pidfd)
{
	struct pollfd fds[] = { { .fd = pidfd, .events = POLLIN }, { .fd = OWNER, .events = POLLIN } };
	int64_t end = now_msec() + seconds * 1000, left = seconds * 1000;
	int ready = 0;

	while (ready <= 0 && left > 0) {
		ready = poll(fds, 2, (int)left);
		left = end - now_msec();
	}
	return ready > 0;
}

/* The whole group, whose number is the program's as long as that is not reaped. It may not have made it yet. */
static void end_group(pid_t pid, siginfo_t *info)
{
	siginfo_t other;

	kill(pid, SIGKILL);
	kill(-pid, SIGKILL);
	if (waitid(P_PID, (id_t)pid, info, WEXITED) < 0)
		info->si_code = 0;
	/* Orphans of the group are ours (PR_SET_CHILD_SUBREAPER): no zombie is left to the container's command. */
	while (waitid(P_PGID, (id_t)pid, &other, WEXITED) == 0)
		;
}

_Noreturn void supervise(const struct program *program, int input, int output, int result, int owner)
{
	const int fds[PLACES] = { input, output, output, result, owner };
	pid_t self = getpid(), pid;
	siginfo_t info = { 0 };
	bool in_time;
	int pidfd, error;

	place(fds);
	/* Who ignores it has no children to wait for (waitpid(2), NOTES). */
	signal(SIGCHLD, SIG_DFL);
	/* We were made while a caller's terminal, or the container's, was our session's. */
	if (setsid() < 0 || prctl(PR_SET_CHILD_SUBREAPER, 1) < 0)
		tell(NOT_STARTED, errno, 1);
	pid = fork();
	if (pid < 0)
		tell(NOT_STARTED, errno, 1);
	if (pid == 0)
		become(program, self);
	pidfd = pidfd_open(pid, 0);
	error = errno;
	in_time = pidfd >= 0 && watch(program->timeout, pidfd);
	end_group(pid, &info);
	if (pidfd < 0)
		tell(NOT_STARTED, error, 1);
	if (!in_time)
		tell(TIMED_OUT, 0, 0);
	tell(info.si_code == CLD_EXITED ? EXITED : KILLED, info.si_status, 0);
}
