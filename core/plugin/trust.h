/* SPDX-License-Identifier: MIT */
/* Whether a file may be loaded into a privileged process. */
#pragma once

#include <stddef.h>

/*
 * The file, and every directory above it, belongs to root or to the user who runs us (also through sudo), and no one
 * else can write to it; a sticky directory such as /tmp passes, as what is in it belongs to its owner. `path` is
 * absolute. What is found good is kept in `known` (PATH_MAX bytes, "" at first): the directory, so that its next file
 * costs one system call. 0, or -errno with the reason, which names the file or directory in the way, in why.
 */
int trust_check(const char *path, char *known, char *why, size_t why_size);
