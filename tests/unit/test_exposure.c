/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <contain/plugin.h>

#include <sched.h>
#include <stdbool.h>
#include <string.h>

#include "cli/exposure.h"

static uint32_t all(void)
{
	return (UINT32_C(1) << fact_count) - 1;
}

static uint32_t named(const char *name)
{
	for (size_t i = 0; i < fact_count; i++) {
		if (strcmp(facts[i].name, name) == 0)
			return UINT32_C(1) << i;
	}
	fail_msg("no fact '%s'", name);
	return 0;
}

static void the_table_is_sound(void **state)
{
	(void)state;
	assert_in_range(fact_count, 1, 31);
	for (size_t i = 0; i < fact_count; i++) {
		const struct fact *fact = &facts[i];

		assert_in_range(fact->points, 1, 10);
		assert_non_null(fact->open);
		assert_non_null(fact->closed);
		assert_true(fact->kind == FACT_NAMESPACE ? fact->flag && !fact->remedy : fact->remedy != NULL);
		assert_true((fact->kind == FACT_CONTROLLER || fact->kind == FACT_PROTECTION) == (fact->words != NULL));
		/* The worst first, as they are shown. */
		assert_true(i == 0 || facts[i - 1].points >= fact->points);
		assert_int_equal(named(fact->name), UINT32_C(1) << i);
	}
}

static void what_closes_a_fact(void **state)
{
	char *protections[] = { (char *)"seccomp", (char *)"something else" };
	char *prefix[] = { (char *)"seccom", (char *)"seccompx" };

	(void)state;
	assert_int_equal(facts_of(0, "", NULL, 0), 0);
	assert_int_equal(facts_of(CLONE_NEWNET, "", NULL, 0), named("net namespace"));
	assert_int_equal(facts_of(CLONE_NEWPID | CLONE_NEWTIME, "", NULL, 0),
			 named("pid namespace") | named("time namespace"));
	assert_int_equal(facts_of(0, " memory pids", NULL, 0), named("memory limit") | named("process limit"));
	/* Either name of it, and none that it begins with or that begins with it. */
	assert_int_equal(facts_of(0, " blkio", NULL, 0), named("io limit"));
	assert_int_equal(facts_of(0, "io", NULL, 0), named("io limit"));
	assert_int_equal(facts_of(0, " cpuacct mem memoryx ", NULL, 0), 0);
	assert_int_equal(facts_of(0, "", protections, 2), named("seccomp"));
	assert_int_equal(facts_of(0, "", prefix, 2), 0);
}

static void who_is_root(void **state)
{
	static const char *const roots[] = { NULL, "", "root", "root:nobody", "0", "0:5", "00" };
	static const char *const others[] = { "nobody", "1", "1:0", "rooty", "1000:root", "4294967295" };
	uint32_t user = named("user"), log = named("log");

	(void)state;
	for (size_t i = 0; i < COUNT(roots); i++) {
		assert_int_equal(facts_of_process(0, roots[i], 4096), log);
		/* Where root is nobody outside. */
		assert_int_equal(facts_of_process(named("users"), roots[i], 4096), log | user);
	}
	for (size_t i = 0; i < COUNT(others); i++)
		assert_int_equal(facts_of_process(0, others[i], CONTAIN_MAX), user);
}

static int tenths(uint32_t closed, const struct exposer *exposers, size_t count)
{
	return exposure_score(closed, exposers, count).tenths;
}

