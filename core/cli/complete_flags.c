/* SPDX-License-Identifier: MIT */
/* Flags: those of all commands, of the one that was typed, and of plugins where it takes them. */
#include "cli/complete.h"

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "cli/args.h"
#include "cli/flags.h"
#include "container/process.h"

/* One of the tables that flags are looked up in. */
struct flag_table {
	const struct contain_option *options;
	bool live_only; /* those that may change while the container runs, and no others */
};

/* The table of that number, of those that the command has; false behind the last one. Plugins come last. */
static bool get_table(struct completion *completion, size_t number, struct flag_table *table)
{
	const struct command *command = completion->command;
	const struct flag_table core[] = {
		{ global_options, false },
		{ command ? command->options : NULL, false },
		{ command ? command->also : NULL, false },
		{ command && command->makes ? create_options : NULL, false },
		{ command && command->makes ? process_options : NULL, false },
	};
	const size_t count = sizeof(core) / sizeof(*core);
	const struct catalog *catalog;

	if (number < count) {
		*table = core[number];
		return true;
	}
	if (!command || !(command->makes || command->changes))
		return false;
	catalog = complete_load(completion);
	if (number - count >= catalog->module_count)
		return false;
	*table = (struct flag_table){ catalog->modules[number - count]->options, command->changes };
	return true;
}

/* A flag that no table has, by which plugins are chosen. */
static const struct contain_option *find_chooser(struct completion *completion, const char *name)
{
	const struct catalog *catalog;

	if (!completion->command || !completion->command->makes)
		return NULL;
	catalog = complete_load(completion);
	for (size_t i = 0; i < catalog->module_count; i++) {
		if (!module_choice(catalog->modules[i], name))
			continue;
		completion->chooser = (struct contain_option){ .key = "?",
							       .type = CONTAIN_STRING,
							       .flag = catalog->modules[i]->chooser };
		return &completion->chooser;
	}
	return NULL;
}

const struct contain_option *complete_find_flag(struct completion *completion, const char *name, char letter)
{
	struct flag_table table;
	struct flag flag;

	for (size_t i = 0; get_table(completion, i, &table); i++) {
		if (flag_in_table("", table.options, name, letter, &flag))
			return flag.option;
	}
	return name ? find_chooser(completion, name) : NULL;
}

static void offer_flag(const struct completion *completion, const struct contain_option *option)
{
	char text[128];

	/* The short ones only where nothing else was typed: there they are seen beside the long ones. */
	if (option->short_flag && completion->word[0] == '-' && completion->word[1] != '-') {
		snprintf(text, sizeof(text), "-%c", option->short_flag);
		complete_offer(completion, text, option->help);
	}
	if (option->flag) {
		snprintf(text, sizeof(text), "--%s", option->flag);
		complete_offer(completion, text, option->help);
	}
}

/* Each once, if no table has it. */
static void offer_choosers(struct completion *completion)
{
	const struct catalog *catalog = &completion->catalog;

	for (size_t i = 0; completion->command && completion->command->makes && i < catalog->module_count; i++) {
		const char *name = catalog->modules[i]->chooser;
		_cleanup_text_ struct text flag = { 0 };
		bool offered = false;

		for (size_t j = 0; name && j < i; j++)
			offered = offered || module_choice(catalog->modules[j], name);
		if (!name || offered || complete_find_flag(completion, name, 0) != &completion->chooser)
			continue;
		text_printf(&flag, "--%s", name);
		complete_offer(completion, text_peek(&flag), "choose one of several plugins");
	}
}

void complete_flags(struct completion *completion)
{
	struct flag_table table;

	for (size_t i = 0; get_table(completion, i, &table); i++) {
		for (const struct contain_option *option = table.options; option && option->key; option++) {
			if (option->flag && (!table.live_only || option->flags & CONTAIN_LIVE))
				offer_flag(completion, option);
		}
	}
	offer_choosers(completion);
	complete_offer(completion, "--help", "show what there is to know");
	if (!completion->command)
		complete_offer(completion, "--version", "show the version");
	else if (strstr(completion->command->arguments, COMPLETE_PROGRAM))
		complete_offer(completion, "--", "the command comes behind it");
}
