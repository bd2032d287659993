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
 * Read flags from argv[*at] on, up to the first word that is none, or behind "--". Values become entries of `values`,
 * with the flag as their origin; -h and --help set *help. Returns 0, -EINVAL with a line in errors, or -ENOMEM.
 */
int args_parse(char **argv, int argc, int *at, const struct flag_finder *finder, struct profile *values, bool *help,
	       struct text *errors);
