/* SPDX-License-Identifier: MIT */
/* Whose programs may run on the host's side: nobody but root and the user who runs contain decides what they are. */
#pragma once

#include <stddef.h>
#include <sys/types.h>

/* Who runs contain, as far as that is not root; else 0. In the parent, as it depends on the caller's environment. */
uid_t trust_user(void);

/*
 * Whether the file is executable and, with every directory and symbolic link on the way to it, of root or that user and
 * writable by nobody else. Then nobody else can put another one there between this and the execve either. 0, or -errno
 * with the path and what to do in `why`.
 */
int trust_program(const char *path, uid_t user, char *why, size_t why_size);
