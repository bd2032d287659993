/* SPDX-License-Identifier: MIT */
#include "cli/flags.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cli/where.h"
#include "container/process.h"
#include "container/state.h"
#include "profile/set.h"

static int parse_name(const char *text, void *value, char *why, size_t why_size)
{
	(void)value;
	if (state_id_valid(text))
		return 0;
	snprintf(why, why_size,
		 "is no name for a container: up to 64 letters, digits, '_', '.' and '-', a letter or digit first");
	return -EINVAL;
}

const struct contain_option create_options[] = {
	CONTAIN_STRING_OPTION(struct create_flags, profile, "profile", .initial = DEFAULT_PROFILE, .flag = "profile",
			      .metavar = "PROFILE",
			      .help = "which plugins, and their values: an installed one (" DEFAULT_PROFILE
				      ") or ./FILE"),
	CONTAIN_STRING_OPTION(struct create_flags, name, "name", .flag = "name", .metavar = "NAME",
			      .help = "the container's id (made up if not given)", .parse = parse_name),
	CONTAIN_LIST_OPTION(struct create_flags, enable, "enable", .flag = "enable", .metavar = "PLUGIN",
			    .help = "switch a plugin on"),
	CONTAIN_LIST_OPTION(struct create_flags, disable, "disable", .flag = "disable", .metavar = "PLUGIN",
			    .help = "switch a plugin off"),
	CONTAIN_LIST_OPTION(struct create_flags, set, "set", .flag = "set", .metavar = "PLUGIN.KEY=VALUE",
			    .help = "set any value of a profile", .parse = set_check),
	CONTAIN_STRING_OPTION(struct create_flags, trace, "trace", .flag = "trace", .metavar = "FILE",
			      .help = "write when each step and hook began and ended to this file, for Perfetto"),
	CONTAIN_OPTIONS_END
};

/* The first look, at the words as they stand: flags of the core are known. */
static bool find_known(void *user, const char *name, char letter, struct flag *flag)
{
	return flags_find_core(user, name, letter, flag);
}

static int read_hint(struct flags *flags, struct profile *hint)
{
	struct cli look = *flags->cli;
	struct flag_hint words = { find_known, flags, look.argv, look.argc, &look.at };
	const struct flag_finder finder = { flag_find_hint, NULL, NULL, &words };
	_cleanup_text_ struct text ignored = { 0 };
	bool help = false;

	return args_parse(look.argv, look.argc, &look.at, &finder, hint, &help, &ignored) == -ENOMEM ? -ENOMEM : 0;
}

/* All entries of one section and key, a line each. */
static void collect(const struct profile *values, const char *section, const char *key, struct text *lines)
{
	for (size_t i = 0; i < values->entry_count; i++) {
		const struct entry *entry = &values->entries[i];

		if (strcmp(entry->section, section) == 0 && strcmp(entry->key, key) == 0)
			text_printf(lines, "%s\n", entry->value);
	}
}

/* What decides which flags there are: the profile and the plugin directories. */
static void collect_sources(const struct profile *values, struct text *lines)
{
	collect(values, SECTION_CREATE, "profile", lines);
	collect(values, SECTION_GLOBAL, "plugin_dir", lines);
}

/*
 * A name without a slash is one of the installed profiles, and never a file that somebody may have put into the current
 * directory; anything else is a path.
 */
static int find_profile(const struct cli *cli, const char *name, char path[PATH_MAX], struct text *errors)
{
	static const char *const endings[] = { "", ".ini" };
	char installed[PATH_MAX];

	if (strchr(name, '/')) {
		snprintf(path, PATH_MAX, "%s", name);
		return 0;
	}
	where_profiles(cli->prefix, installed);
	for (size_t i = 0; i < 2; i++) {
		int n = snprintf(path, PATH_MAX, "%s/%s%s", installed, name, endings[i]);

		if (n < PATH_MAX && access(path, F_OK) == 0)
			return 0;
	}
	text_printf(errors, "--profile: there is no profile '%s' in %s", name, installed);
	if (access(name, F_OK) == 0)
		text_printf(errors, "; for the file in this directory give --profile ./%s", name);
	text_add(errors, "\n");
	return -ENOENT;
}

int flags_add_entries(struct profile *to, const struct profile *from)
{
	int result = 0;

	for (size_t i = 0; result == 0 && i < from->entry_count; i++) {
		const struct entry *entry = &from->entries[i];

		result = profile_add_entry(to, entry->section, entry->key, entry->value, entry->origin);
	}
	return result;
}

int flags_init_catalog(struct flags *flags, const struct profile *values, struct text *errors)
{
	_cleanup_free_ const char **dirs = calloc(values->entry_count + 1, sizeof(*dirs));
	size_t count = 0;

	if (!dirs)
		return -ENOMEM;
	for (size_t i = 0; i < values->entry_count; i++) {
		const struct entry *entry = &values->entries[i];

		if (strcmp(entry->section, SECTION_GLOBAL) == 0 && strcmp(entry->key, "plugin_dir") == 0)
			dirs[count++] = entry->value;
	}
	return catalog_init(&flags->catalog, dirs, count, flags->cli->prefix, errors);
}

