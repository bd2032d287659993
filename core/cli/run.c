/* SPDX-License-Identifier: MIT */
/* contain run: create, start, wait and delete of one container. */
#include <contain/plugin.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cli/flags.h"
#include "cli/report.h"
#include "container/command.h"
#include "container/container.h"

void help_run(struct cli *cli)
{
	_cleanup_text_ struct text errors = { 0 };
	struct flags flags = { .cli = cli };

	printf("Usage: contain run [FLAGS] -- COMMAND [ARGUMENTS]\n\n"
	       "Run a command in a container, and wait for its end. The profile says which plugins isolate it; a flag of a\n"
	       "plugin switches that plugin on. The exit status is the command's own, 128 and the signal's number if one\n"
	       "ended it, 125 if contain failed, 126 if the command can't be executed, 127 if it is not found.\n");
	help_options("Flags:", NULL, run_options);
	help_options(NULL, NULL, process_options);
	help_options(NULL, NULL, global_options);
	help_options("Of the core, without a flag:", "cgroup", cgroup_options);
	if (catalog_init(&flags.catalog, cli->global.plugin_dirs.items, cli->global.plugin_dirs.count, cli->prefix,
			 &errors) == 0)
		catalog_load_all(&flags.catalog, &errors);
	for (size_t i = 0; i < flags.catalog.module_count; i++) {
		const struct module *module = flags.catalog.modules[i];
		_cleanup_text_ struct text heading = { 0 };

		text_printf(&heading, "Of the plugin %s (%s):", module->name,
			    module->api.summary ? module->api.summary : "");
		help_options(text_peek(&heading), module->name, module->options);
		if (!module->options->key)
			printf("\n%s\n      --enable %s, --disable %s\n", text_peek(&heading), module->name,
			       module->name);
	}
	cli_log_errors(cli, &errors);
	flags_free(&flags);
}

/* The whole life. Returns the exit status; every failure was told. */
static int live(struct container *container, int file)
{
	struct contain_ctx *ctx = &container->ctx;
	int status, result = container_create(container);
	bool reported = false;

	if (result == 0)
		result = container_start(container);
	if (result == 0)
		result = container_wait(container);
	status = result == 0 ? container->status : container->wanted_status;
	if (result == 0 && (result = report_write(container, file, &reported)) < 0)
		status = STATUS_FAILED;
	if (result < 0)
		ctx_log_failure(ctx);
	if (result < 0 && file >= 0 && !reported)
		report_failure(container, status, file);
	return container_delete(container) < 0 ? STATUS_FAILED : status;
}

/*
 * A terminal that is another job's: the command is in a session of its own, where nothing stops it from reading what is
 * typed at the shell (termios(3), job control). It gets no keyboard.
 */
static int leave_terminal(struct contain_ctx *ctx)
{
	int null;

	if (!isatty(STDIN_FILENO) || tcgetpgrp(STDIN_FILENO) < 0 || tcgetpgrp(STDIN_FILENO) == getpgrp())
		return 0;
	null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (null < 0 || dup2(null, STDIN_FILENO) < 0)
		return ctx_fail(ctx, errno, "can't take the terminal from the command");
	close(null);
	log_line(&ctx->log, LOG_WARNING, "started in the background: the command gets no input from the terminal");
	return 0;
}

static int name_container(struct container *container, const struct flags *flags)
{
	struct contain_ctx *ctx = &container->ctx;

	if (flags->run.name) {
		snprintf(ctx->id, sizeof(ctx->id), "%s", flags->run.name);
		return 0;
	}
	return state_id_new(ctx->id) < 0 ? ctx_fail(ctx, errno, "can't make up a name for the container") : 0;
}

static int check_words(struct cli *cli, struct contain_ctx *ctx)
{
	struct stat st;

	if (cli->at >= cli->argc)
		return ctx_fail(ctx, 0, "no command given: contain run [FLAGS] -- COMMAND [ARGUMENTS]");
	/* Through /proc/self/fd it would be the way out of the container's root (CVE-2024-21626). */
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode))
			return ctx_fail(
				ctx, 0,
				"descriptor %d is a directory of the host: give the command a file or /dev/null", fd);
	}
	if (geteuid() != 0)
		return ctx_fail(ctx, 0, "contain run needs root (namespaces, mounts and cgroups): run it with sudo");
	return 0;
}

static int run(struct cli *cli, struct flags *flags)
{
	struct container container;
	struct contain_ctx *ctx = &container.ctx;
	_cleanup_text_ struct text errors = { 0 };
	_cleanup_close_ int file = -1;
	int status = STATUS_FAILED, result;

	container_init(&container);
	ctx->log = cli->log;
	container.argv = cli->argv + cli->at;
	container.root = cli->global.root;
	/* With both on a terminal it is a dialogue, and the command gets the keyboard; a pipeline keeps it. */
	container.use_terminal = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) &&
				 tcgetpgrp(STDIN_FILENO) == getpgrp() &&
				 tcgetattr(STDIN_FILENO, &container.terminal) == 0;
	result = check_words(cli, ctx);
	if (result == 0)
		result = leave_terminal(ctx);
	if (result == 0)
		result = name_container(&container, flags);
	text_add(&errors, text_peek(&flags->mistakes));
	if (result == 0)
		result = container_resolve(&container, &flags->profile, &flags->catalog, &errors);
	if (result == 0 && flags->run.report)
		result = file = report_open(ctx, flags->run.report);
	if (result >= 0) {
		status = live(&container, file);
	} else {
		if (errors.length == 0 && !ctx->failure.err)
			ctx_fail(ctx, -result, "can't prepare the run");
		cli_log_errors(cli, &errors);
		if (ctx->failure.err)
			ctx_log_failure(ctx);
	}
	container_free(&container);
	return status;
}

int cmd_run(struct cli *cli)
{
	struct flags flags;
	int status = STATUS_FAILED;

	if (flags_read(&flags, cli) == 0) {
		status = 0;
		if (cli->help)
			help_run(cli);
		else
			status = run(cli, &flags);
	}
	flags_free(&flags);
	return status;
}
