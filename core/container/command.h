/* SPDX-License-Identifier: MIT */
/* The command itself: found, and executed in a clean state. */
#pragma once

#include "plugin/ctx.h"

#define STATUS_FAILED         125
#define STATUS_NOT_EXECUTABLE 126
#define STATUS_NOT_FOUND      127

/*
 * Where argv[0] is, inside the container: itself if it has a slash, else in PATH of the environment. The caller frees
 * *path. -errno with a message, and the exit status for it (126, 127) in *status.
 */
int command_find(struct contain_ctx *ctx, const char *name, char *const *environment, char **path, int *status);

/* Signals, umask and descriptors as a fresh process has them, then execve. Returns only on failure, as above. */
int command_execute(struct contain_ctx *ctx, const char *path, char *const *argv, char *const *environment,
		    int *status);

/* Change to the working directory, and see that it is inside the root. */
int command_enter_directory(struct contain_ctx *ctx, const char *directory);
