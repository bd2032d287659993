/* SPDX-License-Identifier: MIT */
/* Messages: "[contain] ..." lines for people, or JSON lines for machines; in the child they go to the parent. */
#pragma once

#include <stdarg.h>
#include <stdbool.h>

enum log_level { LOG_ERROR, LOG_WARNING, LOG_INFO, LOG_DEBUG };

/* Where a finished line goes instead of a file; text has no newline at its end. */
typedef void log_sink(void *user, enum log_level level, const char *text);

struct log {
	enum log_level most; /* more detailed levels are dropped */
	bool json;
	int fd;
	bool raw;       /* the terminal that it goes to is: a line needs a carriage return */
	bool stuck;     /* its reader has stopped reading: lines are dropped that can't be written at once */
	log_sink *sink; /* if set, used instead of fd */
	void *sink_user;
};

void log_line(struct log *log, enum log_level level, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* Each line of a text that is not empty, as a message of its own. */
void log_lines(struct log *log, enum log_level level, const char *lines);
void log_vline(struct log *log, enum log_level level, const char *format, va_list args)
	__attribute__((format(printf, 3, 0)));
