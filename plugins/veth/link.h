/* SPDX-License-Identifier: MIT */
/* Messages of rtnetlink(7) about interfaces, addresses, routes and neighbours. */
#pragma once

#include <net/if.h>
#include <stdbool.h>

#include "address.h"
#include "netlink.h"
#include "options.h"

struct link {
	unsigned index, master;
	uint32_t mtu;
	uint8_t mac[MAC_SIZE];
	bool is_bridge;
};

/* Open a socket for these messages: netlink_open() with a message of its failure. */
int link_open(struct contain_ctx *ctx, struct netlink *netlink);

/* The interface of that name; 0, or -ENODEV and the like, without a message. */
int link_find(struct netlink *netlink, const char *name, struct link *link);

/* How many interfaces a bridge has; -errno. */
int link_count_ports(struct netlink *netlink, unsigned bridge);

/* The first address of each family that the interface has, but no link-local one, with the length of its prefix. */
int link_addresses(struct netlink *netlink, unsigned index, struct address addresses[FAMILIES], uint8_t bits[FAMILIES]);

/* The first address that an interface has in one of these subnets; 1 if there is one, 0, or -errno. */
int link_find_address(struct netlink *netlink, const struct subnet subnets[FAMILIES], unsigned *index,
		      struct address *address);

/*
 * Begin a message (netlink_add()): make, change or remove an interface, known by its index, or where that is 0 by
 * name, which may be NULL. `up`: switch it on.
 */
void link_begin(struct netlink *netlink, uint16_t type, uint16_t flags, unsigned index, const char *name, bool up);

/* To a link_begin(): no link-local address that the kernel makes up, as it would wait for its duplicates. */
void link_put_no_autoconf(struct netlink *netlink);

/* An address, usable at once (IFA_F_NODAD); the kernel makes the route to its prefix. */
void link_add_address(struct netlink *netlink, unsigned index, const struct address *address, uint8_t bits);

/* fe80::, with an interface identifier from the MAC address (RFC 4291, appendix A). */
void link_add_local_address(struct netlink *netlink, unsigned index, const uint8_t mac[MAC_SIZE]);

/* A route to a subnet, or the default one (NULL); by way of a gateway, or directly (NULL). */
void link_add_route(struct netlink *netlink, unsigned index, const struct subnet *to, const struct address *gateway);

/* Forget the neighbour with that address. */
void link_remove_neighbour(struct netlink *netlink, unsigned index, const struct address *address);
