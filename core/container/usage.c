/* SPDX-License-Identifier: MIT */
#include "container/usage.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/number.h"
#include "plugin/ctx.h"

/* The unit's part of a JSON key; a count needs none. */
static const char *const suffixes[] = { [CONTAIN_BYTES] = "_bytes", [CONTAIN_USEC] = "_usec", [CONTAIN_COUNT] = "" };

int usage_add(struct usage *usage, const char *key, int64_t value, enum contain_unit unit)
{
	struct figure *more = reallocarray(usage->figures, usage->count + 1, sizeof(*more));
	char *copy = strdup(key);

	if (more)
		usage->figures = more;
	if (!more || !copy) {
		free(copy);
		return -ENOMEM;
	}
	more[usage->count++] = (struct figure){ copy, value, unit };
	return 0;
}

void usage_people(const struct figure *figure, struct text *line)
{
	char value[32] = "n/a";

	for (const char *c = figure->key; *c; c++)
		text_add_bytes(line, *c == '_' ? " " : c, 1);
	if (figure->value == CONTAIN_MAX)
		snprintf(value, sizeof(value), "max");
	else if (figure->value >= 0 && figure->unit == CONTAIN_BYTES)
		number_bytes_for_people(figure->value, value);
	else if (figure->value >= 0 && figure->unit == CONTAIN_USEC)
		number_usec_for_people(figure->value, value);
	else if (figure->value >= 0)
		snprintf(value, sizeof(value), "%lld", (long long)figure->value);
	text_printf(line, ": %s", value);
}

void usage_json(const struct usage *usage, struct text *json)
{
	for (size_t i = 0; i < usage->count; i++) {
		const struct figure *figure = &usage->figures[i];
		_cleanup_text_ struct text key = { 0 };

		text_printf(&key, "%s%s", figure->key, suffixes[figure->unit]);
		text_add(json, ",");
		json_string(json, text_peek(&key));
		if (figure->value == CONTAIN_MAX)
			text_add(json, ":\"max\"");
		else if (figure->value >= 0)
			text_printf(json, ":%lld", (long long)figure->value);
		else
			text_add(json, ":null");
	}
}

void usage_free(struct usage *usage)
{
	for (size_t i = 0; i < usage->count; i++)
		free(usage->figures[i].key);
	free(usage->figures);
	text_free(&usage->causes);
	*usage = (struct usage){ 0 };
}

int contain_report(struct contain_ctx *ctx, const char *key, int64_t value, enum contain_unit unit)
{
	if (!ctx->usage || unit < CONTAIN_BYTES || unit > CONTAIN_COUNT)
		return contain_fail(ctx, EINVAL, "can't report '%s': report in the report hook, in a unit of plugin.h",
				    key);
	if (!*key || strspn(key, "abcdefghijklmnopqrstuvwxyz0123456789_") != strlen(key))
		return contain_fail(ctx, EINVAL, "can't report '%s': a key is of a-z, 0-9 and _", key);
	for (size_t i = 0; i < ctx->usage->count; i++) {
		if (strcmp(ctx->usage->figures[i].key, key) == 0)
			return contain_fail(ctx, EEXIST, "can't report '%s' twice", key);
	}
	if (usage_add(ctx->usage, key, value, unit) < 0)
		return contain_fail(ctx, ENOMEM, "can't report '%s'", key);
	return 0;
}

void contain_explain(struct contain_ctx *ctx, const char *format, ...)
{
	va_list args;

	if (!ctx->usage)
		return;
	va_start(args, format);
	text_vprintf(&ctx->usage->causes, format, args);
	va_end(args);
	text_add(&ctx->usage->causes, "\n");
}
