/* SPDX-License-Identifier: MIT */
/* contain check: the mistakes of profiles, and how safe a container of them would be. Nothing is changed. */
#include "cli/check.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/own_flags.h"
#include "container/command.h"

#define STATUS_FOUND 1 /* mistakes, or too much exposure */

const struct contain_option check_options[] = {
	CONTAIN_BOOL_OPTION(struct check_flags, json, "json", .flag = "json", .help = "as JSON"),
	CONTAIN_CUSTOM_OPTION(struct check_flags, most, "max_exposure", .flag = "max-exposure", .metavar = "N",
			      .help = "exit with 1 if a score is above this, 0.0 to 10.0", .parse = exposure_parse),
	CONTAIN_OPTIONS_END
};

/* Whether the profile is as good as it has to be. */
static bool passes(struct cli *cli, const struct verdict *verdict)
{
	const struct check_flags *own = cli->own.self;

	if (!verdict->assessed)
		return false;
	if (!settings_given(&cli->own, "max_exposure") || verdict->score.tenths <= own->most.tenths)
		return true;
	log_line(&cli->log, LOG_ERROR, "%s: its exposure of %d.%d is above --max-exposure %d.%d", verdict->profile,
		 verdict->score.tenths / 10, verdict->score.tenths % 10, own->most.tenths / 10, own->most.tenths % 10);
	return false;
}

/* The exit status, or -errno with a message told. */
static int check_one(struct cli *cli, const struct check_words *words, const char *profile, struct text *json)
{
	const struct check_flags *own = cli->own.self;
	struct verdict verdict = { 0 };
	int result = verdict_reach(&verdict, cli, words, profile);

	if (result == 0 && own->json)
		verdict_json(&verdict, json);
	else if (result == 0)
		verdict_print(&verdict, cli);
	if (result == 0 && !passes(cli, &verdict))
		result = STATUS_FOUND;
	verdict_free(&verdict);
	return result;
}

/* Every profile is looked at, whatever is wrong with another one. */
static int check_all(struct cli *cli, const struct check_words *words, char *const *profiles, size_t count)
{
	const struct check_flags *own = cli->own.self;
	_cleanup_text_ struct text json = { 0 };
	int status = 0;

	for (size_t i = 0; i < count; i++) {
		int one;

		text_add(&json, i ? ",\n" : "\n");
		if (i > 0 && !own->json)
			puts("");
		one = check_one(cli, words, profiles[i], &json);
		if (one < 0)
			status = STATUS_FAILED;
		else if (status == 0)
			status = one;
	}
	if (text_error(&json) < 0) {
		log_line(&cli->log, LOG_ERROR, "can't show it as JSON: %s", strerror(ENOMEM));
		return STATUS_FAILED;
	}
	if (own->json && status != STATUS_FAILED)
		printf("[%s\n]\n", text_peek(&json));
	return status;
}

static int check_given(struct cli *cli, const struct check_words *words)
{
	char usual[] = DEFAULT_PROFILE, *one[] = { usual };
	const char *given = flags_given_profile(&cli->flags);

	if (given && cli->word_count > 0) {
		log_line(&cli->log, LOG_ERROR, "--profile and '%s' both name a profile: give it without the flag",
			 cli->words[0]);
		return STATUS_FAILED;
	}
	if (given)
		one[0] = (char *)given;
	return cli->word_count > 0 ? check_all(cli, words, cli->words, cli->word_count) : check_all(cli, words, one, 1);
}

int cmd_check(struct cli *cli)
{
	struct check_words words = { 0 };
	int result = check_read_words(cli, &words);
	int status = result < 0 ? STATUS_FAILED : 0;

	if (result == 0)
		status = check_given(cli, &words);
	check_words_free(&words);
	return status;
}