static void the_ends_of_the_scale(void **state)
{
	static const int one[] = { 1 }, ten[] = { 10 };
	const struct exposer nuisance = { 0, one, 1 }, gap = { 0, ten, 1 };

	(void)state;
	assert_int_equal(tenths(0, NULL, 0), 100);
	assert_int_equal(tenths(all(), NULL, 0), 0);
	/* Anything at all is more than nothing. */
	assert_int_equal(tenths(all() & ~named("log"), NULL, 0), 2);
	assert_int_equal(tenths(all(), &nuisance, 1), 2);
	/* A way to be root on the host. */
	assert_int_equal(tenths(all(), &gap, 1), 75);
	assert_true(exposure_score(all(), &gap, 1).way_out);
	assert_int_equal(tenths(all() & ~named("filesystem"), NULL, 0), 75);
	/* Not above the end. */
	assert_int_equal(tenths(0, &gap, 1), 100);
	assert_false(exposure_score(0, &gap, 1).way_out);
	assert_int_equal(exposure_score(0, &gap, 1).points, exposure_score(0, NULL, 0).possible + 10);
}

static void points_are_summed(void **state)
{
	static const int points[] = { 2, 3, 4 };
	uint32_t memory = named("memory limit");
	const struct exposer hole = { 0, points, 3 }, limit = { memory, points, 3 }, less = { memory, points, 1 };

	(void)state;
	assert_int_equal(exposer_points(&hole), 9);
	/* At most what it closes: 4. */
	assert_int_equal(exposer_points(&limit), 4);
	assert_int_equal(exposer_points(&less), 2);
	assert_int_equal(exposure_score(all() & ~memory, &limit, 1).points, 4);
	assert_int_equal(exposure_score(all() & ~memory, NULL, 0).points, 4);
	assert_int_equal(exposure_score(all() & ~memory, &less, 1).points, 2);
	assert_int_equal(exposure_score(all(), &hole, 1).points, 9);
}

/* Capabilities are one together with what makes them count and what makes the command root. */
static void capabilities_are_a_way_out(void **state)
{
	uint32_t capabilities = named("capabilities"), user_namespace = named("user namespace"), user = named("user"),
		 no_new_privs = named("no_new_privs");

	(void)state;
	assert_true(exposure_score(all() & ~(capabilities | user_namespace | user), NULL, 0).way_out);
	assert_true(exposure_score(all() & ~(capabilities | user_namespace | no_new_privs), NULL, 0).way_out);
	assert_false(exposure_score(all() & ~(capabilities | user_namespace), NULL, 0).way_out);
	assert_false(exposure_score(all() & ~(capabilities | user | no_new_privs), NULL, 0).way_out);
	assert_false(exposure_score(all() & ~(user_namespace | user | no_new_privs), NULL, 0).way_out);
}

/* Of a plugin that isolates little, 10 points are no way out that would not be there without it. */
static void a_way_out_counts_where_it_is_one(void **state)
{
	static const int ten[] = { 10 };
	uint32_t cpu = named("cpu limit"), filesystem = named("filesystem");
	const struct exposer little = { cpu, ten, 1 }, root = { filesystem, ten, 1 };

	(void)state;
	assert_int_equal(tenths(all() & ~cpu, &little, 1), tenths(all() & ~cpu, NULL, 0));
	assert_int_equal(tenths(all() & ~filesystem, &root, 1), 75);
}

/* Closing one more never raises the score: of all sets of facts, with nothing else open, and with something. */
static void closing_never_raises(void **state)
{
	static const int points[] = { 8, 2 };
	const struct exposer hole = { 0, points, 2 };
	uint8_t *scores = malloc((size_t)all() + 1);

	(void)state;
	assert_non_null(scores);
	for (size_t holes = 0; holes <= 1; holes++) {
		for (uint32_t set = 0; set <= all(); set++)
			scores[set] = (uint8_t)tenths(set, &hole, holes);
		for (uint32_t set = 0; set <= all(); set++) {
			for (size_t i = 0; i < fact_count; i++) {
				if (scores[set | UINT32_C(1) << i] > scores[set])
					fail_msg("closing '%s' raises the score of the set %#x", facts[i].name, set);
			}
		}
	}
	free(scores);
}

