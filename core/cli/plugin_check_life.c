/* SPDX-License-Identifier: MIT */
/* The lives and endings that a plugin is put to, and what is there afterwards. */
#include <contain/plugin.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/signals.h"
#include "cli/plugin_check.h"
#include "container/command.h"

#define PATIENCE_MSEC 2000 /* for a process that was left to see that it is to end, */
#define HASTE_MSEC    50   /* once it is known that they don't */

/* One scratch container. */
struct life {
	struct check *check;
	struct subject run;
	struct text before;
	enum phase phase; /* of the order; PHASE_NONE */
};

/* ---- what is left ------------------------------------------------------------------------------------------------ */

static void find_left(void *user, enum rule rule, const char *what)
{
	struct life *life = user;

	/* Outside of our world; by its name it is certainly this container's. */
	if (rule == RULE_LEFT_CGROUP && strstr(what, life->check->id))
		rmdir(what);
	/* Nothing was begun, so nothing is torn down. */
	if (life->phase == PHASE_CONFIGURE && rule != RULE_LEFT_STATE)
		rule = RULE_CONFIGURE_TOUCHES;
	scenario_find(life->check, rule, life->phase, what);
}

static void find_gone(void *user, enum rule rule, const char *what)
{
	struct life *life = user;
	char detail[AUDIT_DETAIL];

	/* Files come and go under their own rule; the rest of the world is others'. */
	if (rule != RULE_LEFT_MOUNT && rule != RULE_LEFT_LINK)
		return;
	snprintf(detail, sizeof(detail), "%s, which was there before, is gone", what);
	find_left(life, rule, detail);
}

static void find_process(struct life *life, pid_t pid)
{
	char path[64], comm[32] = "?", detail[96];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/comm", pid);
	n = file_read_at(AT_FDCWD, path, comm, sizeof(comm));
	comm[n > 0 ? strcspn(comm, "\n") : 0] = '\0';
	snprintf(detail, sizeof(detail), "process %d (%s) still runs", pid, comm);
	find_left(life, RULE_LEFT_PROCESS, detail);
}

static bool was_found(const struct check *check, enum rule rule)
{
	for (size_t i = 0; i < check->finding_count; i++) {
		if (check->findings[i].rule == rule)
			return true;
	}
	return false;
}

static int patience(const struct check *check)
{
	return was_found(check, RULE_LEFT_PROCESS) ? HASTE_MSEC : PATIENCE_MSEC;
}

/* Orphans come to us (PR_SET_CHILD_SUBREAPER). Those that end by themselves, as their parent's end tells them to, may.
 */
static void reap_orphans(struct life *life)
{
	char path[64], children[4096];
	char *rest = children, *word;
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/self/task/%d/children", getpid());
	n = file_read_at(AT_FDCWD, path, children, sizeof(children));
	while (n > 0 && (word = strsep(&rest, " "))) {
		pid_t pid = atoi(word);
		_cleanup_close_ int fd = pid > 0 && pid != life->run.pid ? pidfd_open(pid, 0) : -1;

		if (fd < 0)
			continue;
		if (poll(&(struct pollfd){ .fd = fd, .events = POLLIN }, 1, patience(life->check)) == 0) {
			find_process(life, pid);
			pidfd_send_signal(fd, SIGKILL, NULL, 0);
		}
		waitpid(pid, NULL, 0);
	}
}

static void compare_worlds(struct life *life)
{
	_cleanup_text_ struct text now = { 0 };

	world_look(life->check->world, life->check->id, &now);
	world_compare(&now, &life->before, find_left, life);
	world_compare(&life->before, &now, find_gone, life);
}

/* ---- beginning and end of a life --------------------------------------------------------------------------------- */

/* The hook that had begun and did not come back; NULL if there is none. */
static const struct audit_call *unfinished(const struct audit_page *page)
{
	unsigned count = page->call_count < AUDIT_CALLS ? page->call_count : AUDIT_CALLS;

	for (unsigned i = count; i > 0; i--) {
		if (!page->calls[i - 1].ended)
			return &page->calls[i - 1];
	}
	return NULL;
}

static int open_pipes(struct life *life, int *input, int *output)
{
	int in[2], out[2];

	if (pipe2(in, O_CLOEXEC) < 0)
		return -errno;
	*input = in[0];
	life->check->input = in[1];
	if (pipe2(out, O_CLOEXEC) < 0)
		return -errno;
	life->check->hello = out[0];
	*output = out[1];
	return 0;
}

