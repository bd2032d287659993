/* SPDX-License-Identifier: MIT */
#include "link.h"

#include <errno.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <string.h>

static void hear_link(const struct nlmsghdr *message, void *user)
{
	const struct ifinfomsg *info = mnl_nlmsg_get_payload(message);
	const struct nlattr *attribute, *inner;
	struct link *link = user;

	link->index = (unsigned)info->ifi_index;
	mnl_attr_for_each(attribute, message, sizeof(*info))
	{
		switch (mnl_attr_get_type(attribute)) {
		case IFLA_MTU:
			link->mtu = mnl_attr_get_u32(attribute);
			break;
		case IFLA_MASTER:
			link->master = mnl_attr_get_u32(attribute);
			break;
		case IFLA_ADDRESS:
			if (mnl_attr_get_payload_len(attribute) == MAC_SIZE)
				memcpy(link->mac, mnl_attr_get_payload(attribute), MAC_SIZE);
			break;
		case IFLA_LINKINFO:
			mnl_attr_for_each_nested(inner, attribute)
			{
				if (mnl_attr_get_type(inner) == IFLA_INFO_KIND)
					link->is_bridge = strcmp(mnl_attr_get_str(inner), "bridge") == 0;
			}
			break;
		default:
			break;
		}
	}
}

int link_open(struct contain_ctx *ctx, struct netlink *netlink)
{
	int result = netlink_open(netlink, NETLINK_ROUTE);

	return result < 0 ? contain_fail(ctx, -result, "can't speak to the kernel about interfaces (rtnetlink)") : 0;
}

int link_find(struct netlink *netlink, const char *name, struct link *link)
{
	*link = (struct link){ 0 };
	link_begin(netlink, RTM_GETLINK, 0, 0, name, false);
	return netlink_talk(netlink, hear_link, link, NULL);
}

struct port_count {
	unsigned bridge;
	int count;
};

static void hear_port(const struct nlmsghdr *message, void *user)
{
	struct port_count *ports = user;
	struct link link = { 0 };

	hear_link(message, &link);
	ports->count += link.master == ports->bridge ? 1 : 0;
}

int link_count_ports(struct netlink *netlink, unsigned bridge)
{
	struct port_count ports = { .bridge = bridge };
	int result;

	/* The kernel leaves the others out, where it knows how (4.6). */
	link_begin(netlink, RTM_GETLINK, NLM_F_DUMP, 0, NULL, false);
	mnl_attr_put_u32(netlink->last, IFLA_MASTER, bridge);
	result = netlink_talk(netlink, hear_port, &ports, NULL);
	return result < 0 ? result : ports.count;
}

struct found_addresses {
	unsigned index;
	struct address *addresses;
	uint8_t *bits;
};

static void hear_address(const struct nlmsghdr *message, void *user)
{
	const struct ifaddrmsg *info = mnl_nlmsg_get_payload(message);
	struct found_addresses *found = user;
	struct address address = { .family = info->ifa_family };
	const struct nlattr *attribute, *best = NULL;

	if (info->ifa_index != found->index || info->ifa_scope == RT_SCOPE_LINK ||
	    (info->ifa_family != AF_INET && info->ifa_family != AF_INET6))
		return;
	/* IFA_ADDRESS is the other end's on point-to-point links (linux/if_addr.h). */
	mnl_attr_for_each(attribute, message, sizeof(*info))
	{
		if (mnl_attr_get_type(attribute) == IFA_LOCAL || (mnl_attr_get_type(attribute) == IFA_ADDRESS && !best))
			best = attribute;
	}
	if (!best || mnl_attr_get_payload_len(best) != address_size(address.family) ||
	    found->addresses[address_place(&address)].family)
		return;
	memcpy(address.bytes, mnl_attr_get_payload(best), address_size(address.family));
	found->addresses[address_place(&address)] = address;
	found->bits[address_place(&address)] = info->ifa_prefixlen;
}

int link_addresses(struct netlink *netlink, unsigned index, struct address addresses[FAMILIES], uint8_t bits[FAMILIES])
{
	struct found_addresses found = { index, addresses, bits };
	const struct ifaddrmsg header = { .ifa_family = AF_UNSPEC };

	addresses[V4] = addresses[V6] = (struct address){ 0 };
	netlink_add(netlink, RTM_GETADDR, NLM_F_DUMP, &header, sizeof(header));
	return netlink_talk(netlink, hear_address, &found, NULL);
}

struct sought_address {
	const struct subnet *subnets;
	unsigned index;
	struct address address;
};

static void hear_sought(const struct nlmsghdr *message, void *user)
{
	const struct ifaddrmsg *info = mnl_nlmsg_get_payload(message);
	struct sought_address *sought = user;
	struct address addresses[FAMILIES] = { 0 };
	uint8_t bits[FAMILIES];
	struct found_addresses found = { info->ifa_index, addresses, bits };

	hear_address(message, &found);
	for (size_t i = 0; i < FAMILIES && !sought->index; i++) {
		if (!addresses[i].family || !subnet_has(&sought->subnets[i], &addresses[i]))
			continue;
		sought->index = info->ifa_index;
		sought->address = addresses[i];
	}
}

