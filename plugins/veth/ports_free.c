/* SPDX-License-Identifier: MIT */
#include "ports_free.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

static bool overlap(const struct port *a, const struct port *b)
{
	bool bound = port_is_bound(a);
	/* Of those of all addresses, some are of one family alone (0.0.0.0). */
	bool same = bound != port_is_bound(b) ? false
		    : bound                   ? address_equal(&a->address, &b->address)
			    : !a->address.family || !b->address.family || a->address.family == b->address.family;

	return a->protocol == b->protocol && same && a->host < b->host + b->count && b->host < a->host + a->count;
}

static int check_twice(struct contain_ctx *ctx, const struct port *ports, size_t count)
{
	for (const struct port *a = ports; a < ports + count; a++) {
		for (const struct port *b = ports; b < a; b++) {
			if (overlap(a, b))
				return contain_fail(ctx, 0,
						    "port %u/%s is published twice for the container: once is enough",
						    a->host > b->host ? a->host : b->host, port_protocol(a));
		}
	}
	return 0;
}

/* Bind a socket to it, as a program would that wants to have it; 0 or an errno. */
static int try(int family, uint8_t protocol, const struct address *address, uint16_t port)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = htons(port) };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_port = htons(port) };
	int fd = socket(family, (protocol == IPPROTO_TCP ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC, protocol);
	int on = 1, error = 0;

	if (fd < 0)
		return errno;
	/* Connections that are over, but not forgotten (TIME_WAIT), are in nobody's way. UDP would share the port. */
	if (protocol == IPPROTO_TCP)
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
	memcpy(&v4.sin_addr, address->bytes, sizeof(v4.sin_addr));
	memcpy(&v6.sin6_addr, address->bytes, sizeof(v6.sin6_addr));
	if (family == AF_INET ? bind(fd, (struct sockaddr *)&v4, sizeof(v4))
			      : bind(fd, (struct sockaddr *)&v6, sizeof(v6)))
		error = errno;
	close(fd);
	return error;
}

static int check_port(struct contain_ctx *ctx, const struct port *port, int family)
{
	char text[ADDRESS_TEXT_SIZE];

	if (family == AF_INET6 && memcmp(port->address.bytes, &in6addr_loopback, sizeof(in6addr_loopback)) == 0)
		return contain_fail(ctx, 0,
				    "port %u/%s can't be published on ::1, from where the kernel lets nothing go to a "
				    "container: give 127.0.0.1",
				    port->host, port_protocol(port));

	for (unsigned i = 0; i < port->count; i++) {
		unsigned number = port->host + i;
		int error = try(family, port->protocol, &port->address, (uint16_t)number);

		if (error == EADDRINUSE)
			return contain_fail(ctx, 0, "port %u/%s is in use on the host: publish another one", number,
					    port_protocol(port));
		if (error == EADDRNOTAVAIL)
			return contain_fail(ctx, 0,
					    "port %u/%s can't be published on %s: give an address that the host has",
					    number, port_protocol(port), address_text(&port->address, text));
		/* What can't be tried (no IPv6, an address of one link) is not in use. */
		if (error)
			return 0;
	}
	return 0;
}

int ports_free(struct contain_ctx *ctx, const struct port *ports, size_t count,
	       const struct address addresses[FAMILIES])
{
	int error = check_twice(ctx, ports, count);

	for (size_t i = 0; i < count && error == 0; i++) {
		const struct port *port = &ports[i];

		/* The kernel would load a module that the host has not needed so far, so nobody has a port of it. */
		if (port->protocol == IPPROTO_SCTP)
			continue;
		for (unsigned family = 0; family < FAMILIES && error == 0; family++) {
			if (addresses[family].family &&
			    (!port->address.family || port->address.family == addresses[family].family))
				error = check_port(ctx, port, addresses[family].family);
		}
	}
	return error;
}
