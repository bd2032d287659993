/* SPDX-License-Identifier: MIT */
/*
 * What every command is given: the flags that stand before or after its name, the log, and where contain is installed.
 */
#pragma once

#include <contain/plugin.h>

#include "base/log.h"
#include "base/text.h"
#include "profile/options.h"
#include "profile/profile.h"

#define SECTION_GLOBAL "global" /* of `flags`: not a section of profiles */

struct global {
	bool quiet, verbose;
	const char *log, *root;
	int log_format;
	struct contain_list plugin_dirs;
};

enum { LOG_FORMAT_TEXT, LOG_FORMAT_JSON };

struct cli {
	int argc; /* all words, argv[0] is contain */
	char **argv;
	int at;               /* the next word */
	const char *prefix;   /* of the installation: the executable is PREFIX/bin/contain */
	struct profile flags; /* what the flags say, section "global" for those below and others for a command's own */
	struct settings settings; /* owns what global points to */
	struct global global;
	struct log log;
	bool help; /* --help was among the flags */
};

struct command {
	const char *name, *arguments, *summary;
	int (*run)(struct cli *cli); /* the exit status */
	void (*help)(struct cli *cli);
};

extern const struct command commands[]; /* name NULL at the end */
extern const struct contain_option global_options[];

/* Make the flags read so far count: fills in global and log. 0, or -1 with the errors told. */
int cli_apply_globals(struct cli *cli);

/* Each line of errors as a message. */
void cli_log_errors(struct cli *cli, const struct text *errors);

int cmd_run(struct cli *cli);
void help_run(struct cli *cli);
int cmd_help(struct cli *cli);
int cmd_version(struct cli *cli);
int cmd_child(struct cli *cli);

/* The page that `contain --help` shows. */
void help_all(void);

/*
 * One table of options as lines of a help page; heading NULL: none. With the section of a profile that they are in,
 * those without a flag are shown too.
 */
void help_options(const char *heading, const char *section, const struct contain_option *options);
