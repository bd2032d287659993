/* SPDX-License-Identifier: MIT */
/* What may stand in the place of the last word of an unfinished command line. */
#pragma once

#include "cli/cli.h"
#include "plugin/catalog.h"

/* In `arguments` of a command: the words of somebody's program, among which there are no flags of ours. */
#define COMPLETE_PROGRAM "COMMAND [ARGUMENTS]"

struct completion {
	struct cli *cli;
	const struct command *command; /* NULL: not known yet */
	const char *word;              /* what is there of the last word */
	const char *prefix; /* in front of what is offered: "--profile=" of "--profile=def", where the word is "def" */
	int prefix_length;
	unsigned statuses;             /* of containers that are offered, a bit for each enum life_status; 0: all */
	bool live_only;                /* options that may change while the container runs, and no others */
	const char *before;            /* the word before, if it is no flag; NULL */
	struct catalog catalog;        /* complete_load() */
	bool is_loaded;                /* tried once */
	struct contain_option chooser; /* a flag that no table has: its name is the catalog's */
	struct text ignored;           /* errors: a shell that waits for a key is not told */
};

/* One line of the answer, if it goes on as the word begins. help: one line, or NULL. */
void complete_offer(const struct completion *completion, const char *candidate, const char *help);

/* ":files" and the like: the shell knows more of these. */
void complete_by_shell(const struct completion *completion, const char *what);

/*
 * What a word of that name, as it stands in `arguments` of a command or as an option's metavar ("ID", "FILE",
 * "PLUGIN.KEY=VALUE"), may be. Nothing for one that is not known.
 */
void complete_kind(struct completion *completion, const char *name);

/* An option's values, and the plugins that are chosen by its flag. */
void complete_value(struct completion *completion, const struct contain_option *option);

/* The flag of that name, or for NULL that letter, if the command has it. */
const struct contain_option *complete_find_flag(struct completion *completion, const char *name, char letter);

/* All that the command has. */
void complete_flags(struct completion *completion);

/* Commands; those of two words in two steps: the second behind its family. */
void complete_commands(const struct completion *completion, const char *family);

/* All plugins, once; none where that fails. */
const struct catalog *complete_load(struct completion *completion);
