/* SPDX-License-Identifier: MIT */
#include "base/cleanup.h"
#include "base/log.h"

#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/text.h"
#include "base/utf8.h"

#define PATIENCE_MSEC 1000

static const char out_of_memory[] = "[contain] error: out of memory\n";

static const char *const level_names[] = { "error", "warning", "info", "debug" };

static void json_line(struct text *line, enum log_level level, const char *message)
{
	struct timespec now;
	char stamp[32];

	clock_gettime(CLOCK_REALTIME, &now);
	text_printf(line, "{\"time\":\"%s.%06ldZ\",\"level\":\"%s\",\"msg\":", clock_utc(now.tv_sec, stamp),
		    now.tv_nsec / 1000, level_names[level]);
	json_string(line, message);
	text_add(line, "}\n");
}

/* What the container's side says may hold bytes of the image: no control character of it reaches the terminal. */
static void plain_line(struct text *line, enum log_level level, const char *message, bool raw)
{
	text_add(line, "[contain] ");
	if (level <= LOG_WARNING)
		text_printf(line, "%s: ", level_names[level]);
	for (const unsigned char *c = (const unsigned char *)message; *c;) {
		size_t length = utf8_visible(c);

		if (length == 0) {
			text_printf(line, "\\x%02x", *c);
			c++;
		} else {
			text_add_bytes(line, (const char *)c, length);
			c += length;
		}
	}
	text_add(line, raw ? "\r\n" : "\n");
}

/*
 * One write, so that lines of two processes do not mix. A log that can't be written to stops nobody: a pipe that nobody
 * reads, or a terminal that was told to stop, would keep us from hearing signals and from cleaning up.
 */
static void write_line(struct log *log, const struct text *line)
{
	struct pollfd ready = { .fd = log->fd, .events = POLLOUT };
	const char *at = text_peek(line);
	size_t left = line->length;

	while (left > 0) {
		ssize_t n;

		log->stuck = poll(&ready, 1, log->stuck ? 0 : PATIENCE_MSEC) == 0;
		if (log->stuck)
			return;
		/* POLLOUT promises a pipe PIPE_BUF bytes. */
		n = write(log->fd, at, left < PIPE_BUF ? left : PIPE_BUF);
		if (n <= 0)
			return;
		at += n;
		left -= (size_t)n;
	}
}

void log_vline(struct log *log, enum log_level level, const char *format, va_list args)
{
	_cleanup_text_ struct text message = { 0 }, line = { 0 };

	if (level > log->most)
		return;
	text_vprintf(&message, format, args);
	if (log->sink) {
		log->sink(log->sink_user, level, text_peek(&message));
		return;
	}
	if (log->json)
		json_line(&line, level, text_peek(&message));
	else
		plain_line(&line, level, text_peek(&message), log->raw && isatty(log->fd));
	if (text_error(&message) < 0 || text_error(&line) < 0) {
		write_line(log, &(struct text){ .chars = (char *)out_of_memory, .length = strlen(out_of_memory) });
		return;
	}
	/* Whoever has a log may still look at the terminal to see why nothing happens. */
	if (level == LOG_ERROR && log->fd != STDERR_FILENO) {
		_cleanup_text_ struct text plain = { 0 };

		plain_line(&plain, level, text_peek(&message), log->raw && isatty(STDERR_FILENO));
		write_line(&(struct log){ .fd = STDERR_FILENO }, &plain);
	}
	write_line(log, &line);
}

void log_line(struct log *log, enum log_level level, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	log_vline(log, level, format, args);
	va_end(args);
}

void log_lines(struct log *log, enum log_level level, const char *lines)
{
	_cleanup_free_ char *copy = strdup(lines);
	char *rest = copy, *line;

	while ((line = strsep(&rest, "\n"))) {
		if (*line)
			log_line(log, level, "%s", line);
	}
}
