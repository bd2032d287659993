/* SPDX-License-Identifier: MIT */
#include "plugin/findings.h"

#include <contain/plugin.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "plugin/roster.h"

bool findings_protect(const struct findings *findings, const char *what)
{
	for (size_t i = 0; i < findings->protection_count; i++) {
		if (strcmp(findings->protections[i], what) == 0)
			return true;
	}
	return false;
}

void findings_free(struct findings *findings)
{
	for (size_t i = 0; i < findings->exposure_count; i++)
		free(findings->exposures[i].text);
	for (size_t i = 0; i < findings->protection_count; i++)
		free(findings->protections[i]);
	free(findings->exposures);
	free(findings->protections);
	*findings = (struct findings){ 0 };
}

static int fail_phase(struct contain_ctx *ctx)
{
	return contain_fail(ctx, EPERM, "what a plugin protects or exposes is asked for in check alone");
}

int contain_protects(struct contain_ctx *ctx, const char *what)
{
	struct findings *findings = ctx->findings;
	char *copy, **more;

	if (!findings)
		return fail_phase(ctx);
	copy = strdup(what);
	more = reallocarray(findings->protections, findings->protection_count + 1, sizeof(*more));
	if (more)
		findings->protections = more;
	if (!more || !copy) {
		free(copy);
		return contain_fail(ctx, ENOMEM, "can't tell that '%s' is protected", what);
	}
	more[findings->protection_count++] = copy;
	return 0;
}

int contain_exposes(struct contain_ctx *ctx, int points, const char *format, ...)
{
	struct findings *findings = ctx->findings;
	struct exposure *more;
	char *text;
	va_list args;
	int length;

	if (!findings)
		return fail_phase(ctx);
	if (points < 1 || points > 10)
		return contain_fail(ctx, ERANGE, "an exposure has 1 to 10 points, not %d", points);
	va_start(args, format);
	length = vasprintf(&text, format, args);
	va_end(args);
	more = length < 0 ? NULL : reallocarray(findings->exposures, findings->exposure_count + 1, sizeof(*more));
	if (!more) {
		if (length >= 0)
			free(text);
		return contain_fail(ctx, ENOMEM, "can't tell what is exposed");
	}
	findings->exposures = more;
	more[findings->exposure_count] = (struct exposure){ .points = points, .text = text };
	snprintf(more[findings->exposure_count++].plugin, PLUGIN_NAME_SIZE, "%s",
		 ctx->member ? ctx->member->module->name : "");
	return 0;
}
