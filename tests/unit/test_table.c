/* SPDX-License-Identifier: MIT */
/* Rows and columns. */
#include <string.h>

#include "base/table.h"
#include "unit.h"

static void expect(const struct table *table, const char *indent, const char *expected)
{
	_cleanup_text_ struct text text = { 0 };

	table_text(table, indent, &text);
	assert_string_equal(text_peek(&text), expected);
	assert_int_equal(text_error(&text), 0);
}

static void widths(void **state)
{
	_cleanup_table_ struct table table = { .columns = 3 };

	(void)state;
	expect(&table, "", "");
	table_row(&table, "NAME", "FROM", "VALUE");
	table_row(&table, "a-long-name", "x", "of any length at all");
	table_row(&table, "b", "default.ini:12", "1");
	expect(&table, "  ",
	       "  NAME         FROM            VALUE\n"
	       "  a-long-name  x               of any length at all\n"
	       "  b            default.ini:12  1\n");
}

static void empty_cells(void **state)
{
	_cleanup_table_ struct table table = { .columns = 3 };

	(void)state;
	table_row(&table, "a", NULL, "c");
	table_row(&table, "", "", "third");
	table_row(&table, "first", "", "");
	table_row(&table, NULL, "", NULL);
	expect(&table, "", "a        c\n         third\nfirst\n\n");
}

/* One that is too wide for its column moves its own row alone. */
static void too_wide(void **state)
{
	_cleanup_table_ struct table table = { .columns = 2 };
	char wide[64];

	(void)state;
	memset(wide, 'w', sizeof(wide));
	wide[50] = '\0';
	table_row(&table, wide, "x");
	table_row(&table, "four", "y");
	expect(&table, "", "wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww  x\nfour  y\n");
}

static void characters(void **state)
{
	_cleanup_table_ struct table table = { .columns = 2 };

	(void)state;
	table_row(&table, "\xc3\xa4\xe2\x94\x82", "two characters");
	table_row(&table, "ab", "two");
	table_row(&table, "\x1b[", "what a terminal acts upon");
	expect(&table, "", "\xc3\xa4\xe2\x94\x82  two characters\nab  two\n?[  what a terminal acts upon\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(widths),
		cmocka_unit_test(empty_cells),
		cmocka_unit_test(too_wide),
		cmocka_unit_test(characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
