/* SPDX-License-Identifier: MIT */
#include "container/assess.h"

#include <contain/plugin.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "container/namespaces.h"
#include "plugin/wishes.h"

/* What failed is a line, and forgotten: what the other plugins say counts too. */
static void add_refusal(struct contain_ctx *ctx, struct assessment *assessment)
{
	struct failure *failure = &ctx->failure;

	text_line(&assessment->refusals, "%s%s%s", failure->plugin, *failure->plugin ? ": " : "", failure->text);
	failure->err = 0;
}

static int run_one(struct contain_ctx *ctx, struct member *member, enum phase phase)
{
	struct roster one = { member, 1 };

	return phase_run(ctx, &one, phase);
}

/* One at a time, so that it is known who has asked for what: also for what another one gets, too. */
static int configure(struct container *container, struct member *member, struct assessment *assessment,
		     struct assessed *assessed)
{
	struct contain_ctx *ctx = &container->ctx;
	const struct wishes *wishes = ctx->wishes;
	_cleanup_text_ struct text controllers = { 0 };
	size_t before = wishes->count;

	if (container_ask_namespaces(ctx, member) < 0)
		add_refusal(ctx, assessment);
	if (run_one(ctx, member, PHASE_CONFIGURE) < 0)
		add_refusal(ctx, assessment);
	assessed->namespaces = ctx->namespaces & member->module->api.namespaces;
	for (size_t i = before; i < wishes->count; i++) {
		assessed->namespaces |= wishes->wishes[i].namespaces & namespaces_apart(ctx);
		if (wishes->wishes[i].controller)
			text_printf(&controllers, "%s ", wishes->wishes[i].controller);
	}
	assessed->controllers = strdup(text_peek(&controllers));
	return assessed->controllers && text_error(&controllers) == 0
		       ? 0
		       : ctx_fail(ctx, ENOMEM, "can't assess the plugins");
}

static int check(struct container *container, struct member *member, struct findings *findings,
		 struct assessed *assessed)
{
	struct contain_ctx *ctx = &container->ctx;
	size_t protections = findings->protection_count, exposures = findings->exposure_count;
	int result;

	ctx->findings = findings;
	result = run_one(ctx, member, PHASE_CHECK);
	ctx->findings = NULL;
	assessed->protections = findings->protection_count - protections;
	assessed->exposures = findings->exposure_count - exposures;
	return result;
}

int container_assess(struct container *container, const struct profile *profile, struct catalog *catalog,
		     struct assessment *assessment, struct text *errors)
{
	struct contain_ctx *ctx = &container->ctx;
	struct roster *roster = &container->roster;
	struct wishes wishes = { 0 };
	int result = container_settle(container, profile, catalog, errors);

	if (result < 0)
		return result;
	assessment->plugins = calloc(roster->count + 1, sizeof(*assessment->plugins));
	if (!assessment->plugins)
		return ctx_fail(ctx, ENOMEM, "can't assess the plugins");
	assessment->count = roster->count;
	if (namespaces_check_kernel(ctx) < 0)
		add_refusal(ctx, assessment);
	if (cgroups_find(ctx, &container->cgroups, container->place.parent) < 0)
		add_refusal(ctx, assessment);
	ctx->wishes = &wishes;
	for (size_t i = 0; result == 0 && i < roster->count; i++)
		result = configure(container, &roster->members[i], assessment, &assessment->plugins[i]);
	ctx->wishes = NULL;
	wishes_free(&wishes);
	if (result == 0 && container_check_init(container) < 0)
		add_refusal(ctx, assessment);
	/* Now each knows which namespaces are new. */
	for (size_t i = 0; result == 0 && i < roster->count; i++)
		result = check(container, &roster->members[i], &assessment->findings, &assessment->plugins[i]);
	return result;
}

void assessment_free(struct assessment *assessment)
{
	for (size_t i = 0; i < assessment->count; i++)
		free(assessment->plugins[i].controllers);
	free(assessment->plugins);
	findings_free(&assessment->findings);
	text_free(&assessment->refusals);
	*assessment = (struct assessment){ 0 };
}
