/* SPDX-License-Identifier: MIT */
/* clone3(2) as vfork(2): the child runs on the parent's memory, with a stack of its own, while the parent waits. */
#pragma once

#include <linux/sched.h>
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

static char spawn_stack[16384] __attribute__((aligned(16)));

/*
 * Run child(data) in a new process, whose end is child's result if it returns. `args` has all flags; on an architecture
 * without code here the memory is copied instead. Returns the pid, or -1 with errno.
 */
static inline pid_t spawn(struct clone_args *args, int (*child)(void *), void *data)
{
#if defined(__x86_64__)
	register int (*function)(void *) __asm__("r8") = child;
	register void *argument __asm__("r9") = data;
	long result = SYS_clone3;

	args->stack = (uintptr_t)spawn_stack;
	args->stack_size = sizeof spawn_stack;
	__asm__ volatile("syscall\n\t"
			 "test %%rax, %%rax\n\t"
			 "jnz 1f\n\t"
			 "xor %%ebp, %%ebp\n\t"
			 "mov %%r9, %%rdi\n\t"
			 "call *%%r8\n\t"
			 "mov %%eax, %%edi\n\t"
			 "mov %[leave], %%eax\n\t"
			 "syscall\n\t"
			 "hlt\n"
			 "1:"
			 : "+a"(result)
			 : "D"(args), "S"(sizeof *args), "r"(function), "r"(argument), [leave] "i"(SYS_exit_group)
			 : "rcx", "r11", "memory");
#elif defined(__aarch64__)
	register long result __asm__("x0") = (long)args;
	register long size __asm__("x1") = sizeof *args;
	register int (*function)(void *) __asm__("x4") = child;
	register void *argument __asm__("x5") = data;
	register long number __asm__("x8") = SYS_clone3;

	args->stack = (uintptr_t)spawn_stack;
	args->stack_size = sizeof spawn_stack;
	__asm__ volatile("svc 0\n\t"
			 "cbnz x0, 1f\n\t"
			 "mov x29, xzr\n\t"
			 "mov x0, x5\n\t"
			 "blr x4\n\t"
			 "mov x8, %[leave]\n\t"
			 "svc 0\n\t"
			 "brk 0\n"
			 "1:"
			 : "+r"(result)
			 : "r"(size), "r"(function), "r"(argument), "r"(number), [leave] "i"(SYS_exit_group)
			 : "x30", "memory", "cc");
#else
	args->flags &= ~(uint64_t)(CLONE_VM | CLONE_VFORK);
	long result = syscall(SYS_clone3, args, sizeof *args);
	if (!result)
		_exit(child(data));
	return (pid_t)result;
#endif
#if defined(__x86_64__) || defined(__aarch64__)
	if (result < 0) {
		errno = (int)-result;
		return -1;
	}
	return (pid_t)result;
#endif
}
