/* SPDX-License-Identifier: MIT */
/* Which addresses and names a container gets of its network: those that it asks for, or the first that are free. */
#pragma once

#include <contain/plugin.h>

#include "lease.h"

/* What is to be leased. */
struct claim {
	const char *network; /* for messages */
	const struct subnet *subnets;
	struct address wanted[FAMILIES]; /* none: any that is free */
	struct address taken[8];         /* not to be given away: gateways and the like */
	size_t taken_count;
	const char *name, *token;
	const struct contain_list *aliases;
};

/*
 * Choose addresses and take them, with the names. 0 and the addresses; or -errno with a message that says which address
 * or name is in use, and by whom. What is taken has the token in its lines, and is on disk.
 */
int lease_choose(struct contain_ctx *ctx, const struct lease *lease, const struct claim *claim,
		 struct address addresses[FAMILIES]);
int lease_take(struct contain_ctx *ctx, struct lease *lease, const struct claim *claim,
	       const struct address addresses[FAMILIES]);
