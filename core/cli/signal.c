/* SPDX-License-Identifier: MIT */
/* contain kill and stop: signals to a container. */
#include <contain/plugin.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/pidfd.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/signals.h"
#include "cli/cli.h"
#include "cli/own_flags.h"
#include "container/command.h"
#include "container/container.h"

int check_signal(const char *text, void *value, char *why, size_t why_size)
{
	(void)value;
	if (signal_parse(text) > 0)
		return 0;
	snprintf(why, why_size, "is no signal: give a name such as TERM, HUP or RTMIN+1, or a number");
	return -EINVAL;
}

const struct contain_option kill_options[] = {
	CONTAIN_BOOL_OPTION(struct kill_flags, all, "all", .flag = "all", .short_flag = 'a',
			    .help = "to all processes of the container"),
	CONTAIN_STRING_OPTION(struct kill_flags, signal, "signal", .flag = "signal", .short_flag = 's',
			      .metavar = "SIGNAL", .help = "which one, by name or number: TERM, SIGTERM, 15, RTMIN+1", .parse = check_signal),
	CONTAIN_OPTIONS_END
};

const struct contain_option stop_options[] = {
	CONTAIN_STRING_OPTION(struct stop_flags, signal, "signal", .initial = "TERM", .flag = "signal",
			      .short_flag = 's', .metavar = "SIGNAL", .help = "ask by this one instead of TERM",
			      .parse = check_signal),
	CONTAIN_INT_OPTION(struct stop_flags, seconds, "time", .initial = "10", .min = 0, .max = 1000000,
			   .flag = "time", .short_flag = 't', .metavar = "SECONDS",
			   .help = "wait so long before the kill (10)"),
	CONTAIN_OPTIONS_END
};

/* ---- kill -------------------------------------------------------------------------------------------------------- */

/* A pid that we read may be another's by now: so the descriptor first, and then see whether it is still in the list. */
static int signal_listed(struct contain_ctx *ctx, int number)
{
	_cleanup_free_ pid_t *pids = NULL;
	size_t count;
	int result = cgroups_processes(ctx, &pids, &count);

	if (result == -ENOENT)
		return ctx_fail(ctx, 0, "the container '%s' has no cgroup to find its processes in", ctx->id);
	for (size_t i = 0; result == 0 && i < count; i++) {
		_cleanup_close_ int pidfd = pidfd_open(pids[i], 0);
		_cleanup_free_ pid_t *again = NULL;
		size_t left;

		if (pidfd < 0)
			continue;
		result = cgroups_processes(ctx, &again, &left);
		for (size_t j = 0; result == 0 && j < left; j++) {
			if (again[j] == pids[i])
				pidfd_send_signal(pidfd, number, NULL, 0);
		}
	}
	return result;
}

/* Whether a process is left, which may live on where the first one was not that of a pid namespace. */
static bool is_populated(struct contain_ctx *ctx)
{
	_cleanup_free_ pid_t *pids = NULL;
	size_t count = 0;

	return cgroups_processes(ctx, &pids, &count) == 0 && count > 0;
}

static int signal_container(struct container *container, int number, bool all)
{
	struct contain_ctx *ctx = &container->ctx;
	int result = 0;

	if (all && container->pidfd < 0 && !is_populated(ctx))
		return ctx_fail(ctx, 0, "the container '%s' is not running", ctx->id);
	if (all && number == SIGKILL)
		return cgroups_kill(ctx);
	if (all)
		return signal_listed(ctx, number);
	if (pidfd_send_signal(container->pidfd, number, NULL, 0) < 0)
		result = errno == ESRCH ? ctx_fail(ctx, 0, "the container '%s' is not running", ctx->id)
					: ctx_fail(ctx, errno, "can't send a signal to the container '%s'", ctx->id);
	/* What the v1 freezer has stopped dies when it is let go (freezer-subsystem.rst); in cgroup2 it dies anyway. */
	if (result == 0 && number == SIGKILL && cgroups_are_frozen(&ctx->record))
		result = cgroups_freeze(ctx, false);
	return result;
}

int cmd_kill(struct cli *cli)
{
	const struct kill_flags *flags;
	struct container container;
	char why[128];
	const char *name;
	int result = cli_read_words(cli, true);

	if (result != 0)
		return result < 0 ? STATUS_FAILED : 0;
	flags = cli->own.self;
	name = cli->word_count > 1 ? cli->words[1] : flags->signal ? flags->signal : "TERM";
	if (check_signal(name, NULL, why, sizeof(why)) < 0) {
		log_line(&cli->log, LOG_ERROR, "'%s' %s", name, why);
		return STATUS_FAILED;
	}
	cli_open(cli, &container);
	result = container_load(&container, cli->global.root, cli->words[0], 0,
				LOAD_RECORD | (flags->all ? 0 : LOAD_ALIVE));
	if (result == 0)
		result = signal_container(&container, signal_parse(name), flags->all);
	return cli_close(&container, result) < 0 ? STATUS_FAILED : 0;
}

/* ---- stop -------------------------------------------------------------------------------------------------------- */

/* 1: it has ended, as it was asked to; 0: it has to be killed. */
static int ask_to_end(struct container *container, const struct stop_flags *flags)
{
	struct contain_ctx *ctx = &container->ctx;
	int number = signal_parse(flags->signal), result;
	struct life life;
	bool ignored;

	container_life(container, &life);
	/* What waits for its start waits for nothing else. */
	if (life.status == LIFE_CREATED)
		return 0;
	/* Asked before: whoever cleans up may have set it back to the default meanwhile. */
	ignored = container_ignores(container, number);
	result = signal_container(container, number, false);
	/* A signal that waits in the freezer is nothing that anybody can act upon. */
	if (result == 0 && cgroups_are_frozen(&ctx->record))
		result = cgroups_freeze(ctx, false);
	if (result == 0 && ignored)
		log_line(&ctx->log, LOG_INFO, "the command of '%s' does not catch the signal: killing it", ctx->id);
	return result < 0 || ignored ? result : container_await_end(container, flags->seconds * 1000);
}

static int stop(struct cli *cli, const char *id)
{
	struct container container;
	int result;

	cli_open(cli, &container);
	result = container_load(&container, cli->global.root, id, 0, LOAD_RECORD | LOAD_ALIVE);
	/* That is what was wanted. */
	if (result == -ESRCH) {
		container.ctx.failure.err = 0;
		return cli_close(&container, container_await_owner(&container));
	}
	if (result == 0)
		result = ask_to_end(&container, cli->own.self);
	if (result == 0) {
		result = signal_container(&container, SIGKILL, false);
		if (result == 0)
			result = container_await_end(&container, -1);
	}
	if (result >= 0)
		result = container_await_owner(&container);
	return cli_close(&container, result);
}

int cmd_stop(struct cli *cli)
{
	return cli_for_each(cli, stop);
}
