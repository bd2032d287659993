/* SPDX-License-Identifier: MIT */
/* contain exec: one more command in a container. */
#include <contain/plugin.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cli/cli.h"
#include "cli/own_flags.h"
#include "cli/terminal.h"
#include "cli/trace.h"
#include "container/command.h"
#include "container/container.h"

const struct contain_option exec_options[] = {
	CONTAIN_BOOL_OPTION(struct exec_flags, detach, "detach", .flag = "detach", .short_flag = 'd',
			    .help = "do not wait for its end; its output goes nowhere"),
	CONTAIN_BOOL_OPTION(struct exec_flags, interactive, "interactive", .flag = "interactive", .short_flag = 'i',
			    .help = "for those who are used to -it: standard input is always open, but with -d"),
	CONTAIN_BOOL_OPTION(struct exec_flags, terminal, "tty", .flag = "tty", .short_flag = 't',
			    .help = "a terminal for the command (on a terminal it gets one anyway)"),
	CONTAIN_BOOL_OPTION(struct exec_flags, no_terminal, "no_tty", .flag = "no-tty", .short_flag = 'T',
			    .help = "no terminal for the command"),
	CONTAIN_LIST_OPTION(struct exec_flags, env, "env", .flag = "env", .short_flag = 'e', .metavar = "NAME[=VALUE]",
			    .help = "set a variable beside the container's, or pass one on",
			    .parse = process_check_env),
	CONTAIN_STRING_OPTION(struct exec_flags, user, "user", .flag = "user", .short_flag = 'u',
			      .metavar = "USER[:GROUP]", .help = "as this user, instead of the container's"),
	CONTAIN_STRING_OPTION(struct exec_flags, workdir, "workdir", .flag = "workdir", .short_flag = 'w',
			      .metavar = "DIR", .help = "in this directory, instead of the container's",
			      .parse = process_check_workdir),
	CONTAIN_STRING_OPTION(struct exec_flags, trace, "trace", .flag = "trace", .metavar = "FILE",
			      .help = "write when each step and hook began and ended to this file, for Perfetto"),
	CONTAIN_OPTIONS_END
};

/* What the flags say, over what the container's own command was given. */
static int set_process(struct container *container, const struct exec_flags *flags)
{
	struct contain_ctx *ctx = &container->ctx;
	/* The child reads the settings themselves. */
	struct process *process = container->process_settings.self;
	struct contain_list env;
	_cleanup_free_ const char **items = NULL;
	char **expanded = process_expand(&flags->env), **merged;
	size_t given = strings_count(container->environment), added = expanded ? strings_count(expanded) : 0;

	items = calloc(given + added + 1, sizeof(*items));
	if (!expanded || !items) {
		environment_free(expanded);
		return ctx_fail(ctx, ENOMEM, "can't make the environment");
	}
	memcpy(items, container->environment, given * sizeof(*items));
	memcpy(items + given, expanded, added * sizeof(*items));
	env = (struct contain_list){ items, given + added };
	merged = process_expand(&env);
	environment_free(expanded);
	if (!merged)
		return ctx_fail(ctx, ENOMEM, "can't make the environment");
	environment_free(container->environment);
	container->environment = merged;
	/* Another user has other groups than those that the container's was given. */
	if (flags->user) {
		process->user = flags->user;
		process->groups = (struct contain_list){ 0 };
	}
	if (flags->workdir)
		process->workdir = flags->workdir;
	return container->mode.terminal ? contain_setenv(ctx, "TERM", getenv("TERM") ? getenv("TERM") : "xterm") : 0;
}

static int check(struct container *container)
{
	struct contain_ctx *ctx = &container->ctx;
	struct life life;

	container_life(container, &life);
	if (life.status == LIFE_PAUSED)
		return ctx_fail(ctx, 0, "the container '%s' is paused: resume it first", ctx->id);
	if (life.status != LIFE_RUNNING)
		return ctx_fail(ctx, 0, "the container '%s' is %s, not running", ctx->id, life_name(life.status));
	return 0;
}

static int run_detached(struct container *container)
{
	_cleanup_close_ int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null < 0)
		return ctx_fail(&container->ctx, errno, "can't open /dev/null");
	for (int fd = 0; fd < 3; fd++)
		container->stdio[fd] = null;
	return container_join(container);
}

static int run(struct cli *cli, struct container *container)
{
	const struct exec_flags *flags = cli->own.self;
	struct contain_ctx *ctx = &container->ctx;
	int result = cli_check_descriptors(ctx);

	if (result == 0)
		result = trace_start(cli, container, "flags", flags->trace);
	if (flags->terminal && (flags->no_terminal || flags->detach))
		result = ctx_fail(ctx, 0, "--tty and %s exclude each other: give one of the two",
				  flags->detach ? "--detach" : "--no-tty");
	if (result == 0)
		result = container_load(container, cli->global.root, cli->words[0], CONFIG_PHASE(PHASE_CHILD_SEAL),
					LOAD_ALIVE);
	if (result == 0)
		result = check(container);
	if (result < 0)
		return result;
	container->argv = cli->words + (strcmp(cli->words[1], "--") == 0 ? 2 : 1);
	if (!container->argv[0])
		return ctx_fail(ctx, 0, "no command given: contain exec [FLAGS] ID [--] COMMAND [ARGUMENTS]");
	container->mode =
		(struct mode){ .detached = flags->detach,
			       .terminal = terminal_wanted(flags->terminal, flags->no_terminal || flags->detach) };
	result = set_process(container, flags);
	if (result == 0 && flags->detach)
		return run_detached(container);
	if (result == 0)
		result = terminal_leave(ctx);
	return result < 0 ? result : terminal_live(container, container_join);
}

int cmd_exec(struct cli *cli)
{
	const struct exec_flags *flags;
	struct container container;
	int result = cli_read_words(cli, false), status;

	if (result != 0)
		return result < 0 ? STATUS_FAILED : 0;
	flags = cli->own.self;
	cli_open(cli, &container);
	result = run(cli, &container);
	status = result < 0 ? container.wanted_status : flags->detach ? 0 : container.status;
	if (result < 0)
		ctx_log_failure(&container.ctx);
	status = trace_write(&container, status);
	container_free(&container);
	return status;
}
