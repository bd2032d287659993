/* SPDX-License-Identifier: MIT */
/* run -d: a monitor that stays with the container, while we tell its id and go. */
#pragma once

#include "container/container.h"

/* What was open before we opened anything: descriptors of our caller's. To be released by inherited_free(). */
struct inherited {
	int *fds;
	size_t count;
};

/* Take note of them, but for the log. */
int inherited_find(struct inherited *inherited, struct contain_ctx *ctx);
void inherited_free(struct inherited *inherited);

/*
 * The exit status of the one who was called: 0 once the command runs, and its id was printed. Every failure was told.
 * `file`: for a report at the end; -1. `inherited` is closed where it would stay open.
 */
int background_run(struct container *container, int file, const struct inherited *inherited);
