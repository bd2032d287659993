/* SPDX-License-Identifier: MIT */
/* run -d: a monitor that stays with the container, while we tell its id and go. */
#pragma once

#include "container/container.h"

/*
 * The exit status of the one who was called: 0 once the command runs, and its id was printed. Every failure was told.
 * `file`: for a report at the end; -1.
 */
int background_run(struct container *container, int file);
