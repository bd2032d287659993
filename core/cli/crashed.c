/* SPDX-License-Identifier: MIT */
/* The fresh image after a crash of a hook in the parent, see container/aftermath.c. */
#include <contain/plugin.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "base/trace.h"
#include "cli/cli.h"
#include "cli/report.h"
#include "cli/trace.h"
#include "container/command.h"
#include "container/container.h"
#include "plugin/crash.h"

/* In the order in which container_crashed() writes them. */
struct crashed {
	int log, json, most, report, trace, ready, tracing, phase, undo, keep;
};

static bool read_numbers(const char *text, struct crashed *numbers)
{
	int *at[] = { &numbers->log,   &numbers->json,    &numbers->most,  &numbers->report, &numbers->trace,
		      &numbers->ready, &numbers->tracing, &numbers->phase, &numbers->undo,   &numbers->keep };

	for (size_t i = 0; i < sizeof(at) / sizeof(*at); i++) {
		int used = 0;

		if (sscanf(text, "%d%n", at[i], &used) != 1)
			return false;
		text += used;
		text += *text == ',';
	}
	return !*text;
}

/* What a plugin that has crashed could not undo stays on record; the rest goes. */
static void undo(struct container *container, const char *root, const char *id, bool keep)
{
	struct contain_ctx *ctx = &container->ctx;
	const struct failure failure = ctx->failure;
	int result;

	ctx->failure.err = 0;
	result = container_load(container, root, id, CONFIG_PHASE(PHASE_TEARDOWN), LOAD_LOCK | LOAD_WAIT | LOAD_UNDO);
	if (result == 0)
		container_delete(container, keep);
	/* Somebody else was quicker, as nobody had the lock for a moment. */
	else if (result != -ENOENT)
		ctx_log_failure(ctx);
	ctx->failure = failure;
}

/* The signal of the crash is blocked where it was handled, and the next crash would kill without a word. */
static void unblock_crashes(void)
{
	sigset_t blocked;

	if (sigprocmask(SIG_SETMASK, NULL, &blocked) < 0)
		return;
	crash_spare(&blocked);
	sigprocmask(SIG_SETMASK, &blocked, NULL);
}

int cli_crashed(char **argv)
{
	const unsigned char status = STATUS_FAILED;
	struct crashed numbers;
	struct container container;
	struct contain_ctx *ctx = &container.ctx;
	struct tracing *tracing;

	if (!read_numbers(argv[0], &numbers))
		return STATUS_FAILED;
	unblock_crashes();
	tracing = numbers.tracing < 0 ? NULL : tracing_attach(numbers.tracing);
	container_init(&container);
	ctx->log = (struct log){ .fd = numbers.log, .json = numbers.json, .most = (enum log_level)numbers.most };
	container.ending = (struct ending){ numbers.trace, numbers.report, numbers.ready };
	container.skipped = argv[5];
	if (tracing) {
		trace_close_all(&tracing->parent);
		container_trace(&container, tracing);
	}
	snprintf(ctx->id, sizeof(ctx->id), "%s", argv[2]);
	ctx->failure = (struct failure){ .err = EIO, .phase = (enum phase)numbers.phase };
	snprintf(ctx->failure.plugin, sizeof(ctx->failure.plugin), "%s", argv[3]);
	snprintf(ctx->failure.text, sizeof(ctx->failure.text), "%s", argv[4]);
	ctx_log_failure(ctx);
	if (numbers.undo)
		undo(&container, argv[1], argv[2], numbers.keep);
	if (numbers.report >= 0)
		report_failure(&container, STATUS_FAILED, numbers.report);
	if (tracing)
		trace_write(&container, STATUS_FAILED);
	trace_show(tracing, &ctx->log);
	/* Who has called the monitor waits for its word. */
	if (numbers.ready >= 0 && write(numbers.ready, &status, 1) < 0)
		return STATUS_FAILED;
	container_free(&container);
	tracing_close(tracing);
	return STATUS_FAILED;
}
