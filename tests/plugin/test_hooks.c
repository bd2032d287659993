/* SPDX-License-Identifier: MIT */
/* hooks: programs are scripts in a directory of the test's own, which say what they find. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "fakehost.h"

static char place[] = "/tmp/test-hooks.XXXXXX";

static int make_place(void **state)
{
	sigset_t all;

	(void)state;
	/* As in contain (plugin.h): the program must not inherit that. */
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	signal(SIGPIPE, SIG_IGN);
	umask(0);
	return mkdtemp(place) ? 0 : -1;
}

static int remove_place(void **state)
{
	char command[128];

	(void)state;
	snprintf(command, sizeof(command), "rm -r --one-file-system %s", place);
	return system(command);
}

/* An executable file of the test's directory. Returns its path. */
static const char *script(const char *name, const char *text)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/%s", place, name);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);
	assert_true(fd >= 0);
	assert_true(dprintf(fd, "#!/bin/sh\n%s\n", text) > 0);
	close(fd);
	return path;
}

/* What a script has written into a file of the directory; "" if there is none. */
static const char *written(const char *name)
{
	static char text[4096];
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", place, name);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, text, sizeof(text) - 1);
	text[n > 0 ? n : 0] = '\0';
	if (fd >= 0)
		close(fd);
	return text;
}

static struct contain_ctx *host_with(const char *format, ...) CONTAIN_PRINTF_(1, 2);
static struct contain_ctx *host_with(const char *format, ...)
{
	struct contain_ctx *host = fakehost_new();
	char lines[4096];
	va_list args;

	va_start(args, format);
	vsnprintf(lines, sizeof(lines), format, args);
	va_end(args);
	if (fakehost_options(host, lines))
		fail_msg("%s", fakehost_errors(host));
	if (fakehost_run(host, configure))
		fail_msg("%s", fakehost_error(host));
	return host;
}

static void assert_has(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("'%s' is missing in: %s", part, text);
}

/* ---- what is written in a profile ---- */

