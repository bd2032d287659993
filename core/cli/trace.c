/* SPDX-License-Identifier: MIT */
#include "cli/trace.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/trace.h"
#include "cli/document.h"
#include "container/command.h"
#include "container/container.h"

int trace_start(struct cli *cli, struct container *container, const char *before, const char *path)
{
	struct contain_ctx *ctx = &container->ctx;
	int file;

	if (path && !cli->tracing && !(cli->tracing = tracing_open()))
		return ctx_fail(ctx, errno, "can't make room for the trace");
	container_trace(container, cli->tracing);
	trace_add(ctx->trace, before, cli->begun_nsec);
	if (!path)
		return 0;
	/* Names of the image, and of the host's files, are in it; and nobody puts a link in its place. */
	file = document_open(path, O_NOFOLLOW, 0600);
	if (file == -ELOOP)
		return ctx_fail(ctx, 0, "can't write the trace %s: it is a symbolic link; name the file itself", path);
	if (file < 0)
		return ctx_fail(ctx, -file, "can't write the trace %s", path);
	container->ending.trace = file;
	return 0;
}

void trace_go_on(struct tracing *tracing)
{
	if (!tracing)
		return;
	tracing->pids[TRACE_MONITOR] = getpid();
	tracing->parent.process = TRACE_MONITOR;
}

int trace_write(struct container *container, int status)
{
	struct log *log = &container->ctx.log;
	_cleanup_text_ struct text json = { 0 };
	int result;

	if (container->ending.trace < 0)
		return status;
	if (tracing_lost(container->tracing) > 0)
		log_line(log, LOG_WARNING, "the trace lacks %zu steps and hooks, for which there was no room",
			 tracing_lost(container->tracing));
	result = tracing_json(container->tracing, &json);
	if (result == 0)
		result = document_write(container->ending.trace, &json, log);
	if (result < 0)
		log_line(log, LOG_ERROR, "can't write the trace: %s", strerror(-result));
	return result < 0 ? STATUS_FAILED : status;
}

void trace_show(const struct tracing *tracing, struct log *log)
{
	_cleanup_text_ struct text lines = { 0 };

	if (tracing && log->most >= LOG_DEBUG && tracing_table(tracing, !log->json, &lines) == 0)
		log_lines(log, LOG_DEBUG, text_peek(&lines));
}
