/* SPDX-License-Identifier: MIT */
#include "base/pump.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

int pump_reads(const struct pump *pump)
{
	return pump->ended || pump->end == sizeof(pump->bytes) ? -1 : pump->from;
}

int pump_writes(const struct pump *pump)
{
	return pump->begin < pump->end ? pump->to : -1;
}

bool pump_done(const struct pump *pump)
{
	return pump->ended && (pump->begin == pump->end || pump->to < 0);
}

size_t pump_read(struct pump *pump, char **bytes)
{
	ssize_t n;

	if (pump_reads(pump) < 0)
		return 0;
	*bytes = pump->bytes + pump->end;
	n = read(pump->from, *bytes, sizeof(pump->bytes) - pump->end);
	if (n > 0) {
		pump->end += (size_t)n;
		return (size_t)n;
	}
	if (n == 0 || (errno != EAGAIN && errno != EINTR))
		pump->ended = true;
	return 0;
}

void pump_write(struct pump *pump)
{
	size_t length = pump->end - pump->begin;
	ssize_t n;

	if (length == 0 || pump->to < 0)
		return;
	/* Where `to` is not non-blocking: poll(2) promises a pipe this much. */
	n = write(pump->to, pump->bytes + pump->begin, length < PIPE_BUF ? length : PIPE_BUF);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n < 0) {
		pump->ended = pump->broken = true;
		pump->begin = pump->end;
	} else {
		pump->begin += (size_t)n;
	}
	if (pump->begin == pump->end)
		pump->begin = pump->end = 0;
}

void pump_add(struct pump *pump, const char *bytes, size_t length)
{
	size_t room = sizeof(pump->bytes) - pump->end;

	length = length < room ? length : room;
	memcpy(pump->bytes + pump->end, bytes, length);
	pump->end += length;
}
