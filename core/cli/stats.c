/* SPDX-License-Identifier: MIT */
/* contain stats: what containers use now, by the figures that their plugins report. */
#include <contain/plugin.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "base/number.h"
#include "cli/own_flags.h"
#include "cli/show.h"
#include "container/command.h"

const struct contain_option stats_options[] = {
	CONTAIN_BOOL_OPTION(struct stats_flags, once, "no_stream", .flag = "no-stream",
			    .help = "once, and no live table"),
	CONTAIN_BOOL_OPTION(struct stats_flags, json, "json", .flag = "json",
			    .help = "as JSON, an array on a line of its own each time"),
	CONTAIN_OPTIONS_END
};

#define INTERVAL_MSEC 1000

/* One container, as it was the last time. */
struct subject {
	char id[ID_SIZE];
	struct container container;
	bool loaded, seen;
	int64_t cpu_usec, at_usec; /* -1: not known yet */
	int64_t read_bytes, written_bytes;
	double percent; /* of one cpu; negative: not known */
	struct usage usage;
};

struct table {
	struct subject **subjects;
	size_t count;
	bool given; /* on the command line: then one that is not there is an error */
	size_t failures;
};

static int64_t figure(const struct usage *usage, const char *key)
{
	for (size_t i = 0; i < usage->count; i++) {
		if (strcmp(usage->figures[i].key, key) == 0)
			return usage->figures[i].value;
	}
	return -1;
}

/* Bytes that the processes that live now have had from and given to disks (proc_pid_io(5)). */
static void read_io(struct subject *subject)
{
	_cleanup_free_ pid_t *pids = NULL;
	size_t count = 0;

	subject->read_bytes = subject->written_bytes = 0;
	if (cgroups_processes(&subject->container.ctx, &pids, &count) < 0) {
		subject->container.ctx.failure.err = 0;
		subject->read_bytes = subject->written_bytes = -1;
		return;
	}
	for (size_t i = 0; i < count; i++) {
		char path[32], text[512];
		const char *line;

		snprintf(path, sizeof(path), "/proc/%d/io", pids[i]);
		if (file_read_at(AT_FDCWD, path, text, sizeof(text)) < 0)
			continue;
		if ((line = strstr(text, "\nread_bytes: ")))
			subject->read_bytes += strtoll(line + 13, NULL, 10);
		if ((line = strstr(text, "\nwrite_bytes: ")))
			subject->written_bytes += strtoll(line + 14, NULL, 10);
	}
}

static void measure(struct subject *subject)
{
	struct container *container = &subject->container;
	int64_t now = clock_usec(), cpu;

	usage_free(&subject->usage);
	container->ctx.running = true;
	if (container_report(container, &subject->usage) < 0) {
		ctx_log_failure(&container->ctx);
		container->ctx.failure.err = 0;
	}
	read_io(subject);
	cpu = figure(&subject->usage, "cpu_time");
	subject->percent = -1;
	if (cpu >= 0 && subject->cpu_usec >= 0 && now > subject->at_usec)
		subject->percent = 100.0 * (double)(cpu - subject->cpu_usec) / (double)(now - subject->at_usec);
	subject->cpu_usec = cpu;
	subject->at_usec = now;
}

/* ---- the table --------------------------------------------------------------------------------------------------- */

/* "12.5M / 64M", "3 / max" */
static void pair(char *text, size_t size, int64_t value, int64_t limit, bool bytes)
{
	char left[32] = "n/a", right[32] = "max";

	if (value >= 0 && bytes)
		number_bytes_for_people(value, left);
	else if (value >= 0)
		snprintf(left, sizeof(left), "%lld", (long long)value);
	if (limit >= 0 && limit != CONTAIN_MAX && bytes)
		number_bytes_for_people(limit, right);
	else if (limit >= 0 && limit != CONTAIN_MAX)
		snprintf(right, sizeof(right), "%lld", (long long)limit);
	snprintf(text, size, "%s / %s", left, right);
}

static void print_subject(const struct subject *subject)
{
	const struct usage *usage = &subject->usage;
	char percent[32] = "n/a", memory[80], processes[80], io[80], read[32] = "n/a", written[32] = "n/a";

	if (subject->percent >= 0)
		snprintf(percent, sizeof(percent), "%.1f%%", subject->percent);
	pair(memory, sizeof(memory), figure(usage, "memory"), figure(usage, "memory_limit"), true);
	pair(processes, sizeof(processes), figure(usage, "processes"), figure(usage, "processes_limit"), false);
	if (subject->read_bytes >= 0) {
		number_bytes_for_people(subject->read_bytes, read);
		number_bytes_for_people(subject->written_bytes, written);
	}
	snprintf(io, sizeof(io), "%s / %s", read, written);
	printf("%-20s %8s  %-18s %-12s %s\n", subject->id, percent, memory, processes, io);
}

