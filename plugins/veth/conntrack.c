/* SPDX-License-Identifier: MIT */
#include "conntrack.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conntrack_messages.h"

/*
 * The kernel takes each bucket's lock for each question, some milliseconds in all, so up to this many connections it is
 * asked once for all of them; more of them, and hearing of each would take longer than the four questions for those
 * that matter.
 */
#define FEW 1024

/*
 * How many the kernel remembers, LONG_MAX if that is not known: a kernel may hide the file from network namespaces that
 * root has not made. Mostly it is none, and then this is all that is asked.
 */
static long remembered(void)
{
	int fd = open("/proc/sys/net/netfilter/nf_conntrack_count", O_RDONLY | O_CLOEXEC);
	char text[24] = "", *end = text;
	long count = 0;

	if (fd < 0)
		return LONG_MAX;
	if (read(fd, text, sizeof(text) - 1) > 0)
		count = strtol(text, &end, 10);
	close(fd);
	return *end == '\n' && count >= 0 ? count : LONG_MAX;
}

static bool has_address(const struct connection *connection, const struct forgetting *forgetting)
{
	for (unsigned family = 0; family < FAMILIES; family++) {
		const struct address *address = &forgetting->addresses[family];

		if (address->family && (address_equal(&connection->original.from, address) ||
					address_equal(&connection->reply.from, address)))
			return true;
	}
	return false;
}

static int fail_addresses(struct contain_ctx *ctx, int error, const struct address addresses[FAMILIES])
{
	char text[FAMILIES][ADDRESS_TEXT_SIZE];

	return contain_fail(ctx, -error, "can't make the kernel forget the connections of %s and %s (conntrack)",
			    address_text(&addresses[V4], text[V4]), address_text(&addresses[V6], text[V6]));
}

int conntrack_forget(struct contain_ctx *ctx, const struct address addresses[FAMILIES])
{
	_cleanup_forgetting_ struct forgetting forgetting = { .wanted = has_address, .addresses = addresses };
	long count = remembered();
	int error;

	if (count == 0)
		return 0;
	error = netlink_open(&forgetting.asking, NETLINK_NETFILTER);
	if (error == 0 && count <= FEW)
		error = connections_forget(&forgetting, AF_UNSPEC, 0, false);
	for (unsigned family = 0; family < FAMILIES && count > FEW; family++) {
		forgetting.address = &addresses[family];
		if (!forgetting.address->family)
			continue;
		/* What it has begun; and what was answered by it, whatever address that was sent to. */
		if (error == 0)
			error = connections_forget(&forgetting, forgetting.address->family, FILTER_SOURCE, false);
		if (error == 0)
			error = connections_forget(&forgetting, forgetting.address->family, FILTER_SOURCE, true);
	}
	return error < 0 && !netlink_is_unknown(error) ? fail_addresses(ctx, error, addresses) : 0;
}

/* A socket can be bound to addresses of the host alone. */
static bool is_local(const struct address *address)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };
	int fd = socket(address->family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool local;

	if (fd < 0)
		return false;
	memcpy(&v4.sin_addr, address->bytes, sizeof(v4.sin_addr));
	memcpy(&v6.sin6_addr, address->bytes, sizeof(v6.sin6_addr));
	local = address->family == AF_INET ? bind(fd, (struct sockaddr *)&v4, sizeof(v4)) == 0
					   : bind(fd, (struct sockaddr *)&v6, sizeof(v6)) == 0;
	close(fd);
	return local;
}

/* To a port of the host, whether it has led to a container or to the host itself. */
static bool has_port(const struct connection *connection, const struct forgetting *forgetting)
{
	const struct tuple *tuple = &connection->original;

	if (tuple->protocol != IPPROTO_UDP)
		return false;
	for (const struct port *port = forgetting->ports; port < forgetting->ports + forgetting->count; port++) {
		if (port->protocol == IPPROTO_UDP && tuple->to_port >= port->host &&
		    tuple->to_port - port->host < port->count &&
		    (!port->address.family || port->address.family == tuple->to.family) &&
		    (!port_is_bound(port) || address_equal(&port->address, &tuple->to)))
			return is_local(&tuple->to);
	}
	return false;
}

int conntrack_forget_ports(struct contain_ctx *ctx, const struct port *ports, size_t count)
{
	_cleanup_forgetting_ struct forgetting forgetting = { .wanted = has_port, .ports = ports, .count = count };
	bool udp = false;
	int error;

	for (size_t i = 0; i < count; i++)
		udp |= ports[i].protocol == IPPROTO_UDP;
	if (!udp || remembered() == 0)
		return 0;
	error = netlink_open(&forgetting.asking, NETLINK_NETFILTER);
	if (error == 0)
		error = connections_forget(&forgetting, AF_UNSPEC, FILTER_PROTOCOL, false);
	if (error < 0 && !netlink_is_unknown(error))
		return contain_fail(ctx, -error,
				    "can't make the kernel forget the connections to published ports (conntrack)");
	return 0;
}
