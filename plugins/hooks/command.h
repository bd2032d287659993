/* SPDX-License-Identifier: MIT */
/* One program with its arguments, as it is written in a profile. Pure: no system call. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define TIMEOUT_MOST 86400 /* seconds: a day */

/*
 *	[--timeout=SECONDS] [--argv0=NAME] [NAME=VALUE...] /PROGRAM [ARGUMENT...]
 *
 * The settings in front are those of env(1). Together it is all that a hook of the OCI runtime specification can say:
 * path, args (whose first one is argv[0]), env and timeout.
 */
struct command {
	const char *path;
	char **argv;      /* NULL at the end */
	char **variables; /* NAME=VALUE, NULL at the end */
	int64_t timeout;  /* seconds; 0: not given */
	void *memory[2];  /* what the strings and the arrays are in */
};

/*
 * Words are split at blanks; '...' takes everything as it is, "..." all but \" and \\, and outside of them a backslash
 * takes the next character. 0; -EINVAL with the reason in `why`; -ENOMEM. command_free() after 0 alone.
 */
int command_parse(const char *text, struct command *command, char *why, size_t why_size);

void command_free(struct command *command);
