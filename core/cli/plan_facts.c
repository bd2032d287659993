/* SPDX-License-Identifier: MIT */
#include <contain/plugin.h>

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "cli/plan.h"
#include "cli/show.h"
#include "container/namespaces.h"
#include "container/spawn.h"

/* Whether configure has made it another value than the profile and the command line did. */
static bool is_computed(const struct settings *now, const struct settings *asked, const struct contain_option *option)
{
	_cleanup_text_ struct text one = { 0 }, other = { 0 };

	settings_json(now, option, &one);
	settings_json(asked, option, &other);
	return strcmp(text_peek(&one), text_peek(&other)) != 0;
}

int plan_each_option(const struct plan *plan, const struct settings *settings,
		     void (*visit)(void *user, const struct plan_option *option), void *user)
{
	struct settings asked = { .section = settings->section,
				  .options = settings->options,
				  .self_size = settings->self_size };
	_cleanup_text_ struct text errors = { 0 };
	/* Every mistake was told when the same was done for the container. */
	int result = settings_fill(&asked, plan->profile, &errors);

	for (const struct contain_option *option = settings->options; result == 0 && option && option->key; option++) {
		struct plan_option one = { settings, option, { 0 }, is_computed(settings, &asked, option) };

		result = sources_find(plan->profile, settings->section, option, &one.sources);
		if (result == 0)
			visit(user, &one);
		sources_free(&one.sources);
	}
	settings_free(&asked);
	return result;
}

/* In configure; a plugin that asks twice is one asker. */
static bool has_asked(const struct plan *plan, const char *plugin, uint64_t flag, const char *controller)
{
	for (size_t i = 0; i < plan->wishes->count; i++) {
		const struct wish *wish = &plan->wishes->wishes[i];

		if (strcmp(wish->plugin, plugin) == 0 &&
		    (controller ? wish->controller && strcmp(wish->controller, controller) == 0
				: wish->namespaces & flag))
			return true;
	}
	return false;
}

void plan_namespace_askers(const struct plan *plan, uint64_t flag, struct text *names)
{
	const struct roster *roster = &plan->container->roster;

	for (size_t i = 0; i < roster->count; i++) {
		const struct module *module = roster->members[i].module;

		if (module->api.namespaces & flag || has_asked(plan, module->name, flag, NULL))
			text_word(names, module->name);
	}
}

void plan_controller_askers(const struct plan *plan, const char *controller, struct text *names)
{
	const struct roster *roster = &plan->container->roster;

	for (size_t i = 0; i < roster->count; i++) {
		if (has_asked(plan, roster->members[i].module->name, 0, controller))
			text_word(names, roster->members[i].module->name);
	}
}

void plan_controllers(const struct plan *plan, const struct cgroup *group, struct text *names)
{
	for (size_t i = 0; i < plan->wishes->count; i++) {
		const char *controller = plan->wishes->wishes[i].controller;

		if (controller && cgroups_with(&plan->container->cgroups, controller) == group &&
		    !layout_has_word(text_peek(names), controller))
			text_word(names, controller);
	}
}

/* ---- the steps --------------------------------------------------------------------------------------------------- */

static void tell_directory(const struct plan *plan, struct text *details)
{
	text_printf(details, "%s/%s", plan->container->root, plan->named ? plan->container->ctx.id : "ID");
}

static void tell_cgroups(const struct plan *plan, struct text *details)
{
	const struct cgroups *cgroups = &plan->container->cgroups;

	for (size_t i = 0; i < cgroups->count; i++) {
		const struct cgroup *group = &cgroups->groups[i];
		_cleanup_text_ struct text controllers = { 0 };

		if (!group->used)
			continue;
		plan_controllers(plan, group, &controllers);
		text_word(details, controllers.length               ? text_peek(&controllers)
				   : group->hierarchy->version == 2 ? "cgroup2"
								    : group->hierarchy->controllers);
	}
}

static void tell_cloned(const struct plan *plan, struct text *details)
{
	struct spawn_join joins[NAMESPACES_MOST];
	size_t count = namespaces_to_join(&plan->container->ctx, joins);

	namespaces_names(namespaces_for_clone(plan->container->ctx.namespaces), details);
	if (details->length == 0)
		text_add(details, "no namespaces");
	text_add(details, count ? "; joins" : "");
	for (size_t i = 0; i < count; i++)
		namespaces_names((uint64_t)joins[i].kind, details);
}

static void tell_unshared(const struct plan *plan, struct text *details)
{
	uint64_t namespaces = plan->container->ctx.namespaces;

	namespaces_names(namespaces & ~namespaces_for_clone(namespaces), details);
}

static void tell_terminal(const struct plan *plan, struct text *details)
{
	if (plan->container->mode.terminal)
		text_add(details, "/dev/pts");
}

static void tell_user(const struct plan *plan, struct text *details)
{
	const struct process *process = &plan->container->process;

	text_add(details, process->user ? process->user : "root");
	for (size_t i = 0; i < process->groups.count; i++)
		text_printf(details, "%s%s", i ? ", " : "; groups ", process->groups.items[i]);
}

static void tell_command(const struct plan *plan, struct text *details)
{
	if (plan->container->argv[0])
		show_words(details, plan->container->argv);
	else
		text_add(details, "COMMAND");
}

const struct plan_step plan_steps[] = {
	{ .phase = PHASE_CONFIGURE },
	{ .name = "reserve the id", .tell = tell_directory },
	{ .name = "make cgroups", .tell = tell_cgroups },
	{ .phase = PHASE_PARENT_PREPARE },
	{ .name = "clone3", .forks = true, .tell = tell_cloned },
	{ .phase = PHASE_PARENT_ATTACH },
	{ .name = "unshare", .child = true, .tell = tell_unshared },
	{ .phase = PHASE_CHILD_SETUP, .child = true },
	{ .phase = PHASE_CHILD_SWITCH, .child = true },
	{ .name = "open terminal", .child = true, .tell = tell_terminal },
	{ .phase = PHASE_CHILD_ENTER, .child = true },
	{ .name = "credentials", .child = true, .tell = tell_user },
	{ .phase = PHASE_CHILD_SEAL, .child = true },
	{ .name = "execve", .child = true, .tell = tell_command },
	{ .phase = PHASE_PARENT_STARTED },
	{ .name = "wait" },
	{ .phase = PHASE_REPORT },
	{ .phase = PHASE_TEARDOWN },
	{ .name = NULL },
};

const char *plan_step_name(const struct plan_step *step)
{
	return step->phase == PHASE_NONE ? step->name : phase_name(step->phase);
}

void plan_step_plugins(const struct plan *plan, const struct plan_step *step, struct text *names)
{
	const struct roster *roster = &plan->container->roster;

	for (size_t i = 0; i < roster->count; i++) {
		/* What was done last is undone first. */
		size_t at = step->phase == PHASE_TEARDOWN ? roster->count - 1 - i : i;
		const struct module *module = roster->members[at].module;

		if (phase_hook(&module->api, step->phase))
			text_word(names, module->name);
	}
}
