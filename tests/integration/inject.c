/* SPDX-License-Identifier: MIT */
/*
 * Run commands of contain and let one of their system calls fail, or kill the process right before it. As -e inject= of
 * strace(1) does, which counts in every process at once; here it is one call of one process, so that no early failure of
 * another process hides it.
 *
 * usage: inject OUT SECONDS list COMMAND...
 *        inject OUT SECONDS PROCESS:CALL:NTH:ERROR|KILL COMMAND...
 *
 * COMMAND may be several, with "+++" between: each runs if the one before succeeded. OUT gets, for `list`, a line for each
 * call from main() on: PROCESS CALL NTH and what it is about; and else one line: "injected", "missed" (no such call was
 * made), "crash" or "hang", the number of the last command that ran, and the call. Processes of contain are numbered as
 * they are born, from 0; the dynamic loader and the container's own command are not looked at. Exit status: that of the
 * last command; 120 for a mistake here.
 */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MISTAKE   120
#define TASKS     64
#define CALLS     1024
#define IDLE_TICK 2000000 /* nsec */

/* Calls that make files, and which argument is a path. What is not here is shown by its number. */
#define NO_PATH -1
static const struct call {
	long number;
	const char *name;
	int path;
} calls[] = {
#define CALL(NAME, PATH) { SYS_##NAME, #NAME, PATH }
#ifdef SYS_mkdir
	CALL(mkdir, 0), CALL(rmdir, 0), CALL(open, 0), CALL(stat, 0), CALL(lstat, 0), CALL(access, 0), CALL(readlink, 0),
	CALL(unlink, 0), CALL(poll, NO_PATH), CALL(dup2, NO_PATH), CALL(fork, NO_PATH), CALL(pipe, NO_PATH),
	CALL(arch_prctl, NO_PATH), CALL(getpgrp, NO_PATH),
#endif
	CALL(openat, 1), CALL(openat2, 1), CALL(newfstatat, 1), CALL(mkdirat, 1), CALL(unlinkat, 1), CALL(renameat, 1),
	CALL(faccessat, 1), CALL(faccessat2, 1), CALL(readlinkat, 1), CALL(symlinkat, 2), CALL(mknodat, 1),
	CALL(statfs, 0), CALL(chdir, 0), CALL(pivot_root, 0), CALL(umount2, 0), CALL(mount, 1), CALL(execve, 0),
	CALL(open_tree, 1), CALL(move_mount, 3), CALL(mount_setattr, 1), CALL(fchmodat, 1), CALL(fchownat, 1),
	CALL(read, NO_PATH), CALL(write, NO_PATH), CALL(pread64, NO_PATH), CALL(lseek, NO_PATH), CALL(close, NO_PATH),
	CALL(fstat, NO_PATH), CALL(fstatfs, NO_PATH), CALL(fcntl, NO_PATH), CALL(flock, NO_PATH), CALL(ioctl, NO_PATH),
	CALL(ftruncate, NO_PATH), CALL(getdents64, NO_PATH), CALL(sendfile, NO_PATH), CALL(fchdir, NO_PATH),
	CALL(fchown, NO_PATH), CALL(fchmod, NO_PATH), CALL(mmap, NO_PATH), CALL(munmap, NO_PATH), CALL(mprotect, NO_PATH),
	CALL(mremap, NO_PATH), CALL(madvise, NO_PATH), CALL(memfd_create, NO_PATH),
	CALL(getrandom, NO_PATH), CALL(pipe2, NO_PATH), CALL(dup3, NO_PATH), CALL(dup, NO_PATH),
	CALL(close_range, NO_PATH), CALL(socket, NO_PATH), CALL(socketpair, NO_PATH), CALL(bind, NO_PATH),
	CALL(listen, NO_PATH), CALL(accept4, NO_PATH), CALL(connect, NO_PATH), CALL(sendmsg, NO_PATH),
	CALL(recvmsg, NO_PATH), CALL(recvfrom, NO_PATH), CALL(sendto, NO_PATH), CALL(ppoll, NO_PATH),
	CALL(signalfd4, NO_PATH), CALL(rt_sigaction, NO_PATH), CALL(rt_sigprocmask, NO_PATH), CALL(clone, NO_PATH),
	CALL(clone3, NO_PATH), CALL(vfork, NO_PATH), CALL(execveat, NO_PATH), CALL(waitid, NO_PATH), CALL(wait4, NO_PATH),
	CALL(kill, NO_PATH), CALL(tgkill, NO_PATH), CALL(pidfd_open, NO_PATH), CALL(pidfd_send_signal, NO_PATH),
	CALL(setsid, NO_PATH), CALL(setns, NO_PATH), CALL(unshare, NO_PATH), CALL(prctl, NO_PATH),
	CALL(prlimit64, NO_PATH), CALL(keyctl, NO_PATH), CALL(uname, NO_PATH),
	CALL(sethostname, NO_PATH), CALL(setdomainname, NO_PATH), CALL(setgroups, NO_PATH), CALL(setresuid, NO_PATH),
	CALL(setresgid, NO_PATH), CALL(setuid, NO_PATH), CALL(setgid, NO_PATH), CALL(getpgid, NO_PATH),
	CALL(getcwd, NO_PATH), CALL(capget, NO_PATH), CALL(capset, NO_PATH),
	CALL(clock_nanosleep, NO_PATH), CALL(nanosleep, NO_PATH), CALL(clock_gettime, NO_PATH), CALL(futex, NO_PATH),
	CALL(fsopen, NO_PATH), CALL(fsconfig, NO_PATH), CALL(fsmount, NO_PATH), CALL(sched_setaffinity, NO_PATH),
	CALL(set_robust_list, NO_PATH), CALL(sigaltstack, NO_PATH),
};

