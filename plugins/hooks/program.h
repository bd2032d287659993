/* SPDX-License-Identifier: MIT */
/* Run a program to its end, and say what it writes. */
#pragma once

#include "supervisor.h"

#define WHY_SIZE 1024

/*
 * 0 if it has ended with status 0; else -errno, without a message, and why: "/x ended with exit status 3; its last
 * line: ...". Each line that it writes is told with contain_info(), as far as they are not too many. When it returns,
 * nothing of the program's process group is left.
 */
int program_run(struct contain_ctx *ctx, const struct program *program, char why[WHY_SIZE]);
