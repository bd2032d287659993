/* SPDX-License-Identifier: MIT */
#include "container/output.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"

static const char *const streams[] = { [OUTPUT_STDOUT] = "stdout", [OUTPUT_STDERR] = "stderr" };

static int open_new(struct output *output)
{
	output->size = 0;
	output->fd = openat(output->state->directory, STATE_OUTPUT, O_WRONLY | O_APPEND | O_CREAT | O_EXCL | O_CLOEXEC,
			    0600);
	return output->fd < 0 ? -errno : 0;
}

int output_open(struct output *output, const struct state *state, int64_t most)
{
	*output = (struct output){ .state = state, .most = most };
	return open_new(output);
}

static void rotate(struct output *output)
{
	int directory = output->state->directory;

	if (renameat(directory, STATE_OUTPUT, directory, STATE_OUTPUT ".1") < 0)
		return;
	close(output->fd);
	open_new(output);
}

static void add_head(struct text *text, enum output_stream stream, bool whole)
{
	struct timespec now;
	char stamp[32];

	clock_gettime(CLOCK_REALTIME, &now);
	text_printf(text, "%s.%09ldZ %s %c ", clock_utc(now.tv_sec, stamp), now.tv_nsec, streams[stream],
		    whole ? 'F' : 'P');
}

static void flush(struct output *output, struct text *text)
{
	/* Half of it on a full disk would be joined with the next line. */
	if (text->length > 0 && fd_write_all(output->fd, text_peek(text), text->length) == 0)
		output->size += (int64_t)text->length;
	else if (text->length > 0 && ftruncate(output->fd, output->size) < 0)
		output->size = output->most;
	text_free(text);
}

void output_write(struct output *output, enum output_stream stream, const char *bytes, size_t length)
{
	_cleanup_text_ struct text text = { 0 };

	while (length > 0 && output->fd >= 0) {
		const char *newline = memchr(bytes, '\n', length);
		size_t part = newline ? (size_t)(newline - bytes) : length;
		_cleanup_text_ struct text line = { 0 };

		add_head(&line, stream, newline != NULL);
		text_add_bytes(&line, bytes, part);
		text_add(&line, "\n");
		if (output->size + (int64_t)(text.length + line.length) > output->most) {
			flush(output, &text);
			if (output->size > 0)
				rotate(output);
		}
		text_add_bytes(&text, text_peek(&line), line.length);
		part += newline ? 1 : 0;
		bytes += part;
		length -= part;
	}
	if (output->fd >= 0)
		flush(output, &text);
}

void output_close(struct output *output)
{
	cleanup_close(&output->fd);
	output->fd = -1;
}

bool output_parse(const char *line, size_t length, struct output_line *parsed)
{
	const char *end = line + length, *stream, *tag;

	*parsed = (struct output_line){ .time = line };
	stream = memchr(line, ' ', length);
	if (!stream)
		return false;
	parsed->time_length = (size_t)(stream++ - line);
	tag = memchr(stream, ' ', (size_t)(end - stream));
	if (!tag || end - tag < 3 || tag[2] != ' ' || tag - stream != (ptrdiff_t)strlen(streams[0]))
		return false;
	parsed->stream =
		memcmp(stream, streams[OUTPUT_STDERR], strlen(streams[0])) == 0 ? OUTPUT_STDERR : OUTPUT_STDOUT;
	parsed->whole = tag[1] == 'F';
	/* "... F ", and then the text, which may be empty. */
	parsed->text = tag + 3;
	parsed->text_length = (size_t)(end - parsed->text);
	return true;
}
