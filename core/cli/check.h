/* SPDX-License-Identifier: MIT */
/* contain check: what is known of one profile, between finding it out and showing it. */
#pragma once

#include "cli/cli.h"
#include "cli/exposure.h"
#include "cli/flags.h"
#include "container/assess.h"

struct verdict {
	const char *profile; /* as it was given */
	struct flags flags;
	struct container container;
	struct assessment assessment;
	struct text mistakes, advice; /* a line each */
	bool assessed;                /* what follows is known */
	struct exposer *exposers;     /* of each plugin */
	int *points;                  /* what the exposers point into */
	uint32_t closed;              /* facts */
	struct exposure_score score;
};

/* The command line, taken apart: flags are read once more with each profile, as it says which plugins are on. */
struct check_words {
	struct profile before; /* flags in front of the command's name */
	char **flags;          /* the words of those behind it, with their values; owned, the words are argv's */
	int flag_count;
};

/*
 * Read the words of the command: flags to cli->flags, which then count for the command itself, names of profiles to
 * cli->words. 0, 1 for --help, or -1 with the errors told. check_words_free() always.
 */
int check_read_words(struct cli *cli, struct check_words *words);
void check_words_free(struct check_words *words);

/* Find out all of it. 0 or -errno with a message told. verdict_free() always. */
int verdict_reach(struct verdict *verdict, struct cli *cli, const struct check_words *words, const char *profile);
void verdict_free(struct verdict *verdict);

/* What is no mistake, but may not be what is meant: into verdict->advice. */
void verdict_advise(struct verdict *verdict);

/* On standard output; mistakes and advice of the first as messages in cli's log. */
void verdict_print(struct verdict *verdict, struct cli *cli);
void verdict_json(struct verdict *verdict, struct text *json);
