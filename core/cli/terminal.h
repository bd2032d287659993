/* SPDX-License-Identifier: MIT */
/* The terminal of run and exec. */
#pragma once

#include "container/container.h"

/* Whether the command gets one: if it is asked for, or else with both on a terminal, where it is a dialogue. */
bool terminal_wanted(bool asked, bool refused);

/*
 * A terminal that is another job's: the command is in a session of its own, where nothing stops it from reading what is
 * typed at the shell (termios(3), job control). It gets no keyboard. 0 or -errno with a message.
 */
int terminal_leave(struct contain_ctx *ctx);

/* Begin (container_start, container_join), and wait for the end, as somebody at the command's terminal if it has one.
 */
int terminal_live(struct container *container, int (*begin)(struct container *container));
