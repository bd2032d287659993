/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "plugin/trust.h"

/* /tmp/contain-trust-XXXXXX/dir/file */
struct place {
	char top[64], dir[PATH_MAX], file[PATH_MAX], known[PATH_MAX], why[PATH_MAX + 128];
};

static int setup(void **state)
{
	struct place *place = calloc(1, sizeof(*place));
	int fd;

	strcpy(place->top, "/tmp/contain-trust-XXXXXX");
	if (!mkdtemp(place->top))
		return -1;
	snprintf(place->dir, PATH_MAX, "%s/dir", place->top);
	snprintf(place->file, PATH_MAX, "%s/dir/file", place->top);
	*state = place;
	if (mkdir(place->dir, 0755) < 0 || (fd = open(place->file, O_CREAT | O_WRONLY | O_CLOEXEC, 0644)) < 0)
		return -1;
	return close(fd);
}

static int teardown(void **state)
{
	struct place *place = *state;

	unlink(place->file);
	rmdir(place->dir);
	unlink(place->dir);
	rmdir(place->top);
	free(place);
	return 0;
}

static void refused(struct place *place, const char *path, const char *reason)
{
	assert_true(trust_check(path, place->known, place->why, sizeof(place->why)) < 0);
	assert_non_null(strstr(place->why, reason));
}

static void our_own_is_trusted(void **state)
{
	struct place *place = *state;

	assert_int_equal(trust_check(place->file, place->known, place->why, sizeof(place->why)), 0);
	assert_string_equal(place->known, place->dir);
	/* The second time by way of the directory that is known. */
	assert_int_equal(trust_check(place->file, place->known, place->why, sizeof(place->why)), 0);
}

static void a_file_that_others_can_write(void **state)
{
	struct place *place = *state;

	assert_int_equal(chmod(place->file, 0664), 0);
	refused(place, place->file, "file can be written by others: chmod go-w it");
	assert_int_equal(chmod(place->file, 0646), 0);
	refused(place, place->file, "file can be written by others");
}

/* Known or not: the file itself is looked at each time. */
static void a_file_in_a_known_directory(void **state)
{
	struct place *place = *state;

	assert_int_equal(trust_check(place->file, place->known, place->why, sizeof(place->why)), 0);
	assert_int_equal(chmod(place->file, 0666), 0);
	refused(place, place->file, "can be written by others");
}

static void a_directory_that_others_can_write(void **state)
{
	struct place *place = *state;

	assert_int_equal(chmod(place->dir, 0775), 0);
	refused(place, place->file, "dir can be written by others");
	assert_string_equal(place->known, "");
	assert_int_equal(chmod(place->dir, 0755), 0);
	assert_int_equal(chmod(place->top, 0777), 0);
	refused(place, place->file, place->top);
	/* As /tmp itself: what is in it belongs to its owner. */
	assert_int_equal(chmod(place->top, 01777), 0);
	assert_int_equal(trust_check(place->file, place->known, place->why, sizeof(place->why)), 0);
}

static void another_user(void **state)
{
	struct place *place = *state;

	if (geteuid() != 0) {
		assert_null(getenv("CONTAIN_MUST_WORK"));
		skip();
	}
	assert_int_equal(chown(place->file, 65534, 65534), 0);
	refused(place, place->file, "belongs to another user");
	assert_int_equal(chown(place->file, 0, 0), 0);
	assert_int_equal(chown(place->dir, 65534, 65534), 0);
	refused(place, place->file, "dir belongs to another user");
}

/* Where a link leads is what counts, and all that lies above that. */
static void a_link(void **state)
{
	struct place *place = *state;
	char moved[PATH_MAX + 8];

	snprintf(moved, sizeof(moved), "%s/there", place->top);
	assert_int_equal(rename(place->dir, moved), 0);
	assert_int_equal(symlink(moved, place->dir), 0);
	assert_int_equal(trust_check(place->file, place->known, place->why, sizeof(place->why)), 0);
	assert_int_equal(chmod(moved, 0777), 0);
	*place->known = '\0';
	refused(place, place->file, "there can be written by others");
	assert_int_equal(unlink(place->dir), 0);
	assert_int_equal(rename(moved, place->dir), 0);
}

static void what_is_no_file(void **state)
{
	struct place *place = *state;

	refused(place, place->dir, "is not a regular file");
	assert_int_equal(unlink(place->file), 0);
	refused(place, place->file, "No such file or directory");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(our_own_is_trusted, setup, teardown),
		cmocka_unit_test_setup_teardown(a_file_that_others_can_write, setup, teardown),
		cmocka_unit_test_setup_teardown(a_file_in_a_known_directory, setup, teardown),
		cmocka_unit_test_setup_teardown(a_directory_that_others_can_write, setup, teardown),
		cmocka_unit_test_setup_teardown(another_user, setup, teardown),
		cmocka_unit_test_setup_teardown(a_link, setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_no_file, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
