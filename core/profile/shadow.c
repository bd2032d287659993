/* SPDX-License-Identifier: MIT */
#include "profile/shadow.h"

#include <string.h>

#include "profile/options.h"

/* Whether a later entry leaves nothing of this one: of a list only an empty value does. */
static bool beats(const struct entry *later, const struct entry *entry, const struct contain_option *option)
{
	if (!later->origin.line || strcmp(later->section, entry->section) != 0 || strcmp(later->key, entry->key) != 0)
		return false;
	return option->type != CONTAIN_LIST || (!*later->value && *entry->value);
}

static void tell(const struct entry *entry, const struct entry *later, struct text *lines)
{
	char place[ORIGIN_SIZE];

	text_line(
		lines, "%s[%s] %s = %s counts for nothing: %s:%d %s", origin_text(&entry->origin, place, sizeof(place)),
		entry->section, entry->key, entry->value, later->origin.source, later->origin.line,
		*later->value ? strcmp(later->value, entry->value) == 0 ? "says the same" : "beats it" : "empties it");
}

void shadow_find(const struct profile *profile, const char *section, const struct contain_option *options,
		 struct text *lines)
{
	for (size_t i = 0; i < profile->entry_count; i++) {
		const struct entry *entry = &profile->entries[i];
		const struct contain_option *option = option_find(options, entry->key);

		if (!option || !entry->origin.line || strcmp(entry->section, section) != 0)
			continue;
		for (size_t j = i + 1; j < profile->entry_count; j++) {
			if (beats(&profile->entries[j], entry, option)) {
				tell(entry, &profile->entries[j], lines);
				break;
			}
		}
	}
}
