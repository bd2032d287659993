/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "base/trace.h"

/* A trace without memory to share, whose times are set by hand. */
static struct tracing *make(void)
{
	struct tracing *tracing = calloc(1, sizeof(*tracing));

	assert_non_null(tracing);
	tracing->fd = -1;
	tracing->pids[TRACE_PARENT] = 100;
	tracing->parent.open = tracing->child.open = -1;
	tracing->parent.process = TRACE_PARENT;
	tracing->child.process = TRACE_CHILD;
	return tracing;
}

static void set(struct trace *trace, size_t which, int64_t begin, int64_t end)
{
	trace->spans[which].begin = begin;
	trace->spans[which].end = end;
}

/* A run of 10 ms: a step with a hook of 1.5 us in it, a child, and the command, which takes a second. */
static struct tracing *make_run(void)
{
	struct tracing *tracing = make();

	trace_begin(&tracing->parent, "create");
	trace_open_span(&tracing->parent, "one", "parent_prepare");
	trace_close_span(&tracing->parent, 0);
	trace_end(&tracing->parent);
	trace_begin(&tracing->parent, TRACE_COMMAND);
	trace_end(&tracing->parent);
	tracing->pids[TRACE_CHILD] = 200;
	trace_open_span(&tracing->child, "two", "child_setup");
	trace_close_span(&tracing->child, -33);
	set(&tracing->parent, 0, 1000000, 9000000);
	set(&tracing->parent, 1, 1000100, 1001600);
	set(&tracing->parent, 2, 9000000, 1009000000);
	set(&tracing->child, 0, 5000000, 6000000);
	return tracing;
}

static void nothing_is_recorded_without_a_trace(void **state)
{
	(void)state;
	trace_begin(NULL, "x");
	trace_end(NULL);
	trace_add(NULL, "x", 0);
	{
		trace_scope(NULL, "x");
	}
}

static void spans_nest(void **state)
{
	struct tracing *tracing = make();
	struct trace *trace = &tracing->parent;

	(void)state;
	trace_begin(trace, "a");
	trace_begin(trace, "b");
	trace_end(trace);
	{
		trace_scope(trace, "c");
		trace_begin(trace, "d");
		trace_end(trace);
	}
	trace_end(trace);
	/* One end too many. */
	trace_end(trace);
	trace_add(trace, "before", 5);
	assert_int_equal(trace->count, 5);
	assert_int_equal(trace->open, -1);
	for (size_t i = 0; i < trace->count; i++)
		assert_true(trace->spans[i].end >= trace->spans[i].begin && trace->spans[i].begin > 0);
	assert_int_equal(trace->spans[1].outer, 0);
	assert_int_equal(trace->spans[2].outer, 0);
	assert_int_equal(trace->spans[3].outer, 2);
	assert_int_equal(trace->spans[3].depth, 2);
	assert_int_equal(trace->spans[4].begin, 5);
	assert_true(trace->spans[0].end >= trace->spans[2].end);
	free(tracing);
}

static void what_has_no_room_is_counted(void **state)
{
	struct tracing *tracing = make();
	struct trace *trace = &tracing->parent;

	(void)state;
	trace_begin(trace, "outer");
	for (int i = 0; i < 2 * TRACE_ROOM; i++) {
		trace_begin(trace, "a");
		trace_begin(trace, "b");
		trace_end(trace);
		trace_end(trace);
	}
	assert_int_equal(trace->count, TRACE_ROOM);
	assert_int_equal(tracing_lost(tracing), 1 + 4 * TRACE_ROOM - TRACE_ROOM);
	/* The ends of those have ended none of the others. */
	assert_int_equal(trace->open, 0);
	assert_int_equal(trace->spans[0].end, 0);
	trace_end(trace);
	assert_true(trace->spans[0].end > 0);
	free(tracing);
}

static void long_names_are_cut(void **state)
{
	struct tracing *tracing = make();
	char name[100];

	(void)state;
	memset(name, 'x', sizeof(name));
	name[99] = '\0';
	trace_open_span(&tracing->parent, name, name);
	assert_int_equal(strlen(tracing->parent.spans[0].plugin), sizeof(tracing->parent.spans[0].plugin) - 1);
	assert_int_equal(strlen(tracing->parent.spans[0].what), sizeof(tracing->parent.spans[0].what) - 1);
	free(tracing);
}

static void all_are_ended_for_who_is_gone(void **state)
{
	struct tracing *tracing = make();
	struct trace *trace = &tracing->child;

	(void)state;
	trace_begin(trace, "a");
	trace_open_span(trace, "p", "child_setup");
	trace_close_all(trace);
	assert_int_equal(trace->open, -1);
	assert_true(trace->spans[0].end > 0 && trace->spans[1].end > 0);
	assert_int_equal(trace->spans[1].result, TRACE_RESULT);
	/* Somebody wrote nonsense there. */
	trace->open = 1;
	trace->spans[1].outer = 1;
	trace_close_all(trace);
	trace->open = 5000;
	trace_close_all(trace);
	assert_int_equal(trace->open, -1);
	free(tracing);
}

static void spans_of_both_in_the_order_of_time(void **state)
{
	struct tracing *tracing = make_run();
	struct trace_span *spans;

	(void)state;
	assert_int_equal(tracing_sort(tracing, &spans), 4);
	assert_string_equal(spans[0].what, "create");
	assert_string_equal(spans[1].what, "parent_prepare");
	assert_string_equal(spans[2].what, "child_setup");
	assert_string_equal(spans[3].what, "command");
	free(spans);
	/* Nonsense is left out, or cut to what can be. */
	tracing->child.count = 100000;
	memset(tracing->child.spans, 0xff, sizeof(tracing->child.spans));
	assert_int_equal(tracing_sort(tracing, &spans), 3);
	free(spans);
	free(tracing);
}

