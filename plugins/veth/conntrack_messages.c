/* SPDX-License-Identifier: MIT */
#include "conntrack_messages.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <string.h>

void forgetting_close(struct forgetting *forgetting)
{
	netlink_close(&forgetting->asking);
	netlink_close(&forgetting->deleting);
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

int connections_forget(struct forgetting *forgetting, uint8_t family, uint32_t flags, bool reply)
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
