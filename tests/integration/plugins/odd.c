/* SPDX-License-Identifier: MIT */
/* Plugins that must be refused, or must not be, one by one: -DODD_... says which. */
#include <contain/plugin.h>
#include <string.h>

#if defined(ODD_NO_ENTRY)

CONTAIN_EXPORT_ int something_else(void);
int something_else(void)
{
	return 0;
}

#elif defined(ODD_NEXT_MAJOR)

/* For a later, incompatible interface. */
CONTAIN_EXPORT_ const void *contain_plugin_v2(void);
const void *contain_plugin_v2(void)
{
	return "";
}

#elif defined(ODD_NULL)

CONTAIN_EXPORT_ const struct contain_plugin *contain_plugin_v1(void);
const struct contain_plugin *contain_plugin_v1(void)
{
	return NULL;
}

#elif defined(ODD_MISSING_SYMBOL)

/* What a later contain may offer, and this one does not. */
int contain_later_function(struct contain_ctx *ctx);

static int use(struct contain_ctx *ctx, void *self)
{
	(void)self;
	return contain_later_function(ctx);
}
CONTAIN_PLUGIN(.name = NAME, .configure = use)

#elif defined(ODD_OTHER_SYMBOL)

int nobody_has_this(void);

static int use(struct contain_ctx *ctx, void *self)
{
	(void)ctx, (void)self;
	return nobody_has_this();
}
CONTAIN_PLUGIN(.name = NAME, .configure = use)

#elif defined(ODD_MISNAMED)

CONTAIN_PLUGIN(.name = "other-name")

#elif defined(ODD_SMALL_SELF)

struct self {
	int64_t number;
};
static const struct contain_option options[] = { CONTAIN_INT_OPTION(struct self, number, "number"),
						 CONTAIN_OPTIONS_END };
CONTAIN_PLUGIN(.name = NAME, .self_size = sizeof(int64_t) - 1, .options = options)

#elif defined(ODD_OPTION_FLAG)

struct self {
	int64_t number;
};
static const struct contain_option options[] = { CONTAIN_INT_OPTION(struct self, number, "number", .flags = 1U << 30),
						 CONTAIN_OPTIONS_END };
CONTAIN_PLUGIN(.name = NAME, .self_size = sizeof(struct self), .options = options)

#elif defined(ODD_NEWER)

/* As from a later plugin.h: structs that are longer, and this plugin does (ODD_USES) or does not use what was added. */
#ifndef ODD_USES
#define ODD_USES 0
#endif
#ifndef ODD_USES_OPTION
#define ODD_USES_OPTION 0
#endif

static int say(struct contain_ctx *ctx, void *self)
{
	(void)self;
	contain_info(ctx, NAME ": configure");
	return 0;
}

struct self {
	int64_t number;
};
static const struct {
	struct contain_option option;
	uintptr_t later;
} options[] = { { CONTAIN_INT_OPTION(struct self, number, "number"), ODD_USES_OPTION }, { { .key = NULL }, 0 } };

CONTAIN_EXPORT_ const struct contain_plugin *contain_plugin_v1(void);
const struct contain_plugin *contain_plugin_v1(void)
{
	static const struct {
		struct contain_plugin plugin;
		uintptr_t later_hook;
	} newer = { { .struct_size = sizeof(newer),
		      .option_size = sizeof(options[0]),
		      .api_minor = CONTAIN_API_MINOR + 1,
		      .name = NAME,
		      .version = "9",
		      .summary = "from the future",
		      .self_size = sizeof(struct self),
		      .options = &options[0].option,
		      .configure = say },
		    ODD_USES };

	return &newer.plugin;
}

#endif
