/* SPDX-License-Identifier: MIT */
#include "cli/document.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "unit.h"

#define LENGTH 200000 /* a pipe holds 65536 (pipe(7)) */

static struct text make_text(void)
{
	struct text text = { 0 };

	while (text.length < LENGTH)
		text_add(&text, "0123456789");
	return text;
}

/* A process that reads all there is. Its exit status is 0 if that is what was to be written. */
static pid_t make_reader(const char *path, const struct text *wanted)
{
	pid_t pid = fork();

	if (pid == 0) {
		int fd = open(path, O_RDONLY);
		char *read_back = calloc(1, LENGTH + 1);
		size_t length = 0;
		ssize_t n = 1;

		for (; n > 0; length += n > 0 ? (size_t)n : 0)
			n = read(fd, read_back + length, LENGTH - length);
		_exit(length == LENGTH && memcmp(read_back, wanted->chars, LENGTH) == 0 ? 0 : 1);
	}
	return pid;
}

/* More than it holds. */
static void test_fifo(void **state)
{
	const struct log log = { .fd = STDERR_FILENO };
	char directory[] = "/tmp/document-XXXXXX", path[64];
	_cleanup_text_ struct text text = make_text();
	int file, status = -1;
	pid_t pid;

	(void)state;
	assert_non_null(mkdtemp(directory));
	snprintf(path, sizeof(path), "%s/fifo", directory);
	assert_int_equal(mkfifo(path, 0600), 0);
	pid = make_reader(path, &text);
	assert_true(pid > 0);
	while ((file = document_open(path, 0, 0600)) == -ENXIO)
		sched_yield();
	assert_true(file >= 0);
	assert_int_equal(document_write(file, &text, &log), 0);
	close(file);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	unlink(path);
	rmdir(directory);
}

/* In place of what was there. */
static void test_file(void **state)
{
	const struct log log = { .fd = STDERR_FILENO };
	char path[] = "/tmp/document-XXXXXX", bytes[8] = "";
	_cleanup_text_ struct text text = { 0 };
	int file = mkstemp(path);

	(void)state;
	assert_int_equal(write(file, "longer than it", 14), 14);
	close(file);
	file = document_open(path, O_NOFOLLOW, 0600);
	text_add(&text, "new\n");
	assert_int_equal(document_write(file, &text, &log), 0);
	close(file);
	file = open(path, O_RDONLY);
	assert_int_equal(read(file, bytes, sizeof(bytes)), 4);
	assert_string_equal(bytes, "new\n");
	close(file);
	unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_fifo), cmocka_unit_test(test_file) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
