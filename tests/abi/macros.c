/* SPDX-License-Identifier: MIT */
/* What every macro of plugin.h comes to, in what C and C++ have in common: header.bats only compiles it. */
#include <contain/plugin.h>
#include <errno.h>

struct range {
	int64_t from, to;
};

struct macros {
	bool yes;
	int64_t number, size;
	int level;
	const char *text;
	struct contain_list list;
	struct range range;
};

static const char *const levels[] = { "low", "high", NULL };
static const char *const others[] = { "mountns", NULL };

static int parse(const char *text, void *value, char *why, size_t why_size)
{
	return text && value && why && why_size ? 0 : -EINVAL;
}

static const struct contain_option options[] = {
	CONTAIN_BOOL_OPTION(struct macros, yes, "yes"),
	CONTAIN_INT_OPTION(struct macros, number, "number", .flags = CONTAIN_LIVE | CONTAIN_OR_MAX, .min = 1),
	CONTAIN_SIZE_OPTION(struct macros, size, "size", .initial = "64M", .min = 0, .max = CONTAIN_MAX),
	CONTAIN_ENUM_OPTION(struct macros, level, "level", .choices = levels, .flag = "level", .short_flag = 'l'),
	CONTAIN_STRING_OPTION(struct macros, text, "text", .flags = CONTAIN_REQUIRED, .metavar = "TEXT",
			      .help = "a text"),
	CONTAIN_LIST_OPTION(struct macros, list, "list", .parse = parse),
	CONTAIN_CUSTOM_OPTION(struct macros, range, "range", .parse = parse),
	CONTAIN_OPTIONS_END,
};

static int hook(struct contain_ctx *ctx, void *self)
{
	const struct macros *macros = (const struct macros *)self;

	if (macros->number == CONTAIN_UNSET || macros->number == CONTAIN_MAX)
		return contain_report(ctx, "macros_number", macros->number, CONTAIN_COUNT);
	return contain_fail(ctx, EIO, "can't %s", macros->text);
}

CONTAIN_PLUGIN(.name = "macros", .version = "1.0", .summary = "every macro", .needs = others, .after = others,
	       .namespaces = 0, .self_size = sizeof(struct macros), .options = options, .configure = hook)
