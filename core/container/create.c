/* SPDX-License-Identifier: MIT */
/* From a profile to a child that waits for its start. */
#include "container/container.h"

#include <contain/plugin.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/signals.h"
#include "container/channel.h"
#include "container/command.h"
#include "container/config.h"
#include "container/namespaces.h"
#include "container/record_keys.h"

void container_init(struct container *container)
{
	*container = (struct container){
		.root = STATE_ROOT,
		.state = { -1, -1, STATE_ROOT },
		.channel = -1,
		.pidfd = -1,
		.signals = -1,
		.lines = -1,
		.wanted_status = STATUS_FAILED,
		.process_settings = { .section = "process",
				      .options = process_options,
				      .self_size = sizeof(struct process) },
		.cgroup_settings = { .section = "cgroup",
				     .options = cgroup_options,
				     .self_size = sizeof(struct cgroup_place) },
	};
	ctx_init(&container->ctx);
}

int container_resolve(struct container *container, const struct profile *profile, struct catalog *catalog,
		      struct text *errors)
{
	struct contain_ctx *ctx = &container->ctx;
	int process, place, result;

	process = settings_fill(&container->process_settings, profile, errors);
	place = settings_fill(&container->cgroup_settings, profile, errors);
	result = roster_resolve(&container->roster, profile, catalog, core_sections, errors);
	if (process < 0 || place < 0 || result < 0)
		return process < 0 ? process : place < 0 ? place : result;
	container->process = *(struct process *)container->process_settings.self;
	container->place = *(struct cgroup_place *)container->cgroup_settings.self;
	container->environment = process_expand(&container->process.env);
	if (!container->environment)
		return ctx_fail(ctx, ENOMEM, "can't make the environment");

	result = namespaces_check_kernel(ctx);
	/* What is on the other side of the terminal that is passed on. */
	if (result == 0 && container->use_terminal && getenv("TERM"))
		result = contain_setenv(ctx, "TERM", getenv("TERM"));
	if (result == 0)
		result = cgroups_find(ctx, &container->cgroups, container->place.parent);
	for (size_t i = 0; result == 0 && i < container->roster.count; i++) {
		uint64_t wanted = container->roster.members[i].module->api.namespaces;

		for (uint64_t flag = 1; result == 0 && flag && flag <= wanted; flag <<= 1) {
			if (wanted & flag)
				result = contain_namespace(ctx, flag);
		}
	}
	return result < 0 ? result : phase_run(ctx, &container->roster, PHASE_CONFIGURE);
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
	return result < 0 ? ctx_fail(ctx, -result, "can't write to the record in %s/%s", container->root, ctx->id) : 0;
}

/* Whatever the child does from here on is the plugin's to undo. */
static void begin_child_hooks(struct roster *roster)
{
	for (size_t i = 0; i < roster->count; i++) {
		if (module_has_child_hooks(roster->members[i].module))
			roster->members[i].begun = true;
	}
}

static int tell(struct container *container, enum message_type type)
{
	const struct message message = { .type = type };
	int result = channel_send(container->channel, &message);

	/* A child that is gone tells why by its exit, which the next wait on the channel finds. */
	if (result < 0 && result != -EPIPE && result != -ECONNRESET)
		return ctx_fail(&container->ctx, -result, "can't speak to the child");
	return 0;
}

static void announce_namespaces(struct contain_ctx *ctx)
{
	_cleanup_text_ struct text names = { 0 };

	namespaces_names(ctx->namespaces, &names);
	if (names.length > 0)
		log_line(&ctx->log, LOG_INFO, "creating namespaces: %s", text_peek(&names));
}

