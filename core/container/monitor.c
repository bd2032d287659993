/* SPDX-License-Identifier: MIT */
#include "container/monitor.h"

#include <contain/plugin.h>

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "container/channel.h"

#define CHUNK      16384
#define PIPE_BYTES (1024 * 1024)

static struct monitor *of(struct relay *relay)
{
	return (struct monitor *)relay;
}

static void drop(struct client *client)
{
	cleanup_close(&client->socket);
	cleanup_close(&client->output);
	cleanup_close(&client->error);
	*client = (struct client){ -1, -1, -1 };
}

static int send_passed(int socket, enum message_type type, int fd, bool is_terminal)
{
	const struct message message = { .type = type, .number = is_terminal };

	return channel_send(socket, &message, fd);
}

/* One end for the client, and ours in *end. A reader that is slower than this much is left behind, and not waited for.
 */
static int send_pipe(int socket, enum message_type type, int *end)
{
	int ends[2], result;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	fcntl(ends[1], F_SETFL, O_NONBLOCK);
	fcntl(ends[1], F_SETPIPE_SZ, PIPE_BYTES);
	result = send_passed(socket, type, ends[0], false);
	close(ends[0]);
	*end = ends[1];
	return result;
}

static void let_in(struct monitor *monitor, struct client *client)
{
	bool is_terminal = monitor->container->mode.terminal;
	int result;

	client->socket = channel_accept(monitor->door);
	/* Without descriptors for it poll(2) would go on telling us of it: nobody can attach then. */
	if (client->socket == -EMFILE || client->socket == -ENFILE)
		close(steal_fd(&monitor->door));
	if (client->socket < 0) {
		client->socket = -1;
		return;
	}
	/* Whoever comes in and does not listen must not stop us. */
	result = fcntl(client->socket, F_SETFL, O_NONBLOCK) < 0 ? -errno : 0;
	if (result == 0 && monitor->input >= 0)
		result = send_passed(client->socket, MESSAGE_INPUT, monitor->input, is_terminal);
	if (result == 0)
		result = send_pipe(client->socket, MESSAGE_OUTPUT, &client->output);
	if (result == 0 && !is_terminal)
		result = send_pipe(client->socket, MESSAGE_ERROR, &client->error);
	if (result == 0)
		result = send_passed(client->socket, MESSAGE_READY, -1, is_terminal);
	if (result < 0)
		drop(client);
}

static struct client *free_place(struct monitor *monitor)
{
	for (size_t i = 0; i < MONITOR_CLIENTS; i++) {
		if (monitor->clients[i].socket < 0)
			return &monitor->clients[i];
	}
	return NULL;
}

/* False: nothing more will come. */
static bool pass_on(struct monitor *monitor, int from, enum output_stream stream)
{
	char bytes[CHUNK];
	ssize_t n = read(from, bytes, sizeof(bytes));

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return true;
	if (n <= 0)
		return false;
	output_write(&monitor->log, stream, bytes, (size_t)n);
	for (size_t i = 0; i < MONITOR_CLIENTS; i++) {
		struct client *client = &monitor->clients[i];
		int to = stream == OUTPUT_STDERR ? client->error : client->output;

		if (client->socket >= 0 && to >= 0 && write(to, bytes, (size_t)n) < n)
			drop(client);
	}
	return true;
}

static size_t fill(struct relay *relay, struct pollfd *fds)
{
	struct monitor *monitor = of(relay);
	const int ours[] = { monitor->out, monitor->err, free_place(monitor) ? monitor->door : -1 };
	size_t count = 0;

	for (size_t i = 0; i < 3; i++)
		fds[count++] = (struct pollfd){ .fd = ours[i], .events = POLLIN };
	for (size_t i = 0; i < MONITOR_CLIENTS; i++)
		fds[count++] = (struct pollfd){ .fd = monitor->clients[i].socket, .events = POLLIN };
	return count;
}

static void move(struct relay *relay, const struct pollfd *fds, size_t count)
{
	struct monitor *monitor = of(relay);

	(void)count;
	if (fds[0].revents && !pass_on(monitor, monitor->out, OUTPUT_STDOUT)) {
		if (!monitor->container->mode.terminal)
			close(monitor->out);
		monitor->out = -1;
	}
	if (fds[1].revents && !pass_on(monitor, monitor->err, OUTPUT_STDERR))
		close(steal_fd(&monitor->err));
	/* They say nothing: it is their end. */
	for (size_t i = 0; i < MONITOR_CLIENTS; i++) {
		if (fds[3 + i].fd >= 0 && fds[3 + i].revents && monitor->clients[i].socket == fds[3 + i].fd)
			drop(&monitor->clients[i]);
	}
	if (fds[2].revents && free_place(monitor))
		let_in(monitor, free_place(monitor));
}

/* A pipe whose one end is the command's, and ours never waits, whatever the command does with its own. */
static int make_pipe(struct contain_ctx *ctx, int ends[2], int ours)
{
	if (pipe2(ends, O_CLOEXEC) < 0 || fcntl(ends[ours], F_SETFL, O_NONBLOCK) < 0)
		return ctx_fail(ctx, errno, "can't make a pipe for the command");
	return 0;
}

