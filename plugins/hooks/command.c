/* SPDX-License-Identifier: MIT */
#include "command.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLANKS " \t\n"

static int refuse(char *why, size_t why_size, const char *reason)
{
	snprintf(why, why_size, "%s", reason);
	return -EINVAL;
}

/* In quotes, from behind the first one to behind the last; NULL if that is not there. */
static const char *copy_quoted(const char *from, char quote, char **to)
{
	while (*from && *from != quote) {
		if (quote == '"' && *from == '\\' && (from[1] == '"' || from[1] == '\\'))
			from++;
		*(*to)++ = *from++;
	}
	return *from ? from + 1 : NULL;
}

/* The word that begins there, copied without its quoting; *from is then behind it. NULL, or what is wrong with it. */
static const char *copy_word(const char **from, char **to)
{
	const char *at = *from;

	while (*at && !strchr(BLANKS, *at)) {
		if (*at == '\'' || *at == '"') {
			char quote = *at;

			at = copy_quoted(at + 1, quote, to);
			if (!at)
				return quote == '"' ? "has a \" without an end" : "has a ' without an end";
			continue;
		}
		if (*at == '\\' && !*++at)
			return "ends with a backslash";
		*(*to)++ = *at++;
	}
	*(*to)++ = '\0';
	*from = at;
	return NULL;
}

static int split(const char *text, char *bytes, char **words, char *why, size_t why_size)
{
	while (*(text += strspn(text, BLANKS))) {
		const char *wrong;

		*words++ = bytes;
		wrong = copy_word(&text, &bytes);
		if (wrong)
			return refuse(why, why_size, wrong);
	}
	*words = NULL;
	return 0;
}

static int parse_timeout(const char *text, int64_t *timeout, char *why, size_t why_size)
{
	char *end;
	long long seconds = strtoll(text, &end, 10);

	/* Digits alone: strtoll(3) takes blanks and signs too. */
	if (*text < '0' || *text > '9' || *end || seconds < 1 || seconds > TIMEOUT_MOST) {
		snprintf(why, why_size, "--timeout=%.32s must be a number of seconds, 1 to %d", text, TIMEOUT_MOST);
		return -EINVAL;
	}
	*timeout = seconds;
	return 0;
}

/* What stands before the program. */
static int take_setting(char *word, struct command *command, const char **argv0, char *why, size_t why_size)
{
	static const char timeout[] = "--timeout=", name[] = "--argv0=";

	if (strncmp(word, timeout, strlen(timeout)) == 0)
		return parse_timeout(word + strlen(timeout), &command->timeout, why, why_size);
	if (strncmp(word, name, strlen(name)) == 0) {
		*argv0 = word + strlen(name);
		return 0;
	}
	if (*word == '-' || *word == '=' || !strchr(word, '=')) {
		snprintf(why, why_size,
			 "'%.64s' is not the absolute path of a program (nothing is looked up in a PATH), nor "
			 "NAME=VALUE, --timeout=SECONDS or --argv0=NAME in front of one",
			 word);
		return -EINVAL;
	}
	*command->variables++ = word;
	return 0;
}

/* The words in *words are settings, and from the program on its arguments, which stay where they are. */
static int sort_words(char **words, struct command *command, char *why, size_t why_size)
{
	char **variables = command->variables;
	const char *argv0 = NULL;
	int result = 0;

	for (; result == 0 && *words && **words != '/'; words++)
		result = take_setting(*words, command, &argv0, why, why_size);
	*command->variables = NULL;
	command->variables = variables;
	if (result < 0)
		return result;
	if (!*words)
		return refuse(why, why_size, "names no program: give its absolute path");
	command->path = *words;
	command->argv = words;
	if (argv0)
		command->argv[0] = (char *)argv0;
	return 0;
}

int command_parse(const char *text, struct command *command, char *why, size_t why_size)
{
	size_t length = strlen(text), most = length / 2 + 2;
	char *bytes = malloc(length + 1);
	/* The words, and behind them the variables. */
	char **words = calloc(2 * most, sizeof(*words));
	int result;

	*command = (struct command){ .variables = words ? words + most : NULL, .memory = { bytes, words } };
	if (!bytes || !words) {
		command_free(command);
		snprintf(why, why_size, "%s", strerror(ENOMEM));
		return -ENOMEM;
	}
	result = split(text, bytes, words, why, why_size);
	if (result == 0)
		result = sort_words(words, command, why, why_size);
	if (result < 0)
		command_free(command);
	return result;
}

void command_free(struct command *command)
{
	free(command->memory[0]);
	free(command->memory[1]);
	*command = (struct command){ 0 };
}
