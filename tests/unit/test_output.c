/* SPDX-License-Identifier: MIT */
/* What a detached command writes: into the files, and out of them. */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "container/output.h"

#define OLD (STATE_OUTPUT ".1")

struct place {
	char path[64];
	struct state state;
	struct output output;
};

static int setup(void **state)
{
	struct place *place = calloc(1, sizeof(*place));

	strcpy(place->path, "/tmp/contain-output-XXXXXX");
	if (!mkdtemp(place->path))
		return -1;
	place->state.directory = open(place->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	*state = place;
	return output_open(&place->output, &place->state, 4096);
}

static int teardown(void **state)
{
	struct place *place = *state;

	output_close(&place->output);
	unlinkat(place->state.directory, STATE_OUTPUT, 0);
	unlinkat(place->state.directory, OLD, 0);
	close(place->state.directory);
	rmdir(place->path);
	free(place);
	return 0;
}

static void write_out(struct place *place, const char *text)
{
	output_write(&place->output, OUTPUT_STDOUT, text, strlen(text));
}

/* A whole file; "" if there is none. */
static char *contents(const struct place *place, const char *name)
{
	int fd = openat(place->state.directory, name, O_RDONLY | O_CLOEXEC);
	char *bytes = calloc(1, 65536);

	if (fd >= 0) {
		assert_true(read(fd, bytes, 65535) >= 0);
		close(fd);
	}
	return bytes;
}

static int64_t size(const struct place *place, const char *name)
{
	struct stat st;

	return fstatat(place->state.directory, name, &st, 0) < 0 ? -1 : st.st_size;
}

/* "1F hello;2P half;" : the stream, the tag and the text of each line of a file. */
static void expect(const struct place *place, const char *name, const char *expected)
{
	char *bytes = contents(place, name), *rest = bytes, *line;
	char found[4096] = "";
	size_t length = 0;

	while ((line = strsep(&rest, "\n")) && (*line || rest)) {
		struct output_line parsed;

		assert_true(output_parse(line, strlen(line), &parsed));
		length += (size_t)snprintf(found + length, sizeof(found) - length, "%d%c %.*s;",
					   parsed.stream == OUTPUT_STDERR ? 2 : 1, parsed.whole ? 'F' : 'P',
					   (int)parsed.text_length, parsed.text);
	}
	assert_string_equal(found, expected);
	free(bytes);
}

static void lines_and_parts(void **state)
{
	struct place *place = *state;

	write_out(place, "one\ntwo\n");
	write_out(place, "ha");
	output_write(&place->output, OUTPUT_STDERR, "oops\n", 5);
	write_out(place, "lf\n");
	write_out(place, "\n\n");
	write_out(place, "");
	expect(place, STATE_OUTPUT, "1F one;1F two;1P ha;2F oops;1F lf;1F ;1F ;");
	assert_int_equal(size(place, OLD), -1);
}

static void any_bytes(void **state)
{
	struct place *place = *state;
	static const char bytes[] = "a\0b\r\xff\n";
	char *found;
	struct output_line parsed;
	const char *end;

	output_write(&place->output, OUTPUT_STDOUT, bytes, sizeof(bytes) - 1);
	found = contents(place, STATE_OUTPUT);
	end = memrchr(found, '\n', (size_t)size(place, STATE_OUTPUT));
	assert_true(output_parse(found, (size_t)(end - found), &parsed));
	assert_int_equal(parsed.text_length, 5);
	assert_memory_equal(parsed.text, bytes, 5);
	free(found);
}

/* RFC 3339 in UTC, to the nanosecond, so that lines sort by it. */
static void the_time(void **state)
{
	struct place *place = *state;
	char *found, zone[8] = "";
	struct tm utc = { 0 };
	long nsec;

	/* Wherever the user is. */
	setenv("TZ", "XXX+7", 1);
	tzset();
	write_out(place, "x\n");
	unsetenv("TZ");
	tzset();
	found = contents(place, STATE_OUTPUT);
	assert_int_equal(sscanf(found, "%4d-%2d-%2dT%2d:%2d:%2d.%9ld%1s", &utc.tm_year, &utc.tm_mon, &utc.tm_mday,
				&utc.tm_hour, &utc.tm_min, &utc.tm_sec, &nsec, zone),
			 8);
	assert_string_equal(zone, "Z");
	assert_int_equal(strcspn(found, " "), strlen("2024-01-02T03:04:05.123456789Z"));
	utc.tm_year -= 1900;
	utc.tm_mon -= 1;
	assert_true(labs(timegm(&utc) - time(NULL)) < 60);
	free(found);
}

static void for_nobody_else(void **state)
{
	struct place *place = *state;
	struct output second;
	struct stat st;

	assert_int_equal(fstatat(place->state.directory, STATE_OUTPUT, &st, 0), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	/* Nor one that is there already. */
	assert_int_equal(output_open(&second, &place->state, 4096), -EEXIST);
}

/* At the size a new file begins, and the one before the last is gone: never more than twice the size. */
static void rotation(void **state)
{
	struct place *place = *state;
	char line[128], *found;
	int64_t most = 0;
	int begun = 0;

	for (int i = 0; i < 400; i++) {
		int64_t before = size(place, STATE_OUTPUT);

		snprintf(line, sizeof(line), "line %04d\n", i);
		write_out(place, line);
		begun += size(place, STATE_OUTPUT) < before;
		assert_true(size(place, STATE_OUTPUT) <= 4096);
		assert_true(size(place, OLD) <= 4096);
		most = size(place, OLD) > most ? size(place, OLD) : most;
	}
	assert_true(begun >= 4);
	assert_true(most > 4096 - 128);
	/* Nothing is lost between the two: the old one ends just before the new one begins. */
	found = contents(place, OLD);
	char *last = strrchr(found, 'l');
	char *now = contents(place, STATE_OUTPUT);
	char *first = strstr(now, "line ");

	assert_int_equal(atoi(last + 5) + 1, atoi(first + 5));
	assert_non_null(strstr(now, "line 0399"));
	free(found);
	free(now);
}

/* More at once than a file holds is not cut up, and not thrown away. */
static void one_that_is_larger_than_the_file(void **state)
{
	struct place *place = *state;
	char *much = malloc(10001);

	memset(much, 'x', 10000);
	much[10000] = '\0';
	write_out(place, "before\n");
	write_out(place, much);
	write_out(place, "after\n");
	free(much);
	assert_true(size(place, OLD) > 10000);
	expect(place, STATE_OUTPUT, "1F after;");
}

/* A disk that is full: the line that does not fit is not there by half, and later ones are written again. */
static void a_full_disk_loses_lines_and_no_more(void **state)
{
	struct place *place = *state;
	struct rlimit before, small;
	char *much = malloc(3001);

	memset(much, 'x', 3000);
	much[3000] = '\0';
	write_out(place, "first\n");
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	small = (struct rlimit){ 1000, before.rlim_max };
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	write_out(place, much);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	write_out(place, "third\n");
	free(much);
	expect(place, STATE_OUTPUT, "1F first;1F third;");
}

static void closed(void **state)
{
	struct place *place = *state;

	output_close(&place->output);
	write_out(place, "lost\n");
	assert_int_equal(size(place, STATE_OUTPUT), 0);
}

/* ---- lines that somebody else wrote ------------------------------------------------------------------------------ */

static void parsed(void **state)
{
	static const char line[] = "2024-01-02T03:04:05.000000006Z stderr P  two  words ";
	struct output_line found;

	(void)state;
	assert_true(output_parse(line, strlen(line), &found));
	assert_int_equal(found.time_length, 30);
	assert_ptr_equal(found.time, line);
	assert_int_equal(found.stream, OUTPUT_STDERR);
	assert_false(found.whole);
	assert_int_equal(found.text_length, strlen(" two  words "));
	assert_memory_equal(found.text, " two  words ", found.text_length);
	assert_true(output_parse("T stdout F ", 11, &found));
	assert_int_equal(found.stream, OUTPUT_STDOUT);
	assert_true(found.whole);
	assert_int_equal(found.text_length, 0);
}

static void what_is_no_line_of_ours(void **state)
{
	static const char *const wrong[] = { "T stdoutF x", "T std F x", "T stdout FF x", "hello, world" };
	static const char line[] = "T stdout F x";
	struct output_line found;

	(void)state;
	for (size_t i = 0; i < COUNT(wrong); i++) {
		if (output_parse(wrong[i], strlen(wrong[i]), &found))
			fail_msg("'%s' is taken for a line", wrong[i]);
	}
	/* What lies behind the end is not looked at. */
	for (size_t length = 0; length < strlen(line); length++)
		assert_int_equal(output_parse(line, length, &found), length >= strlen("T stdout F "));
}

#define TEST(NAME) cmocka_unit_test_setup_teardown(NAME, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(lines_and_parts),
		TEST(any_bytes),
		TEST(the_time),
		TEST(for_nobody_else),
		TEST(rotation),
		TEST(one_that_is_larger_than_the_file),
		TEST(a_full_disk_loses_lines_and_no_more),
		TEST(closed),
		cmocka_unit_test(parsed),
		cmocka_unit_test(what_is_no_line_of_ours),
	};

	/* As in contain's main(): a write beyond the limit of a file's size fails, and does not kill. */
	signal(SIGXFSZ, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
