/* SPDX-License-Identifier: MIT */
#include "container/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/trace.h"

#define SEALS      (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)
#define SEAL_TRIES 20

/*
 * Sharing the parent's memory until the exec, as vfork(2) does, spares copying its page tables and the faults after;
 * but the child needs a stack of its own, which C has no word for. Sanitizers do not know such a child.
 */
#if (defined(__x86_64__) || defined(__aarch64__)) && !defined(CONTAIN_SANITIZE)
#define SHARE_MEMORY 1
#else
#define SHARE_MEMORY 0
#endif

static int fail_step(struct spawn *spawn, const char *step)
{
	spawn->error = errno;
	spawn->step = step;
	return 1;
}

/*
 * A process that can't read what it executes is closed to others from its first instruction on (would_dump() in
 * fs/exec.c), as PR_SET_DUMPABLE makes it only later: without a pid namespace of its own those inside see it at once
 * (CVE-2016-9962). Our copy has no read bit; root reads it anyway, but not without his capabilities, which the exec
 * gives back (capabilities(7)).
 */
static int lower_capabilities(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];

	if (syscall(SYS_capget, &header, data) < 0)
		return -1;
	data[0].effective = data[1].effective = 0;
	return (int)syscall(SYS_capset, &header, data);
}

/* In the child, with all signals blocked but those of a crash: plain system calls only. */
static int child_steps(void *arg)
{
	struct spawn *spawn = arg;
	char *const no_environment[] = { NULL };

	trace_begin(spawn->trace, "birth");
	/* While we have the capabilities for it, and before anything of ours is in there. */
	for (size_t i = 0; i < spawn->join_count; i++) {
		if (setns(spawn->joins[i].fd, spawn->joins[i].kind) < 0)
			return fail_step(spawn, spawn->joins[i].step);
	}
	/*
	 * "0" to `tasks` moves the writing thread alone, which spares the kernel its lock over all threads of the
	 * system, and so an RCU grace period (cgroup_procs_write_start() in kernel/cgroup/cgroup.c).
	 */
	for (size_t i = 0; i < spawn->task_count; i++) {
		if (write(spawn->tasks[i], "0", 1) < 0)
			return fail_step(spawn, "joining the cgroups");
	}
	/* The parent's end is ours. It is armed through the exec, whose identity does not change (prctl(2)). */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		return fail_step(spawn, "prctl(PR_SET_PDEATHSIG)");
	if (setsid() < 0)
		return fail_step(spawn, "leaving the session");
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (spawn->stdio[fd] >= 0 && dup2(spawn->stdio[fd], fd) < 0)
			return fail_step(spawn, "placing a standard descriptor");
	}
	for (size_t i = 0; i < spawn->keep_count; i++) {
		if (fcntl(spawn->keep[i], F_SETFD, 0) < 0)
			return fail_step(spawn, "keeping a descriptor");
	}
	if (lower_capabilities() < 0)
		return fail_step(spawn, "lowering the capabilities");
	trace_end(spawn->trace);
	/* Until child_main(): the kernel's work, and the dynamic loader's. */
	trace_begin(spawn->trace, "exec");
	syscall(SYS_execveat, spawn->executable, "", spawn->argv, no_environment, AT_EMPTY_PATH);
	return fail_step(spawn, "executing contain's own copy");
}

