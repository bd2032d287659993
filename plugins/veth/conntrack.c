/* SPDX-License-Identifier: MIT */
#include "conntrack.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "netlink.h"

/* Of net/netfilter/nf_internals.h: in no header of the kernel's for programs, though part of its interface. */
enum { FILTER_SOURCE = 1 << 0, FILTER_PROTOCOL = 1 << 3 };

/*
 * The kernel takes each bucket's lock for each question, some milliseconds in all, so up to this many connections it is
 * asked once for all of them; more of them, and hearing of each would take longer than the four questions for those
 * that matter.
 */
#define FEW 1024

/* What one packet of a connection looks like. */
struct tuple {
	struct address from, to;
	uint8_t protocol;
	uint16_t to_port; /* in host order */
};

struct connection {
	struct tuple original, reply;
	const struct nlattr *tuple, *id, *zone;
};

struct forgetting {
	struct netlink asking, deleting;
	bool (*wanted)(const struct connection *connection, const struct forgetting *forgetting);
	const struct address *addresses; /* FAMILIES of them */
	const struct address *address;   /* the one that the kernel is asked for */
	const struct port *ports;
	size_t count;
	int error;
};

static void forgetting_close(struct forgetting *forgetting)
{
	netlink_close(&forgetting->asking);
	netlink_close(&forgetting->deleting);
}

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

static void parse_address(const struct nlattr *attribute, struct address *address)
{
	size_t length = mnl_attr_get_payload_len(attribute);

	address->family = length == 4 ? AF_INET : AF_INET6;
	if (length <= sizeof(address->bytes))
		memcpy(address->bytes, mnl_attr_get_payload(attribute), length);
}

static void parse_protocol(const struct nlattr *nest, struct tuple *tuple)
{
	const struct nlattr *attribute;

	mnl_attr_for_each_nested(attribute, nest)
	{
		if (mnl_attr_get_type(attribute) == CTA_PROTO_NUM)
			tuple->protocol = mnl_attr_get_u8(attribute);
		else if (mnl_attr_get_type(attribute) == CTA_PROTO_DST_PORT)
			tuple->to_port = ntohs(mnl_attr_get_u16(attribute));
	}
}

static void parse_tuple(const struct nlattr *nest, struct tuple *tuple)
{
	const struct nlattr *part, *attribute;

	mnl_attr_for_each_nested(part, nest)
	{
		if (mnl_attr_get_type(part) == CTA_TUPLE_PROTO)
			parse_protocol(part, tuple);
		if (mnl_attr_get_type(part) != CTA_TUPLE_IP)
			continue;
		mnl_attr_for_each_nested(attribute, part)
		{
			uint16_t type = mnl_attr_get_type(attribute);

			parse_address(attribute,
				      type == CTA_IP_V4_SRC || type == CTA_IP_V6_SRC ? &tuple->from : &tuple->to);
		}
	}
}

static void parse(const struct nlmsghdr *message, struct connection *connection)
{
	const struct nlattr *attribute;

	mnl_attr_for_each(attribute, message, sizeof(struct nfgenmsg))
	{
		switch (mnl_attr_get_type(attribute)) {
		case CTA_TUPLE_ORIG:
			connection->tuple = attribute;
			parse_tuple(attribute, &connection->original);
			break;
		case CTA_TUPLE_REPLY:
			parse_tuple(attribute, &connection->reply);
			break;
		case CTA_ID:
			connection->id = attribute;
			break;
		case CTA_ZONE:
			connection->zone = attribute;
			break;
		}
	}
}

/* One that has ended by itself is forgotten too. */
static int delete_all(struct netlink *deleting)
{
	int error = deleting->count ? netlink_talk(deleting, NULL, NULL, NULL) : 0;

	return error == -ENOENT ? 0 : error;
}

static void copy(struct nlmsghdr *message, const struct nlattr *attribute)
{
	if (attribute)
		mnl_attr_put(message, attribute->nla_type, mnl_attr_get_payload_len(attribute),
			     mnl_attr_get_payload(attribute));
}

static int delete (struct netlink *deleting, const struct nlmsghdr *found, const struct connection *connection)
{
	const struct nfgenmsg header = { .nfgen_family = connection->original.from.family, .version = NFNETLINK_V0 };
	struct nlmsghdr *message;
	int error = 0;

	if (!deleting->socket)
		error = netlink_open(deleting, NETLINK_NETFILTER);
	else if (netlink_room(deleting) < found->nlmsg_len + 64U)
		error = delete_all(deleting);
	if (error < 0)
		return error;
	message = netlink_add(deleting, NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_DELETE, 0, &header, sizeof(header));
	copy(message, connection->tuple);
	copy(message, connection->zone);
	copy(message, connection->id);
	return 0;
}