static void mistakes_are_told(void **state)
{
	static const struct {
		const char *lines, *error;
	} table[] = {
		{ "teardown = announce", "'announce' is not the absolute path of a program" },
		{ "teardown = ./announce", "'./announce' is not the absolute path" },
		{ "teardown = '/bin/true", "has a ' without an end" },
		{ "teardown = /bin/echo \"x", "has a \" without an end" },
		{ "teardown = /bin/echo \\", "ends with a backslash" },
		{ "teardown = LANG=C", "names no program" },
		{ "teardown = ''", "is not the absolute path" },
		{ "teardown = =x /bin/true", "'=x' is not" },
		{ "teardown = --timeout=0 /bin/true", "--timeout=0 must be a number of seconds, 1 to 86400" },
		{ "teardown = --timeout=86401 /bin/true", "1 to 86400" },
		{ "teardown = --timeout=1s /bin/true", "1 to 86400" },
		{ "teardown = --timeout=+1 /bin/true", "1 to 86400" },
		{ "teardown = --timeout= /bin/true", "1 to 86400" },
		{ "teardown = --limit=1 /bin/true", "'--limit=1' is not" },
		{ "hook = start=/bin/true", "must begin with PHASE=, which is one of: parent_prepare, parent_attach" },
		{ "hook = teardown", "must begin with PHASE=" },
		{ "hook = teardownx=/bin/true", "must begin with PHASE=" },
		{ "hook = teardown=true", "'true' is not the absolute path" },
		{ "env = LANG", "must be NAME=VALUE" },
		{ "env = =x", "must be NAME=VALUE" },
		{ "timeout = 0", "1 to 86400" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		struct contain_ctx *host = fakehost_new();

		assert_int_equal(fakehost_options(host, table[i].lines), -EINVAL);
		assert_has(fakehost_errors(host), table[i].error);
		fakehost_free(host);
	}
}

/* "text" gives these arguments, "[a][b]". */
static void assert_arguments(const char *text, const char *expected)
{
	const char *path = script("arguments", "for word; do printf '[%s]' \"$word\"; done; echo");
	struct contain_ctx *host = host_with("parent_started = %s %s", path, text);
	char line[256];

	assert_int_equal(fakehost_run(host, parent_started), 0);
	snprintf(line, sizeof(line), "info: hooks: running %s (parent_started)\n%s%s%s%s%s", path,
		 *expected ? "info: hooks: " : "", *expected ? path : "", *expected ? ": " : "", expected,
		 *expected ? "\n" : "");
	assert_string_equal(fakehost_log(host), line);
	fakehost_free(host);
}

static void words_and_quotes(void **state)
{
	(void)state;
	assert_arguments("", "");
	assert_arguments("a  b\tc ", "[a][b][c]");
	assert_arguments("'a b' \"c d\" e'f g'h", "[a b][c d][ef gh]");
	assert_arguments("'' \"\"", "[][]");
	assert_arguments("a\\ b \\' \\\\ \\\"", "[a b]['][\\][\"]");
	assert_arguments("'a\\' \"a\\\"b\\\\c\\d\"", "[a\\][a\"b\\c\\d]");
	assert_arguments("$HOME * ; | --timeout=5 A=B", "[$HOME][*][;][|][--timeout=5][A=B]");
	assert_arguments("\"--it's\" 'say \"x\"'", "[--it's][say \"x\"]");
}

static void the_name_may_be_another(void **state)
{
	struct contain_ctx *host = host_with("parent_attach = --argv0=other /bin/sh -c 'echo \"$0\"'\n"
					     "parent_attach = --argv0=other /bin/cat /proc/self/cmdline");

	(void)state;
	assert_int_equal(fakehost_run(host, parent_attach), 0);
	assert_has(fakehost_log(host), "info: hooks: /bin/sh: other\n");
	/* NULs are shown as spaces. */
	assert_has(fakehost_log(host), "info: hooks: /bin/cat: other /proc/self/cmdline ");
	fakehost_free(host);
}

/* ---- what a program finds ---- */

static void it_reads_the_state(void **state)
{
	struct contain_ctx *host;
	const char *path = script("reader", "cat >$OUT; echo $CONTAIN_PHASE $CONTAIN_ID");
	char expected[256];

	(void)state;
	host = host_with("env = OUT=%s/json\nparent_attach = %s\nparent_started = %s", place, path, path);
	fakehost_id(host, "some-id");
	fakehost_pid(host, 4711);
	assert_int_equal(fakehost_run(host, parent_attach), 0);
	snprintf(expected, sizeof(expected), "info: hooks: %s: parent_attach some-id\n", path);
	assert_has(fakehost_log(host), expected);
	assert_string_equal(written("json"), "{\"ociVersion\":\"1.0.2\",\"id\":\"some-id\",\"status\":\"creating\","
					     "\"pid\":4711,\"bundle\":\"/run/contain/some-id\"}\n");
	assert_int_equal(fakehost_run(host, parent_started), 0);
	assert_has(written("json"), "\"status\":\"running\"");
	fakehost_free(host);
}

static void its_environment(void **state)
{
	struct contain_ctx *host = host_with("env = A=1\nenv = B=of all\nenv = CONTAIN_ID=false\n"
					     "parent_started = B=own 'C=with blank' B=last /usr/bin/env");

	(void)state;
	setenv("SECRET", "x", 1);
	assert_int_equal(fakehost_run(host, parent_started), 0);
	assert_string_equal(fakehost_log(host), "info: hooks: running /usr/bin/env (parent_started)\n"
						"info: hooks: /usr/bin/env: A=1\n"
						"info: hooks: /usr/bin/env: B=last\n"
						"info: hooks: /usr/bin/env: CONTAIN_ID=test-container\n"
						"info: hooks: /usr/bin/env: C=with blank\n"
						"info: hooks: /usr/bin/env: CONTAIN_PHASE=parent_started\n");
	fakehost_free(host);
}

/* Signals, descriptors, umask and directory; a process group of its own, and no terminal. */
static void a_clean_start(void **state)
{
	const char *path = script("clean", "ls /proc/self/fd | tr '\\n' ' '; echo; umask; pwd\n"
					   "grep -E '^Sig(Blk|Ign|Cgt)' /proc/self/status\n"
					   "read -r pid comm s parent group session tty rest </proc/self/stat\n"
					   "[ $pid = $group ] && [ $parent = $session ] && echo own $tty");
	struct contain_ctx *host = host_with("parent_started = %s", path);
	int leak = fcntl(STDERR_FILENO, F_DUPFD, 700);

	(void)state;
	assert_int_equal(fakehost_run(host, parent_started), 0);
	close(leak);
	/* 3 is the directory that ls reads. */
	assert_has(fakehost_log(host), ": 0 1 2 3 \n");
	assert_has(fakehost_log(host), ": 0022\n");
	assert_has(fakehost_log(host), ": /\n");
	assert_has(fakehost_log(host), "SigBlk:\t0000000000000000\n");
	assert_has(fakehost_log(host), "SigIgn:\t0000000000000000\n");
	assert_has(fakehost_log(host), ": own 0\n");
	fakehost_free(host);
}

static void the_input_cannot_be_changed(void **state)
{
	struct contain_ctx *host =
		host_with("parent_started = %s",
			  script("changer", "(echo x >&0) 2>/dev/null && echo written\ntruncate -s 0 /proc/self/fd/0 "
					    "2>/dev/null && echo cut\n[ -x /proc/self/fd/0 ] && echo executable\ncat"));

	(void)state;
	assert_int_equal(fakehost_run(host, parent_started), 0);
	assert_null(strstr(fakehost_log(host), "written"));
	assert_null(strstr(fakehost_log(host), ": cut"));
	assert_has(fakehost_log(host), "\"ociVersion\"");
	fakehost_free(host);
}

static void set_of(const char *log, const char *name, unsigned long long *set)
{
	const char *line = strstr(log, name);

	assert_non_null(line);
	*set = strtoull(line + strlen(name), NULL, 16);
}

static void a_program_of_the_image_cannot_trace(void **state)
{
	const unsigned long long ptrace = 1ULL << 19;
	unsigned long long set;

	(void)state;
	fakehost_needs(geteuid() == 0 ? 0 : -EPERM);
	struct contain_ctx *host = host_with("child_enter = /bin/grep Cap /proc/self/status\n"
					     "child_setup = /bin/grep Cap /proc/self/status");
	assert_int_equal(fakehost_run(host, child_enter), 0);
	set_of(fakehost_log(host), "CapEff:\t", &set);
	assert_true(set && !(set & ptrace));
	set_of(fakehost_log(host), "CapBnd:\t", &set);
	assert_true(set && !(set & ptrace));
	set_of(fakehost_log(host), "CapInh:\t", &set);
	assert_int_equal(set, 0);
	fakehost_forget(host);
	/* One of the host may. */
	assert_int_equal(fakehost_run(host, child_setup), 0);
	set_of(fakehost_log(host), "CapBnd:\t", &set);
	assert_true(set & ptrace);
	fakehost_free(host);
}

/* ---- which ones run ---- */

static void in_order_until_one_fails(void **state)
{
	struct contain_ctx *host = host_with("hook = parent_started=/bin/sh -c 'echo third; exit 7'\n"
					     "parent_started = /bin/sh -c 'echo first'\n"
					     "hook = parent_attach=/bin/sh -c 'echo other'\n"
					     "parent_started = /bin/sh -c 'echo second'\n"
					     "hook = parent_started=/bin/sh -c 'echo fourth'\n");

	(void)state;
	assert_int_equal(fakehost_run(host, parent_prepare), 0);
	assert_string_equal(fakehost_log(host), "");
	assert_int_equal(fakehost_run(host, parent_started), -EIO);
	assert_string_equal(fakehost_log(host), "info: hooks: running /bin/sh (parent_started)\n"
						"info: hooks: /bin/sh: first\n"
						"info: hooks: running /bin/sh (parent_started)\n"
						"info: hooks: /bin/sh: second\n"
						"info: hooks: running /bin/sh (parent_started)\n"
						"info: hooks: /bin/sh: third\n"
						"fail: the program of parent_started failed: /bin/sh ended with exit "
						"status 7; its last line: third\n");
	fakehost_free(host);
}

static void each_in_its_phase(void **state)
{
	static const struct {
		const char *name;
		size_t hook;
	} table[] = {
#define HOOK(NAME) { #NAME, offsetof(struct contain_plugin, NAME) }
		HOOK(parent_prepare), HOOK(parent_attach),  HOOK(child_setup), HOOK(child_enter),
		HOOK(child_seal),     HOOK(parent_started), HOOK(teardown),
	};
	char lines[1024] = "", expected[256];

	(void)state;
	fakehost_needs(geteuid() == 0 ? 0 : -EPERM);
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++)
		snprintf(lines + strlen(lines), sizeof(lines) - strlen(lines),
			 "%s = /bin/sh -c 'echo %zu.$CONTAIN_PHASE'\n", table[i].name, i);
	struct contain_ctx *host = host_with("%s", lines);
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		fakehost_forget(host);
		assert_int_equal(fakehost_call(host, table[i].hook), 0);
		snprintf(expected, sizeof(expected),
			 "info: hooks: running /bin/sh (%s)\ninfo: hooks: /bin/sh: %zu.%s\n", table[i].name, i,
			 table[i].name);
		assert_has(fakehost_log(host), expected);
		assert_null(strstr(strstr(fakehost_log(host), expected) + strlen(expected), "info:"));
	}
	fakehost_free(host);
}