#if SHARE_MEMORY
static long clone3_on_stack(struct clone_args *args, int (*function)(void *), void *argument)
{
	long result;

#if defined(__x86_64__)
	register int (*f)(void *) __asm__("r12") = function;
	register void *a __asm__("r13") = argument;

	__asm__ volatile("syscall\n\t"
			 "test %%rax, %%rax\n\t"
			 "jnz 1f\n\t"
			 "xor %%ebp, %%ebp\n\t"
			 "mov %[a], %%rdi\n\t"
			 "call *%[f]\n\t"
			 "mov %%eax, %%edi\n\t"
			 "mov %[exit], %%eax\n\t"
			 "syscall\n"
			 "1:"
			 : "=a"(result)
			 : "0"((long)SYS_clone3), "D"(args),
			   "S"(sizeof(*args)), [f] "r"(f), [a] "r"(a), [exit] "i"(SYS_exit)
			 : "rcx", "r11", "memory", "cc");
#else
	register long number __asm__("x8") = SYS_clone3;
	register long x0 __asm__("x0") = (long)args;
	register long x1 __asm__("x1") = sizeof(*args);
	register int (*f)(void *) __asm__("x19") = function;
	register void *a __asm__("x20") = argument;

	__asm__ volatile("svc #0\n\t"
			 "cbnz x0, 1f\n\t"
			 "mov x29, xzr\n\t"
			 "mov x0, %[a]\n\t"
			 "blr %[f]\n\t"
			 "mov x8, %[exit]\n\t"
			 "svc #0\n"
			 "1:"
			 : "+r"(x0)
			 : "r"(number), "r"(x1), [f] "r"(f), [a] "r"(a), [exit] "i"(SYS_exit)
			 : "x30", "memory", "cc");
	result = x0;
#endif
	return result < 0 ? (errno = (int)-result, -1) : result;
}

static long do_clone(struct clone_args *args, struct spawn *spawn)
{
	char stack[32 * 1024] __attribute__((aligned(16)));

	args->flags |= CLONE_VM | CLONE_VFORK;
	args->stack = (uint64_t)(uintptr_t)stack;
	args->stack_size = sizeof(stack);
	return clone3_on_stack(args, child_steps, spawn);
}
#else
static long do_clone(struct clone_args *args, struct spawn *spawn)
{
	/* What went wrong comes back through a page that both see. */
	struct spawn *shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	long pid;

	if (shared == MAP_FAILED)
		return -1;
	*shared = *spawn;
	args->flags |= CLONE_VFORK;
	pid = syscall(SYS_clone3, args, sizeof(*args));
	if (pid == 0)
		_exit(child_steps(shared));
	spawn->error = shared->error;
	spawn->step = shared->step;
	munmap(shared, sizeof(*shared));
	return pid;
}
#endif

pid_t spawn(struct spawn *spawn)
{
	struct clone_args args = {
		.flags = spawn->namespaces | CLONE_PIDFD | (spawn->cgroup >= 0 ? CLONE_INTO_CGROUP : 0),
		.pidfd = (uint64_t)(uintptr_t)&spawn->pidfd,
		.exit_signal = SIGCHLD,
		.cgroup = spawn->cgroup >= 0 ? (uint64_t)spawn->cgroup : 0,
	};
	long pid;

	spawn->error = 0;
	pid = do_clone(&args, spawn);
	return pid < 0 ? -errno : (pid_t)pid;
}

/*
 * The kernel lets F_SEAL_WRITE wait for 150 ms until nobody holds one of the pages, and fail with EBUSY after that
 * (memfd_wait_for_pins() in mm/memfd.c). Nobody else has the file, so that is the kernel itself, which moves a page, on
 * a machine that is slow to give it a cpu.
 */
static int seal(int fd)
{
	for (int tries = SEAL_TRIES; fcntl(fd, F_ADD_SEALS, SEALS) < 0; tries--) {
		if (errno != EBUSY || tries == 1)
			return -errno;
	}
	return 0;
}

int spawn_executable(void)
{
	_cleanup_close_ int self = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	_cleanup_close_ int copy = -1;
	struct stat st;
	off_t done = 0;
	int result;

	if (self < 0 || fstat(self, &st) < 0)
		return -errno;
	copy = file_memory("contain", true);
	if (copy < 0)
		return copy;
	while (done < st.st_size) {
		ssize_t n = sendfile(copy, self, NULL, (size_t)(st.st_size - done));

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -EIO;
		done += n;
	}
	/* To be executed, and not read: see lower_capabilities(). */
	if (fchmod(copy, S_IXUSR) < 0)
		return -errno;
	result = seal(copy);
	return result < 0 ? result : steal_fd(&copy);
}

int spawn_memfd(const char *name, const void *bytes, size_t length)
{
	_cleanup_close_ int fd = file_memory(name, false);
	int result;

	if (fd < 0)
		return fd;
	result = fd_write_all(fd, bytes, length);
	if (result == 0)
		result = seal(fd);
	return result < 0 ? result : steal_fd(&fd);
}
