/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>

#include "base/signals.h"

static void names_and_numbers(void **state)
{
	static const struct {
		const char *text;
		int number;
	} rows[] = {
		{ "9", SIGKILL },       { "KILL", SIGKILL }, { "SIGKILL", SIGKILL }, { "kill", SIGKILL },
		{ "SigKill", SIGKILL }, { "TERM", SIGTERM }, { "hup", SIGHUP },      { "USR1", SIGUSR1 },
		{ "WINCH", SIGWINCH },  { "1", SIGHUP },     { "SIGSYS", SIGSYS },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_int_equal(signal_parse(rows[i].text), rows[i].number);
}

static void real_time(void **state)
{
	char text[32];

	(void)state;
	assert_int_equal(signal_parse("RTMIN"), SIGRTMIN);
	assert_int_equal(signal_parse("SIGRTMIN+3"), SIGRTMIN + 3);
	assert_int_equal(signal_parse("rtmin+0"), SIGRTMIN);
	assert_int_equal(signal_parse("RTMAX"), SIGRTMAX);
	assert_int_equal(signal_parse("SIGRTMAX-1"), SIGRTMAX - 1);
	snprintf(text, sizeof(text), "%d", SIGRTMAX);
	assert_int_equal(signal_parse(text), SIGRTMAX);
}

static void what_is_none_is_refused(void **state)
{
	static const char *const wrong[] = {
		"",
		"0",
		"-1",
		"65",
		"999999999999",
		"SIG",
		"KILLS",
		"SIGSIGKILL",
		"KILL ",
		" 9",
		"9x",
		"RTMIN-1",
		"RTMAX+1",
		"RTMIN+99",
		"RTMIN+",
		"RTMIN+x",
		"RTMIN++1",
		"RTMIN3",
		"RTMAX--1",
		"RTMIN+-1",
		"RTMAX+-1",
		"RTMIN+99999999999",
		"TERM\n",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(wrong); i++) {
		if (signal_parse(wrong[i]) != -EINVAL)
			fail_msg("'%s' is taken for signal %d", wrong[i], signal_parse(wrong[i]));
	}
}

static void every_text_is_understood_again(void **state)
{
	char text[24];

	(void)state;
	for (int number = 1; number < SIGRTMAX; number++) {
		/* Two of them belong to libc (nptl(7)), and have no name. */
		if (number >= 32 && number < SIGRTMIN)
			continue;
		assert_int_equal(signal_parse(signal_text(number, text)), number);
	}
	assert_string_equal(signal_text(SIGKILL, text), "SIGKILL");
	assert_string_equal(signal_text(SIGRTMIN + 6, text), "SIGRTMIN+6");
	assert_string_equal(signal_text(1000, text), "signal 1000");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_and_numbers),
		cmocka_unit_test(real_time),
		cmocka_unit_test(what_is_none_is_refused),
		cmocka_unit_test(every_text_is_understood_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
