/* SPDX-License-Identifier: MIT */
/* The processes of a check: the scratch container, and others that have to do with it. */
#include <contain/plugin.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/file.h"
#include "cli/plugin_check.h"
#include "container/command.h"
#include "container/container.h"
#include "plugin/findings.h"

#define IMPATIENCE 10 /* seconds, for cleaning up when somebody wants us to end */
#define PROFILE    "minimal.ini"
#define LOG_MOST   (1024 * 1024)
#define ERROR_TAG  "error: "

static int place(int fd, int to)
{
	_cleanup_close_ int null = fd >= 0 ? -1 : open("/dev/null", O_RDWR | O_CLOEXEC);

	return dup2(fd >= 0 ? fd : null, to) < 0 ? -errno : 0;
}

/* Never returns. What is written to standard output before the fork is the parent's to write. */
static void be_subject(struct check *check, const struct subject *subject, int input, int output,
		       int (*body)(struct check *))
{
	sigset_t none;
	int status;

	sigemptyset(&none);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (place(input, STDIN_FILENO) < 0 || place(output, STDOUT_FILENO) < 0 ||
	    place(subject->log, STDERR_FILENO) < 0)
		_exit(STATUS_FAILED);
	sigprocmask(SIG_SETMASK, &none, NULL);
	/* Else its input would have no end, as it is open here too. */
	cleanup_close(&check->input);
	cleanup_close(&check->hello);
	status = body(check);
	_exit(status);
}

int subject_start(struct check *check, struct subject *subject, int input, int output, int (*body)(struct check *))
{
	*subject = (struct subject){ .pidfd = -1 };
	subject->log = file_memory("contain-check-log", false);
	if (subject->log < 0)
		return subject->log;
	fflush(stdout);
	subject->pid = fork();
	if (subject->pid == 0)
		be_subject(check, subject, input, output, body);
	if (subject->pid > 0)
		subject->pidfd = pidfd_open(subject->pid, 0);
	if (subject->pid < 0 || subject->pidfd < 0) {
		int err = errno;

		subject_end(subject);
		cleanup_close(&subject->log);
		subject->log = -1;
		return -err;
	}
	return 0;
}

enum news subject_await(struct check *check, struct subject *subject, int fd)
{
	int64_t seconds = check->interrupted ? IMPATIENCE : check->flags->seconds;
	int64_t end = clock_usec() + seconds * 1000000;
	struct pollfd fds[] = { { .fd = subject->pidfd, .events = POLLIN },
				{ .fd = fd, .events = POLLIN },
				{ .fd = check->signals, .events = POLLIN } };

	for (;;) {
		int64_t left = (end - clock_usec()) / 1000 + 1;
		int result = left > 0 ? poll(fds, 3, (int)left) : 0;

		if (result < 0 && errno == EINTR)
			continue;
		if (result <= 0)
			return NEWS_LATE;
		if (fds[2].revents) {
			check->interrupted = true;
			/* What is still to be cleaned up is waited for. The command closes the descriptor. */
			check->signals = -1;
			return NEWS_INTERRUPT;
		}
		/* First what it said: it may have ended since. */
		return fds[1].revents & POLLIN ? NEWS_FD : fds[0].revents ? NEWS_END : NEWS_FD;
	}
}

void subject_end(struct subject *subject)
{
	if (subject->pid > 0) {
		/* One that has ended stays as it is. */
		kill(subject->pid, SIGKILL);
		while (waitpid(subject->pid, &subject->status, 0) < 0 && errno == EINTR)
			;
	}
	subject->pid = 0;
	cleanup_close(&subject->pidfd);
	subject->pidfd = -1;
}

void subject_error(const struct subject *subject, char *text, size_t size)
{
	_cleanup_free_ char *bytes = NULL;
	size_t length;
	char *error;

	*text = '\0';
	if (lseek(subject->log, 0, SEEK_SET) < 0 || file_read_all(subject->log, LOG_MOST, &bytes, &length) < 0)
		return;
	error = strstr(bytes, ERROR_TAG);
	if (!error)
		return;
	error += strlen(ERROR_TAG);
	error[strcspn(error, "\n")] = '\0';
	snprintf(text, size, "%s", error);
}

/* ---- what they do ------------------------------------------------------------------------------------------------ */

/* Words of a command line, borrowed. */
struct words {
	char **argv;
	int count;
};

static void say(struct words *words, const char *word)
{
	words->argv[words->count++] = (char *)word;
}

