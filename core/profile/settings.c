/* SPDX-License-Identifier: MIT */
/*
 * A section's values in a struct: storing. settings_check.c looks for mistakes, settings_wire.c is for other processes.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "profile/settings_private.h"

size_t settings_option_count(const struct settings *settings)
{
	size_t count = 0;

	while (settings->options && settings->options[count].key)
		count++;
	return count;
}

int settings_allocate(struct settings *settings)
{
	/* One byte more, as an allocation of none may be NULL. */
	settings->self = calloc(1, settings->self_size + 1);
	settings->given = calloc(settings_option_count(settings) + 1, sizeof(*settings->given));
	settings->texts = calloc(settings_option_count(settings) + 1, sizeof(*settings->texts));
	return settings->self && settings->given && settings->texts ? 0 : -ENOMEM;
}

void *settings_member(const struct settings *settings, const struct contain_option *option)
{
	return (char *)settings->self + option->offset;
}

static int own(struct settings *settings, void *memory)
{
	void **owned;

	if (!memory)
		return -ENOMEM;
	owned = reallocarray(settings->owned, settings->owned_count + 1, sizeof(*owned));
	if (!owned) {
		free(memory);
		return -ENOMEM;
	}
	settings->owned = owned;
	settings->owned[settings->owned_count++] = memory;
	return 0;
}

int settings_set_string(struct settings *settings, const char **member, const char *string)
{
	char *copy = strdup(string);
	int error = own(settings, copy);

	*member = error ? NULL : copy;
	return error;
}

int settings_set_list(struct settings *settings, struct contain_list *list, const char *const *texts, size_t count)
{
	const char **items;
	int error = 0;

	*list = (struct contain_list){ 0 };
	if (!count)
		return 0;
	items = calloc(count, sizeof(*items));
	error = own(settings, items);
	for (size_t i = 0; !error && i < count; i++)
		error = settings_set_string(settings, &items[i], texts[i]);
	if (!error)
		*list = (struct contain_list){ items, count };
	return error;
}

void settings_free(struct settings *settings)
{
	for (size_t i = 0; i < settings->owned_count; i++)
		free(settings->owned[i]);
	free(settings->owned);
	free(settings->self);
	free(settings->given);
	free(settings->texts);
	settings->texts = NULL;
	settings->owned = NULL;
	settings->owned_count = 0;
	settings->self = NULL;
	settings->given = NULL;
}

bool settings_given(const struct settings *settings, const char *key)
{
	const struct contain_option *option = option_find(settings->options, key);

	return option && settings->given && settings->given[option - settings->options];
}

/* What a member holds before anything is stored in it, where that is not zero bytes, or may hold something already. */
static void clear(const struct contain_option *option, void *member)
{
	if (option->type == CONTAIN_INT || option->type == CONTAIN_SIZE)
		*(int64_t *)member = CONTAIN_UNSET;
	else if (option->type == CONTAIN_ENUM)
		*(int *)member = -1;
	else if (option->type == CONTAIN_LIST)
		*(struct contain_list *)member = (struct contain_list){ 0 };
}

static void tell_missing(const struct settings *settings, const struct contain_option *option, struct text *errors)
{
	const char *metavar = option->metavar ? option->metavar : "VALUE";

	if (option->flag)
		text_line(errors, "[%s] %s is missing: give --%s %s, or '%s = %s' in the profile", settings->section,
			  option->key, option->flag, metavar, option->key, metavar);
	else
		text_line(errors, "[%s] %s is missing: give '%s = %s' in the profile", settings->section, option->key,
			  option->key, metavar);
}

/* The last text is the value, or all of them are the list. They were checked, unless it is the default. */
static int store(struct settings *settings, const struct contain_option *option, const char *const *texts, size_t count,
		 struct text *errors)
{
	void *member = settings_member(settings, option);
	char why[512] = "";
	int error;

	error = option_parse(option, texts[count - 1], member, why, sizeof(why));
	if (error && error != -ENOMEM) {
		text_line(errors, "[%s] %s: the plugin's own default: %s", settings->section, option->key, why);
		return -EINVAL;
	}
	if (!error && option->type == CONTAIN_LIST)
		error = settings_set_list(settings, member, texts, count);
	if (!error && option->type == CONTAIN_STRING)
		error = settings_set_string(settings, member, texts[count - 1]);
	if (!error && option->type == CONTAIN_CUSTOM)
		error = settings_set_string(settings, &settings->texts[option - settings->options], texts[count - 1]);
	return error;
}

/* Unless `sound`, there is a mistake in the profile, and all that is left to tell is what is missing. */
static int store_option(struct settings *settings, const struct contain_option *option, const struct profile *profile,
			bool sound, struct text *errors)
{
	_cleanup_free_ const char **texts = calloc(profile->entry_count + 1, sizeof(*texts));
	size_t count = 0;
	bool *given = &settings->given[option - settings->options];

	if (!texts)
		return -ENOMEM;
	for (size_t i = 0; i < profile->entry_count; i++) {
		const struct entry *entry = &profile->entries[i];

		if (strcmp(entry->section, settings->section) || strcmp(entry->key, option->key))
			continue;
		*given = true;
		if (option->type == CONTAIN_LIST && !*entry->value)
			count = 0;
		else
			texts[count++] = entry->value;
	}
	if (!*given && option->initial)
		texts[count++] = option->initial;
	clear(option, settings_member(settings, option));
	if (count && *given && !sound)
		return 0;
	if (count)
		return store(settings, option, texts, count, errors);
	if (!(option->flags & CONTAIN_REQUIRED))
		return 0;
	tell_missing(settings, option, errors);
	return -EINVAL;
}

int settings_change(struct settings *settings, const struct profile *values, struct text *errors)
{
	int result = settings_check(settings, values, errors);

	for (size_t i = 0; result == 0 && i < values->entry_count; i++) {
		const struct entry *entry = &values->entries[i];
		const struct contain_option *option = option_find(settings->options, entry->key);

		/* Every one of them is stored with the first, and again with each: a list adds up all the same. */
		if (option && strcmp(entry->section, settings->section) == 0)
			result = store_option(settings, option, values, true, errors);
	}
	return result;
}

int settings_fill(struct settings *settings, const struct profile *profile, struct text *errors)
{
	int result = settings_allocate(settings);
	bool sound;

	if (!result)
		result = settings_check(settings, profile, errors);
	sound = !result;
	for (const struct contain_option *option = settings->options; option && option->key && result != -ENOMEM;
	     option++) {
		int error = store_option(settings, option, profile, sound, errors);

		if (error)
			result = error == -ENOMEM ? error : -EINVAL;
	}
	return result;
}
