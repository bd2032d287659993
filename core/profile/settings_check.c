/* SPDX-License-Identifier: MIT */
/* The mistakes of a section: all of them, in the order in which they were written. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/suggest.h"
#include "profile/settings_private.h"

static void tell_unknown(const struct settings *settings, const struct entry *entry, struct text *errors)
{
	struct suggestion suggestion = { .wrong = entry->key };
	char place[ORIGIN_SIZE], hint[128];

	for (const struct contain_option *option = settings->options; option && option->key; option++)
		suggest_offer(&suggestion, option->key);
	text_line(errors, "%s[%s] has no key '%s'%s", origin_text(&entry->origin, place, sizeof(place)),
		  settings->section, entry->key, suggest_text(&suggestion, hint, sizeof(hint)));
}

/* A flag names its option; a line of a file does not. */
static void tell_value(const struct settings *settings, const struct entry *entry, const char *why, struct text *errors)
{
	char place[ORIGIN_SIZE];

	origin_text(&entry->origin, place, sizeof(place));
	if (entry->origin.line)
		text_line(errors, "%s[%s] %s: %s", place, settings->section, entry->key, why);
	else
		text_line(errors, "%s%s", place, why);
}

/* The entries of one file stand together, so only the entry before can be of the same file. */
static bool twice(const struct contain_option *option, const struct entry *earlier, const struct entry *entry)
{
	return option->type != CONTAIN_LIST && earlier && earlier->origin.line && entry->origin.line &&
	       !strcmp(earlier->origin.source, entry->origin.source);
}

static int check_entry(const struct settings *settings, const struct entry *entry, const struct entry **earlier,
		       struct text *errors)
{
	const struct contain_option *option = option_find(settings->options, entry->key);
	char place[ORIGIN_SIZE], why[512] = "";
	size_t index;
	int error;

	if (!option) {
		tell_unknown(settings, entry, errors);
		return -EINVAL;
	}
	index = (size_t)(option - settings->options);
	if (twice(option, earlier[index], entry)) {
		text_line(errors, "%s[%s] '%s' is given twice (first in line %d)",
			  origin_text(&entry->origin, place, sizeof(place)), settings->section, entry->key,
			  earlier[index]->origin.line);
		return -EINVAL;
	}
	earlier[index] = entry;
	if (option->type == CONTAIN_LIST && !*entry->value)
		return 0;
	error = option_check(option, entry->value, why, sizeof(why));
	if (error && error != -ENOMEM)
		tell_value(settings, entry, why, errors);
	return error;
}

int settings_check(const struct settings *settings, const struct profile *profile, struct text *errors)
{
	_cleanup_free_ const struct entry **earlier = calloc(settings_option_count(settings) + 1, sizeof(*earlier));
	int result = 0;

	if (!earlier)
		return -ENOMEM;
	for (size_t i = 0; i < profile->entry_count && result != -ENOMEM; i++) {
		int error = 0;

		if (!strcmp(profile->entries[i].section, settings->section))
			error = check_entry(settings, &profile->entries[i], earlier, errors);
		if (error)
			result = error == -ENOMEM ? error : -EINVAL;
	}
	return result;
}
