/* SPDX-License-Identifier: MIT */
/* From a profile's name to all that is known of it. */
#include "cli/check.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

struct collector {
	struct verdict *verdict;
	struct log *log;
};

/* Errors and warnings of this profile go where they can be shown as such; what else a plugin says, only with -v. */
static void collect(void *user, enum log_level level, const char *line)
{
	struct collector *collector = user;

	if (level == LOG_ERROR)
		text_line(&collector->verdict->mistakes, "%s", line);
	else if (level == LOG_WARNING)
		text_line(&collector->verdict->advice, "%s", line);
	else if (collector->log->most >= LOG_DEBUG)
		log_line(collector->log, level, "%s", line);
}

static int assess(struct verdict *verdict, struct cli *look)
{
	struct container *container = &verdict->container;
	struct contain_ctx *ctx = &container->ctx;
	_cleanup_text_ struct text errors = { 0 };
	int result;

	ctx->log = look->log;
	/* What a plugin warns of is advice, also with -q. */
	if (ctx->log.most < LOG_WARNING)
		ctx->log.most = LOG_WARNING;
	snprintf(ctx->id, sizeof(ctx->id), "check");
	result = container_assess(container, &verdict->flags.profile, &verdict->flags.catalog, &verdict->assessment,
				  &errors);
	/* Mistakes of the profile's own form, and then those of meaning: as run tells them. */
	cli_log_errors(look, &verdict->flags.mistakes);
	cli_log_errors(look, &errors);
	if (result < 0 && !ctx->failure.err && verdict->mistakes.length == 0)
		ctx_fail(ctx, -result, "can't resolve the profile");
	if (result < 0 && ctx->failure.err)
		ctx_log_failure(ctx);
	return result;
}

static int make_exposers(struct verdict *verdict)
{
	const struct assessment *assessment = &verdict->assessment;
	const struct findings *findings = &assessment->findings;
	size_t protection = 0, exposure = 0;

	verdict->exposers = calloc(assessment->count + 1, sizeof(*verdict->exposers));
	verdict->points = calloc(findings->exposure_count + 1, sizeof(*verdict->points));
	if (!verdict->exposers || !verdict->points)
		return -ENOMEM;
	for (size_t i = 0; i < findings->exposure_count; i++)
		verdict->points[i] = findings->exposures[i].points;
	for (size_t i = 0; i < assessment->count; i++) {
		const struct assessed *plugin = &assessment->plugins[i];

		verdict->exposers[i] = (struct exposer){
			.closes = facts_of(plugin->namespaces, plugin->controllers, findings->protections + protection,
					   plugin->protections),
			.points = verdict->points + exposure,
			.count = plugin->exposures,
		};
		protection += plugin->protections;
		exposure += plugin->exposures;
		verdict->closed |= verdict->exposers[i].closes;
	}
	return 0;
}

static int reckon(struct verdict *verdict)
{
	const struct process *process = &verdict->container.process;
	int result = make_exposers(verdict);
	uint32_t own;

	if (result < 0)
		return result;
	own = facts_of_process(verdict->closed, process->user, process->log_size);
	verdict->closed |= own;
	verdict->score = exposure_score(own, verdict->exposers, verdict->assessment.count);
	verdict->assessed = true;
	return 0;
}

/* The flags with this profile, and a log that collects: read again for each profile, as run would read them. */
static int look_for(struct cli *look, const struct cli *cli, const struct check_words *words, const char *profile)
{
	*look = *cli;
	look->argv = words->flags;
	look->argc = words->flag_count;
	look->at = 0;
	look->settings = look->own = (struct settings){ 0 };
	look->flags = (struct profile){ 0 };
	look->user_root = NULL;
	if (flags_add_entries(&look->flags, &words->before) < 0)
		return -ENOMEM;
	return profile_add_entry(&look->flags, SECTION_CREATE, "profile", profile, (struct origin){ "--profile", 0 });
}

int verdict_reach(struct verdict *verdict, struct cli *cli, const struct check_words *words, const char *profile)
{
	struct collector collector = { verdict, &cli->log };
	struct cli look;
	int result = look_for(&look, cli, words, profile);

	verdict->profile = profile;
	container_init(&verdict->container);
	look.log = (struct log){ .fd = -1, .most = LOG_WARNING, .sink = collect, .sink_user = &collector };
	if (result == 0 && flags_read(&verdict->flags, &look, cli->command->options) == 0 &&
	    assess(verdict, &look) == 0 && verdict->mistakes.length == 0)
		result = reckon(verdict);
	if (result == 0)
		verdict_advise(verdict);
	if (result == 0)
		result = text_error(&verdict->mistakes) < 0 || text_error(&verdict->advice) < 0 ? -ENOMEM : 0;
	/* The sink goes with this function. */
	verdict->container.ctx.log = cli->log;
	settings_free(&look.settings);
	settings_free(&look.own);
	profile_free(&look.flags);
	free(look.user_root);
	if (result < 0)
		log_line(&cli->log, LOG_ERROR, "can't check %s: %s", profile, strerror(-result));
	return result;
}

void verdict_free(struct verdict *verdict)
{
	free(verdict->exposers);
	free(verdict->points);
	assessment_free(&verdict->assessment);
	container_free(&verdict->container);
	flags_free(&verdict->flags);
	text_free(&verdict->mistakes);
	text_free(&verdict->advice);
}
