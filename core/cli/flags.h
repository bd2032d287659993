/* SPDX-License-Identifier: MIT */
/*
 * The flags of a command that makes containers: its own, the core's, and the plugins'. Which profile and which plugin
 * directories are meant has to be known before the plugins' flags can be, so a first look at the words finds them.
 */
#pragma once

#include "cli/args.h"
#include "cli/cli.h"
#include "plugin/catalog.h"

#define SECTION_RUN "run" /* of cli->flags: not a section of profiles */

struct run_flags {
	const char *profile, *name, *report;
	struct contain_list enable, disable, set;
};

extern const struct contain_option run_options[];

struct flags {
	struct cli *cli;
	struct catalog catalog;
	struct text load_errors;  /* plugins that could not be asked for their flags */
	struct text mistakes;     /* of the profile: not told yet */
	struct profile profile;   /* as read, then with the command line on top */
	struct settings settings; /* owns what run points to */
	struct run_flags run;
};

/*
 * Read all flags from cli->at on and the profile that they mean, and put the command line over it. 0, or -1 with the
 * errors told. flags_free() in any case.
 */
int flags_read(struct flags *flags, struct cli *cli);
void flags_free(struct flags *flags);

/* The last step of flags_read(): what cli->flags and run say goes over the profile. 0, -ENOMEM; errors are lines. */
int flags_overlay(struct flags *flags, struct text *errors);
