/* SPDX-License-Identifier: MIT */
/* Whether ports of the host are free to be published. */
#pragma once

#include <contain/plugin.h>

#include "publish.h"

/*
 * 0, or -errno with a message that names the first port that is given twice, that a program of the host has, or whose
 * address the host does not have. In the families that the container has an address of.
 */
int ports_free(struct contain_ctx *ctx, const struct port *ports, size_t count,
	       const struct address addresses[FAMILIES]);
