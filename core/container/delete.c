/* SPDX-License-Identifier: MIT */
/* The end: what was used, and then everything undone. */
#include "container/container.h"

#include <contain/plugin.h>

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/pidfd.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "container/record_keys.h"

int container_report(struct container *container, struct usage *usage)
{
	int result;

	container->ctx.usage = usage;
	result = phase_run(&container->ctx, &container->roster, PHASE_REPORT);
	container->ctx.usage = NULL;
	return result;
}

/* One failure of many is told at once, and does not stop the rest. */
static void note(struct contain_ctx *ctx, int result, int *worst)
{
	if (result >= 0)
		return;
	if (ctx->failure.err)
		ctx_log_failure(ctx);
	ctx->failure.err = 0;
	*worst = *worst ? *worst : result;
}

int container_delete(struct container *container)
{
	struct contain_ctx *ctx = &container->ctx;
	struct failure earlier = ctx->failure;
	int worst = 0;

	ctx->failure.err = 0;
	cleanup_close(&container->channel);
	container->channel = -1;
	if (container->pidfd >= 0) {
		pidfd_send_signal(container->pidfd, SIGKILL, NULL, 0);
		note(ctx, container_reap(container), &worst);
	}
	if (container->state.directory >= 0) {
		/* Without a pid namespace the end of the first process is not that of the others. */
		if (!(ctx->namespaces & CLONE_NEWPID))
			note(ctx, cgroups_kill(ctx), &worst);
		note(ctx, phase_run(ctx, &container->roster, PHASE_TEARDOWN), &worst);
		if (record_get(&ctx->record, RECORD_CORE, RECORD_CGROUPS))
			log_line(&ctx->log, LOG_INFO, "cleaning up cgroups");
		note(ctx, cgroups_remove(ctx), &worst);
		/* What could not be undone stays on record. */
		if (worst == 0)
			note(ctx, state_remove(ctx, &container->state), &worst);
		state_close(&container->state);
	}
	ctx->failure = earlier;
	return worst;
}

void container_free(struct container *container)
{
	environment_free(container->environment);
	settings_free(&container->process_settings);
	settings_free(&container->cgroup_settings);
	roster_free(&container->roster);
	cgroups_free(&container->cgroups);
	state_close(&container->state);
	cleanup_close(&container->channel);
	cleanup_close(&container->pidfd);
	cleanup_close(&container->signals);
	cleanup_close(&container->lines);
	ctx_free(&container->ctx);
}
