/* SPDX-License-Identifier: MIT */
/* contain state and inspect: one container as JSON. */
#include <contain/plugin.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "cli/show.h"
#include "container/command.h"
#include "container/namespaces.h"
#include "container/record_keys.h"

static int print(const struct text *json)
{
	if (text_error(json) < 0)
		return -ENOMEM;
	puts(text_peek(json));
	return 0;
}

/* The runtime specification knows no paused container; runc and crun say it so, too. */
static int print_state(struct cli *cli, const char *id)
{
	_cleanup_text_ struct text json = { 0 };
	struct container container;
	struct life life;
	int result;

	cli_open(cli, &container);
	result = container_load(&container, cli->global.root, id, 0, LOAD_RECORD | LOAD_COMMAND);
	if (result == 0) {
		container_life(&container, &life);
		state_json(&json, id, life_name(life.status), life.pid, cli->global.root);
		show_json_time(&json, "created", container.mode.created_usec);
		text_add(&json, "}");
		result = print(&json);
	}
	return cli_close(&container, result);
}

int cmd_state(struct cli *cli)
{
	return cli_for_each(cli, print_state);
}

/* A section of the resolved profile: each option with the value that holds. */
static void add_section(struct text *json, const struct settings *settings)
{
	bool first = true;

	text_add(json, "{");
	for (const struct contain_option *option = settings->options; option && option->key; option++) {
		_cleanup_text_ struct text value = { 0 };

		text_add(json, first ? "" : ",");
		json_string(json, option->key);
		text_add(json, ":");
		settings_json(settings, option, &value);
		text_add(json, text_peek(&value));
		first = false;
	}
	text_add(json, "}");
}

static void add_profile(struct text *json, const struct container *container)
{
	text_add(json, ",\"profile\":{\"process\":");
	add_section(json, &container->process_settings);
	text_add(json, ",\"cgroup\":");
	add_section(json, &container->cgroup_settings);
	text_add(json, ",\"plugins\":[");
	for (size_t i = 0; i < container->roster.count; i++) {
		const struct member *member = &container->roster.members[i];

		text_add(json, i ? ",{\"name\":" : "{\"name\":");
		json_string(json, member->module->name);
		text_add(json, ",\"path\":");
		json_string(json, member->module->path);
		text_add(json, ",\"options\":");
		add_section(json, &member->settings);
		text_add(json, "}");
	}
	text_add(json, "]}");
}

/* What the plugins have saved. */
static void add_saved(struct text *json, const struct record *record)
{
	bool first = true;

	text_add(json, ",\"saved\":{");
	for (size_t i = 0; i < record->count; i++) {
		_cleanup_text_ struct text key = { 0 };

		if (strcmp(record->entries[i].owner, RECORD_CORE) == 0)
			continue;
		text_printf(&key, "%s.%s", record->entries[i].owner, record->entries[i].key);
		text_add(json, first ? "" : ",");
		json_string(json, text_peek(&key));
		text_add(json, ":");
		json_string(json, record->entries[i].value);
		first = false;
	}
	text_add(json, "}");
}

/* What it uses now; or what it has used, as its monitor saw it. */
static int add_usage(struct text *json, struct container *container, const struct life *life)
{
	const char *saved = record_get(&container->ctx.record, RECORD_CORE, RECORD_USAGE);
	_cleanup_text_ struct text members = { 0 };
	struct usage usage = { 0 };
	int result = 0;

	if (life->pid) {
		container->ctx.running = true;
		result = container_report(container, &usage);
		if (result == 0)
			usage_json(&usage, &members);
		usage_free(&usage);
		saved = text_peek(&members);
	}
	/* Each member has its comma in front. */
	text_printf(json, ",\"usage\":{%s}", saved && *saved ? saved + 1 : "");
	return result;
}

static int inspect(struct cli *cli, const char *id)
{
	_cleanup_text_ struct text json = { 0 }, names = { 0 }, joined = { 0 };
	struct container container;
	struct contain_ctx *ctx = &container.ctx;
	const char *cgroups;
	struct life life;
	int result;

	cli_open(cli, &container);
	result = container_load(&container, cli->global.root, id, CONFIG_ALL, 0);
	if (result < 0)
		return cli_close(&container, result);
	container_life(&container, &life);
	text_add(&json, "{");
	show_json_life(&json, &container, &life);
	text_printf(&json, ",\"detached\":%s,\"terminal\":%s", container.mode.detached ? "true" : "false",
		    container.mode.terminal ? "true" : "false");
	show_json_words(&json, "command", container.argv);
	show_json_words(&json, "environment", container.environment);
	namespaces_names(ctx->namespaces, &names);
	show_json_list(&json, "namespaces", text_peek(&names));
	namespaces_names(ctx->joined, &joined);
	show_json_list(&json, "joined", text_peek(&joined));
	cgroups = record_get(&ctx->record, RECORD_CORE, RECORD_CGROUPS);
	show_json_lines(&json, "cgroups", cgroups ? cgroups : "");
	result = add_usage(&json, &container, &life);
	add_saved(&json, &ctx->record);
	add_profile(&json, &container);
	text_add(&json, "}");
	if (result == 0)
		result = print(&json);
	return cli_close(&container, result);
}

int cmd_inspect(struct cli *cli)
{
	return cli_for_each(cli, inspect);
}
