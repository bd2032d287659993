/* SPDX-License-Identifier: MIT */
/* contain plan for people: tables. */
#include <contain/plugin.h>

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/table.h"
#include "cli/plan.h"
#include "cli/show.h"
#include "container/namespaces.h"

static void add_section(const struct table *table, struct text *text)
{
	text_add(text, "\n");
	table_text(table, "", text);
}

/* ---- what it is -------------------------------------------------------------------------------------------------- */

static void add_profiles(const struct plan *plan, struct table *table)
{
	const struct profile *profile = plan->profile;

	/* From the one that was named to what it is made from. */
	for (size_t i = profile->file_count; i-- > 0;) {
		const struct profile_file *file = &profile->files[i];
		_cleanup_text_ struct text line = { 0 };

		text_add(&line, file->name);
		if (strcmp(file->name, file->path) != 0)
			text_printf(&line, " (%s)", file->path);
		if (file->inherits_line)
			text_printf(&line, ", inherits in line %d from", file->inherits_line);
		table_row(table, i + 1 == profile->file_count ? "profile" : "", text_peek(&line));
	}
}

static void add_mode(const struct plan *plan, struct table *table)
{
	const struct mode *mode = &plan->container->mode;
	_cleanup_text_ struct text line = { 0 };

	text_printf(&line, "%s, %s, %s", plan->named ? plan->container->ctx.id : "an ID that is made up",
		    mode->detached ? "in the background" : "in the foreground",
		    mode->terminal ? "on a terminal of its own" : "without a terminal");
	if (mode->detached)
		text_add(&line, mode->kept ? ", kept until it is deleted" : ", deleted when it has ended");
	table_row(table, "container", text_peek(&line));
}

/* "pid (pidns), mnt (mountns)" */
static void add_namespaces(const struct plan *plan, struct table *table, const char *heading, uint64_t namespaces,
			   const char *none)
{
	_cleanup_text_ struct text line = { 0 };

	for (size_t i = 0; namespaces_kind(i); i++) {
		const uint64_t flag = namespaces_kind(i);
		_cleanup_text_ struct text name = { 0 }, askers = { 0 };

		if (!(namespaces & flag))
			continue;
		namespaces_names(flag, &name);
		plan_namespace_askers(plan, flag, &askers);
		text_printf(&line, "%s%s (%s)", line.length ? ", " : "", text_peek(&name), text_peek(&askers));
	}
	if (line.length || none)
		table_row(table, heading, line.length ? text_peek(&line) : none);
}

static void add_head(const struct plan *plan, struct text *text)
{
	_cleanup_table_ struct table table = { .columns = 2 };
	_cleanup_text_ struct text command = { 0 };
	const struct process *process = &plan->container->process;

	show_words(&command, plan->container->argv);
	add_profiles(plan, &table);
	add_mode(plan, &table);
	table_row(&table, "command", command.length ? text_peek(&command) : "none given");
	table_row(&table, "user", process->user ? process->user : "root");
	table_row(&table, "directory", process->workdir ? process->workdir : "/");
	add_namespaces(plan, &table, "namespaces", plan->container->ctx.namespaces, "none of its own");
	add_namespaces(plan, &table, "joined", plan->container->ctx.joined, NULL);
	table_text(&table, "", text);
}

/* ---- plugins ----------------------------------------------------------------------------------------------------- */

/* "--enable, off in default.ini:21" */
static void add_cause(const struct profile *profile, const char *plugin, struct text *text)
{
	const struct switch_ *cause = sources_of_switch(profile, plugin),
			     *beaten = sources_beaten_switch(profile, plugin);
	char place[ORIGIN_SIZE];

	if (cause)
		text_add(text, origin_place(&cause->origin, place, sizeof(place)));
	if (beaten)
		text_printf(text, ", %s in %s", beaten->on ? "on" : "off",
			    origin_place(&beaten->origin, place, sizeof(place)));
}

static void add_plugins(const struct plan *plan, struct text *text)
{
	_cleanup_table_ struct table on = { .columns = 3 }, off = { .columns = 2 };
	const struct roster *roster = &plan->container->roster;

	table_row(&on, "PLUGIN", "ON BY", "FILE");
	table_row(&off, "OFF", "BY");
	for (size_t i = 0; i < roster->count; i++) {
		const struct module *module = roster->members[i].module;
		_cleanup_text_ struct text cause = { 0 };

		add_cause(plan->profile, module->name, &cause);
		table_row(&on, module->name, text_peek(&cause), module->path);
	}
	for (size_t i = 0; i < plan->profile->switch_count; i++) {
		const struct switch_ *one = &plan->profile->switches[i];
		_cleanup_text_ struct text cause = { 0 };

		if (one->on)
			continue;
		add_cause(plan->profile, one->plugin, &cause);
		table_row(&off, one->plugin, text_peek(&cause));
	}
	add_section(&on, text);
	if (off.count > off.columns)
		add_section(&off, text);
}

