/* SPDX-License-Identifier: MIT */
/* The other networks of this host, by their files: a network has no subnet that one of them has. */
#pragma once

#include <contain/plugin.h>

#include "address.h"

/*
 * Networks begin one after the other: from the look at the others until the own file says what it has, this is held. A
 * descriptor to be closed, or -errno with a message. The caller has the lock of a network, so there is a folder.
 */
int others_lock(struct contain_ctx *ctx);

struct other {
	char name[32];        /* of the network */
	struct subnet subnet; /* that it has */
	unsigned family;      /* its place */
};

/*
 * 1: a network of this network namespace, other than `name`, has one of these subnets, or a part of one; 0; -errno with
 * a message. Of bridges that somebody else has made it is not asked: these have their addresses already.
 */
int others_find(struct contain_ctx *ctx, const char *name, const struct subnet subnets[FAMILIES], struct other *other);
