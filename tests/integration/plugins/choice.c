/* SPDX-License-Identifier: MIT */
/* Plugins that are alternatives, -DCHOSEN="color=red"; and the one that has all other values, without it. */
#include <contain/plugin.h>
#include <stddef.h>

struct choice {
	const char *word;
};

#ifdef CHOSEN
#define KEY "shade"
#else
#define KEY "color"
#endif

static const struct contain_option options[] = {
	CONTAIN_STRING_OPTION(struct choice, word, KEY, .initial = "none", .flag = KEY, .metavar = "WORD",
			      .help = "what is said"),
	CONTAIN_OPTIONS_END,
};

#ifdef MISSING
int contain_later_function(struct contain_ctx *ctx);
#endif

static int configure(struct contain_ctx *ctx, void *self)
{
	const struct choice *choice = self;

#ifdef MISSING
	contain_later_function(ctx);
#endif
	contain_info(ctx, NAME ": " KEY " %s", choice->word);
	return 0;
}

CONTAIN_PLUGIN(.name = NAME, .version = "1.0", .summary = "is " NAME, .self_size = sizeof(struct choice),
#ifdef CHOSEN
	       .chosen_by = CHOSEN,
#endif
	       .options = options, .configure = configure)