/* ---- options ----------------------------------------------------------------------------------------------------- */

/* " (instead of 32M, default.ini:30)" */
static void add_beaten(const struct plan_option *one, struct text *value)
{
	char place[ORIGIN_SIZE];

	for (size_t i = 0; i < one->sources.first; i++) {
		const struct entry *entry = one->sources.entries[i];

		text_printf(value, "%s%s, %s", i ? "; " : " (instead of ", *entry->value ? entry->value : "nothing",
			    origin_place(&entry->origin, place, sizeof(place)));
	}
	if (one->sources.first > 0)
		text_add(value, ")");
}

/* Each item of a list that the profile and the command line made, with its own place. */
static void add_items(const struct plan_option *one, const char *name, struct table *table)
{
	for (size_t i = one->sources.first; i < one->sources.count; i++) {
		const struct entry *entry = one->sources.entries[i];
		_cleanup_text_ struct text value = { 0 };
		char place[ORIGIN_SIZE];

		text_add(&value, *entry->value ? entry->value : "none");
		if (i + 1 == one->sources.count)
			add_beaten(one, &value);
		table_row(table, i == one->sources.first ? name : "",
			  origin_place(&entry->origin, place, sizeof(place)), text_peek(&value));
	}
}

static void add_option(void *table, const struct plan_option *one)
{
	const struct contain_option *option = one->option;
	bool given = one->sources.count > 0;
	_cleanup_text_ struct text name = { 0 }, value = { 0 };
	const char *from = "default";
	char place[ORIGIN_SIZE];
	bool any;

	text_printf(&name, "%s.%s", one->settings->section, option->key);
	if (given && option->type == CONTAIN_LIST && !one->computed) {
		add_items(one, text_peek(&name), table);
		return;
	}
	any = settings_text(one->settings, option, &value);
	if (one->computed)
		from = "the plugin";
	else if (given)
		from = origin_place(&one->sources.entries[one->sources.count - 1]->origin, place, sizeof(place));
	if (!any && !given && !one->computed)
		from = "-";
	if (value.length == 0)
		text_add(&value, any ? "''" : "-");
	add_beaten(one, &value);
	table_row(table, text_peek(&name), from, text_peek(&value));
}

static int add_options(const struct plan *plan, struct text *text)
{
	const struct container *container = plan->container;
	_cleanup_table_ struct table table = { .columns = 3 };
	int result;

	table_row(&table, "OPTION", "FROM", "VALUE");
	result = plan_each_option(plan, &container->process_settings, add_option, &table);
	if (result == 0)
		result = plan_each_option(plan, &container->cgroup_settings, add_option, &table);
	for (size_t i = 0; result == 0 && i < container->roster.count; i++)
		result = plan_each_option(plan, &container->roster.members[i].settings, add_option, &table);
	add_section(&table, text);
	return result;
}

/* ---- cgroups ----------------------------------------------------------------------------------------------------- */

static void add_cgroup(const struct plan *plan, const struct cgroup *group, struct table *table)
{
	_cleanup_free_ char *path = layout_path(group->hierarchy->mount, plan->container->cgroups.parent,
						plan->named ? plan->container->ctx.id : "ID");
	_cleanup_text_ struct text names = { 0 }, line = { 0 };
	char *rest, *name;

	plan_controllers(plan, group, &names);
	for (rest = names.chars; rest && (name = strsep(&rest, " "));) {
		_cleanup_text_ struct text askers = { 0 };

		plan_controller_askers(plan, name, &askers);
		text_printf(&line, "%s%s (%s)", line.length ? ", " : "", name, text_peek(&askers));
	}
	/* What the core has it for: to find, stop and kill every process. */
	table_row(table, path, group->hierarchy->version == 2 ? "cgroup2" : "v1",
		  line.length ? text_peek(&line) : "to stop and kill");
}

static void add_cgroups(const struct plan *plan, struct text *text)
{
	_cleanup_table_ struct table table = { .columns = 3 };

	table_row(&table, "CGROUP", "VERSION", "CONTROLLERS");
	for (size_t i = 0; i < plan->container->cgroups.count; i++) {
		if (plan->container->cgroups.groups[i].used)
			add_cgroup(plan, &plan->container->cgroups.groups[i], &table);
	}
	if (table.count > table.columns)
		add_section(&table, text);
}

int plan_text(const struct plan *plan, struct text *text)
{
	int result;

	add_head(plan, text);
	add_plugins(plan, text);
	result = add_options(plan, text);
	add_cgroups(plan, text);
	plan_timeline(plan, text);
	return result < 0 ? result : text_error(text);
}
