/* SPDX-License-Identifier: MIT */
#include "plugin/crash.h"

#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "plugin/ctx.h"
#include "plugin/roster.h"
#include "unit.h"

#define TOLD 42

/* The real one is of a file with the rest of the host. */
const char *phase_name(enum phase phase)
{
	return phase == PHASE_CHILD_SETUP ? "child_setup" : "?";
}

static void crashed(struct contain_ctx *ctx, const struct crash *crash)
{
	(void)ctx;
	_exit(strcmp(crash->plugin, "odd") == 0 &&
			      strcmp(crash->text, "crashed in child_setup: signal 6 (SIGABRT)") == 0
		      ? TOLD
		      : 1);
}

static void hook_aborts(void)
{
	abort();
}

/* 0 if the process that it makes died of its signal, and told nobody. */
static void check_made(pid_t pid)
{
	int status;

	if (pid == 0)
		abort();
	_exit(pid > 0 && waitpid(pid, &status, 0) == pid && WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT ? 0 : 1);
}

static void hook_forks(void)
{
	check_made(fork());
}

static void hook_clones(void)
{
	check_made((pid_t)syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL));
}

/* Shares its memory with us. */
static void hook_vforks(void)
{
	volatile pid_t pid = vfork();

	check_made(pid);
}

/* The wait status of a process in which that hook runs. */
static int run_hook(void (*hook)(void), bool again_after_fork)
{
	struct module module = { .name = (char *)"odd" };
	struct member member = { .module = &module };
	struct contain_ctx ctx = { .crashed = crashed, .member = &member, .phase = PHASE_CHILD_SETUP };
	pid_t pid = fork();
	int status = -1;

	if (pid == 0) {
		if (again_after_fork) {
			crash_watch(&ctx);
			crash_watch(NULL);
			pid = fork();
			if (pid > 0)
				_exit(waitpid(pid, &status, 0) == pid && WIFEXITED(status) ? WEXITSTATUS(status) : 1);
		}
		crash_watch(&ctx);
		hook();
		_exit(1);
	}
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void test_hook(void **state)
{
	(void)state;
	assert_int_equal(run_hook(hook_aborts, false), TOLD);
}

/* As the monitor of run -d is made, when hooks have run before. */
static void test_hook_of_a_fork_of_ours(void **state)
{
	(void)state;
	assert_int_equal(run_hook(hook_aborts, true), TOLD);
}

static void test_process_of_a_hook(void **state)
{
	(void)state;
	assert_int_equal(run_hook(hook_forks, false), 0);
	assert_int_equal(run_hook(hook_clones, false), 0);
	assert_int_equal(run_hook(hook_vforks, false), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hook),
		cmocka_unit_test(test_hook_of_a_fork_of_ours),
		cmocka_unit_test(test_process_of_a_hook),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
