/* SPDX-License-Identifier: MIT */
/* The lives and endings that a plugin is put to. */
#include <contain/plugin.h>

#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cli/plugin_check.h"
#include "container/command.h"

/* ---- the lives --------------------------------------------------------------------------------------------------- */

static bool has_hook(const struct check *check, enum phase phase)
{
	return check->facts->hooks & 1U << phase;
}

static void find_changed(void *user, enum rule rule, const char *what)
{
	const struct trial *trial = user;
	char detail[AUDIT_DETAIL];

	(void)rule;
	snprintf(detail, sizeof(detail), "two reports and a check make a difference: %s", what);
	scenario_find(trial->check, RULE_REPORT_CHANGES, PHASE_REPORT, detail);
}

/* Report twice, and check, change nothing that can be seen. */
static void try_report(struct trial *trial)
{
	struct check *check = trial->check;
	_cleanup_text_ struct text before = { 0 }, after = { 0 };
	char error[AUDIT_DETAIL];

	if (!has_hook(check, PHASE_REPORT) && !has_hook(check, PHASE_CHECK))
		return;
	world_look(check->world, check->id, &before);
	if (!trial_visit(check, body_report, error, sizeof(error)))
		scenario_find(check, RULE_RUN, PHASE_REPORT, error);
	world_look(check->world, check->id, &after);
	world_compare(&after, &before, find_changed, trial);
	world_compare(&before, &after, find_changed, trial);
}

/* With the values that it has. */
static void try_update(struct trial *trial)
{
	struct check *check = trial->check;
	struct scenario *scenario = &check->scenarios[check->scenario_count - 1];
	unsigned before = check->audit.page->call_count;
	char error[AUDIT_DETAIL];

	if (!has_hook(check, PHASE_UPDATE))
		return;
	if (!trial_visit(check, body_update, error, sizeof(error)))
		scenario_find(check, RULE_UPDATE, PHASE_UPDATE, error);
	else if (check->audit.page->call_count == before && !*scenario->note)
		snprintf(scenario->note, sizeof(scenario->note),
			 "without update: give a value that may change behind --");
}

/* Until the command runs, and with it all that a hook of this plugin does then. */
static bool until_running(struct trial *trial)
{
	struct check *check = trial->check;
	enum news news = subject_await(check, &trial->run, check->hello);
	char byte;

	/* The end of its output: it has never run. */
	if (news == NEWS_FD && read(check->hello, &byte, 1) != 1)
		return false;
	if (news == NEWS_FD && has_hook(check, PHASE_PARENT_STARTED))
		news = subject_await(check, &trial->run, check->audit.event);
	if (news == NEWS_LATE)
		trial_give_up(trial);
	return news == NEWS_FD;
}

/* Until it has ended as it is told to. */
static void until_end(struct trial *trial, int wanted)
{
	enum news news;

	cleanup_close(&trial->check->input);
	trial->check->input = -1;
	news = trial->run.pid > 0 && !trial->check->interrupted ? subject_await(trial->check, &trial->run, -1)
								: NEWS_INTERRUPT;
	if (news == NEWS_LATE)
		trial_give_up(trial);
	if (news != NEWS_END)
		return;
	subject_end(&trial->run);
	if (!WIFEXITED(trial->run.status) || WEXITSTATUS(trial->run.status) != wanted)
		trial_find_failure(trial, wanted ? "the run did not fail" : "the run failed");
}

static int plain_run(struct check *check)
{
	struct trial trial;
	int result = trial_begin(&trial, check, "a plain run", AUDIT_WATCH, PHASE_NONE);
	struct scenario *scenario = &check->scenarios[check->scenario_count - 1];

	if (check->world->is_blind)
		snprintf(scenario->note, sizeof(scenario->note), "files that are left are not seen: no overlay here");

	if (result == 0 && until_running(&trial)) {
		try_report(&trial);
		try_update(&trial);
	}
	if (result == 0)
		until_end(&trial, 0);
	trial_end(&trial);
	return result;
}

static int teardown_twice(struct check *check)
{
	struct trial trial;
	int result = trial_begin(&trial, check, "teardown twice in a row", AUDIT_TWICE, PHASE_TEARDOWN);

	if (result == 0)
		until_end(&trial, 0);
	trial_end(&trial);
	return result;
}

static int fault(struct check *check, enum phase phase)
{
	struct trial trial;
	char name[64];
	int result;

	snprintf(name, sizeof(name), "a fault after %s", phase_name(phase));
	result = trial_begin(&trial, check, name, AUDIT_FAIL, phase);
	/* Of a hook that comes after the command's end. */
	if (result == 0)
		until_end(&trial, STATUS_FAILED);
	trial_end(&trial);
	return result;
}

static int killed(struct check *check, enum phase phase)
{
	struct trial trial;
	char name[64];
	enum news news;
	int result;

	snprintf(name, sizeof(name), "killed after %s", phase_name(phase));
	result = trial_begin(&trial, check, name, AUDIT_STOP, phase);
	if (result == 0) {
		/* The command ends at once, for hooks that come after that. */
		cleanup_close(&check->input);
		check->input = -1;
		news = subject_await(check, &trial.run, check->audit.event);
		if (news == NEWS_LATE)
			trial_give_up(&trial);
		subject_end(&trial.run);
		if (news == NEWS_END)
			trial_find_failure(&trial, "the hook was not called");
		/* A process that a hook has left would hold the lock of the state, and be all that is found. */
		trial_reap_orphans(&trial);
		trial_remove_elsewhere(&trial);
	}
	trial_end(&trial);
	return result;
}

static const enum phase fault_phases[] = { PHASE_CONFIGURE,   PHASE_PARENT_PREPARE, PHASE_PARENT_ATTACH,
					   PHASE_CHILD_SETUP, PHASE_CHILD_SWITCH,   PHASE_CHILD_ENTER,
					   PHASE_CHILD_SEAL,  PHASE_PARENT_STARTED, PHASE_REPORT,
					   PHASE_TEARDOWN };

int check_life(struct check *check)
{
	const size_t count = sizeof(fault_phases) / sizeof(*fault_phases);
	int result;

	check->works = true;
	result = plain_run(check);

	if (result < 0 || check->interrupted)
		return result;
	/* What can't live can't be killed either. */
	if (!check->works)
		return scenario_skip(check, "other endings", "the plain run has to work first");
	if (has_hook(check, PHASE_TEARDOWN))
		result = teardown_twice(check);
	/* A fault in teardown is what it may do; being killed there leaves the rest to the next one. */
	for (size_t i = 0; result == 0 && !check->interrupted && i < count; i++) {
		if (has_hook(check, fault_phases[i]) && fault_phases[i] != PHASE_TEARDOWN)
			result = fault(check, fault_phases[i]);
	}
	for (size_t i = 0; result == 0 && !check->interrupted && i < count; i++) {
		if (has_hook(check, fault_phases[i]))
			result = killed(check, fault_phases[i]);
	}
	return result;
}
