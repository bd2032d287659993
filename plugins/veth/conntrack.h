/* SPDX-License-Identifier: MIT */
/* What the kernel remembers of connections (conntrack), where it would harm the next one with an address or port. */
#pragma once

#include <contain/plugin.h>

#include "address.h"
#include "publish.h"

/*
 * Forget all connections that come from, or lead to, these addresses. 0, also where the kernel has no conntrack; else
 * -errno with a message.
 */
int conntrack_forget(struct contain_ctx *ctx, const struct address addresses[FAMILIES]);

/*
 * Forget the UDP connections to these ports of the host: a client that goes on sending keeps an old one alive, which
 * leads past the rules that have come since.
 */
int conntrack_forget_ports(struct contain_ctx *ctx, const struct port *ports, size_t count);
