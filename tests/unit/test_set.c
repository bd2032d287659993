/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <errno.h>
#include <string.h>

#include "profile/set.h"

static void the_form(void **state)
{
	static const char *const good[] = { "a.b=c", "a.b=", "a.b=c=d", "a.b=c.d", "cgroup-cpu.weight=50", "a.b.c=d" };
	static const char *const bad[] = { "", "a", "a.b", "a=b", ".b=c", "a.=c", "=", ".=", "a=b.c", "=a.b" };
	char why[128];

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++)
		assert_int_equal(set_check(good[i], NULL, why, sizeof(why)), 0);
	for (size_t i = 0; i < COUNT(bad); i++) {
		*why = '\0';
		if (set_check(bad[i], NULL, why, sizeof(why)) != -EINVAL)
			fail_msg("'%s' passed", bad[i]);
		assert_string_equal(why, "is not of the form PLUGIN.KEY=VALUE");
	}
}

static void sections_that_are_no_settings(void **state)
{
	char why[128];

	(void)state;
	assert_int_equal(set_check("plugins.netns=on", NULL, why, sizeof(why)), -EINVAL);
	assert_non_null(strstr(why, "--enable"));
	assert_int_equal(set_check("profile.inherits=x", NULL, why, sizeof(why)), -EINVAL);
	assert_non_null(strstr(why, "--profile"));
	assert_int_equal(set_check("pluginsx.a=b", NULL, why, sizeof(why)), 0);
}

static void added(void **state)
{
	struct profile profile = { 0 };
	const struct entry *entry;

	(void)state;
	assert_int_equal(set_add(&profile, "cgroup-cpu.weight=50"), 0);
	assert_int_equal(set_add(&profile, "process.env=A=b.c d"), 0);
	assert_int_equal(set_add(&profile, "mountns.volume="), 0);
	assert_int_equal(profile.entry_count, 3);
	entry = &profile.entries[0];
	assert_string_equal(entry->section, "cgroup-cpu");
	assert_string_equal(entry->key, "weight");
	assert_string_equal(entry->value, "50");
	/* How a mistake in it is placed: without the value, and without a line. */
	assert_string_equal(entry->origin.source, "--set cgroup-cpu.weight");
	assert_int_equal(entry->origin.line, 0);
	/* The value may hold anything. */
	entry = &profile.entries[1];
	assert_string_equal(entry->section, "process");
	assert_string_equal(entry->key, "env");
	assert_string_equal(entry->value, "A=b.c d");
	assert_string_equal(entry->origin.source, "--set process.env");
	assert_string_equal(profile.entries[2].value, "");
	profile_free(&profile);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(the_form),
		cmocka_unit_test(sections_that_are_no_settings), cmocka_unit_test(added) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
