/* SPDX-License-Identifier: MIT */
/*
 * What the packet filter does for a network: a table of ours, `inet contain-NETWORK`, which hides the containers'
 * addresses from the outside, leads published ports to containers, and keeps others' packets away from them. The
 * table's rules are made by libnftables, once for each network; ports are elements of its maps, put there by netlink.
 */
#pragma once

#include <contain/plugin.h>

#include "address.h"
#include "publish.h"

struct network {
	const char *name;  /* of the bridge, or "point-to-point" */
	const char *links; /* what nft compares with an interface's name: "contain0", "ctnp-*" */
	struct subnet subnets[FAMILIES];
	bool nat;    /* to the outside */
	bool shared; /* others have interfaces on the bridge: then the rules are for members alone */
};

/*
 * Whether its table is there: 0; -ENOENT, also if the kernel has none at all; or another -errno; without a message. A
 * question costs nothing, while a transaction that fails for want of the table waits for RCU (__nf_tables_abort()),
 * some 10 ms.
 */
int rules_find(const char *network);

/* Make the table if there is none; does not read or change any other. 0, or -errno with a message. */
int rules_make(struct contain_ctx *ctx, const struct network *network);

/*
 * On a network that is shared: from now on the rules are for these addresses, too (all of them or none; who is a member
 * already stays one). 0; -ENOENT without a message: there is no table; else -errno with one.
 */
int rules_join(struct contain_ctx *ctx, const char *network, const struct address *addresses, size_t count);

/* No longer for these; 0 also if there is no table. Else -errno with a message. */
int rules_part(struct contain_ctx *ctx, const char *network, const struct address addresses[FAMILIES]);

/* Remove the table; 0 also if there is none, or the kernel has none at all. */
int rules_remove(struct contain_ctx *ctx, const char *network);

/*
 * Lead published ports to a container's addresses (of a family that it has none of, nothing is published). An element
 * that is there already is an error that names the port: another container has it. The network's lock is held.
 */
int rules_publish(struct contain_ctx *ctx, const char *network, const struct port *ports, size_t count,
		  const struct address addresses[FAMILIES]);

/* Take away those that lead to these addresses, and no other's; 0 also if there is none, or no table. */
int rules_unpublish(struct contain_ctx *ctx, const char *network, const struct port *ports, size_t count,
		    const struct address addresses[FAMILIES]);