static int make_input(struct contain_ctx *ctx, int *theirs, int *ours)
{
	int ends[2] = { -1, -1 }, result = make_pipe(ctx, ends, 1);

	*theirs = ends[0];
	*ours = ends[1];
	return result;
}

/* The command's end can be read from, too: so when we are killed it writes to a pipe with a reader, and not to SIGPIPE.
 */
static int make_output(struct contain_ctx *ctx, int *theirs, int *ours)
{
	int ends[2] = { -1, -1 }, result = make_pipe(ctx, ends, 0);
	char path[32];

	*ours = ends[0];
	if (result == 0) {
		snprintf(path, sizeof(path), "/proc/self/fd/%d", ends[1]);
		*theirs = open(path, O_RDWR | O_CLOEXEC);
		if (*theirs < 0)
			result = ctx_fail(ctx, errno, "can't make a pipe for the command");
	}
	cleanup_close(&ends[1]);
	return result;
}

int monitor_prepare(struct monitor *monitor, struct container *container)
{
	struct contain_ctx *ctx = &container->ctx;
	int result = 0, *stdio = container->stdio;

	*monitor = (struct monitor){ .relay = { fill, move, NULL },
				     .container = container,
				     .log = { .fd = -1 },
				     .out = -1,
				     .err = -1,
				     .input = -1,
				     .door = -1 };
	for (size_t i = 0; i < MONITOR_CLIENTS; i++)
		monitor->clients[i] = (struct client){ -1, -1, -1 };
	if (container->mode.interactive && !container->mode.terminal)
		result = make_input(ctx, &stdio[0], &monitor->input);
	else
		stdio[0] = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (result == 0 && stdio[0] < 0)
		return ctx_fail(ctx, errno, "can't open /dev/null");
	/* Until the terminal is there nothing is to be written or read. */
	if (result == 0 && container->mode.terminal) {
		stdio[1] = stdio[2] = stdio[0];
		return 0;
	}
	if (result == 0)
		result = make_output(ctx, &stdio[1], &monitor->out);
	return result == 0 ? make_output(ctx, &stdio[2], &monitor->err) : result;
}

int monitor_open(struct monitor *monitor)
{
	struct container *container = monitor->container;
	struct contain_ctx *ctx = &container->ctx;
	int *stdio = container->stdio, result;

	/* The command has them; as long as we do too, they don't end. */
	for (int i = 0; i < 3; i++) {
		if (i == 0 || stdio[i] != stdio[0])
			cleanup_close(&stdio[i]);
	}
	stdio[0] = stdio[1] = stdio[2] = -1;
	if (container->mode.terminal)
		monitor->out = monitor->input = container->terminal;
	result = output_open(&monitor->log, &container->state, container->process.log_size);
	if (result < 0)
		return ctx_fail(ctx, -result, "can't make %s/%s/" STATE_OUTPUT, container->root, ctx->id);
	monitor->door = channel_listen(container->state.directory, STATE_ATTACH);
	if (monitor->door < 0)
		return ctx_fail(ctx, -monitor->door, "can't make the socket %s/%s/" STATE_ATTACH, container->root,
				ctx->id);
	/* Somebody may come and go again before we look. */
	return fcntl(monitor->door, F_SETFL, O_NONBLOCK) < 0 ? ctx_fail(ctx, errno, "can't attach to the container")
							     : 0;
}

void monitor_finish(struct monitor *monitor)
{
	const struct message message = { .type = MESSAGE_EXIT, .number = monitor->container->status };
	struct pollfd fds[] = { { .fd = monitor->out, .events = POLLIN }, { .fd = monitor->err, .events = POLLIN } };

	/*
	 * Who still has a pipe open, outside of any pid namespace, may write to it for ever, and faster than we read:
	 * what is there now counts, which is no more than a pipe holds.
	 */
	for (int left = 2 * PIPE_BYTES / CHUNK; left > 0 && poll(fds, 2, 0) > 0; left--) {
		if (fds[0].revents && !pass_on(monitor, monitor->out, OUTPUT_STDOUT))
			fds[0].fd = -1;
		if (fds[1].revents && !pass_on(monitor, monitor->err, OUTPUT_STDERR))
			fds[1].fd = -1;
	}
	for (size_t i = 0; i < MONITOR_CLIENTS; i++) {
		if (monitor->clients[i].socket < 0)
			continue;
		channel_send(monitor->clients[i].socket, &message, -1);
		drop(&monitor->clients[i]);
	}
}

void monitor_close(struct monitor *monitor)
{
	for (size_t i = 0; i < MONITOR_CLIENTS; i++)
		drop(&monitor->clients[i]);
	if (!monitor->container->mode.terminal) {
		cleanup_close(&monitor->out);
		cleanup_close(&monitor->input);
	}
	cleanup_close(&monitor->err);
	cleanup_close(&monitor->door);
	output_close(&monitor->log);
}