/* A later process in the container (exec) has child_seal alone. */
static void an_exec_is_no_start(void **state)
{
	(void)state;
	fakehost_needs(geteuid() == 0 ? 0 : -EPERM);
	struct contain_ctx *host = host_with("child_seal = /bin/sh -c 'echo sealed'");
	assert_int_equal(fakehost_run(host, child_seal), 0);
	assert_string_equal(fakehost_log(host), "");
	assert_int_equal(fakehost_run(host, child_setup), 0);
	assert_int_equal(fakehost_run(host, child_seal), 0);
	assert_has(fakehost_log(host), ": sealed\n");
	fakehost_free(host);
}

/* ---- the end of a program ---- */

static void assert_fails(const char *program, int error, const char *words)
{
	struct contain_ctx *host = host_with("parent_started = %s", program);

	assert_int_equal(fakehost_run(host, parent_started), error);
	assert_has(fakehost_error(host), words);
	fakehost_free(host);
}

static void failures_say_what_happened(void **state)
{
	char path[128], line[256];

	(void)state;
	assert_fails("/bin/sh -c 'exit 3'", -EIO,
		     "the program of parent_started failed: /bin/sh ended with exit status 3");
	assert_fails("/bin/sh -c 'echo out; echo err >&2; echo; exit 1'", -EIO, "status 1; its last line: err");
	assert_fails("/bin/sh -c 'printf unfinished; exit 1'", -EIO, "its last line: unfinished");
	assert_fails("/bin/sh -c 'kill -SEGV $$'", -EIO, "/bin/sh was killed by signal 11 (SIGSEGV)");
	assert_fails("/bin/sh -c 'kill -KILL 0'", -EIO, "/bin/sh was killed by signal 9 (SIGKILL)");
	/* Without a supervisor nobody knows; what the program has started then stays, so it starts nothing (exec). */
	assert_fails("/bin/sh -c 'kill -KILL $PPID; exec sleep 1000'", -EIO,
		     "/bin/sh: what watched over it was killed");
	strcpy(path, script("no-interpreter", ""));
	int fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
	assert_true(write(fd, "#!/nonesuch\n", 12) == 12);
	close(fd);
	snprintf(line, sizeof(line),
		 "%s can't be executed: the host has no such file, or none that its first line names", path);
	assert_fails(path, -ENOENT, line);
	fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
	assert_true(write(fd, "text\n", 5) == 5);
	close(fd);
	snprintf(line, sizeof(line), "%s can't be executed: Exec format error", path);
	assert_fails(path, -ENOEXEC, line);
}

