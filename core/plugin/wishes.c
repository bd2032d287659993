/* SPDX-License-Identifier: MIT */
#include "plugin/wishes.h"

#include <contain/plugin.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugin/roster.h"

static int note(struct contain_ctx *ctx, uint64_t namespaces, const char *controller)
{
	struct wishes *wishes = ctx->wishes;
	struct wish wish = { .namespaces = namespaces }, *more;

	if (!wishes || !ctx->member)
		return 0;
	snprintf(wish.plugin, sizeof(wish.plugin), "%s", ctx->member->module->name);
	more = reallocarray(wishes->wishes, wishes->count + 1, sizeof(*more));
	if (more)
		wishes->wishes = more;
	if (!more || (controller && !(wish.controller = strdup(controller))))
		return contain_fail(ctx, ENOMEM, "can't note what the plugin asks for");
	more[wishes->count++] = wish;
	return 0;
}

int wishes_note_namespace(struct contain_ctx *ctx, uint64_t flag)
{
	return note(ctx, flag, NULL);
}

int wishes_note_controller(struct contain_ctx *ctx, const char *controller)
{
	return note(ctx, 0, controller);
}

void wishes_free(struct wishes *wishes)
{
	for (size_t i = 0; i < wishes->count; i++)
		free(wishes->wishes[i].controller);
	free(wishes->wishes);
	*wishes = (struct wishes){ 0 };
}
