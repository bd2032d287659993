/* SPDX-License-Identifier: MIT */
/* The profile in memory. profile_read.c makes one from files. */
#include "profile/profile.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The copies that belong to a profile. */
struct strings {
	struct strings *next;
	char chars[];
};

static const char *keep(struct profile *profile, const char *string)
{
	size_t size = strlen(string) + 1;
	struct strings *kept = malloc(sizeof(*kept) + size);

	if (!kept)
		return NULL;
	memcpy(kept->chars, string, size);
	kept->next = profile->strings;
	profile->strings = kept;
	return kept->chars;
}

/* Most entries come from the same file as the one before: its name is kept once. */
static const char *keep_source(struct profile *profile, const char *source)
{
	const struct entry *last = profile->entry_count ? &profile->entries[profile->entry_count - 1] : NULL;

	return last && !strcmp(last->origin.source, source) ? last->origin.source : keep(profile, source);
}

/* Room for one more; doubles at each power of two, so that no capacity needs to be stored. */
static int grow(void **array, size_t count, size_t size)
{
	void *grown;

	if (count & (count - 1))
		return 0;
	grown = reallocarray(*array, count ? count * 2 : 1, size);
	if (!grown)
		return -ENOMEM;
	*array = grown;
	return 0;
}

const char *origin_place(const struct origin *origin, char *text, size_t size)
{
	if (origin->line)
		snprintf(text, size, "%s:%d", origin->source, origin->line);
	else
		snprintf(text, size, "%s", origin->source);
	return text;
}

const char *origin_text(const struct origin *origin, char *text, size_t size)
{
	char place[ORIGIN_SIZE];

	snprintf(text, size, "%s: ", origin_place(origin, place, sizeof(place)));
	return text;
}

static struct switch_ *find_switch(const struct profile *profile, const char *plugin)
{
	for (size_t i = 0; i < profile->switch_count; i++)
		if (!strcmp(profile->switches[i].plugin, plugin))
			return &profile->switches[i];
	return NULL;
}

const struct switch_ *profile_find_switch(const struct profile *profile, const char *plugin)
{
	return find_switch(profile, plugin);
}

int profile_add_switch(struct profile *profile, const char *plugin, bool on, struct origin origin)
{
	struct switch_ *known = find_switch(profile, plugin);

	origin.source = keep_source(profile, origin.source);
	plugin = known ? known->plugin : keep(profile, plugin);
	if (!origin.source || !plugin ||
	    grow((void **)&profile->switches, profile->switch_count, sizeof(*profile->switches)) ||
	    grow((void **)&profile->mentions, profile->mention_count, sizeof(*profile->mentions)))
		return -ENOMEM;
	/* It may have moved. */
	known = find_switch(profile, plugin);
	if (!known)
		known = &profile->switches[profile->switch_count++];
	*known = (struct switch_){ plugin, on, origin };
	profile->mentions[profile->mention_count++] = *known;
	return 0;
}

int profile_add_file(struct profile *profile, const char *name, const char *path, int inherits_line)
{
	struct profile_file file = { keep(profile, name), keep(profile, path), inherits_line };

	if (!file.name || !file.path || grow((void **)&profile->files, profile->file_count, sizeof(*profile->files)))
		return -ENOMEM;
	profile->files[profile->file_count++] = file;
	return 0;
}

int profile_add_section(struct profile *profile, const char *section, struct origin origin)
{
	for (size_t i = 0; i < profile->section_count; i++)
		if (!strcmp(profile->sections[i].section, section))
			return 0;
	section = keep(profile, section);
	origin.source = keep_source(profile, origin.source);
	if (!section || !origin.source ||
	    grow((void **)&profile->sections, profile->section_count, sizeof(*profile->sections)))
		return -ENOMEM;
	profile->sections[profile->section_count++] = (struct entry){ .section = section, .origin = origin };
	return 0;
}

int profile_add_entry(struct profile *profile, const char *section, const char *key, const char *value,
		      struct origin origin)
{
	struct entry entry = { .origin.line = origin.line };
	int error = profile_add_section(profile, section, origin);

	if (error)
		return error;
	entry.origin.source = keep_source(profile, origin.source);
	entry.section = keep(profile, section);
	entry.key = keep(profile, key);
	entry.value = keep(profile, value);
	if (!entry.origin.source || !entry.section || !entry.key || !entry.value ||
	    grow((void **)&profile->entries, profile->entry_count, sizeof(*profile->entries)))
		return -ENOMEM;
	profile->entries[profile->entry_count++] = entry;
	return 0;
}

void profile_drop_entries(struct profile *profile, const char *section, const char *key)
{
	size_t kept = 0;

	for (size_t i = 0; i < profile->entry_count; i++) {
		const struct entry entry = profile->entries[i];

		if (strcmp(entry.section, section) || strcmp(entry.key, key))
			profile->entries[kept++] = entry;
	}
	profile->entry_count = kept;
}

void profile_free(struct profile *profile)
{
	while (profile->strings) {
		struct strings *kept = profile->strings;

		profile->strings = kept->next;
		free(kept);
	}
	free(profile->switches);
	free(profile->mentions);
	free(profile->files);
	free(profile->entries);
	free(profile->sections);
	*profile = (struct profile){ 0 };
}
