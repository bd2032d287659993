/* SPDX-License-Identifier: MIT */
/* What the child says, and what it is told. */
#include "container/container.h"

#include <contain/plugin.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/signals.h"
#include "base/trace.h"
#include "base/tty.h"

int container_tell(struct container *container, enum message_type type, int passed)
{
	/* Inside a pid namespace the child can't know what it is called outside. */
	const struct message message = { .type = type, .number = container->ctx.pid };
	int result = channel_send(container->channel, &message, passed);

	/* A child that is gone tells why by its exit, which the next wait on the channel finds. */
	if (result < 0 && result != -EPIPE && result != -ECONNRESET)
		return ctx_fail(&container->ctx, -result, "can't speak to the child");
	return 0;
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
	if (container->status < 0)
		snprintf(how, sizeof(how), "its process ended");
	else if (container->signal)
		snprintf(how, sizeof(how), "killed by signal %d (%s)", container->signal,
			 signal_text(container->signal, name));
	else
		snprintf(how, sizeof(how), "exit status %d", container->status);
	return ctx_fail(ctx, 0, "%s did not start: %s in %s", container->mode.joining ? "the command" : "the container",
			how, phase);
}

int container_open_lines(struct container *container)
{
	struct contain_ctx *ctx = &container->ctx;
	int lines[2];

	if (pipe2(lines, O_CLOEXEC) < 0)
		return ctx_fail(ctx, errno, "can't make a pipe for the child's messages");
	container->lines = lines[0];
	if (fcntl(lines[0], F_SETFL, O_NONBLOCK) < 0) {
		ctx_fail(ctx, errno, "can't make a pipe for the child's messages");
		close(lines[1]);
		return -ctx->failure.err;
	}
	return lines[1];
}

/* The one that we made has left the container's namespaces to a sibling of its own, which is a child of ours, too. */
static int take_process(struct container *container, const struct message *message, int *passed)
{
	int result;

	if (*passed < 0)
		return ctx_fail(&container->ctx, EBADMSG, "can't hear the child");
	result = container_reap(container);
	container->pidfd = steal_fd(passed);
	container->ctx.pid = message->number;
	return result;
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
static void tell_lines(struct container *container)
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

/* The terminal is the container's own: that of the host's devpts, which was there for the case, is not needed. */
static void take_terminal(struct container *container, int *passed)
{
	if (*passed < 0)
		return;
	cleanup_close(&container->terminal);
	cleanup_close(&container->slave);
	container->terminal = steal_fd(passed);
	/* Of its own: a terminal that nobody has open for a moment reads as one that has ended (EIO). */
	if (tty_slave(container->terminal, &container->slave) < 0)
		container->slave = -1;
	tty_copy_size(STDIN_FILENO, container->terminal);
}

static int hear(struct container *container, enum message_type wanted)
{
	struct contain_ctx *ctx = &container->ctx;
	bool executing = false;

	for (;;) {
		struct pollfd fds[] = { { .fd = container->channel, .events = POLLIN },
					/* A child that is not ours can't be called back. */
					{ .fd = container->is_child ? container->signals : -1, .events = POLLIN } };
		_cleanup_close_ int passed = -1;
		struct message message;
		int result;

		result = poll(fds, 2, LINES_PATIENCE_MSEC);
		if (result < 0 && errno != EINTR)
			return ctx_fail(ctx, errno, "can't wait for the child");
		tell_lines(container);
		if (result <= 0)
			continue;
		/* A message that is pending is heard first: once the command has begun, the signal is the command's. */
		if (fds[1].revents && !(wanted == MESSAGE_EXEC && fds[0].revents) &&
		    (result = container_handle_signal(container, NULL, true)) < 0)
			return result;
		if (!fds[0].revents)
			continue;
		result = channel_receive(container->channel, &message, &passed);
		/* A door is left without waiting. */
		if (result == -EAGAIN)
			continue;
		if (result < 0)
			return ctx_fail(ctx, -result, "can't hear the child");
		if (result == 0)
			return executing ? 0 : fail_of_silence(container);
		if (message.type == MESSAGE_FAILURE)
			return take_failure(container, &message);
		else if (message.type == MESSAGE_EXEC)
			executing = true;
		else if (message.type == MESSAGE_TERMINAL)
			take_terminal(container, &passed);
		else if (message.type == MESSAGE_JOINED && (result = take_process(container, &message, &passed)) < 0)
			return result;
		else if (message.type == wanted)
			return 0;
	}
}

int container_hear(struct container *container, enum message_type wanted)
{
	trace_scope(container->ctx.trace, wanted == MESSAGE_EXEC ? "wait for execve" : "wait for the child");
	int result = hear(container, wanted);

	/* What it was at when it became the command, or failed, is over. */
	if (container->tracing && (result < 0 || wanted == MESSAGE_EXEC))
		trace_close_all(&container->tracing->child);
	return result;
}
