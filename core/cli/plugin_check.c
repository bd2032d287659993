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

/* ---- findings ---------------------------------------------------------------------------------------------------- */

int scenario_begin(struct check *check, const char *name, enum audit_act act, enum phase phase)
{
	struct scenario *more = reallocarray(check->scenarios, check->scenario_count + 1, sizeof(*more));

	if (!more)
		return -ENOMEM;
	check->scenarios = more;
	more[check->scenario_count] = (struct scenario){ 0 };
	snprintf(more[check->scenario_count].name, sizeof(more->name), "%s", name);
	check->scenario_count++;
	audit_reset(&check->audit, act, phase);
	return 0;
}

static void raise_outcome(struct scenario *scenario, enum rule rule)
{
	enum outcome outcome = rule_level(rule) == RULE_ERROR ? OUTCOME_FAILED : OUTCOME_WARNING;

	if (scenario->outcome < outcome)
		scenario->outcome = outcome;
}

/* The same rule in the same hook, or of the same kind of thing that is left, is one finding, however often it is seen.
 */
static struct finding *find_known(const struct check *check, enum rule rule, enum phase phase, const char *detail)
{
	for (size_t i = 0; i < check->finding_count; i++) {
		struct finding *one = &check->findings[i];

		if (one->rule != rule)
			continue;
		if (rule >= RULE_LEFT_MOUNT || (one->phase == phase && rule >= RULE_DESCRIPTOR_LEAK) ||
		    strcmp(one->detail, detail) == 0)
			return one;
	}
	return NULL;
}

void scenario_find(struct check *check, enum rule rule, enum phase phase, const char *detail)
{
	size_t now = check->scenario_count - 1;
	struct finding *known = find_known(check, rule, phase, detail), *more;
	char *copy;

	if (known && known->last != now) {
		known->last = now;
		known->also++;
		check->scenarios[now].repeats = true;
	}
	raise_outcome(&check->scenarios[now], rule);
	if (known)
		return;
	copy = strdup(detail);
	more = reallocarray(check->findings, check->finding_count + 1, sizeof(*more));
	if (more)
		check->findings = more;
	if (!more || !copy) {
		free(copy);
		return;
	}
	more[check->finding_count++] =
		(struct finding){ .rule = rule, .phase = phase, .detail = copy, .scenario = now, .last = now };
}

static void take_times(struct check *check)
{
	const struct audit_page *page = check->audit.page;

	for (unsigned i = 0; i < page->call_count && i < AUDIT_CALLS; i++) {
		const struct audit_call *call = &page->calls[i];
		struct hook_time *time = call->phase < PHASE_COUNT ? &check->times[call->phase] : NULL;

		if (!time || !call->ended)
			continue;
		time->least = time->calls == 0 || call->usec < time->least ? call->usec : time->least;
		time->most = call->usec > time->most ? call->usec : time->most;
		time->is_child = call->is_child;
		time->calls++;
	}
}

void scenario_end(struct check *check)
{
	const struct audit_page *page = check->audit.page;

	for (unsigned i = 0; i < page->finding_count && i < AUDIT_FINDINGS; i++)
		scenario_find(check, page->findings[i].rule, page->findings[i].phase, page->findings[i].detail);
	take_times(check);
}

/* Each time: a busy machine makes any hook slow once. */
static void find_slow(struct check *check)
{
	for (enum phase phase = PHASE_CONFIGURE; phase < PHASE_COUNT; phase++) {
		const struct hook_time *time = &check->times[phase];
		char detail[96];

		if (time->calls == 0 || time->least < SLOW_USEC)
			continue;
		snprintf(detail, sizeof(detail), "it takes %lld ms or more each time; below %d ms is fine",
			 (long long)time->least / 1000, SLOW_USEC / 1000);
		scenario_find(check, RULE_SLOW, phase, detail);
	}
}

int scenario_skip(struct check *check, const char *name, const char *note)
{
	int result = scenario_begin(check, name, AUDIT_WATCH, PHASE_NONE);

	if (result < 0)
		return result;
	check->scenarios[check->scenario_count - 1].outcome = OUTCOME_SKIPPED;
	snprintf(check->scenarios[check->scenario_count - 1].note, AUDIT_DETAIL, "%s", note);
	return 0;
}

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
	result = catalog_init(&catalog, cli->global.plugin_dirs.items, cli->global.plugin_dirs.count, cli->prefix,
			      &errors);
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
	find_slow(check);
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
	int status = 0;

	if (flags->json)
		fputs("[", stdout);
	for (size_t i = 0; i < cli->word_count; i++) {
		struct check check = *common;

		if (check_one(&check, cli->words[i]) < 0 || check.interrupted)
			status = STATUS_FAILED;
		else if (check_verdict(&check) == OUTCOME_FAILED && status == 0)
			status = CHECK_FAILED;
		if (check.scenario_count > 0)
			flags->json ? show_json(&check, i == 0) : show_text(&check);
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
