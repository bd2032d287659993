/* SPDX-License-Identifier: MIT */
/*
 * Every table as lines with tabs between, for tools/man-page and whoever else wants them all:
 *	command NAME ALIAS ARGUMENTS makes|changes| SUMMARY DETAILS
 *	plugin  NAME VERSION SUMMARY CHOSEN
 *	option  core|command|plugin TABLE KEY TYPE FLAGS DEFAULT RANGE CHOICES FLAG LETTER METAVAR HELP
 * CHOSEN is FLAG=VALUE. FLAGS are words with spaces between: required, live. What is not there is empty; a line
 * feed within is 0x1e.
 */
#include "cli/flags.h"

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "container/process.h"
#include "profile/options_show.h"

static void field(const char *text)
{
	putchar('\t');
	for (; text && *text; text++)
		putchar(*text == '\n' ? 0x1e : *text == '\t' ? ' ' : *text);
}

static void option_line(const char *scope, const char *table, const struct contain_option *option)
{
	const char letter[] = { option->short_flag, '\0' };
	_cleanup_text_ struct text flags = { 0 }, choices = { 0 };
	char range[96];

	if (option->flags & CONTAIN_REQUIRED)
		text_add(&flags, "required");
	if (option->flags & CONTAIN_LIVE)
		text_add(&flags, flags.length ? " live" : "live");
	for (const char *const *one = option->type == CONTAIN_ENUM ? option->choices : NULL; one && *one; one++)
		text_printf(&choices, "%s%s", choices.length ? ", " : "", *one);
	fputs("option", stdout);
	field(scope);
	field(table);
	field(option->key);
	field(option_type_name(option->type));
	field(text_peek(&flags));
	field(option->initial);
	field(option_range_text(option, range, sizeof(range)));
	field(text_peek(&choices));
	field(option->flag);
	field(letter);
	field(option->metavar);
	field(option->help);
	putchar('\n');
}

static void option_lines(const char *scope, const char *table, const struct contain_option *options)
{
	for (; options && options->key; options++)
		option_line(scope, table, options);
}

static void plugin_lines(struct cli *cli)
{
	_cleanup_text_ struct text errors = { 0 };
	struct catalog catalog = { 0 };

	if (cli_open_catalog(cli, &catalog, &errors) == 0)
		catalog_load_all(&catalog, &errors);
	for (size_t i = 0; i < catalog.module_count; i++) {
		const struct module *module = catalog.modules[i];

		fputs("plugin", stdout);
		field(module->name);
		field(module->api.version);
		field(module->api.summary);
		field(module->api.chosen_by);
		putchar('\n');
		option_lines("plugin", module->name, module->options);
	}
	cli_log_errors(cli, &errors);
	catalog_free(&catalog);
}

void help_table(struct cli *cli)
{
	for (const struct command *command = commands; command->name; command++) {
		fputs("command", stdout);
		field(command->name);
		field(command->alias);
		field(command->arguments);
		field(command->makes ? "makes" : command->changes ? "changes" : "");
		field(command->summary);
		field(command->details);
		putchar('\n');
		option_lines("command", command->name, command->options);
		option_lines("command", command->name, command->also);
	}
	option_lines("core", "global", global_options);
	option_lines("core", "create", create_options);
	option_lines("core", "process", process_options);
	option_lines("core", "cgroup", cgroup_options);
	plugin_lines(cli);
}
