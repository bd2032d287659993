/* SPDX-License-Identifier: MIT */
/*
 * What was done when: spans of time, one inside the other, of the parent and the child of a run. They lie in memory
 * that both processes see, so recording one is no system call (the clock is read in the vDSO, vdso(7)), and what the
 * child has recorded outlives it. Where nobody wants to know, the trace is NULL, and each call is a test of that.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

#define TRACE_ROOM    512       /* spans of a process; what is more is counted */
#define TRACE_RESULT  INT32_MIN /* result of what has none, or has not ended */
#define TRACE_COMMAND "command" /* the span that is not ours but the command's */

/* Who has recorded it. With run -d a fork of the first one goes on; with exec the child leaves the rest to another. */
enum trace_process { TRACE_PARENT, TRACE_MONITOR, TRACE_CHILD, TRACE_JOINED, TRACE_PROCESSES };

struct trace_span {
	int64_t begin, end; /* nanoseconds on the monotonic clock; end 0: it has not ended */
	int32_t result;     /* of a hook: 0 or -errno */
	int32_t outer;      /* the span that it is part of; -1 */
	uint8_t process, depth;
	char plugin[33]; /* whose hook it is; "": a step of the core */
	char what[29];   /* the hook, or the step */
};

/* One writer: the parent (and then the monitor), or the child. */
struct trace {
	uint32_t count, lost, skipped; /* skipped: the innermost ones, which found no room */
	int32_t open;                  /* the innermost that has room; -1 */
	uint8_t process;
	struct trace_span spans[TRACE_ROOM];
};

struct tracing {
	int fd;                        /* of this memory, close-on-exec */
	int32_t pids[TRACE_PROCESSES]; /* as the parent sees them; 0: there is none */
	struct trace parent, child;
};

/* New memory for the traces of a run, with the caller's pid as the parent's. NULL and errno. */
struct tracing *tracing_open(void);

/* The same memory in another image, by its descriptor, which stays open. NULL and errno. */
struct tracing *tracing_attach(int fd);

void tracing_close(struct tracing *tracing);

/*
 * Copies of all spans in the order of their beginning, an outer one before its inner ones; what has not ended ends now.
 * They are checked: a process that went wild may have written there. The caller frees *spans. How many, or -ENOMEM.
 */
int tracing_sort(const struct tracing *tracing, struct trace_span **spans);

/* How many spans found no room. */
size_t tracing_lost(const struct tracing *tracing);

/* In the format that chrome://tracing and Perfetto read: times in microseconds on the monotonic clock. 0 or -ENOMEM. */
int tracing_json(const struct tracing *tracing, struct text *json);

/*
 * For people: a line for each span, with its offset from the first one and a bar at its place; without bars, what the
 * line has in words. The command's own time takes one column. 0 or -ENOMEM.
 */
int tracing_table(const struct tracing *tracing, bool bars, struct text *lines);

/* Begin a span inside of the innermost one that is open; plugin "": a step of the core. */
void trace_open_span(struct trace *trace, const char *plugin, const char *what);
/* End that one. */
void trace_close_span(struct trace *trace, int result);
/* End all: whoever should have done it is gone. */
void trace_close_all(struct trace *trace);

static inline void trace_begin(struct trace *trace, const char *what)
{
	if (trace)
		trace_open_span(trace, "", what);
}

static inline void trace_end(struct trace *trace)
{
	if (trace)
		trace_close_span(trace, TRACE_RESULT);
}

/* A whole span that began before there was a trace, at this time, and ends now. */
void trace_add(struct trace *trace, const char *what, int64_t begin);

static inline void trace_leave(struct trace **trace)
{
	trace_end(*trace);
}

static inline struct trace *trace_enter(struct trace *trace, const char *what)
{
	trace_begin(trace, what);
	return trace;
}

/* From here to the end of the block. */
#define trace_scope(TRACE, WHAT)                                                                                       \
	__attribute__((cleanup(trace_leave), unused)) struct trace *trace_scope_ = trace_enter(TRACE, WHAT)
