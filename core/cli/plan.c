/* SPDX-License-Identifier: MIT */
/* contain plan: run, up to the point where something would be made. */
#include "cli/plan.h"

#include <contain/plugin.h>

#include <stdio.h>

#include "cli/run.h"
#include "container/command.h"

const struct contain_option plan_options[] = {
	CONTAIN_BOOL_OPTION(struct plan_flags, json, "json", .flag = "json", .help = "as JSON"), CONTAIN_OPTIONS_END
};

/* As run does, but that a command need not be given and that nobody need be root. */
static int resolve(struct cli *cli, struct flags *flags, const struct run_flags *run, struct container *container,
		   struct text *errors)
{
	struct contain_ctx *ctx = &container->ctx;
	int result = cli_check_descriptors(ctx);

	container->argv = cli->argv + cli->at;
	container->root = ctx->root = cli->global.root;
	if (result == 0)
		result = run_set_mode(container, run);
	if (result == 0)
		result = run_name(container, flags);
	text_add(errors, text_peek(&flags->mistakes));
	if (result == 0)
		result = container_resolve(container, &flags->profile, &flags->catalog, errors);
	if (result == 0)
		cgroups_choose(&container->cgroups);
	return result;
}

static int show(struct cli *cli, struct flags *flags, const struct run_flags *run)
{
	const struct plan_flags *own = cli->own.self;
	struct container container;
	struct wishes wishes = { 0 };
	const struct plan plan = { &flags->profile, &container, &wishes, flags->create.name };
	_cleanup_text_ struct text errors = { 0 }, text = { 0 };
	int result;

	container_init(&container);
	container.ctx.log = cli->log;
	container.ctx.wishes = &wishes;
	result = resolve(cli, flags, run, &container, &errors);
	if (result == 0)
		result = own->json ? plan_json(&plan, &text) : plan_text(&plan, &text);
	if (result < 0)
		run_tell_failure(cli, &container.ctx, &errors, result);
	else
		fputs(text_peek(&text), stdout);
	container_free(&container);
	wishes_free(&wishes);
	return result < 0 ? STATUS_FAILED : 0;
}

/* The flags that it takes as run does are in a section of their own. */
static int fill_run_flags(struct cli *cli, struct settings *run)
{
	_cleanup_text_ struct text errors = { 0 };
	int result;

	*run = (struct settings){ .section = SECTION_ALSO,
				  .options = cli->command->also,
				  .self_size = sizeof(struct run_flags) };
	result = settings_fill(run, &cli->flags, &errors);
	cli_log_errors(cli, &errors);
	return result;
}

int cmd_plan(struct cli *cli)
{
	struct flags flags;
	struct settings run = { 0 };
	int status = STATUS_FAILED;

	if (flags_read(&flags, cli, cli->command->options) == 0) {
		if (cli->help) {
			help_command(cli, cli->command);
			status = 0;
		} else if (cli_fill(cli) == 0 && fill_run_flags(cli, &run) == 0) {
			status = show(cli, &flags, run.self);
		}
	}
	settings_free(&run);
	flags_free(&flags);
	return status;
}
