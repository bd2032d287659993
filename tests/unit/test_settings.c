/* SPDX-License-Identifier: MIT */
/* Whole sections: values, defaults, lists, mistakes, and the way into another process. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "profile/options.h"
#include "unit.h"

struct memory {
	int64_t max, high;
	bool group, quiet;
	int mode, other_mode;
	const char *name, *title;
	struct contain_list volumes, tags;
	struct {
		int64_t left, right;
	} pair;
	char scratch[8]; /* no option: what configure leaves here is carried over */
};

static int parse_pair(const char *text, void *value, char *why, size_t why_size)
{
	int64_t *pair = value;
	char *end;

	pair[0] = strtoll(text, &end, 10);
	pair[1] = *end == '/' ? strtoll(end + 1, &end, 10) : 100;
	if (!*end)
		return 0;
	snprintf(why, why_size, "not two numbers");
	return -EINVAL;
}

static int absolute(const char *text, void *value, char *why, size_t why_size)
{
	(void)value;
	if (*text == '/')
		return 0;
	snprintf(why, why_size, "must begin with /");
	return -EINVAL;
}

static const char *const modes[] = { "soft", "hard", NULL };

static const struct contain_option options[] = {
	CONTAIN_SIZE_OPTION(struct memory, max, "max", .flag = "memory"),
	CONTAIN_SIZE_OPTION(struct memory, high, "limit", .initial = "32M"),
	CONTAIN_BOOL_OPTION(struct memory, group, "group", .initial = "yes"),
	CONTAIN_BOOL_OPTION(struct memory, quiet, "quiet"),
	CONTAIN_ENUM_OPTION(struct memory, mode, "mode", .choices = modes, .initial = "hard"),
	CONTAIN_ENUM_OPTION(struct memory, other_mode, "other", .choices = modes),
	CONTAIN_STRING_OPTION(struct memory, name, "name", .initial = "box"),
	CONTAIN_STRING_OPTION(struct memory, title, "title"),
	CONTAIN_LIST_OPTION(struct memory, volumes, "volume", .parse = absolute),
	CONTAIN_LIST_OPTION(struct memory, tags, "tag", .initial = "plain"),
	CONTAIN_CUSTOM_OPTION(struct memory, pair, "pair", .parse = parse_pair),
	CONTAIN_OPTIONS_END,
};

static struct settings new_settings(void)
{
	return (struct settings){ .section = "mem", .options = options, .self_size = sizeof(struct memory) };
}

/* "SOURCE:LINE key=value", one a row; no line for a flag. */
static void add(struct profile *profile, const char *section, const char *const (*rows)[3])
{
	for (; (*rows)[0]; rows++) {
		char source[32];
		int line = 0;

		snprintf(source, sizeof(source), "%s", (*rows)[0]);
		if (strchr(source, ':')) {
			line = atoi(strchr(source, ':') + 1);
			*strchr(source, ':') = '\0';
		}
		assert_int_equal(
			profile_add_entry(profile, section, (*rows)[1], (*rows)[2], (struct origin){ source, line }),
			0);
	}
}

#define ROWS(...) ((const char *const[][3]){ __VA_ARGS__, { NULL } })

static void fill(struct settings *settings, const char *const (*rows)[3])
{
	_cleanup_text_ struct text errors = { 0 };
	struct profile profile = { 0 };
	int result;

	add(&profile, "mem", rows);
	add(&profile, "elsewhere", ROWS({ "x.ini:1", "nonsense", "1" }));
	result = settings_fill(settings, &profile, &errors);
	profile_free(&profile);
	assert_string_equal(text_peek(&errors), "");
	assert_int_equal(result, 0);
}

static void expect_errors(const struct contain_option *table, const char *const (*rows)[3], const char *expected)
{
	struct settings settings = { .section = "mem", .options = table, .self_size = sizeof(struct memory) };
	_cleanup_text_ struct text errors = { 0 };
	struct profile profile = { 0 };
	int result;

	add(&profile, "mem", rows);
	result = settings_fill(&settings, &profile, &errors);
	settings_free(&settings);
	profile_free(&profile);
	assert_string_equal(text_peek(&errors), expected);
	assert_int_equal(result, -EINVAL);
}

