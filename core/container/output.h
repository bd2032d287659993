/* SPDX-License-Identifier: MIT */
/*
 * What a detached command writes, in the state directory: a line is "TIME STREAM TAG TEXT", as container runtimes of
 * Kubernetes write it (CRI): TIME in UTC to the nanosecond, STREAM stdout or stderr, TAG F for a whole line and P for a
 * part of one that goes on. At its greatest size the file becomes output.1, in place of what was there, and a new one
 * begins.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "container/state.h"

enum output_stream { OUTPUT_STDOUT, OUTPUT_STDERR };

struct output {
	const struct state *state;
	int fd; /* -1: it can't be written to any more */
	int64_t size, most;
};

/* A new file of the directory. 0 or -errno without a message. */
int output_open(struct output *output, const struct state *state, int64_t most);

/* Bytes of a stream. A full disk loses them, and ends nothing. */
void output_write(struct output *output, enum output_stream stream, const char *bytes, size_t length);

void output_close(struct output *output);

/* ---- reading ----------------------------------------------------------------------------------------------------- */

struct output_line {
	const char *time, *text; /* with their lengths; neither ends with NUL */
	size_t time_length, text_length;
	enum output_stream stream;
	bool whole; /* a newline follows the text */
};

/* Cut a line, without its newline. False: it is none of ours. */
bool output_parse(const char *line, size_t length, struct output_line *parsed);
