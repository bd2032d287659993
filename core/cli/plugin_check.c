/* SPDX-License-Identifier: MIT */
/* contain plugin check: is a plugin what plugin.h asks for? */
#include <contain/plugin.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cli/plugin_check.h"
#include "container/command.h"

const struct contain_option plugin_check_options[] = {
	CONTAIN_BOOL_OPTION(struct plugin_check_flags, json, "json", .flag = "json", .help = "as JSON"),
	CONTAIN_BOOL_OPTION(struct plugin_check_flags, host, "host", .flag = "host",
			    .help = "in the host's own namespaces, for what needs its network or files"),
	CONTAIN_INT_OPTION(struct plugin_check_flags, seconds, "time_limit", .initial = "10", .flag = "time-limit",
			   .metavar = "SECONDS", .min = 1, .max = 3600,
			   .help = "how long each scratch container may take (10)"),
	CONTAIN_OPTIONS_END
};

/* ---- one file ---------------------------------------------------------------------------------------------------- */

static int fail(struct cli *cli, const char *what, const char *path, int err)
{
	log_line(&cli->log, LOG_ERROR, "%s %s: %s", what, path, strerror(err));
	return -err;
}

/* A name alone is that of an installed plugin, as for --profile; a path, of any form, is that of a file. */
static int find_file(struct check *check, const char *word)
{
	struct cli *cli = check->cli;
	_cleanup_text_ struct text errors = { 0 };
	struct catalog catalog = { 0 };
	int result;

	if (strchr(word, '/') || strchr(word, '.'))
		return realpath(word, check->path) ? 0 : fail(cli, "can't find the plugin", word, errno);
	result = cli_open_catalog(cli, &catalog, &errors);
	*check->path = '\0';
	for (size_t i = 0; result == 0 && !*check->path && i < catalog.directory_count; i++) {
		char path[PATH_MAX + 64];

		snprintf(path, sizeof(path), "%s/%.63s.so", catalog.directories[i], word);
		if (!realpath(path, check->path))
			*check->path = '\0';
	}
	catalog_free(&catalog);
	cli_log_errors(cli, &errors);
	if (result == 0 && !*check->path)
		result = fail(cli, "there is no installed plugin", word, ENOENT);
	return result;
}

/* The name that it has to have is its file's. */
static void split_path(struct check *check)
{
	char *slash;
	size_t length;

	snprintf(check->directory, sizeof(check->directory), "%s", check->path);
	slash = strrchr(check->directory, '/');
	length = strlen(slash + 1);
	if (length > 3 && strcmp(slash + 1 + length - 3, ".so") == 0)
		snprintf(check->name, sizeof(check->name), "%.*s", (int)(length - 3), slash + 1);
	*slash = '\0';
	if (slash == check->directory)
		strcpy(check->directory, "/");
}

static int prepare(struct check *check, const char *word)
{
	int result = find_file(check, word);

	if (result < 0)
		return result;
	split_path(check);
	check->facts = mmap(NULL, sizeof(*check->facts), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (check->facts == MAP_FAILED) {
		check->facts = NULL;
		return fail(check->cli, "can't check", word, errno);
	}
	result = audit_init(&check->audit, check->name);
	return result < 0 ? fail(check->cli, "can't check", word, -result) : 0;
}

static int check_one(struct check *check, const char *word)
{
	int result = prepare(check, word);

	if (result < 0)
		return result;
	check_file(check);
	if (!check->facts->loaded)
		return 0;
	if (!check->world)
		return scenario_skip(check, "scratch containers",
				     "they need root: run it with sudo to see what its hooks do");
	result = check_life(check);
	if (result < 0)
		return fail(check->cli, "can't make a scratch container for", word, -result);
	check_find_slow(check);
	return 0;
}

void check_free(struct check *check)
{
	for (size_t i = 0; i < check->finding_count; i++)
		free(check->findings[i].detail);
	free(check->findings);
	free(check->scenarios);
	if (check->facts)
		munmap(check->facts, sizeof(*check->facts));
	audit_free(&check->audit);
}

/* ---- the command ------------------------------------------------------------------------------------------------- */

/* Behind "--" are words for run. Takes them from what cli_read_words() reads. */
static char *const *take_words(struct cli *cli, size_t *count)
{
	*count = 0;
	for (int i = cli->at; i < cli->argc; i++) {
		if (strcmp(cli->argv[i], "--") != 0)
			continue;
		*count = (size_t)(cli->argc - i - 1);
		cli->argc = i;
		return cli->argv + i + 1;
	}
	return NULL;
}

static int catch_signals(void)
{
	sigset_t ends;

	sigemptyset(&ends);
	sigaddset(&ends, SIGINT);
	sigaddset(&ends, SIGTERM);
	sigaddset(&ends, SIGHUP);
	sigprocmask(SIG_BLOCK, &ends, NULL);
	return signalfd(-1, &ends, SFD_CLOEXEC);
}

static int check_all(struct cli *cli, const struct check *common)
{
	const struct plugin_check_flags *flags = common->flags;
	bool first = true;
	int status = 0;

	if (flags->json)
		fputs("[", stdout);
	for (size_t i = 0; i < cli->word_count; i++) {
		struct check check = *common;

		check.unfinished = check_one(&check, cli->words[i]) < 0 || check.interrupted;
		if (check.unfinished)
			status = STATUS_FAILED;
		else if (check_verdict(&check) == OUTCOME_FAILED && status == 0)
			status = CHECK_FAILED;
		if (check.scenario_count > 0) {
			flags->json ? show_json(&check, first) : show_text(&check);
			first = false;
		}
		check_free(&check);
		if (check.interrupted)
			break;
	}
	if (flags->json)
		fputs("\n]\n", stdout);
	return status;
}

int cmd_plugin_check(struct cli *cli)
{
	_cleanup_text_ struct text errors = { 0 };
	struct check common = { .cli = cli,
				.signals = -1,
				.input = -1,
				.hello = -1,
				.audit = { .memory = -1, .event = -1, .process = -1 } };
	struct world world;
	int status = STATUS_FAILED, result;

	common.words = take_words(cli, &common.word_count);
	result = cli_read_words(cli, true);
	if (result != 0)
		return result < 0 ? STATUS_FAILED : 0;
	common.flags = cli->own.self;
	common.signals = catch_signals();
	/* What its hooks leave running comes to us. */
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	if (geteuid() != 0) {
		status = check_all(cli, &common);
	} else {
		result = world_open(&world, cli->prefix, common.flags->host, &errors);
		common.world = &world;
		if (result == 0)
			status = check_all(cli, &common);
		cli_log_errors(cli, &errors);
		world_close(&world);
	}
	cleanup_close(&common.signals);
	return status;
}
