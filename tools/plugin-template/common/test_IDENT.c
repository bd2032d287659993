/*
 * Unit test: the hooks of @SOURCE@ against the fake host, without root and without a container. What the fake host can
 * do is in <contain/fakehost.h>; fakehost_log() tells everything that a hook has asked for.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <contain/fakehost.h>

/* A host with a directory of its own, given to the plugin as in its section of a profile. */
struct place {
	struct contain_ctx *host;
	char directory[32], file[64], line[64];
};

static int setup(void **state)
{
	struct place *place = calloc(1, sizeof(*place));

	strcpy(place->directory, "/tmp/@IDENT@.XXXXXX");
	assert_non_null(mkdtemp(place->directory));
	snprintf(place->file, sizeof(place->file), "%s/test-container.pid", place->directory);
	snprintf(place->line, sizeof(place->line), "directory = %s", place->directory);
	place->host = fakehost_new();
	fakehost_pid(place->host, 4711);
	*state = place;
	return 0;
}

static int teardown(void **state)
{
	struct place *place = *state;

	unlink(place->file);
	rmdir(place->directory);
	fakehost_free(place->host);
	free(place);
	return 0;
}

static void the_file_is_there_as_long_as_the_container(void **state)
{
	struct place *place = *state;
	char text[32] = "";

	assert_int_equal(fakehost_options(place->host, place->line), 0);
	assert_int_equal(fakehost_run(place->host, parent_prepare), 0);
	assert_int_equal(access(place->file, F_OK), -1);
	assert_int_equal(fakehost_run(place->host, parent_attach), 0);
	FILE *file = fopen(place->file, "r");
	assert_non_null(file);
	assert_non_null(fgets(text, sizeof(text), file));
	fclose(file);
	assert_string_equal(text, "4711\n");
	assert_int_equal(fakehost_run(place->host, teardown), 0);
	assert_int_equal(access(place->file, F_OK), -1);
}

static void what_will_be_made_is_recorded_first(void **state)
{
	struct place *place = *state;
	char expected[128];

	assert_int_equal(fakehost_options(place->host, place->line), 0);
	assert_int_equal(fakehost_run(place->host, parent_prepare), 0);
	snprintf(expected, sizeof(expected), "state file=%s\n", place->file);
	assert_string_equal(fakehost_log(place->host), expected);
}

static void teardown_works_at_any_time(void **state)
{
	struct place *place = *state;

	assert_int_equal(fakehost_options(place->host, place->line), 0);
	/* Nothing recorded, nothing made, and twice. */
	assert_int_equal(fakehost_run(place->host, teardown), 0);
	assert_int_equal(fakehost_run(place->host, parent_prepare), 0);
	assert_int_equal(fakehost_run(place->host, teardown), 0);
	assert_int_equal(fakehost_run(place->host, parent_attach), 0);
	assert_int_equal(fakehost_run(place->host, teardown), 0);
	assert_int_equal(fakehost_run(place->host, teardown), 0);
}

static void a_missing_directory_is_told(void **state)
{
	struct place *place = *state;

	assert_int_equal(fakehost_options(place->host, "directory = /nonexistent"), 0);
	assert_int_equal(fakehost_run(place->host, parent_prepare), 0);
	assert_int_equal(fakehost_run(place->host, parent_attach), -ENOENT);
	assert_non_null(strstr(fakehost_error(place->host), "/nonexistent/test-container.pid"));
}

static void a_relative_directory_is_refused(void **state)
{
	struct place *place = *state;

	assert_int_equal(fakehost_options(place->host, "directory = run"), -EINVAL);
	assert_non_null(strstr(fakehost_errors(place->host), "must begin with a slash"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_file_is_there_as_long_as_the_container, setup, teardown),
		cmocka_unit_test_setup_teardown(what_will_be_made_is_recorded_first, setup, teardown),
		cmocka_unit_test_setup_teardown(teardown_works_at_any_time, setup, teardown),
		cmocka_unit_test_setup_teardown(a_missing_directory_is_told, setup, teardown),
		cmocka_unit_test_setup_teardown(a_relative_directory_is_refused, setup, teardown),
	};

	return cmocka_run_group_tests_name("@NAME@", tests, NULL, NULL);
}
