/* SPDX-License-Identifier: MIT */
/* From a profile to a child that waits for its start. */
#include "container/container.h"

#include <contain/plugin.h>

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/trace.h"
#include "container/channel.h"
#include "container/command.h"
#include "container/config.h"
#include "container/namespaces.h"
#include "container/record_keys.h"

#define RESERVE_TRIES 16

void container_init(struct container *container)
{
	*container = (struct container){
		.root = STATE_ROOT,
		.state = { -1, -1, false, STATE_ROOT },
		.stdio = { -1, -1, -1 },
		.terminal = -1,
		.slave = -1,
		.channel = -1,
		.pidfd = -1,
		.signals = -1,
		.lines = -1,
		.guard = -1,
		.ending = { -1, -1, -1 },
		.wanted_status = STATUS_FAILED,
		.process_settings = process_section,
		.cgroup_settings = cgroup_section,
	};
	ctx_init(&container->ctx);
	container->ctx.crashed = container_crashed;
}

void container_trace(struct container *container, struct tracing *tracing)
{
	container->tracing = tracing;
	ctx_trace(&container->ctx, tracing ? &tracing->parent : NULL);
}

int container_settle(struct container *container, const struct profile *profile, struct catalog *catalog,
		     struct text *errors)
{
	struct contain_ctx *ctx = &container->ctx;
	int process, place, result;

	process = settings_fill(&container->process_settings, profile, errors);
	place = settings_fill(&container->cgroup_settings, profile, errors);
	trace_begin(ctx->trace, "load plugins");
	result = roster_resolve(&container->roster, profile, catalog, core_sections, errors);
	trace_end(ctx->trace);
	if (process < 0 || place < 0 || result < 0)
		return process < 0 ? process : place < 0 ? place : result;
	container->process = *(struct process *)container->process_settings.self;
	container->place = *(struct cgroup_place *)container->cgroup_settings.self;
	container->environment = process_expand(&container->process.env);
	return container->environment ? 0 : ctx_fail(ctx, ENOMEM, "can't make the environment");
}

int container_ask_namespaces(struct contain_ctx *ctx, const struct member *member)
{
	uint64_t wanted = member->module->api.namespaces;
	int result = 0;

	for (uint64_t flag = 1; result == 0 && flag && flag <= wanted; flag <<= 1) {
		if (wanted & flag)
			result = namespaces_ask_usual(ctx, flag, member->module->name);
	}
	return result;
}

int container_check_init(struct container *container)
{
	struct contain_ctx *ctx = &container->ctx;

	if (!container->process.init || (ctx->namespaces & CLONE_NEWPID))
		return 0;
	return ctx_fail(ctx, 0,
			"[process] init (--init) needs a pid namespace, to be its first process: switch a plugin on "
			"that makes one, or init off");
}

int container_resolve(struct container *container, const struct profile *profile, struct catalog *catalog,
		      struct text *errors)
{
	struct contain_ctx *ctx = &container->ctx;
	trace_scope(ctx->trace, "resolve");
	int result = container_settle(container, profile, catalog, errors);

	if (result == 0)
		result = namespaces_check_kernel(ctx);
	/* What is on the other side of the terminal that is passed on. */
	if (result == 0 && container->mode.terminal)
		result = contain_setenv(ctx, "TERM", getenv("TERM") ? getenv("TERM") : "xterm");
	if (result == 0)
		result = cgroups_find(ctx, &container->cgroups, container->place.parent);
	for (size_t i = 0; result == 0 && i < container->roster.count; i++)
		result = container_ask_namespaces(ctx, &container->roster.members[i]);
	if (result == 0)
		result = phase_run(ctx, &container->roster, PHASE_CONFIGURE);
	return result < 0 ? result : container_check_init(container);
}

/* Before any hook that may leave something: which plugins a teardown by somebody else has to call. */
static int record_begun(struct container *container)
{
	struct contain_ctx *ctx = &container->ctx;
	_cleanup_text_ struct text names = { 0 };
	int result;

	for (size_t i = 0; i < container->roster.count; i++) {
		const struct module *module = container->roster.members[i].module;

		if (module->api.teardown)
			text_printf(&names, "%s\n", module->name);
	}
	if (names.length == 0)
		return 0;
	result = text_error(&names);
	if (result == 0)
		result = record_set(&ctx->record, RECORD_CORE, RECORD_BEGUN, text_peek(&names));
	return result < 0 ? container_fail_record(container, result) : 0;
}

/* Whatever the child does from here on is the plugin's to undo. */
static void begin_child_hooks(struct roster *roster)
{
	for (size_t i = 0; i < roster->count; i++) {
		if (module_has_child_hooks(roster->members[i].module))
			roster->members[i].begun = true;
	}
}

static void announce_namespaces(struct contain_ctx *ctx)
{
	_cleanup_text_ struct text names = { 0 }, joined = { 0 };

	namespaces_names(ctx->namespaces, &names);
	namespaces_names(ctx->joined & namespaces_apart(ctx), &joined);
	if (names.length > 0)
		log_line(&ctx->log, LOG_INFO, "creating namespaces: %s", text_peek(&names));
	if (joined.length > 0)
		log_line(&ctx->log, LOG_INFO, "joining namespaces: %s", text_peek(&joined));
}

/* What failed here may have its cause in a limit, which its plugin knows of: the message gets that too. */
static int add_causes(struct container *container)
{
	struct failure *failure = &container->ctx.failure;
	struct usage usage = { 0 };
	_cleanup_free_ char *causes = NULL;
	char *rest, *line;

	container_report(container, &usage);
	rest = causes = strdup(text_peek(&usage.causes));
	while ((line = strsep(&rest, "\n"))) {
		size_t length = strlen(failure->text);

		if (*line)
			snprintf(failure->text + length, sizeof(failure->text) - length, "; %s", line);
	}
	usage_free(&usage);
	return -failure->err;
}

