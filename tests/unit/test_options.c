/* SPDX-License-Identifier: MIT */
/* One option and one text: every type, its values, and the words of each refusal. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "profile/options.h"
#include "unit.h"

struct pair {
	int left, right;
};

struct sample {
	bool yes;
	int64_t number, size;
	int mode;
	const char *string;
	struct contain_list list;
	struct pair pair;
};

static int parse_pair(const char *text, void *value, char *why, size_t why_size)
{
	struct pair *pair = value;
	int end = 0;

	if (sscanf(text, "%d/%d%n", &pair->left, &pair->right, &end) == 2 && !text[end])
		return 0;
	if (strcmp(text, "mute"))
		snprintf(why, why_size, "not two numbers such as 1/2");
	return -EINVAL;
}

static int check_short(const char *text, void *value, char *why, size_t why_size)
{
	assert_null(value);
	if (strlen(text) <= 4)
		return 0;
	snprintf(why, why_size, "longer than 4 letters");
	return -ERANGE;
}

static const char *const modes[] = { "private", "shared", "slave", NULL };

static const struct contain_option boolean = CONTAIN_BOOL_OPTION(struct sample, yes, "yes");
static const struct contain_option integer = CONTAIN_INT_OPTION(struct sample, number, "number");
static const struct contain_option natural = CONTAIN_INT_OPTION(struct sample, number, "n", .min = 1);
static const struct contain_option pids =
	CONTAIN_INT_OPTION(struct sample, number, "pids", .flags = CONTAIN_OR_MAX, .min = 1, .max = CONTAIN_MAX);
static const struct contain_option weight = CONTAIN_INT_OPTION(struct sample, number, "weight", .min = 1, .max = 10000);
static const struct contain_option nice_ = CONTAIN_INT_OPTION(struct sample, number, "nice", .min = -20, .max = 19);
static const struct contain_option low = CONTAIN_INT_OPTION(struct sample, number, "low", .min = INT64_MIN, .max = 5);
static const struct contain_option limit = CONTAIN_SIZE_OPTION(struct sample, size, "max");
static const struct contain_option swap =
	CONTAIN_SIZE_OPTION(struct sample, size, "swap", .min = 0, .max = CONTAIN_MAX);
static const struct contain_option buffer = CONTAIN_SIZE_OPTION(struct sample, size, "b", .min = 4096, .max = 1 << 20);
static const struct contain_option mode = CONTAIN_ENUM_OPTION(struct sample, mode, "mode", .choices = modes);
static const struct contain_option string = CONTAIN_STRING_OPTION(struct sample, string, "string");
static const struct contain_option word = CONTAIN_STRING_OPTION(struct sample, string, "word", .parse = check_short);
static const struct contain_option list = CONTAIN_LIST_OPTION(struct sample, list, "list", .parse = check_short);
static const struct contain_option even = CONTAIN_INT_OPTION(struct sample, number, "even", .parse = check_short);
static const struct contain_option pair = CONTAIN_CUSTOM_OPTION(struct sample, pair, "pair", .parse = parse_pair);

static void accepts_numbers(void **state)
{
	static const struct {
		const struct contain_option *option;
		const char *text;
		int64_t value;
	} table[] = {
		{ &integer, "-5", -5 },
		{ &integer, "0", 0 },
		{ &integer, "9223372036854775806", INT64_MAX - 1 },
		{ &natural, "1", 1 },
		{ &natural, "5000000000", 5000000000 },
		{ &pids, "64", 64 },
		{ &pids, "max", CONTAIN_MAX },
		{ &weight, "1", 1 },
		{ &weight, "10000", 10000 },
		{ &nice_, "-20", -20 },
		{ &nice_, "0", 0 },
		{ &low, "-99", -99 },
		{ &limit, "64M", 64 << 20 },
		{ &limit, "1", 1 },
		{ &limit, "max", CONTAIN_MAX },
		{ &swap, "0", 0 },
		{ &swap, "max", CONTAIN_MAX },
		{ &buffer, "4K", 4096 },
		{ &buffer, "1M", 1 << 20 },
		{ &even, "12", 12 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		char why[256] = "";
		int64_t value = -77;

		assert_int_equal(option_parse(table[i].option, table[i].text, &value, why, sizeof(why)), 0);
		assert_true(value == table[i].value);
		assert_int_equal(option_check(table[i].option, table[i].text, why, sizeof(why)), 0);
	}
}

static void refuses(void **state)
{
	static const struct {
		const struct contain_option *option;
		const char *text;
		int error;
		const char *why;
	} table[] = {
		{ &limit, "", -EINVAL, "the value is empty" },
		{ &limit, "-5", -ERANGE, "'-5' is negative (must be 1 or more)" },
		{ &limit, "0", -ERANGE, "'0' is zero (must be 1 or more)" },
		{ &limit, "0M", -ERANGE, "'0M' is zero (must be 1 or more)" },
		{ &limit, "lots", -EINVAL, "'lots' is not a number of bytes, such as 64M" },
		{ &limit, "64Q", -EINVAL, "'64Q' has 'Q' behind the number (its unit is K, M, G or T)" },
		{ &limit, "64MB", -EINVAL, "'64MB' has 'B' behind the number (its unit is K, M, G or T)" },
		{ &limit, "8388608T", -ERANGE, "'8388608T' is too large (must be 1 or more)" },
		{ &swap, "-1", -ERANGE, "'-1' is negative (must be 0 or more)" },
		{ &buffer, "4095", -ERANGE, "'4095' is too small (must be 4K to 1M)" },
		{ &buffer, "2M", -ERANGE, "'2M' is too large (must be 4K to 1M)" },
		{ &buffer, "max", -ERANGE, "'max' is too large (must be 4K to 1M)" },
		{ &integer, "", -EINVAL, "the value is empty" },
		{ &integer, "x", -EINVAL, "'x' is not a number" },
		{ &integer, "5K", -EINVAL, "'5K' has 'K' behind the number" },
		{ &integer, "max", -EINVAL, "'max' is not a number" },
		{ &integer, "9223372036854775807", -ERANGE, "'9223372036854775807' is too large" },
		{ &integer, "9223372036854775808", -ERANGE, "'9223372036854775808' is too large" },
		{ &integer, "-9223372036854775808", -ERANGE, "'-9223372036854775808' is too small" },
		{ &natural, "0", -ERANGE, "'0' is zero (must be 1 or more)" },
		{ &pids, "0", -ERANGE, "'0' is zero (must be 1 or more, or max)" },
		{ &pids, "-3", -ERANGE, "'-3' is negative (must be 1 or more, or max)" },
		{ &pids, "9223372036854775807", -ERANGE,
		  "'9223372036854775807' is too large (must be 1 or more, or max)" },
		{ &weight, "10001", -ERANGE, "'10001' is too large (must be 1 to 10000)" },
		{ &nice_, "-21", -ERANGE, "'-21' is too small (must be -20 to 19)" },
		{ &low, "6", -ERANGE, "'6' is too large (must be 5 or less)" },
		{ &boolean, "maybe", -EINVAL, "'maybe' is not yes or no" },
		{ &boolean, "", -EINVAL, "the value is empty" },
		{ &mode, "private ", -EINVAL,
		  "'private ' is none of private, shared, slave (did you mean 'private'?)" },
		{ &mode, "share", -EINVAL, "'share' is none of private, shared, slave (did you mean 'shared'?)" },
		{ &mode, "unbindable", -EINVAL, "'unbindable' is none of private, shared, slave" },
		{ &mode, "", -EINVAL, "the value is empty, and is none of private, shared, slave" },
		{ &word, "longer", -ERANGE, "'longer': longer than 4 letters" },
		{ &list, "longer", -ERANGE, "'longer': longer than 4 letters" },
		{ &even, "12345", -ERANGE, "'12345': longer than 4 letters" },
		{ &even, "x", -EINVAL, "'x' is not a number" },
		{ &pair, "1", -EINVAL, "'1': not two numbers such as 1/2" },
		{ &pair, "mute", -EINVAL, "'mute': is not understood" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		char why[256] = "";

		assert_int_equal(option_check(table[i].option, table[i].text, why, sizeof(why)), table[i].error);
		assert_string_equal(why, table[i].why);
	}
}

static void other_types(void **state)
{
	struct sample sample = { .mode = -1 };
	char why[256] = "";

	(void)state;
	assert_int_equal(option_parse(&boolean, "on", &sample.yes, why, sizeof(why)), 0);
	assert_true(sample.yes);
	assert_int_equal(option_parse(&boolean, "off", &sample.yes, why, sizeof(why)), 0);
	assert_false(sample.yes);
	assert_int_equal(option_parse(&mode, "slave", &sample.mode, why, sizeof(why)), 0);
	assert_int_equal(sample.mode, 2);
	assert_int_equal(option_parse(&pair, "3/4", &sample.pair, why, sizeof(why)), 0);
	assert_int_equal(sample.pair.left, 3);
	assert_int_equal(sample.pair.right, 4);
	assert_int_equal(option_check(&pair, "3/4", why, sizeof(why)), 0);
	assert_int_equal(option_check(&string, "", why, sizeof(why)), 0);
	assert_int_equal(option_check(&word, "four", why, sizeof(why)), 0);
}

/* A reason that does not fit is cut, never written past its end. */
static void small_room(void **state)
{
	char why[8] = "1234567";

	(void)state;
	assert_int_equal(option_check(&limit, "lots", why, 5), -EINVAL);
	assert_string_equal(why, "'lot");
	assert_int_equal(why[5], '6');
}

static void finds(void **state)
{
	const struct contain_option table[] = { limit, swap, CONTAIN_OPTIONS_END };

	(void)state;
	assert_ptr_equal(option_find(table, "swap"), &table[1]);
	assert_null(option_find(table, "swa"));
	assert_null(option_find(NULL, "swap"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(accepts_numbers), cmocka_unit_test(refuses), cmocka_unit_test(other_types),
		cmocka_unit_test(small_room),      cmocka_unit_test(finds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
