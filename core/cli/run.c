/* SPDX-License-Identifier: MIT */
/* contain run: create, start, wait and delete of one container. */
#include <contain/plugin.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/json.h"
#include "base/signals.h"
#include "cli/flags.h"
#include "container/command.h"
#include "container/container.h"

#define REPORT_PATIENCE_MSEC 5000

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

/* What is the command's output too (/dev/stdout), or the log, is added to; an old report makes place. */
static int empty_report(const struct contain_ctx *ctx, int file)
{
	const int shared[] = { STDOUT_FILENO, STDERR_FILENO, ctx->log.fd };
	struct stat st, other;

	if (fstat(file, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return 0;
	for (size_t i = 0; i < sizeof(shared) / sizeof(*shared); i++) {
		if (fstat(shared[i], &other) == 0 && other.st_dev == st.st_dev && other.st_ino == st.st_ino)
			return 0;
	}
	return ftruncate(file, 0) < 0 ? -errno : 0;
}

static int write_json(struct contain_ctx *ctx, const struct text *json, int file)
{
	int result = text_error(json);

	if (result == 0)
		result = empty_report(ctx, file);
	/* A pipe that nobody reads must not keep us from cleaning up. */
	if (result == 0 && poll(&(struct pollfd){ .fd = file, .events = POLLOUT }, 1, REPORT_PATIENCE_MSEC) == 0)
		result = -ETIMEDOUT;
	if (result == 0)
		result = fd_write_all(file, text_peek(json), json->length);
	return result < 0 ? ctx_fail(ctx, -result, "can't write the report") : 0;
}

/* Instead of a report: so that an older one is not taken for this run's. */
static void write_failure(struct container *container, int status, int file)
{
	struct contain_ctx *ctx = &container->ctx;
	_cleanup_text_ struct text json = { 0 };

	text_add(&json, "{\"id\":");
	json_string(&json, ctx->id);
	text_printf(&json, ",\"exit_status\":%d,\"signal\":null,\"error\":", status);
	json_string(&json, ctx->failure.text);
	text_add(&json, "}\n");
	write_json(ctx, &json, file);
}

/* For people: a line each; and the file, if one was asked for. */
static int write_report(struct container *container, const struct usage *usage, int file)
{
	struct contain_ctx *ctx = &container->ctx;
	_cleanup_free_ char *causes = strdup(text_peek(&usage->causes));
	_cleanup_text_ struct text json = { 0 };
	char *rest = causes, *line, name[24];

	for (size_t i = 0; i < usage->count; i++) {
		_cleanup_text_ struct text figure = { 0 };

		/* Nothing happened: news for programs only. */
		if (usage->figures[i].unit == CONTAIN_COUNT && usage->figures[i].value == 0)
			continue;
		usage_people(&usage->figures[i], &figure);
		log_line(&ctx->log, LOG_INFO, "%s", text_peek(&figure));
	}
	while ((line = strsep(&rest, "\n"))) {
		if (*line)
			log_line(&ctx->log, LOG_WARNING, "%s", line);
	}
	if (file < 0)
		return 0;
	text_add(&json, "{\"id\":");
	json_string(&json, ctx->id);
	text_printf(&json, ",\"exit_status\":%d,\"signal\":", container->status);
	if (container->signal)
		text_printf(&json, "\"%s\"", signal_text(container->signal, name));
	else
		text_add(&json, "null");
	usage_json(usage, &json);
	text_add(&json, "}\n");
	return write_json(ctx, &json, file);
}

/* *reported: it came as far as writing it. */
static int report(struct container *container, int file, bool *reported)
{
	struct contain_ctx *ctx = &container->ctx;
	struct usage usage = { 0 };
	char name[24];
	int result;

	if (container->signal)
		log_line(&ctx->log, LOG_INFO, "container exited: signal %d (%s)", container->signal,
			 signal_text(container->signal, name));
	else
		log_line(&ctx->log, LOG_INFO, "container exited: exit status %d", container->status);
	result = container_report(container, &usage);
	if (result == 0)
		result = usage_add(&usage, "wall_time", container->ended_usec - container->begun_usec, CONTAIN_USEC);
	*reported = result == 0;
	if (result == 0)
		result = write_report(container, &usage, file);
	usage_free(&usage);
	return result;
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
	if (result == 0 && (result = report(container, file, &reported)) < 0)
		status = STATUS_FAILED;
	if (result < 0)
		ctx_log_failure(ctx);
	if (result < 0 && file >= 0 && !reported)
		write_failure(container, status, file);
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

/*
 * A file, terminal or pipe to write to, "-" for standard output; opened before anything is done, so that a wrong path
 * costs nothing. What is in it stays until there is a report.
 */
static int open_report(struct contain_ctx *ctx, const char *path)
{
	/* O_NONBLOCK: a FIFO without a reader is an error, and not a wait for one. */
	const int flags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
	int fd = strcmp(path, "-") == 0 ? fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3) : open(path, flags, 0644);

	return fd < 0 ? ctx_fail(ctx, errno, "can't write the report %s", path) : fd;
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
		result = file = open_report(ctx, flags->run.report);
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