static void say_two(struct words *words, const char *flag, const char *value)
{
	say(words, flag);
	say(words, value);
}

static bool fill_words(const struct check *check, struct words *words)
{
	const struct contain_list *given = &check->cli->global.plugin_dirs;
	const struct facts *facts = check->facts;

	words->argv = calloc(check->word_count + 2 * (given->count + facts->need_count) + 24, sizeof(char *));
	if (!words->argv)
		return false;
	say_two(words, "contain", "run");
	say_two(words, "--root", check->world->state);
	say_two(words, "--name", check->id);
	say_two(words, "--plugin-dir", check->directory);
	for (size_t i = 0; i < given->count; i++)
		say_two(words, "--plugin-dir", given->items[i]);
	say_two(words, "--profile", PROFILE);
	for (unsigned i = 0; i < facts->need_count; i++)
		say_two(words, "--enable", facts->needs[i]);
	say_two(words, "--enable", check->name);
	/* By custom, who switches the root takes it by this flag; one that does so in another way is told it by hand.
	 */
	if (!(facts->hooks & 1U << PHASE_CHILD_SWITCH) || facts->has_root_flag)
		say_two(words, "--rootfs", check->world->rootfs);
	for (size_t i = 0; i < check->word_count; i++)
		say(words, check->words[i]);
	say(words, "--no-tty");
	say_two(words, "--", "/idle");
	return true;
}

int body_run(struct check *check)
{
	struct words words = { 0 };
	struct cli cli = { .at = 1,
			   .prefix = check->cli->prefix,
			   .log = { .fd = STDERR_FILENO, .most = LOG_INFO },
			   .audit = &check->audit };

	if (!fill_words(check, &words))
		return STATUS_FAILED;
	cli.argv = words.argv;
	cli.argc = words.count;
	cli.command = cli_find_command(cli.argv, cli.argc, &cli.at);
	return cli.command->run(&cli);
}

/* The scratch container, as a process finds it that has not made it. */
static int open_container(struct check *check, struct container *container, unsigned phases, unsigned flags)
{
	struct contain_ctx *ctx = &container->ctx;
	int result;

	container_init(container);
	ctx->log = (struct log){ .fd = STDERR_FILENO, .most = LOG_INFO };
	result = audit_attach(&check->audit, ctx, false);
	return result < 0 ? result : container_load(container, check->world->state, check->id, phases, flags);
}

static int close_container(struct container *container, int result)
{
	if (result < 0 && container->ctx.failure.err)
		ctx_log_failure(&container->ctx);
	container_free(container);
	return result < 0 ? STATUS_FAILED : 0;
}

int body_report(struct check *check)
{
	struct container container;
	struct contain_ctx *ctx = &container.ctx;
	int result = open_container(check, &container, CONFIG_ALL, LOAD_ALIVE);

	for (int times = 0; result == 0 && times < 2; times++) {
		struct usage usage = { 0 };

		ctx->running = true;
		result = container_report(&container, &usage);
		usage_free(&usage);
	}
	if (result == 0) {
		struct findings findings = { 0 };

		ctx->findings = &findings;
		result = phase_run(ctx, &container.roster, PHASE_CHECK);
		findings_free(&findings);
	}
	return close_container(&container, result);
}

/* Else there is nothing to update: a plugin may refuse to begin with it. */
static bool has_live_value(const struct member *member)
{
	for (const struct contain_option *option = member->module->options; option->key; option++) {
		if (option->flags & CONTAIN_LIVE && (option->initial || settings_given(&member->settings, option->key)))
			return true;
	}
	return false;
}

int body_update(struct check *check)
{
	struct container container;
	int result = open_container(check, &container, CONFIG_ALL, LOAD_ALIVE | LOAD_UPDATE);

	for (size_t i = 0; result == 0 && i < container.roster.count; i++) {
		struct roster one = { &container.roster.members[i], 1 };

		if (strcmp(one.members->module->name, check->name) == 0 && has_live_value(one.members))
			result = phase_run(&container.ctx, &one, PHASE_UPDATE);
	}
	return close_container(&container, result);
}

int body_remove(struct check *check)
{
	struct container container;
	int result = open_container(check, &container, CONFIG_PHASE(PHASE_TEARDOWN), LOAD_LOCK | LOAD_UNDO);

	/* It was never there. */
	if (result == -ENOENT) {
		container_free(&container);
		return 0;
	}
	if (result == 0)
		result = container_delete(&container, false);
	return close_container(&container, result);
}
