/* SPDX-License-Identifier: MIT */
/* The order of plugins: as listed, then sorted by their after/before. Pure. */
#pragma once

#include <stddef.h>

#include "base/text.h"

struct order_item {
	const char *name;
	const char *const *after, *const *before; /* NULL at the end; may be NULL; "*" is all others */
};

/*
 * Stable topological sort: order[i] becomes the index of the i-th item. Names that are not among the items are passed
 * over; a named edge beats a "*", and two "*" keep the given order. 0, -ENOMEM, or -ELOOP with a line in errors that
 * names the members of the cycle.
 */
int order_sort(const struct order_item *items, size_t count, size_t *order, struct text *errors);
