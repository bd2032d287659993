/* SPDX-License-Identifier: MIT */
#include "base/log.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "base/json.h"
#include "base/text.h"

static const char *const level_names[] = { "error", "warning", "info", "debug" };

static void json_line(struct text *line, enum log_level level, const char *message)
{
	struct timespec now;
	struct tm utc;
	char stamp[32];

	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &utc);
	strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%S", &utc);
	text_printf(line, "{\"time\":\"%s.%06ldZ\",\"level\":\"%s\",\"msg\":", stamp, now.tv_nsec / 1000,
		    level_names[level]);
	json_string(line, message);
	text_add(line, "}\n");
}

/* What the container's side says may hold bytes of the image: no control character of it reaches the terminal. */
static void plain_line(struct text *line, enum log_level level, const char *message)
{
	text_add(line, "[contain] ");
	if (level <= LOG_WARNING)
		text_printf(line, "%s: ", level_names[level]);
	for (const char *c = message; *c; c++) {
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			text_printf(line, "\\x%02x", (unsigned char)*c);
		else
			text_add_bytes(line, c, 1);
	}
	text_add(line, "\n");
}

void log_vline(const struct log *log, enum log_level level, const char *format, va_list args)
{
	_cleanup_text_ struct text message = { 0 }, line = { 0 };
	const char *at;
	size_t left;

	if (level > log->most)
		return;
	text_vprintf(&message, format, args);
	if (log->sink) {
		log->sink(log->sink_user, level, text_peek(&message));
		return;
	}
	(log->json ? json_line : plain_line)(&line, level, text_peek(&message));
	/* One write, so that lines of two processes do not mix; a log that can't be written to stops nobody. */
	for (at = text_peek(&line), left = line.length; left > 0;) {
		ssize_t n = write(log->fd, at, left);

		if (n <= 0)
			break;
		at += n;
		left -= (size_t)n;
	}
}

void log_line(const struct log *log, enum log_level level, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	log_vline(log, level, format, args);
	va_end(args);
}
