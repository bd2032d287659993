/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <contain/plugin.h>

#include "profile/shadow.h"

struct some {
	const char *name;
	struct contain_list list;
};

static const struct contain_option options[] = {
	CONTAIN_STRING_OPTION(struct some, name, "name"),
	CONTAIN_LIST_OPTION(struct some, list, "list"),
	CONTAIN_OPTIONS_END,
};

struct given {
	const char *section, *key, *value, *source;
	int line;
};

static void check(const struct given *given, size_t count, const char *expected)
{
	struct profile profile = { 0 };
	struct text lines = { 0 };

	for (size_t i = 0; i < count; i++)
		assert_int_equal(profile_add_entry(&profile, given[i].section, given[i].key, given[i].value,
						   (struct origin){ given[i].source, given[i].line }),
				 0);
	shadow_find(&profile, "some", options, &lines);
	assert_string_equal(text_peek(&lines), expected);
	text_free(&lines);
	profile_free(&profile);
}

static void a_later_value_beats(void **state)
{
	static const struct given values[] = {
		{ "some", "name", "a", "base", 3 },
		{ "other", "name", "b", "base", 5 },
		{ "some", "name", "c", "heir", 7 },
		{ "some", "name", "c", "heirs-heir", 9 },
	};

	(void)state;
	check(values, 4,
	      "base:3: [some] name = a counts for nothing: heir:7 beats it\n"
	      "heir:7: [some] name = c counts for nothing: heirs-heir:9 says the same\n");
	check(values, 2, "");
}

static void a_list_adds_up_unless_it_is_emptied(void **state)
{
	static const struct given values[] = {
		{ "some", "list", "a", "base", 1 },
		{ "some", "list", "b", "heir", 2 },
		{ "some", "list", "", "heir", 3 },
		{ "some", "list", "c", "heir", 4 },
	};

	(void)state;
	check(values, 2, "");
	check(values, 4,
	      "base:1: [some] list = a counts for nothing: heir:3 empties it\n"
	      "heir:2: [some] list = b counts for nothing: heir:3 empties it\n");
}

static void the_command_line_is_meant_so(void **state)
{
	static const struct given values[] = {
		{ "some", "name", "a", "base", 1 },
		{ "some", "name", "b", "--name", 0 },
		{ "some", "nosuch", "a", "base", 2 },
		{ "some", "nosuch", "b", "heir", 2 },
	};

	(void)state;
	check(values, 4, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_later_value_beats),
		cmocka_unit_test(a_list_adds_up_unless_it_is_emptied),
		cmocka_unit_test(the_command_line_is_meant_so),
	};

	return cmocka_run_group_tests_name("shadow", tests, NULL, NULL);
}
