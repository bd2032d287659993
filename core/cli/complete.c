/* SPDX-License-Identifier: MIT */
/*
 * contain complete -- WORDS...: for the shells' scripts (conf/completion), which know nothing of contain. So flags of
 * plugins that others wrote are there too. WORDS are those behind `contain`, up to the one that is being typed, which
 * may be empty. No hook runs, and nothing is ever told but the answer.
 */
#include "cli/complete.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/utf8.h"

struct walk {
	struct completion completion;
	const struct contain_option *pending; /* the flag before wants a value */
	size_t position;                      /* words that are no flags, behind the command */
	bool flags_end;
};

static void drop(void *user, enum log_level level, const char *text)
{
	(void)user, (void)level, (void)text;
}

const struct catalog *complete_load(struct completion *completion)
{
	struct catalog *catalog = &completion->catalog;

	if (completion->is_loaded)
		return catalog;
	completion->is_loaded = true;
	if (cli_open_catalog(completion->cli, catalog, &completion->ignored) == 0)
		catalog_load_all(catalog, &completion->ignored);
	return catalog;
}

void complete_offer(const struct completion *completion, const char *candidate, const char *help)
{
	_cleanup_text_ struct text line = { 0 };
	size_t length = strlen(completion->word);

	if (strncmp(candidate, completion->word, length) != 0)
		return;
	text_printf(&line, "%.*s%s", completion->prefix_length, completion->prefix, candidate);
	/* Names of files are anybody's. */
	for (const char *c = text_peek(&line); *c; c++) {
		if (iscntrl((unsigned char)*c))
			return;
	}
	fputs(text_peek(&line), stdout);
	text_free(&line);
	line = (struct text){ 0 };
	text_add(&line, help ? help : "");
	if (line.chars)
		utf8_mask(line.chars);
	printf("\t%s\n", text_peek(&line));
}

void complete_by_shell(const struct completion *completion, const char *what)
{
	(void)completion;
	printf(":%s\n", what);
}

/* ---- the names of words ------------------------------------------------------------------------------------------ */

static bool is_program(const char *name)
{
	return name && strncmp(name, COMPLETE_PROGRAM, strlen(COMPLETE_PROGRAM)) == 0;
}

/* Whether a name in "[FLAGS] ID..." stands for all words that follow. A command of contain may have two. */
static bool is_repeated(const char *name)
{
	const char *dots = strstr(name, "...");

	return (dots && dots < name + strcspn(name, " ")) || strncmp(name, "ARGUMENTS", 9) == 0 ||
	       (strncmp(name, "COMMAND", 7) == 0 && !is_program(name));
}

/* The name of the word of this number; NULL: there is none. */
static const char *find_argument(const struct walk *walk)
{
	const char *rest = walk->completion.command ? walk->completion.command->arguments : "", *name = NULL;
	size_t number = 0;

	for (; *rest && number <= walk->position && !(name && is_repeated(name)); rest += strcspn(rest, " ")) {
		rest += strspn(rest, " [");
		if (isupper((unsigned char)*rest) && strncmp(rest, "FLAGS", 5) != 0) {
			name = rest;
			number++;
		}
	}
	return name && (number > walk->position || is_repeated(name)) ? name : NULL;
}

/* ---- the words before the last one ------------------------------------------------------------------------------- */

/* A flag, in one word or several in one; what it says counts only where it decides what there is to complete. */
static void take_flag(struct walk *walk, const char *word)
{
	struct completion *completion = &walk->completion;
	const char *equals = strchr(word, '=');
	const struct contain_option *option = NULL;

	if (word[1] == '-') {
		_cleanup_free_ char *name = strndup(word + 2, equals ? (size_t)(equals - word - 2) : strlen(word));

		option = name ? complete_find_flag(completion, name, 0) : NULL;
		walk->pending = option && !equals && option->type != CONTAIN_BOOL ? option : NULL;
		return;
	}
	for (const char *letter = word + 1; *letter; letter++) {
		option = complete_find_flag(completion, NULL, *letter);
		if (option && option->type != CONTAIN_BOOL) {
			walk->pending = letter[1] ? NULL : option;
			return;
		}
	}
}