static void defaults(void **state)
{
	struct settings settings = new_settings();
	const struct memory *memory;

	(void)state;
	fill(&settings, ROWS({ NULL }));
	memory = settings.self;
	assert_true(memory->max == CONTAIN_UNSET);
	assert_true(memory->high == 32 << 20);
	assert_true(memory->group);
	assert_false(memory->quiet);
	assert_int_equal(memory->mode, 1);
	assert_int_equal(memory->other_mode, -1);
	assert_string_equal(memory->name, "box");
	assert_null(memory->title);
	assert_int_equal(memory->volumes.count, 0);
	assert_int_equal(memory->tags.count, 1);
	assert_string_equal(memory->tags.items[0], "plain");
	assert_true(memory->pair.left == 0 && memory->pair.right == 0);
	for (const struct contain_option *option = options; option->key; option++)
		assert_false(settings_given(&settings, option->key));
	settings_free(&settings);
}

/* Later beats earlier, file by file and then the flags, of which one may be given twice. */
static void values(void **state)
{
	struct settings settings = new_settings();
	const struct memory *memory;

	(void)state;
	fill(&settings,
	     ROWS({ "base.ini:1", "max", "16M" }, { "base.ini:2", "name", "one" }, { "base.ini:3", "group", "no" },
		  { "top.ini:1", "max", "32M" }, { "top.ini:2", "pair", "5/6" }, { "top.ini:3", "title", "" },
		  { "--memory", "max", "48M" }, { "--memory", "max", "64M" }, { "--set mem.other", "other", "soft" }));
	memory = settings.self;
	assert_true(memory->max == 64 << 20);
	assert_string_equal(memory->name, "one");
	assert_string_equal(memory->title, "");
	assert_false(memory->group);
	assert_int_equal(memory->other_mode, 0);
	assert_true(memory->pair.left == 5 && memory->pair.right == 6);
	assert_true(settings_given(&settings, "max"));
	assert_true(settings_given(&settings, "title"));
	assert_false(settings_given(&settings, "limit"));
	assert_false(settings_given(&settings, "nonsense"));
	settings_free(&settings);
}

