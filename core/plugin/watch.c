/* SPDX-License-Identifier: MIT */
/* The observer that writes hooks into the trace. */
#include <contain/plugin.h>

#include "base/trace.h"
#include "plugin/ctx.h"
#include "plugin/roster.h"

static void begin(struct observer *observer, struct contain_ctx *ctx, const struct member *member, enum phase phase)
{
	(void)observer;
	trace_open_span(ctx->trace, member->module->name, phase_name(phase));
}

static int end(struct observer *observer, struct contain_ctx *ctx, const struct member *member, enum phase phase,
	       int result)
{
	(void)observer;
	(void)member;
	(void)phase;
	trace_close_span(ctx->trace, result);
	return result;
}

void ctx_trace(struct contain_ctx *ctx, struct trace *trace)
{
	ctx->trace = trace;
	for (struct observer **at = &ctx->observer; *at; at = &(*at)->next) {
		if (*at == &ctx->watch) {
			*at = ctx->watch.next;
			break;
		}
	}
	ctx->watch = (struct observer){ begin, end, ctx->observer };
	if (trace)
		ctx->observer = &ctx->watch;
}
