/* SPDX-License-Identifier: MIT */
/* The command line of commands that need no profile: their own flags, and words. */
#include "cli/cli.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/args.h"
#include "container/command.h"
#include "container/container.h"
#include "plugin/catalog.h"

static bool find(void *user, const char *name, char letter, struct flag *flag)
{
	const struct cli *cli = user;

	return flag_in_table(SECTION_OWN, cli->command->options, name, letter, flag) ||
	       flag_in_table(SECTION_GLOBAL, global_options, name, letter, flag);
}

static void suggest(void *user, struct suggestion *suggestion)
{
	const struct cli *cli = user;

	flag_suggest_table(cli->command->options, suggestion);
	flag_suggest_table(global_options, suggestion);
}

static int read_words(struct cli *cli, bool mixed, struct text *errors)
{
	const struct flag_finder finder = { find, suggest, cli->command->name, cli };
	int result = 0;

	cli->words = calloc((size_t)cli->argc + 1, sizeof(*cli->words));
	if (!cli->words)
		return -ENOMEM;
	while (result == 0 && cli->at < cli->argc) {
		result = args_parse(cli->argv, cli->argc, &cli->at, &finder, &cli->flags, &cli->help, errors);
		/* Behind "--" there are words alone. */
		if (!mixed || strcmp(cli->argv[cli->at - 1], "--") == 0)
			break;
		if (result == 0 && cli->at < cli->argc)
			cli->words[cli->word_count++] = cli->argv[cli->at++];
	}
	while (result == 0 && cli->at < cli->argc)
		cli->words[cli->word_count++] = cli->argv[cli->at++];
	return result;
}

static void check_words(struct cli *cli, struct text *errors)
{
	const struct command *command = cli->command;

	if (cli->word_count < command->least_words)
		text_printf(errors, "too few arguments: contain %s %s\n", command->name, command->arguments);
	if (cli->word_count > command->most_words)
		text_printf(errors, "'%s' is one argument too many: contain %s %s\n", cli->words[command->most_words],
			    command->name, command->arguments);
}

int cli_read_words(struct cli *cli, bool mixed)
{
	_cleanup_text_ struct text errors = { 0 };
	int result = read_words(cli, mixed, &errors);

	/* The log that was asked for gets the errors too. */
	if (cli_apply_globals(cli) < 0)
		return -1;
	if (result == 0 && cli->help) {
		help_command(cli, cli->command);
		return 1;
	}
	if (result == 0)
		check_words(cli, &errors);
	if (result < 0 && errors.length == 0)
		text_printf(&errors, "can't read the command line: %s\n", strerror(-result));
	cli_log_errors(cli, &errors);
	return errors.length > 0 ? -1 : cli_fill(cli);
}

int cli_fill(struct cli *cli)
{
	_cleanup_text_ struct text errors = { 0 };

	settings_free(&cli->own);
	cli->own = (struct settings){ .section = SECTION_OWN,
				      .options = cli->command->options,
				      .self_size = cli->command->self_size };
	if (settings_fill(&cli->own, &cli->flags, &errors) == 0)
		return 0;
	if (errors.length == 0)
		text_printf(&errors, "can't read the command line: %s\n", strerror(ENOMEM));
	cli_log_errors(cli, &errors);
	return -1;
}

int cli_for_each(struct cli *cli, int (*one)(struct cli *cli, const char *id))
{
	int result = cli_read_words(cli, true), status = 0;

	if (result != 0)
		return result < 0 ? STATUS_FAILED : 0;
	for (size_t i = 0; i < cli->word_count; i++) {
		if (one(cli, cli->words[i]) < 0)
			status = STATUS_FAILED;
	}
	return status;
}

void cli_open(struct cli *cli, struct container *container)
{
	container_init(container);
	container->ctx.log = cli->log;
	container_trace(container, cli->tracing);
}

int cli_close(struct container *container, int result)
{
	if (result < 0)
		ctx_log_failure(&container->ctx);
	container_free(container);
	return result;
}

int cli_open_catalog(const struct cli *cli, struct catalog *catalog, struct text *errors)
{
	const struct contain_list *given = &cli->global.plugin_dirs;

	return catalog_init(catalog, given->items, given->count, cli->prefix, errors);
}
