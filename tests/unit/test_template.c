/* SPDX-License-Identifier: MIT */
#include "cli/template.h"
#include "unit.h"

static const struct template_word words[] = {
	{ "@NAME@", "my-plugin" },
	{ "@IDENT@", "my_plugin" },
	{ "@EMPTY@", "" },
	{ "@SLY@", "@NAME@" },
};

static void fills(void **state)
{
	static const struct {
		const char *text, *filled;
	} table[] = {
		{ "", "" },
		{ "no word", "no word" },
		{ "@NAME@", "my-plugin" },
		{ "struct @IDENT@_options;\n", "struct my_plugin_options;\n" },
		{ "@NAME@@NAME@.c", "my-pluginmy-plugin.c" },
		{ "a@EMPTY@b", "ab" },
		{ "--@NAME@-directory", "--my-plugin-directory" },
		{ "@OTHER@ @NAME @ NAME@", "@OTHER@ @NAME @ NAME@" },
		{ "@@NAME@@", "@my-plugin@" },
		/* One pass: what a value holds is text. */
		{ "@SLY@", "@NAME@" },
		/* Not a word until all of it is there, across what was replaced. */
		{ "@NA@EMPTY@ME@", "@NAME@" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		struct text filled = { 0 };

		assert_int_equal(template_fill(table[i].text, words, COUNT(words), &filled), 0);
		assert_string_equal(text_peek(&filled), table[i].filled);
		text_free(&filled);
	}
}

static void adds(void **state)
{
	struct text text = { 0 };

	(void)state;
	text_add(&text, "before: ");
	assert_int_equal(template_fill("@IDENT@", words, COUNT(words), &text), 0);
	assert_string_equal(text_peek(&text), "before: my_plugin");
	text_free(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fills),
		cmocka_unit_test(adds),
	};

	return cmocka_run_group_tests_name("template", tests, NULL, NULL);
}
