/* SPDX-License-Identifier: MIT */
#include "cli/report.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "base/signals.h"
#include "cli/document.h"

int report_open(struct contain_ctx *ctx, const char *path)
{
	int fd = document_open(path, 0, 0644);

	return fd < 0 ? ctx_fail(ctx, -fd, "can't write the report %s", path) : fd;
}

static int write_json(struct contain_ctx *ctx, const struct text *json, int file)
{
	int result = document_write(file, json, &ctx->log);

	return result < 0 ? ctx_fail(ctx, -result, "can't write the report") : 0;
}

/* What a report and the news of a failure begin with. */
static void begin_json(struct text *json, const struct contain_ctx *ctx, int status)
{
	text_add(json, "{\"id\":");
	json_string(json, ctx->id);
	text_printf(json, ",\"exit_status\":%d,\"signal\":", status);
}

void report_failure(struct container *container, int status, int file)
{
	struct contain_ctx *ctx = &container->ctx;
	_cleanup_text_ struct text json = { 0 };

	/* Whatever crashes now, it is written once. */
	container->ending.report = -1;
	begin_json(&json, ctx, status);
	text_add(&json, "null,\"error\":");
	json_string(&json, ctx->failure.text);
	text_add(&json, "}\n");
	write_json(ctx, &json, file);
}

/* For people: a line each; and the file, if one was asked for. */
static int write_report(struct container *container, const struct usage *usage, int file)
{
	struct contain_ctx *ctx = &container->ctx;
	_cleanup_text_ struct text json = { 0 };
	char name[24];

	for (size_t i = 0; i < usage->count; i++) {
		_cleanup_text_ struct text figure = { 0 };

		/* Nothing happened: news for programs only. */
		if (usage->figures[i].unit == CONTAIN_COUNT && usage->figures[i].value == 0)
			continue;
		usage_people(&usage->figures[i], &figure);
		log_line(&ctx->log, LOG_INFO, "%s", text_peek(&figure));
	}
	log_lines(&ctx->log, LOG_WARNING, text_peek(&usage->causes));
	if (file < 0)
		return 0;
	begin_json(&json, ctx, container->status);
	if (container->signal)
		text_printf(&json, "\"%s\"", signal_text(container->signal, name));
	else
		text_add(&json, "null");
	usage_json(usage, &json);
	text_add(&json, "}\n");
	return write_json(ctx, &json, file);
}

/* Before anything that may fail: how it ended is known in any case. */
static void tell_end(struct container *container)
{
	struct contain_ctx *ctx = &container->ctx;
	char name[24];

	if (container->signal)
		log_line(&ctx->log, LOG_INFO, "container exited: signal %d (%s)", container->signal,
			 signal_text(container->signal, name));
	else
		log_line(&ctx->log, LOG_INFO, "container exited: exit status %d", container->status);
}

int report_make(struct container *container, struct usage *usage)
{
	int result;

	tell_end(container);
	result = container_refresh(container);
	if (result == 0)
		result = container_report(container, usage);
	if (result == 0 &&
	    usage_add(usage, "wall_time", container->ended_usec - container->begun_usec, CONTAIN_USEC) < 0)
		result = ctx_fail(&container->ctx, ENOMEM, "can't make the report");
	return result;
}

int report_tell(struct container *container, const struct usage *usage, int file, bool *reported)
{
	*reported = true;
	container->ending.report = -1;
	return write_report(container, usage, file);
}

int report_write(struct container *container, int file, bool *reported)
{
	struct usage usage = { 0 };
	int result = report_make(container, &usage);

	if (result == 0)
		result = report_tell(container, &usage, file, reported);
	usage_free(&usage);
	return result;
}
