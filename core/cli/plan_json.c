/* SPDX-License-Identifier: MIT */
/* contain plan for programs: one object, whose members are in the command's details (commands.c). */
#include <contain/plugin.h>

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "cli/plan.h"
#include "cli/show.h"
#include "container/namespaces.h"
#include "profile/options_show.h"

static void add_origin(struct text *json, const struct origin *origin)
{
	text_add(json, "\"source\":");
	json_string(json, origin->source);
	if (origin->line)
		text_printf(json, ",\"line\":%d", origin->line);
	else
		text_add(json, ",\"line\":null");
}

/* ---- what it is -------------------------------------------------------------------------------------------------- */

static void add_profiles(const struct plan *plan, struct text *json)
{
	text_add(json, ",\"profiles\":[");
	for (size_t i = 0; i < plan->profile->file_count; i++) {
		const struct profile_file *file = &plan->profile->files[i];

		json_next(json);
		text_add(json, "{\"name\":");
		json_string(json, file->name);
		json_member(json, "path", file->path);
		if (file->inherits_line)
			text_printf(json, ",\"inherits_line\":%d}", file->inherits_line);
		else
			text_add(json, ",\"inherits_line\":null}");
	}
	text_add(json, "]");
}

static int add_head(const struct plan *plan, struct text *json)
{
	const struct container *container = plan->container;
	char **environment = process_environment(&container->ctx, container->environment, NULL);

	if (!environment)
		return -ENOMEM;
	text_add(json, "\"id\":");
	if (plan->named)
		json_string(json, container->ctx.id);
	else
		text_add(json, "null");
	json_member_bool(json, "background", container->mode.detached);
	json_member_bool(json, "kept", container->mode.kept);
	json_member_bool(json, "terminal", container->mode.terminal);
	if (container->argv[0])
		show_json_words(json, "command", container->argv);
	else
		text_add(json, ",\"command\":null");
	json_member(json, "user", container->process.user ? container->process.user : "root");
	show_json_words(json, "environment", environment);
	environment_free(environment);
	return 0;
}

/* ---- options and plugins ----------------------------------------------------------------------------------------- */

static void add_sources(struct text *json, const char *key, const struct sources *sources, size_t from, size_t to)
{
	text_printf(json, ",\"%s\":[", key);
	for (size_t i = from; i < to; i++) {
		json_next(json);
		text_add(json, "{");
		add_origin(json, &sources->entries[i]->origin);
		json_member(json, "value", sources->entries[i]->value);
		text_add(json, "}");
	}
	text_add(json, "]");
}

static void add_option(void *user, const struct plan_option *one)
{
	struct text *json = user;

	json_next(json);
	text_add(json, "{\"key\":");
	json_string(json, one->option->key);
	json_member(json, "type", option_type_name(one->option->type));
	text_add(json, ",\"value\":");
	settings_json(one->settings, one->option, json);
	json_member_bool(json, "given", one->sources.count > 0);
	json_member(json, "default", one->option->initial);
	add_sources(json, "origins", &one->sources, one->sources.first, one->sources.count);
	add_sources(json, "beaten", &one->sources, 0, one->sources.first);
	json_member_bool(json, "computed", one->computed);
	text_add(json, "}");
}

static int add_options(const struct plan *plan, const struct settings *settings, struct text *json)
{
	int result;

	text_add(json, ",\"options\":[");
	result = plan_each_option(plan, settings, add_option, json);
	text_add(json, "]}");
	return result;
}

static int add_core(const struct plan *plan, struct text *json)
{
	const struct settings *const sections[] = { &plan->container->process_settings,
						    &plan->container->cgroup_settings };
	int result = 0;

	text_add(json, ",\"core\":[");
	for (size_t i = 0; result == 0 && i < sizeof(sections) / sizeof(*sections); i++) {
		json_next(json);
		text_add(json, "{\"section\":");
		json_string(json, sections[i]->section);
		result = add_options(plan, sections[i], json);
	}
	text_add(json, "]");
	return result;
}

static void add_cause(const struct plan *plan, const char *plugin, struct text *json)
{
	const struct switch_ *const causes[] = { sources_of_switch(plan->profile, plugin),
						 sources_beaten_switch(plan->profile, plugin) };
	static const char *const keys[] = { "by", "instead_of" };

	for (size_t i = 0; i < 2; i++) {
		text_printf(json, ",\"%s\":%s", keys[i], causes[i] ? "{" : "null");
		if (!causes[i])
			continue;
		add_origin(json, &causes[i]->origin);
		json_member_bool(json, "on", causes[i]->on);
		text_add(json, "}");
	}
}

