/* SPDX-License-Identifier: MIT */
/* Changes of nf_tables: the kernel takes them as one transaction, of all or nothing. */
#pragma once

#include "netlink.h"

struct batch {
	struct netlink netlink; /* open on NETLINK_NETFILTER */
	char *bytes;
	size_t used, size;
	struct nlmsghdr *last; /* the message that attributes are added to */
};

/* 0, or -errno without a message. batch_close() in any case, also of one that is all zero bytes. */
int batch_open(struct batch *batch);
void batch_close(struct batch *batch);
#define _cleanup_batch_ __attribute__((cleanup(batch_close)))

/* Room for so many bytes more in the message; -ENOMEM. `batch->last` may move. */
int batch_reserve(struct batch *batch, size_t bytes);

/*
 * One more message, NFT_MSG_*; its attributes, by mnl_attr_put*(), have 512 bytes, or what batch_reserve() gave since.
 * -ENOMEM.
 */
int batch_add(struct batch *batch, uint8_t type, uint16_t flags);

/* Send all of it, and hear the answers: 0, or the -errno of the first message that failed, and nothing is changed. */
int batch_send(struct batch *batch);
