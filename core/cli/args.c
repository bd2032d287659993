/* SPDX-License-Identifier: MIT */
#include "cli/args.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

bool flag_in_table(const char *section, const struct contain_option *options, const char *name, char letter,
		   struct flag *flag)
{
	for (; options && options->key; options++) {
		if (name ? options->flag && strcmp(options->flag, name) == 0 : options->short_flag == letter) {
			*flag = (struct flag){ section, options };
			return true;
		}
	}
	return false;
}

bool flag_find_hint(void *user, const char *name, char letter, struct flag *flag)
{
	static const struct contain_option unknown_with_value = { .key = "?", .type = CONTAIN_STRING },
					   unknown_without = { .key = "?", .type = CONTAIN_BOOL };
	const struct flag_hint *hint = user;
	const char *next = *hint->at < hint->argc ? hint->argv[*hint->at] : NULL;

	if (!hint->known(hint->user, name, letter, flag))
		*flag = (struct flag){ "?", next && *next != '-' ? &unknown_with_value : &unknown_without };
	return true;
}

void flag_suggest_table(const struct contain_option *options, struct suggestion *suggestion)
{
	for (; options && options->key; options++) {
		if (options->flag)
			suggest_offer(suggestion, options->flag);
	}
}

static int fail_unknown(const struct flag_finder *finder, const char *word, struct text *errors)
{
	struct suggestion suggestion = { .wrong = word + 2 };
	char near[128] = "", name[128];

	if (strncmp(word, "--", 2) == 0)
		finder->suggest(finder->user, &suggestion);
	if (suggestion.best) {
		/* A flag is shown with its dashes. */
		snprintf(name, sizeof(name), "--%s", suggestion.best);
		suggestion.best = name;
		suggest_text(&suggestion, near, sizeof(near));
	}
	text_printf(errors, "unknown flag %s%s; `contain %s%s--help` lists them\n", word, near,
		    finder->command ? finder->command : "", finder->command ? " " : "");
	return -EINVAL;
}

static int add_value(struct profile *values, const struct flag *flag, const char *value, const char *shown)
{
	return profile_add_entry(values, flag->section, flag->option->key, value, (struct origin){ shown, 0 });
}

/* The value of a flag that wants one: the rest of its word, or the next word. NULL with a line in errors. */
static const char *take_value(char **argv, int argc, int *at, const char *rest, const struct flag *flag,
			      const char *shown, struct text *errors)
{
	if (rest)
		return rest;
	if (*at < argc && strcmp(argv[*at], "--") != 0)
		return argv[(*at)++];
	text_printf(errors, "%s wants a value: %s %s\n", shown, shown,
		    flag->option->metavar ? flag->option->metavar : "VALUE");
	return NULL;
}

/* --NAME, --NAME=VALUE, --NAME VALUE: its word is argv[*at]. */
static int parse_long(char **argv, int argc, int *at, const struct flag_finder *finder, struct profile *values,
		      struct text *errors)
{
	const char *word = argv[(*at)++], *equals = strchr(word, '='), *value = equals ? equals + 1 : NULL;
	_cleanup_free_ char *shown = equals ? strndup(word, (size_t)(equals - word)) : strdup(word);
	struct flag flag;

	if (!shown)
		return -ENOMEM;
	if (!finder->find(finder->user, shown + 2, 0, &flag))
		return fail_unknown(finder, shown, errors);
	if (!value && flag.option->type == CONTAIN_BOOL)
		value = "yes";
	else
		value = take_value(argv, argc, at, value, &flag, shown, errors);
	return value ? add_value(values, &flag, value, shown) : -EINVAL;
}

/* -X, -XVALUE, -X VALUE, and several without a value in one word: -XYZ. */
static int parse_short(char **argv, int argc, int *at, const struct flag_finder *finder, struct profile *values,
		       struct text *errors)
{
	const char *word = argv[(*at)++];

	for (const char *letter = word + 1; *letter; letter++) {
		const char shown[] = { '-', *letter, '\0' }, *value = "yes";
		bool takes_value;
		struct flag flag;
		int result;

		if (!finder->find(finder->user, NULL, *letter, &flag))
			return fail_unknown(finder, shown, errors);
		takes_value = flag.option->type != CONTAIN_BOOL;
		if (takes_value)
			value = take_value(argv, argc, at, letter[1] ? letter + 1 : NULL, &flag, shown, errors);
		result = value ? add_value(values, &flag, value, shown) : -EINVAL;
		if (result < 0 || takes_value)
			return result;
	}
	return 0;
}

int args_parse(char **argv, int argc, int *at, const struct flag_finder *finder, struct profile *values, bool *help,
	       struct text *errors)
{
	int result = 0;

	while (result == 0 && *at < argc) {
		const char *word = argv[*at];

		/* "-" alone is a word like others. */
		if (word[0] != '-' || word[1] == '\0')
			return 0;
		if (strcmp(word, "--") == 0) {
			(*at)++;
			return 0;
		}
		if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
			*help = true;
			(*at)++;
			continue;
		}
		result = (word[1] == '-' ? parse_long : parse_short)(argv, argc, at, finder, values, errors);
	}
	return result;
}