/* These can't fail, or nothing comes after them; and brk(2) says so in its own way, upon which malloc(3) takes mmap(2). */
static const long skipped[] = { SYS_exit,   SYS_exit_group, SYS_rt_sigreturn, SYS_restart_syscall,
				SYS_brk,    SYS_getuid,     SYS_geteuid,      SYS_getegid,
				SYS_getpid, SYS_gettid,     SYS_umask };

static const struct {
	const char *name;
	int number;
} errors[] = {
	{ "ENOSPC", ENOSPC }, { "ENOMEM", ENOMEM }, { "EPERM", EPERM }, { "EINTR", EINTR }, { "EBUSY", EBUSY },
	{ "KILL", INT_MAX },
};

enum state {
	EARLY,   /* seen before its parent has told of it */
	LOADING, /* executed, and not in main() yet */
	OURS,
	THEIRS,
};

struct task {
	pid_t pid; /* 0: a free place */
	int number;
	enum state state;
	bool failing; /* in the call that is to fail */
	unsigned counts[CALLS];
};

static struct {
	bool list;
	int number, error;
	long call;
	unsigned nth;
} wanted;

static struct task tasks[TASKS];
static int next_number, command;
static FILE *out;
static bool injected;
static char about[PATH_MAX + 256], trouble[128];
static volatile sig_atomic_t too_late;

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "inject: %s: %s\n", what, strerror(errno));
	exit(MISTAKE);
}

static void on_alarm(int signal)
{
	(void)signal;
	too_late = 1;
}

static struct task *find_task(pid_t pid)
{
	for (size_t i = 0; i < TASKS; i++) {
		if (tasks[i].pid == pid)
			return &tasks[i];
	}
	return NULL;
}

static struct task *new_task(pid_t pid, enum state state)
{
	struct task *task = find_task(0);

	if (!task) {
		errno = E2BIG;
		die("too many processes");
	}
	*task = (struct task){ .pid = pid, .number = -1, .state = state };
	return task;
}

static void forget(struct task *task)
{
	*task = (struct task){ 0 };
}

static const struct call *find_call(long number)
{
	for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++) {
		if (calls[i].number == number)
			return &calls[i];
	}
	return NULL;
}

/* What a call is about, for people: a path, or what a descriptor leads to. */
static void describe(pid_t pid, long number, const uint64_t *args, char *text, size_t size)
{
	const struct call *call = find_call(number);
	char what[PATH_MAX] = "", link[64];

	if (call && call->path >= 0) {
		struct iovec here = { what, sizeof(what) - 1 };
		/* A path near the end of a page. */
		for (size_t length = sizeof(what) - 1; length > 0; length /= 2) {
			here.iov_len = length;
			if (process_vm_readv(pid, &here, 1, &(struct iovec){ (void *)(uintptr_t)args[call->path], length },
					     1, 0) > 0)
				break;
		}
	}
	/* Or the descriptor that it is relative to, with AT_EMPTY_PATH. */
	if (!*what && args[0] < 1024) {
		ssize_t n;

		snprintf(link, sizeof(link), "/proc/%d/fd/%d", pid, (int)args[0]);
		n = readlink(link, what, sizeof(what) - 1);
		what[n > 0 ? n : 0] = '\0';
	}
	for (char *c = what; *c; c++)
		*c = *c == '\n' ? ' ' : *c;
	if (call)
		snprintf(text, size, "%s(%s)", call->name, what);
	else
		snprintf(text, size, "%ld(%s)", number, what);
}

