/* SPDX-License-Identifier: MIT */
/* --trace, and the table of -v. */
#pragma once

#include "cli/cli.h"

struct container;

/*
 * What is done with the container from here on is recorded, if -v or --trace (`path`; NULL: none) asks for it; its file
 * is opened. `before` says what this process has done so far. 0 or -errno with a message in the container's ctx.
 */
int trace_start(struct cli *cli, struct container *container, const char *before, const char *path);

/* A fork goes on with what this process has begun. */
void trace_go_on(struct tracing *tracing);

/* Write that file, if there is one. The exit status: as it was, or 125 with a message if it can't be written. */
int trace_write(struct container *container, int status);

/* The table, as far as things have come. */
void trace_show(const struct tracing *tracing, struct log *log);
