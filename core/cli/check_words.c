/* SPDX-License-Identifier: MIT */
/*
 * The command line of contain check: flags of run and names of profiles in any order. Which words are names does not
 * depend on a profile, as long as plugins with one flag agree on whether it takes a value; so that is found out once.
 */
#include "cli/check.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/args.h"

/* Read all of them: flags into `values` and `words`, others into cli->words; unless it is just a look, without `words`.
 */
static int read_words(struct cli *cli, const struct flag_finder *finder, struct check_words *words,
		      struct profile *values, struct text *errors)
{
	bool names_alone = false;
	int result = 0;

	while (result == 0 && cli->at < cli->argc) {
		int before = cli->at;

		if (!names_alone)
			result = args_parse(cli->argv, cli->argc, &cli->at, finder, values, &cli->help, errors);
		/* Behind "--" there are no flags. */
		names_alone = names_alone || (cli->at > before && strcmp(cli->argv[cli->at - 1], "--") == 0);
		for (; words && before < cli->at - names_alone; before++)
			words->flags[words->flag_count++] = cli->argv[before];
		if (result == 0 && cli->at < cli->argc && words)
			cli->words[cli->word_count++] = cli->argv[cli->at];
		cli->at += cli->at < cli->argc;
	}
	return result;
}

/* A first look, as the plugin directories tell which flags there are. */
static int look_at_words(struct cli *cli, struct profile *values)
{
	struct cli look = *cli;
	struct flag_hint hint = { cli_find_global, NULL, look.argv, look.argc, &look.at };
	const struct flag_finder finder = { flag_find_hint, NULL, NULL, &hint };
	_cleanup_text_ struct text ignored = { 0 };

	return read_words(&look, &finder, NULL, values, &ignored) == -ENOMEM ? -ENOMEM : 0;
}

static int read_all(struct cli *cli, struct flags *flags, struct check_words *words, struct text *errors)
{
	const struct flag_finder finder = { flags_find, flags_suggest, cli->command->name, flags };
	struct profile hint = { 0 };
	int result = flags_add_entries(&words->before, &cli->flags);

	cli->words = calloc((size_t)cli->argc + 1, sizeof(*cli->words));
	words->flags = calloc((size_t)cli->argc + 1, sizeof(*words->flags));
	if (!cli->words || !words->flags)
		result = -ENOMEM;
	if (result == 0)
		result = flags_add_entries(&hint, &cli->flags);
	if (result == 0)
		result = look_at_words(cli, &hint);
	if (result == 0)
		result = flags_init_catalog(flags, &hint, errors);
	profile_free(&hint);
	if (result == 0)
		result = read_words(cli, &finder, words, &cli->flags, errors);
	if (result < 0 && flags->load_errors.length > 0)
		text_printf(errors, "a flag is unknown, too, if its plugin can't be loaded:\n%s",
			    text_peek(&flags->load_errors));
	return result;
}

int check_read_words(struct cli *cli, struct check_words *words)
{
	struct flags flags = { .cli = cli, .own = cli->command->options };
	_cleanup_text_ struct text errors = { 0 };
	int result = read_all(cli, &flags, words, &errors);

	flags_free(&flags);
	/* The log that was asked for gets the errors too. */
	if (cli_apply_globals(cli) < 0)
		return -1;
	if (result == 0 && cli->help) {
		help_command(cli, cli->command);
		return 1;
	}
	if (result < 0 && errors.length == 0)
		text_printf(&errors, "can't read the command line: %s\n", strerror(-result));
	cli_log_errors(cli, &errors);
	return result < 0 ? -1 : cli_fill(cli);
}

void check_words_free(struct check_words *words)
{
	profile_free(&words->before);
	free(words->flags);
}
