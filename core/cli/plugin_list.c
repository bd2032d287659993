/* SPDX-License-Identifier: MIT */
/* contain plugin list: what lies in the plugin directories, and what of it can be used. */
#include <contain/plugin.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "base/table.h"
#include "cli/cli.h"
#include "cli/own_flags.h"
#include "container/command.h"
#include "plugin/catalog.h"

const struct contain_option plugin_list_options[] = { CONTAIN_BOOL_OPTION(struct plugin_list_flags, json, "json",
									  .flag = "json", .help = "as JSON"),
						      CONTAIN_OPTIONS_END };

/* One file, and what became of it: a module, or the reason why there is none. */
struct finding {
	const struct listed_file *file;
	const struct module *module; /* NULL: hidden, or `why` */
	struct text why;
};

/* An error is a line of its own; here the plugin and its file are known. */
static void add_reason(struct finding *finding, char *error)
{
	_cleanup_text_ struct text name = { 0 }, path = { 0 };

	text_printf(&name, "plugin %s: ", finding->file->name);
	text_printf(&path, "%s: ", finding->file->path);
	error[strcspn(error, "\n")] = '\0';
	if (strncmp(error, text_peek(&name), name.length) == 0)
		error += name.length;
	if (strncmp(error, text_peek(&path), path.length) == 0)
		error += path.length;
	text_add(&finding->why, error);
}

static void load(struct catalog *catalog, struct finding *finding)
{
	const struct listed_file *file = finding->file;
	_cleanup_text_ struct text errors = { 0 };

	if (!file->named_well) {
		text_add(&finding->why, "no plugin can have this name: it is " PLUGIN_NAME_RULE);
		return;
	}
	if (file->hidden_by)
		return;
	finding->module = catalog_get(catalog, file->name, &errors);
	if (errors.length > 0)
		add_reason(finding, errors.chars);
}

static void add_json(const struct finding *finding, struct text *json)
{
	const struct listed_file *file = finding->file;
	const struct contain_plugin *api = finding->module ? &finding->module->api : NULL;

	text_add(json, json->length > 1 ? ",\n {\"name\":" : "\n {\"name\":");
	json_string(json, file->name);
	json_member(json, "path", file->path);
	json_member(json, "version", api ? api->version : NULL);
	json_member(json, "summary", api ? api->summary : NULL);
	json_member(json, "chosen_by", api ? api->chosen_by : NULL);
	if (api)
		text_printf(json, ",\"api_minor\":%u", api->api_minor);
	else
		json_member(json, "api_minor", NULL);
	json_member(json, "hidden_by", file->hidden_by);
	json_member(json, "error", finding->why.length ? text_peek(&finding->why) : NULL);
	text_add(json, "}");
}

static void add_row(const struct finding *finding, struct table *table)
{
	const struct contain_plugin *api = finding->module ? &finding->module->api : NULL;
	_cleanup_text_ struct text words = { 0 };

	if (api)
		text_add(&words, api->summary ? api->summary : "");
	else if (finding->file->hidden_by)
		text_printf(&words, "hidden by %s", finding->file->hidden_by);
	else
		text_printf(&words, "can't be used: %s", text_peek(&finding->why));
	if (api && finding->module->chooser)
		text_printf(&words, " (--%s %s)", finding->module->chooser, finding->module->choice);
	table_row(table, finding->file->name, api && api->version ? api->version : "-", text_peek(&words));
}

/* Whether the file lies in another directory than the one before it in the list. */
static bool is_elsewhere(const struct listed_files *list, size_t index)
{
	const char *path = list->files[index].path, *before = index ? list->files[index - 1].path : "";
	size_t length = (size_t)(strrchr(path, '/') - path);

	return strncmp(path, before, length + 1) != 0 || strchr(before + length + 1, '/');
}

/* A heading for each directory, and its plugins below. */
static void show(struct catalog *catalog, const struct listed_files *list, bool as_json, struct text *text)
{
	_cleanup_table_ struct table table = { .columns = 3 };

	text_add(text, as_json ? "[" : "");
	for (size_t i = 0; i < list->count; i++) {
		struct finding finding = { &list->files[i], NULL, { 0 } };

		load(catalog, &finding);
		if (as_json) {
			add_json(&finding, text);
		} else {
			if (is_elsewhere(list, i)) {
				const char *path = finding.file->path;

				table_text(&table, "  ", text);
				table_free(&table);
				table.columns = 3;
				text_printf(text, "%s%.*s:\n", i ? "\n" : "", (int)(strrchr(path, '/') - path), path);
			}
			add_row(&finding, &table);
		}
		text_free(&finding.why);
	}
	table_text(&table, "  ", text);
	text_add(text, as_json ? "\n]\n" : "");
}

int cmd_plugin_list(struct cli *cli)
{
	_cleanup_text_ struct text errors = { 0 }, text = { 0 };
	struct catalog catalog = { 0 };
	struct listed_files list = { 0 };
	int result = cli_read_words(cli, true);

	if (result != 0)
		return result < 0 ? STATUS_FAILED : 0;
	result = cli_open_catalog(cli, &catalog, &errors);
	if (result == 0)
		result = catalog_list(&catalog, &list);
	if (result == 0) {
		show(&catalog, &list, ((const struct plugin_list_flags *)cli->own.self)->json, &text);
		result = text_error(&text);
	}
	if (result == 0)
		fputs(text_peek(&text), stdout);
	else if (errors.length == 0)
		text_line(&errors, "can't list the plugins: %s", strerror(-result));
	cli_log_errors(cli, &errors);
	catalog_free_list(&list);
	catalog_free(&catalog);
	return result < 0 ? STATUS_FAILED : 0;
}