/* argv[*at] up to, not with, the last word. */
static void take_word(struct walk *walk, char *const *argv, int end, int *at)
{
	const char *word = argv[*at];
	struct completion *completion = &walk->completion;

	completion->before = NULL;
	if (walk->pending) {
		walk->pending = NULL;
	} else if (strcmp(word, "--") == 0 && (!walk->flags_end || is_program(find_argument(walk)))) {
		walk->flags_end = true;
	} else if (word[0] == '-' && word[1] && !walk->flags_end) {
		take_flag(walk, word);
	} else if (!walk->completion.command) {
		walk->completion.command = cli_find_command(argv, end, at);
		completion->before = walk->completion.command ? NULL : word;
		*at -= walk->completion.command ? 1 : 0;
	} else {
		completion->before = word;
		walk->position++;
		/* "exec [FLAGS] ID [--] COMMAND": the first word that is no flag ends them. */
		walk->flags_end = walk->flags_end || strstr(walk->completion.command->arguments, COMPLETE_PROGRAM);
	}
	(*at)++;
}

/* Where plugins and containers are looked for: these two may stand anywhere, and count for all other words. */
static void take_places(struct cli *cli, char *const *words, int count)
{
	static const char *const keys[][2] = { { "--plugin-dir", "plugin_dir" }, { "--root", "root" } };

	for (int i = 0; i < count && strcmp(words[i], "--") != 0; i++) {
		for (size_t key = 0; key < 2; key++) {
			size_t length = strlen(keys[key][0]);
			const char *value = NULL;

			if (strncmp(words[i], keys[key][0], length) != 0)
				continue;
			if (words[i][length] == '=')
				value = words[i] + length + 1;
			else if (words[i][length] == '\0' && i + 1 < count)
				value = words[i + 1];
			if (value)
				profile_add_entry(&cli->flags, SECTION_GLOBAL, keys[key][1], value,
						  (struct origin){ keys[key][0], 0 });
		}
	}
}

/* ---- the last word ----------------------------------------------------------------------------------------------- */

static void complete_argument(struct walk *walk)
{
	const char *name = find_argument(walk);

	/* Where the program could stand at once, flags come first. */
	if (name && !walk->flags_end && !*walk->completion.word && is_program(name))
		complete_flags(&walk->completion);
	else if (name)
		complete_kind(&walk->completion, name);
}

static void complete_last(struct walk *walk)
{
	struct completion *completion = &walk->completion;
	const char *word = completion->word, *equals = strchr(word, '=');

	if (walk->pending) {
		complete_value(completion, walk->pending);
	} else if (!walk->flags_end && strncmp(word, "--", 2) == 0 && equals) {
		_cleanup_free_ char *name = strndup(word + 2, (size_t)(equals - word - 2));
		const struct contain_option *option = name ? complete_find_flag(completion, name, 0) : NULL;

		completion->prefix = word;
		completion->prefix_length = (int)(equals + 1 - word);
		completion->word = equals + 1;
		if (option)
			complete_value(completion, option);
	} else if (!walk->flags_end && *word == '-') {
		complete_flags(&walk->completion);
	} else if (!walk->completion.command) {
		complete_commands(completion, completion->before);
	} else {
		complete_argument(walk);
	}
}

int cmd_complete(struct cli *cli)
{
	struct walk walk = { .completion = { .cli = cli, .prefix = "" } };
	char *const *words = cli->argv + cli->at;
	int count = cli->argc - cli->at, at = 0;

	cli->log = (struct log){ .fd = -1, .sink = drop };
	if (count > 0 && strcmp(words[0], "--") == 0)
		words++, count--;
	if (count == 0)
		return 0;
	take_places(cli, words, count - 1);
	if (cli_apply_globals(cli) < 0)
		return 0;
	walk.completion.word = words[count - 1];
	while (at < count - 1)
		take_word(&walk, words, count - 1, &at);
	if (walk.completion.command) {
		walk.completion.statuses = walk.completion.command->statuses;
		walk.completion.live_only = walk.completion.command->changes;
	}
	complete_last(&walk);
	catalog_free(&walk.completion.catalog);
	text_free(&walk.completion.ignored);
	return 0;
}