/* A name that is taken by what a killed process of ours has left is free again after this. */
static int reserve(struct container *container)
{
	struct contain_ctx *ctx = &container->ctx;
	trace_scope(ctx->trace, "reserve");
	int result;

	for (int tries = 0; tries < RESERVE_TRIES; tries++) {
		result = state_reserve(ctx, &container->state, container->root);
		if (result == -EEXIST) {
			int collected = container_collect(container->root, ctx->id, false, container);

			if (collected < 0)
				return collected;
			if (collected == 0)
				return state_fail_taken(ctx, container->root);
		} else if (result != -EAGAIN) {
			return result;
		}
	}
	return state_fail_taken(ctx, container->root);
}

/* From here on it may live without us. */
static int record_created(struct container *container, bool door)
{
	struct record *record = &container->ctx.record;
	int result = 0;

	if (container->mode.detached)
		result = record_set(record, RECORD_CORE, RECORD_DETACHED, door ? RECORD_ALONE : "monitored");
	if (result == 0 && container->mode.detached)
		result = record_set(record, RECORD_CORE, RECORD_CREATED, "yes");
	return result < 0 ? container_fail_record(container, result) : 0;
}

/* Where a created container waits for `start`. */
static int make_door(struct container *container)
{
	struct contain_ctx *ctx = &container->ctx;
	int door = channel_listen(container->state.directory, STATE_DOOR);

	if (door < 0)
		return ctx_fail(ctx, -door, "can't make the socket %s/%s/" STATE_DOOR, container->root, ctx->id);
	return ctx_add_fd(ctx, "", DOOR_FD, door) < 0 ? ctx_fail(ctx, ENOMEM, "can't start the child") : 0;
}

static int make_cgroups(struct contain_ctx *ctx)
{
	trace_scope(ctx->trace, "cgroups");

	return cgroups_make(ctx);
}

/* For whoever comes after us: the configuration, and which plugins may leave something. */
static int save(struct container *container)
{
	trace_scope(container->ctx.trace, "save");
	int result = container_save(container);

	return result < 0 ? result : record_begun(container);
}

static int create(struct container *container, bool door)
{
	struct contain_ctx *ctx = &container->ctx;
	trace_scope(ctx->trace, "create");
	int result = container_catch_signals(container);

	container->mode.created_usec = life_now_usec();
	if (result == 0)
		result = reserve(container);
	container->made = result == 0;
	if (result == 0)
		result = save(container);
	if (result == 0)
		result = make_cgroups(ctx);
	if (result == 0)
		result = phase_run(ctx, &container->roster, PHASE_PARENT_PREPARE);
	/* What the hooks have added is for later processes (exec) too. */
	if (result == 0 && ctx->environment_count > container->saved_variables)
		result = container_resave(container);
	if (result == 0 && door)
		result = make_door(container);
	if (result < 0)
		return result;
	announce_namespaces(ctx);
	begin_child_hooks(&container->roster);
	result = container_spawn(container);
	if (result == 0)
		result = phase_run(ctx, &container->roster, PHASE_PARENT_ATTACH);
	if (result == 0)
		result = container_tell(container, MESSAGE_GO, -1);
	if (result == 0)
		result = container_hear(container, MESSAGE_CREATED);
	return result < 0 ? result : record_created(container, door);
}

int container_create(struct container *container, bool door)
{
	return create(container, door) < 0 ? add_causes(container) : 0;
}

static int record_started(struct container *container)
{
	struct record *record = &container->ctx.record;
	char text[32];
	int result;

	container->begun_usec = clock_usec();
	snprintf(text, sizeof(text), "%lld", (long long)life_now_usec());
	result = record_set(record, RECORD_CORE, RECORD_STARTED, text);
	return result < 0 ? container_fail_record(container, result) : 0;
}

/* Say the word: to our child, or through the door, with a place for what it says meanwhile. */
static int say_start(struct container *container)
{
	struct contain_ctx *ctx = &container->ctx;
	_cleanup_close_ int lines = -1;

	if (container->channel >= 0)
		return container_tell(container, MESSAGE_START, -1);
	container->channel = channel_connect(container->state.directory, STATE_DOOR);
	if (container->channel < 0)
		return ctx_fail(ctx, -container->channel, "can't reach the created container '%s'", ctx->id);
	lines = container_open_lines(container);
	return lines < 0 ? lines : container_tell(container, MESSAGE_START, lines);
}

int container_start(struct container *container)
{
	struct contain_ctx *ctx = &container->ctx;
	trace_scope(ctx->trace, "start");
	int result;

	log_line(&ctx->log, LOG_INFO, "running: %s", container->argv[0]);
	result = record_started(container);
	/* Whoever has asked to end it by now is heard: from here on it may be the command that a signal is for. */
	if (result == 0 && container->is_child)
		result = container_handle_signal(container, NULL, true);
	if (result == 0 && (result = say_start(container)) < 0)
		record_set(&ctx->record, RECORD_CORE, RECORD_STARTED, NULL);
	if (result == 0)
		result = container_hear(container, MESSAGE_EXEC);
	/* For words in `list` alone: not worth ending a command that runs. */
	if (result == 0 && container->mode.detached)
		record_set(&ctx->record, RECORD_CORE, RECORD_RUNNING, "yes");
	if (result == 0)
		result = phase_run(ctx, &container->roster, PHASE_PARENT_STARTED);
	return result < 0 ? add_causes(container) : 0;
}
