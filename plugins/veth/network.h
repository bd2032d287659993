/* SPDX-License-Identifier: MIT */
/* The network that a container is connected to: what is known of it, made on its first use and removed with its last.
 */
#pragma once

#include <contain/plugin.h>

#include "lease.h"
#include "link.h"

/* Its name: the bridge's, or POINT_TO_POINT. */
const char *network_name(const struct veth *veth);

/*
 * With the network's lock held: join the network, or begin it; take addresses on it, which are in veth->chosen then,
 * and make what it needs of the bridge and the packet filter. `record` is called once the addresses are chosen, before
 * they are taken. 0, or -errno with a message; what was done is undone by network_leave().
 */
int network_enter(struct contain_ctx *ctx, struct veth *veth, struct lease *lease,
		  int (*record)(struct contain_ctx *ctx, const struct chosen *chosen));

/*
 * Give back what the container with these addresses has of it, and remove the network if it was the last one. All is
 * tried; 0, or the first -errno, with a message.
 */
int network_leave(struct contain_ctx *ctx, const struct veth *veth, struct netlink *netlink, const char *path,
		  const char *token, const struct address addresses[FAMILIES]);
