/* SPDX-License-Identifier: MIT */
#include "cli/flags.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/own_flags.h"
#include "container/command.h"
#include "container/process.h"

#ifndef CONTAIN_VERSION
#define CONTAIN_VERSION "?"
#endif

#define COLUMN 30

enum { FORMAT_TEXT, FORMAT_TABLE };

static const char *const formats[] = { "text", "table", NULL };

const struct contain_option help_flag_options[] = {
	CONTAIN_ENUM_OPTION(struct help_flags, format, "format", .initial = "text", .choices = formats,
			    .flag = "format", .metavar = "text|table",
			    .help = "table: of all commands, flags and options, for programs"),
	CONTAIN_OPTIONS_END
};

void help_options(const char *heading, const char *section, const struct contain_option *options)
{
	bool any = false;

	for (; options && options->key; options++) {
		const char *value = options->metavar ? options->metavar : "VALUE";
		char left[128], letter[8] = "    ";
		int width;

		if (!options->flag && !section)
			continue;
		if (heading && !any)
			printf("\n%s\n", heading);
		any = true;
		if (options->short_flag)
			snprintf(letter, sizeof(letter), "-%c, ", options->short_flag);
		if (!options->flag)
			width = snprintf(left, sizeof(left), "      --set %s.%s=%s", section, options->key, value);
		else if (options->type == CONTAIN_BOOL)
			width = snprintf(left, sizeof(left), "  %s--%s", letter, options->flag);
		else
			width = snprintf(left, sizeof(left), "  %s--%s %s", letter, options->flag, value);
		/* What is too long for its column has a line of its own. */
		printf("%s%s%*s%s\n", left, width < COLUMN ? "" : "\n", width < COLUMN ? COLUMN - width : COLUMN, "",
		       options->help ? options->help : "");
	}
}

void help_all(void)
{
	printf("contain " CONTAIN_VERSION ": run a process in an isolated environment with resource limits\n"
	       "\nUsage: contain [FLAGS] COMMAND [ARGUMENTS]\n\nCommands:\n");
	for (const struct command *command = commands; command->name; command++)
		printf("  %-14s%s\n", command->name, command->summary);
	help_options("Flags of every command, before or after its name:", NULL, global_options);
	printf("\n`contain help COMMAND` shows the flags of a command; for run and create also those of each plugin.\n");
}

/* The options of a plugin that may change while the container runs, as a table of their own. */
static void help_live(const struct module *module, const char *heading)
{
	const struct contain_option *option = module->options;
	struct contain_option *live;
	size_t count = 0;

	while (option[count].key)
		count++;
	live = calloc(count + 1, sizeof(*live));
	count = 0;
	for (; live && option->key; option++) {
		if (option->flags & CONTAIN_LIVE)
			live[count++] = *option;
	}
	help_options(heading, module->name, live);
	free(live);
}

static void help_plugin(const struct module *module, const char *heading)
{
	if (module->chooser) {
		_cleanup_text_ struct text left = { 0 };

		text_printf(&left, "      --%s %s", module->chooser, module->choice);
		printf("\n%s\n%s%s%*sswitch it on, and others off that are chosen by --%s\n", heading, text_peek(&left),
		       left.length < COLUMN ? "" : "\n", left.length < COLUMN ? (int)(COLUMN - left.length) : COLUMN,
		       "", module->chooser);
		heading = NULL;
	}
	help_options(heading, module->name, module->options);
	if (!module->chooser && !module->options->key)
		printf("\n%s\n      --enable %s, --disable %s\n", heading, module->name, module->name);
}

static void help_plugins(struct cli *cli, bool live)
{
	_cleanup_text_ struct text errors = { 0 };
	struct catalog catalog = { 0 };

	if (cli_open_catalog(cli, &catalog, &errors) == 0)
		catalog_load_all(&catalog, &errors);
	for (size_t i = 0; i < catalog.module_count; i++) {
		const struct module *module = catalog.modules[i];
		_cleanup_text_ struct text heading = { 0 };

		text_printf(&heading, "Of the plugin %s (%s):", module->name,
			    module->api.summary ? module->api.summary : "");
		if (live)
			help_live(module, text_peek(&heading));
		else
			help_plugin(module, text_peek(&heading));
	}
	cli_log_errors(cli, &errors);
	catalog_free(&catalog);
}

void help_command(struct cli *cli, const struct command *command)
{
	printf("Usage: contain %s%s%s\n", command->name, *command->arguments ? " " : "", command->arguments);
	if (command->alias)
		printf("       contain %s%s%s\n", command->alias, *command->arguments ? " " : "", command->arguments);
	printf("\n%s\n", command->details ? command->details : command->summary);
	if (command->makes || command->options)
		printf("\nFlags:\n");
	help_options(NULL, NULL, command->options);
	help_options(NULL, NULL, command->also);
	if (command->makes) {
		help_options(NULL, NULL, create_options);
		help_options(NULL, NULL, process_options);
		help_options(NULL, NULL, global_options);
		help_options("Of the core, without a flag:", "cgroup", cgroup_options);
	}
	if (command->makes || command->changes)
		help_plugins(cli, command->changes);
	else
		printf("\n`contain help` shows the flags of every command.\n");
}

static bool is_called(const struct command *command, const char *name)
{
	return strcmp(command->name, name) == 0 || (command->alias && strcmp(command->alias, name) == 0);
}

const struct command *cli_find_command(char *const *argv, int argc, int *at)
{
	for (int words = 1; words <= 2 && *at + words <= argc; words++) {
		char name[64];

		snprintf(name, sizeof(name), "%s%s%s", argv[*at], words > 1 ? " " : "", words > 1 ? argv[*at + 1] : "");
		for (const struct command *command = commands; command->name; command++) {
			if (is_called(command, name)) {
				*at += words;
				return command;
			}
		}
	}
	return NULL;
}

bool cli_is_family(const char *word)
{
	size_t length = strlen(word);

	for (const struct command *command = commands; command->name; command++) {
		if (strncmp(command->name, word, length) == 0 && command->name[length] == ' ')
			return true;
	}
	return false;
}

void help_family(const char *word)
{
	size_t length = strlen(word);

	printf("Usage: contain %s COMMAND [ARGUMENTS]\n\nCommands:\n", word);
	for (const struct command *command = commands; command->name; command++) {
		if (strncmp(command->name, word, length) == 0 && command->name[length] == ' ')
			printf("  %-14s%s\n", command->name, command->summary);
	}
}

int cmd_help(struct cli *cli)
{
	const struct command *command;
	const char *word;
	int at = 0, result = cli_read_words(cli, true);

	if (result != 0)
		return result < 0 ? STATUS_FAILED : 0;
	word = cli->words[0];
	command = cli_find_command(cli->words, (int)cli->word_count, &at);
	if (((const struct help_flags *)cli->own.self)->format == FORMAT_TABLE) {
		help_table(cli);
	} else if (command) {
		help_command(cli, command);
	} else if (word && cli_is_family(word) && cli->word_count == 1) {
		help_family(word);
	} else if (word) {
		bool half = cli_is_family(word);

		log_line(&cli->log, LOG_ERROR, "there is no command '%s%s%s'; `contain help%s%s` lists them", word,
			 half ? " " : "", half ? cli->words[1] : "", half ? " " : "", half ? word : "");
		return STATUS_FAILED;
	} else {
		help_all();
	}
	return 0;
}

int cmd_version(struct cli *cli)
{
	(void)cli;
	printf("contain " CONTAIN_VERSION " (plugin interface 1.%d)\n", CONTAIN_API_MINOR);
	return 0;
}
