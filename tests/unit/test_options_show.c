/* SPDX-License-Identifier: MIT */
/* What an option is, and what its value is, for people and programs. */
#include <stdio.h>
#include <string.h>

#include "profile/options_show.h"
#include "unit.h"

struct sample {
	bool yes;
	int64_t number, pids, size, least, unset;
	int mode;
	const char *string, *none;
	struct contain_list list, empty;
	int custom;
};

static int parse_number(const char *text, void *value, char *why, size_t why_size)
{
	(void)why, (void)why_size;
	*(int *)value = (int)strlen(text);
	return 0;
}

static const char *const modes[] = { "private", "shared", NULL };

static const struct contain_option options[] = {
	CONTAIN_BOOL_OPTION(struct sample, yes, "yes", .flag = "yes", .help = "say \"yes\""),
	CONTAIN_INT_OPTION(struct sample, number, "number", .initial = "7", .min = -1, .max = 100),
	CONTAIN_INT_OPTION(struct sample, pids, "pids", .flags = CONTAIN_OR_MAX | CONTAIN_LIVE, .min = 1,
			   .flag = "pids", .short_flag = 'p', .metavar = "N"),
	CONTAIN_SIZE_OPTION(struct sample, size, "size", .flag = "size"),
	CONTAIN_SIZE_OPTION(struct sample, least, "least", .min = 4096, .max = 1 << 20, .flags = CONTAIN_REQUIRED),
	CONTAIN_INT_OPTION(struct sample, unset, "unset"),
	CONTAIN_ENUM_OPTION(struct sample, mode, "mode", .choices = modes, .initial = "shared"),
	CONTAIN_STRING_OPTION(struct sample, string, "string", .metavar = "TEXT"),
	CONTAIN_STRING_OPTION(struct sample, none, "none"),
	CONTAIN_LIST_OPTION(struct sample, list, "list", .flag = "list", .short_flag = 'l'),
	CONTAIN_LIST_OPTION(struct sample, empty, "empty"),
	CONTAIN_CUSTOM_OPTION(struct sample, custom, "custom", .parse = parse_number),
	CONTAIN_OPTIONS_END,
};

static const struct contain_option *find(const char *key)
{
	const struct contain_option *option = option_find(options, key);

	assert_non_null(option);
	return option;
}

static void expect_remarks(const char *key, const char *expected)
{
	_cleanup_text_ struct text text = { 0 };

	option_remarks(find(key), &text);
	assert_string_equal(text_peek(&text), expected);
}

static void remarks(void **state)
{
	(void)state;
	expect_remarks("yes", "");
	expect_remarks("number", "-1 to 100");
	expect_remarks("pids", "1 or more, or max; live");
	expect_remarks("size", "or max");
	expect_remarks("least", "4K to 1M; required");
	expect_remarks("unset", "");
	expect_remarks("mode", "private, shared");
	expect_remarks("list", "");
}

static void expect_flag(const char *key, const char *expected)
{
	_cleanup_text_ struct text text = { 0 };

	option_flag_text(find(key), &text);
	assert_string_equal(text_peek(&text), expected);
}

static void flags(void **state)
{
	(void)state;
	expect_flag("yes", "--yes");
	expect_flag("number", "");
	expect_flag("pids", "-p, --pids N");
	expect_flag("size", "--size VALUE");
	expect_flag("list", "-l, --list VALUE");
}

static void expect_json(const char *key, const char *expected)
{
	_cleanup_text_ struct text json = { 0 };

	option_json(find(key), &json);
	assert_string_equal(text_peek(&json), expected);
}

static void json(void **state)
{
	_cleanup_text_ struct text none = { 0 };

	(void)state;
	expect_json("yes",
		    "{\"key\":\"yes\",\"type\":\"bool\",\"default\":null,\"min\":null,\"max\":null,\"takes_max\":false,"
		    "\"choices\":null,\"flag\":\"yes\",\"short_flag\":null,\"metavar\":null,"
		    "\"help\":\"say \\\"yes\\\"\",\"required\":false,\"live\":false}");
	expect_json("pids",
		    "{\"key\":\"pids\",\"type\":\"int\",\"default\":null,\"min\":1,\"max\":null,\"takes_max\":true,"
		    "\"choices\":null,\"flag\":\"pids\",\"short_flag\":\"p\",\"metavar\":\"N\",\"help\":null,"
		    "\"required\":false,\"live\":true}");
	expect_json("least", "{\"key\":\"least\",\"type\":\"size\",\"default\":null,\"min\":4096,\"max\":1048576,"
			     "\"takes_max\":false,\"choices\":null,\"flag\":null,\"short_flag\":null,\"metavar\":null,"
			     "\"help\":null,\"required\":true,\"live\":false}");
	expect_json("mode",
		    "{\"key\":\"mode\",\"type\":\"enum\",\"default\":\"shared\",\"min\":null,\"max\":null,"
		    "\"takes_max\":false,\"choices\":[\"private\",\"shared\"],\"flag\":null,\"short_flag\":null,"
		    "\"metavar\":null,\"help\":null,\"required\":false,\"live\":false}");
	options_json(NULL, &none);
	assert_string_equal(text_peek(&none), "[]");
}

static void is_shown(const struct settings *settings, const char *key, const char *expected)
{
	_cleanup_text_ struct text text = { 0 };
	bool has = settings_text(settings, find(key), &text);

	assert_string_equal(has ? text_peek(&text) : "(none)", expected);
	assert_true(has || text.length == 0);
}

static void values(void **state)
{
	static const char *const rows[][2] = { { "yes", "on" },     { "pids", "max" },  { "size", "65536K" },
					       { "least", "5000" }, { "string", "" },   { "list", "a" },
					       { "list", "b" },     { "custom", "5/6" } };
	struct settings settings = { .section = "s", .options = options, .self_size = sizeof(struct sample) };
	_cleanup_text_ struct text errors = { 0 };
	struct profile profile = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_int_equal(profile_add_entry(&profile, "s", rows[i][0], rows[i][1], (struct origin){ "--x", 0 }),
				 0);
	assert_int_equal(settings_fill(&settings, &profile, &errors), 0);
	is_shown(&settings, "yes", "yes");
	is_shown(&settings, "number", "7");
	is_shown(&settings, "pids", "max");
	is_shown(&settings, "size", "64M");
	is_shown(&settings, "least", "5000");
	is_shown(&settings, "unset", "(none)");
	is_shown(&settings, "mode", "shared");
	is_shown(&settings, "string", "");
	is_shown(&settings, "none", "(none)");
	is_shown(&settings, "list", "a, b");
	is_shown(&settings, "empty", "(none)");
	is_shown(&settings, "custom", "5/6");
	settings_free(&settings);
	profile_free(&profile);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(remarks),
		cmocka_unit_test(flags),
		cmocka_unit_test(json),
		cmocka_unit_test(values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
