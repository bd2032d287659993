/* SPDX-License-Identifier: MIT */
/* A socket of netlink(7), and messages that are sent together in one system call. */
#pragma once

#include <contain/plugin.h>
#include <libmnl/libmnl.h>
#include <stdint.h>

#define NETLINK_ROOM 8192

struct netlink {
	struct mnl_socket *socket; /* NULL: not open */
	uint32_t next;             /* sequence number of the next message */
	uint32_t count;            /* of messages that wait to be sent */
	struct nlmsghdr *last;     /* the one that attributes are added to */
	char why[160];             /* what the kernel said in words of the first message that failed, or "" */
	char bytes[NETLINK_ROOM] __attribute__((aligned(8)));
};

/*
 * Open one in the network namespace that the process is in; bus: NETLINK_ROUTE, NETLINK_NETFILTER. 0, or -errno
 * without a message: a kernel may not have it. netlink_close() in any case, also of one that is all zero bytes.
 */
int netlink_open(struct netlink *netlink, int bus);
void netlink_close(struct netlink *netlink);
#define _cleanup_netlink_ __attribute__((cleanup(netlink_close)))

/* Whether that is the answer for a part of netfilter that the kernel has not, or for all of it. */
bool netlink_is_unknown(int error);

/*
 * One more message, with the header of its family (struct ifinfomsg, struct nfgenmsg, ...); NLM_F_REQUEST is set, and
 * NLM_F_ACK, so that the kernel answers each. Attributes are added to it by libmnl's mnl_attr_put*(), until the next
 * message is begun. All of them together have NETLINK_ROOM bytes, for which the caller cares by netlink_room().
 */
struct nlmsghdr *netlink_add(struct netlink *netlink, uint16_t type, uint16_t flags, const void *header, size_t size);
size_t netlink_room(const struct netlink *netlink);

/*
 * Send what waits, and hear all answers. What is no answer but data (of a get or a dump) goes to `hear`, which may be
 * NULL. 0, or the -errno of the first message that failed, whose number, counted from 0, is in *failed if that is
 * not NULL; those behind it were tried too.
 */
int netlink_talk(struct netlink *netlink, void (*hear)(const struct nlmsghdr *message, void *user), void *user,
		 unsigned *failed);
