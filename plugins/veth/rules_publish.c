/* SPDX-License-Identifier: MIT */
/* Published ports: none that somebody else has, neither a program of the host nor another container. */
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <linux/netfilter/nf_tables.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lease.h"
#include "ports_free.h"
#include "rules.h"
#include "rules_elements.h"
#include "rules_text.h"

/*
 * How often the elements of a map are read. While the kernel makes room for many new ones, in the background, it lists
 * some of them twice and others not at all (rhashtable_walk_next() in lib/rhashtable.c), and does not say so.
 */
#define DUMPS 20

static uint8_t map_of(const struct port *port)
{
	return port_is_bound(port) ? BOUND : PUBLISH;
}

static bool has_family(const struct port *port, const struct address addresses[FAMILIES], unsigned family)
{
	return addresses[family].family && (!port->address.family || address_place(&port->address) == family);
}

/* An element for each port in each family, those of one map together. 0 or -ENOMEM. */
static int elements_of(const struct port *ports, size_t count, const struct address addresses[FAMILIES],
		       struct elements *elements)
{
	for (unsigned place = 0; place < FAMILIES * MAPS; place++) {
		struct element element = { .family = (uint8_t)(place / MAPS), .map = (uint8_t)(place % MAPS) };

		memcpy(element.to, addresses[element.family].bytes, sizeof(element.to));
		for (const struct port *port = ports; port < ports + count; port++) {
			if (map_of(port) != element.map || !has_family(port, addresses, element.family))
				continue;
			memcpy(element.address, port->address.bytes, sizeof(element.address));
			element.protocol = port->protocol;
			for (unsigned i = 0; i < port->count; i++) {
				element.host = (uint16_t)(port->host + i);
				element.inside = (uint16_t)(port->inside + i);
				if (elements_append(elements, &element) < 0)
					return -ENOMEM;
			}
		}
	}
	return 0;
}

/* What is to be published, as the functions below need it. */
struct wish {
	const char *network;
	const struct port *ports;
	size_t count;
	const struct address *addresses;
};

/*
 * Whether a port is to take packets that an element of another container takes. Which of two networks' tables is asked
 * first is no choice of ours, so there a port of all addresses and the same one of one address are in each other's way.
 */
static bool collides(const struct wish *wish, const struct port *port, const struct element *element, bool same_network)
{
	if (port->protocol != element->protocol || element->host < port->host ||
	    element->host - port->host >= port->count || !has_family(port, wish->addresses, element->family))
		return false;
	if (map_of(port) != element->map)
		return !same_network;
	return element->map == PUBLISH ||
	       memcmp(port->address.bytes, element->address, address_size(port->address.family)) == 0;
}

static int fail_published(struct contain_ctx *ctx, const struct element *element, const char *network)
{
	struct port port = { .protocol = element->protocol };
	bool bridge = strcmp(network, "point-to-point") != 0;

	return contain_fail(ctx, 0, "port %u/%s is published already by another container%s%s%s", element->host,
			    port_protocol(&port), bridge ? " on the bridge '" : ", which has a link of its own",
			    bridge ? network : "", bridge ? "'" : "");
}

/* 0; -errno with a message, also if a port is published there; -ENOENT without: there is no such table. */
static int check_network(struct contain_ctx *ctx, const struct wish *wish, const char *network)
{
	_cleanup_netlink_ struct netlink netlink = { 0 };
	_cleanup_elements_ struct elements theirs = { 0 };
	bool same = strcmp(network, wish->network) == 0;
	char table[NFT_TABLE_MAXNAMELEN];
	int error = netlink_open(&netlink, NETLINK_NETFILTER);

	snprintf(table, sizeof(table), RULES_TABLE "%s", network);
	for (uint8_t place = 0; error == 0 && place < FAMILIES * MAPS; place++)
		error = elements_read(&netlink, table, place / MAPS, place % MAPS, &theirs);
	if (error == -ENOENT)
		return error;
	if (error < 0)
		return contain_fail(ctx, -error, "can't read the ports that are published in the table 'inet %s'",
				    table);
	for (size_t i = 0; i < theirs.count; i++) {
		for (size_t j = 0; j < wish->count; j++) {
			if (collides(wish, &wish->ports[j], &theirs.list[i], same))
				return fail_published(ctx, &theirs.list[i], network);
		}
	}
	return 0;
}

/*
 * The other networks of this host, by the files of their leases: what else is in the packet filter is none of our
 * business.
 */
