/* SPDX-License-Identifier: MIT */
/* What words may be, by the names that they have in the help: ID, FILE, PLUGIN. */
#include "cli/complete.h"

#include <ctype.h>
#include <dirent.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cli/show.h"
#include "cli/where.h"
#include "container/process.h"

static void offer_files(struct completion *completion)
{
	complete_by_shell(completion, "files");
}

static void offer_directories(struct completion *completion)
{
	complete_by_shell(completion, "directories");
}

static void offer_programs(struct completion *completion)
{
	complete_by_shell(completion, "commands");
}

/* Whether an earlier command is of the same family, whose name has that length. */
static bool is_known_family(const struct command *command, size_t length)
{
	for (const struct command *other = commands; other != command; other++) {
		if (strncmp(other->name, command->name, length) == 0 && other->name[length] == ' ')
			return true;
	}
	return false;
}

/* The family's words, or for NULL the first words of all; those of a family have one line. */
void complete_commands(const struct completion *completion, const char *family)
{
	size_t length = family ? strlen(family) : 0;

	for (const struct command *command = commands; command->name; command++) {
		const char *space = strchr(command->name, ' ');
		_cleanup_free_ char *first = space ? strndup(command->name, (size_t)(space - command->name)) : NULL;

		if (family) {
			if (space && strncmp(command->name, family, length) == 0 && command->name[length] == ' ')
				complete_offer(completion, space + 1, command->summary);
		} else if (!space) {
			complete_offer(completion, command->name, command->summary);
		} else if (first && !is_known_family(command, strlen(first))) {
			complete_offer(completion, first, "has commands of its own");
		}
	}
}

static void offer_commands(struct completion *completion)
{
	complete_commands(completion, completion->before);
}

static int offer_id(struct cli *cli, const char *id, void *user)
{
	const struct completion *completion = user;
	unsigned wanted = completion->statuses;
	struct container container;
	struct life life;

	cli_open(cli, &container);
	if (container_load(&container, cli->global.root, id, 0, LOAD_RECORD) == 0) {
		container_life(&container, &life);
		if (!wanted || wanted & (1U << life.status))
			complete_offer(completion, id, life_name(life.status));
	}
	container_free(&container);
	return 0;
}

static void offer_ids(struct completion *completion)
{
	show_each(completion->cli, offer_id, completion);
}

static void offer_signals(struct completion *completion)
{
	for (int number = 1; number < NSIG; number++) {
		const char *name = sigabbrev_np(number);

		if (name)
			complete_offer(completion, name, sigdescr_np(number));
	}
}

/* What has a slash is a file, and else it is never one: see --profile. */
static void offer_profiles(struct completion *completion)
{
	_cleanup_closedir_ DIR *directory = NULL;
	struct dirent *entry;
	char path[PATH_MAX];

	if (strchr(completion->word, '/') || *completion->word == '.') {
		complete_by_shell(completion, "files");
		return;
	}
	directory = opendir(where_profiles(completion->cli->prefix, path));
	while (directory && (entry = readdir(directory))) {
		const char *dot = strrchr(entry->d_name, '.');

		if (dot && strcmp(dot, ".ini") == 0)
			complete_offer(completion, entry->d_name, path);
	}
}

static void offer_plugins(struct completion *completion)
{
	const struct catalog *catalog = complete_load(completion);

	/* A plugin's file, where one may be given. */
	if (strchr(completion->word, '/'))
		complete_by_shell(completion, "files");
	for (size_t i = 0; i < catalog->module_count; i++)
		complete_offer(completion, catalog->modules[i]->name, catalog->modules[i]->api.summary);
}

static void offer_variables(struct completion *completion)
{
	for (char *const *variable = environ; *variable; variable++) {
		_cleanup_free_ char *name = strndup(*variable, strcspn(*variable, "="));

		if (name)
			complete_offer(completion, name, NULL);
	}
}

/* ---- SECTION.KEY=VALUE ------------------------------------------------------------------------------------------- */

