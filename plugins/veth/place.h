/* SPDX-License-Identifier: MIT */
/*
 * What the network is that a container comes to: begun by it, or as the network's file and the bridge tell. Nothing is
 * made but the file's first lines.
 */
#pragma once

#include <contain/plugin.h>

#include "lease.h"
#include "link.h"

/* The caller sets the first five; place_settle() the others, and the subnets and gateways of veth->chosen. */
struct place {
	struct contain_ctx *ctx;
	struct veth *veth;
	struct lease *lease; /* open and locked */
	const char *name;    /* network_name() */
	struct netlink netlink;
	struct head head;
	struct link bridge;
	bool exists;                      /* the bridge */
	bool fresh;                       /* nobody is on the network yet */
	struct address bridges[FAMILIES]; /* the addresses that the bridge has, if it is another's, */
	uint8_t bits[FAMILIES];           /* and the length of their prefixes */
};

/* 0; -errno with a message, also where the container asks for what the network has not. */
int place_settle(struct place *place);

/* Whether its bridge is there, and somebody else has made it. */
bool place_is_anothers(const struct place *place);
