/* SPDX-License-Identifier: MIT */
/* The elements of a table's maps, each of which leads one port of the host to one of a container. */
#pragma once

#include "batch.h"
#include "publish.h"

/* The maps of each family: a port of all addresses of the host, a port of one. */
enum map { PUBLISH, BOUND, MAPS };

struct element {
	uint8_t family;      /* V4, V6 */
	uint8_t map;         /* enum map */
	uint8_t protocol;    /* IPPROTO_* */
	uint16_t host;       /* the port; both in host order */
	uint16_t inside;     /* where it leads to, */
	uint8_t to[16];      /* and whose: bytes as of struct address */
	uint8_t address[16]; /* BOUND: of the host */
};

struct elements {
	struct element *list;
	size_t count, size;
};

int elements_append(struct elements *elements, const struct element *element); /* 0 or -ENOMEM */
void elements_free(struct elements *elements);
#define _cleanup_elements_ __attribute__((cleanup(elements_free)))

/* Add what a map of a table has. 0; -ENOENT: there is no such table; else another -errno without a message. */
int elements_read(struct netlink *netlink, const char *table, uint8_t family, uint8_t map, struct elements *elements);

/*
 * Put them into the table, or take them out, all or none. 0, or -errno without a message; -EEXIST: some map has one of
 * the keys.
 */
int elements_put(struct batch *batch, const char *table, const struct elements *elements);
int elements_remove(struct batch *batch, const char *table, const struct elements *elements);
