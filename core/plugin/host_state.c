/* SPDX-License-Identifier: MIT */
/* The container's state for programs that know the OCI runtime specification. */
#include <contain/plugin.h>

#include <errno.h>

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

void state_json(struct text *json, const char *id, const char *status, pid_t pid, const char *root)
{
	_cleanup_text_ struct text bundle = { 0 };

	text_add(json, "{\"ociVersion\":\"" OCI_VERSION "\"");
	json_member(json, "id", id);
	json_member(json, "status", status);
	if (pid >= 0)
		text_printf(json, ",\"pid\":%d", pid);
	text_printf(&bundle, "%s/%s", root, id);
	json_member(json, "bundle", text_peek(&bundle));
	if (text_error(&bundle) < 0)
		json->error = -ENOMEM;
}

const char *contain_state_json(struct contain_ctx *ctx)
{
	struct text *json = &ctx->state_json;

	text_free(json);
	state_json(json, ctx->id, status_of(ctx), ctx->pid > 0 ? ctx->pid : -1, ctx->root ? ctx->root : "");
	text_add(json, "}");
	return text_error(json) < 0 ? NULL : text_peek(json);
}