static int begin(struct life *life, struct check *check, const char *name, enum audit_act act, enum phase phase)
{
	_cleanup_close_ int input = -1, output = -1;
	int result = scenario_begin(check, name, act, phase);

	*life = (struct life){ .check = check, .run = { .pidfd = -1, .log = -1 }, .phase = phase };
	if (result < 0)
		return result;
	snprintf(check->id, sizeof(check->id), "check-%d-%u", getpid(), check->serial++);
	world_look(check->world, check->id, &life->before);
	result = open_pipes(life, &input, &output);
	return result < 0 ? result : subject_start(check, &life->run, input, output, body_run);
}

/* Another process, with a time limit. Whether it succeeded; else its error is in `error`. */
static bool visit(struct check *check, int (*body)(struct check *), char *error, size_t size)
{
	struct subject visitor;
	int result = subject_start(check, &visitor, -1, -1, body);
	enum news news;

	if (result < 0) {
		snprintf(error, size, "%s", strerror(-result));
		return false;
	}
	news = subject_await(check, &visitor, -1);
	subject_end(&visitor);
	subject_error(&visitor, error, size);
	cleanup_close(&visitor.log);
	if (news == NEWS_LATE)
		snprintf(error, size, "it has not ended after %lld s", (long long)check->flags->seconds);
	else if (!*error)
		snprintf(error, size, "its process ended with status %#x", (unsigned)visitor.status);
	return news == NEWS_END && visitor.status == 0;
}

/* Somebody else removes what is left. */
static void remove_elsewhere(struct life *life)
{
	struct check *check = life->check;
	char error[AUDIT_DETAIL];

	check->audit.page->elsewhere = true;
	if (!visit(check, body_remove, error, sizeof(error)) && !check->interrupted)
		scenario_find(check, RULE_TEARDOWN_ELSEWHERE, PHASE_TEARDOWN, error);
}

/* The hook that failed, if the run went wrong by that; PHASE_NONE. */
static enum phase failed_hook(const struct audit_page *page)
{
	for (unsigned i = 0; i < page->call_count && i < AUDIT_CALLS; i++) {
		if (page->calls[i].ended && page->calls[i].result != 0)
			return page->calls[i].phase;
	}
	return PHASE_NONE;
}

/* Whether the page says already why the run has failed. */
static bool is_explained(const struct audit_page *page)
{
	for (unsigned i = 0; i < page->finding_count && i < AUDIT_FINDINGS; i++) {
		if (page->findings[i].rule == RULE_RESULT || page->findings[i].rule == RULE_TEARDOWN)
			return true;
	}
	return false;
}

/* By whom, and where, if a hook did not come back. */
static void find_failure(struct life *life, const char *otherwise)
{
	struct check *check = life->check;
	const struct audit_page *page = check->audit.page;
	const struct audit_call *call = unfinished(page);
	char error[AUDIT_DETAIL], detail[AUDIT_DETAIL + 96], name[24];
	int status = life->run.status;

	check->works = false;
	subject_error(&life->run, error, sizeof(error));
	if (!call && !is_explained(page))
		scenario_find(check, RULE_RUN, failed_hook(page), *error ? error : otherwise);
	if (!call)
		return;
	if (WIFSIGNALED(status))
		snprintf(detail, sizeof(detail), "it ends contain itself: %s", signal_text(WTERMSIG(status), name));
	else
		snprintf(detail, sizeof(detail), "its process does not come back: %s", *error ? error : otherwise);
	scenario_find(check, RULE_CRASH, call->phase, detail);
	if (WIFSIGNALED(status))
		remove_elsewhere(life);
}

/* It does not end, or a hook does not: end it. */
static void give_up(struct life *life)
{
	const struct audit_call *call = unfinished(life->check->audit.page);
	char detail[96];

	snprintf(detail, sizeof(detail), "%s after %lld s", call ? "it has not come back" : "the run has not ended",
		 (long long)life->check->flags->seconds);
	scenario_find(life->check, RULE_HANG, call ? call->phase : PHASE_NONE, detail);
	life->check->works = false;
	subject_end(&life->run);
	remove_elsewhere(life);
}

static void end(struct life *life)
{
	struct check *check = life->check;
	char path[2 * PATH_MAX];

	/* What it should have removed is the finding; of one that was interrupted nothing is. */
	subject_end(&life->run);
	if (check->interrupted)
		remove_elsewhere(life);
	reap_orphans(life);
	compare_worlds(life);
	/* The next ones go on without it. */
	snprintf(path, sizeof(path), "%s/%s", check->world->state, check->id);
	if (access(path, F_OK) == 0) {
		char ignored[AUDIT_DETAIL];

		visit(check, body_remove, ignored, sizeof(ignored));
		reap_orphans(life);
	}
	cleanup_close(&life->check->input);
	cleanup_close(&life->check->hello);
	life->check->input = life->check->hello = -1;
	cleanup_close(&life->run.log);
	text_free(&life->before);
	scenario_end(check);
}

