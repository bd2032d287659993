/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "profile/order.h"
#include "unit.h"

#define NAMES(...) ((const char *const[]){ __VA_ARGS__, NULL })
#define MOST       8

struct sorting {
	const char *title;
	struct order_item items[MOST];
	const char *expected; /* names in a row, or the error */
};

static const struct sorting orders[] = {
	{ "nothing to say", { { "c", 0, 0 }, { "a", 0, 0 }, { "b", 0, 0 } }, "c a b" },
	{ "after", { { "a", NAMES("c"), 0 }, { "b", 0, 0 }, { "c", 0, 0 } }, "b c a" },
	{ "before", { { "a", 0, 0 }, { "b", 0, 0 }, { "c", 0, NAMES("a") } }, "b c a" },
	{ "agreed already", { { "a", 0, NAMES("c") }, { "b", 0, 0 }, { "c", NAMES("a"), 0 } }, "a b c" },
	{ "two names", { { "a", NAMES("b", "c"), 0 }, { "b", 0, 0 }, { "c", 0, 0 }, { "d", 0, 0 } }, "b c a d" },
	{ "a chain", { { "a", NAMES("b"), 0 }, { "b", NAMES("c"), 0 }, { "c", 0, 0 }, { "d", 0, 0 } }, "c b a d" },
	{ "absent names", { { "b", NAMES("x"), NAMES("y") }, { "a", 0, NAMES("z") } }, "b a" },
	{ "after all", { { "a", NAMES("*"), 0 }, { "b", 0, 0 }, { "c", 0, 0 } }, "b c a" },
	{ "before all", { { "a", 0, 0 }, { "b", 0, 0 }, { "c", 0, NAMES("*") } }, "c a b" },
	{ "a name beats *", { { "a", 0, 0 }, { "b", 0, NAMES("c") }, { "c", 0, NAMES("*") } }, "b c a" },
	{ "a name beats * from the other side",
	  { { "a", NAMES("*"), 0 }, { "b", NAMES("a"), 0 }, { "c", 0, 0 } },
	  "c a b" },
	{ "a chain of names beats *",
	  { { "a", 0, 0 }, { "b", 0, NAMES("c") }, { "c", 0, NAMES("d") }, { "d", 0, NAMES("*") } },
	  "b c d a" },
	{ "two before all", { { "a", 0, 0 }, { "b", 0, NAMES("*") }, { "c", 0, NAMES("*") } }, "b c a" },
	{ "two after all", { { "a", NAMES("*"), 0 }, { "b", NAMES("*"), 0 }, { "c", 0, 0 } }, "c a b" },
	{ "first and last", { { "a", NAMES("*"), 0 }, { "b", 0, 0 }, { "c", 0, NAMES("*") } }, "c b a" },
	{ "* and *, of which the first waits for a name",
	  { { "x", 0, NAMES("*") }, { "y", 0, NAMES("*") }, { "m", 0, NAMES("x") } },
	  "m x y" },
	/* x before all and y before all, each with a name before it: the wishes make a cycle of four together. */
	{ "* and * over names",
	  { { "x", 0, NAMES("*") }, { "y", 0, NAMES("*") }, { "m", 0, NAMES("x") }, { "n", 0, NAMES("y") } },
	  "m x n y" },
	{ "* with a name in one list", { { "a", 0, 0 }, { "b", NAMES("a", "*"), 0 }, { "c", 0, 0 } }, "a c b" },
};

static const struct sorting cycles[] = {
	{ "two",
	  { { "a", NAMES("b"), 0 }, { "b", NAMES("a"), 0 } },
	  "the plugins can't be ordered: a before b, b before a\n" },
	{ "three, of which the others are no part",
	  { { "z", NAMES("a"), 0 },
	    { "a", 0, NAMES("b") },
	    { "b", 0, NAMES("c") },
	    { "c", 0, NAMES("a") },
	    { "y", 0, 0 } },
	  "the plugins can't be ordered: a before b, b before c, c before a\n" },
	{ "itself", { { "a", NAMES("a"), 0 }, { "b", 0, 0 } }, "the plugins can't be ordered: a before a\n" },
	{ "the shortest",
	  { { "a", 0, NAMES("b") }, { "b", 0, NAMES("c", "a") }, { "c", 0, NAMES("a") } },
	  "the plugins can't be ordered: a before b, b before a\n" },
};

static size_t count_of(const struct order_item *items)
{
	size_t count = 0;

	while (count < MOST && items[count].name)
		count++;
	return count;
}

static void sorts(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(orders); i++) {
		_cleanup_text_ struct text errors = { 0 }, names = { 0 };
		size_t count = count_of(orders[i].items), order[MOST] = { 0 };

		print_message("  %s\n", orders[i].title);
		assert_int_equal(order_sort(orders[i].items, count, order, &errors), 0);
		for (size_t at = 0; at < count; at++)
			text_printf(&names, "%s%s", at ? " " : "", orders[i].items[order[at]].name);
		assert_string_equal(text_peek(&names), orders[i].expected);
		assert_string_equal(text_peek(&errors), "");
	}
}

static void refuses_cycles(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(cycles); i++) {
		_cleanup_text_ struct text errors = { 0 };
		size_t order[MOST];

		print_message("  %s\n", cycles[i].title);
		assert_int_equal(order_sort(cycles[i].items, count_of(cycles[i].items), order, &errors), -ELOOP);
		assert_string_equal(text_peek(&errors), cycles[i].expected);
	}
}

static void nothing(void **state)
{
	_cleanup_text_ struct text errors = { 0 };

	(void)state;
	assert_int_equal(order_sort(NULL, 0, NULL, &errors), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sorts),
		cmocka_unit_test(refuses_cycles),
		cmocka_unit_test(nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
