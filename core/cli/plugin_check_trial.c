/* SPDX-License-Identifier: MIT */
/* One scratch container, and what is there afterwards. */
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

#define PATIENCE_MSEC 2000 /* for a process that was left to see that it is to end, */
#define HASTE_MSEC    50   /* once it is known that they don't */

/* ---- what is left ------------------------------------------------------------------------------------------------ */

static void find_left(void *user, enum rule rule, const char *what)
{
	struct trial *trial = user;

	/* Outside of our world; by its name it is certainly this container's. */
	if (rule == RULE_LEFT_CGROUP && strstr(what, trial->check->id))
		rmdir(what);
	/* Nothing was begun, so nothing is torn down. */
	if (trial->phase == PHASE_CONFIGURE && rule != RULE_LEFT_STATE)
		rule = RULE_CONFIGURE_TOUCHES;
	scenario_find(trial->check, rule, trial->phase, what);
}

static void find_gone(void *user, enum rule rule, const char *what)
{
	struct trial *trial = user;
	char detail[AUDIT_DETAIL];

	/* Files come and go under their own rule; the rest of the world is others'. */
	if (rule != RULE_LEFT_MOUNT && rule != RULE_LEFT_LINK)
		return;
	snprintf(detail, sizeof(detail), "%s, which was there before, is gone", what);
	find_left(trial, rule, detail);
}

static void find_process(struct trial *trial, pid_t pid)
{
	char path[64], comm[32] = "?", detail[96];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/comm", pid);
	n = file_read_at(AT_FDCWD, path, comm, sizeof(comm));
	comm[n > 0 ? strcspn(comm, "\n") : 0] = '\0';
	snprintf(detail, sizeof(detail), "process %d (%s) still runs", pid, comm);
	find_left(trial, RULE_LEFT_PROCESS, detail);
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
void trial_reap_orphans(struct trial *trial)
{
	char path[64], children[4096];
	char *rest = children, *word;
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/self/task/%d/children", getpid());
	n = file_read_at(AT_FDCWD, path, children, sizeof(children));
	while (n > 0 && (word = strsep(&rest, " "))) {
		pid_t pid = atoi(word);
		_cleanup_close_ int fd = pid > 0 && pid != trial->run.pid ? pidfd_open(pid, 0) : -1;

		if (fd < 0)
			continue;
		if (poll(&(struct pollfd){ .fd = fd, .events = POLLIN }, 1, patience(trial->check)) == 0) {
			find_process(trial, pid);
			pidfd_send_signal(fd, SIGKILL, NULL, 0);
		}
		waitpid(pid, NULL, 0);
	}
}

static void compare_worlds(struct trial *trial)
{
	_cleanup_text_ struct text now = { 0 };

	world_look(trial->check->world, trial->check->id, &now);
	world_compare(&now, &trial->before, find_left, trial);
	world_compare(&trial->before, &now, find_gone, trial);
}

/* ---- beginning and end ---------------------------------------------------------------------------------------- */

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

static int open_pipes(struct trial *trial, int *input, int *output)
{
	int in[2], out[2];

	if (pipe2(in, O_CLOEXEC) < 0)
		return -errno;
	*input = in[0];
	trial->check->input = in[1];
	if (pipe2(out, O_CLOEXEC) < 0)
		return -errno;
	trial->check->hello = out[0];
	*output = out[1];
	return 0;
}

int trial_begin(struct trial *trial, struct check *check, const char *name, enum audit_act act, enum phase phase)
{
	_cleanup_close_ int input = -1, output = -1;
	int result = scenario_begin(check, name, act, phase);

	*trial = (struct trial){ .check = check, .run = { .pidfd = -1, .log = -1 }, .phase = phase };
	if (result < 0)
		return result;
	snprintf(check->id, sizeof(check->id), "check-%d-%u", getpid(), check->serial++);
	world_look(check->world, check->id, &trial->before);
	result = open_pipes(trial, &input, &output);
	return result < 0 ? result : subject_start(check, &trial->run, input, output, body_run);
}

/* Another process, with a time limit. Whether it succeeded; else its error is in `error`. */
bool trial_visit(struct check *check, int (*body)(struct check *), char *error, size_t size)
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
void trial_remove_elsewhere(struct trial *trial)
{
	struct check *check = trial->check;
	char error[AUDIT_DETAIL];

	check->audit.page->elsewhere = true;
	if (!trial_visit(check, body_remove, error, sizeof(error)) && !check->interrupted)
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
void trial_find_failure(struct trial *trial, const char *otherwise)
{
	struct check *check = trial->check;
	const struct audit_page *page = check->audit.page;
	const struct audit_call *call = unfinished(page);
	char error[AUDIT_DETAIL], detail[AUDIT_DETAIL + 96], name[24];
	int status = trial->run.status;

	check->works = false;
	subject_error(&trial->run, error, sizeof(error));
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
		trial_remove_elsewhere(trial);
}

/* It does not end, or a hook does not: end it. */
void trial_give_up(struct trial *trial)
{
	const struct audit_call *call = unfinished(trial->check->audit.page);
	char detail[96];

	snprintf(detail, sizeof(detail), "%s after %lld s", call ? "it has not come back" : "the run has not ended",
		 (long long)trial->check->flags->seconds);
	scenario_find(trial->check, RULE_HANG, call ? call->phase : PHASE_NONE, detail);
	trial->check->works = false;
	subject_end(&trial->run);
	trial_remove_elsewhere(trial);
}

void trial_end(struct trial *trial)
{
	struct check *check = trial->check;
	char path[2 * PATH_MAX];

	/* What it should have removed is the finding; of one that was interrupted nothing is. */
	subject_end(&trial->run);
	if (check->interrupted)
		trial_remove_elsewhere(trial);
	trial_reap_orphans(trial);
	compare_worlds(trial);
	/* The next ones go on without it. */
	snprintf(path, sizeof(path), "%s/%s", check->world->state, check->id);
	if (access(path, F_OK) == 0) {
		char ignored[AUDIT_DETAIL];

		trial_visit(check, body_remove, ignored, sizeof(ignored));
		trial_reap_orphans(trial);
	}
	cleanup_close(&trial->check->input);
	cleanup_close(&trial->check->hello);
	trial->check->input = trial->check->hello = -1;
	cleanup_close(&trial->run.log);
	text_free(&trial->before);
	scenario_end(check);
}
