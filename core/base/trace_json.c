/* SPDX-License-Identifier: MIT */
/* The trace event format: "X" is a span, "M" names a process. */
#include "base/trace.h"

#include "base/cleanup.h"
#include "base/json.h"

static const char *const names[] = { [TRACE_PARENT] = "contain (parent)",
				     [TRACE_MONITOR] = "contain (monitor)",
				     [TRACE_CHILD] = "contain (child)",
				     [TRACE_JOINED] = "contain (child, inside)" };

/* Microseconds, with the rest behind the point. */
static void add_time(struct text *json, const char *key, int64_t nsec)
{
	text_printf(json, ",\"%s\":%lld.%03lld", key, (long long)(nsec / 1000), (long long)(nsec % 1000));
}

static void add_process(const struct tracing *tracing, int process, struct text *json)
{
	int pid = tracing->pids[process];

	if (pid == 0)
		return;
	text_printf(json, "%s{\"ph\":\"M\",\"name\":\"process_name\",\"pid\":%d,\"tid\":%d,\"args\":{\"name\":\"%s\"}}",
		    process == TRACE_PARENT ? "" : ",\n", pid, pid, names[process]);
	text_printf(json, ",\n{\"ph\":\"M\",\"name\":\"process_sort_index\",\"pid\":%d,\"tid\":%d,", pid, pid);
	text_printf(json, "\"args\":{\"sort_index\":%d}}", process);
}

static void add_hook(const struct trace_span *span, struct text *json)
{
	text_add(json, ",\"args\":{\"plugin\":");
	json_string(json, span->plugin);
	text_add(json, ",\"phase\":");
	json_string(json, span->what);
	/* It never returned. */
	if (span->result == TRACE_RESULT)
		text_add(json, ",\"result\":null}");
	else
		text_printf(json, ",\"result\":%d}", span->result);
}

static void add_span(const struct tracing *tracing, const struct trace_span *span, struct text *json)
{
	int pid = tracing->pids[span->process];
	_cleanup_text_ struct text name = { 0 };

	text_printf(&name, "%s%s%s", span->plugin, *span->plugin ? ": " : "", span->what);
	text_add(json, ",\n{\"ph\":\"X\",\"name\":");
	json_string(json, text_peek(&name));
	text_printf(json, ",\"cat\":\"%s\",\"pid\":%d,\"tid\":%d", *span->plugin ? "hook" : "core", pid, pid);
	add_time(json, "ts", span->begin);
	add_time(json, "dur", span->end - span->begin);
	if (*span->plugin)
		add_hook(span, json);
	text_add(json, "}");
}

int tracing_json(const struct tracing *tracing, struct text *json)
{
	_cleanup_free_ struct trace_span *spans = NULL;
	int count = tracing_sort(tracing, &spans);

	if (count < 0)
		return count;
	text_add(json, "{\"traceEvents\":[\n");
	for (int process = 0; process < TRACE_PROCESSES; process++)
		add_process(tracing, process, json);
	for (int i = 0; i < count; i++)
		add_span(tracing, &spans[i], json);
	text_printf(json, "\n],\"displayTimeUnit\":\"ns\",\"otherData\":{\"lost_spans\":%zu}}\n",
		    tracing_lost(tracing));
	return text_error(json);
}