/* Plugins that each isolate something that no other does, and leave open what they like. */
static void switching_on_never_raises(void **state)
{
	static const int nothing[] = { 1 }, bad[] = { 10 }, many[] = { 10, 10, 9, 3, 1, 1 };
	const struct exposer plugins[] = {
		{ named("filesystem") | named("mnt namespace"), many, 6 },
		{ named("pid namespace"), bad, 1 },
		{ named("net namespace"), nothing, 0 },
		{ named("memory limit"), many, 5 },
		{ named("process limit"), nothing, 1 },
		{ named("cpu limit"), bad, 1 },
		{ named("capabilities") | named("no_new_privs") | named("seccomp"), many, 4 },
		{ named("users") | named("user namespace") | named("devices"), bad, 1 },
		{ named("ipc namespace"), nothing, 1 },
		{ named("uts namespace"), many, 3 },
	};
	uint32_t own = named("user") | named("log");

	(void)state;
	for (uint32_t set = 0; set < UINT32_C(1) << COUNT(plugins); set++) {
		struct exposer on[COUNT(plugins) + 1];
		size_t count = 0;
		int score;

		for (size_t i = 0; i < COUNT(plugins); i++) {
			if (set & UINT32_C(1) << i)
				on[count++] = plugins[i];
		}
		score = tenths(own, on, count);
		for (size_t i = 0; i < COUNT(plugins); i++) {
			on[count] = plugins[i];
			if (!(set & UINT32_C(1) << i) && tenths(own, on, count + 1) > score)
				fail_msg("plugin %zu raises the score of the set %#x", i, set);
		}
	}
}

static void words(void **state)
{
	(void)state;
	assert_string_equal(exposure_word(0), "PERFECT");
	assert_string_equal(exposure_word(1), "SAFE");
	assert_string_equal(exposure_word(9), "SAFE");
	assert_string_equal(exposure_word(10), "OK");
	assert_string_equal(exposure_word(49), "OK");
	assert_string_equal(exposure_word(50), "MEDIUM");
	assert_string_equal(exposure_word(74), "MEDIUM");
	assert_string_equal(exposure_word(75), "EXPOSED");
	assert_string_equal(exposure_word(89), "EXPOSED");
	assert_string_equal(exposure_word(90), "UNSAFE");
	assert_string_equal(exposure_word(99), "UNSAFE");
	assert_string_equal(exposure_word(100), "DANGEROUS");
}

static void numbers(void **state)
{
	static const struct {
		const char *text;
		int tenths;
	} good[] = {
		{ "0", 0 }, { "7", 70 }, { "7.4", 74 }, { "10", 100 }, { "10.0", 100 }, { "0.1", 1 }, { "007", 70 }
	};
	static const char *const bad[] = { "",     "x",  "-1",  "10.1", "11",  "7.45",
					   "7.",   ".5", "7,4", "7 ",   "1e1", "99999999999999999999",
					   "10.x", "+1" };
	char why[128];
	int value;

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++) {
		assert_int_equal(exposure_parse(good[i].text, &value, why, sizeof(why)), 0);
		assert_int_equal(value, good[i].tenths);
	}
	for (size_t i = 0; i < COUNT(bad); i++) {
		if (exposure_parse(bad[i], &value, why, sizeof(why)) == 0)
			fail_msg("'%s' is taken for %d", bad[i], value);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_table_is_sound),
		cmocka_unit_test(what_closes_a_fact),
		cmocka_unit_test(who_is_root),
		cmocka_unit_test(the_ends_of_the_scale),
		cmocka_unit_test(points_are_summed),
		cmocka_unit_test(capabilities_are_a_way_out),
		cmocka_unit_test(a_way_out_counts_where_it_is_one),
		cmocka_unit_test(closing_never_raises),
		cmocka_unit_test(switching_on_never_raises),
		cmocka_unit_test(words),
		cmocka_unit_test(numbers),
	};

	return cmocka_run_group_tests_name("exposure", tests, NULL, NULL);
}