static int check_others(struct contain_ctx *ctx, const struct wish *wish)
{
	DIR *leases = opendir(LEASE_FOLDER);
	const struct dirent *entry;
	char prefix[LEASE_PREFIX_SIZE];
	int error;

	if (!leases)
		return 0;
	error = lease_prefix(ctx, prefix);
	while (error == 0 && (entry = readdir(leases))) {
		const char *other = entry->d_name + strlen(prefix);

		if (strncmp(entry->d_name, prefix, strlen(prefix)) != 0 || strcmp(other, wish->network) == 0)
			continue;
		error = check_network(ctx, wish, other);
		if (error == -ENOENT)
			error = 0;
	}
	closedir(leases);
	return error;
}

static int fail_put(struct contain_ctx *ctx, int error, const struct wish *wish)
{
	for (int tries = 0, found = 0; error == -EEXIST && found == 0 && tries < DUMPS; tries++) {
		found = check_network(ctx, wish, wish->network);
		if (found < 0 && found != -ENOENT)
			return found;
	}
	return contain_fail(ctx, -error,
			    "can't publish ports in the table 'inet " RULES_TABLE "%s' of the packet filter%s",
			    wish->network, error == -ENOENT ? ", which somebody else has removed" : "");
}

int rules_publish(struct contain_ctx *ctx, const char *network, const struct port *ports, size_t count,
		  const struct address addresses[FAMILIES])
{
	const struct wish wish = { network, ports, count, addresses };
	_cleanup_elements_ struct elements elements = { 0 };
	_cleanup_batch_ struct batch batch = { 0 };
	char table[NFT_TABLE_MAXNAMELEN];
	int error = ports_free(ctx, ports, count, addresses);

	if (error < 0)
		return error;
	if (elements_of(ports, count, addresses, &elements) < 0)
		return contain_fail(ctx, ENOMEM, "can't publish the ports of the container");
	if (!elements.count)
		return 0;
	snprintf(table, sizeof(table), RULES_TABLE "%s", network);
	error = batch_open(&batch);
	if (error == 0)
		error = elements_put(&batch, table, &elements);
	if (error < 0)
		return fail_put(ctx, error, &wish);
	/* Only now: of two networks that do this at the same time, one at least sees the other. */
	error = check_others(ctx, &wish);
	if (error < 0)
		elements_remove(&batch, table, &elements);
	return error;
}

/* Of what was read, keep what leads to the container. */
static void keep_ours(struct elements *elements, const struct address addresses[FAMILIES])
{
	size_t kept = 0;

	for (size_t i = 0; i < elements->count; i++) {
		const struct element *element = &elements->list[i];
		const struct address *address = &addresses[element->family];

		if (address->family && memcmp(element->to, address->bytes, address_size(address->family)) == 0)
			elements->list[kept++] = *element;
	}
	elements->count = kept;
}

/* 0: no element of ours is left; -EAGAIN: look again; else another -errno. None of them has a message. */
static int take_out(struct batch *batch, const char *table, bool used[FAMILIES][MAPS],
		    const struct address addresses[FAMILIES])
{
	_cleanup_elements_ struct elements elements = { 0 };
	int error = 0;

	for (uint8_t place = 0; error == 0 && place < FAMILIES * MAPS; place++) {
		if (used[place / MAPS][place % MAPS])
			error = elements_read(&batch->netlink, table, place / MAPS, place % MAPS, &elements);
	}
	keep_ours(&elements, addresses);
	if (error < 0 || !elements.count)
		return error;
	/* One of them twice, and none is taken out. */
	error = elements_remove(batch, table, &elements);
	return error == 0 || error == -ENOENT ? -EAGAIN : error;
}

int rules_unpublish(struct contain_ctx *ctx, const char *network, const struct port *ports, size_t count,
		    const struct address addresses[FAMILIES])
{
	_cleanup_batch_ struct batch batch = { 0 };
	char table[NFT_TABLE_MAXNAMELEN];
	bool used[FAMILIES][MAPS] = { { false } };
	int error;

	for (size_t i = 0; i < count; i++) {
		for (unsigned family = 0; family < FAMILIES; family++)
			used[family][map_of(&ports[i])] |= has_family(&ports[i], addresses, family);
	}
	/* A kernel that has none of it. */
	if (!count || batch_open(&batch) < 0)
		return 0;
	snprintf(table, sizeof(table), RULES_TABLE "%s", network);
	error = -EAGAIN;
	for (int tries = 0; error == -EAGAIN && tries < DUMPS; tries++)
		error = take_out(&batch, table, used, addresses);
	if (error == 0 || error == -ENOENT || error == -EINVAL || error == -EOPNOTSUPP)
		return 0;
	return contain_fail(ctx, -error, "can't take published ports out of the table 'inet %s' of the packet filter",
			    table);
}