/* The child ended without a word of its own: what can be told from outside. */
static int fail_of_silence(struct container *container)
{
	struct contain_ctx *ctx = &container->ctx;
	char how[64], path[64], phase[32], name[24];
	ssize_t length;

	snprintf(path, sizeof(path), "/proc/%d/comm", ctx->pid);
	/* A child that ended is still there until it is reaped, and bears the name of its last phase. */
	length = file_read_at(AT_FDCWD, path, phase, sizeof(phase));
	phase[length > 0 ? length - 1 : 0] = '\0';
	if (!phase_known(phase))
		snprintf(phase, sizeof(phase), "%s", phase_name(PHASE_NONE));
	if (container_reap(container) < 0)
		return ctx->failure.err ? -ctx->failure.err : -EIO;
	if (container->signal)
		snprintf(how, sizeof(how), "killed by signal %d (%s)", container->signal,
			 signal_text(container->signal, name));
	else
		snprintf(how, sizeof(how), "exit status %d", container->status);
	return ctx_fail(ctx, 0, "the container did not start: %s in %s", how, phase);
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

static int take_failure(struct container *container, const struct message *message)
{
	struct failure *failure = &container->ctx.failure;

	container->wanted_status = (int)message->status;
	*failure = (struct failure){ .err = message->number ? message->number : EIO, .phase = message->phase };
	memcpy(failure->plugin, message->plugin, sizeof(failure->plugin));
	memcpy(failure->text, message->text, sizeof(failure->text));
	return -failure->err;
}

/* What the child has said meanwhile. */
static void log_lines(struct container *container)
{
	char *line, *rest;
	ssize_t n;

	while ((n = read(container->lines, container->line + container->line_length,
			 sizeof(container->line) - 1 - container->line_length)) > 0) {
		container->line_length += (size_t)n;
		container->line[container->line_length] = '\0';
		/* The last one may go on in the next read. */
		for (line = container->line; (rest = strchr(line, '\n')); line = rest + 1) {
			*rest = '\0';
			if (*line >= '0' + LOG_ERROR && *line <= '0' + LOG_DEBUG)
				log_line(&container->ctx.log, (enum log_level)(*line - '0'), "%s", line + 1);
		}
		container->line_length = strlen(line);
		memmove(container->line, line, container->line_length + 1);
	}
}

/* Hear the child until it sends the wanted message; MESSAGE_EXEC is fulfilled by the end that follows it. */
static int hear(struct container *container, enum message_type wanted)
{
	struct contain_ctx *ctx = &container->ctx;
	bool executing = false;

	for (;;) {
		struct pollfd fds[] = { { .fd = container->channel, .events = POLLIN },
					{ .fd = container->signals, .events = POLLIN } };
		struct message message;
		int result;

		result = poll(fds, 2, LINES_PATIENCE_MSEC);
		if (result < 0 && errno != EINTR)
			return ctx_fail(ctx, errno, "can't wait for the child");
		log_lines(container);
		if (result <= 0)
			continue;
		if (fds[1].revents && (result = container_handle_signal(container, true)) < 0)
			return result;
		if (!fds[0].revents)
			continue;
		result = channel_receive(container->channel, &message);
		if (result < 0)
			return ctx_fail(ctx, -result, "can't hear the child");
		if (result == 0)
			return executing ? 0 : fail_of_silence(container);
		if (message.type == MESSAGE_FAILURE)
			return take_failure(container, &message);
		else if (message.type == MESSAGE_EXEC)
			executing = true;
		else if (message.type == wanted)
			return 0;
	}
}

static int create(struct container *container)
{
	struct contain_ctx *ctx = &container->ctx;
	int result = container_catch_signals(container);

	if (result == 0)
		result = state_reserve(ctx, &container->state, container->root);
	if (result == 0)
		result = record_begun(container);
	if (result == 0)
		result = container_save(container);
	if (result == 0)
		result = cgroups_make(ctx);
	if (result == 0)
		result = phase_run(ctx, &container->roster, PHASE_PARENT_PREPARE);
	if (result < 0)
		return result;
	announce_namespaces(ctx);
	begin_child_hooks(&container->roster);
	result = container_spawn(container);
	if (result == 0)
		result = phase_run(ctx, &container->roster, PHASE_PARENT_ATTACH);
	if (result == 0)
		result = tell(container, MESSAGE_GO);
	return result < 0 ? result : hear(container, MESSAGE_CREATED);
}

int container_create(struct container *container)
{
	return create(container) < 0 ? add_causes(container) : 0;
}

int container_start(struct container *container)
{
	struct contain_ctx *ctx = &container->ctx;
	int result;

	log_line(&ctx->log, LOG_INFO, "running: %s", container->argv[0]);
	container_give_terminal(container);
	container->begun_usec = clock_usec();
	result = tell(container, MESSAGE_START);
	if (result == 0)
		result = hear(container, MESSAGE_EXEC);
	if (result == 0)
		result = phase_run(ctx, &container->roster, PHASE_PARENT_STARTED);
	return result < 0 ? add_causes(container) : 0;
}
