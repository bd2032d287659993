/* SPDX-License-Identifier: MIT */
/* exec: one more process in a container that runs. */
#include "container/container.h"

#include <contain/plugin.h>

static int join(struct container *container)
{
	struct contain_ctx *ctx = &container->ctx;
	int result = container_catch_signals(container);

	container->mode.joining = true;
	if (result == 0)
		result = container_spawn(container);
	if (result == 0)
		result = container_hear(container, MESSAGE_EXEC);
	return result < 0 && !ctx->failure.err ? ctx_fail(ctx, -result, "can't run the command") : result;
}

int container_join(struct container *container)
{
	struct failure failure;
	int result = join(container);

	if (result == 0)
		return 0;
	/* The process that did not become the command, if it is ours: not the container's first one. */
	failure = container->ctx.failure;
	if (container->is_child)
		container_kill(container);
	container->ctx.failure = failure;
	return result;
}
