/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/suggest.h"
#include "unit.h"

static const char *const names[] = {
	"limit", "high", "low", "swap", "oom_group", "cgroup-memory", "cgroup-cpu", "v", "set", "network", ""
};

static void nearest(void **state)
{
	static const struct {
		const char *wrong, *best;
	} table[] = {
		{ "limt", "limit" },   /* one missing */
		{ "limiit", "limit" }, /* one more */
		{ "limet", "limit" },  /* one changed */
		{ "ilmit", "limit" },  /* two swapped */
		{ "Limit", "limit" },  /* another case */
		{ "swpa", "swap" },    /* a swap is one step */
		{ "lo", "low" },
		{ "oom-group", "oom_group" },
		{ "cgroup-mem", "cgroup-memory" },
		{ "cgroup-memroy", "cgroup-memory" },
		{ "cgroup-cp", "cgroup-cpu" },
		{ "net", "network" }, /* its beginning, and not another letter of set */
		{ "hostname", NULL },
		{ "lxxt", NULL },
		{ "x", NULL },
		{ "", NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		struct suggestion suggestion = { .wrong = table[i].wrong };

		for (size_t name = 0; name < COUNT(names); name++)
			suggest_offer(&suggestion, names[name]);
		if (table[i].best) {
			assert_non_null(suggestion.best);
			assert_string_equal(suggestion.best, table[i].best);
		} else {
			assert_null(suggestion.best);
		}
	}
}

static void long_names(void **state)
{
	struct suggestion suggestion = { 0 };
	char wrong[300], name[300];

	(void)state;
	memset(wrong, 'a', sizeof(wrong) - 1);
	memset(name, 'a', sizeof(name) - 2);
	wrong[sizeof(wrong) - 1] = name[sizeof(name) - 2] = '\0';
	suggestion.wrong = wrong;
	suggest_offer(&suggestion, name);
	assert_null(suggestion.best);
	wrong[64] = '\0';
	name[63] = '\0';
	suggest_offer(&suggestion, name);
	assert_ptr_equal(suggestion.best, name);
}

static void texts(void **state)
{
	struct suggestion suggestion = { .wrong = "limt" };
	char text[64] = "old";

	(void)state;
	assert_string_equal(suggest_text(&suggestion, text, sizeof(text)), "");
	suggest_offer(&suggestion, "limit");
	assert_string_equal(suggest_text(&suggestion, text, sizeof(text)), " (did you mean 'limit'?)");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nearest),
		cmocka_unit_test(long_names),
		cmocka_unit_test(texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
