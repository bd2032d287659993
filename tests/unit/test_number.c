/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "base/number.h"
#include "unit.h"

#define KIB INT64_C(1024)

static void sizes(void **state)
{
	static const struct {
		const char *text;
		int64_t bytes;
	} table[] = {
		{ "64M", 64 * KIB * KIB },
		{ "1G", KIB * KIB * KIB },
		{ "512K", 512 * KIB },
		{ "2T", 2 * KIB * KIB * KIB * KIB },
		{ "1048576", KIB * KIB },
		{ "0", 0 },
		{ "007", 7 },
		{ "max", INT64_MAX },
		{ "9223372036854775806", INT64_MAX - 1 },
		{ "8388607T", 8388607 * (KIB * KIB * KIB * KIB) },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		const char *why = NULL;
		int64_t bytes = -7;

		assert_int_equal(number_parse_size(table[i].text, &bytes, &why), 0);
		assert_int_equal(bytes, table[i].bytes);
	}
}

static void wrong_sizes(void **state)
{
	static const struct {
		const char *text;
		int error;
		const char *why;
	} table[] = {
		{ "", -EINVAL, "is empty" },
		{ "-5", -ERANGE, "is negative" },
		{ "-64M", -ERANGE, "is negative" },
		{ "-", -EINVAL, "is not a number of bytes, such as 64M" },
		{ "-M", -EINVAL, "is not a number of bytes, such as 64M" },
		{ "lots", -EINVAL, "is not a number of bytes, such as 64M" },
		{ "M", -EINVAL, "is not a number of bytes, such as 64M" },
		{ " 64M", -EINVAL, "is not a number of bytes, such as 64M" },
		{ "+64M", -EINVAL, "is not a number of bytes, such as 64M" },
		{ "MAX", -EINVAL, "is not a number of bytes, such as 64M" },
		{ "maximum", -EINVAL, "is not a number of bytes, such as 64M" },
		{ "64Q", -EINVAL, "has something else behind the number" },
		{ "64m", -EINVAL, "has something else behind the number" },
		{ "64MB", -EINVAL, "has something else behind the number" },
		{ "64 M", -EINVAL, "has something else behind the number" },
		{ "64M ", -EINVAL, "has something else behind the number" },
		{ "1.5G", -EINVAL, "has something else behind the number" },
		{ "0x10", -EINVAL, "has something else behind the number" },
		{ "9223372036854775807", -ERANGE, "is too large" },
		{ "9223372036854775808", -ERANGE, "is too large" },
		{ "18446744073709551616", -ERANGE, "is too large" },
		{ "99999999999999999999999", -ERANGE, "is too large" },
		{ "8388608T", -ERANGE, "is too large" },
		{ "9007199254740992K", -ERANGE, "is too large" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		const char *why = NULL;
		int64_t bytes = -7;

		assert_int_equal(number_parse_size(table[i].text, &bytes, &why), table[i].error);
		assert_string_equal(why, table[i].why);
		assert_int_equal(bytes, -7);
	}
}

static void integers(void **state)
{
	static const struct {
		const char *text;
		int error;
		int64_t value;
		const char *why;
	} table[] = {
		{ "0", 0, 0, NULL },
		{ "64", 0, 64, NULL },
		{ "-64", 0, -64, NULL },
		{ "-0", 0, 0, NULL },
		{ "9223372036854775807", 0, INT64_MAX, NULL },
		{ "-9223372036854775808", 0, INT64_MIN, NULL },
		{ "9223372036854775808", -ERANGE, -7, "is too large" },
		{ "-9223372036854775809", -ERANGE, -7, "is too small" },
		{ "99999999999999999999999", -ERANGE, -7, "is too large" },
		{ "", -EINVAL, -7, "is empty" },
		{ "-", -EINVAL, -7, "is not a number" },
		{ "--5", -EINVAL, -7, "is not a number" },
		{ "five", -EINVAL, -7, "is not a number" },
		{ "max", -EINVAL, -7, "is not a number" },
		{ "5x", -EINVAL, -7, "has something else behind the number" },
		{ "5K", -EINVAL, -7, "has something else behind the number" },
		{ "5 ", -EINVAL, -7, "has something else behind the number" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		const char *why = NULL;
		int64_t value = -7;

		assert_int_equal(number_parse(table[i].text, &value, &why), table[i].error);
		assert_int_equal(value, table[i].value);
		if (table[i].why)
			assert_string_equal(why, table[i].why);
	}
}

static void rests(void **state)
{
	(void)state;
	assert_string_equal(number_rest("64Q", true), "Q");
	assert_string_equal(number_rest("64MB", true), "B");
	assert_string_equal(number_rest("64M", true), "");
	assert_string_equal(number_rest("64M", false), "M");
	assert_string_equal(number_rest("-5x", false), "x");
	assert_null(number_rest("-5", true));
	assert_null(number_rest("x", false));
	assert_null(number_rest("", true));
}

static void bools(void **state)
{
	static const char *const right[][2] = {
		{ "no", "yes" }, { "off", "on" }, { "false", "true" }, { "0", "1" }, { "No", "YES" },
	};
	static const char *const wrong[] = { "2", "y", "yess", "ye", "on ", "enabled", "00" };

	(void)state;
	for (size_t i = 0; i < COUNT(right); i++) {
		for (int truth = 0; truth < 2; truth++) {
			const char *why;
			int value = -7;

			assert_int_equal(number_parse_bool(right[i][truth], &value, &why), 0);
			assert_int_equal(value, truth);
		}
	}
	for (size_t i = 0; i < COUNT(wrong); i++) {
		const char *why = NULL;
		int value = -7;

		assert_int_equal(number_parse_bool(wrong[i], &value, &why), -EINVAL);
		assert_string_equal(why, "is not yes or no");
	}
}

static void exact_texts(void **state)
{
	static const struct {
		int64_t bytes;
		const char *text;
	} table[] = {
		{ 67108864, "64M" },
		{ 1000, "1000" },
		{ 1024, "1K" },
		{ 1025, "1025" },
		{ 1536, "1536" },
		{ 0, "0" },
		{ 1, "1" },
		{ 3 * KIB * KIB * KIB, "3G" },
		{ 2048 * (KIB * KIB * KIB * KIB), "2048T" },
		{ INT64_MAX, "max" },
		{ -2048, "-2K" },
	};
	char text[32];

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++)
		assert_string_equal(number_size_text(table[i].bytes, text), table[i].text);
}

static void for_people(void **state)
{
	static const struct {
		int64_t bytes;
		const char *text;
	} sizes_[] = {
		{ 0, "0" },
		{ 17, "17" },
		{ 1023, "1023" },
		{ 1024, "1K" },
		{ 980 * KIB, "980K" },
		{ 12 * KIB * KIB + 512 * KIB, "12.5M" },
		{ 1280 * KIB, "1.25M" },
		{ 64 * KIB * KIB, "64M" },
		{ 100 * KIB, "100K" },
		{ 10 * KIB, "10K" },
		{ KIB * KIB - 1, "1M" },
		{ 1023 * KIB, "1023K" },
		{ INT64_MAX - 1, "8388608T" },
		{ INT64_MAX, "max" },
	};
	static const struct {
		int64_t usec;
		const char *text;
	} times[] = {
		{ 0, "0us" },         { 850, "850us" },    { 999, "999us" },     { 1000, "1ms" },
		{ 12300, "12.3ms" },  { 12345, "12.3ms" }, { 123456, "123ms" },  { 999999, "1s" },
		{ 4560000, "4.56s" }, { 10000000, "10s" }, { 99960000, "100s" }, { 600000000, "600s" },
		{ 1234567, "1.23s" }, { 9996000, "10s" },
	};
	char text[32];

	(void)state;
	for (size_t i = 0; i < COUNT(sizes_); i++)
		assert_string_equal(number_bytes_for_people(sizes_[i].bytes, text), sizes_[i].text);
	for (size_t i = 0; i < COUNT(times); i++)
		assert_string_equal(number_usec_for_people(times[i].usec, text), times[i].text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sizes),      cmocka_unit_test(wrong_sizes), cmocka_unit_test(integers),
		cmocka_unit_test(rests),      cmocka_unit_test(bools),       cmocka_unit_test(exact_texts),
		cmocka_unit_test(for_people),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
