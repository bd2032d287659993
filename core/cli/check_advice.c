/* SPDX-License-Identifier: MIT */
/* What run does without a word, or finds out on this host alone. */
#include "cli/check.h"

#include <string.h>

#include "base/cleanup.h"
#include "profile/shadow.h"

/* Values of a plugin that is off: checked, and else without effect. */
static void find_idle(struct verdict *verdict)
{
	const struct profile *profile = &verdict->flags.profile;
	char place[ORIGIN_SIZE];

	for (size_t i = 0; i < profile->entry_count; i++) {
		const struct entry *entry = &profile->entries[i];

		if (is_core_section(entry->section) || roster_has(&verdict->container.roster, entry->section))
			continue;
		text_line(&verdict->advice,
			  "%s[%s] %s counts for nothing, as the plugin is off: switch it on, or leave "
			  "the value out",
			  origin_text(&entry->origin, place, sizeof(place)), entry->section, entry->key);
	}
}

static void find_shadowed(struct verdict *verdict)
{
	const struct container *container = &verdict->container;
	const struct profile *profile = &verdict->flags.profile;

	shadow_find(profile, "process", process_options, &verdict->advice);
	shadow_find(profile, "cgroup", cgroup_options, &verdict->advice);
	for (size_t i = 0; i < container->roster.count; i++) {
		const struct module *module = container->roster.members[i].module;

		shadow_find(profile, module->name, module->options, &verdict->advice);
	}
}

static void find_rootless(struct verdict *verdict)
{
	const struct roster *roster = &verdict->container.roster;

	for (size_t i = 0; i < roster->count; i++) {
		if (roster->members[i].module->api.child_switch)
			return;
	}
	text_line(&verdict->advice, "no plugin that is on switches the root: the command would run among the host's "
				    "files");
}

void verdict_advise(struct verdict *verdict)
{
	if (!verdict->assessed)
		return;
	find_rootless(verdict);
	find_idle(verdict);
	find_shadowed(verdict);
	text_add(&verdict->advice, text_peek(&verdict->assessment.refusals));
}
