/* SPDX-License-Identifier: MIT */
/* The container's state for programs that know the OCI runtime specification. */
#include <contain/plugin.h>

#include <stdio.h>

#include "base/json.h"
#include "plugin/ctx.h"

/* As a hook of that phase finds it (runtime-spec, "State": created is set up, but for the command's start). */
static const char *status_of(const struct contain_ctx *ctx)
{
	switch (ctx->phase) {
	case PHASE_CHILD_SEAL:
		/* Also one more command of a container that runs has this one. */
		return ctx->running ? "running" : "created";
	case PHASE_PARENT_STARTED:
	case PHASE_UPDATE:
		return "running";
	case PHASE_REPORT:
		return ctx->running ? "running" : "stopped";
	case PHASE_TEARDOWN:
		return "stopped";
	default:
		return "creating";
	}
}

const char *contain_state_json(struct contain_ctx *ctx)
{
	struct text *json = &ctx->state_json;
	_cleanup_text_ struct text bundle = { 0 };

	text_free(json);
	text_add(json, "{\"ociVersion\":\"" OCI_VERSION "\",\"id\":");
	json_string(json, ctx->id);
	text_printf(json, ",\"status\":\"%s\"", status_of(ctx));
	if (ctx->pid > 0)
		text_printf(json, ",\"pid\":%d", ctx->pid);
	text_printf(&bundle, "%s/%s", ctx->root ? ctx->root : "", ctx->id);
	text_add(json, ",\"bundle\":");
	json_string(json, text_peek(&bundle));
	text_add(json, "}");
	return text_error(json) < 0 || text_error(&bundle) < 0 ? NULL : text_peek(json);
}
