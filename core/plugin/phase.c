/* SPDX-License-Identifier: MIT */
#include "plugin/phase.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "base/trace.h"
#include "plugin/ctx.h"
#include "plugin/roster.h"

static const struct {
	const char *name;
	const char *process;
	size_t hook;    /* offset in struct contain_plugin */
	bool may_leave; /* what it makes has to be torn down */
} phases[PHASE_COUNT] = {
	[PHASE_NONE] = { "start", "parent", 0, false },
#define PHASE(NUMBER, HOOK, PROCESS, MAY_LEAVE)                                                                        \
	[NUMBER] = { #HOOK, PROCESS, offsetof(struct contain_plugin, HOOK), MAY_LEAVE }
	PHASE(PHASE_CONFIGURE, configure, "parent", false),
	PHASE(PHASE_PARENT_PREPARE, parent_prepare, "parent", true),
	PHASE(PHASE_PARENT_ATTACH, parent_attach, "parent", true),
	PHASE(PHASE_CHILD_SETUP, child_setup, "child", true),
	PHASE(PHASE_CHILD_SWITCH, child_switch, "child", true),
	PHASE(PHASE_CHILD_ENTER, child_enter, "child", true),
	PHASE(PHASE_CHILD_SEAL, child_seal, "child", true),
	PHASE(PHASE_PARENT_STARTED, parent_started, "parent", true),
	PHASE(PHASE_UPDATE, update, "any", true),
	PHASE(PHASE_REPORT, report, "any", false),
	PHASE(PHASE_TEARDOWN, teardown, "any", false),
	PHASE(PHASE_CHECK, check, "parent", false),
#undef PHASE
};

const char *phase_name(enum phase phase)
{
	return phase < PHASE_COUNT ? phases[phase].name : "?";
}

const char *phase_process(enum phase phase)
{
	return phase < PHASE_COUNT ? phases[phase].process : "?";
}

bool phase_known(const char *name)
{
	for (int phase = 0; phase < PHASE_COUNT; phase++) {
		if (strcmp(phases[phase].name, name) == 0)
			return true;
	}
	return false;
}

contain_hook *phase_hook(const struct contain_plugin *plugin, enum phase phase)
{
	if (phase == PHASE_NONE)
		return NULL;
	return *(contain_hook *const *)((const char *)plugin + phases[phase].hook);
}

static int call(struct contain_ctx *ctx, struct member *member, contain_hook *hook, enum phase phase)
{
	bool failed_before = ctx->failure.err != 0;
	int result;

	ctx->member = member;
	ctx->phase = phase;
	member->begun = member->begun || phases[phase].may_leave;
	/* How long it took is in the table at the end; where it hangs is here. */
	log_line(&ctx->log, LOG_DEBUG, "%s: %s", member->module->name, phase_name(phase));
	/* First, as it sets handlers the first time: those are not the hook's. */
	crash_watch(ctx);
	for (struct observer *one = ctx->observer; one; one = one->next)
		one->begin(one, ctx, member, phase);
	result = hook(ctx, member->settings.self);
	crash_watch(NULL);
	for (struct observer *one = ctx->observer; one; one = one->next)
		result = one->end(one, ctx, member, phase, result);
	/* What was meant is not known, but it was not success. */
	if (result > 0)
		result = contain_fail(ctx, 0, "%s returned %d: a hook returns 0 or a negative errno", phase_name(phase),
				      result);
	if (result < 0 && ctx->failure.err == 0)
		contain_fail(ctx, -result, "%s failed without a message", phase_name(phase));
	/* What a hook tried in vain and then did in another way is no failure. */
	if (result >= 0 && !failed_before)
		ctx->failure.err = 0;
	ctx->member = NULL;
	return result;
}

int phase_run(struct contain_ctx *ctx, struct roster *roster, enum phase phase)
{
	trace_scope(ctx->trace, phase_name(phase));
	bool teardown = phase == PHASE_TEARDOWN;
	int first = 0;

	for (size_t i = 0; i < roster->count; i++) {
		struct member *member = &roster->members[teardown ? roster->count - 1 - i : i];
		contain_hook *hook = phase_hook(&member->module->api, phase);
		int result;

		if (!hook || (teardown && !member->begun))
			continue;
		result = call(ctx, member, hook, phase);
		if (result >= 0)
			continue;
		first = first ? first : result;
		if (!teardown)
			break;
		ctx_log_failure(ctx);
		ctx->failure.err = 0;
	}
	ctx->phase = PHASE_NONE;
	return first;
}