const char *flags_given_profile(const struct profile *values)
{
	const char *given = NULL;

	for (size_t i = 0; i < values->entry_count; i++) {
		const struct entry *entry = &values->entries[i];

		if (strcmp(entry->section, SECTION_CREATE) == 0 && strcmp(entry->key, "profile") == 0)
			given = entry->value;
	}
	return given;
}

/* The profile that values name, or the default one. */
static int read_profile(struct flags *flags, const struct profile *values, struct text *errors)
{
	const char *given = flags_given_profile(values), *name = given ? given : DEFAULT_PROFILE;
	char path[PATH_MAX], installed[PATH_MAX];
	int result;

	result = find_profile(flags->cli, name, path, errors);
	if (result < 0)
		return result;
	return profile_read(&flags->profile, path, name, where_profiles(flags->cli->prefix, installed), errors);
}

/*
 * Read the words with the profile and the plugin directories that `assumed` names. 0 if the words mean just these, 1 if
 * they mean others (which `words` then tells), -errno with errors.
 */
static int read_words(struct flags *flags, const struct profile *assumed, struct profile *words, int *at,
		      struct text *errors)
{
	struct cli *cli = flags->cli;
	const struct flag_finder finder = { flags_find, flags_suggest, flags->cli->command->name, flags };
	_cleanup_text_ struct text profile_errors = { 0 }, before = { 0 }, after = { 0 };
	int profile_result, result;

	result = flags_init_catalog(flags, assumed, errors);
	if (result < 0)
		return result;
	profile_result = read_profile(flags, assumed, &profile_errors);
	flags->assumed = assumed;
	result = flags_add_entries(words, &cli->flags);
	if (result == 0)
		result = args_parse(cli->argv, cli->argc, at, &finder, words, &cli->help, errors);
	flags->assumed = NULL;
	if (result == 0 && flags->ambiguous.length > 0) {
		text_add(errors, text_peek(&flags->ambiguous));
		return -EINVAL;
	}
	/*
	 * A flag may be unknown because its plugin can't be loaded; else that is told later, with the profile's line.
	 */
	if (result < 0)
		text_add(errors, text_peek(&profile_errors));
	if (result < 0 && flags->load_errors.length > 0)
		text_printf(errors, "a flag is unknown, too, if its plugin can't be loaded:\n%s",
			    text_peek(&flags->load_errors));
	if (result < 0)
		return result;
	collect_sources(assumed, &before);
	collect_sources(words, &after);
	if (strcmp(text_peek(&before), text_peek(&after)) != 0)
		return 1;
	if (cli->help)
		return 0;
	/* Mistakes are told together with those that are found later. */
	text_add(profile_result < 0 ? errors : &flags->mistakes, text_peek(&profile_errors));
	return profile_result < 0 ? profile_result : 0;
}

/* Words that mean another profile than they seem to at first are read once more, with that one. */
static int read_until_settled(struct flags *flags, struct text *errors)
{
	struct cli *cli = flags->cli;
	struct profile assumed = { 0 };
	int result = flags_add_entries(&assumed, &cli->flags);

	if (result == 0)
		result = read_hint(flags, &assumed);
	for (int tries = 0; result == 0; tries++) {
		struct profile words = { 0 };
		int at = cli->at;

		result = read_words(flags, &assumed, &words, &at, errors);
		profile_free(&assumed);
		assumed = words;
		if (result <= 0 || tries == 2) {
			cli->at = at;
			break;
		}
		catalog_free(&flags->catalog);
		profile_free(&flags->profile);
		flags->catalog = (struct catalog){ 0 };
		flags->profile = (struct profile){ 0 };
		result = 0;
	}
	profile_free(&cli->flags);
	cli->flags = assumed;
	return result;
}

int flags_read(struct flags *flags, struct cli *cli, const struct contain_option *own)
{
	_cleanup_text_ struct text errors = { 0 };
	int result;

	*flags = (struct flags){ .cli = cli,
				 .own = own,
				 .settings = { .section = SECTION_CREATE,
					       .options = create_options,
					       .self_size = sizeof(struct create_flags) } };
	result = read_until_settled(flags, &errors);
	/* The log that was asked for gets the errors too. */
	if (cli_apply_globals(cli) < 0)
		return -1;
	if (result == 0 && cli->help)
		return 0;
	if (result == 0)
		result = settings_fill(&flags->settings, &cli->flags, &errors);
	if (result == 0) {
		flags->create = *(struct create_flags *)flags->settings.self;
		result = flags_overlay(flags, &errors);
	}
	if (result == 0 && errors.length == 0)
		return 0;
	if (errors.length == 0)
		text_printf(&errors, "can't read the command line: %s\n", strerror(result < 0 ? -result : EINVAL));
	cli_log_errors(cli, &errors);
	return -1;
}

void flags_free(struct flags *flags)
{
	choose_free(flags);
	settings_free(&flags->settings);
	profile_free(&flags->profile);
	catalog_free(&flags->catalog);
	text_free(&flags->load_errors);
	text_free(&flags->ambiguous);
	text_free(&flags->mistakes);
}
