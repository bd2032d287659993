/* SPDX-License-Identifier: MIT */
/* contain run: create, start, wait and delete of one container; and contain create, the first of these. */
#include <contain/plugin.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "cli/background.h"
#include "cli/flags.h"
#include "cli/own_flags.h"
#include "cli/report.h"
#include "cli/run.h"
#include "cli/terminal.h"
#include "cli/trace.h"
#include "container/command.h"
#include "container/container.h"
#include "plugin/audit.h"

const struct contain_option run_options[] = {
	CONTAIN_BOOL_OPTION(struct run_flags, detach, "detach", .flag = "detach", .short_flag = 'd',
			    .help = "run in the background, and print the container's id"),
	CONTAIN_BOOL_OPTION(struct run_flags, remove, "rm", .flag = "rm",
			    .help = "with -d: delete the container when it has ended (else it always is)"),
	CONTAIN_BOOL_OPTION(struct run_flags, interactive, "interactive", .flag = "interactive", .short_flag = 'i',
			    .help = "with -d: keep standard input open, for attach (else it always is)"),
	CONTAIN_BOOL_OPTION(struct run_flags, terminal, "tty", .flag = "tty", .short_flag = 't',
			    .help = "a terminal for the command (on a terminal it gets one anyway)"),
	CONTAIN_BOOL_OPTION(struct run_flags, no_terminal, "no_tty", .flag = "no-tty", .short_flag = 'T',
			    .help = "no terminal for the command"),
	CONTAIN_STRING_OPTION(struct run_flags, report, "report", .flag = "report", .metavar = "FILE",
			      .help = "write what was used to this file, as JSON"),
	CONTAIN_OPTIONS_END
};

/* The whole life. Returns the exit status; every failure was told. */
static int run_here(struct container *container, int file)
{
	struct contain_ctx *ctx = &container->ctx;
	int status, result = container_create(container, false);
	bool reported = false;

	if (result == 0)
		result = terminal_live(container, container_start);
	status = result == 0 ? container->status : container->wanted_status;
	if (result == 0 && (result = report_write(container, file, &reported)) < 0)
		status = STATUS_FAILED;
	if (result < 0)
		ctx_log_failure(ctx);
	if (result < 0 && file >= 0 && !reported)
		report_failure(container, status, file);
	return container_delete(container, false) < 0 ? STATUS_FAILED : status;
}

int cli_print_id(struct contain_ctx *ctx)
{
	char line[ID_SIZE + 1];
	int length = snprintf(line, sizeof(line), "%s\n", ctx->id);
	int result = fd_write_all(STDOUT_FILENO, line, (size_t)length);

	return result < 0 ? ctx_fail(ctx, -result, "can't print the container's id") : 0;
}

/* Nothing of ours stays: what it is now is what others find. */
static int create_here(struct container *container)
{
	struct contain_ctx *ctx = &container->ctx;

	if (container_create(container, true) == 0 && cli_print_id(ctx) == 0)
		return 0;
	ctx_log_failure(ctx);
	container_delete(container, false);
	return container->wanted_status;
}

int run_name(struct container *container, const struct flags *flags)
{
	struct contain_ctx *ctx = &container->ctx;

	if (flags->create.name) {
		snprintf(ctx->id, sizeof(ctx->id), "%s", flags->create.name);
		return 0;
	}
	return state_id_new(ctx->id) < 0 ? ctx_fail(ctx, errno, "can't make up a name for the container") : 0;
}

int cli_check_descriptors(struct contain_ctx *ctx)
{
	struct stat st;

	/* Through /proc/self/fd it would be the way out of the container's root (CVE-2024-21626). */
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode))
			return ctx_fail(
				ctx, 0,
				"descriptor %d is a directory of the host: give the command a file or /dev/null", fd);
	}
	return 0;
}