static const char *call_name(long number, char text[24])
{
	const struct call *call = find_call(number);

	snprintf(text, 24, "%ld", number);
	return call ? call->name : text;
}

/* ---- registers */

/* The call is not made: there is none of this number. */
static void skip_call(pid_t pid)
{
#if defined(__x86_64__)
	if (ptrace(PTRACE_POKEUSER, pid, offsetof(struct user, regs.orig_rax), -1L) < 0)
		die("PTRACE_POKEUSER");
#elif defined(__aarch64__)
	int none = -1;

	if (ptrace(PTRACE_SETREGSET, pid, NT_ARM_SYSTEM_CALL, &(struct iovec){ &none, sizeof(none) }) < 0)
		die("PTRACE_SETREGSET");
#else
#error "how does a tracer leave out a system call here?"
#endif
}

static void set_result(pid_t pid, long result)
{
#if defined(__x86_64__)
	if (ptrace(PTRACE_POKEUSER, pid, offsetof(struct user, regs.rax), result) < 0)
		die("PTRACE_POKEUSER");
#else
	struct user_regs_struct registers;
	struct iovec part = { &registers, sizeof(registers) };

	if (ptrace(PTRACE_GETREGSET, pid, NT_PRSTATUS, &part) < 0)
		die("PTRACE_GETREGSET");
	registers.regs[0] = (uint64_t)result;
	if (ptrace(PTRACE_SETREGSET, pid, NT_PRSTATUS, &part) < 0)
		die("PTRACE_SETREGSET");
#endif
}

/* ---- stops */

/* The first calls of main() and of child_main(); loaders, C libraries and sanitizers do not make them. */
static bool is_first(long call, const uint64_t *args)
{
	return (call == SYS_rt_sigaction && args[0] == SIGXFSZ && args[1] != 0) || (call == SYS_umask && args[0] == 0);
}

static bool is_skipped(long call)
{
	for (size_t i = 0; i < sizeof(skipped) / sizeof(*skipped); i++) {
		if (skipped[i] == call)
			return true;
	}
	return call < 0 || call >= CALLS;
}

static void fail_call(pid_t pid)
{
	skip_call(pid);
	set_result(pid, -wanted.error);
}

static void enter_call(struct task *task, long call, const uint64_t *args)
{
	char name[24], text[PATH_MAX + 64];

	if (task->state == LOADING && is_first(call, args))
		task->state = OURS;
	if (task->state != OURS || is_skipped(call))
		return;
	task->counts[call]++;
	if (wanted.list) {
		describe(task->pid, call, args, text, sizeof(text));
		fprintf(out, "%d %s %u %s\n", task->number, call_name(call, name), task->counts[call], text);
		return;
	}
	if (injected || task->number != wanted.number || call != wanted.call || task->counts[call] != wanted.nth)
		return;
	describe(task->pid, call, args, about, sizeof(about));
	injected = true;
	if (wanted.error == INT_MAX)
		kill(task->pid, SIGKILL);
	/* Whatever close(2) returns, the descriptor is free. */
	else if (call == SYS_close)
		task->failing = true;
	else
		fail_call(task->pid);
}

static void at_call(struct task *task)
{
	struct __ptrace_syscall_info info;
	uint64_t args[6];

	if (ptrace(PTRACE_GET_SYSCALL_INFO, task->pid, sizeof(info), &info) < 0)
		return;
	if (info.op == PTRACE_SYSCALL_INFO_SECCOMP) {
		memcpy(args, info.seccomp.args, sizeof(args));
		enter_call(task, (long)info.seccomp.nr, args);
	} else if (info.op == PTRACE_SYSCALL_INFO_EXIT && task->failing) {
		task->failing = false;
		set_result(task->pid, -wanted.error);
	}
}

/* Whether it is contain, or its sealed copy. */
static bool is_contain(pid_t pid)
{
	char link[64], path[PATH_MAX];
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/%d/exe", pid);
	n = readlink(link, path, sizeof(path) - 1);
	path[n > 0 ? n : 0] = '\0';
	return strstr(path, "memfd:contain") || (strrchr(path, '/') && strcmp(strrchr(path, '/'), "/contain") == 0);
}

