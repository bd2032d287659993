/* SPDX-License-Identifier: MIT */
/*
 * The process between us and a program. It knows when we die, and ends the program then; it holds nothing of ours (the
 * lock of the state directory, the channel), so what we held is free at that moment.
 */
#pragma once

#include <contain/plugin.h>

#include "command.h"

struct program {
	const char *phase;
	const struct command *command;
	int64_t timeout;          /* seconds */
	char *const *environment; /* NULL at the end */
	const char *input;        /* on its standard input */
	bool of_image;            /* not the host's: it must not reach into our own process */
};

/* How a program ended, the first of these that comes through the pipe. */
struct outcome {
	enum { EXITED = 1, KILLED, TIMED_OUT, NOT_EXECUTED, NOT_STARTED, LOST } how;
	int value; /* exit status, signal, -, errno, errno, - */
};

/*
 * What the new process does; it never returns. `input` and `output` are the program's, `result` is for one or two
 * struct outcome, `owner` a pidfd of the process that waits.
 */
_Noreturn void supervise(const struct program *program, int input, int output, int result, int owner);
