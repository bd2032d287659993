/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "profile/ini.h"
#include "unit.h"

#define TEN     "0123456789"
#define FIFTY   TEN TEN TEN TEN TEN
#define KEY_195 "k=" FIFTY FIFTY FIFTY TEN TEN TEN TEN "012" /* 195 bytes */

/* What was read, a line each: "LINE [SECTION]" or "LINE SECTION.KEY=VALUE". */
static int note(void *user, const char *section, const char *key, const char *value, int line)
{
	struct text *seen = user;

	if (key)
		text_printf(seen, "%d %s.%s=<%s>\n", line, section, key, value);
	else
		text_printf(seen, "%d [%s]\n", line, section);
	return 0;
}

static int read_bytes(const char *bytes, size_t length, ini_visitor *visit, void *user, struct text *errors)
{
	FILE *file = tmpfile();
	int result;

	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, length, file), length);
	rewind(file);
	result = ini_read(file, "x.ini", visit, user, errors);
	fclose(file);
	return result;
}

static void reads(void **state)
{
	static const char *const table[][2] = {
		{ "", "" },
		{ "\n\n", "" },
		{ "[a]\nk = v\n", "1 [a]\n2 a.k=<v>\n" },
		{ "[a]\nk=v", "1 [a]\n2 a.k=<v>\n" },
		{ "[a]\r\nk = v\r\n", "1 [a]\n2 a.k=<v>\n" },
		{ "\xef\xbb\xbf[a]\nk = v\n", "1 [a]\n2 a.k=<v>\n" },
		{ "\xef\xbb\xbf; comment\n[a]\n", "2 [a]\n" },
		{ "[a]\n\n[b]\n[c]", "1 [a]\n3 [b]\n4 [c]\n" },
		{ "[a]\nk=1\n[b]\n[a]\nk=2\n", "1 [a]\n2 a.k=<1>\n3 [b]\n4 [a]\n5 a.k=<2>\n" },
		{ "; c = d\n# [x]\n[a]\n#k = v\n;k = v\nk = v\n", "3 [a]\n6 a.k=<v>\n" },
		{ "[a]\n  ; a comment, indented\n \t\nk = v\n", "1 [a]\n4 a.k=<v>\n" },
		{ "[a] ; why\n[b]# why\n[c]\t# why\n", "1 [a]\n2 [b]\n3 [c]\n" },
		{ "[a]\nk =\nl = \n", "1 [a]\n2 a.k=<>\n3 a.l=<>\n" },
		{ "[a]\nk = a b  \n", "1 [a]\n2 a.k=<a b>\n" },
		{ "[a]\nk = a=b:c;d#e\n", "1 [a]\n2 a.k=<a=b:c;d#e>\n" },
		{ "[a]\nk = a # b\n", "1 [a]\n2 a.k=<a # b>\n" },
		{ "[a]\nk\t=\tv\n", "1 [a]\n2 a.k=<v>\n" },
		{ "[a]\nk = \"v\"\n", "1 [a]\n2 a.k=<\"v\">\n" },
		{ "[a]\nk = \xc3\xa4\n", "1 [a]\n2 a.k=<\xc3\xa4>\n" },
		/* A comment may be of any length, and is one line all the same. */
		{ "; " FIFTY FIFTY FIFTY FIFTY FIFTY "= x\n[a]\n", "2 [a]\n" },
		{ "[a]\n" KEY_195 "\nl = v\n", "1 [a]\n2 a.k=<" FIFTY FIFTY FIFTY TEN TEN TEN TEN "012>\n3 a.l=<v>\n" },
		{ "[0123456789012345678901234567890123456789012345678]\nk=v\n",
		  "1 [0123456789012345678901234567890123456789012345678]\n"
		  "2 0123456789012345678901234567890123456789012345678.k=<v>\n" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		_cleanup_text_ struct text seen = { 0 }, errors = { 0 };

		assert_int_equal(read_bytes(table[i][0], strlen(table[i][0]), note, &seen, &errors), 0);
		assert_string_equal(text_peek(&seen), table[i][1]);
		assert_string_equal(text_peek(&errors), "");
	}
}

/* Each is followed by a line that is right, which must not be read: the first error of syntax ends it. */
static void refuses(void **state)
{
	static const struct {
		const char *text, *seen, *error;
	} table[] = {
		{ "[a]\n  k = v\n", "1 [a]\n", "x.ini:2: the line is indented; begin it without spaces\n" },
		{ "[a]\nk = v\n\tmore\n", "1 [a]\n2 a.k=<v>\n",
		  "x.ini:3: the line is indented; begin it without spaces\n" },
		{ " [a]\n", "", "x.ini:1: the line is indented; begin it without spaces\n" },
		{ "[a]\nk: v\n", "1 [a]\n", "x.ini:2: 'k:' ends with ':'; write 'key = value'\n" },
		{ "[a]\nk: v = w\n", "1 [a]\n", "x.ini:2: 'k:' ends with ':'; write 'key = value'\n" },
		{ "[a]\nk = v ; why\n", "1 [a]\n",
		  "x.ini:2: a comment ('; why') stands behind a value; put it on a line of its own\n" },
		{ "[a]\nk = v\t;why\n", "1 [a]\n",
		  "x.ini:2: a comment (';why') stands behind a value; put it on a line of its own\n" },
		{ "[a]\nk = ;\n", "1 [a]\n",
		  "x.ini:2: a comment (';') stands behind a value; put it on a line of its own\n" },
		{ "[a]\nk ;= v\n", "1 [a]\n",
		  "x.ini:2: a comment (';= v') stands behind a value; put it on a line of its own\n" },
		{ "[a]\nk v\n", "1 [a]\n", "x.ini:2: 'k v' has no '='; write 'key = value'\n" },
		{ "[a]\n= v\n", "1 [a]\n", "x.ini:2: there is no key before '='\n" },
		{ "k = v\n", "", "x.ini:1: 'k = v' stands before the first [section]\n" },
		{ "[a\nk = v\n", "", "x.ini:1: '[a' has no ']'\n" },
		{ "[x]\n[a ; b]\n", "1 [x]\n", "x.ini:2: [a ; b] has a space inside the brackets; write it without\n" },
		{ "[ a ]\n", "", "x.ini:1: [ a ] has a space inside the brackets; write it without\n" },
		{ "[]\n", "", "x.ini:1: [] has no name\n" },
		{ "[a] k = v\n", "", "x.ini:1: 'k = v' stands behind ']'; begin a new line\n" },
		{ "[01234567890123456789012345678901234567890123456789]\n", "",
		  "x.ini:1: [01234567890123456789012345678901234567890123456789] is too long a name; "
		  "the limit is 49 bytes\n" },
		{ "[a]\n" KEY_195 "012\n", "1 [a]\n", "x.ini:2: the line is 198 bytes long; the limit is 197\n" },
		{ "[a]\n" KEY_195 "0123\n", "1 [a]\n", "x.ini:2: the line is 199 bytes long; the limit is 197\n" },
		{ "[a]\n" KEY_195 FIFTY "\n", "1 [a]\n", "x.ini:2: the line is 245 bytes long; the limit is 197\n" },
		{ "[a]\nk = \x1b[31m\n", "1 [a]\n", "x.ini:2: the line has a control character (0x1b); remove it\n" },
		{ "[a]\nk = a\rb = c\n", "1 [a]\n", "x.ini:2: the line has a control character (0x0d); remove it\n" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		_cleanup_text_ struct text seen = { 0 }, errors = { 0 }, whole = { 0 };

		text_printf(&whole, "%s[good]\nlast = 1\n", table[i].text);
		assert_int_equal(read_bytes(whole.chars, whole.length, note, &seen, &errors), -EINVAL);
		assert_string_equal(text_peek(&errors), table[i].error);
		assert_string_equal(text_peek(&seen), table[i].seen);
	}
}

/* 197 bytes, with \r\n behind, are what fits into inih's buffer of 200. */
static void longest_line(void **state)
{
	static const char *const ends[] = { "\n", "\r\n", "" };

	(void)state;
	for (size_t i = 0; i < COUNT(ends); i++) {
		_cleanup_text_ struct text seen = { 0 }, errors = { 0 }, whole = { 0 };

		text_printf(&whole, "[a]\n%s01%s", KEY_195, ends[i]);
		assert_int_equal(read_bytes(whole.chars, whole.length, note, &seen, &errors), 0);
		assert_string_equal(text_peek(&seen), "1 [a]\n2 a.k=<" FIFTY FIFTY FIFTY TEN TEN TEN TEN "01201>\n");
	}
}

static void refuses_nul(void **state)
{
	static const char bytes[] = "[a]\nk = v\0; [b]\nl = w\n";
	static const char utf16[] = "\xff\xfe[\0a\0]\0\n\0";
	_cleanup_text_ struct text seen = { 0 }, errors = { 0 };

	(void)state;
	assert_int_equal(read_bytes(bytes, sizeof(bytes) - 1, note, &seen, &errors), -EINVAL);
	assert_string_equal(text_peek(&errors), "x.ini:2: the line has a NUL byte; a profile is text in UTF-8\n");
	assert_string_equal(text_peek(&seen), "1 [a]\n");
	text_free(&errors);
	assert_int_equal(read_bytes(utf16, sizeof(utf16) - 1, note, &seen, &errors), -EINVAL);
	assert_string_equal(text_peek(&errors), "x.ini:1: the line has a NUL byte; a profile is text in UTF-8\n");
}

static int stop(void *user, const char *section, const char *key, const char *value, int line)
{
	note(user, section, key, value, line);
	return key ? -ENOMEM : 0;
}

static int stop_at_header(void *user, const char *section, const char *key, const char *value, int line)
{
	note(user, section, key, value, line);
	return key ? 0 : -EINTR;
}

static void visitor_stops(void **state)
{
	static const char text[] = "[a]\nk = v\nl = w\n[b]\n";
	_cleanup_text_ struct text seen = { 0 }, errors = { 0 };

	(void)state;
	assert_int_equal(read_bytes(text, strlen(text), stop, &seen, &errors), -ENOMEM);
	assert_string_equal(text_peek(&seen), "1 [a]\n2 a.k=<v>\n");
	text_free(&seen);
	assert_int_equal(read_bytes(text, strlen(text), stop_at_header, &seen, &errors), -EINTR);
	assert_string_equal(text_peek(&seen), "1 [a]\n");
	assert_string_equal(text_peek(&errors), "");
}

static void reading_fails(void **state)
{
	_cleanup_text_ struct text seen = { 0 }, errors = { 0 };
	FILE *file = fopen("/", "r");

	(void)state;
	assert_non_null(file);
	assert_int_equal(ini_read(file, "x.ini", note, &seen, &errors), -EISDIR);
	assert_string_equal(text_peek(&errors), "x.ini: reading failed: Is a directory\n");
	fclose(file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads),       cmocka_unit_test(refuses),       cmocka_unit_test(longest_line),
		cmocka_unit_test(refuses_nul), cmocka_unit_test(visitor_stops), cmocka_unit_test(reading_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
