/* SPDX-License-Identifier: MIT */
/* Connections that the kernel remembers, as its messages tell of them (ctnetlink), and their deletion. */
#pragma once

#include "address.h"
#include "netlink.h"
#include "publish.h"

/* What one packet of a connection looks like. */
struct tuple {
	struct address from, to;
	uint8_t protocol;
	uint16_t to_port; /* in host order */
};

struct connection {
	struct tuple original, reply;
	const struct nlattr *tuple, *id, *zone;
};

/* One call of conntrack_forget() or conntrack_forget_ports(). */
struct forgetting {
	struct netlink asking, deleting;
	bool (*wanted)(const struct connection *connection, const struct forgetting *forgetting);
	const struct address *addresses; /* FAMILIES of them */
	const struct address *address;   /* the one that the kernel is asked for */
	const struct port *ports;
	size_t count;
	int error;
};

void forgetting_close(struct forgetting *forgetting);
#define _cleanup_forgetting_ __attribute__((cleanup(forgetting_close)))

/*
 * What a filter compares. Of net/netfilter/nf_internals.h: in no header of the kernel's for programs, though part of
 * its interface.
 */
enum { FILTER_SOURCE = 1 << 0, FILTER_PROTOCOL = 1 << 3 };

/*
 * Delete what the filter lets through (all, if there are no flags) and `wanted` wants. The filter: connections whose
 * first packet, or with `reply` the answer to it, comes from forgetting->address; is of UDP. `asking` is open. 0, or
 * -errno without a message.
 */
int connections_forget(struct forgetting *forgetting, uint8_t family, uint32_t flags, bool reply);