static int add_plugins(const struct plan *plan, struct text *json)
{
	const struct roster *roster = &plan->container->roster;
	int result = 0;

	text_add(json, ",\"plugins\":[");
	for (size_t i = 0; result == 0 && i < roster->count; i++) {
		const struct module *module = roster->members[i].module;

		json_next(json);
		text_add(json, "{\"name\":");
		json_string(json, module->name);
		json_member(json, "version", module->api.version);
		json_member(json, "path", module->path);
		add_cause(plan, module->name, json);
		result = add_options(plan, &roster->members[i].settings, json);
	}
	text_add(json, "],\"off\":[");
	for (size_t i = 0; i < plan->profile->switch_count; i++) {
		if (plan->profile->switches[i].on)
			continue;
		json_next(json);
		text_add(json, "{\"name\":");
		json_string(json, plan->profile->switches[i].plugin);
		add_cause(plan, plan->profile->switches[i].plugin, json);
		text_add(json, "}");
	}
	text_add(json, "]");
	return result;
}

/* ---- what happens ------------------------------------------------------------------------------------------------ */

static void add_timeline(const struct plan *plan, struct text *json)
{
	text_add(json, ",\"timeline\":[");
	for (const struct plan_step *step = plan_steps; step->phase || step->name; step++) {
		_cleanup_text_ struct text names = { 0 }, details = { 0 };

		if (step->tell)
			step->tell(plan, &details);
		if (step->tell && details.length == 0)
			continue;
		json_next(json);
		text_add(json, "{\"step\":");
		json_string(json, plan_step_name(step));
		json_member(json, "process", step->child ? "child" : "parent");
		json_member_bool(json, "hook", step->phase != PHASE_NONE);
		plan_step_plugins(plan, step, &names);
		show_json_list(json, "plugins", text_peek(&names));
		text_add(json, "}");
	}
	text_add(json, "]");
}

static void add_namespaces(const struct plan *plan, const char *key, uint64_t namespaces, struct text *json)
{
	text_printf(json, ",\"%s\":[", key);
	for (size_t i = 0; namespaces_kind(i); i++) {
		const uint64_t flag = namespaces_kind(i);
		_cleanup_text_ struct text name = { 0 }, askers = { 0 };

		if (!(namespaces & flag))
			continue;
		namespaces_names(flag, &name);
		plan_namespace_askers(plan, flag, &askers);
		json_next(json);
		text_add(json, "{\"name\":");
		json_string(json, text_peek(&name));
		show_json_list(json, "plugins", text_peek(&askers));
		text_add(json, "}");
	}
	text_add(json, "]");
}

static void add_controllers(const struct plan *plan, const struct cgroup *group, struct text *json)
{
	_cleanup_text_ struct text names = { 0 };
	char *rest, *name;

	text_add(json, ",\"controllers\":[");
	plan_controllers(plan, group, &names);
	for (rest = names.chars; rest && (name = strsep(&rest, " "));) {
		_cleanup_text_ struct text askers = { 0 };

		plan_controller_askers(plan, name, &askers);
		json_next(json);
		text_add(json, "{\"name\":");
		json_string(json, name);
		show_json_list(json, "plugins", text_peek(&askers));
		text_add(json, "}");
	}
	text_add(json, "]");
}

static void add_cgroups(const struct plan *plan, struct text *json)
{
	const struct cgroups *cgroups = &plan->container->cgroups;

	text_add(json, ",\"cgroups\":[");
	for (size_t i = 0; i < cgroups->count; i++) {
		const struct cgroup *group = &cgroups->groups[i];
		_cleanup_free_ char *parent = layout_parent(group->hierarchy->mount, cgroups->parent), *path = NULL;

		if (!group->used)
			continue;
		if (plan->named)
			path = layout_path(group->hierarchy->mount, cgroups->parent, plan->container->ctx.id);
		json_next(json);
		text_add(json, "{\"parent\":");
		json_string(json, parent ? parent : "");
		json_member(json, "path", path);
		text_printf(json, ",\"version\":%d", group->hierarchy->version);
		add_controllers(plan, group, json);
		text_add(json, "}");
	}
	text_add(json, "]");
}

int plan_json(const struct plan *plan, struct text *json)
{
	int result;

	text_add(json, "{");
	result = add_head(plan, json);
	add_profiles(plan, json);
	if (result == 0)
		result = add_core(plan, json);
	if (result == 0)
		result = add_plugins(plan, json);
	add_timeline(plan, json);
	add_namespaces(plan, "namespaces", plan->container->ctx.namespaces, json);
	add_namespaces(plan, "joined", plan->container->ctx.joined, json);
	add_cgroups(plan, json);
	text_add(json, "}\n");
	return result < 0 ? result : text_error(json);
}
