/* SPDX-License-Identifier: MIT */
/*
 * The flags of a command that makes containers: its own, the core's, and the plugins'. Which profile and which plugin
 * directories are meant has to be known before the plugins' flags can be, so a first look at the words finds them.
 */
#pragma once

#include "cli/args.h"
#include "cli/cli.h"
#include "plugin/catalog.h"

#define DEFAULT_PROFILE "default.ini"

#define SECTION_CREATE "create"  /* of cli->flags: not a section of profiles */
#define SECTION_CHOICE "=choice" /* likewise: flags that only choose plugins (chosen_by); no plugin has such a name */

/* Of every command that makes a container. */
struct create_flags {
	const char *profile, *name, *trace;
	struct contain_list enable, disable, set;
};

extern const struct contain_option create_options[];

/* A flag that no table has. */
struct chooser {
	struct chooser *next;
	struct contain_option option; /* key and flag are its name, owned */
};

struct flags {
	struct cli *cli;
	const struct contain_option *own; /* the command's, in SECTION_OWN; NULL: none */
	struct catalog catalog;
	struct text load_errors;       /* plugins that could not be asked for their flags */
	struct text ambiguous;         /* flags that two plugins have */
	const struct profile *assumed; /* while the words are read: what a first look found in them */
	struct chooser *choosers;      /* owned; NULL: none yet */
	struct text mistakes;          /* of the profile: not told yet */
	struct profile profile;        /* as read, then with the command line on top */
	struct settings settings;      /* owns what create points to */
	struct create_flags create;
};

/*
 * Read all flags from cli->at on and the profile that they mean, and put the command line over it. 0, or -1 with the
 * errors told. flags_free() in any case. `own` are those of the command itself, which the caller gets by cli_fill().
 */
int flags_read(struct flags *flags, struct cli *cli, const struct contain_option *own);
void flags_free(struct flags *flags);

/* The last step of flags_read(): what cli->flags and create say goes over the profile. 0, -ENOMEM; errors are lines. */
int flags_overlay(struct flags *flags, struct text *errors);

/* Whether a list of names (--enable, --disable) has this one. */
bool flags_in_list(const struct contain_list *list, const char *name);

/* ---- flags_find.c: a struct flag_finder's functions, `user` is the struct flags ------------------------------------
 */

bool flags_find(void *user, const char *name, char letter, struct flag *flag);
void flags_suggest(void *user, struct suggestion *suggestion);

/* Those of the core alone. */
bool flags_find_core(void *user, const char *name, char letter, struct flag *flag);

/* ---- choose.c: plugins that are alternatives (chosen_by) ---- */

/* The flag of that name, if some plugin is chosen by it: it takes a value. Plugins are loaded. NULL: by none. */
const struct contain_option *choose_find_flag(struct flags *flags, const char *name);

/* The value that the words give that flag last, as far as they are read (flags->assumed); NULL: none. */
const char *choose_said(const struct flags *flags, const char *flag);

/* Load who may be chosen by what the words say. */
void choose_load(struct flags *flags);

/*
 * Switch the plugins on that the words choose, and off those that they don't. Of the words only those stay that are
 * ordinary values. 0 or -ENOMEM; errors are lines.
 */
int choose(struct flags *flags, struct text *errors);
void choose_free(struct flags *flags);

/* ---- flags.c, for who reads words without a profile ---- */

/* The plugin directories that `values` names. As catalog_init(). */
int flags_init_catalog(struct flags *flags, const struct profile *values, struct text *errors);

/* What --profile was given last among these values; NULL: it was not given. */
const char *flags_given_profile(const struct profile *values);

/* Copy all entries. 0 or -ENOMEM. */
int flags_add_entries(struct profile *to, const struct profile *from);
