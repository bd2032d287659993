/* SPDX-License-Identifier: MIT */
/* contain logs: what a container in the background has written, and writes. */
#include <contain/plugin.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "cli/cli.h"
#include "cli/own_flags.h"
#include "container/command.h"
#include "container/container.h"
#include "container/output.h"

const struct contain_option logs_options[] = {
	CONTAIN_BOOL_OPTION(struct logs_flags, follow, "follow", .flag = "follow", .short_flag = 'f',
			    .help = "go on until the container ends"),
	CONTAIN_BOOL_OPTION(struct logs_flags, times, "timestamps", .flag = "timestamps", .short_flag = 't',
			    .help = "with the time of each line, in UTC"),
	CONTAIN_INT_OPTION(struct logs_flags, tail, "tail", .flag = "tail", .short_flag = 'n', .metavar = "N", .min = 0,
			   .max = 1000000000000, .help = "only the last N lines of what is there"),
	CONTAIN_OPTIONS_END
};

#define CHUNK 65536

/* A file of them, read line by line as far as it goes. */
struct reader {
	const struct logs_flags *flags;
	int fd; /* -1: none (yet) */
	char *line;
	size_t length, room;
	int64_t skip;    /* lines before those that were asked for */
	bool in_line[2]; /* of each stream: the last part was not a whole line */
};

static void show(struct reader *reader, const char *line, size_t length)
{
	struct output_line parsed;
	FILE *to;

	if (!output_parse(line, length, &parsed))
		return;
	if (reader->skip > 0) {
		reader->skip--;
		return;
	}
	to = parsed.stream == OUTPUT_STDERR ? stderr : stdout;
	/* Which is not buffered: what came before goes out before. */
	if (to == stderr)
		fflush(stdout);
	if (reader->flags->times && !reader->in_line[parsed.stream])
		fprintf(to, "%.*s ", (int)parsed.time_length, parsed.time);
	fwrite(parsed.text, 1, parsed.text_length, to);
	if (parsed.whole)
		putc('\n', to);
	reader->in_line[parsed.stream] = !parsed.whole;
}

static int add(struct reader *reader, const char *bytes, size_t length)
{
	if (reader->length + length > reader->room) {
		size_t room = (reader->length + length) * 2;
		char *more = realloc(reader->line, room);

		if (!more)
			return -ENOMEM;
		reader->line = more;
		reader->room = room;
	}
	memcpy(reader->line + reader->length, bytes, length);
	reader->length += length;
	return 0;
}

/* What is there now; half a line waits for its rest. */
static int read_more(struct reader *reader)
{
	char bytes[CHUNK];
	ssize_t n;

	while (reader->fd >= 0 && (n = read(reader->fd, bytes, sizeof(bytes))) != 0) {
		const char *at = bytes, *newline;

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		while ((newline = memchr(at, '\n', (size_t)(bytes + n - at)))) {
			if (add(reader, at, (size_t)(newline - at)) < 0)
				return -ENOMEM;
			show(reader, reader->line ? reader->line : "", reader->length);
			reader->length = 0;
			at = newline + 1;
		}
		if (add(reader, at, (size_t)(bytes + n - at)) < 0)
			return -ENOMEM;
	}
	fflush(stdout);
	return 0;
}

static void count_lines(int directory, const char *name, int64_t *count)
{
	_cleanup_close_ int fd = openat(directory, name, O_RDONLY | O_CLOEXEC);
	char bytes[CHUNK];
	ssize_t n;

	while (fd >= 0 && (n = read(fd, bytes, sizeof(bytes))) > 0) {
		for (ssize_t i = 0; i < n; i++)
			*count += bytes[i] == '\n';
	}
}

