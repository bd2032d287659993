/* SPDX-License-Identifier: MIT */
/* The bridge that containers share. */
#pragma once

#include <contain/plugin.h>

#include "link.h"

/*
 * Make it, with this MAC address, by which it is known as ours later, and these addresses, and switch it on; its
 * index is in *index. 0, or -errno with a message.
 */
int bridge_make(struct contain_ctx *ctx, struct netlink *netlink, const char *name, const struct mac *mac, int64_t mtu,
		const struct address own[FAMILIES], const struct subnet subnets[FAMILIES], unsigned *index);

/* Remove it, if it is still the one with that MAC address, and has no interface that others have put there. */
int bridge_remove(struct contain_ctx *ctx, struct netlink *netlink, const char *name, const struct mac *mac);
