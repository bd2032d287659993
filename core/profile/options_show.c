/* SPDX-License-Identifier: MIT */
#include "profile/options_show.h"

#include <inttypes.h>

#include "base/json.h"

const char *option_type_name(enum contain_type type)
{
	static const char *const names[] = {
		[CONTAIN_BOOL] = "bool",     [CONTAIN_INT] = "int",       [CONTAIN_SIZE] = "size",
		[CONTAIN_ENUM] = "enum",     [CONTAIN_STRING] = "string", [CONTAIN_LIST] = "list",
		[CONTAIN_CUSTOM] = "custom",
	};

	return names[type];
}

static bool has_range(const struct contain_option *option)
{
	return option->type == CONTAIN_INT || option->type == CONTAIN_SIZE;
}

const char *option_metavar(const struct contain_option *option)
{
	return option->metavar ? option->metavar : "VALUE";
}

bool option_takes_max(const struct contain_option *option)
{
	int64_t min, max;

	if (!has_range(option))
		return false;
	option_range(option, &min, &max);
	return option->flags & CONTAIN_OR_MAX || (option->type == CONTAIN_SIZE && max == CONTAIN_MAX);
}

void option_flag_text(const struct contain_option *option, struct text *text)
{
	if (!option->flag)
		return;
	if (option->short_flag)
		text_printf(text, "-%c, ", option->short_flag);
	text_printf(text, "--%s", option->flag);
	if (option->type != CONTAIN_BOOL)
		text_printf(text, " %s", option_metavar(option));
}

static void add_remark(struct text *text, const char *remark)
{
	if (*remark)
		text_printf(text, "%s%s", text->length ? "; " : "", remark);
}

void option_remarks(const struct contain_option *option, struct text *text)
{
	_cleanup_text_ struct text values = { 0 };
	char range[128] = "";

	/* That a size is 1 or more goes without saying. */
	if (has_range(option) && (option->min || option->max))
		option_range_text(option, range, sizeof(range));
	text_add(&values, range);
	if (option->type == CONTAIN_SIZE && option_takes_max(option))
		text_printf(&values, "%smax", *range ? ", or " : "or ");
	for (size_t i = 0; option->type == CONTAIN_ENUM && option->choices[i]; i++)
		text_printf(&values, "%s%s", i ? ", " : "", option->choices[i]);
	add_remark(text, text_peek(&values));
	if (option->flags & CONTAIN_REQUIRED)
		add_remark(text, "required");
	if (option->flags & CONTAIN_LIVE)
		add_remark(text, "live");
}

static void add_bound(struct text *json, const char *key, int64_t bound)
{
	if (bound == CONTAIN_UNSET || bound == CONTAIN_MAX)
		json_member(json, key, NULL);
	else
		text_printf(json, ",\"%s\":%" PRId64, key, bound);
}

static void add_range(struct text *json, const struct contain_option *option)
{
	int64_t min = CONTAIN_UNSET, max = CONTAIN_MAX;

	if (has_range(option))
		option_range(option, &min, &max);
	add_bound(json, "min", min);
	add_bound(json, "max", max);
	json_member_bool(json, "takes_max", option_takes_max(option));
}

static void add_choices(struct text *json, const struct contain_option *option)
{
	if (option->type != CONTAIN_ENUM) {
		json_member(json, "choices", NULL);
		return;
	}
	text_add(json, ",\"choices\":[");
	for (size_t i = 0; option->choices[i]; i++) {
		json_next(json);
		json_string(json, option->choices[i]);
	}
	text_add(json, "]");
}

void option_json(const struct contain_option *option, struct text *json)
{
	const char letter[] = { option->short_flag, '\0' };

	text_add(json, "{\"key\":");
	json_string(json, option->key);
	json_member(json, "type", option_type_name(option->type));
	json_member(json, "default", option->initial);
	add_range(json, option);
	add_choices(json, option);
	json_member(json, "flag", option->flag);
	json_member(json, "short_flag", *letter ? letter : NULL);
	json_member(json, "metavar", option->metavar);
	json_member(json, "help", option->help);
	json_member_bool(json, "required", option->flags & CONTAIN_REQUIRED);
	json_member_bool(json, "live", option->flags & CONTAIN_LIVE);
	text_add(json, "}");
}

void options_json(const struct contain_option *options, struct text *json)
{
	text_add(json, "[");
	for (size_t i = 0; options && options[i].key; i++) {
		json_next(json);
		option_json(&options[i], json);
	}
	text_add(json, "]");
}
