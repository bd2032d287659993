/* SPDX-License-Identifier: MIT */
/* Words of the command line -> entries of a profile, by option tables. */
#pragma once

#include <stdbool.h>

#include <contain/plugin.h>

#include "base/suggest.h"
#include "base/text.h"
#include "profile/profile.h"

struct flag {
	const char *section;
	const struct contain_option *option;
};

/* Where flags are looked up: name without dashes, or NULL and the letter of a short one. */
struct flag_finder {
	bool (*find)(void *user, const char *name, char letter, struct flag *flag);
	void (*suggest)(void *user, struct suggestion *suggestion);
	const char *command; /* whose help an error points to */
	void *user;
};

/* Whether one of the table is that flag. */
bool flag_in_table(const char *section, const struct contain_option *options, const char *name, char letter,
		   struct flag *flag);
void flag_suggest_table(const struct contain_option *options, struct suggestion *suggestion);

/*
 * For a first look at the words, when not all flags are known yet: flag_find_hint() finds every one. Of one that
 * `known` does not find it is not known whether it takes a value, so the word behind it is taken for one if it may be.
 * What this gets wrong is found when the words are read for good.
 */
struct flag_hint {
	bool (*known)(void *user, const char *name, char letter, struct flag *flag);
	void *user;
	char **argv;
	int argc;
	const int *at; /* as given to args_parse() */
};
bool flag_find_hint(void *hint, const char *name, char letter, struct flag *flag);

/*
 * Read flags from argv[*at] on, up to the first word that is none, or behind "--". Values become entries of `values`,
 * with the flag as their origin; -h and --help set *help. Returns 0, -EINVAL with a line in errors, or -ENOMEM.
 */
int args_parse(char **argv, int argc, int *at, const struct flag_finder *finder, struct profile *values, bool *help,
	       struct text *errors);