static void json(void **state)
{
	static const char *const parts[] = {
		"{\"traceEvents\":[\n{\"ph\":\"M\",\"name\":\"process_name\",\"pid\":100,\"tid\":100,"
		"\"args\":{\"name\":\"contain (parent)\"}},\n",
		"{\"ph\":\"M\",\"name\":\"process_name\",\"pid\":200,\"tid\":200,\"args\":{\"name\":\"contain (child)\"}},\n",
		",\n{\"ph\":\"X\",\"name\":\"create\",\"cat\":\"core\",\"pid\":100,\"tid\":100,\"ts\":1000.000,\"dur\":8000.000},\n",
		"{\"ph\":\"X\",\"name\":\"one: parent_prepare\",\"cat\":\"hook\",\"pid\":100,\"tid\":100,\"ts\":1000.100,"
		"\"dur\":1.500,\"args\":{\"plugin\":\"one\",\"phase\":\"parent_prepare\",\"result\":0}},\n",
		"{\"ph\":\"X\",\"name\":\"two: child_setup\",\"cat\":\"hook\",\"pid\":200,\"tid\":200,\"ts\":5000.000,"
		"\"dur\":1000.000,\"args\":{\"plugin\":\"two\",\"phase\":\"child_setup\",\"result\":-33}},\n",
		"\n],\"displayTimeUnit\":\"ns\",\"otherData\":{\"lost_spans\":0}}\n",
	};
	struct tracing *tracing = make_run();
	struct text text = { 0 };

	(void)state;
	assert_int_equal(tracing_json(tracing, &text), 0);
	for (size_t i = 0; i < COUNT(parts); i++) {
		if (!strstr(text_peek(&text), parts[i]))
			fail_msg("no %s in %s", parts[i], text_peek(&text));
	}
	assert_null(strstr(text_peek(&text), ",,"));
	text_free(&text);
	/* What did not return has no result. */
	tracing->child.spans[0].result = TRACE_RESULT;
	assert_int_equal(tracing_json(tracing, &text), 0);
	assert_non_null(strstr(text_peek(&text), "\"phase\":\"child_setup\",\"result\":null}"));
	text_free(&text);
	free(tracing);
}

static void table(void **state)
{
	static const char expected[] =
		"process step, or plugin: hook              begin (ms)  time (ms)  |without the command's time      |\n"
		"parent  create                                  0.000      8.000  |================================|\n"
		"parent    one: parent_prepare                   0.000      0.002  |#                               |\n"
		"child   two: child_setup (failed)               4.000      1.000  |                ####            |\n"
		"parent  command                                 8.000   1000.000  |                               :|\n";
	struct tracing *tracing = make_run();
	struct text text = { 0 };

	(void)state;
	assert_int_equal(tracing_table(tracing, true, &text), 0);
	assert_string_equal(text_peek(&text), expected);
	text_free(&text);
	assert_int_equal(tracing_table(tracing, false, &text), 0);
	assert_string_equal(text_peek(&text), "parent: create: at 0.000 ms, 8.000 ms\n"
					      "parent: one: parent_prepare: at 0.000 ms, 0.002 ms\n"
					      "child: two: child_setup (failed): at 4.000 ms, 1.000 ms\n"
					      "parent: command: at 8.000 ms, 1000.000 ms\n");
	text_free(&text);
	tracing->child.spans[0].result = TRACE_RESULT;
	tracing->parent.lost = 3;
	assert_int_equal(tracing_table(tracing, true, &text), 0);
	assert_non_null(strstr(text_peek(&text), "two: child_setup (did not return)"));
	assert_non_null(strstr(text_peek(&text), "\n3 more steps and hooks found no room"));
	text_free(&text);
	free(tracing);
}

static void no_table_of_nothing(void **state)
{
	struct tracing *tracing = make();
	struct text text = { 0 };

	(void)state;
	assert_int_equal(tracing_table(tracing, true, &text), 0);
	assert_int_equal(text.length, 0);
	/* Of no length at all. */
	trace_begin(&tracing->parent, "a");
	set(&tracing->parent, 0, 7, 7);
	assert_int_equal(tracing_table(tracing, true, &text), 0);
	assert_non_null(strstr(text_peek(&text), "|=  "));
	text_free(&text);
	free(tracing);
}

static void shared_memory(void **state)
{
	struct tracing *one = tracing_open(), *other;

	(void)state;
	assert_non_null(one);
	other = tracing_attach(one->fd);
	assert_non_null(other);
	trace_begin(&other->child, "exec");
	assert_string_equal(one->child.spans[0].what, "exec");
	trace_end(&one->child);
	assert_int_equal(other->child.open, -1);
	tracing_close(one);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_recorded_without_a_trace),
		cmocka_unit_test(spans_nest),
		cmocka_unit_test(what_has_no_room_is_counted),
		cmocka_unit_test(long_names_are_cut),
		cmocka_unit_test(all_are_ended_for_who_is_gone),
		cmocka_unit_test(spans_of_both_in_the_order_of_time),
		cmocka_unit_test(json),
		cmocka_unit_test(table),
		cmocka_unit_test(no_table_of_nothing),
		cmocka_unit_test(shared_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
