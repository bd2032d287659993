/* SPDX-License-Identifier: MIT */
#include "profile/sources.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int sources_find(const struct profile *profile, const char *section, const struct contain_option *option,
		 struct sources *sources)
{
	bool list = option->type == CONTAIN_LIST;

	*sources = (struct sources){ .entries = calloc(profile->entry_count + 1, sizeof(*sources->entries)) };
	if (!sources->entries)
		return -ENOMEM;
	for (size_t i = 0; i < profile->entry_count; i++) {
		const struct entry *entry = &profile->entries[i];

		if (strcmp(entry->section, section) || strcmp(entry->key, option->key))
			continue;
		/* What has emptied the list gives way to what comes after it. */
		if (list && sources->count && !*sources->entries[sources->count - 1]->value)
			sources->count--;
		if (!list || !*entry->value)
			sources->first = sources->count;
		sources->entries[sources->count++] = entry;
	}
	return 0;
}

void sources_free(struct sources *sources)
{
	free(sources->entries);
	*sources = (struct sources){ 0 };
}

/* The first of the last words that agree; with `before`, the last that does not. */
static const struct switch_ *find(const struct profile *profile, const char *plugin, bool before)
{
	const struct switch_ *cause = NULL, *beaten = NULL;

	for (size_t i = 0; i < profile->mention_count; i++) {
		const struct switch_ *mention = &profile->mentions[i];

		if (strcmp(mention->plugin, plugin) || (cause && cause->on == mention->on))
			continue;
		beaten = cause;
		cause = mention;
	}
	return before ? beaten : cause;
}

const struct switch_ *sources_of_switch(const struct profile *profile, const char *plugin)
{
	return find(profile, plugin, false);
}

const struct switch_ *sources_beaten_switch(const struct profile *profile, const char *plugin)
{
	return find(profile, plugin, true);
}
