/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "plugin/record.h"

struct place {
	char path[64];
	int directory;
	struct record record;
};

static int setup(void **state)
{
	struct place *place = calloc(1, sizeof(*place));

	strcpy(place->path, "/tmp/contain-record-XXXXXX");
	if (!mkdtemp(place->path))
		return -1;
	place->directory = open(place->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	*state = place;
	return record_create(&place->record, place->directory);
}

static int teardown(void **state)
{
	struct place *place = *state;

	record_free(&place->record);
	unlinkat(place->directory, RECORD_FILE, 0);
	close(place->directory);
	rmdir(place->path);
	free(place);
	return 0;
}

/* What another process reads there now. */
static struct record read_back(const struct place *place, int expected)
{
	struct record record = { .fd = -1 };
	int fd = openat(place->directory, RECORD_FILE, O_RDONLY | O_CLOEXEC);

	assert_int_equal(record_read(&record, fd), expected);
	close(fd);
	return record;
}

static void append(const struct place *place, const char *text)
{
	int fd = openat(place->directory, RECORD_FILE, O_WRONLY | O_APPEND | O_CLOEXEC);

	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

static void saved_when_it_returns(void **state)
{
	struct place *place = *state;
	struct record other;

	assert_int_equal(record_set(&place->record, "veth", "link", "c0"), 0);
	assert_int_equal(record_set(&place->record, "veth", "link", "c1"), 0);
	assert_int_equal(record_set(&place->record, ".", "link", "core's"), 0);
	assert_int_equal(record_set(&place->record, "veth", "gone", "x"), 0);
	assert_int_equal(record_set(&place->record, "veth", "gone", NULL), 0);
	other = read_back(place, 0);
	assert_string_equal(record_get(&other, "veth", "link"), "c1");
	assert_string_equal(record_get(&other, ".", "link"), "core's");
	assert_null(record_get(&other, "veth", "gone"));
	assert_null(record_get(&other, "veth", "never"));
	record_free(&other);
}

static void any_value_survives(void **state)
{
	static const char *const values[] = { "",   " ",      "a b  c ", "two\nlines\n", "back\\slash\\n",
					      "\\", "+x y z", "\xff\x01" };
	struct place *place = *state;

	for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++) {
		struct record other;

		assert_int_equal(record_set(&place->record, "p", "k", values[i]), 0);
		other = read_back(place, 0);
		assert_string_equal(record_get(&other, "p", "k"), values[i]);
		assert_string_equal(record_get(&place->record, "p", "k"), values[i]);
		record_free(&other);
	}
}

/* A reader that comes while a line is being written, or after a crash in it. */
static void half_a_line_is_not_seen(void **state)
{
	struct place *place = *state;
	struct record other;

	assert_int_equal(record_set(&place->record, "p", "k", "whole"), 0);
	append(place, "+p k hal");
	other = read_back(place, 0);
	assert_string_equal(record_get(&other, "p", "k"), "whole");
	record_free(&other);
}

static void what_is_no_record_is_refused(void **state)
{
	static const char *const lines[] = { "x\n", "+\n", "+p\n", "+p k\n", "-p\n", "\n" };
	struct place *place = *state;

	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		struct record other;

		assert_int_equal(ftruncate(place->record.fd, 0), 0);
		append(place, lines[i]);
		other = read_back(place, -EBADMSG);
		record_free(&other);
	}
}

static void a_key_is_one_word(void **state)
{
	struct place *place = *state;

	assert_int_equal(record_set(&place->record, "p", "a b", "x"), -EINVAL);
	assert_int_equal(record_set(&place->record, "p", "a\nb", "x"), -EINVAL);
	assert_int_equal(record_set(&place->record, "p", "", "x"), -EINVAL);
	assert_int_equal(record_set(&place->record, "", "k", "x"), -EINVAL);
}

static void a_reader_does_not_write(void **state)
{
	struct record other = read_back(*state, 0);

	assert_int_equal(record_set(&other, "p", "k", "x"), -EROFS);
	record_free(&other);
}

/* ---- by somebody else's hand ------------------------------------------------------------------------------------- */

static void gone_on_with(void **state)
{
	struct place *place = *state;
	struct record other = { .fd = -1 }, third;

	assert_int_equal(record_set(&place->record, "p", "k", "one"), 0);
	assert_int_equal(record_open(&other, place->directory, true), 0);
	assert_true(fcntl(other.fd, F_GETFD) & FD_CLOEXEC);
	assert_string_equal(record_get(&other, "p", "k"), "one");
	assert_int_equal(record_set(&other, "p", "k", "two"), 0);
	assert_int_equal(record_set(&other, "p", "more", "x"), 0);
	record_free(&other);
	third = read_back(place, 0);
	assert_string_equal(record_get(&third, "p", "k"), "two");
	assert_string_equal(record_get(&third, "p", "more"), "x");
	record_free(&third);
}

