/* SPDX-License-Identifier: MIT */
/* A file that is written once, as a whole, when all is over: a report, a trace. Each is -errno without a message. */
#pragma once

#include <sys/types.h>

#include "base/log.h"
#include "base/text.h"

/*
 * A file, terminal or pipe to write to, "-" for standard output; opened before anything is done, so that a wrong path
 * costs nothing. What is in it stays until document_write(). `flags`: more for open(2). The descriptor, close-on-exec.
 */
int document_open(const char *path, int flags, mode_t mode);

/* The text in place of what was in the file; what is also the command's output, or the log, is added to. */
int document_write(int file, const struct text *text, const struct log *log);
