/* SPDX-License-Identifier: MIT */
/* Two pipes, and a pump from the one into the other. */
#include "unit.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/pump.h"

struct place {
	int in, out; /* our ends: what is written to `in` comes out of `out` */
	struct pump pump;
};

static int setup(void **state)
{
	struct place *place = calloc(1, sizeof(*place));
	int first[2], second[2];

	signal(SIGPIPE, SIG_IGN);
	*state = place;
	if (!place || pipe2(first, O_NONBLOCK | O_CLOEXEC) < 0 || pipe2(second, O_NONBLOCK | O_CLOEXEC) < 0)
		return -1;
	place->in = first[1];
	place->out = second[0];
	place->pump = (struct pump){ .from = first[0], .to = second[1] };
	return 0;
}

static int teardown(void **state)
{
	struct place *place = *state;

	/* What a test has closed is -1. */
	close(place->in);
	close(place->out);
	close(place->pump.from);
	close(place->pump.to);
	free(place);
	return 0;
}

static void hang_up(int *fd)
{
	close(*fd);
	*fd = -1;
}

static void put(struct place *place, const char *text)
{
	assert_int_equal(write(place->in, text, strlen(text)), strlen(text));
}

static void expect(struct place *place, const char *text)
{
	char bytes[256] = "";

	assert_int_equal(read(place->out, bytes, sizeof(bytes) - 1), strlen(text));
	assert_string_equal(bytes, text);
}

static void passes_bytes_on(void **state)
{
	struct place *place = *state;
	struct pump *pump = &place->pump;
	char *bytes;

	assert_int_equal(pump_reads(pump), pump->from);
	assert_int_equal(pump_writes(pump), -1);
	put(place, "hello");
	assert_int_equal(pump_read(pump, &bytes), 5);
	assert_memory_equal(bytes, "hello", 5);
	assert_int_equal(pump_writes(pump), pump->to);
	put(place, ", world");
	assert_int_equal(pump_read(pump, &bytes), 7);
	assert_memory_equal(bytes, ", world", 7);
	pump_write(pump);
	expect(place, "hello, world");
	assert_int_equal(pump_writes(pump), -1);
	assert_false(pump_done(pump));
}

static void changed_on_the_way(void **state)
{
	struct place *place = *state;
	struct pump *pump = &place->pump;
	char *bytes;

	put(place, "abc");
	assert_int_equal(pump_read(pump, &bytes), 3);
	bytes[1] = 'X';
	pump_add(pump, "!", 1);
	pump_write(pump);
	expect(place, "aXc!");
}

static void nothing_there_is_no_end(void **state)
{
	struct place *place = *state;
	char *bytes;

	assert_int_equal(pump_read(&place->pump, &bytes), 0);
	assert_false(place->pump.ended);
	pump_write(&place->pump);
	assert_false(pump_done(&place->pump));
}

static void the_end_comes_after_the_last_byte(void **state)
{
	struct place *place = *state;
	struct pump *pump = &place->pump;
	char *bytes;

	put(place, "last");
	assert_int_equal(pump_read(pump, &bytes), 4);
	hang_up(&place->in);
	assert_int_equal(pump_read(pump, &bytes), 0);
	assert_true(pump->ended);
	assert_int_equal(pump_reads(pump), -1);
	assert_false(pump_done(pump));
	pump_write(pump);
	assert_true(pump_done(pump));
	expect(place, "last");
	/* Once more does no harm. */
	assert_int_equal(pump_read(pump, &bytes), 0);
	pump_write(pump);
	assert_true(pump_done(pump));
}

static void a_reader_who_leaves_ends_it(void **state)
{
	struct place *place = *state;
	struct pump *pump = &place->pump;
	char *bytes;

	put(place, "lost");
	assert_int_equal(pump_read(pump, &bytes), 4);
	hang_up(&place->out);
	pump_write(pump);
	assert_true(pump_done(pump));
	assert_int_equal(pump_reads(pump), -1);
	assert_int_equal(pump_writes(pump), -1);
}

static void nowhere_to_write(void **state)
{
	struct place *place = *state;
	struct pump *pump = &place->pump;
	char *bytes;

	hang_up(&pump->to);
	put(place, "lost");
	assert_int_equal(pump_read(pump, &bytes), 4);
	pump_write(pump);
	hang_up(&place->in);
	assert_int_equal(pump_read(pump, &bytes), 0);
	assert_true(pump_done(pump));
}

/* A reader who is slow: no more is read than there is room for, and nothing is lost or comes twice. */
static void full_and_empty_again(void **state)
{
	struct place *place = *state;
	struct pump *pump = &place->pump;
	char chunk[4096], *bytes;
	size_t sent = 0, received = 0;
	const size_t total = 300000;
	int full = 0;

	while (received < total) {
		size_t length = total - sent < sizeof(chunk) ? total - sent : sizeof(chunk);
		ssize_t n;

		for (size_t i = 0; i < length; i++)
			chunk[i] = (char)((sent + i) % 251);
		n = length ? write(place->in, chunk, length) : 0;
		sent += n > 0 ? (size_t)n : 0;
		pump_read(pump, &bytes);
		full += pump_reads(pump) < 0;
		pump_write(pump);
		/* Its reader takes less than comes in. */
		n = read(place->out, chunk, sent < total ? 1000 : sizeof(chunk));
		for (ssize_t i = 0; i < n; i++)
			assert_int_equal((unsigned char)chunk[i], (received + (size_t)i) % 251);
		received += n > 0 ? (size_t)n : 0;
	}
	assert_int_equal(received, total);
	assert_true(full > 0);
}

static void more_than_there_is_room_for_is_cut(void **state)
{
	struct place *place = *state;
	struct pump *pump = &place->pump;
	static const char much[sizeof(pump->bytes) + 10];
	char *bytes;

	pump_add(pump, much, sizeof(much));
	assert_int_equal(pump->end, sizeof(pump->bytes));
	assert_int_equal(pump_reads(pump), -1);
	put(place, "x");
	assert_int_equal(pump_read(pump, &bytes), 0);
	assert_false(pump->ended);
	pump_add(pump, "x", 1);
	assert_int_equal(pump->end, sizeof(pump->bytes));
}

#define TEST(NAME) cmocka_unit_test_setup_teardown(NAME, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(passes_bytes_on),
		TEST(changed_on_the_way),
		TEST(nothing_there_is_no_end),
		TEST(the_end_comes_after_the_last_byte),
		TEST(a_reader_who_leaves_ends_it),
		TEST(nowhere_to_write),
		TEST(full_and_empty_again),
		TEST(more_than_there_is_room_for_is_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
