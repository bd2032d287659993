/* SPDX-License-Identifier: MIT */
/* Network namespaces that are there already. */
#pragma once

struct contain_ctx;

#define NAMESPACE_FOLDER "/run/netns" /* of `ip netns` (ip-netns(8)) */

/*
 * Open the one that `network` means, a name in NAMESPACE_FOLDER or a path with a slash: a descriptor that is the
 * caller's, or -errno with a message. Links of other users are not followed; what is no namespace is not opened.
 */
int namespace_open(struct contain_ctx *ctx, const char *network);
