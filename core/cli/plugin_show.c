/* SPDX-License-Identifier: MIT */
/* contain plugin show: all that a plugin says of itself. Its file is loaded, none of its hooks is called. */
#include <contain/plugin.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/table.h"
#include "base/utf8.h"
#include "cli/cli.h"
#include "cli/own_flags.h"
#include "cli/show.h"
#include "container/command.h"
#include "container/namespaces.h"
#include "plugin/catalog_list.h"
#include "plugin/phase.h"
#include "profile/options_show.h"

const struct contain_option plugin_show_options[] = { CONTAIN_BOOL_OPTION(struct plugin_show_flags, json, "json",
									  .flag = "json", .help = "as JSON"),
						      CONTAIN_OPTIONS_END };

static const char *word(const char *given)
{
	return given ? given : "";
}

static void add_names(struct text *words, const char *const *names)
{
	for (; names && *names; names++)
		text_word(words, *names);
}

/* ---- for people -------------------------------------------------------------------------------------------------- */

static void add_fact(struct table *table, const char *name, const struct text *words)
{
	if (words->length > 0)
		table_row(table, name, text_peek(words));
}

static void add_list(struct table *table, const char *name, const char *const *names)
{
	_cleanup_text_ struct text words = { 0 };

	add_names(&words, names);
	add_fact(table, name, &words);
}

/* The hooks of one process, in the order of their phases. */
static void add_hooks(struct table *table, const struct contain_plugin *api, const char *process, const char *label)
{
	_cleanup_text_ struct text words = { 0 };

	for (enum phase phase = PHASE_CONFIGURE; phase < PHASE_COUNT; phase++) {
		if (phase_hook(api, phase) && strcmp(phase_process(phase), process) == 0)
			text_word(&words, phase_name(phase));
	}
	add_fact(table, label, &words);
}

static void add_option(struct table *table, const struct contain_option *option)
{
	_cleanup_text_ struct text flag = { 0 }, help = { 0 }, remarks = { 0 };

	option_flag_text(option, &flag);
	option_remarks(option, &remarks);
	text_add(&help, word(option->help));
	if (remarks.length > 0)
		text_printf(&help, "%s(%s)", help.length ? " " : "", text_peek(&remarks));
	table_row(table, option->key, option_type_name(option->type), option->initial ? option->initial : "-",
		  flag.length ? text_peek(&flag) : "-", text_peek(&help));
}

static void add_text(const struct module *module, struct text *text)
{
	_cleanup_table_ struct table facts = { .columns = 2 }, options = { .columns = 5 };
	_cleanup_text_ struct text namespaces = { 0 }, interface = { 0 }, title = { 0 }, chosen = { 0 };
	const struct contain_plugin *api = &module->api;

	text_printf(&title, "%s %s: %s", module->name, word(api->version), word(api->summary));
	if (title.chars)
		utf8_mask(title.chars);
	text_printf(text, "%s%s\n", text->length ? "\n" : "", text_peek(&title));
	text_printf(&interface, "1.%u", api->api_minor);
	namespaces_names(api->namespaces, &namespaces);
	table_row(&facts, "file", module->path);
	table_row(&facts, "interface", text_peek(&interface));
	add_fact(&facts, "namespaces", &namespaces);
	if (module->chooser)
		text_printf(&chosen, "--%s %s", module->chooser, module->choice);
	add_fact(&facts, "chosen by", &chosen);
	add_list(&facts, "needs", api->needs);
	add_list(&facts, "after", api->after);
	add_list(&facts, "before", api->before);
	add_hooks(&facts, api, "parent", "hooks in the parent");
	add_hooks(&facts, api, "child", "hooks in the child");
	add_hooks(&facts, api, "any", "hooks in any process");
	table_text(&facts, "  ", text);
	if (!module->options->key)
		return;
	table_row(&options, "OPTION", "TYPE", "DEFAULT", "FLAG", "");
	for (const struct contain_option *option = module->options; option->key; option++)
		add_option(&options, option);
	text_add(text, "\n");
	table_text(&options, "  ", text);
}

/* ---- for programs ------------------------------------------------------------------------------------------------ */

static void add_json_list(struct text *json, const char *key, const char *const *names)
{
	_cleanup_text_ struct text words = { 0 };

	add_names(&words, names);
	show_json_list(json, key, text_peek(&words));
}

static void add_json_hooks(struct text *json, const struct contain_plugin *api)
{
	text_add(json, ",\"hooks\":[");
	for (enum phase phase = PHASE_CONFIGURE; phase < PHASE_COUNT; phase++) {
		if (!phase_hook(api, phase))
			continue;
		json_next(json);
		text_printf(json, "{\"name\":\"%s\",\"process\":\"%s\"}", phase_name(phase), phase_process(phase));
	}
	text_add(json, "]");
}

static void add_json(const struct module *module, struct text *json)
{
	const struct contain_plugin *api = &module->api;
	_cleanup_text_ struct text namespaces = { 0 };

	namespaces_names(api->namespaces, &namespaces);
	text_add(json, json->length ? ",\n {\"name\":" : "[\n {\"name\":");
	json_string(json, module->name);
	json_member(json, "version", api->version);
	json_member(json, "summary", api->summary);
	json_member(json, "path", module->path);
	text_printf(json, ",\"interface\":\"1.%u\",\"api_minor\":%u,\"struct_size\":%u,\"self_size\":%zu",
		    api->api_minor, api->api_minor, api->struct_size, api->self_size);
	json_member(json, "chosen_by", api->chosen_by);
	show_json_list(json, "namespaces", text_peek(&namespaces));
	add_json_list(json, "needs", api->needs);
	add_json_list(json, "after", api->after);
	add_json_list(json, "before", api->before);
	add_json_hooks(json, api);
	text_add(json, ",\"options\":");
	options_json(module->options, json);
	text_add(json, "}");
}

/* ------------------------------------------------------------------------------------------------------------------ */

/* A name, or with a slash in it a file. 0 or -EINVAL with a line in errors. */
static int show(struct catalog *catalog, const char *name, bool as_json, struct text *text, struct text *errors)
{
	struct module *own = strchr(name, '/') ? catalog_load_file(name, errors) : NULL;
	const struct module *module = strchr(name, '/') ? own : catalog_get(catalog, name, errors);

	if (module && as_json)
		add_json(module, text);
	else if (module)
		add_text(module, text);
	module_free(own);
	return module ? 0 : -EINVAL;
}

int cmd_plugin_show(struct cli *cli)
{
	_cleanup_text_ struct text errors = { 0 }, text = { 0 };
	const struct plugin_show_flags *flags;
	struct catalog catalog = { 0 };
	int result = cli_read_words(cli, true);

	if (result != 0)
		return result < 0 ? STATUS_FAILED : 0;
	flags = cli->own.self;
	result = cli_open_catalog(cli, &catalog, &errors);
	/* One that can't be shown hides no other. */
	for (size_t i = 0; result != -ENOMEM && i < cli->word_count && catalog.directory_count > 0; i++) {
		if (show(&catalog, cli->words[i], flags->json, &text, &errors) < 0)
			result = -EINVAL;
	}
	if (text_error(&text) < 0)
		result = text_error(&text);
	if (result < 0 && errors.length == 0)
		text_line(&errors, "can't show the plugins: %s", strerror(-result));
	if (text.length > 0)
		printf("%s%s", text_peek(&text), flags->json ? "\n]\n" : "");
	cli_log_errors(cli, &errors);
	catalog_free(&catalog);
	return result < 0 ? STATUS_FAILED : 0;
}
