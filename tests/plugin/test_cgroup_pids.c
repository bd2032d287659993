/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fakehost.h"

static int options(const char *lines)
{
	struct contain_ctx *host = fakehost_new();
	int error = fakehost_options(host, lines);

	fakehost_free(host);
	return error;
}

static void numbers_are_checked(void **state)
{
	(void)state;
	assert_int_equal(options("max = 1"), 0);
	assert_int_equal(options("max = 4194304"), 0);
	assert_int_equal(options("max = max"), 0);
	assert_int_equal(options("max ="), -EINVAL);
	assert_int_equal(options("max = 0"), -EINVAL);
	assert_int_equal(options("max = -1"), -EINVAL);
	assert_int_equal(options("max = 4194305"), -EINVAL);
	assert_int_equal(options("max = 64x"), -EINVAL);
	assert_int_equal(options("max = many"), -EINVAL);
	assert_int_equal(options("limit = 64"), -EINVAL);
}

static void limits(void **state)
{
	struct contain_ctx *host = fakehost_new();

	(void)state;
	fakehost_cgroup(host, "pids", 1, "pids.max=max");
	assert_int_equal(fakehost_options(host, "max = 64"), 0);
	assert_int_equal(fakehost_run(host, configure), 0);
	assert_int_equal(fakehost_run(host, parent_prepare), 0);
	assert_string_equal(fakehost_log(host), "cgroup use pids\n"
						"info: applying cgroup limits: pids=64\n"
						"cgroup pids/pids.max = 64\n");
	fakehost_forget(host);
	assert_int_equal(fakehost_options(host, "max = max"), 0);
	assert_int_equal(fakehost_run(host, update), 0);
	assert_string_equal(fakehost_log(host), "info: applying cgroup limits: pids=max\n"
						"cgroup pids/pids.max = max\n");
	fakehost_free(host);
}

static void without_a_limit_it_counts(void **state)
{
	struct contain_ctx *host = fakehost_new();

	(void)state;
	fakehost_cgroup(host, "pids", 2, "pids.max=max", "pids.peak=17\n");
	assert_int_equal(fakehost_run(host, configure), 0);
	assert_int_equal(fakehost_run(host, parent_prepare), 0);
	assert_int_equal(fakehost_run(host, report), 0);
	assert_string_equal(fakehost_log(host), "cgroup use pids\n"
						"report peak_processes = 17 count\n");
	fakehost_free(host);
}

static void a_host_without_pids(void **state)
{
	struct contain_ctx *host = fakehost_new();

	(void)state;
	assert_int_equal(fakehost_run(host, configure), 0);
	assert_int_equal(fakehost_run(host, parent_prepare), 0);
	assert_int_equal(fakehost_run(host, report), 0);
	assert_string_equal(fakehost_log(host), "report peak_processes = -1 count\n");
	/* But a limit that is asked for must hold. */
	assert_int_equal(fakehost_options(host, "max = 64"), 0);
	assert_true(fakehost_run(host, configure) < 0);
	assert_non_null(strstr(fakehost_error(host), "pids"));
	fakehost_free(host);
}

/* While it runs: what there is now, and may be. The files are the same in both versions. */
static void running(void **state)
{
	(void)state;
	for (int version = 1; version <= 2; version++) {
		struct contain_ctx *host = fakehost_new();

		fakehost_cgroup(host, "pids", version, "pids.max=64\n", "pids.current=3\n", "pids.peak=17\n");
		fakehost_running(host, true);
		assert_int_equal(fakehost_run(host, report), 0);
		assert_string_equal(fakehost_log(host), "report peak_processes = 17 count\n"
							"report processes = 3 count\n"
							"report processes_limit = 64 count\n");
		fakehost_forget(host);
		fakehost_cgroup(host, "pids", version, "pids.max=max\n", "pids.current=4\n");
		assert_int_equal(fakehost_run(host, report), 0);
		assert_string_equal(fakehost_log(host), "report peak_processes = 17 count\n"
							"report processes = 4 count\n"
							"report processes_limit = 9223372036854775807 count\n");
		/* At the end nothing is now. */
		fakehost_forget(host);
		fakehost_running(host, false);
		assert_int_equal(fakehost_run(host, report), 0);
		assert_string_equal(fakehost_log(host), "report peak_processes = 17 count\n");
		fakehost_free(host);
	}
}

static void running_where_nothing_counts(void **state)
{
	struct contain_ctx *host = fakehost_new();

	(void)state;
	fakehost_running(host, true);
	assert_int_equal(fakehost_run(host, report), 0);
	assert_string_equal(fakehost_log(host), "report peak_processes = -1 count\n"
						"report processes = -1 count\n"
						"report processes_limit = -1 count\n");
	fakehost_free(host);
}

static void a_failed_write_is_passed_on(void **state)
{
	struct contain_ctx *host = fakehost_new();

	(void)state;
	fakehost_cgroup(host, "pids", 2, "pids.max=max");
	fakehost_break(host, "contain_cgroup_write", EINVAL);
	assert_int_equal(fakehost_options(host, "max = 64"), 0);
	assert_int_equal(fakehost_run(host, parent_prepare), -EINVAL);
	fakehost_free(host);
}

static void what_it_exposes(void **state)
{
	static const char *const none[] = { "", "max = max", "max = 4194304" }, *const some[] = { "max = 1",
												  "max = 4194303" };
	struct contain_ctx *host = fakehost_new();

	(void)state;
	for (size_t i = 0; i < sizeof(none) / sizeof(*none); i++) {
		assert_int_equal(fakehost_options(host, none[i]), 0);
		assert_int_equal(fakehost_run(host, check), 0);
		assert_string_equal(fakehost_log(host),
				    "exposes 4: it can start so many processes that the host can start "
				    "none: set max (--pids)\n");
		fakehost_forget(host);
	}
	for (size_t i = 0; i < sizeof(some) / sizeof(*some); i++) {
		assert_int_equal(fakehost_options(host, some[i]), 0);
		assert_int_equal(fakehost_run(host, check), 0);
		assert_string_equal(fakehost_log(host), "");
	}
	fakehost_free(host);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_checked),          cmocka_unit_test(limits),
		cmocka_unit_test(without_a_limit_it_counts),    cmocka_unit_test(a_host_without_pids),
		cmocka_unit_test(a_failed_write_is_passed_on),  cmocka_unit_test(running),
		cmocka_unit_test(running_where_nothing_counts), cmocka_unit_test(what_it_exposes),
	};

	return cmocka_run_group_tests_name("cgroup-pids", tests, NULL, NULL);
}
