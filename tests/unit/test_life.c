/* SPDX-License-Identifier: MIT */
/* The words of the record: a process's name for ever, and how it ended. */
#include "unit.h"

#include <contain/plugin.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "container/life.h"
#include "container/record_keys.h"

/* A child that waits to be killed; its name may hold what a line of /proc/PID/stat is cut at. */
static pid_t start_child(const char *name)
{
	int ready[2];
	pid_t pid;

	assert_int_equal(pipe(ready), 0);
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_NAME, name);
		close(ready[0]);
		close(ready[1]);
		for (;;)
			pause();
	}
	close(ready[1]);
	assert_int_equal(read(ready[0], &(char){ 0 }, 1), 0);
	close(ready[0]);
	return pid;
}

static void end_child(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

/* A record in memory: what is read of it is all that is needed. */
static struct record record_of(const char *key, const char *value)
{
	struct record record = { .fd = -1, .entries = calloc(1, sizeof(*record.entries)), .count = 1 };

	*record.entries = (struct record_entry){ strdup(RECORD_CORE), strdup(key), strdup(value) };
	return record;
}

/* The start time by other means: field 22 counted from the end of a name without spaces. */
static void name_of_a_process(void **state)
{
	char name[64], path[64], stat[1024] = "", comm[32], status;
	unsigned long long start;
	pid_t pid = start_child("plain");
	FILE *file;
	int found, end = 0;

	(void)state;
	assert_int_equal(life_process_name(pid, name, sizeof(name)), 0);
	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	file = fopen(path, "re");
	assert_non_null(fgets(stat, sizeof(stat), file));
	fclose(file);
	assert_int_equal(sscanf(stat,
				"%d (%31[^)]) %c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s "
				"%*s %*s %llu",
				&found, comm, &status, &start),
			 4);
	assert_int_equal(sscanf(name, "%d %llu%n", &found, &(unsigned long long){ 0 }, &end), 2);
	assert_int_equal(found, pid);
	assert_int_equal(strlen(name), end);
	snprintf(stat, sizeof(stat), "%d %llu", pid, start);
	assert_string_equal(name, stat);
	end_child(pid);
	assert_true(life_process_name(pid, name, sizeof(name)) < 0);
}

static void names_that_look_like_the_rest(void **state)
{
	static const char *const comms[] = { "a) R 1 2 3", ") Z 0 (", "x y z", "()" };

	(void)state;
	for (size_t i = 0; i < COUNT(comms); i++) {
		char before[64], name[64];
		pid_t pid = start_child(comms[i]);

		assert_int_equal(life_process_name(pid, name, sizeof(name)), 0);
		snprintf(before, sizeof(before), "%s", name);
		assert_int_equal(atoi(name), pid);
		assert_int_equal(strspn(strchr(name, ' ') + 1, "0123456789"), strlen(strchr(name, ' ') + 1));
		assert_true(life_is_alive(before, pid));
		end_child(pid);
	}
}

static void alive(void **state)
{
	char name[64], other[80];
	pid_t pid = start_child("child");

	(void)state;
	assert_int_equal(life_process_name(pid, name, sizeof(name)), 0);
	assert_true(life_is_alive(name, pid));
	/* Another process has its number now: another start time, also where the digits begin alike. */
	snprintf(other, sizeof(other), "%s0", name);
	assert_false(life_is_alive(other, pid));
	snprintf(other, sizeof(other), "%d 1", pid);
	assert_false(life_is_alive(other, pid));
	snprintf(other, sizeof(other), "%.*s", (int)strlen(name) - 1, name);
	assert_false(life_is_alive(other, pid));
	snprintf(other, sizeof(other), "%d", pid);
	assert_false(life_is_alive(other, pid));
	/* It has ended, and nobody has reaped it. */
	kill(pid, SIGKILL);
	assert_int_equal(waitid(P_PID, (id_t)pid, &(siginfo_t){ 0 }, WEXITED | WNOWAIT), 0);
	assert_false(life_is_alive(name, pid));
	waitpid(pid, NULL, 0);
	assert_false(life_is_alive(name, pid));
}

static void opened_by_the_record(void **state)
{
	pid_t pid = start_child("child"), found = 0;
	char name[64], other[80];
	struct record record, none = { .fd = -1 };
	int fd;

	(void)state;
	assert_int_equal(life_process_name(pid, name, sizeof(name)), 0);
	record = record_of(RECORD_PID, name);
	fd = life_open_process(&record, &found);
	assert_true(fd >= 0);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	assert_int_equal(found, pid);
	close(fd);
	record_free(&record);

	snprintf(other, sizeof(other), "%d 1", pid);
	record = record_of(RECORD_PID, other);
	assert_int_equal(life_open_process(&record, NULL), -ESRCH);
	record_free(&record);
	assert_int_equal(life_open_process(&none, NULL), -ESRCH);
	record = record_of(RECORD_PID, "nonsense");
	assert_int_equal(life_open_process(&record, NULL), -ESRCH);
	record_free(&record);

	end_child(pid);
	record = record_of(RECORD_PID, name);
	assert_int_equal(life_open_process(&record, NULL), -ESRCH);
	record_free(&record);
}

static void the_end(void **state)
{
	char text[64];
	struct life life = { 0 };
	struct record record;

	(void)state;
	life_format_exit(text, sizeof(text), 137, 9, 1700000000123456);
	assert_string_equal(text, "137 9 1700000000123456");
	record = record_of(RECORD_EXIT, text);
	life_read_exit(&life, &record);
	record_free(&record);
	assert_true(life.exit_known);
	assert_int_equal(life.exit_status, 137);
	assert_int_equal(life.signal, 9);
	assert_true(life.ended_usec == 1700000000123456);
}

static void no_end_yet(void **state)
{
	static const char *const wrong[] = { "", "0", "0 0", "x 0 1", "0 0 x" };
	struct record none = { .fd = -1 };
	struct life life = { 0 };

	(void)state;
	life_read_exit(&life, &none);
	assert_false(life.exit_known);
	for (size_t i = 0; i < COUNT(wrong); i++) {
		struct record record = record_of(RECORD_EXIT, wrong[i]);

		life_read_exit(&life, &record);
		record_free(&record);
		assert_false(life.exit_known);
		assert_true(life.ended_usec == 0);
	}
}

static void words(void **state)
{
	(void)state;
	assert_string_equal(life_name(LIFE_CREATING), "creating");
	assert_string_equal(life_name(LIFE_CREATED), "created");
	assert_string_equal(life_name(LIFE_RUNNING), "running");
	assert_string_equal(life_name(LIFE_PAUSED), "paused");
	assert_string_equal(life_name(LIFE_STOPPED), "stopped");
	assert_true(life_now_usec() / 1000000 - time(NULL) <= 1);
	assert_true(time(NULL) - life_now_usec() / 1000000 <= 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(name_of_a_process),
		cmocka_unit_test(names_that_look_like_the_rest),
		cmocka_unit_test(alive),
		cmocka_unit_test(opened_by_the_record),
		cmocka_unit_test(the_end),
		cmocka_unit_test(no_end_yet),
		cmocka_unit_test(words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