static int check_words(struct cli *cli, struct contain_ctx *ctx)
{
	int result;

	if (cli->at >= cli->argc)
		return ctx_fail(ctx, 0, "no command given: contain %s [FLAGS] -- COMMAND [ARGUMENTS]",
				cli->command->name);
	result = cli_check_descriptors(ctx);
	if (result == 0 && geteuid() != 0)
		return ctx_fail(ctx, 0, "contain %s needs root (namespaces, mounts and cgroups): run it with sudo",
				cli->command->name);
	return result;
}

int run_set_mode(struct container *container, const struct run_flags *run)
{
	struct mode *mode = &container->mode;
	struct contain_ctx *ctx = &container->ctx;

	if (run->terminal && run->no_terminal)
		return ctx_fail(ctx, 0, "--tty and --no-tty exclude each other: give one of the two");
	mode->detached = run->detach;
	/* In the foreground --rm and -i ask for what is so anyway. */
	mode->kept = run->detach && !run->remove;
	mode->interactive = run->detach && (run->interactive || run->terminal);
	mode->terminal = terminal_wanted(run->terminal, run->no_terminal || run->detach);
	return 0;
}

static int prepare(struct cli *cli, struct flags *flags, struct container *container, const struct run_flags *run,
		   struct text *errors)
{
	struct contain_ctx *ctx = &container->ctx;
	int result;

	container->argv = cli->argv + cli->at;
	container->root = container->ctx.root = cli->global.root;
	result = trace_start(cli, container, "flags, profile, plugins", flags->create.trace);
	if (result == 0)
		result = check_words(cli, ctx);
	if (result == 0 && run)
		result = run_set_mode(container, run);
	else
		container->mode = (struct mode){ .detached = true, .kept = true };
	if (result == 0 && run && !run->detach)
		result = terminal_leave(ctx);
	if (result == 0)
		result = run_name(container, flags);
	text_add(errors, text_peek(&flags->mistakes));
	return result < 0 ? result : container_resolve(container, &flags->profile, &flags->catalog, errors);
}

void run_tell_failure(struct cli *cli, struct contain_ctx *ctx, const struct text *errors, int result)
{
	if (errors->length == 0 && !ctx->failure.err)
		ctx_fail(ctx, -result, "can't prepare the run");
	cli_log_errors(cli, errors);
	if (ctx->failure.err)
		ctx_log_failure(ctx);
}

static int make(struct cli *cli, struct flags *flags, const struct run_flags *run)
{
	struct container container;
	struct contain_ctx *ctx = &container.ctx;
	_cleanup_text_ struct text errors = { 0 };
	_cleanup_close_ int file = -1;
	struct inherited inherited = { 0 };
	int status = STATUS_FAILED, result = 0;
	bool monitored = false;

	container_init(&container);
	ctx->log = cli->log;
	if (cli->audit)
		result = audit_attach(cli->audit, ctx, true);
	if (result == 0 && run && run->detach)
		result = inherited_find(&inherited, ctx);
	if (result == 0)
		result = prepare(cli, flags, &container, run, &errors);
	if (result == 0 && run && run->report)
		result = file = container.ending.report = report_open(ctx, run->report);
	if (result < 0) {
		run_tell_failure(cli, ctx, &errors, result);
	} else if (!run) {
		status = create_here(&container);
	} else if (run->detach) {
		monitored = true;
		status = background_run(&container, file, &inherited);
	} else {
		status = run_here(&container, file);
	}
	/* A monitor writes it when the container has ended. */
	status = monitored ? status : trace_write(&container, status);
	container_free(&container);
	inherited_free(&inherited);
	return status;
}

static int read_and_make(struct cli *cli, bool is_run)
{
	struct flags flags;
	int status = STATUS_FAILED;

	if (flags_read(&flags, cli, cli->command->options) == 0) {
		if (cli->help) {
			help_command(cli, cli->command);
			status = 0;
		} else if (cli_fill(cli) == 0) {
			status = make(cli, &flags, is_run ? cli->own.self : NULL);
		}
	}
	flags_free(&flags);
	return status;
}

int cmd_run(struct cli *cli)
{
	return read_and_make(cli, true);
}

int cmd_create(struct cli *cli)
{
	return read_and_make(cli, false);
}
