/* SPDX-License-Identifier: MIT */
/* The command line over the profile: plugins switched on and off, and values that beat the profile's. */
#include "cli/flags.h"

#include <string.h>

#include "container/process.h"
#include "profile/set.h"

static bool is_own_section(const char *section)
{
	return strcmp(section, SECTION_CREATE) == 0 || strcmp(section, SECTION_CHOICE) == 0 ||
	       strcmp(section, SECTION_OWN) == 0 || strcmp(section, SECTION_ALSO) == 0 ||
	       strcmp(section, SECTION_GLOBAL) == 0;
}

bool flags_in_list(const struct contain_list *list, const char *name)
{
	for (size_t i = 0; i < list->count; i++) {
		if (strcmp(list->items[i], name) == 0)
			return true;
	}
	return false;
}

/* A flag of a plugin switches the plugin on. */
static int overlay_flags(struct flags *flags, struct text *errors)
{
	const struct profile *words = &flags->cli->flags;
	int result = 0;

	for (size_t i = 0; result == 0 && i < words->entry_count; i++) {
		const struct entry *entry = &words->entries[i];

		if (is_own_section(entry->section))
			continue;
		if (flags_in_list(&flags->create.disable, entry->section))
			text_printf(errors,
				    "%s: belongs to the plugin %s, which --disable switches off: give one of the two\n",
				    entry->origin.source, entry->section);
		result = profile_add_entry(&flags->profile, entry->section, entry->key, entry->value, entry->origin);
		if (result == 0 && !is_core_section(entry->section))
			result = profile_add_switch(&flags->profile, entry->section, true, entry->origin);
	}
	return result;
}

static int overlay_set(struct flags *flags)
{
	int result = 0;

	for (size_t i = 0; result == 0 && i < flags->create.set.count; i++)
		result = set_add(&flags->profile, flags->create.set.items[i]);
	return result;
}

static int overlay_switches(struct flags *flags, const struct contain_list *list, bool on, struct text *errors)
{
	const struct origin origin = { on ? "--enable" : "--disable", 0 };
	int result = 0;

	for (size_t i = 0; result == 0 && i < list->count; i++) {
		if (on && flags_in_list(&flags->create.disable, list->items[i]))
			text_printf(errors, "--enable and --disable both name %s: give one of the two\n",
				    list->items[i]);
		result = profile_add_switch(&flags->profile, list->items[i], on, origin);
	}
	return result;
}

int flags_overlay(struct flags *flags, struct text *errors)
{
	int result = overlay_switches(flags, &flags->create.enable, true, errors);

	if (result == 0)
		result = overlay_switches(flags, &flags->create.disable, false, errors);
	if (result == 0)
		result = choose(flags, errors);
	if (result == 0)
		result = overlay_flags(flags, errors);
	return result < 0 ? result : overlay_set(flags);
}
