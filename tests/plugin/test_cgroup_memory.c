/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fakehost.h"

#define UNLIMITED "9223372036854771712\n" /* what v1 shows: as many bytes as whole pages have */

static struct contain_ctx *cgroup2(void)
{
	struct contain_ctx *host = fakehost_new();

	fakehost_cgroup(host, "memory", 2, "memory.max=max\n", "memory.swap.max=max\n", "memory.high=max\n",
			"memory.low=0\n", "memory.oom.group=0\n");
	return host;
}

static struct contain_ctx *cgroup1(void)
{
	struct contain_ctx *host = fakehost_new();

	fakehost_cgroup(host, "memory", 1, "memory.limit_in_bytes=" UNLIMITED,
			"memory.memsw.limit_in_bytes=" UNLIMITED);
	return host;
}

/* Both hooks that come before the child, and all that they did. */
static void applies(struct contain_ctx *host, const char *options, const char *log)
{
	assert_int_equal(fakehost_options(host, options), 0);
	assert_int_equal(fakehost_run(host, configure), 0);
	assert_int_equal(fakehost_run(host, parent_prepare), 0);
	assert_string_equal(fakehost_log(host), log);
	fakehost_free(host);
}

static void refuses(struct contain_ctx *host, const char *options, const char *words)
{
	assert_int_equal(fakehost_options(host, options), 0);
	int error = fakehost_run(host, configure);
	if (!error)
		error = fakehost_run(host, parent_prepare);
	assert_true(error < 0);
	if (!strstr(fakehost_error(host), words))
		fail_msg("%s: no '%s' in: %s", options, words, fakehost_error(host));
	fakehost_free(host);
}

static void sizes_are_checked(void **state)
{
	static const char *const good[] = { "max = 64M",  "max = 1G", "max = 512K",    "max = 1048576",
					    "max = max",  "swap = 0", "swap = 1G",     "swap = max",
					    "high = max", "low = 1M", "oom_group = no" };
	static const char *const bad[] = {
		"max =",    "max = 0",   "max = -1",   "max = much",    "max = 64MB",
		"high = 0", "swap = -1", "low = 1.5G", "oom_group = 2", "max = 99999999999999999999"
	};
	struct contain_ctx *host = fakehost_new();

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++)
		if (fakehost_options(host, good[i]))
			fail_msg("%s: %s", good[i], fakehost_errors(host));
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		if (!fakehost_options(host, bad[i]))
			fail_msg("%s passed", bad[i]);
	fakehost_free(host);
}

static void limits_in_v2(void **state)
{
	(void)state;
	applies(cgroup2(), "max = 64M",
		"cgroup use memory\n"
		"info: applying cgroup limits: memory=64M\n"
		"cgroup memory/memory.max = 67108864\n"
		"cgroup memory/memory.swap.max = 0\n"
		"cgroup memory/memory.oom.group = 1\n");
	applies(cgroup2(), "max = 1G\nswap = 512M\nhigh = 900M\nlow = 100M\noom_group = no",
		"cgroup use memory\n"
		"info: applying cgroup limits: memory=1G\n"
		"cgroup memory/memory.max = 1073741824\n"
		"cgroup memory/memory.swap.max = 536870912\n"
		"cgroup memory/memory.high = 943718400\n"
		"cgroup memory/memory.low = 104857600\n");
	applies(cgroup2(), "max = max",
		"cgroup use memory\n"
		"info: applying cgroup limits: memory=max\n"
		"cgroup memory/memory.max = max\n"
		"cgroup memory/memory.swap.max = max\n"
		"cgroup memory/memory.oom.group = 1\n");
	applies(cgroup2(), "swap = 1M\noom_group = no",
		"cgroup use memory\n"
		"cgroup memory/memory.swap.max = 1048576\n");
	applies(cgroup2(), "",
		"cgroup use memory\n"
		"cgroup memory/memory.oom.group = 1\n");
}

static void limits_in_v1(void **state)
{
	(void)state;
	applies(cgroup1(), "max = 64M",
		"cgroup use memory\n"
		"info: applying cgroup limits: memory=64M\n"
		"cgroup memory/memory.limit_in_bytes = 67108864\n"
		"cgroup memory/memory.memsw.limit_in_bytes = 67108864\n");
	applies(cgroup1(), "max = 64M\nswap = 16M\noom_group = no",
		"cgroup use memory\n"
		"info: applying cgroup limits: memory=64M\n"
		"cgroup memory/memory.limit_in_bytes = 67108864\n"
		"cgroup memory/memory.memsw.limit_in_bytes = 83886080\n");
	/* -1 is unlimited, and raises: it comes first. */
	applies(cgroup1(), "max = 64M\nswap = max",
		"cgroup use memory\n"
		"info: applying cgroup limits: memory=64M\n"
		"cgroup memory/memory.memsw.limit_in_bytes = -1\n"
		"cgroup memory/memory.limit_in_bytes = 67108864\n");
	applies(cgroup1(), "max = 8000000T\nswap = 8000000T",
		"cgroup use memory\n"
		"info: applying cgroup limits: memory=8000000T\n"
		"cgroup memory/memory.memsw.limit_in_bytes = -1\n"
		"cgroup memory/memory.limit_in_bytes = 8796093022208000000\n");
	applies(cgroup1(), "", "cgroup use memory\n");
}

