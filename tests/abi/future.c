/* SPDX-License-Identifier: MIT */
/* Plugins of a contain to come, built with future/contain/plugin.h: -DFUTURE_... says which new thing is used, if any.
 */
#include <contain/plugin.h>

struct future {
	int64_t number;
	const char *text;
#ifdef FUTURE_TYPE
	int newer;
#endif
};

#if defined(FUTURE_FLAG)
#define NEW .flags = CONTAIN_LATER_FLAG
#elif defined(FUTURE_MEMBER)
#define NEW .later = "used"
#else
#define NEW .later = NULL
#endif

/* Two, so that the second lies where a longer struct ends. */
static const struct contain_option options[] = {
	CONTAIN_INT_OPTION(struct future, number, "number"),
	CONTAIN_STRING_OPTION(struct future, text, "text", NEW),
#ifdef FUTURE_TYPE
	CONTAIN_OPTION_(struct future, newer, int, CONTAIN_LATER, "newer", ),
#endif
	CONTAIN_OPTIONS_END,
};

static int say(struct contain_ctx *ctx, void *self)
{
	const struct future *future = self;

	contain_info(ctx, NAME ": %lld %s", (long long)future->number, future->text ? future->text : "none");
	return 0;
}

#ifdef FUTURE_HOOK
#define LATER_HOOK say
#else
#define LATER_HOOK NULL
#endif

#ifdef FUTURE_FUNCTION
static int call(struct contain_ctx *ctx, void *self)
{
	(void)self;
	return contain_later(ctx);
}
#define SEAL call
#else
#define SEAL NULL
#endif

CONTAIN_PLUGIN(.name = NAME, .version = "99.0", .summary = "from the future", .self_size = sizeof(struct future),
	       .options = options, .configure = say, .child_enter = say, .child_seal = SEAL, .later = LATER_HOOK)