int link_find_address(struct netlink *netlink, const struct subnet subnets[FAMILIES], unsigned *index,
		      struct address *address)
{
	struct sought_address sought = { .subnets = subnets };
	const struct ifaddrmsg header = { .ifa_family = AF_UNSPEC };
	int result;

	netlink_add(netlink, RTM_GETADDR, NLM_F_DUMP, &header, sizeof(header));
	result = netlink_talk(netlink, hear_sought, &sought, NULL);
	*index = sought.index;
	*address = sought.address;
	return result < 0 ? result : sought.index != 0;
}

void link_begin(struct netlink *netlink, uint16_t type, uint16_t flags, unsigned index, const char *name, bool up)
{
	const struct ifinfomsg header = {
		.ifi_family = AF_UNSPEC,
		.ifi_index = (int)index,
		.ifi_flags = up ? IFF_UP : 0,
		.ifi_change = up ? IFF_UP : 0,
	};

	netlink_add(netlink, type, flags, &header, sizeof(header));
	if (name)
		mnl_attr_put_strz(netlink->last, IFLA_IFNAME, name);
}

void link_put_no_autoconf(struct netlink *netlink)
{
	struct nlattr *families = mnl_attr_nest_start(netlink->last, IFLA_AF_SPEC);
	struct nlattr *family = mnl_attr_nest_start(netlink->last, AF_INET6);

	mnl_attr_put_u8(netlink->last, IFLA_INET6_ADDR_GEN_MODE, IN6_ADDR_GEN_MODE_NONE);
	mnl_attr_nest_end(netlink->last, family);
	mnl_attr_nest_end(netlink->last, families);
}

static void put_address(struct netlink *netlink, uint16_t type, const struct address *address)
{
	mnl_attr_put(netlink->last, type, address_size(address->family), address->bytes);
}

static void add_address(struct netlink *netlink, unsigned index, const struct address *address, uint8_t bits,
			uint8_t scope)
{
	const struct ifaddrmsg header = {
		.ifa_family = address->family, .ifa_prefixlen = bits, .ifa_scope = scope, .ifa_index = index
	};

	netlink_add(netlink, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, &header, sizeof(header));
	put_address(netlink, IFA_LOCAL, address);
	put_address(netlink, IFA_ADDRESS, address);
	/* Without it the kernel has no route for packets to all of the subnet (RFC 919). */
	if (address->family == AF_INET && bits < 31) {
		struct address broadcast = *address;

		for (unsigned i = bits; i < 32; i++)
			broadcast.bytes[i / 8] |= (uint8_t)(0x80 >> i % 8);
		put_address(netlink, IFA_BROADCAST, &broadcast);
	}
	if (address->family == AF_INET6)
		mnl_attr_put_u32(netlink->last, IFA_FLAGS, IFA_F_NODAD | IFA_F_PERMANENT);
}

void link_add_address(struct netlink *netlink, unsigned index, const struct address *address, uint8_t bits)
{
	add_address(netlink, index, address, bits, RT_SCOPE_UNIVERSE);
}

void link_add_local_address(struct netlink *netlink, unsigned index, const uint8_t mac[MAC_SIZE])
{
	const struct address address = {
		AF_INET6, { 0xfe, 0x80, [8] = mac[0] ^ 2, mac[1], mac[2], 0xff, 0xfe, mac[3], mac[4], mac[5] }
	};

	add_address(netlink, index, &address, 64, RT_SCOPE_LINK);
}

void link_add_route(struct netlink *netlink, unsigned index, const struct subnet *to, const struct address *gateway)
{
	const struct rtmsg header = {
		.rtm_family = to ? to->base.family : gateway->family,
		.rtm_dst_len = to ? to->bits : 0,
		.rtm_table = RT_TABLE_MAIN,
		.rtm_protocol = RTPROT_STATIC,
		.rtm_scope = gateway ? RT_SCOPE_UNIVERSE : RT_SCOPE_LINK,
		.rtm_type = RTN_UNICAST,
	};

	netlink_add(netlink, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, &header, sizeof(header));
	if (to)
		put_address(netlink, RTA_DST, &to->base);
	if (gateway)
		put_address(netlink, RTA_GATEWAY, gateway);
	mnl_attr_put_u32(netlink->last, RTA_OIF, index);
}

void link_remove_neighbour(struct netlink *netlink, unsigned index, const struct address *address)
{
	const struct ndmsg header = { .ndm_family = address->family, .ndm_ifindex = (int)index };

	netlink_add(netlink, RTM_DELNEIGH, 0, &header, sizeof(header));
	put_address(netlink, NDA_DST, address);
}
