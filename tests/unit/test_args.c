/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <errno.h>
#include <string.h>

#include "cli/args.h"

struct all {
	struct contain_list list;
	const char *string;
	bool yes;
};

static const struct contain_option options[] = {
	CONTAIN_LIST_OPTION(struct all, list, "list", .flag = "env", .short_flag = 'e'),
	CONTAIN_STRING_OPTION(struct all, string, "string", .flag = "memory", .metavar = "SIZE"),
	CONTAIN_BOOL_OPTION(struct all, yes, "yes", .flag = "read-only", .short_flag = 'r'),
	CONTAIN_STRING_OPTION(struct all, string, "hidden"), CONTAIN_OPTIONS_END
};

static bool find(void *user, const char *name, char letter, struct flag *flag)
{
	(void)user;
	return flag_in_table("s", options, name, letter, flag);
}

static void suggest(void *user, struct suggestion *suggestion)
{
	(void)user;
	flag_suggest_table(options, suggestion);
}

#define MOST 8
static const struct row {
	const char *words[MOST]; /* NULL at the end */
	const char *entries;     /* KEY=VALUE from FLAG, each with a ';' */
	int rest;                /* index of the first word that is not ours */
	bool help;
	const char *error; /* part of it; NULL: none */
} rows[] = {
	{ { "--memory", "64M", "cmd" }, "string=64M from --memory;", 2, false, NULL },
	{ { "--memory=64M", "cmd" }, "string=64M from --memory;", 1, false, NULL },
	{ { "--memory=", "cmd" }, "string= from --memory;", 1, false, NULL },
	{ { "--memory", "", "cmd" }, "string= from --memory;", 2, false, NULL },
	{ { "--memory", "-5" }, "string=-5 from --memory;", 2, false, NULL },
	{ { "--env=A=1", "-e", "B=2", "-eC=3", "--", "-x" },
	  "list=A=1 from --env;list=B=2 from -e;list=C=3 from -e;",
	  5,
	  false,
	  NULL },
	{ { "--read-only", "cmd", "--memory", "1" }, "yes=yes from --read-only;", 1, false, NULL },
	{ { "--read-only=no", "-r" }, "yes=no from --read-only;yes=yes from -r;", 2, false, NULL },
	{ { "-rr", "-re", "A=1", "-reB=2" },
	  "yes=yes from -r;yes=yes from -r;yes=yes from -r;list=A=1 from -e;yes=yes from -r;list=B=2 from -e;",
	  4,
	  false,
	  NULL },
	{ { "-rx" }, "", 0, false, "unknown flag -x;" },
	{ { "-re" }, "", 0, false, "-e wants a value" },
	{ { "-", "--memory" }, "", 0, false, NULL },
	{ { "cmd", "--help" }, "", 0, false, NULL },
	{ { "--help", "--read-only" }, "yes=yes from --read-only;", 2, true, NULL },
	{ { "-h" }, "", 1, true, NULL },
	{ { "--memory" }, "", 0, false, "--memory wants a value: --memory SIZE" },
	{ { "--memory", "--", "cmd" }, "", 0, false, "--memory wants a value" },
	{ { "--memroy", "1" }, "", 0, false, "unknown flag --memroy (did you mean '--memory'?)" },
	{ { "--hidden", "1" }, "", 0, false, "unknown flag --hidden" },
	{ { "-x" }, "", 0, false, "unknown flag -x;" },
};

static void each_row(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const struct row *row = &rows[i];
		const struct flag_finder finder = { find, suggest, "run", NULL };
		struct profile values = { 0 };
		struct text errors = { 0 }, entries = { 0 };
		bool help = false;
		int argc = 0, at = 0, result;

		while (argc < MOST && row->words[argc])
			argc++;
		result = args_parse((char **)row->words, argc, &at, &finder, &values, &help, &errors);
		if (row->error) {
			assert_int_equal(result, -EINVAL);
			assert_non_null(strstr(text_peek(&errors), row->error));
		} else {
			assert_int_equal(result, 0);
			for (size_t j = 0; j < values.entry_count; j++) {
				const struct entry *entry = &values.entries[j];

				text_printf(&entries, "%s=%s from %s;", entry->key, entry->value, entry->origin.source);
			}
			assert_string_equal(text_peek(&entries), row->entries);
			assert_int_equal(at, row->rest);
			assert_int_equal(help, row->help);
		}
		text_free(&errors);
		text_free(&entries);
		profile_free(&values);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(each_row) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
