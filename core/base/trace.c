/* SPDX-License-Identifier: MIT */
#include "base/trace.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/file.h"

static void clear(struct trace *trace, enum trace_process process)
{
	trace->open = -1;
	trace->process = (uint8_t)process;
}

struct tracing *tracing_open(void)
{
	_cleanup_close_ int fd = file_memory("contain-trace", false);
	struct tracing *tracing;

	if (fd < 0) {
		errno = -fd;
		return NULL;
	}
	if (ftruncate(fd, sizeof(*tracing)) < 0)
		return NULL;
	/* Its pages are there from now on, and charged to us: the child's cgroup may have little room. */
	tracing = mmap(NULL, sizeof(*tracing), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, 0);
	if (tracing == MAP_FAILED)
		return NULL;
	tracing->fd = steal_fd(&fd);
	tracing->pids[TRACE_PARENT] = getpid();
	clear(&tracing->parent, TRACE_PARENT);
	clear(&tracing->child, TRACE_CHILD);
	return tracing;
}

struct tracing *tracing_attach(int fd)
{
	struct tracing *tracing;

	tracing = mmap(NULL, sizeof(*tracing), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	return tracing == MAP_FAILED ? NULL : tracing;
}

void tracing_close(struct tracing *tracing)
{
	if (!tracing)
		return;
	close(tracing->fd);
	munmap(tracing, sizeof(*tracing));
}

static void copy(char *to, size_t size, const char *from)
{
	size_t length = strnlen(from, size - 1);

	memcpy(to, from, length);
	to[length] = '\0';
}

/* The innermost that is open; NULL: there is none, or the other process went wild and wrote here. */
static struct trace_span *innermost(struct trace *trace)
{
	int32_t open = trace->open;

	return open >= 0 && open < TRACE_ROOM ? &trace->spans[open] : NULL;
}

void trace_open_span(struct trace *trace, const char *plugin, const char *what)
{
	const struct trace_span *outer = innermost(trace);
	struct trace_span *span;

	/* Spans end in the reverse order of their beginning: who finds no room, nor does what is inside of it. */
	if (trace->skipped > 0 || trace->count >= TRACE_ROOM) {
		trace->skipped++;
		trace->lost++;
		return;
	}
	span = &trace->spans[trace->count];
	span->end = 0;
	span->result = TRACE_RESULT;
	span->outer = trace->open;
	span->depth = outer ? (uint8_t)(outer->depth + 1) : 0;
	span->process = trace->process;
	copy(span->plugin, sizeof(span->plugin), plugin);
	copy(span->what, sizeof(span->what), what);
	span->begin = clock_nsec();
	trace->open = (int32_t)trace->count++;
}

void trace_close_span(struct trace *trace, int result)
{
	struct trace_span *span = innermost(trace);

	if (trace->skipped > 0) {
		trace->skipped--;
		return;
	}
	if (!span)
		return;
	span->end = clock_nsec();
	span->result = result;
	trace->open = span->outer;
}

void trace_add(struct trace *trace, const char *what, int64_t begin)
{
	int32_t before;

	if (!trace)
		return;
	before = trace->open;
	trace_open_span(trace, "", what);
	if (trace->open != before)
		trace->spans[trace->open].begin = begin;
	trace_close_span(trace, TRACE_RESULT);
}

void trace_close_all(struct trace *trace)
{
	trace->skipped = 0;
	/* Each is outer to one behind it, unless somebody went wild here. */
	while (trace->open >= 0 && trace->open < TRACE_ROOM) {
		int32_t open = trace->open;

		trace_close_span(trace, TRACE_RESULT);
		if (trace->open >= open)
			break;
	}
	trace->open = -1;
}

static void take(const struct trace *trace, int64_t now, struct trace_span *spans, size_t *count)
{
	size_t there = trace->count < TRACE_ROOM ? trace->count : TRACE_ROOM;

	for (size_t i = 0; i < there; i++) {
		struct trace_span *span = &spans[*count];

		*span = trace->spans[i];
		span->plugin[sizeof(span->plugin) - 1] = span->what[sizeof(span->what) - 1] = '\0';
		if (span->begin < 0 || span->begin > now || span->process >= TRACE_PROCESSES)
			continue;
		if (span->end < span->begin || span->end > now)
			span->end = now;
		++*count;
	}
}

static int compare(const void *a, const void *b)
{
	const struct trace_span *one = a, *other = b;

	if (one->begin != other->begin)
		return one->begin < other->begin ? -1 : 1;
	if (one->depth != other->depth)
		return one->depth < other->depth ? -1 : 1;
	return one->process - other->process;
}

int tracing_sort(const struct tracing *tracing, struct trace_span **spans)
{
	size_t count = 0;
	int64_t now = clock_nsec();

	*spans = calloc(2 * TRACE_ROOM, sizeof(**spans));
	if (!*spans)
		return -ENOMEM;
	take(&tracing->parent, now, *spans, &count);
	take(&tracing->child, now, *spans, &count);
	qsort(*spans, count, sizeof(**spans), compare);
	return (int)count;
}

size_t tracing_lost(const struct tracing *tracing)
{
	return (size_t)tracing->parent.lost + tracing->child.lost;
}
