/* SPDX-License-Identifier: MIT */
/* exec: one more process in a container that runs. */
#include "container/container.h"

#include <contain/plugin.h>

#include <sys/pidfd.h>

#include "container/namespaces.h"

/*
 * Where contain is already it has nothing to join, and may lack the right to it: root of a user namespace has none to
 * the network outside, in which he is with the container (setns(2)).
 */
static void stay_where_we_are(struct container *container)
{
	struct contain_ctx *ctx = &container->ctx;
	uint64_t elsewhere = namespaces_elsewhere(ctx->joined, ctx->pid);

	/* As long as that process is there, its number is no other one's. */
	if (pidfd_send_signal(container->pidfd, 0, NULL, 0) == 0)
		ctx->joined = elsewhere;
}

static int join(struct container *container)
{
	struct contain_ctx *ctx = &container->ctx;
	int result = container_catch_signals(container);

	container->mode.joining = true;
	stay_where_we_are(container);
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
