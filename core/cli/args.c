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
	text_printf(errors, "unknown flag %s%s; `contain run --help` lists them\n", word, near);
	return -EINVAL;
}

/* One flag: its word is argv[*at], and its value, if it takes one, in the same word or the next. */
static int parse_one(char **argv, int argc, int *at, const struct flag_finder *finder, struct profile *values,
		     struct text *errors)
{
	const char *word = argv[(*at)++], *value = NULL;
	_cleanup_free_ char *shown = NULL;
	struct flag flag;
	bool found;

	if (word[1] == '-') {
		const char *equals = strchr(word, '=');

		shown = equals ? strndup(word, (size_t)(equals - word)) : strdup(word);
		value = equals ? equals + 1 : NULL;
		found = shown && finder->find(finder->user, shown + 2, 0, &flag);
	} else {
		shown = strndup(word, 2);
		value = word[2] ? word + 2 : NULL;
		found = finder->find(finder->user, NULL, word[1], &flag);
	}
	if (!shown)
		return -ENOMEM;
	if (!found)
		return fail_unknown(finder, shown, errors);
	if (!value && flag.option->type == CONTAIN_BOOL)
		value = "yes";
	if (!value) {
		if (*at >= argc) {
			text_printf(errors, "%s wants a value: %s %s\n", shown, shown,
				    flag.option->metavar ? flag.option->metavar : "VALUE");
			return -EINVAL;
		}
		value = argv[(*at)++];
	}
	return profile_add_entry(values, flag.section, flag.option->key, value, (struct origin){ shown, 0 });
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
		result = parse_one(argv, argc, at, finder, values, errors);
	}
	return result;
}
