/* SPDX-License-Identifier: MIT */
/* One option and one text. settings.c does whole sections. */
#include "profile/options.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/number.h"
#include "base/suggest.h"

struct reason {
	char *why;
	size_t size;
};

static int refuse(struct reason reason, int error, const char *text, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

static int refuse(struct reason reason, int error, const char *text, const char *format, ...)
{
	_cleanup_text_ struct text words = { 0 };
	va_list args;

	if (*text)
		text_printf(&words, "'%s' ", text);
	else
		text_add(&words, "the value ");
	va_start(args, format);
	text_vprintf(&words, format, args);
	va_end(args);
	snprintf(reason.why, reason.size, "%s", text_peek(&words));
	return error;
}

/* A maximum below the minimum is one that was not set: there is none. */
void option_range(const struct contain_option *option, int64_t *min, int64_t *max)
{
	bool size = option->type == CONTAIN_SIZE;

	*min = option->min;
	*max = option->max;
	if (!option->min && !option->max) {
		*min = size ? 1 : CONTAIN_UNSET;
		*max = CONTAIN_MAX;
	} else if (option->max < option->min) {
		*max = CONTAIN_MAX;
	}
}

static const char *number_text(const struct contain_option *option, int64_t value, char text[32])
{
	if (option->type == CONTAIN_SIZE)
		return number_size_text(value, text);
	snprintf(text, 32, "%" PRId64, value);
	return text;
}

const char *option_range_text(const struct contain_option *option, char *text, size_t size)
{
	const char *or_max = option->type == CONTAIN_INT && option->flags & CONTAIN_OR_MAX ? ", or max" : "";
	char low[32], high[32];
	int64_t min, max;

	*text = '\0';
	if (option->type != CONTAIN_INT && option->type != CONTAIN_SIZE)
		return text;
	option_range(option, &min, &max);
	number_text(option, min, low);
	number_text(option, max, high);
	if (min > CONTAIN_UNSET && max < CONTAIN_MAX)
		snprintf(text, size, "%s to %s%s", low, high, or_max);
	else if (min > CONTAIN_UNSET)
		snprintf(text, size, "%s or more%s", low, or_max);
	else if (max < CONTAIN_MAX)
		snprintf(text, size, "%s or less%s", high, or_max);
	return text;
}

/* " (must be 1 to 10000)": the remedy behind a number that is out of range. */
static const char *remedy_text(const struct contain_option *option, char *text, size_t size)
{
	char limits[96];

	option_range_text(option, limits, sizeof(limits));
	snprintf(text, size, "%s%s%s", *limits ? " (must be " : "", limits, *limits ? ")" : "");
	return text;
}

static int parse_number(const struct contain_option *option, const char *text, void *member, struct reason reason)
{
	bool size = option->type == CONTAIN_SIZE;
	const char *rest = number_rest(text, size);
	const char *words = NULL;
	char limits[128];
	int64_t value, min, max;
	int error = 0;

	if (option->flags & CONTAIN_OR_MAX && !strcmp(text, "max")) {
		*(int64_t *)member = CONTAIN_MAX;
		return 0;
	}
	error = size ? number_parse_size(text, &value, &words) : number_parse(text, &value, &words);
	if (error == -EINVAL && rest && *rest)
		return refuse(reason, error, text, "has '%s' behind the number%s", rest,
			      size ? " (its unit is K, M, G or T)" : "");
	if (error == -EINVAL)
		return refuse(reason, error, text, "%s", words);
	option_range(option, &min, &max);
	/*
	 * The ends of int64_t mean something else: CONTAIN_UNSET, and CONTAIN_MAX of which "max" is the only spelling.
	 */
	if (error)
		;
	else if (!size && (value == CONTAIN_UNSET || value == CONTAIN_MAX))
		words = value < 0 ? "is too small" : "is too large";
	else if (value < min)
		words = !value ? "is zero" : value < 0 && min >= 0 ? "is negative" : "is too small";
	else if (value > max)
		words = "is too large";
	if (words)
		return refuse(reason, -ERANGE, text, "%s%s", words, remedy_text(option, limits, sizeof(limits)));
	*(int64_t *)member = value;
	return 0;
}

static int parse_bool(const struct contain_option *option, const char *text, void *member, struct reason reason)
{
	const char *words;
	int value;

	(void)option;
	if (number_parse_bool(text, &value, &words))
		return refuse(reason, -EINVAL, text, "%s", words);
	*(bool *)member = value;
	return 0;
}

static int parse_enum(const struct contain_option *option, const char *text, void *member, struct reason reason)
{
	_cleanup_text_ struct text names = { 0 };
	struct suggestion suggestion = { .wrong = text };
	char hint[128];

	if (!*text)
		text_add(&names, "is empty, and ");
	text_add(&names, "is none of ");
	for (int i = 0; option->choices[i]; i++) {
		if (!strcmp(option->choices[i], text)) {
			*(int *)member = i;
			return 0;
		}
		suggest_offer(&suggestion, option->choices[i]);
		text_printf(&names, "%s%s", i ? ", " : "", option->choices[i]);
	}
	return refuse(reason, -EINVAL, text, "%s%s", text_peek(&names), suggest_text(&suggestion, hint, sizeof(hint)));
}

static int parse_any(const struct contain_option *option, const char *text, void *member, struct reason reason)
{
	(void)option, (void)text, (void)member, (void)reason;
	return 0;
}

/* What the plugin's own callback says. `member` is NULL where it just checks. */
static int parse_own(const struct contain_option *option, const char *text, void *member, struct reason reason)
{
	char words[256] = "";
	int error = option->parse(text, member, words, sizeof(words));

	if (!error)
		return 0;
	words[sizeof(words) - 1] = '\0';
	snprintf(reason.why, reason.size, "'%s': %s", text, *words ? words : "is not understood");
	return error < 0 ? error : -EINVAL;
}

int option_parse(const struct contain_option *option, const char *text, void *member, char *why, size_t why_size)
{
	static int (*const parsers[])(const struct contain_option *option, const char *text, void *member,
				      struct reason reason) = {
		[CONTAIN_BOOL] = parse_bool,  [CONTAIN_INT] = parse_number, [CONTAIN_SIZE] = parse_number,
		[CONTAIN_ENUM] = parse_enum,  [CONTAIN_STRING] = parse_any, [CONTAIN_LIST] = parse_any,
		[CONTAIN_CUSTOM] = parse_own,
	};
	struct reason reason = { why, why_size };
	int error = parsers[option->type](option, text, member, reason);

	if (error || !option->parse || option->type == CONTAIN_CUSTOM)
		return error;
	return parse_own(option, text, NULL, reason);
}

int option_check(const struct contain_option *option, const char *text, char *why, size_t why_size)
{
	_cleanup_free_ void *scratch = calloc(1, option->size ? option->size : 1);

	return scratch ? option_parse(option, text, scratch, why, why_size) : -ENOMEM;
}

const struct contain_option *option_find(const struct contain_option *options, const char *key)
{
	for (; options && options->key; options++)
		if (!strcmp(options->key, key))
			return options;
	return NULL;
}
