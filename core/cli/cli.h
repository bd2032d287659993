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

#define SECTION_GLOBAL "global" /* of `flags`: not sections of profiles */
#define SECTION_OWN    "own"    /* the command's own */
#define SECTION_ALSO   "also"   /* those that it takes as another command does */

struct global {
	bool quiet, verbose;
	const char *log, *root;
	int log_format;
	struct contain_list plugin_dirs;
};

enum { LOG_FORMAT_TEXT, LOG_FORMAT_JSON };

struct audit;
struct command;
struct tracing;

struct cli {
	int argc; /* all words, argv[0] is contain */
	char **argv;
	int at;               /* the next word */
	const char *prefix;   /* of the installation: the executable is PREFIX/bin/contain */
	struct profile flags; /* what the flags say, section "global" for those below and others for a command's own */
	struct settings settings; /* owns what global points to */
	struct global global;
	char *user_root; /* owned: global.root, of a user or of a relative path; NULL */
	const struct command *command;
	struct settings own; /* the command's flags, in its struct; see cli_fill() */
	char **words;        /* those that are no flags; NULL at the end */
	size_t word_count;
	struct log log;
	int64_t begun_nsec;      /* on the monotonic clock: when this process did */
	struct tracing *tracing; /* owned; NULL: neither -v nor --trace */
	struct audit *audit;     /* borrowed: whose eyes are on the hooks of a run; NULL */
	bool help;               /* --help was among the flags */
	int status;              /* 126 or 127, if a command that was to be started could not be; 0 */
};

struct command {
	const char *name, *alias;        /* alias: another name, or NULL */
	const char *arguments, *summary; /* the words in capitals tell completion what they are: complete_kinds.c */
	const char *details;             /* for its help; NULL */
	int (*run)(struct cli *cli);     /* the exit status */
	const struct contain_option *options;
	size_t self_size;
	const struct contain_option *also; /* of one that makes: the own flags of another, in SECTION_ALSO; or NULL */
	size_t least_words, most_words;    /* for cli_read_words() */
	bool makes;                        /* takes the flags of a profile and its plugins too */
	bool changes;      /* takes those of the plugins' options that may change while the container runs */
	unsigned statuses; /* of containers that its ID is of use for, a bit for each enum life_status; 0: all */
};

extern const struct command commands[]; /* name NULL at the end */
extern const struct contain_option global_options[];

/* The command that the words from *at on name, in one word or two ("plugin list"); *at is then behind them. NULL. */
const struct command *cli_find_command(char *const *argv, int argc, int *at);

/* Whether there are commands of two words that begin with this one. */
bool cli_is_family(const char *word);

/* Make the flags read so far count: fills in global and log. 0, or -1 with the errors told. */
int cli_apply_globals(struct cli *cli);

/* For a struct flag_finder: the flags that stand before or after the name of any command. */
struct flag;
bool cli_find_global(void *user, const char *name, char letter, struct flag *flag);

/* A catalog of the plugin directories that every command has. As catalog_init(). */
struct catalog;
int cli_open_catalog(const struct cli *cli, struct catalog *catalog, struct text *errors);

/* Each line of errors as a message. */
void cli_log_errors(struct cli *cli, const struct text *errors);

/*
 * Read the flags and words of a command without a profile. `mixed`: flags may stand behind words, else the first word
 * ends them. 0, 1 if the help was asked for and shown, or -1 with the errors told.
 */
int cli_read_words(struct cli *cli, bool mixed);

/* The command's flags in its struct, cli->own.self. 0, or -1 with the errors told. */
int cli_fill(struct cli *cli);

/*
 * A command for several containers: read its words, and for each of them, an id, call `one`, which returns 0 or -errno
 * with its message told. The exit status: 0, or 125 if anything failed.
 */
int cli_for_each(struct cli *cli, int (*one)(struct cli *cli, const char *id));

/* container_init() with our log; and container_free(), after the message of a failure. Returns result. */
struct container;
void cli_open(struct cli *cli, struct container *container);
int cli_close(struct container *container, int result);

/* A line on standard output, at once: a container that nobody knows the name of is of no use. 0 or -errno, with a
 * message. */
int cli_print_id(struct contain_ctx *ctx);

/* No standard descriptor leads to a directory of the host. 0 or -errno with a message. */
int cli_check_descriptors(struct contain_ctx *ctx);

int cmd_run(struct cli *cli);
int cmd_create(struct cli *cli);
int cmd_start(struct cli *cli);
int cmd_list(struct cli *cli);
int cmd_state(struct cli *cli);
int cmd_inspect(struct cli *cli);
int cmd_exec(struct cli *cli);
int cmd_kill(struct cli *cli);
int cmd_stop(struct cli *cli);
int cmd_wait(struct cli *cli);
int cmd_logs(struct cli *cli);
int cmd_attach(struct cli *cli);
int cmd_ps(struct cli *cli);
int cmd_stats(struct cli *cli);
int cmd_pause(struct cli *cli);
int cmd_resume(struct cli *cli);
int cmd_update(struct cli *cli);
int cmd_delete(struct cli *cli);
int cmd_gc(struct cli *cli);
int cmd_plugin_new(struct cli *cli);
int cmd_complete(struct cli *cli);
int cmd_plan(struct cli *cli);
int cmd_plugin_list(struct cli *cli);
int cmd_plugin_show(struct cli *cli);
int cmd_check(struct cli *cli);
int cmd_plugin_check(struct cli *cli);
int cmd_help(struct cli *cli);
int cmd_version(struct cli *cli);

/* All commands, flags and options of plugins, as lines with tabs between: `contain help --format table`. */
void help_table(struct cli *cli);

/* A process of ours has crashed in a hook, and become this one; what container_crashed() has to say. Exit status. */
int cli_crashed(char **argv);

/* The page that `contain --help` shows, and that of a command. */
void help_all(void);

/* Of the commands of two words that begin with this one. */
void help_family(const char *word);

void help_command(struct cli *cli, const struct command *command);

/*
 * One table of options as lines of a help page; heading NULL: none. With the section of a profile that they are in,
 * those without a flag are shown too.
 */
void help_options(const char *heading, const char *section, const struct contain_option *options);
