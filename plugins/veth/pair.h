/* SPDX-License-Identifier: MIT */
/* The two interfaces, see veth(4): one in the host's network namespace, one in the container's. */
#pragma once

#include <contain/plugin.h>

#include "link.h"

/*
 * Make the pair, the second end directly in the network namespace of that process, and connect the first: to the
 * bridge, or with routes to the container's addresses. 0, or -errno with a message.
 */
int pair_make(struct contain_ctx *ctx, const struct chosen *chosen);

/* See to it that it is gone. 0 also if it was. */
int pair_remove(struct contain_ctx *ctx, struct netlink *netlink, const char *name);

/* In the container's network namespace: name the end, give it addresses and routes, and switch it and lo on. */
int pair_enter(struct contain_ctx *ctx, const struct chosen *chosen, const char *name);
