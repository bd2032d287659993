/* SPDX-License-Identifier: MIT */
#include "cli/cli.h"

#include <stdio.h>
#include <string.h>

#include "container/command.h"

#ifndef CONTAIN_VERSION
#define CONTAIN_VERSION "?"
#endif

#define COLUMN 30

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
		printf("  %-10s%s\n", command->name, command->summary);
	help_options("Flags of every command, before or after its name:", NULL, global_options);
	printf("\n`contain help run` shows the flags of run: the core's, and those of each plugin.\n");
}

int cmd_help(struct cli *cli)
{
	const char *word = cli->at < cli->argc ? cli->argv[cli->at] : NULL;

	for (const struct command *command = commands; word && command->name; command++) {
		if (strcmp(command->name, word) != 0)
			continue;
		if (command->help)
			command->help(cli);
		else
			printf("Usage: contain %s %s\n\n%s\n", command->name, command->arguments, command->summary);
		return 0;
	}
	if (word) {
		log_line(&cli->log, LOG_ERROR, "there is no command '%s'; `contain help` lists them", word);
		return STATUS_FAILED;
	}
	help_all();
	return 0;
}

int cmd_version(struct cli *cli)
{
	(void)cli;
	printf("contain " CONTAIN_VERSION " (plugin interface 1.%d)\n", CONTAIN_API_MINOR);
	return 0;
}
