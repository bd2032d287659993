/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "unit.h"

static void empty(void **state)
{
	_cleanup_text_ struct text text = { 0 };

	(void)state;
	assert_string_equal(text_peek(&text), "");
	assert_int_equal(text_error(&text), 0);
	text_free(&text);
	assert_string_equal(text_peek(&text), "");
}

static void grows(void **state)
{
	_cleanup_text_ struct text text = { 0 };

	(void)state;
	for (int i = 0; i < 1000; i++) {
		text_add(&text, "ab");
		text_printf(&text, "%d", i % 10);
		text_add_bytes(&text, "cd", 1);
	}
	assert_int_equal(text.length, 4000);
	assert_int_equal(strlen(text_peek(&text)), 4000);
	assert_memory_equal(text_peek(&text) + 3996, "ab9c", 5);
	assert_int_equal(text_error(&text), 0);
}

static void keeps_bytes(void **state)
{
	_cleanup_text_ struct text text = { 0 };

	(void)state;
	text_add_bytes(&text, "a\0b", 3);
	text_add_bytes(&text, NULL, 0);
	assert_int_equal(text.length, 3);
	assert_memory_equal(text_peek(&text), "a\0b", 4);
}

static void lines(void **state)
{
	_cleanup_text_ struct text text = { 0 };

	(void)state;
	text_line(&text, "one");
	text_line(&text, "%s", "two\nthree\x1b[31m");
	assert_string_equal(text_peek(&text), "one\ntwo?three?[31m\n");
	text_add(&text, "no end");
	text_line(&text, "four");
	assert_string_equal(text_peek(&text), "one\ntwo?three?[31m\nno end\nfour\n");
}

static void remembers_error(void **state)
{
	_cleanup_text_ struct text text = { 0 };

	(void)state;
	text_add(&text, "a");
	text_add_bytes(&text, "b", SIZE_MAX - 1);
	assert_int_equal(text_error(&text), -ENOMEM);
	text_add(&text, "c");
	assert_string_equal(text_peek(&text), "a");
	text_free(&text);
	assert_int_equal(text_error(&text), 0);
}

static void words(void **state)
{
	struct text text = { 0 };

	(void)state;
	text_word(&text, "one");
	assert_string_equal(text_peek(&text), "one");
	text_word(&text, "two");
	text_word(&text, "three");
	assert_string_equal(text_peek(&text), "one two three");
	text_free(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words),       cmocka_unit_test(empty), cmocka_unit_test(grows),
		cmocka_unit_test(keeps_bytes), cmocka_unit_test(lines), cmocka_unit_test(remembers_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
