/* SPDX-License-Identifier: MIT */
/* Values for people and programs: the reverse of reading a profile. */
#include <inttypes.h>
#include <string.h>

#include "base/json.h"
#include "base/number.h"
#include "profile/settings_private.h"

/* "max" where that is a value; an unset one is null. */
static void number_json(const struct contain_option *option, int64_t value, struct text *json)
{
	bool has_max = option->type == CONTAIN_SIZE || (option->flags & CONTAIN_OR_MAX);

	if (value == CONTAIN_UNSET)
		text_add(json, "null");
	else if (value == CONTAIN_MAX && has_max)
		text_add(json, "\"max\"");
	else
		text_printf(json, "%" PRId64, value);
}

static void list_json(const struct contain_list *list, struct text *json)
{
	text_add(json, "[");
	for (size_t i = 0; i < list->count; i++) {
		text_add(json, i ? "," : "");
		json_string(json, list->items[i]);
	}
	text_add(json, "]");
}

static void string_json(const char *string, struct text *json)
{
	if (string)
		json_string(json, string);
	else
		text_add(json, "null");
}

void settings_json(const struct settings *settings, const struct contain_option *option, struct text *json)
{
	const void *member = settings_member(settings, option);

	switch (option->type) {
	case CONTAIN_BOOL:
		text_add(json, *(const bool *)member ? "true" : "false");
		break;
	case CONTAIN_INT:
	case CONTAIN_SIZE:
		number_json(option, *(const int64_t *)member, json);
		break;
	case CONTAIN_ENUM:
		string_json(*(const int *)member < 0 ? NULL : option->choices[*(const int *)member], json);
		break;
	case CONTAIN_STRING:
		string_json(*(const char *const *)member, json);
		break;
	case CONTAIN_LIST:
		list_json(member, json);
		break;
	case CONTAIN_CUSTOM:
		string_json(settings->texts[option - settings->options], json);
		break;
	}
}

static bool add_word(struct text *text, const char *word)
{
	if (word)
		text_add(text, word);
	return word;
}

static bool number_text(const struct contain_option *option, int64_t value, struct text *text)
{
	char size[32];

	if (value == CONTAIN_UNSET)
		return false;
	if (option->type == CONTAIN_SIZE)
		text_add(text, number_size_text(value, size));
	else if (value == CONTAIN_MAX && option->flags & CONTAIN_OR_MAX)
		text_add(text, "max");
	else
		text_printf(text, "%" PRId64, value);
	return true;
}

static bool list_text(const struct contain_list *list, struct text *text)
{
	for (size_t i = 0; i < list->count; i++)
		text_printf(text, "%s%s", i ? ", " : "", list->items[i]);
	return list->count > 0;
}

bool settings_text(const struct settings *settings, const struct contain_option *option, struct text *text)
{
	const void *member = settings_member(settings, option);

	switch (option->type) {
	case CONTAIN_BOOL:
		return add_word(text, *(const bool *)member ? "yes" : "no");
	case CONTAIN_INT:
	case CONTAIN_SIZE:
		return number_text(option, *(const int64_t *)member, text);
	case CONTAIN_ENUM:
		return add_word(text, *(const int *)member < 0 ? NULL : option->choices[*(const int *)member]);
	case CONTAIN_STRING:
		return add_word(text, *(const char *const *)member);
	case CONTAIN_LIST:
		return list_text(member, text);
	case CONTAIN_CUSTOM:
		return add_word(text, settings->texts[option - settings->options]);
	}
	return false;
}