static int64_t msec(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* The process whose pid a script has written is no more. */
static void assert_gone(const char *name)
{
	pid_t pid = atoi(written(name));
	int pidfd;
	struct pollfd end = { .events = POLLIN };

	assert_true(pid > 1);
	pidfd = end.fd = pidfd_open(pid, 0);
	/* An orphan that was killed may not be reaped yet. */
	if (pidfd >= 0 && poll(&end, 1, 30000) != 1)
		fail_msg("process %d of %s is still there", pid, name);
	if (pidfd >= 0)
		close(pidfd);
}

static void time_is_limited(void **state)
{
	char path[128];
	struct contain_ctx *host;
	int64_t begin = msec();

	(void)state;
	strcpy(path,
	       script("slow", "echo $$ >$DIR/slow.pid; sleep 1000 & echo $! >$DIR/other.pid; echo waiting; wait"));
	host = host_with("timeout = 1\nenv = DIR=%s\nparent_started = %s", place, path);
	assert_int_equal(fakehost_run(host, parent_started), -ETIMEDOUT);
	assert_true(msec() - begin < 20000);
	assert_has(fakehost_error(host),
		   "did not end within 1 s (--timeout=SECONDS before its path gives it more); its "
		   "last line: waiting");
	assert_gone("slow.pid");
	assert_gone("other.pid");
	fakehost_free(host);
	/* Of its own. */
	host = host_with("timeout = 1000\nenv = DIR=%s\nparent_started = --timeout=1 %s", place, path);
	assert_int_equal(fakehost_run(host, parent_started), -ETIMEDOUT);
	fakehost_free(host);
}

static void who_stops_the_supervisor_gains_nothing(void **state)
{
	struct contain_ctx *host =
		host_with("timeout = 1\nparent_started = DIR=%s %s", place,
			  script("stopper", "echo $$ >$DIR/stopper.pid; kill -STOP $PPID; exec sleep 1000"));
	int64_t begin = msec();

	(void)state;
	assert_int_equal(fakehost_run(host, parent_started), -ETIMEDOUT);
	assert_true(msec() - begin < 20000);
	assert_gone("stopper.pid");
	fakehost_free(host);
}

static void what_it_leaves_in_its_group_ends(void **state)
{
	struct contain_ctx *host =
		host_with("parent_started = DIR=%s %s", place, script("leaver", "sleep 1000 & echo $! >$DIR/left.pid"));

	(void)state;
	/* The pipe is open in it: nobody waits for that. */
	assert_int_equal(fakehost_run(host, parent_started), 0);
	assert_gone("left.pid");
	fakehost_free(host);
}

/* It may be meant, as in a program that starts a network: the run goes on without waiting for it. */
static void a_daemon_stays(void **state)
{
	struct contain_ctx *host = host_with(
		"parent_started = DIR=%s %s", place,
		script("starter",
		       "mkfifo $DIR/up; setsid sh -c 'echo $$ >$DIR/daemon.pid; echo >$DIR/up; exec sleep 1000' & "
		       "read -r x <$DIR/up"));
	pid_t pid;

	(void)state;
	assert_int_equal(fakehost_run(host, parent_started), 0);
	pid = atoi(written("daemon.pid"));
	assert_true(pid > 1);
	assert_int_equal(kill(pid, SIGKILL), 0);
	fakehost_free(host);
}

/* SIGKILL to the one who waits: the program, and its own processes, end. */
static void it_ends_with_us(void **state)
{
	struct contain_ctx *host = host_with(
		"timeout = 1000\nparent_started = DIR=%s %s", place,
		script("orphan",
		       "echo $$ >$DIR/orphan.pid; sleep 1000 & echo $! >$DIR/child.pid; echo >$DIR/at; wait"));
	char path[128], byte;
	pid_t pid;

	(void)state;
	snprintf(path, sizeof(path), "%s/at", place);
	assert_int_equal(mkfifo(path, 0600), 0);
	int at = open(path, O_RDWR | O_CLOEXEC);
	pid = fork();
	if (pid == 0)
		_exit(fakehost_run(host, parent_started) ? 1 : 0);
	assert_true(read(at, &byte, 1) == 1);
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_gone("orphan.pid");
	assert_gone("child.pid");
	close(at);
	fakehost_free(host);
}

static int count_descriptors(void)
{
	int count = 0;

	for (int fd = 0; fd < 1024; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

static void nothing_of_it_stays_with_us(void **state)
{
	static const char *const programs[] = { "/bin/true", "/bin/false", "/bin/sh -c 'sleep 1000 & exit 1'" };
	int before = count_descriptors();

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct contain_ctx *host = host_with("parent_started = %s", programs[i]);
		sigset_t mask;

		fakehost_run(host, parent_started);
		assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
		assert_int_equal(errno, ECHILD);
		sigprocmask(SIG_BLOCK, NULL, &mask);
		assert_true(sigismember(&mask, SIGTERM));
		fakehost_free(host);
	}
	assert_int_equal(count_descriptors(), before);
}

/* ---- what it writes ---- */

static void output_is_bounded(void **state)
{
	struct contain_ctx *host =
		host_with("parent_started = %s", script("loud", "yes | head -c 10000000; echo; echo the end; exit 1"));
	const char *more = "writes more, which is not shown\n", *found;

	(void)state;
	assert_int_equal(fakehost_run(host, parent_started), -EIO);
	/* Also in small lines. */
	assert_true(strlen(fakehost_log(host)) < 32 * 1024);
	assert_true(strlen(fakehost_log(host)) > 8 * 1024);
	found = strstr(fakehost_log(host), more);
	assert_non_null(found);
	assert_null(strstr(found + 1, more));
	/* The last line is known all the same. */
	assert_has(fakehost_error(host), "exit status 1; its last line: the end");
	fakehost_free(host);
}

static void long_lines_are_cut(void **state)
{
	struct contain_ctx *host = host_with("parent_started = %s",
					     script("long", "head -c 10000000 /dev/zero | tr '\\0' x; echo; echo next; "
							    "head -c 1000 /dev/zero"));
	const char *line;

	(void)state;
	assert_int_equal(fakehost_run(host, parent_started), 0);
	line = strstr(fakehost_log(host), ": xxx");
	assert_non_null(line);
	assert_int_equal(strspn(line + 2, "x"), 500);
	assert_has(fakehost_log(host), "long: next\n");
	fakehost_free(host);
}

/* ---- the end of the container ---- */

static void teardown_runs_once(void **state)
{
	struct contain_ctx *host = host_with("teardown = /bin/sh -c 'echo one'\nteardown = /bin/sh -c 'echo two'");

	(void)state;
	/* Nothing of ours was ever there. */
	assert_int_equal(fakehost_run(host, teardown), 0);
	assert_string_equal(fakehost_log(host), "");
	assert_int_equal(fakehost_run(host, parent_prepare), 0);
	fakehost_forget(host);
	assert_int_equal(fakehost_run(host, teardown), 0);
	assert_string_equal(fakehost_log(host), "info: hooks: running /bin/sh (teardown)\n"
						"info: hooks: /bin/sh: one\n"
						"state undone=1\n"
						"info: hooks: running /bin/sh (teardown)\n"
						"info: hooks: /bin/sh: two\n"
						"state undone=2\n");
	fakehost_forget(host);
	assert_int_equal(fakehost_run(host, teardown), 0);
	assert_string_equal(fakehost_log(host), "");
	fakehost_free(host);
}

static void teardown_goes_on_past_failures(void **state)
{
	struct contain_ctx *host =
		host_with("teardown = %s\nteardown = /bin/sh -c 'echo two'", script("fails", "exit 4"));

	(void)state;
	assert_int_equal(fakehost_run(host, parent_prepare), 0);
	fakehost_break(host, "contain_state_set", ENOSPC);
	assert_int_equal(fakehost_run(host, teardown), 0);
	assert_has(fakehost_log(host), "warn: hooks: the program of teardown failed: ");
	assert_has(fakehost_log(host), "fails ended with exit status 4\n");
	assert_has(fakehost_log(host), "info: hooks: /bin/sh: two\n");
	fakehost_free(host);
}

static void a_teardown_that_is_gone_is_a_warning(void **state)
{
	const char *path = script("temporary", "exit 0");
	struct contain_ctx *host = host_with("teardown = %s", path);

	(void)state;
	assert_int_equal(fakehost_run(host, parent_prepare), 0);
	unlink(path);
	assert_int_equal(fakehost_run(host, teardown), 0);
	assert_has(fakehost_log(host), "temporary: No such file or directory\n");
	assert_has(fakehost_log(host), "state undone=1\n");
	fakehost_free(host);
}

/* ---- whose programs ---- */

/* configure says this of the program PLACE/NAME; "" if nothing. */
static void assert_refused(const char *name, const char *words)
{
	struct contain_ctx *host = fakehost_new();
	char line[256], part[256];

	snprintf(line, sizeof(line), "teardown = %s/%s", place, name);
	assert_int_equal(fakehost_options(host, line), 0);
	assert_int_equal(fakehost_run(host, configure), *words ? -EIO : 0);
	snprintf(part, sizeof(part), *words == ' ' ? "%s/%s%s" : "%.0s%.0s%s", place, name, words);
	assert_has(fakehost_error(host), part);
	if (*words)
		assert_has(fakehost_error(host), "in teardown: ");
	fakehost_free(host);
}

static void change(const char *name, mode_t mode)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", place, name);
	assert_int_equal(chmod(path, mode), 0);
}

static void only_what_nobody_else_can_change(void **state)
{
	(void)state;
	script("mine", "");
	assert_refused("mine", "");
	change("mine", 0644);
	assert_refused("mine", " is not executable: chmod +x it");
	change("mine", 0775);
	assert_refused("mine", " can be written by others: chmod go-w it");
	change("mine", 0757);
	assert_refused("mine", " can be written by others: chmod go-w it");
	change("mine", 0755);
	change(".", 0777);
	assert_refused("mine", "can be written by others: chmod go-w it");
	change(".", 01777);
	assert_refused("mine", "");
	change(".", 0700);
	assert_refused("nonesuch", ": No such file or directory");
	assert_refused("mine/", "mine is not a directory");
	assert_refused("mine/x", "mine is not a directory");
	assert_refused("../", "/.. is a directory, and not a program");
	assert_refused("", "is a directory, and not a program");
}

static void links_are_followed_and_checked(void **state)
{
	char from[128], to[128];

	(void)state;
	script("target", "");
	snprintf(from, sizeof(from), "%s/link", place);
	assert_int_equal(symlink("target", from), 0);
	assert_refused("link", "");
	snprintf(from, sizeof(from), "%s/shared", place);
	assert_int_equal(mkdir(from, 0755), 0);
	snprintf(from, sizeof(from), "%s/shared/back", place);
	snprintf(to, sizeof(to), "%s/../%s/target", place, strrchr(place, '/') + 1);
	assert_int_equal(symlink(to, from), 0);
	snprintf(from, sizeof(from), "%s/twice", place);
	assert_int_equal(symlink("./shared/../shared//back", from), 0);
	assert_refused("twice", "");
	/* Whoever can change a link on the way chooses the program. */
	change("shared", 0777);
	assert_refused("twice", "shared can be written by others");
	change("shared", 0755);
	change("target", 0775);
	assert_refused("twice", "target can be written by others");
	snprintf(from, sizeof(from), "%s/loop", place);
	assert_int_equal(symlink("loop", from), 0);
	assert_refused("loop", "Too many levels of symbolic links");
}

static void another_users_are_refused(void **state)
{
	char path[128];

	(void)state;
	fakehost_needs(geteuid() == 0 ? 0 : -EPERM);
	assert_int_equal(chown(script("theirs", ""), 65534, (gid_t)-1), 0);
	assert_refused("theirs", " belongs to another user: chown it to root");
	/* A link of his in a sticky directory, to a program of root's. */
	snprintf(path, sizeof(path), "%s/his-link", place);
	assert_int_equal(symlink("/bin/true", path), 0);
	assert_refused("his-link", "");
	assert_int_equal(lchown(path, 65534, (gid_t)-1), 0);
	assert_refused("his-link", " belongs to another user");
	/* His word that he has called sudo(8) is not enough. */
	setenv("SUDO_UID", "65534", 1);
	assert_refused("theirs", " belongs to another user: chown it to root");
	unsetenv("SUDO_UID");
}

/* Between configure and the run, which may be days later. */
static void it_is_looked_at_again(void **state)
{
	struct contain_ctx *host = host_with("parent_started = %s", script("changed", ""));

	(void)state;
	change("changed", 0777);
	assert_int_equal(fakehost_run(host, parent_started), -EACCES);
	assert_has(fakehost_error(host), "changed can be written by others");
	fakehost_free(host);
}

/* What is where the image's program will be is nothing to judge it by; unless that is the host. */
static void programs_of_the_image_are_not_looked_at(void **state)
{
	(void)state;
	fakehost_needs(geteuid() == 0 ? 0 : -EPERM);
	fakehost_free(host_with("child_enter = /nonesuch\nchild_seal = /nonesuch"));
	struct contain_ctx *host = host_with("child_enter = %s", script("shared-one", ""));
	change("shared-one", 0777);
	assert_int_equal(fakehost_run(host, child_enter), -EACCES);
	assert_has(fakehost_error(host), "shared-one can be written by others");
	fakehost_namespaces(host, CLONE_NEWNS);
	assert_int_equal(fakehost_run(host, child_enter), 0);
	fakehost_free(host);
}

static void what_is_exposed(void **state)
{
	struct contain_ctx *host = host_with("child_seal = /bin/true\nteardown = /bin/true");

	(void)state;
	assert_int_equal(fakehost_run(host, check), 0);
	assert_string_equal(fakehost_log(host), "");
	fakehost_free(host);
	host = host_with("child_enter = /bin/true");
	assert_int_equal(fakehost_run(host, check), 0);
	assert_has(fakehost_log(host), "exposes 10: programs of the image run as root");
	fakehost_forget(host);
	fakehost_namespaces(host, CLONE_NEWUSER);
	assert_int_equal(fakehost_run(host, check), 0);
	assert_has(fakehost_log(host), "exposes 2: programs of the image run as root");
	fakehost_free(host);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mistakes_are_told),
		cmocka_unit_test(words_and_quotes),
		cmocka_unit_test(the_name_may_be_another),
		cmocka_unit_test(it_reads_the_state),
		cmocka_unit_test(its_environment),
		cmocka_unit_test(a_clean_start),
		cmocka_unit_test(the_input_cannot_be_changed),
		cmocka_unit_test(a_program_of_the_image_cannot_trace),
		cmocka_unit_test(in_order_until_one_fails),
		cmocka_unit_test(each_in_its_phase),
		cmocka_unit_test(an_exec_is_no_start),
		cmocka_unit_test(failures_say_what_happened),
		cmocka_unit_test(time_is_limited),
		cmocka_unit_test(who_stops_the_supervisor_gains_nothing),
		cmocka_unit_test(what_it_leaves_in_its_group_ends),
		cmocka_unit_test(a_daemon_stays),
		cmocka_unit_test(it_ends_with_us),
		cmocka_unit_test(nothing_of_it_stays_with_us),
		cmocka_unit_test(output_is_bounded),
		cmocka_unit_test(long_lines_are_cut),
		cmocka_unit_test(teardown_runs_once),
		cmocka_unit_test(teardown_goes_on_past_failures),
		cmocka_unit_test(a_teardown_that_is_gone_is_a_warning),
		cmocka_unit_test(only_what_nobody_else_can_change),
		cmocka_unit_test(links_are_followed_and_checked),
		cmocka_unit_test(another_users_are_refused),
		cmocka_unit_test(it_is_looked_at_again),
		cmocka_unit_test(programs_of_the_image_are_not_looked_at),
		cmocka_unit_test(what_is_exposed),
	};

	return cmocka_run_group_tests_name("hooks", tests, make_place, remove_place);
}
