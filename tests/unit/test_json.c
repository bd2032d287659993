/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "base/json.h"

static void strings(void **state)
{
	static const struct {
		const char *string, *expected;
	} rows[] = {
		{ "", "\"\"" },
		{ "plain", "\"plain\"" },
		{ "q\"b\\", "\"q\\\"b\\\\\"" },
		{ "\n\t\x01", "\"\\u000a\\u0009\\u0001\"" },
		{ "gr\xc3\xbc\xc3\x9f", "\"gr\xc3\xbc\xc3\x9f\"" },
		{ "\xf0\x9f\x90\xa7", "\"\xf0\x9f\x90\xa7\"" },
		/* Not UTF-8: a lone byte, an overlong slash, a surrogate, beyond U+10FFFF, a sequence that is cut. */
		{ "a\xff"
		  "b",
		  "\"a\\ufffdb\"" },
		{ "\xc0\xaf", "\"\\ufffd\\ufffd\"" },
		{ "\xed\xa0\x80", "\"\\ufffd\\ufffd\\ufffd\"" },
		{ "\xf4\x90\x80\x80", "\"\\ufffd\\ufffd\\ufffd\\ufffd\"" },
		{ "\xe2\x82", "\"\\ufffd\\ufffd\"" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct text text = { 0 };

		json_string(&text, rows[i].string);
		assert_string_equal(text_peek(&text), rows[i].expected);
		text_free(&text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(strings) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