/* ---- the lives --------------------------------------------------------------------------------------------------- */

static bool has_hook(const struct check *check, enum phase phase)
{
	return check->facts->hooks & 1U << phase;
}

static void find_changed(void *user, enum rule rule, const char *what)
{
	const struct life *life = user;
	char detail[AUDIT_DETAIL];

	(void)rule;
	snprintf(detail, sizeof(detail), "two reports and a check make a difference: %s", what);
	scenario_find(life->check, RULE_REPORT_CHANGES, PHASE_REPORT, detail);
}

/* Report twice, and check, change nothing that can be seen. */
static void try_report(struct life *life)
{
	struct check *check = life->check;
	_cleanup_text_ struct text before = { 0 }, after = { 0 };
	char error[AUDIT_DETAIL];

	if (!has_hook(check, PHASE_REPORT) && !has_hook(check, PHASE_CHECK))
		return;
	world_look(check->world, check->id, &before);
	if (!visit(check, body_report, error, sizeof(error)))
		scenario_find(check, RULE_RUN, PHASE_REPORT, error);
	world_look(check->world, check->id, &after);
	world_compare(&after, &before, find_changed, life);
	world_compare(&before, &after, find_changed, life);
}

static void try_update(struct life *life)
{
	char error[AUDIT_DETAIL];

	if (has_hook(life->check, PHASE_UPDATE) && !visit(life->check, body_update, error, sizeof(error)))
		scenario_find(life->check, RULE_UPDATE, PHASE_UPDATE, error);
}

/* Until the command runs, and with it all that a hook of this plugin does then. */
static bool until_running(struct life *life)
{
	struct check *check = life->check;
	enum news news = subject_await(check, &life->run, check->hello);
	char byte;

	/* The end of its output: it has never run. */
	if (news == NEWS_FD && read(check->hello, &byte, 1) != 1)
		return false;
	if (news == NEWS_FD && has_hook(check, PHASE_PARENT_STARTED))
		news = subject_await(check, &life->run, check->audit.event);
	if (news == NEWS_LATE)
		give_up(life);
	return news == NEWS_FD;
}

/* Until it has ended as it is told to. */
static void until_end(struct life *life, int wanted)
{
	enum news news;

	cleanup_close(&life->check->input);
	life->check->input = -1;
	news = life->run.pid > 0 && !life->check->interrupted ? subject_await(life->check, &life->run, -1)
							      : NEWS_INTERRUPT;
	if (news == NEWS_LATE)
		give_up(life);
	if (news != NEWS_END)
		return;
	subject_end(&life->run);
	if (!WIFEXITED(life->run.status) || WEXITSTATUS(life->run.status) != wanted)
		find_failure(life, wanted ? "the run did not fail" : "the run failed");
}

static int plain_run(struct check *check)
{
	struct life life;
	int result = begin(&life, check, "a plain run", AUDIT_WATCH, PHASE_NONE);
	struct scenario *scenario = &check->scenarios[check->scenario_count - 1];

	if (check->world->is_blind)
		snprintf(scenario->note, sizeof(scenario->note), "files that are left are not seen: no overlay here");

	if (result == 0 && until_running(&life)) {
		try_report(&life);
		try_update(&life);
	}
	if (result == 0)
		until_end(&life, 0);
	end(&life);
	return result;
}

static int teardown_twice(struct check *check)
{
	struct life life;
	int result = begin(&life, check, "teardown twice in a row", AUDIT_TWICE, PHASE_TEARDOWN);

	if (result == 0)
		until_end(&life, 0);
	end(&life);
	return result;
}

static int fault(struct check *check, enum phase phase)
{
	struct life life;
	char name[64];
	int result;

	snprintf(name, sizeof(name), "a fault after %s", phase_name(phase));
	result = begin(&life, check, name, AUDIT_FAIL, phase);
	/* Of a hook that comes after the command's end. */
	if (result == 0)
		until_end(&life, STATUS_FAILED);
	end(&life);
	return result;
}

static int killed(struct check *check, enum phase phase)
{
	struct life life;
	char name[64];
	enum news news;
	int result;

	snprintf(name, sizeof(name), "killed after %s", phase_name(phase));
	result = begin(&life, check, name, AUDIT_STOP, phase);
	if (result == 0) {
		/* The command ends at once, for hooks that come after that. */
		cleanup_close(&check->input);
		check->input = -1;
		news = subject_await(check, &life.run, check->audit.event);
		if (news == NEWS_LATE)
			give_up(&life);
		subject_end(&life.run);
		if (news == NEWS_END)
			find_failure(&life, "the hook was not called");
		/* A process that a hook has left would hold the lock of the state, and be all that is found. */
		reap_orphans(&life);
		remove_elsewhere(&life);
	}
	end(&life);
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