static void add_number(struct text *json, const char *key, int64_t value)
{
	if (value >= 0)
		text_printf(json, ",\"%s\":%lld", key, (long long)value);
	else
		text_printf(json, ",\"%s\":null", key);
}

static void add_subject(struct text *json, const struct subject *subject)
{
	text_add(json, "{\"id\":");
	json_string(json, subject->id);
	if (subject->percent >= 0)
		text_printf(json, ",\"cpu_percent\":%.2f", subject->percent);
	else
		text_add(json, ",\"cpu_percent\":null");
	add_number(json, "io_read_bytes", subject->read_bytes);
	add_number(json, "io_written_bytes", subject->written_bytes);
	usage_json(&subject->usage, json);
	text_add(json, "}");
}

static void print(const struct table *table, const struct stats_flags *flags)
{
	_cleanup_text_ struct text json = { 0 };

	if (flags->json) {
		text_add(&json, "[");
		for (size_t i = 0; i < table->count; i++) {
			text_add(&json, i ? "," : "");
			add_subject(&json, table->subjects[i]);
		}
		text_add(&json, "]");
		puts(text_peek(&json));
		return;
	}
	/* Home, and what is below: a live table stays where it is (console_codes(4)). */
	if (!flags->once && isatty(STDOUT_FILENO))
		fputs("\033[H\033[J", stdout);
	printf("%-20s %8s  %-18s %-12s %s\n", "ID", "CPU", "MEMORY / LIMIT", "PIDS / LIMIT", "IO READ / WRITTEN");
	for (size_t i = 0; i < table->count; i++)
		print_subject(table->subjects[i]);
}

/* ---- which containers -------------------------------------------------------------------------------------------- */

static void free_subject(struct subject *subject)
{
	usage_free(&subject->usage);
	container_free(&subject->container);
	free(subject);
}

static struct subject *find(const struct table *table, const char *id)
{
	for (size_t i = 0; i < table->count; i++) {
		if (strcmp(table->subjects[i]->id, id) == 0)
			return table->subjects[i];
	}
	return NULL;
}

/* With its plugins and cgroups, which stay open while it lives. */
static int add(struct cli *cli, const char *id, void *user)
{
	struct table *table = user;
	struct subject *subject = find(table, id), **more;
	int result;

	if (subject) {
		subject->seen = container_await_end(&subject->container, 0) == 0;
		return 0;
	}
	more = reallocarray(table->subjects, table->count + 1, sizeof(*more));
	if (more)
		table->subjects = more;
	subject = more ? calloc(1, sizeof(*subject)) : NULL;
	if (!subject)
		return -ENOMEM;
	snprintf(subject->id, sizeof(subject->id), "%s", id);
	cli_open(cli, &subject->container);
	result = container_load(&subject->container, cli->global.root, id, CONFIG_PHASE(PHASE_REPORT), LOAD_ALIVE);
	if (result < 0) {
		/* Of all containers those that run count; one that was asked for has to. */
		if (table->given) {
			ctx_log_failure(&subject->container.ctx);
			table->failures++;
		}
		free_subject(subject);
		return 0;
	}
	subject->cpu_usec = -1;
	subject->seen = true;
	table->subjects[table->count++] = subject;
	return 0;
}

static int look(struct cli *cli, struct table *table)
{
	size_t kept = 0;
	int result = 0;

	for (size_t i = 0; i < table->count; i++)
		table->subjects[i]->seen = false;
	if (table->given) {
		for (size_t i = 0; result == 0 && i < cli->word_count; i++)
			result = add(cli, cli->words[i], table);
	} else {
		result = show_each(cli, add, table);
	}
	for (size_t i = 0; i < table->count; i++) {
		if (table->subjects[i]->seen)
			table->subjects[kept++] = table->subjects[i];
		else
			free_subject(table->subjects[i]);
	}
	table->count = kept;
	for (size_t i = 0; i < table->count; i++)
		measure(table->subjects[i]);
	return result;
}

int cmd_stats(struct cli *cli)
{
	const struct stats_flags *flags;
	struct table table = { 0 };
	int result = cli_read_words(cli, true);
	bool first = true;

	if (result != 0)
		return result < 0 ? STATUS_FAILED : 0;
	flags = cli->own.self;
	table.given = cli->word_count > 0;
	/* A percentage is of the time since the look before: the first table comes with the second one. */
	for (;;) {
		result = look(cli, &table);
		if (result < 0 || table.failures > 0 || (table.given && table.count == 0))
			break;
		if (!first) {
			print(&table, flags);
			if (fflush(stdout) != 0 || flags->once)
				break;
		}
		first = false;
		poll(NULL, 0, INTERVAL_MSEC);
	}
	for (size_t i = 0; i < table.count; i++)
		free_subject(table.subjects[i]);
	free(table.subjects);
	return result < 0 || table.failures > 0 ? STATUS_FAILED : 0;
}
