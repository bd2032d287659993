/* SPDX-License-Identifier: MIT */
/* Where a value, and a plugin's being on, comes from. */
#include <stdio.h>

#include "profile/sources.h"
#include "unit.h"

struct sample {
	int64_t size;
	struct contain_list list;
};

static const struct contain_option size = CONTAIN_SIZE_OPTION(struct sample, size, "max", .initial = "1M");
static const struct contain_option list = CONTAIN_LIST_OPTION(struct sample, list, "env");

static void add(struct profile *profile, const char *section, const char *key, const char *value, const char *source,
		int line)
{
	assert_int_equal(profile_add_entry(profile, section, key, value, (struct origin){ source, line }), 0);
}

/* "beaten beaten | made made", each SOURCE:LINE=VALUE. */
static void expect(const struct profile *profile, const char *section, const struct contain_option *option,
		   const char *expected)
{
	_cleanup_sources_ struct sources sources = { 0 };
	_cleanup_text_ struct text text = { 0 };

	assert_int_equal(sources_find(profile, section, option, &sources), 0);
	for (size_t i = 0; i < sources.count; i++) {
		const struct entry *entry = sources.entries[i];

		text_printf(&text, "%s%s:%d=%s ", i == sources.first ? "| " : "", entry->origin.source,
			    entry->origin.line, entry->value);
	}
	assert_string_equal(text_peek(&text), expected);
}

static void single(void **state)
{
	struct profile profile = { 0 };

	(void)state;
	expect(&profile, "memory", &size, "");
	add(&profile, "memory", "high", "3M", "a.ini", 1);
	add(&profile, "other", "max", "3M", "a.ini", 2);
	expect(&profile, "memory", &size, "");
	add(&profile, "memory", "max", "2M", "a.ini", 3);
	expect(&profile, "memory", &size, "| a.ini:3=2M ");
	add(&profile, "memory", "max", "", "b.ini", 1);
	add(&profile, "memory", "max", "4M", "--memory", 0);
	expect(&profile, "memory", &size, "a.ini:3=2M b.ini:1= | --memory:0=4M ");
	profile_free(&profile);
}

static void lists(void **state)
{
	struct profile profile = { 0 };

	(void)state;
	add(&profile, "process", "env", "A", "a.ini", 1);
	add(&profile, "process", "env", "B", "a.ini", 2);
	expect(&profile, "process", &list, "| a.ini:1=A a.ini:2=B ");
	add(&profile, "process", "env", "", "b.ini", 1);
	expect(&profile, "process", &list, "a.ini:1=A a.ini:2=B | b.ini:1= ");
	add(&profile, "process", "env", "", "b.ini", 2);
	expect(&profile, "process", &list, "a.ini:1=A a.ini:2=B | b.ini:2= ");
	add(&profile, "process", "env", "C", "b.ini", 3);
	add(&profile, "process", "env", "D", "--env", 0);
	expect(&profile, "process", &list, "a.ini:1=A a.ini:2=B | b.ini:3=C --env:0=D ");
	profile_free(&profile);
}

/* An emptied list that was empty anyway. */
static void emptied_first(void **state)
{
	struct profile profile = { 0 };

	(void)state;
	add(&profile, "process", "env", "", "a.ini", 1);
	expect(&profile, "process", &list, "| a.ini:1= ");
	add(&profile, "process", "env", "A", "a.ini", 2);
	expect(&profile, "process", &list, "| a.ini:2=A ");
	profile_free(&profile);
}

static void mention(struct profile *profile, bool on, const char *source, int line)
{
	assert_int_equal(profile_add_switch(profile, "netns", on, (struct origin){ source, line }), 0);
	/* Others are none of its business. */
	assert_int_equal(profile_add_switch(profile, "pidns", line % 2, (struct origin){ "x", 1 }), 0);
}

static void expect_switch(const struct profile *profile, const char *expected, const char *beaten_expected)
{
	const struct switch_ *cause = sources_of_switch(profile, "netns"),
			     *beaten = sources_beaten_switch(profile, "netns");
	char text[64] = "none", beaten_text[64] = "none";

	if (cause)
		snprintf(text, sizeof(text), "%s:%d %d", cause->origin.source, cause->origin.line, cause->on);
	if (beaten)
		snprintf(beaten_text, sizeof(beaten_text), "%s:%d %d", beaten->origin.source, beaten->origin.line,
			 beaten->on);
	assert_string_equal(text, expected);
	assert_string_equal(beaten_text, beaten_expected);
}

static void switches(void **state)
{
	struct profile profile = { 0 };

	(void)state;
	expect_switch(&profile, "none", "none");
	mention(&profile, true, "base.ini", 3);
	expect_switch(&profile, "base.ini:3 1", "none");
	/* A flag of a plugin that is on anyway. */
	mention(&profile, true, "--net", 0);
	expect_switch(&profile, "base.ini:3 1", "none");
	mention(&profile, false, "heir.ini", 2);
	mention(&profile, false, "heir.ini", 9);
	expect_switch(&profile, "heir.ini:2 0", "base.ini:3 1");
	mention(&profile, true, "--enable", 0);
	mention(&profile, true, "--net", 0);
	expect_switch(&profile, "--enable:0 1", "heir.ini:2 0");
	/* What the profile says at last is as before. */
	assert_string_equal(profile_find_switch(&profile, "netns")->origin.source, "--net");
	profile_free(&profile);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(single),
		cmocka_unit_test(lists),
		cmocka_unit_test(emptied_first),
		cmocka_unit_test(switches),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
