/* SPDX-License-Identifier: MIT */
/* The same for people, in a terminal. */
#include "base/trace.h"

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"

#define BAR_WIDTH  32
#define WHAT_WIDTH 34

static const char *const names[] = { [TRACE_PARENT] = "parent",
				     [TRACE_MONITOR] = "monitor",
				     [TRACE_CHILD] = "child",
				     [TRACE_JOINED] = "child" };

/* The whole time, without the command's: beside that, ours could not be seen. */
struct scale {
	int64_t begin, length, cut, cut_length;
};

static struct scale make_scale(const struct trace_span *spans, int count)
{
	struct scale scale = { .begin = count > 0 ? spans[0].begin : 0 };

	for (int i = 0; i < count; i++) {
		int64_t end = spans[i].end - scale.begin;

		scale.length = end > scale.length ? end : scale.length;
		if (!*spans[i].plugin && strcmp(spans[i].what, TRACE_COMMAND) == 0) {
			scale.cut = spans[i].begin - scale.begin;
			scale.cut_length = spans[i].end - spans[i].begin;
		}
	}
	scale.length -= scale.cut_length;
	scale.length = scale.length > 0 ? scale.length : 1;
	return scale;
}

/* Column of a moment, 0 to BAR_WIDTH. */
static int column(const struct scale *scale, int64_t moment)
{
	int64_t at = moment - scale->begin;

	if (at > scale->cut)
		at = at > scale->cut + scale->cut_length ? at - scale->cut_length : scale->cut;
	return (int)(at * BAR_WIDTH / scale->length);
}

static void add_bar(const struct scale *scale, const struct trace_span *span, struct text *lines)
{
	bool command = !*span->plugin && strcmp(span->what, TRACE_COMMAND) == 0;
	int from = column(scale, span->begin), to = column(scale, span->end);
	char bar[BAR_WIDTH + 1];

	from = from < BAR_WIDTH ? from : BAR_WIDTH - 1;
	/* However short it was, it is seen. */
	to = to > from ? to : from + 1;
	memset(bar, ' ', BAR_WIDTH);
	memset(bar + from, command ? ':' : *span->plugin ? '#' : '=', (size_t)(to - from));
	bar[BAR_WIDTH] = '\0';
	text_printf(lines, "  |%s|", bar);
}

static void add_line(const struct scale *scale, const struct trace_span *span, bool bars, struct text *lines)
{
	char what[128];
	double offset = (double)(span->begin - scale->begin) / 1e6, length = (double)(span->end - span->begin) / 1e6;
	/* What never came back is worth a word. */
	const char *mark = *span->plugin && span->result == TRACE_RESULT      ? " (did not return)"
			   : span->result != TRACE_RESULT && span->result < 0 ? " (failed)"
									      : "";

	snprintf(what, sizeof(what), "%*s%s%s%s%s", bars ? 2 * span->depth : 0, "", span->plugin,
		 *span->plugin ? ": " : "", span->what, mark);
	if (!bars) {
		text_printf(lines, "%s: %s: at %.3f ms, %.3f ms\n", names[span->process], what, offset, length);
		return;
	}
	text_printf(lines, "%-7s %-*s %10.3f %10.3f", names[span->process], WHAT_WIDTH, what, offset, length);
	add_bar(scale, span, lines);
	text_add(lines, "\n");
}

int tracing_table(const struct tracing *tracing, bool bars, struct text *lines)
{
	_cleanup_free_ struct trace_span *spans = NULL;
	int count = tracing_sort(tracing, &spans);
	struct scale scale;

	if (count <= 0)
		return count;
	scale = make_scale(spans, count);
	if (bars)
		text_printf(lines, "%-7s %-*s %10s %10s  |%-*s|\n", "process", WHAT_WIDTH, "step, or plugin: hook",
			    "begin (ms)", "time (ms)", BAR_WIDTH, scale.cut_length ? "without the command's time" : "");
	for (int i = 0; i < count; i++)
		add_line(&scale, &spans[i], bars, lines);
	if (tracing_lost(tracing) > 0)
		text_printf(lines, "%zu more steps and hooks found no room in the table\n", tracing_lost(tracing));
	return text_error(lines);
}