/* The kernel refuses a limit of both that is below the one of memory, after each single write. */
static void order_in_v1(void **state)
{
	struct contain_ctx *host = cgroup1();
	static const struct {
		const char *options, *log;
	} table[] = {
		{ "max = 64M", "info: applying cgroup limits: memory=64M\n"
			       "cgroup memory/memory.limit_in_bytes = 67108864\n"
			       "cgroup memory/memory.memsw.limit_in_bytes = 67108864\n" },
		{ "max = 128M", "info: applying cgroup limits: memory=128M\n"
				"cgroup memory/memory.memsw.limit_in_bytes = 134217728\n"
				"cgroup memory/memory.limit_in_bytes = 134217728\n" },
		{ "max = 32M", "info: applying cgroup limits: memory=32M\n"
			       "cgroup memory/memory.limit_in_bytes = 33554432\n"
			       "cgroup memory/memory.memsw.limit_in_bytes = 33554432\n" },
		{ "max = max", "info: applying cgroup limits: memory=max\n"
			       "cgroup memory/memory.memsw.limit_in_bytes = -1\n"
			       "cgroup memory/memory.limit_in_bytes = -1\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		assert_int_equal(fakehost_options(host, table[i].options), 0);
		assert_int_equal(fakehost_run(host, update), 0);
		assert_string_equal(fakehost_log(host), table[i].log);
		fakehost_forget(host);
	}
	fakehost_free(host);
}

/* At once, before anything is made, and also when it is changed later. */
static void what_v1_cannot_express_is_told(void **state)
{
	static const struct {
		const char *options, *words;
	} table[] = {
		{ "max = 64M\nhigh = 32M", "high" },           { "low = 32M", "low" },
		{ "max = 64M\noom_group = yes", "oom_group" }, { "swap = 1M", "--memory" },
		{ "max = max\nswap = 1M", "--memory" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		struct contain_ctx *host = cgroup1();

		refuses(cgroup1(), table[i].options, table[i].words);
		assert_int_equal(fakehost_options(host, table[i].options), 0);
		assert_true(fakehost_run(host, configure) < 0);
		assert_true(fakehost_run(host, update) < 0);
		assert_null(strstr(fakehost_log(host), " = "));
		fakehost_free(host);
	}
}

static struct contain_ctx *no_swap(int version)
{
	struct contain_ctx *host = fakehost_new();

	if (version == 1)
		fakehost_cgroup(host, "memory", 1, "memory.limit_in_bytes=" UNLIMITED);
	else
		fakehost_cgroup(host, "memory", 2, "memory.max=max\n", "memory.oom.group=0");
	return host;
}

static void a_kernel_without_swap_accounting(void **state)
{
	(void)state;
	applies(no_swap(1), "max = 64M",
		"cgroup use memory\n"
		"info: applying cgroup limits: memory=64M\n"
		"debug: swap is not limited: this kernel has no memory.memsw.limit_in_bytes\n"
		"cgroup memory/memory.limit_in_bytes = 67108864\n");
	applies(no_swap(2), "max = 64M\noom_group = no",
		"cgroup use memory\n"
		"info: applying cgroup limits: memory=64M\n"
		"debug: swap is not limited: this kernel has no memory.swap.max\n"
		"cgroup memory/memory.max = 67108864\n");
	refuses(no_swap(1), "max = 64M\nswap = 0", "swap");
	refuses(no_swap(2), "max = 64M\nswap = 0", "swap");
}

static void a_host_without_the_controller(void **state)
{
	struct contain_ctx *host = fakehost_new();

	(void)state;
	assert_int_equal(fakehost_run(host, configure), 0);
	assert_int_equal(fakehost_run(host, parent_prepare), 0);
	assert_int_equal(fakehost_run(host, report), 0);
	assert_string_equal(fakehost_log(host), "report peak_memory = -1 bytes\n"
						"report oom_kills = -1 count\n");
	fakehost_free(host);
	refuses(fakehost_new(), "max = 64M", "memory");
	refuses(fakehost_new(), "oom_group = yes", "memory");
}

static void reports(struct contain_ctx *host, const char *options, const char *log)
{
	assert_int_equal(fakehost_options(host, options), 0);
	assert_int_equal(fakehost_run(host, parent_started), 0);
	fakehost_forget(host);
	assert_int_equal(fakehost_run(host, report), 0);
	assert_string_equal(fakehost_log(host), log);
	fakehost_free(host);
}

/* What a limit below the start's own needs does: without parent_started. */
static void too_small_to_start(void **state)
{
	struct contain_ctx *host = cgroup1();

	(void)state;
	fakehost_cgroup(host, "memory", 1, "memory.failcnt=3\n", "memory.oom_control=oom_kill 0\n");
	assert_int_equal(fakehost_options(host, "max = 4K"), 0);
	assert_int_equal(fakehost_run(host, report), 0);
	assert_non_null(
		strstr(fakehost_log(host), "explain: the memory limit of 4K is too small to start the container\n"));
	fakehost_free(host);
	host = cgroup2();
	fakehost_cgroup(host, "memory", 2, "memory.events=max 9\noom 1\noom_kill 1\n");
	assert_int_equal(fakehost_options(host, "max = 100K"), 0);
	assert_int_equal(fakehost_run(host, report), 0);
	assert_non_null(strstr(fakehost_log(host),
			       "explain: the memory limit of 100K is too small to start the container "
			       "(out-of-memory kill)\n"));
	fakehost_free(host);
}

static void usage_in_v2(void **state)
{
	struct contain_ctx *host = cgroup2();

	(void)state;
	fakehost_cgroup(host, "memory", 2, "memory.peak=1234567\n",
			"memory.events=low 0\nhigh 0\nmax 9\noom 0\noom_kill 0\noom_group_kill 0\n");
	reports(host, "max = 64M", "report peak_memory = 1234567 bytes\nreport oom_kills = 0 count\n");
	host = cgroup2();
	fakehost_cgroup(host, "memory", 2, "memory.peak=67108864\n",
			"memory.events=low 0\nhigh 0\nmax 9\noom 1\noom_kill 2\noom_group_kill 1\n");
	reports(host, "max = 64M",
		"explain: out-of-memory kill: the container needed more than its memory limit of 64M; a "
		"larger --memory may help\n"
		"report peak_memory = 67108864 bytes\nreport oom_kills = 2 count\n");
	/* Killed, but not for its own limit. */
	host = cgroup2();
	fakehost_cgroup(host, "memory", 2, "memory.events=low 0\nhigh 0\nmax 0\noom 0\noom_kill 1\n");
	reports(host, "max = 64M",
		"explain: out-of-memory kill: the host, or a cgroup above the container's, ran out of memory\n"
		"report peak_memory = -1 bytes\nreport oom_kills = 1 count\n");
}

static void usage_in_v1(void **state)
{
	struct contain_ctx *host = cgroup1();

	(void)state;
	fakehost_cgroup(host, "memory", 1, "memory.max_usage_in_bytes=67108864\n",
			"memory.oom_control=oom_kill_disable 0\nunder_oom 0\noom_kill 1\n");
	reports(host, "max = 64M",
		"explain: out-of-memory kill: the container needed more than its memory limit of 64M; a "
		"larger --memory may help\n"
		"report peak_memory = 67108864 bytes\nreport oom_kills = 1 count\n");
}

/* While it runs: what it uses now, and the limit. */
static void running_in_v2(void **state)
{
	struct contain_ctx *host = cgroup2();

	(void)state;
	fakehost_cgroup(host, "memory", 2, "memory.peak=2000000\n", "memory.events=oom_kill 0\n",
			"memory.current=1234567\n", "memory.max=67108864\n");
	fakehost_running(host, true);
	reports(host, "max = 64M",
		"report peak_memory = 2000000 bytes\nreport oom_kills = 0 count\n"
		"report memory = 1234567 bytes\nreport memory_limit = 67108864 bytes\n");
	/* Without a limit. */
	host = cgroup2();
	fakehost_cgroup(host, "memory", 2, "memory.current=0\n");
	fakehost_running(host, true);
	reports(host, "",
		"report peak_memory = -1 bytes\nreport oom_kills = -1 count\n"
		"report memory = 0 bytes\nreport memory_limit = 9223372036854775807 bytes\n");
}

static void running_in_v1(void **state)
{
	struct contain_ctx *host = cgroup1();

	(void)state;
	fakehost_cgroup(host, "memory", 1, "memory.max_usage_in_bytes=2000000\n", "memory.oom_control=oom_kill 0\n",
			"memory.usage_in_bytes=1234567\n", "memory.limit_in_bytes=67108864\n");
	fakehost_running(host, true);
	reports(host, "max = 64M",
		"report peak_memory = 2000000 bytes\nreport oom_kills = 0 count\n"
		"report memory = 1234567 bytes\nreport memory_limit = 67108864 bytes\n");
	/* The number that v1 shows where there is no limit is none. */
	host = cgroup1();
	fakehost_cgroup(host, "memory", 1, "memory.usage_in_bytes=1\n");
	fakehost_running(host, true);
	reports(host, "",
		"report peak_memory = -1 bytes\nreport oom_kills = -1 count\n"
		"report memory = 1 bytes\nreport memory_limit = 9223372036854775807 bytes\n");
}

static void running_where_nothing_counts(void **state)
{
	struct contain_ctx *host = fakehost_new();

	(void)state;
	fakehost_running(host, true);
	reports(host, "",
		"report peak_memory = -1 bytes\nreport oom_kills = -1 count\n"
		"report memory = -1 bytes\nreport memory_limit = -1 bytes\n");
}

static void a_failed_write_is_passed_on(void **state)
{
	struct contain_ctx *hosts[] = { cgroup1(), cgroup2(), no_swap(1) };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		fakehost_break(hosts[i], "contain_cgroup_write", EBUSY);
		assert_int_equal(fakehost_options(hosts[i], "max = 64M"), 0);
		assert_int_equal(fakehost_run(hosts[i], parent_prepare), -EBUSY);
		fakehost_free(hosts[i]);
	}
}

/* cgroup2 would kill for it. */
static void an_update_below_what_is_used_is_refused(void **state)
{
	struct contain_ctx *host = cgroup2();

	(void)state;
	fakehost_cgroup(host, "memory", 2, "memory.current=67108864\n");
	assert_int_equal(fakehost_options(host, "max = 64M\nhigh = 60M"), 0);
	assert_int_equal(fakehost_run(host, configure), 0);
	assert_int_equal(fakehost_run(host, update), 0);
	assert_string_equal(fakehost_file(host, "memory", "memory.max"), "67108864");
	assert_int_equal(fakehost_options(host, "max = 32M\nhigh = 60M"), 0);
	assert_int_equal(fakehost_run(host, configure), 0);
	fakehost_forget(host);
	assert_int_equal(fakehost_run(host, update), -EBUSY);
	assert_string_equal(fakehost_log(host),
			    "cgroup memory/memory.high = 33554432\n"
			    "cgroup memory/memory.high = 62914560\n"
			    "fail: can't limit the memory to 32M: 64M of it are in use: Device or resource busy\n");
	fakehost_free(host);
}

static void exposes(const char *lines, const char *expected)
{
	struct contain_ctx *host = fakehost_new();

	assert_int_equal(fakehost_options(host, lines), 0);
	assert_int_equal(fakehost_run(host, check), 0);
	assert_string_equal(fakehost_log(host), expected);
	fakehost_free(host);
}

static void what_it_exposes(void **state)
{
	static const char none[] = "exposes 4: it can use up the host's memory: set max (--memory)\n";
	struct contain_ctx *host = fakehost_new();

	(void)state;
	exposes("", none);
	exposes("max = max", none);
	exposes("high = 64M", none);
	exposes("max = 64M", "");
	exposes("max = 64M\nswap = 0", "");
	exposes("max = 64M\nswap = 5M",
		"exposes 1: it can use 5M of the host's swap beside its memory: leave swap out\n");
	exposes("max = 64M\nswap = max",
		"exposes 2: it can use up the host's swap, and keep its disk busy: leave swap out\n");
	/* More than any machine has. */
	assert_int_equal(fakehost_options(host, "max = 1000000T"), 0);
	assert_int_equal(fakehost_run(host, check), 0);
	assert_non_null(strstr(fakehost_log(host), "exposes 3: its limit of 1000000T is not below the "));
	fakehost_free(host);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sizes_are_checked),
		cmocka_unit_test(limits_in_v2),
		cmocka_unit_test(limits_in_v1),
		cmocka_unit_test(order_in_v1),
		cmocka_unit_test(what_v1_cannot_express_is_told),
		cmocka_unit_test(a_kernel_without_swap_accounting),
		cmocka_unit_test(a_host_without_the_controller),
		cmocka_unit_test(usage_in_v2),
		cmocka_unit_test(usage_in_v1),
		cmocka_unit_test(running_in_v2),
		cmocka_unit_test(running_in_v1),
		cmocka_unit_test(running_where_nothing_counts),
		cmocka_unit_test(an_update_below_what_is_used_is_refused),
		cmocka_unit_test(too_small_to_start),
		cmocka_unit_test(a_failed_write_is_passed_on),
		cmocka_unit_test(what_it_exposes),
	};

	return cmocka_run_group_tests_name("cgroup-memory", tests, NULL, NULL);
}
