/* SPDX-License-Identifier: MIT */
/* contain attach: our standard input and output are a detached container's for a while. */
#include <contain/plugin.h>

#include <errno.h>

#include "base/cleanup.h"
#include "cli/cli.h"
#include "container/command.h"
#include "container/container.h"
#include "container/session.h"

struct attachment {
	int socket, input, output, error; /* -1: none */
	bool is_terminal;
};

/* The monitor's words, to the last: each brings a descriptor. */
static int hear_descriptors(struct container *container, struct attachment *attachment)
{
	struct contain_ctx *ctx = &container->ctx;
	struct message message;
	int result, passed;

	for (;;) {
		poll(&(struct pollfd){ .fd = attachment->socket, .events = POLLIN }, 1, -1);
		result = channel_receive(attachment->socket, &message, &passed);
		if (result == -EAGAIN)
			continue;
		if (result <= 0)
			return ctx_fail(ctx, result < 0 ? -result : EPIPE, "can't attach to the container '%s'",
					ctx->id);
		attachment->is_terminal = message.number;
		if (message.type == MESSAGE_READY)
			return 0;
		if (message.type == MESSAGE_INPUT)
			attachment->input = passed;
		else if (message.type == MESSAGE_OUTPUT)
			attachment->output = passed;
		else if (message.type == MESSAGE_ERROR)
			attachment->error = passed;
		else
			cleanup_close(&passed);
	}
}

static int attach(struct container *container, struct attachment *attachment)
{
	struct contain_ctx *ctx = &container->ctx;
	struct life life;

	container_life(container, &life);
	if (life.status == LIFE_STOPPED)
		return ctx_fail(ctx, 0, "the container '%s' is stopped", ctx->id);
	attachment->socket = channel_connect(container->state.directory, STATE_ATTACH);
	if (attachment->socket == -ENOENT)
		return ctx_fail(ctx, 0, "the container '%s' does not run in the background (run -d)", ctx->id);
	if (attachment->socket == -ECONNREFUSED)
		return ctx_fail(ctx, 0, "the container '%s' has no monitor any more to attach to", ctx->id);
	if (attachment->socket < 0)
		return ctx_fail(ctx, -attachment->socket, "can't attach to the container '%s'", ctx->id);
	return hear_descriptors(container, attachment);
}

/* 1: the container has ended, with that status; 0: it goes on without us; -errno. */
static int hear_end(struct container *container, const struct attachment *attachment, int *status)
{
	struct message message;
	int result = channel_receive(attachment->socket, &message, NULL);

	if (result == 1 && message.type == MESSAGE_EXIT) {
		*status = message.number;
		return 1;
	}
	return ctx_fail(
		&container->ctx, 0,
		result == 1 || result == -EAGAIN
			? "the monitor of '%s' says what nobody understands"
			: "the monitor of the container '%s' has closed the connection: we were too slow, or it was killed",
		container->ctx.id);
}

static int relay(struct container *container, const struct attachment *attachment, struct session *session, int *status)
{
	while (!session->detached && !session->hung_up) {
		struct pollfd fds[2 + RELAY_FDS] = { { .fd = attachment->socket, .events = POLLIN },
						     { .fd = container->signals, .events = POLLIN } };
		size_t count = session->relay.fill(&session->relay, fds + 2);

		if (poll(fds, 2 + count, -1) < 0) {
			if (errno != EINTR)
				return ctx_fail(&container->ctx, errno, "can't wait for the container");
			continue;
		}
		if (fds[1].revents && (*status = container_end_signal(container->signals, &session->relay)) != 0)
			return 0;
		session->relay.move(&session->relay, fds + 2, count);
		if (fds[0].revents)
			return hear_end(container, attachment, status);
	}
	return 0;
}

static int run(struct cli *cli, struct container *container, int *status)
{
	struct attachment attachment = { -1, -1, -1, -1, false };
	struct session session;
	int result = container_load(container, cli->global.root, cli->words[0], 0, LOAD_RECORD);

	if (result == 0)
		result = attach(container, &attachment);
	if (result == 0)
		result = container_catch_signals(container);
	if (result == 0) {
		int master = attachment.is_terminal ? attachment.input : -1;

		result = session_open(&session, master, attachment.input, attachment.output, attachment.error);
		session.log = &container->ctx.log;
		session.signals = container->signals;
		session.can_detach = attachment.is_terminal;
		if (result < 0)
			ctx_fail(&container->ctx, -result, "can't use standard input and output");
		session_begin(&session);
		if (result == 0)
			result = relay(container, &attachment, &session, status);
		session_close(&session);
		if (session.detached)
			log_line(&container->ctx.log, LOG_INFO, "detached from '%s', which runs on", container->ctx.id);
	}
	cleanup_close(&attachment.socket);
	cleanup_close(&attachment.output);
	cleanup_close(&attachment.error);
	return result;
}

int cmd_attach(struct cli *cli)
{
	struct container container;
	int result = cli_read_words(cli, true), status = 0;

	if (result != 0)
		return result < 0 ? STATUS_FAILED : 0;
	cli_open(cli, &container);
	result = run(cli, &container, &status);
	return cli_close(&container, result) < 0 ? STATUS_FAILED : status;
}
