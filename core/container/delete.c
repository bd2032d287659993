/* SPDX-License-Identifier: MIT */
/* The end: what was used, and then everything undone. */
#include "container/container.h"

#include <contain/plugin.h>

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/pidfd.h>

#include "base/cleanup.h"
#include "base/trace.h"
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

int container_kill(struct container *container)
{
	if (container->pidfd < 0)
		return 0;
	pidfd_send_signal(container->pidfd, SIGKILL, NULL, 0);
	return container_reap(container);
}

/* Everything that runs. The end of the first process of a pid namespace is that of the others. */
static void kill_all(struct container *container, int *worst)
{
	struct contain_ctx *ctx = &container->ctx;
	trace_scope(ctx->trace, "kill");

	if (container->is_child)
		note(ctx, container_kill(container), worst);
	else if (container->pidfd >= 0)
		pidfd_send_signal(container->pidfd, SIGKILL, NULL, 0);
	if (container->state.directory >= 0 && (container->pidfd >= 0 || !(ctx->namespaces & CLONE_NEWPID)))
		note(ctx, cgroups_kill(ctx), worst);
	/* One that is not ours, and may have been frozen, is waited for when it was let go. */
	note(ctx, container_reap(container), worst);
}

static int remove_cgroups(struct contain_ctx *ctx)
{
	trace_scope(ctx->trace, "remove the cgroups");

	if (record_get(&ctx->record, RECORD_CORE, RECORD_CGROUPS))
		log_line(&ctx->log, LOG_INFO, "cleaning up cgroups");
	return cgroups_remove(ctx);
}

static int finish_state(struct container *container, bool keep)
{
	struct contain_ctx *ctx = &container->ctx;
	trace_scope(ctx->trace, keep ? "keep the record" : "remove the record");
	int result;

	if (!keep)
		return state_remove(ctx, &container->state);
	result = record_set(&ctx->record, RECORD_CORE, RECORD_UNDONE, "yes");
	return result < 0 ? container_fail_record(container, result) : 0;
}

/* They can't be asked, so what they have made is not undone: true if there are any. */
static bool skip_crashed(struct container *container)
{
	bool any = false;

	for (size_t i = 0; container->skipped && i < container->roster.count; i++) {
		struct member *member = &container->roster.members[i];

		if (layout_has_word(container->skipped, member->module->name)) {
			member->begun = false;
			any = true;
		}
	}
	return any;
}

int container_delete(struct container *container, bool keep)
{
	struct contain_ctx *ctx = &container->ctx;
	trace_scope(ctx->trace, "delete");
	struct failure earlier = ctx->failure;
	int worst = 0;

	ctx->failure.err = 0;
	if (skip_crashed(container))
		worst = -EIO;
	cleanup_close(&container->channel);
	container->channel = -1;
	kill_all(container, &worst);
	if (container->state.directory >= 0) {
		note(ctx, phase_run(ctx, &container->roster, PHASE_TEARDOWN), &worst);
		note(ctx, remove_cgroups(ctx), &worst);
		/* What could not be undone stays on record. */
		if (worst == 0)
			note(ctx, finish_state(container, keep), &worst);
		state_close(&container->state);
	}
	ctx->failure = earlier;
	return worst;
}

/* One of create and start, which no process of ours was to see the end of, is somebody's until he deletes it. */
static bool is_garbage(const struct life *life, bool ended)
{
	return life->abandoned && (ended || !life->ran_alone);
}

int container_collect(const char *root, const char *id, bool ended, struct container *like)
{
	struct container container;
	struct contain_ctx *ctx = &container.ctx;
	struct life life;
	int result = 1;

	/* First without the lock, which its rightful owner may be about to take. */
	for (int locked = 0; result == 1 && locked < 2; locked++) {
		container_init(&container);
		ctx->log = like->ctx.log;
		container_trace(&container, like->tracing);
		container.ending = like->ending;
		result = container_load(&container, root, id, CONFIG_PHASE(PHASE_TEARDOWN),
					locked ? LOAD_LOCK | LOAD_UNDO : LOAD_RECORD);
		if (result == -ENOENT || result == -EBUSY)
			result = 0;
		else if (result == 0)
			container_life(&container, &life), result = is_garbage(&life, ended);
		if (result == 1 && locked) {
			log_line(&ctx->log, LOG_INFO, "removing what was left of the container '%s'", id);
			result = container_delete(&container, false);
			if (result < 0)
				ctx_fail(ctx, 0, "what was left of the container '%s' can't be removed", id);
			result = result < 0 ? result : 1;
		}
		if (result < 0)
			like->ctx.failure = ctx->failure;
		container.ending.trace = -1;
		container_free(&container);
	}
	return result;
}

void container_free(struct container *container)
{
	environment_free(container->environment);
	settings_free(&container->process_settings);
	settings_free(&container->cgroup_settings);
	roster_free(&container->roster);
	config_free(&container->saved);
	cgroups_free(&container->cgroups);
	state_close(&container->state);
	cleanup_close(&container->channel);
	cleanup_close(&container->pidfd);
	cleanup_close(&container->signals);
	cleanup_close(&container->lines);
	cleanup_close(&container->terminal);
	cleanup_close(&container->slave);
	cleanup_close(&container->guard);
	cleanup_close(&container->ending.trace);
	ctx_free(&container->ctx);
}