static int open_output(struct reader *reader, int directory)
{
	cleanup_close(&reader->fd);
	reader->length = 0;
	reader->fd = openat(directory, STATE_OUTPUT, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	return reader->fd < 0 && errno != ENOENT ? -errno : 0;
}

/* The older file and then the one that is written to, which was opened first: then none can pass by unseen. */
static int read_both(struct reader *reader, int directory)
{
	int result = open_output(reader, directory), now = reader->fd;

	reader->fd = openat(directory, STATE_OUTPUT ".1", O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (result == 0 && reader->fd >= 0 && !(now >= 0 && fd_same_file(reader->fd, now)))
		result = read_more(reader);
	cleanup_close(&reader->fd);
	reader->fd = now;
	return result;
}

/* The file was renamed, and there is a new one. */
static bool is_rotated(const struct reader *reader, int directory)
{
	_cleanup_close_ int now = openat(directory, STATE_OUTPUT, O_PATH | O_NOFOLLOW | O_CLOEXEC);

	return now >= 0 && (reader->fd < 0 || !fd_same_file(now, reader->fd));
}

static int read_on(struct reader *reader, int directory)
{
	int result = read_more(reader);

	if (result == 0 && is_rotated(reader, directory)) {
		/* What came between our last read and the rename. */
		result = read_more(reader);
		if (result == 0)
			result = open_output(reader, directory);
		if (result == 0)
			result = read_more(reader);
	}
	return result;
}

static int follow(struct reader *reader, struct container *container)
{
	struct contain_ctx *ctx = &container->ctx;
	int directory = container->state.directory, result = 0;
	_cleanup_close_ int watch = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	char path[64], events[4096];
	struct pollfd fds[2];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", directory);
	if (watch < 0 || inotify_add_watch(watch, path, IN_MODIFY | IN_CREATE | IN_MOVED_FROM) < 0)
		return ctx_fail(ctx, errno, "can't watch the output of '%s'", ctx->id);
	fds[0] = (struct pollfd){ .fd = container->pidfd, .events = POLLIN };
	fds[1] = (struct pollfd){ .fd = watch, .events = POLLIN };
	while (result == 0 && container->pidfd >= 0 && !fds[0].revents) {
		result = read_on(reader, directory);
		if (result == 0 && poll(fds, 2, -1) < 0 && errno != EINTR)
			result = -errno;
		while (read(watch, events, sizeof(events)) > 0)
			;
	}
	if (result < 0)
		return ctx_fail(ctx, -result, "can't read the output of '%s'", ctx->id);
	/* The monitor writes what came last before it lets go of the container. */
	result = container_await_owner(container);
	return result == 0 ? read_on(reader, directory) : result;
}

static int show_logs(struct cli *cli, struct container *container)
{
	const struct logs_flags *flags = cli->own.self;
	struct contain_ctx *ctx = &container->ctx;
	struct reader reader = { .flags = flags, .fd = -1 };
	int result, directory;

	result = container_load(container, cli->global.root, cli->words[0], 0, LOAD_RECORD);
	if (result < 0)
		return result;
	directory = container->state.directory;
	if (faccessat(directory, STATE_OUTPUT, F_OK, AT_EACCESS) < 0)
		return ctx_fail(ctx, 0, "the output of the container '%s' is not kept: run -d does that", ctx->id);
	if (flags->tail != CONTAIN_UNSET) {
		int64_t count = 0;

		/* A line that came in parts is as many here. */
		count_lines(directory, STATE_OUTPUT ".1", &count);
		count_lines(directory, STATE_OUTPUT, &count);
		reader.skip = count > flags->tail ? count - flags->tail : 0;
	}
	result = read_both(&reader, directory);
	if (result == 0)
		result = read_on(&reader, directory);
	if (result == 0 && flags->follow)
		result = follow(&reader, container);
	cleanup_close(&reader.fd);
	free(reader.line);
	if (result < 0 && !ctx->failure.err)
		ctx_fail(ctx, -result, "can't read the output of '%s'", ctx->id);
	return result;
}

int cmd_logs(struct cli *cli)
{
	struct container container;
	int result = cli_read_words(cli, true);

	if (result != 0)
		return result < 0 ? STATUS_FAILED : 0;
	cli_open(cli, &container);
	result = show_logs(cli, &container);
	return cli_close(&container, result) < 0 ? STATUS_FAILED : 0;
}
