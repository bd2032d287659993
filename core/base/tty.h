/* SPDX-License-Identifier: MIT */
/* Terminals. Each returns 0 or -errno, without a message. */
#pragma once

#include <stdbool.h>
#include <termios.h>

/* A new pseudo-terminal of the devpts whose ptmx is open as *master: unlocked, and its other end in *slave. */
int tty_slave(int master, int *slave);

/* One of the host's devpts. */
int tty_open(int *master, int *slave);

/* Whether a descriptor is the ptmx of a devpts, and no other file in its place. */
bool tty_is_ptmx(int fd);

/* Every key goes through as it is; the settings before are in *saved. */
int tty_raw(int fd, struct termios *saved);

/* The window of one terminal, for another. */
void tty_copy_size(int from, int to);

/* Whether we may read from it and set its modes: it is our terminal, and we are in its foreground (termios(3)). */
bool tty_is_ours(int fd);

/*
 * A description of our own of a terminal or pipe, with O_NONBLOCK, which would be everybody's on the given one. Other
 * files are only duplicated.
 */
int tty_reopen(int fd, int flags);