/* Let it go on; the end of a call that is to seem to fail is wanted too. */
static void go_on(struct task *task, int signal)
{
	ptrace(task->failing ? PTRACE_SYSCALL : PTRACE_CONT, task->pid, 0, (long)signal);
}

static void let_go(struct task *task)
{
	ptrace(PTRACE_DETACH, task->pid, 0, 0);
	forget(task);
}

static void at_birth(struct task *parent)
{
	unsigned long pid = 0;
	struct task *task;
	bool waits;

	ptrace(PTRACE_GETEVENTMSG, parent->pid, 0, &pid);
	task = find_task((pid_t)pid);
	waits = task != NULL;
	if (!task)
		task = new_task((pid_t)pid, EARLY);
	task->state = parent->state;
	task->number = task->state == THEIRS ? INT_MAX : next_number++;
	if (waits)
		go_on(task, 0);
}

static void at_event(struct task *task, int event)
{
	switch (event) {
	case PTRACE_EVENT_FORK:
	case PTRACE_EVENT_VFORK:
	case PTRACE_EVENT_CLONE:
		at_birth(task);
		break;
	case PTRACE_EVENT_EXEC:
		/* The command itself is none of ours. */
		task->state = is_contain(task->pid) ? LOADING : THEIRS;
		break;
	case PTRACE_EVENT_SECCOMP:
		at_call(task);
		break;
	case PTRACE_EVENT_EXIT:
		/* Its parent is told at once, and not when we have looked at it. No filter has a say from here on. */
		let_go(task);
		return;
	}
	go_on(task, 0);
}

static void at_signal(struct task *task, int signal)
{
	static const int crashes[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGSYS };

	for (size_t i = 0; task->state != THEIRS && i < sizeof(crashes) / sizeof(*crashes); i++) {
		if (crashes[i] != signal)
			continue;
		snprintf(trouble, sizeof(trouble), "crash_%s_process_%d", sigabbrev_np(signal), task->number);
		/* A first process of a pid namespace that is traced would be sent back to the same instruction for ever. */
		kill(task->pid, SIGKILL);
	}
	go_on(task, signal);
}

static void at_stop(struct task *task, int status)
{
	int signal = WSTOPSIG(status), event = status >> 16;

	if (task->state == EARLY && task->number < 0)
		return;
	if (signal == (SIGTRAP | 0x80)) {
		at_call(task);
		go_on(task, 0);
	} else if (event) {
		at_event(task, event);
	} else {
		at_signal(task, signal);
	}
}

/* ---- commands */

/*
 * Stop for the calls that matter alone: ptrace(2)'s stops at each are several times slower. Without its tracer a process
 * under this filter would get ENOSYS from them; so the container's command is traced too, to its end.
 */
static void filter(void)
{
	const uint32_t number = offsetof(struct seccomp_data, nr), argument = offsetof(struct seccomp_data, args);
	const struct sock_filter lines[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, number),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)wanted.call, 5, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_rt_sigaction, 0, 2),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, argument),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SIGXFSZ, 2, 1),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_umask, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, wanted.list ? SECCOMP_RET_TRACE : SECCOMP_RET_ALLOW),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE),
	};
	const struct sock_fprog program = { sizeof(lines) / sizeof(*lines), (struct sock_filter *)lines };

	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0)
		die("PR_SET_SECCOMP");
}

static pid_t launch(char **argv)
{
	const long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE |
			     PTRACE_O_TRACEEXEC | PTRACE_O_TRACEEXIT | PTRACE_O_TRACESECCOMP | PTRACE_O_EXITKILL;
	int ready[2];
	struct task *task;
	pid_t pid;
	char byte;

	if (pipe2(ready, O_CLOEXEC) < 0 || (pid = fork()) < 0)
		die("fork");
	if (pid == 0) {
		close(ready[1]);
		if (read(ready[0], &byte, 1) < 0)
			_exit(MISTAKE);
		filter();
		execv(argv[0], argv);
		_exit(MISTAKE);
	}
	if (ptrace(PTRACE_SEIZE, pid, 0, options) < 0)
		die("PTRACE_SEIZE");
	task = new_task(pid, LOADING);
	task->number = next_number++;
	close(ready[0]);
	close(ready[1]);
	return pid;
}

static bool any_task(void)
{
	for (size_t i = 0; i < TASKS; i++) {
		if (tasks[i].pid)
			return true;
	}
	return false;
}

