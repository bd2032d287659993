/* SPDX-License-Identifier: MIT */
#include "options.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "command.h"

const struct phase phases[PHASES] = {
	[PREPARE] = { "parent_prepare", true, false }, [ATTACH] = { "parent_attach", true, false },
	[SETUP] = { "child_setup", false, false },     [ENTER] = { "child_enter", false, true },
	[SEAL] = { "child_seal", false, true },        [STARTED] = { "parent_started", true, false },
	[TEARDOWN] = { "teardown", true, false },
};

static int check_program(const char *text, void *value, char *why, size_t why_size)
{
	struct command command;
	int result = command_parse(text, &command, why, why_size);

	(void)value;
	if (result == 0)
		command_free(&command);
	return result;
}

/* "PHASE=PROGRAM": the program, and its phase in *phase; NULL if there is none of that name. */
static const char *split_hook(const char *text, int *phase)
{
	for (*phase = 0; *phase < PHASES; ++*phase) {
		size_t length = strlen(phases[*phase].name);

		if (strncmp(text, phases[*phase].name, length) == 0 && text[length] == '=')
			return text + length + 1;
	}
	return NULL;
}

static int check_hook(const char *text, void *value, char *why, size_t why_size)
{
	int phase;
	const char *program = split_hook(text, &phase);

	if (program)
		return check_program(program, value, why, why_size);
	snprintf(why, why_size, "must begin with PHASE=, which is one of:");
	for (phase = 0; phase < PHASES; phase++) {
		size_t length = strlen(why);

		snprintf(why + length, why_size - length, "%s %s", phase ? "," : "", phases[phase].name);
	}
	return -EINVAL;
}

static int check_variable(const char *text, void *value, char *why, size_t why_size)
{
	(void)value;
	if (*text != '=' && strchr(text, '='))
		return 0;
	snprintf(why, why_size, "must be NAME=VALUE");
	return -EINVAL;
}

#define PROGRAMS(PHASE, KEY, HELP)                                                                                     \
	CONTAIN_LIST_OPTION(struct hooks, programs[PHASE], KEY, .metavar = "PROGRAM", .help = HELP,                    \
			    .parse = check_program)

const struct contain_option hooks_options[] = {
	PROGRAMS(PREPARE, "parent_prepare", "a program of the host, before the container's first process exists"),
	PROGRAMS(ATTACH, "parent_attach", "a program of the host, when the namespaces are made"),
	PROGRAMS(SETUP, "child_setup", "a program of the host, in the container's namespaces"),
	PROGRAMS(ENTER, "child_enter", "a program of the image, in the container, as root"),
	PROGRAMS(SEAL, "child_seal", "a program of the image, in the container, as the command's user"),
	PROGRAMS(STARTED, "parent_started", "a program of the host, when the command runs"),
	PROGRAMS(TEARDOWN, "teardown", "a program of the host, when the container has ended"),
	CONTAIN_LIST_OPTION(struct hooks, hook, "hook", .flag = "hook", .metavar = "PHASE=PROGRAM",
			    .help = "run a program at this step: parent_prepare, ..., parent_started, teardown",
			    .parse = check_hook),
	CONTAIN_LIST_OPTION(struct hooks, env, "env", .metavar = "NAME=VALUE",
			    .help = "a variable for all programs, which get nothing of ours", .parse = check_variable),
	CONTAIN_INT_OPTION(struct hooks, timeout, "timeout", .initial = "10", .min = 1, .max = TIMEOUT_MOST,
			   .metavar = "SECONDS", .help = "how long a program may take, in seconds"),
	CONTAIN_OPTIONS_END,
};

const char *nth_program(const struct hooks *hooks, int phase, size_t n)
{
	const struct contain_list *own = &hooks->programs[phase];

	if (n < own->count)
		return own->items[n];
	n -= own->count;
	for (size_t i = 0; i < hooks->hook.count; i++) {
		int of;
		const char *program = split_hook(hooks->hook.items[i], &of);

		if (program && of == phase && n-- == 0)
			return program;
	}
	return NULL;
}
