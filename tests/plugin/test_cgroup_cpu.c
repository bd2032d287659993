/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <string.h>

#include <cmocka.h>

#include "fakehost.h"

static struct contain_ctx *cgroup2(void)
{
	struct contain_ctx *host = fakehost_new();

	fakehost_cgroup(host, "cpu", 2, "cpu.max=max 100000\n", "cpu.weight=100\n",
			"cpu.stat=usage_usec 1234567\nuser_usec 1000000\nsystem_usec 234567\n");
	return host;
}

static struct contain_ctx *cgroup1(void)
{
	struct contain_ctx *host = fakehost_new();

	fakehost_cgroup(host, "cpu", 1, "cpu.cfs_period_us=100000\n", "cpu.cfs_quota_us=-1\n", "cpu.shares=1024\n",
			"cpu.stat=nr_periods 0\n");
	fakehost_cgroup(host, "cpuacct", 1, "cpuacct.usage=1234567890\n");
	return host;
}

/* What the kernel is given for a quota as the user writes it. */
static void quota_formats(void **state)
{
	static const struct {
		const char *quota, *shown, *max;
	} table[] = {
		{ "50000", "50000", "50000 100000" },
		{ "1000", "1000", "1000 100000" },
		{ "250000", "250000", "250000 100000" },
		{ "50000/20000", "50000/20000", "50000 20000" },
		{ "50000/100000", "50000", "50000 100000" },
		{ "1000/1000", "1000/1000", "1000 1000" },
		{ "1000/1000000", "1000/1000000", "1000 1000000" },
		{ "0.5", "50000", "50000 100000" },
		{ "1.5", "150000", "150000 100000" },
		{ "2.0", "200000", "200000 100000" },
		{ "0.01", "1000", "1000 100000" },
		{ "0.333333", "33333", "33333 100000" },
		{ "17592186044415", "17592186044415", "17592186044415 100000" },
		{ "max", "max", "max 100000" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		struct contain_ctx *host = cgroup2();
		char text[256];

		snprintf(text, sizeof(text), "quota = %s", table[i].quota);
		assert_int_equal(fakehost_options(host, text), 0);
		assert_int_equal(fakehost_run(host, parent_prepare), 0);
		assert_string_equal(fakehost_file(host, "cpu", "cpu.max"), table[i].max);
		snprintf(text, sizeof(text), "info: applying cgroup limits: cpu=%s\ncgroup cpu/cpu.max = %s\n",
			 table[i].shown, table[i].max);
		assert_string_equal(fakehost_log(host), text);
		fakehost_free(host);
	}
}

static void wrong_quotas_have_their_own_words(void **state)
{
	static const struct {
		const char *quota, *words;
	} table[] = {
		{ "", "empty" },
		{ "-1", "negative" },
		{ "-0.5", "negative" },
		{ "lots", "not a number" },
		{ ".5", "not a number" },
		{ "1.", "not a number" },
		{ "1.2.3", "not a number" },
		{ "+5", "not a number" },
		{ "50000x", "behind the number" },
		{ "50000 ms", "behind the number" },
		{ "0.5x", "behind the number of cpus" },
		{ "0.5/20000", "takes no period" },
		{ "maximum", "not a number" },
		{ "max/100000", "not a number" },
		{ "0", "zero" },
		{ "0.0", "zero" },
		{ "0/100000", "zero" },
		{ "999", "too small" },
		{ "2", "write 2.0" },
		{ "0.009", "too small" },
		{ "17592186044416", "too large" },
		{ "99999999999999999999", "too large" },
		{ "99999999999999999999.5", "too large" },
		{ "175921861.0", "too large" },
		{ "50000/", "the period" },
		{ "50000/x", "the period" },
		{ "50000/-1", "the period" },
		{ "50000/999", "1000 to 1000000" },
		{ "50000/1000001", "1000 to 1000000" },
		{ "50000/99999999999999999999", "1000 to 1000000" },
		{ "50000/20000/3", "the period" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		struct contain_ctx *host = fakehost_new();
		char text[256];

		snprintf(text, sizeof(text), "quota = %s", table[i].quota);
		assert_int_equal(fakehost_options(host, text), -EINVAL);
		if (!strstr(fakehost_errors(host), table[i].words))
			fail_msg("'%s': no '%s' in: %s", table[i].quota, table[i].words, fakehost_errors(host));
		fakehost_free(host);
	}
}

static void weight_is_checked(void **state)
{
	struct contain_ctx *host = fakehost_new();

	(void)state;
	assert_int_equal(fakehost_options(host, "weight = 10000"), 0);
	assert_int_equal(fakehost_options(host, "weight = 0"), -EINVAL);
	assert_int_equal(fakehost_options(host, "weight = 10001"), -EINVAL);
	fakehost_free(host);
}

static void weight_in_both_versions(void **state)
{
	static const struct {
		const char *option, *weight, *shares;
	} table[] = { { "weight = 100", "100", "1024" },
		      { "weight = 1", "1", "10" },
		      { "weight = 10000", "10000", "102400" } };

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		struct contain_ctx *new = cgroup2(), *old = cgroup1();

		assert_int_equal(fakehost_options(new, table[i].option), 0);
		assert_int_equal(fakehost_run(new, parent_prepare), 0);
		assert_string_equal(fakehost_file(new, "cpu", "cpu.weight"), table[i].weight);
		assert_string_equal(fakehost_file(new, "cpu", "cpu.max"), "max 100000\n");
		assert_int_equal(fakehost_options(old, table[i].option), 0);
		assert_int_equal(fakehost_run(old, parent_prepare), 0);
		assert_string_equal(fakehost_file(old, "cpu", "cpu.shares"), table[i].shares);
		assert_string_equal(fakehost_file(old, "cpu", "cpu.cfs_quota_us"), "-1\n");
		fakehost_free(new);
		fakehost_free(old);
	}
}

static void update_to(struct contain_ctx *host, const char *options, const char *log)
{
	assert_int_equal(fakehost_options(host, options), 0);
	fakehost_forget(host);
	assert_int_equal(fakehost_run(host, update), 0);
	assert_string_equal(fakehost_log(host), log);
}

/* Between two writes the part of the time is never greater than before and after. */
static void order_in_v1(void **state)
{
	struct contain_ctx *host = cgroup1();

	(void)state;
	update_to(host, "quota = 50000",
		  "info: applying cgroup limits: cpu=50000\n"
		  "cgroup cpu/cpu.cfs_period_us = 100000\n"
		  "cgroup cpu/cpu.cfs_quota_us = 50000\n");
	update_to(host, "quota = 10000/20000",
		  "info: applying cgroup limits: cpu=10000/20000\n"
		  "cgroup cpu/cpu.cfs_quota_us = 10000\n"
		  "cgroup cpu/cpu.cfs_period_us = 20000\n");
	update_to(host, "quota = 0.9",
		  "info: applying cgroup limits: cpu=90000\n"
		  "cgroup cpu/cpu.cfs_period_us = 100000\n"
		  "cgroup cpu/cpu.cfs_quota_us = 90000\n");
	update_to(host, "quota = max",
		  "info: applying cgroup limits: cpu=max\n"
		  "cgroup cpu/cpu.cfs_period_us = 100000\n"
		  "cgroup cpu/cpu.cfs_quota_us = -1\n");
	fakehost_free(host);
}

static void asks_for_what_it_needs(void **state)
{
	struct contain_ctx *new = cgroup2(), *old = cgroup1(), *none = fakehost_new();

	(void)state;
	assert_int_equal(fakehost_run(new, configure), 0);
	assert_int_equal(fakehost_run(new, parent_prepare), 0);
	assert_string_equal(fakehost_log(new), "cgroup use cpu\n");
	assert_int_equal(fakehost_run(old, configure), 0);
	assert_int_equal(fakehost_run(old, parent_prepare), 0);
	/* Also without a limit, which may come while it runs. */
	assert_string_equal(fakehost_log(old), "cgroup use cpu\ncgroup use cpuacct\n");
	assert_int_equal(fakehost_run(none, configure), 0);
	assert_string_equal(fakehost_log(none), "");
	assert_int_equal(fakehost_options(none, "quota = 0.5"), 0);
	assert_true(fakehost_run(none, configure) < 0);
	fakehost_free(new);
	fakehost_free(old);
	fakehost_free(none);
}

static void reports_the_time(void **state)
{
	struct contain_ctx *new = cgroup2(), *old = cgroup1(), *none = fakehost_new();

	(void)state;
	assert_int_equal(fakehost_run(new, report), 0);
	assert_string_equal(fakehost_log(new), "report cpu_time = 1234567 usec\n");
	assert_int_equal(fakehost_run(old, report), 0);
	assert_string_equal(fakehost_log(old), "report cpu_time = 1234567 usec\n");
	assert_int_equal(fakehost_run(none, report), 0);
	assert_string_equal(fakehost_log(none), "report cpu_time = -1 usec\n");
	fakehost_free(new);
	fakehost_free(old);
	fakehost_free(none);
}

/* And it is the last: nothing is written after it. */
static void a_failed_write_is_passed_on(void **state)
{
	static const char *const options[] = { "quota = 0.5\nweight = 10", "quota = 1000/1000\nweight = 10" };
	struct contain_ctx *hosts[] = { cgroup2(), cgroup1() };

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct contain_ctx *host = hosts[i / 2];

		fakehost_forget(host);
		fakehost_break(host, "contain_cgroup_write", EINVAL);
		assert_int_equal(fakehost_options(host, options[i % 2]), 0);
		assert_int_equal(fakehost_run(host, parent_prepare), -EINVAL);
		assert_null(strstr(strstr(fakehost_log(host), "fail: ") + 1, "fail: "));
	}
	fakehost_free(hosts[0]);
	fakehost_free(hosts[1]);
}