/* Whether all that is left is the command, or waits in accept(2), as a created container does, for who will not come. */
static bool all_wait(void)
{
	for (size_t i = 0; i < TASKS; i++) {
		char path[64];
		FILE *file;
		long call = -1;

		if (!tasks[i].pid || tasks[i].state == THEIRS)
			continue;
		snprintf(path, sizeof(path), "/proc/%d/syscall", tasks[i].pid);
		file = fopen(path, "re");
		if (!file)
			return false;
		if (fscanf(file, "%ld", &call) != 1)
			call = -1;
		fclose(file);
		if (call != SYS_accept4)
			return false;
	}
	return true;
}

static void hang(void)
{
	size_t length = 0;

	length += (size_t)snprintf(trouble + length, sizeof(trouble) - length, "hang");
	for (size_t i = 0; i < TASKS; i++) {
		if (!tasks[i].pid)
			continue;
		if (length < sizeof(trouble))
			length += (size_t)snprintf(trouble + length, sizeof(trouble) - length, "_process_%d",
						   tasks[i].number);
		kill(tasks[i].pid, SIGKILL);
		forget(&tasks[i]);
	}
}

/* Until `pid` has ended, or with 0 all others have: its exit status. */
static int follow(pid_t pid)
{
	while (!too_late && (pid || any_task())) {
		int status;
		pid_t got = waitpid(-1, &status, __WALL | (pid ? 0 : WNOHANG));
		struct task *task = got > 0 ? find_task(got) : NULL;

		if (got == 0) {
			if (all_wait())
				break;
			nanosleep(&(struct timespec){ .tv_nsec = IDLE_TICK }, NULL);
		} else if (got < 0 && errno != EINTR) {
			break;
		} else if (got > 0 && (WIFEXITED(status) || WIFSIGNALED(status))) {
			if (task)
				forget(task);
			if (got == pid)
				return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
		} else if (got > 0) {
			at_stop(task ? task : new_task(got, EARLY), status);
		}
	}
	if (too_late)
		hang();
	return MISTAKE;
}

/* Those that wait are others' to end. */
static void leave(void)
{
	for (size_t i = 0; i < TASKS; i++) {
		int status;

		if (!tasks[i].pid)
			continue;
		if (ptrace(PTRACE_INTERRUPT, tasks[i].pid, 0, 0) == 0 && waitpid(tasks[i].pid, &status, __WALL) > 0 &&
		    WIFSTOPPED(status))
			ptrace(PTRACE_DETACH, tasks[i].pid, 0, 0);
	}
}

static int run_all(char **argv)
{
	int status = 0;

	for (; *argv && status == 0; command++) {
		char **end = argv;

		while (*end && strcmp(*end, "+++") != 0)
			end++;
		if (*end)
			*end++ = NULL;
		status = follow(launch(argv));
		argv = end;
	}
	follow(0);
	leave();
	return status;
}

static void parse_wanted(char *text)
{
	char *number = strtok(text, ":"), *call = strtok(NULL, ":"), *nth = strtok(NULL, ":"), *error = strtok(NULL, ":");

	errno = EINVAL;
	if (!error)
		die(text);
	wanted.number = atoi(number);
	wanted.nth = (unsigned)atoi(nth);
	wanted.call = atol(call);
	for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++) {
		if (strcmp(calls[i].name, call) == 0)
			wanted.call = calls[i].number;
	}
	for (size_t i = 0; i < sizeof(errors) / sizeof(*errors); i++) {
		if (strcmp(errors[i].name, error) == 0)
			wanted.error = errors[i].number;
	}
	if (!wanted.error)
		die(error);
}

int main(int argc, char **argv)
{
	struct sigaction action = { .sa_handler = on_alarm };
	int status;

	errno = EINVAL;
	if (argc < 5)
		die("usage: inject OUT SECONDS list|PROCESS:CALL:NTH:ERRNO COMMAND...");
	out = fopen(argv[1], "we");
	if (!out)
		die(argv[1]);
	wanted.list = strcmp(argv[3], "list") == 0;
	if (!wanted.list)
		parse_wanted(argv[3]);
	sigaction(SIGALRM, &action, NULL);
	alarm((unsigned)atoi(argv[2]));
	status = run_all(argv + 4);
	if (!wanted.list || *trouble)
		fprintf(out, "%s %d %s\n", *trouble ? trouble : injected ? "injected" : "missed", command - 1, about);
	return fclose(out) == 0 ? status : MISTAKE;
}
