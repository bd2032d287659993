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

/* Read the words of the command: flags to cli->flags, which then count, others to cli->words. 0, 1 for --help, or -1
 * with the errors told. */
int check_read_words(struct cli *cli);

/* Find out all of it; `words` are the flags that were given. 0 or -errno with a message told. verdict_free() always. */
int verdict_reach(struct verdict *verdict, struct cli *cli, const struct profile *words, const char *profile);
void verdict_free(struct verdict *verdict);

/* What is no mistake, but may not be what is meant: into verdict->advice. */
void verdict_advise(struct verdict *verdict);

/* On standard output; mistakes and advice of the first as messages in cli's log. */
void verdict_print(struct verdict *verdict, struct cli *cli);
void verdict_json(struct verdict *verdict, struct text *json);