static void lists(void **state)
{
	const struct {
		const char *const (*rows)[3];
		const char *items; /* with a comma behind each */
		bool given;
	} table[] = {
		{ ROWS({ "a.ini:1", "tag", "x" }, { "a.ini:2", "tag", "y" }), "x,y,", true },
		{ ROWS({ "a.ini:1", "tag", "x" }, { "b.ini:1", "tag", "y" }, { "--tag", "tag", "z" }), "x,y,z,", true },
		{ ROWS({ "a.ini:1", "tag", "x" }, { "b.ini:1", "tag", "" }, { "--tag", "tag", "z" }), "z,", true },
		{ ROWS({ "a.ini:1", "tag", "x" }, { "--tag", "tag", "" }), "", true },
		{ ROWS({ "a.ini:1", "tag", "" }), "", true },
		{ ROWS({ "a.ini:1", "tag", "x" }, { "a.ini:2", "tag", "x" }), "x,x,", true },
		{ ROWS({ NULL }), "plain,", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		_cleanup_text_ struct text text = { 0 };
		struct settings settings = new_settings();
		const struct memory *memory;

		fill(&settings, table[i].rows);
		memory = settings.self;
		for (size_t item = 0; item < memory->tags.count; item++)
			text_printf(&text, "%s,", memory->tags.items[item]);
		assert_string_equal(text_peek(&text), table[i].items);
		assert_int_equal(settings_given(&settings, "tag"), table[i].given);
		settings_free(&settings);
	}
}

/* What checks the items does not see the empty value. */
static void emptied_list(void **state)
{
	struct settings settings = new_settings();

	(void)state;
	fill(&settings, ROWS({ "a.ini:1", "volume", "/x" }, { "--volume", "volume", "" }));
	assert_int_equal(((const struct memory *)settings.self)->volumes.count, 0);
	settings_free(&settings);
}

/* All at once, in their order, each with its place. */
static void mistakes(void **state)
{
	(void)state;
	expect_errors(options,
		      ROWS({ "default.ini:12", "limt", "64M" }, { "default.ini:13", "max", "64Q" },
			   { "default.ini:14", "max", "32M" }, { "default.ini:15", "hostname", "x" },
			   { "default.ini:16", "mode", "hrad" }, { "default.ini:17", "volume", "/x" },
			   { "default.ini:18", "volume", "x" }, { "default.ini:19", "pair", "1/x" },
			   { "--memory", "max", "64Q" }, { "--volume", "volume", "y" },
			   { "--set mem.lmit", "lmit", "1" }),
		      "default.ini:12: [mem] has no key 'limt' (did you mean 'limit'?)\n"
		      "default.ini:13: [mem] max: '64Q' has 'Q' behind the number (its unit is K, M, G or T)\n"
		      "default.ini:14: [mem] 'max' is given twice (first in line 13)\n"
		      "default.ini:15: [mem] has no key 'hostname'\n"
		      "default.ini:16: [mem] mode: 'hrad' is none of soft, hard (did you mean 'hard'?)\n"
		      "default.ini:18: [mem] volume: 'x': must begin with /\n"
		      "default.ini:19: [mem] pair: '1/x': not two numbers\n"
		      "--memory: '64Q' has 'Q' behind the number (its unit is K, M, G or T)\n"
		      "--volume: 'y': must begin with /\n"
		      "--set mem.lmit: [mem] has no key 'lmit' (did you mean 'limit'?)\n");
}

/* A wrong value is a mistake also where a later one beats it; the same key in two files is none. */
static void overridden_mistake(void **state)
{
	(void)state;
	expect_errors(options,
		      ROWS({ "base.ini:1", "max", "-1" }, { "top.ini:1", "max", "1M" }, { "--memory", "max", "2M" }),
		      "base.ini:1: [mem] max: '-1' is negative (must be 1 or more)\n");
}

static void line_breaks(void **state)
{
	(void)state;
	expect_errors(options, ROWS({ "--memory", "max", "6\n4" }),
		      "--memory: '6?4' has '?4' behind the number (its unit is K, M, G or T)\n");
}

static void required(void **state)
{
	static const struct contain_option table[] = {
		CONTAIN_STRING_OPTION(struct memory, name, "rootfs", .flags = CONTAIN_REQUIRED, .flag = "rootfs",
				      .metavar = "DIR"),
		CONTAIN_LIST_OPTION(struct memory, tags, "tag", .flags = CONTAIN_REQUIRED),
		CONTAIN_SIZE_OPTION(struct memory, max, "max", .flags = CONTAIN_REQUIRED, .initial = "1M"),
		CONTAIN_OPTIONS_END,
	};

	(void)state;
	expect_errors(table, ROWS({ "a.ini:1", "tagg", "x" }),
		      "a.ini:1: [mem] has no key 'tagg' (did you mean 'tag'?)\n"
		      "[mem] rootfs is missing: give --rootfs DIR, or 'rootfs = DIR' in the profile\n"
		      "[mem] tag is missing: give 'tag = VALUE' in the profile\n");
	expect_errors(table, ROWS({ "a.ini:1", "rootfs", "/r" }, { "--tag", "tag", "" }),
		      "[mem] tag is missing: give 'tag = VALUE' in the profile\n");
}

static void wrong_default(void **state)
{
	static const struct contain_option table[] = {
		CONTAIN_SIZE_OPTION(struct memory, max, "max", .initial = "1Q"),
		CONTAIN_LIST_OPTION(struct memory, volumes, "volume", .initial = "x", .parse = absolute),
		CONTAIN_OPTIONS_END,
	};

	(void)state;
	expect_errors(table, ROWS({ NULL }),
		      "[mem] max: the plugin's own default: '1Q' has 'Q' behind the number (its unit is K, M, G or T)\n"
		      "[mem] volume: the plugin's own default: 'x': must begin with /\n");
}

static void no_options(void **state)
{
	struct settings settings = { .section = "mem" };
	_cleanup_wire_ struct wire wire = { 0 };
	struct settings copy = { .section = "mem" };

	(void)state;
	fill(&settings, ROWS({ NULL }));
	assert_non_null(settings.self);
	settings_write(&settings, &wire);
	assert_int_equal(settings_read(&copy, &wire), 0);
	settings_free(&settings);
	settings_free(&copy);
	expect_errors(NULL, ROWS({ "a.ini:1", "max", "1" }), "a.ini:1: [mem] has no key 'max'\n");
}

/* ---- to another process ---- */

static void write_sample(struct wire *wire)
{
	struct settings settings = new_settings();
	struct memory *memory;

	fill(&settings, ROWS({ "a.ini:1", "max", "64M" }, { "a.ini:2", "title", "" }, { "a.ini:3", "volume", "/a" },
			     { "a.ini:4", "volume", "/b" }, { "a.ini:5", "tag", "" }, { "a.ini:6", "pair", "1/2" }));
	memory = settings.self;
	/* As configure may: another number, a string that it made, bytes of its own. */
	memory->high = 7;
	memory->name = "changed";
	strcpy(memory->scratch, "mine");
	settings_write(&settings, wire);
	assert_int_equal(wire->error, 0);
	settings_free(&settings);
}

static void round_trip(void **state)
{
	_cleanup_wire_ struct wire out = { 0 };
	struct settings settings = new_settings();
	struct wire in;
	const struct memory *memory;

	(void)state;
	write_sample(&out);
	wire_put_string(&out, "next");
	in = (struct wire){ .bytes = out.bytes, .length = out.length };
	assert_int_equal(settings_read(&settings, &in), 0);
	assert_string_equal(wire_get_string(&in), "next");
	/* Nothing points into the bytes that were read. */
	memset(out.bytes, 0xff, out.length);
	memory = settings.self;
	assert_true(memory->max == 64 << 20);
	assert_true(memory->high == 7);
	assert_true(memory->group);
	assert_int_equal(memory->mode, 1);
	assert_string_equal(memory->name, "changed");
	assert_string_equal(memory->title, "");
	assert_int_equal(memory->volumes.count, 2);
	assert_string_equal(memory->volumes.items[0], "/a");
	assert_string_equal(memory->volumes.items[1], "/b");
	assert_int_equal(memory->tags.count, 0);
	assert_true(memory->pair.left == 1 && memory->pair.right == 2);
	assert_string_equal(memory->scratch, "mine");
	assert_true(settings_given(&settings, "max"));
	assert_true(settings_given(&settings, "tag"));
	assert_false(settings_given(&settings, "limit"));
	settings_free(&settings);
}

/* The addresses of one process are no business of another. */
static void no_pointers(void **state)
{
	_cleanup_wire_ struct wire out = { 0 };
	const struct memory *memory;

	(void)state;
	write_sample(&out);
	memory = (const void *)(out.bytes + 16);
	assert_true(memory->max == 64 << 20);
	assert_null(memory->name);
	assert_null(memory->volumes.items);
	assert_int_equal(memory->volumes.count, 0);
}

static int read_back(const char *bytes, size_t length, const struct contain_option *table, size_t self_size)
{
	struct settings settings = { .section = "mem", .options = table, .self_size = self_size };
	struct wire in = { .bytes = malloc(length + 1), .length = length };
	int result;

	/* In memory of just that size, so that the sanitizer sees each byte too far. */
	in.bytes = realloc(in.bytes, length ? length : 1);
	memcpy(in.bytes, bytes, length);
	result = settings_read(&settings, &in);
	settings_free(&settings);
	free(in.bytes);
	return result;
}

static void truncated(void **state)
{
	_cleanup_wire_ struct wire out = { 0 };

	(void)state;
	write_sample(&out);
	for (size_t length = 0; length < out.length; length++)
		assert_int_equal(read_back(out.bytes, length, options, sizeof(struct memory)), -EBADMSG);
	assert_int_equal(read_back(out.bytes, out.length, options, sizeof(struct memory)), 0);
}

/* Any byte changed: an error or another value, never an access out of bounds (which the sanitizers see). */
static void corrupt(void **state)
{
	static const unsigned char changes[] = { 0x00, 0x01, 0x7f, 0x80, 0xff };
	_cleanup_wire_ struct wire out = { 0 };
	size_t refused = 0;

	(void)state;
	write_sample(&out);
	for (size_t at = 0; at < out.length; at++) {
		for (size_t i = 0; i < COUNT(changes); i++) {
			char before = out.bytes[at];
			int result;

			out.bytes[at] = (char)changes[i];
			result = read_back(out.bytes, out.length, options, sizeof(struct memory));
			assert_true(result == 0 || result == -EBADMSG);
			refused += result != 0;
			out.bytes[at] = before;
		}
	}
	assert_true(refused > 16);
}

static void wrong_bool(void **state)
{
	_cleanup_wire_ struct wire out = { 0 };

	(void)state;
	write_sample(&out);
	out.bytes[16 + offsetof(struct memory, group)] = 2;
	assert_int_equal(read_back(out.bytes, out.length, options, sizeof(struct memory)), -EBADMSG);
}

static void other_table(void **state)
{
	_cleanup_wire_ struct wire out = { 0 }, plain = { 0 };
	struct settings settings = { .section = "mem", .self_size = 16 };

	(void)state;
	fill(&settings, ROWS({ NULL }));
	settings_write(&settings, &plain);
	settings_free(&settings);
	assert_int_equal(read_back(plain.bytes, plain.length, NULL, 8), -EBADMSG);
	write_sample(&out);
	assert_int_equal(read_back(out.bytes, out.length, options, sizeof(struct memory) + 8), -EBADMSG);
	assert_int_equal(read_back(out.bytes, out.length, options + 1, sizeof(struct memory)), -EBADMSG);
	assert_int_equal(read_back(out.bytes, out.length, NULL, sizeof(struct memory)), -EBADMSG);
}

/* ---- shown, copied, changed ---- */

static void expect_json(const struct settings *settings, const char *key, const char *expected)
{
	_cleanup_text_ struct text json = { 0 };

	settings_json(settings, option_find(options, key), &json);
	assert_string_equal(text_peek(&json), expected);
}

static void as_json(void **state)
{
	struct settings settings = new_settings();

	(void)state;
	fill(&settings,
	     ROWS({ "a.ini:1", "max", "64M" }, { "a.ini:2", "limit", "max" }, { "a.ini:3", "quiet", "yes" },
		  { "a.ini:4", "title", "a \"b\"" }, { "a.ini:5", "volume", "/a" }, { "a.ini:6", "volume", "/b\\c" },
		  { "a.ini:7", "pair", "1/2" }, { "a.ini:8", "group", "no" }));
	expect_json(&settings, "max", "67108864");
	expect_json(&settings, "limit", "\"max\"");
	expect_json(&settings, "quiet", "true");
	expect_json(&settings, "group", "false");
	expect_json(&settings, "mode", "\"hard\"");
	expect_json(&settings, "name", "\"box\"");
	expect_json(&settings, "title", "\"a \\\"b\\\"\"");
	expect_json(&settings, "volume", "[\"/a\",\"/b\\\\c\"]");
	expect_json(&settings, "tag", "[\"plain\"]");
	/* What is a struct of the plugin's own is shown as it was given. */
	expect_json(&settings, "pair", "\"1/2\"");
	settings_free(&settings);
}

static void unset_as_json(void **state)
{
	struct settings settings = new_settings();

	(void)state;
	fill(&settings, ROWS({ "a.ini:1", "tag", "" }));
	expect_json(&settings, "max", "null");
	expect_json(&settings, "quiet", "false");
	expect_json(&settings, "other", "null");
	expect_json(&settings, "title", "null");
	expect_json(&settings, "volume", "[]");
	expect_json(&settings, "tag", "[]");
	expect_json(&settings, "pair", "null");
	settings_free(&settings);
}

/* "max" is a word of options that know it; of others it is the number that it is. */
static void numbers_as_json(void **state)
{
	static const struct contain_option table[] = {
		CONTAIN_INT_OPTION(struct memory, max, "plain", .max = CONTAIN_MAX),
		CONTAIN_INT_OPTION(struct memory, high, "or_max", .flags = CONTAIN_OR_MAX),
		CONTAIN_OPTIONS_END,
	};
	struct settings settings = { .section = "mem", .options = table, .self_size = sizeof(struct memory) };
	struct memory *memory;
	_cleanup_text_ struct text json = { 0 };

	(void)state;
	fill(&settings, ROWS({ "a.ini:1", "plain", "5" }));
	memory = settings.self;
	memory->high = CONTAIN_MAX;
	settings_json(&settings, &table[0], &json);
	text_add(&json, " ");
	settings_json(&settings, &table[1], &json);
	memory->max = CONTAIN_MAX;
	text_add(&json, " ");
	settings_json(&settings, &table[0], &json);
	assert_string_equal(text_peek(&json), "5 \"max\" 9223372036854775807");
	settings_free(&settings);
}

static void copied(void **state)
{
	struct settings settings = new_settings(), copy = new_settings();
	struct memory *memory;

	(void)state;
	fill(&settings, ROWS({ "a.ini:1", "max", "64M" }, { "a.ini:2", "title", "t" }, { "a.ini:3", "volume", "/a" },
			     { "a.ini:4", "pair", "1/2" }));
	memory = settings.self;
	memory->high = 7;
	strcpy(memory->scratch, "mine");
	assert_int_equal(settings_copy(&copy, &settings), 0);
	/* It lives longer than what it was made of. */
	settings_free(&settings);
	memory = copy.self;
	assert_true(memory->max == 64 << 20);
	assert_true(memory->high == 7);
	assert_string_equal(memory->title, "t");
	assert_string_equal(memory->volumes.items[0], "/a");
	assert_true(memory->pair.right == 2);
	assert_string_equal(memory->scratch, "mine");
	assert_true(settings_given(&copy, "max"));
	assert_false(settings_given(&copy, "limit"));
	expect_json(&copy, "pair", "\"1/2\"");
	settings_free(&copy);
}

static int change(struct settings *settings, const char *section, const char *const (*rows)[3], const char *expected)
{
	_cleanup_text_ struct text errors = { 0 };
	struct profile values = { 0 };
	int result;

	add(&values, section, rows);
	result = settings_change(settings, &values, &errors);
	profile_free(&values);
	assert_string_equal(text_peek(&errors), expected);
	return result;
}

static void changed(void **state)
{
	struct settings settings = new_settings();
	struct memory *memory;

	(void)state;
	fill(&settings, ROWS({ "a.ini:1", "max", "64M" }, { "a.ini:2", "tag", "x" }, { "a.ini:3", "title", "t" },
			     { "a.ini:4", "pair", "1/2" }));
	/* As configure may have left it. */
	((struct memory *)settings.self)->high = 7;
	assert_int_equal(change(&settings, "mem",
				ROWS({ "--memory", "max", "1M" }, { "--memory", "max", "128M" },
				     { "--set mem.tag", "tag", "y" }, { "--set mem.tag", "tag", "z" },
				     { "--set mem.pair", "pair", "3/4" }, { "--set mem.name", "name", "new" }),
				""),
			 0);
	memory = settings.self;
	assert_true(memory->max == 128 << 20);
	/* A list is the new one. */
	assert_int_equal(memory->tags.count, 2);
	assert_string_equal(memory->tags.items[0], "y");
	assert_string_equal(memory->tags.items[1], "z");
	assert_true(memory->pair.left == 3 && memory->pair.right == 4);
	expect_json(&settings, "pair", "\"3/4\"");
	assert_string_equal(memory->name, "new");
	assert_true(settings_given(&settings, "name"));
	/* The rest stays. */
	assert_true(memory->high == 7);
	assert_string_equal(memory->title, "t");
	assert_false(settings_given(&settings, "limit"));
	/* What is another section's is nothing of ours. */
	assert_int_equal(change(&settings, "elsewhere", ROWS({ "--set elsewhere.max", "max", "1" }), ""), 0);
	assert_true(memory->max == 128 << 20);
	settings_free(&settings);
}

static void a_list_changed_to_an_empty_one(void **state)
{
	struct settings settings = new_settings();
	const struct memory *memory;

	(void)state;
	fill(&settings, ROWS({ "a.ini:1", "tag", "x" }, { "a.ini:2", "volume", "/x" }));
	assert_int_equal(change(&settings, "mem", ROWS({ "--set mem.tag", "tag", "" }), ""), 0);
	memory = settings.self;
	assert_int_equal(memory->tags.count, 0);
	assert_int_equal(memory->volumes.count, 1);
	settings_free(&settings);
}

/* One mistake, and nothing is changed. */
static void a_wrong_change(void **state)
{
	struct settings settings = new_settings();
	const struct memory *memory;

	(void)state;
	fill(&settings, ROWS({ "a.ini:1", "max", "64M" }));
	memory = settings.self;
	assert_int_equal(change(&settings, "mem",
				ROWS({ "--memory", "max", "32M" }, { "--set mem.pair", "pair", "x" },
				     { "--set mem.limt", "limt", "1" }),
				"--set mem.pair: 'x': not two numbers\n"
				"--set mem.limt: [mem] has no key 'limt' (did you mean 'limit'?)\n"),
			 -EINVAL);
	assert_true(memory->max == 64 << 20);
	settings_free(&settings);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults),        cmocka_unit_test(values),
		cmocka_unit_test(lists),           cmocka_unit_test(emptied_list),
		cmocka_unit_test(mistakes),        cmocka_unit_test(overridden_mistake),
		cmocka_unit_test(line_breaks),     cmocka_unit_test(required),
		cmocka_unit_test(wrong_default),   cmocka_unit_test(no_options),
		cmocka_unit_test(round_trip),      cmocka_unit_test(no_pointers),
		cmocka_unit_test(truncated),       cmocka_unit_test(corrupt),
		cmocka_unit_test(wrong_bool),      cmocka_unit_test(other_table),
		cmocka_unit_test(as_json),         cmocka_unit_test(unset_as_json),
		cmocka_unit_test(numbers_as_json), cmocka_unit_test(copied),
		cmocka_unit_test(changed),         cmocka_unit_test(a_list_changed_to_an_empty_one),
		cmocka_unit_test(a_wrong_change),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
