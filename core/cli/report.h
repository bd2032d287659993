/* SPDX-License-Identifier: MIT */
/* The end of a run in words and figures: lines for people, and a file with JSON for programs. */
#pragma once

#include <stdbool.h>

#include "container/container.h"

/*
 * A file, terminal or pipe to write to, "-" for standard output; opened before anything is done, so that a wrong path
 * costs nothing. What is in it stays until there is a report. The descriptor, or -errno with a message.
 */
int report_open(struct contain_ctx *ctx, const char *path);

/* How the command ended and what it used; into the file too, if it is not -1. *reported: it came as far as writing. */
int report_write(struct container *container, int file, bool *reported);

/* The two halves of that: telling how it ended, with the figures, which usage_free() frees; and writing these. */
int report_make(struct container *container, struct usage *usage);
int report_tell(struct container *container, const struct usage *usage, int file, bool *reported);

/* Instead of a report: so that an older one is not taken for this run's. */
void report_failure(struct container *container, int status, int file);