/* One of us was killed in the middle of a line. Who goes on begins where that began. */
static void half_a_line_is_cut(void **state)
{
	static const char *const halves[] = { "+", "+p", "+p k hal", "+p k half of it", "-p k", "nonsense" };
	struct place *place = *state;

	for (size_t i = 0; i < COUNT(halves); i++) {
		struct record other = { .fd = -1 }, third;
		struct stat whole, now;

		assert_int_equal(record_set(&place->record, "p", "k", "whole"), 0);
		assert_int_equal(fstat(place->record.fd, &whole), 0);
		append(place, halves[i]);
		assert_int_equal(record_open(&other, place->directory, true), 0);
		assert_string_equal(record_get(&other, "p", "k"), "whole");
		assert_int_equal(fstat(place->record.fd, &now), 0);
		assert_int_equal(now.st_size, whole.st_size);
		assert_int_equal(record_set(&other, "p", "next", "n"), 0);
		record_free(&other);
		third = read_back(place, 0);
		assert_string_equal(record_get(&third, "p", "k"), "whole");
		assert_string_equal(record_get(&third, "p", "next"), "n");
		record_free(&third);
	}
}

/* It may be just being written: who only reads passes over it, and leaves it there. */
static void half_a_line_is_not_a_readers_to_cut(void **state)
{
	struct place *place = *state;
	struct record other = { .fd = -1 };
	struct stat before, after;

	assert_int_equal(record_set(&place->record, "p", "k", "whole"), 0);
	append(place, "+p k hal");
	assert_int_equal(fstat(place->record.fd, &before), 0);
	assert_int_equal(record_open(&other, place->directory, false), 0);
	assert_string_equal(record_get(&other, "p", "k"), "whole");
	assert_int_equal(record_set(&other, "p", "k", "x"), -EROFS);
	record_free(&other);
	assert_int_equal(fstat(place->record.fd, &after), 0);
	assert_int_equal(after.st_size, before.st_size);
	/* And its rest comes. */
	append(place, "f\n");
	assert_int_equal(record_open(&other, place->directory, false), 0);
	assert_string_equal(record_get(&other, "p", "k"), "half");
	record_free(&other);
}

static void one_that_is_not_there(void **state)
{
	struct place *place = *state;
	struct record other = { .fd = -1 };

	assert_int_equal(unlinkat(place->directory, RECORD_FILE, 0), 0);
	assert_int_equal(record_open(&other, place->directory, false), -ENOENT);
	assert_int_equal(record_open(&other, place->directory, true), -ENOENT);
	/* Nor is a link followed, and what it leads to cut. */
	assert_int_equal(symlinkat("/etc/passwd", place->directory, RECORD_FILE), 0);
	assert_int_equal(record_open(&other, place->directory, false), -ELOOP);
	assert_int_equal(record_open(&other, place->directory, true), -ELOOP);
	record_free(&other);
}

static void a_broken_one_is_left_as_it_is(void **state)
{
	struct place *place = *state;
	struct record other = { .fd = -1 };
	struct stat before, after;

	append(place, "+p k v\nnonsense\n+p k ha");
	assert_int_equal(fstat(place->record.fd, &before), 0);
	assert_int_equal(record_open(&other, place->directory, true), -EBADMSG);
	assert_int_equal(other.fd, -1);
	record_free(&other);
	assert_int_equal(fstat(place->record.fd, &after), 0);
	assert_int_equal(after.st_size, before.st_size);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(saved_when_it_returns, setup, teardown),
		cmocka_unit_test_setup_teardown(any_value_survives, setup, teardown),
		cmocka_unit_test_setup_teardown(half_a_line_is_not_seen, setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_no_record_is_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(a_key_is_one_word, setup, teardown),
		cmocka_unit_test_setup_teardown(a_reader_does_not_write, setup, teardown),
		cmocka_unit_test_setup_teardown(gone_on_with, setup, teardown),
		cmocka_unit_test_setup_teardown(half_a_line_is_cut, setup, teardown),
		cmocka_unit_test_setup_teardown(half_a_line_is_not_a_readers_to_cut, setup, teardown),
		cmocka_unit_test_setup_teardown(one_that_is_not_there, setup, teardown),
		cmocka_unit_test_setup_teardown(a_broken_one_is_left_as_it_is, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