/* The keys of a section, or the values of the one whose name is complete. */
static void offer_section(struct completion *completion, const char *section, const struct contain_option *options)
{
	const char *word = completion->word;
	char text[256];

	for (; options && options->key; options++) {
		int length = snprintf(text, sizeof(text), "%s.%s=", section, options->key);
		struct completion value = *completion;
		_cleanup_free_ char *prefix = NULL;

		if (completion->live_only && !(options->flags & CONTAIN_LIVE))
			continue;
		if (length < 0 || (size_t)length >= sizeof(text) || strncmp(word, text, (size_t)length) != 0) {
			complete_offer(completion, text, options->help);
			continue;
		}
		if (asprintf(&prefix, "%.*s%s", completion->prefix_length, completion->prefix, text) < 0) {
			prefix = NULL;
			continue;
		}
		value.prefix = prefix;
		value.prefix_length = (int)strlen(prefix);
		value.word = word + length;
		complete_value(&value, options);
	}
}

static void offer_settings(struct completion *completion)
{
	const struct catalog *catalog = complete_load(completion);

	offer_section(completion, "process", process_options);
	offer_section(completion, "cgroup", cgroup_options);
	for (size_t i = 0; i < catalog->module_count; i++)
		offer_section(completion, catalog->modules[i]->name, catalog->modules[i]->options);
}

/* ---- by name ----------------------------------------------------------------------------------------------------- */

void complete_kind(struct completion *completion, const char *name)
{
	/* Of two that begin the same way the longer one comes first. */
	static const struct {
		const char *name;
		void (*offer)(struct completion *completion);
	} kinds[] = {
		{ "ARGUMENTS", offer_files },  { "COMMAND [ARGUMENTS]", offer_programs },
		{ "COMMAND", offer_commands }, { "DIR", offer_directories },
		{ "FILE", offer_files },       { "HOST", offer_files },
		{ "ID", offer_ids },           { "NAME[=VALUE]", offer_variables },
		{ "PATH", offer_files },       { "PLUGIN.KEY=VALUE", offer_settings },
		{ "PLUGIN", offer_plugins },   { "PROFILE", offer_profiles },
		{ "PROGRAM", offer_files },    { "SIGNAL", offer_signals },
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		size_t length = strlen(kinds[i].name);

		if (strncmp(name, kinds[i].name, length) == 0 && !isalpha((unsigned char)name[length])) {
			kinds[i].offer(completion);
			return;
		}
	}
}

/* Those that are meant as they are: "none" and "host" in "none|host|NAME". */
static void offer_words(struct completion *completion, const char *metavar)
{
	for (const char *at = metavar; strchr(metavar, '|') && *at; at += strspn(at, "|")) {
		_cleanup_free_ char *word = strndup(at, strcspn(at, "|"));

		at += strcspn(at, "|");
		if (word && module_choice_valid(word))
			complete_offer(completion, word, NULL);
	}
}

static void offer_chosen(struct completion *completion, const char *flag)
{
	const struct catalog *catalog = complete_load(completion);

	for (size_t i = 0; i < catalog->module_count; i++) {
		const char *value = module_choice(catalog->modules[i], flag);

		if (value)
			complete_offer(completion, value, catalog->modules[i]->api.summary);
	}
}

void complete_value(struct completion *completion, const struct contain_option *option)
{
	static const char *const bools[] = { "yes", "no", NULL };
	const char *const *choices = option->type == CONTAIN_BOOL   ? bools
				     : option->type == CONTAIN_ENUM ? option->choices
								    : NULL;

	for (; choices && *choices; choices++)
		complete_offer(completion, *choices, NULL);
	if (option->type == CONTAIN_STRING && option->metavar)
		offer_words(completion, option->metavar);
	if (option->flag && completion->command && completion->command->makes)
		offer_chosen(completion, option->flag);
	if (option->type == CONTAIN_SIZE || option->flags & CONTAIN_OR_MAX)
		complete_offer(completion, "max", "no limit");
	if (option->metavar)
		complete_kind(completion, option->metavar);
}
