/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/wire.h"
#include "unit.h"

static void write_all(struct wire *wire)
{
	wire_put_number(wire, 0);
	wire_put_number(wire, INT64_MIN);
	wire_put_string(wire, "hello");
	wire_put_string(wire, "");
	wire_put_string(wire, NULL);
	wire_put_bytes(wire, "a\0b", 3);
	wire_put_bytes(wire, NULL, 0);
	wire_put_number(wire, INT64_MAX);
}

static void round_trip(void **state)
{
	_cleanup_wire_ struct wire out = { 0 };
	struct wire in = { 0 };
	char bytes[3];

	(void)state;
	write_all(&out);
	assert_int_equal(out.error, 0);
	in.bytes = out.bytes;
	in.length = out.length;
	assert_true(wire_get_number(&in) == 0);
	assert_true(wire_get_number(&in) == INT64_MIN);
	assert_string_equal(wire_get_string(&in), "hello");
	assert_string_equal(wire_get_string(&in), "");
	assert_null(wire_get_string(&in));
	wire_get_bytes(&in, bytes, sizeof(bytes));
	assert_memory_equal(bytes, "a\0b", 3);
	assert_true(wire_get_number(&in) == INT64_MAX);
	assert_int_equal(in.error, 0);
	assert_int_equal(in.at, in.length);
}

/* Cut at every length, in memory that ends just there: the error is kept, and all that follows is zero. */
static void truncated(void **state)
{
	_cleanup_wire_ struct wire out = { 0 };

	(void)state;
	write_all(&out);
	for (size_t length = 0; length < out.length; length++) {
		struct wire in = { .bytes = malloc(length + !length), .length = length };
		char bytes[3] = "xyz";

		memcpy(in.bytes, out.bytes, length);
		wire_get_number(&in);
		wire_get_number(&in);
		wire_get_string(&in);
		wire_get_string(&in);
		wire_get_string(&in);
		wire_get_bytes(&in, bytes, sizeof(bytes));
		assert_true(wire_get_number(&in) == 0);
		assert_int_equal(in.error, -EBADMSG);
		wire_get_bytes(&in, bytes, sizeof(bytes));
		assert_memory_equal(bytes, "\0\0\0", 3);
		assert_null(wire_get_string(&in));
		free(in.bytes);
	}
}

static void wrong_strings(void **state)
{
	static const int64_t lengths[] = { -2, INT64_MIN, INT64_MAX, 4, 6, 100 };

	(void)state;
	for (size_t i = 0; i < COUNT(lengths); i++) {
		_cleanup_wire_ struct wire out = { 0 };
		struct wire in = { 0 };

		wire_put_string(&out, "hello");
		memcpy(out.bytes, &lengths[i], sizeof(lengths[i]));
		in.bytes = out.bytes;
		in.length = out.length;
		assert_null(wire_get_string(&in));
		assert_int_equal(in.error, -EBADMSG);
	}
}

static void nul_inside(void **state)
{
	_cleanup_wire_ struct wire out = { 0 };
	struct wire in = { 0 };

	(void)state;
	wire_put_string(&out, "hello");
	out.bytes[10] = '\0';
	in.bytes = out.bytes;
	in.length = out.length;
	assert_null(wire_get_string(&in));
	assert_int_equal(in.error, -EBADMSG);
}

static void too_much(void **state)
{
	_cleanup_wire_ struct wire wire = { 0 };

	(void)state;
	wire_put_number(&wire, 1);
	wire_put_bytes(&wire, "x", SIZE_MAX - 1);
	assert_int_equal(wire.error, -ENOMEM);
	assert_int_equal(wire.length, 8);
	wire_put_number(&wire, 1);
	assert_int_equal(wire.length, 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(round_trip), cmocka_unit_test(truncated), cmocka_unit_test(wrong_strings),
		cmocka_unit_test(nul_inside), cmocka_unit_test(too_much),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
