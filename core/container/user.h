/* SPDX-License-Identifier: MIT */
/* Who the command runs as, looked up in the image's own files: bounded regular files, never through libc's name
 * service. */
#pragma once

#include <sys/types.h>

#include "container/process.h"

struct user {
	uid_t uid;
	gid_t gid;
	gid_t *groups; /* supplementary; owned */
	size_t group_count;
	char *home; /* owned; "/" if the image does not know better */
};

/* From [process] user and groups; the container's files are at /. Fails with a message in ctx. */
int user_find(struct contain_ctx *ctx, const struct process *process, struct user *user);

/* Become it, keeping the capabilities for what seals the process. */
int user_become(struct contain_ctx *ctx, const struct user *user);

/* The last step before execve: capabilities that were only kept for sealing are effective no longer. */
int user_settle(struct contain_ctx *ctx, const struct user *user);

/* After it, in a process that executes nothing: nor can it raise them again, as an execve(2) would have it. */
int user_stay(struct contain_ctx *ctx, const struct user *user);