static void what_it_exposes(void **state)
{
	static const char *const none[] = { "", "quota = max", "weight = 1" };
	struct contain_ctx *host = fakehost_new();
	char text[64];
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);

	(void)state;
	for (size_t i = 0; i < sizeof(none) / sizeof(*none); i++) {
		assert_int_equal(fakehost_options(host, none[i]), 0);
		assert_int_equal(fakehost_run(host, check), 0);
		assert_string_equal(fakehost_log(host),
				    "exposes 2: it can keep every cpu of the host busy: set quota (--cpu)\n");
		fakehost_forget(host);
	}
	/* As many cpus as there are are no limit, and a little less is one. */
	snprintf(text, sizeof(text), "quota = %ld.0", cpus);
	assert_int_equal(fakehost_options(host, text), 0);
	assert_int_equal(fakehost_run(host, check), 0);
	assert_non_null(strstr(fakehost_log(host), "exposes 2: its quota is not below the "));
	fakehost_forget(host);
	snprintf(text, sizeof(text), "quota = %ld/1000", cpus * 1000 - 1);
	assert_int_equal(fakehost_options(host, cpus > 1 ? text : "quota = 0.9"), 0);
	assert_int_equal(fakehost_run(host, check), 0);
	assert_string_equal(fakehost_log(host), "");
	fakehost_free(host);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(quota_formats),     cmocka_unit_test(wrong_quotas_have_their_own_words),
		cmocka_unit_test(weight_is_checked), cmocka_unit_test(weight_in_both_versions),
		cmocka_unit_test(order_in_v1),       cmocka_unit_test(asks_for_what_it_needs),
		cmocka_unit_test(reports_the_time),  cmocka_unit_test(a_failed_write_is_passed_on),
		cmocka_unit_test(what_it_exposes),
	};

	return cmocka_run_group_tests_name("cgroup-cpu", tests, NULL, NULL);
}