/* The kernel before 5.8 passes over the filter that it is given, so this does not rely on it. */
static void hear(const struct nlmsghdr *message, void *user)
{
	struct forgetting *forgetting = user;
	struct connection connection = { 0 };

	parse(message, &connection);
	/* Without the tuple, all connections of the host would be deleted. */
	if (forgetting->error == 0 && connection.tuple && connection.id && forgetting->wanted(&connection, forgetting))
		forgetting->error = delete (&forgetting->deleting, message, &connection);
}

static void put_filter(struct nlmsghdr *message, uint32_t flags, bool reply, const struct address *source)
{
	struct nlattr *tuple = mnl_attr_nest_start(message, reply ? CTA_TUPLE_REPLY : CTA_TUPLE_ORIG), *nest;

	if (flags & FILTER_SOURCE) {
		nest = mnl_attr_nest_start(message, CTA_TUPLE_IP);
		mnl_attr_put(message, source->family == AF_INET ? CTA_IP_V4_SRC : CTA_IP_V6_SRC,
			     address_size(source->family), source->bytes);
		mnl_attr_nest_end(message, nest);
	}
	if (flags & FILTER_PROTOCOL) {
		nest = mnl_attr_nest_start(message, CTA_TUPLE_PROTO);
		mnl_attr_put_u8(message, CTA_PROTO_NUM, IPPROTO_UDP);
		mnl_attr_nest_end(message, nest);
	}
	mnl_attr_nest_end(message, tuple);
	nest = mnl_attr_nest_start(message, CTA_FILTER);
	mnl_attr_put_u32(message, CTA_FILTER_ORIG_FLAGS, reply ? 0 : flags);
	mnl_attr_put_u32(message, CTA_FILTER_REPLY_FLAGS, reply ? flags : 0);
	mnl_attr_nest_end(message, nest);
}

/* Delete what the filter lets through (all, if there are no flags) and `wanted` wants; -errno without a message. */
static int forget(struct forgetting *forgetting, uint8_t family, uint32_t flags, bool reply)
{
	const struct nfgenmsg header = { .nfgen_family = family, .version = NFNETLINK_V0 };
	int error = -EINVAL;

	for (int tries = 0; tries < 2 && (error == -EINVAL || error == -EOPNOTSUPP); tries++) {
		struct nlmsghdr *message =
			netlink_add(&forgetting->asking, NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_GET, NLM_F_DUMP,
				    &header, sizeof(header));

		/* The second time is for a kernel that does not know this filter. */
		if (tries == 0 && flags)
			put_filter(message, flags, reply, forgetting->address);
		error = netlink_talk(&forgetting->asking, hear, forgetting, NULL);
	}
	if (error == 0)
		error = forgetting->error;
	return error < 0 ? error : delete_all(&forgetting->deleting);
}

/* Whether the kernel has no conntrack, or not this part of it. */
static bool is_missing(int error)
{
	return error == -EINVAL || error == -EOPNOTSUPP || error == -EPROTONOSUPPORT;
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
	__attribute__((cleanup(forgetting_close))) struct forgetting forgetting = { .wanted = has_address,
										    .addresses = addresses };
	long count = remembered();
	int error;

	if (count == 0)
		return 0;
	error = netlink_open(&forgetting.asking, NETLINK_NETFILTER);
	if (error == 0 && count <= FEW)
		error = forget(&forgetting, AF_UNSPEC, 0, false);
	for (unsigned family = 0; family < FAMILIES && count > FEW; family++) {
		forgetting.address = &addresses[family];
		if (!forgetting.address->family)
			continue;
		/* What it has begun; and what was answered by it, whatever address that was sent to. */
		if (error == 0)
			error = forget(&forgetting, forgetting.address->family, FILTER_SOURCE, false);
		if (error == 0)
			error = forget(&forgetting, forgetting.address->family, FILTER_SOURCE, true);
	}
	return error < 0 && !is_missing(error) ? fail_addresses(ctx, error, addresses) : 0;
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
	__attribute__((cleanup(forgetting_close))) struct forgetting forgetting = { .wanted = has_port,
										    .ports = ports,
										    .count = count };
	bool udp = false;
	int error;

	for (size_t i = 0; i < count; i++)
		udp |= ports[i].protocol == IPPROTO_UDP;
	if (!udp || remembered() == 0)
		return 0;
	error = netlink_open(&forgetting.asking, NETLINK_NETFILTER);
	if (error == 0)
		error = forget(&forgetting, AF_UNSPEC, FILTER_PROTOCOL, false);
	if (error < 0 && !is_missing(error))
		return contain_fail(ctx, -error,
				    "can't make the kernel forget the connections to published ports (conntrack)");
	return 0;
}
