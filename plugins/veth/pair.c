/* SPDX-License-Identifier: MIT */
#include "pair.h"

#include <errno.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "forward.h"
#include "sysctl.h"

static int fail_pair(struct contain_ctx *ctx, const struct netlink *netlink, int error, const char *what,
		     const char *name)
{
	return contain_fail(ctx, -error, "can't %s '%s'%s%s", what, name, *netlink->why ? ": " : "", netlink->why);
}

/* The subnet of one address, and no other. */
static struct subnet only(const struct address *address)
{
	return (struct subnet){ *address, (uint8_t)(8 * address_size(address->family)) };
}

static void put_mtu(struct netlink *netlink, uint32_t mtu)
{
	if (mtu)
		mnl_attr_put_u32(netlink->last, IFLA_MTU, mtu);
}

/* Directly where it belongs: never, not even for a moment, is it among the host's interfaces. */
static void put_peer(struct netlink *netlink, const struct chosen *chosen, pid_t pid)
{
	const struct ifinfomsg header = { .ifi_family = AF_UNSPEC };
	struct nlattr *info = mnl_attr_nest_start(netlink->last, IFLA_LINKINFO), *data, *peer;

	mnl_attr_put_strz(netlink->last, IFLA_INFO_KIND, "veth");
	data = mnl_attr_nest_start(netlink->last, IFLA_INFO_DATA);
	peer = mnl_attr_nest_start(netlink->last, VETH_INFO_PEER);
	memcpy(mnl_nlmsg_put_extra_header(netlink->last, sizeof(header)), &header, sizeof(header));
	mnl_attr_put_strz(netlink->last, IFLA_IFNAME, chosen->inside);
	mnl_attr_put_u32(netlink->last, IFLA_NET_NS_PID, (uint32_t)pid);
	mnl_attr_put(netlink->last, IFLA_ADDRESS, MAC_SIZE, chosen->mac.bytes);
	put_mtu(netlink, chosen->mtu);
	mnl_attr_nest_end(netlink->last, peer);
	mnl_attr_nest_end(netlink->last, data);
	mnl_attr_nest_end(netlink->last, info);
}

/*
 * What a container sends to a port that it has published itself goes back to where it came from (hairpin in bridge(8)).
 * RTM_SETLINK would pass over it (do_setlink() in net/core/rtnetlink.c).
 */
static void set_hairpin(struct netlink *netlink, const char *name)
{
	struct nlattr *info, *data;

	link_begin(netlink, RTM_NEWLINK, 0, 0, name, false);
	info = mnl_attr_nest_start(netlink->last, IFLA_LINKINFO);
	mnl_attr_put_strz(netlink->last, IFLA_INFO_SLAVE_KIND, "bridge");
	data = mnl_attr_nest_start(netlink->last, IFLA_INFO_SLAVE_DATA);
	mnl_attr_put_u8(netlink->last, IFLA_BRPORT_MODE, 1);
	mnl_attr_nest_end(netlink->last, data);
	mnl_attr_nest_end(netlink->last, info);
}

static void add_pair(struct netlink *netlink, const struct chosen *chosen, pid_t pid, const char *alias)
{
	/*
	 * A bridge without a MAC address of its own takes the lowest of its ports' (br_stp_recalculate_bridge_id() in
	 * net/bridge/br_stp_if.c), and all neighbours would have to learn it anew: fe is higher than any other.
	 */
	uint8_t mac[MAC_SIZE] = { 0xfe };

	if (getrandom(mac + 1, sizeof(mac) - 1, 0) < 0)
		memcpy(mac + 1, chosen->mac.bytes + 1, sizeof(mac) - 1);
	link_begin(netlink, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, 0, chosen->link, false);
	mnl_attr_put(netlink->last, IFLA_ADDRESS, MAC_SIZE, mac);
	put_mtu(netlink, chosen->mtu);
	if (chosen->bridge)
		mnl_attr_put_u32(netlink->last, IFLA_MASTER, chosen->bridge);
	put_peer(netlink, chosen, pid);
	/* What the kernel's message about a new interface can't say. */
	link_begin(netlink, RTM_SETLINK, 0, 0, chosen->link, false);
	mnl_attr_put_strz(netlink->last, IFLA_IFALIAS, alias);
	link_put_no_autoconf(netlink);
	if (chosen->bridge && chosen->publishes)
		set_hairpin(netlink, chosen->link);
}

/* The host's end has the gateway's addresses, and the only routes to the container's. */
static int route(struct netlink *netlink, const struct chosen *chosen)
{
	struct link link;
	int result = link_find(netlink, chosen->link, &link);

	if (result < 0)
		return result;
	/* As on a bridge of ours. */
	sysctl_write("net/ipv6/conf", chosen->link, "accept_ra", "0");
	sysctl_write("net/ipv4/conf", chosen->link, "rp_filter", "1");
	link_begin(netlink, RTM_SETLINK, 0, link.index, NULL, true);
	/* It asks for neighbours with it, for packets that are not its own (ndisc_send_ns() in net/ipv6/ndisc.c). */
	if (chosen->addresses[V6].family)
		link_add_local_address(netlink, link.index, link.mac);
	for (size_t i = 0; i < FAMILIES; i++) {
		const struct subnet host = only(&chosen->addresses[i]);

		if (!host.base.family)
			continue;
		link_add_address(netlink, link.index, &chosen->own[i], host.bits);
		link_add_route(netlink, link.index, &host, NULL);
	}
	return netlink_talk(netlink, NULL, NULL, NULL);
}

/*
 * Whoever had one of the addresses before may have had another MAC address, which the host remembers for a while
 * (arp(7), RFC 4861). Mostly there is nothing to forget, which is no failure.
 */
static void forget_neighbours(struct netlink *netlink, const struct chosen *chosen)
{
	for (size_t i = 0; i < FAMILIES; i++) {
		if (chosen->bridge && chosen->addresses[i].family)
			link_remove_neighbour(netlink, chosen->bridge, &chosen->addresses[i]);
	}
	netlink_talk(netlink, NULL, NULL, NULL);
}

int pair_make(struct contain_ctx *ctx, const struct chosen *chosen)
{
	_cleanup_netlink_ struct netlink netlink = { 0 };
	char alias[96];
	int result = link_open(ctx, &netlink);

	if (result < 0)
		return result;
	forget_neighbours(&netlink, chosen);
	snprintf(alias, sizeof(alias), "contain %s", contain_id(ctx));
	add_pair(&netlink, chosen, contain_pid(ctx), alias);
	/* Only now, as a member of the bridge. */
	if (chosen->bridge)
		link_begin(&netlink, RTM_SETLINK, 0, 0, chosen->link, true);
	result = netlink_talk(&netlink, NULL, NULL, NULL);
	if (result == 0 && !chosen->bridge)
		result = route(&netlink, chosen);
	if (result == 0 && !chosen->bridge && chosen->publishes)
		return forward_loopback(ctx, chosen->link);
	if (result == -EOPNOTSUPP)
		return contain_fail(ctx, 0,
				    "can't make the interface '%s': this kernel has no veth pairs (module veth)",
				    chosen->link);
	return result < 0 ? fail_pair(ctx, &netlink, result, "make the interface", chosen->link) : 0;
}

/*
 * Mostly it goes with the container's network namespace, which the kernel takes apart when its last process has ended;
 * but somebody may hold that. Not asked for first: whoever is removing interfaces at this moment has a lock that each
 * question about them has to wait for as well (rtnl_lock() in net/core/rtnetlink.c).
 */
int pair_remove(struct contain_ctx *ctx, struct netlink *netlink, const char *name)
{
	int result;

	link_begin(netlink, RTM_DELLINK, 0, 0, name, false);
	result = netlink_talk(netlink, NULL, NULL, NULL);
	return result < 0 && result != -ENODEV ? fail_pair(ctx, netlink, result, "remove the interface", name) : 0;
}

static void add_inside(struct netlink *netlink, const struct chosen *chosen, unsigned index, const char *name)
{
	bool routed = chosen->bridge == 0;

	link_begin(netlink, RTM_SETLINK, 0, index, name, false);
	if (chosen->addresses[V6].family)
		link_put_no_autoconf(netlink);
	for (size_t i = 0; i < FAMILIES; i++) {
		if (chosen->addresses[i].family)
			link_add_address(netlink, index, &chosen->addresses[i],
					 routed ? only(&chosen->addresses[i]).bits : chosen->subnets[i].bits);
	}
	if (chosen->addresses[V6].family)
		link_add_local_address(netlink, index, chosen->mac.bytes);
	link_begin(netlink, RTM_SETLINK, 0, 0, "lo", true);
	link_begin(netlink, RTM_SETLINK, 0, index, NULL, true);
	for (size_t i = 0; i < FAMILIES; i++) {
		const struct subnet gateway = only(&chosen->gateways[i]);

		if (!chosen->addresses[i].family || !gateway.base.family)
			continue;
		if (routed)
			link_add_route(netlink, index, &gateway, NULL);
		link_add_route(netlink, index, NULL, &gateway.base);
	}
}

int pair_enter(struct contain_ctx *ctx, const struct chosen *chosen, const char *name)
{
	_cleanup_netlink_ struct netlink netlink = { 0 };
	unsigned index = if_nametoindex(chosen->inside);
	int result;

	if (!index)
		return contain_fail(ctx, errno, "can't find the interface '%s' inside", chosen->inside);
	/* Another container on the bridge must not become its router by a message (CVE-2020-10749). */
	result = sysctl_write("net/ipv6/conf", chosen->inside, "accept_ra", "0");
	if (result < 0 && chosen->addresses[V6].family)
		contain_warn(ctx, "can't switch off router advertisements inside (accept_ra): %s", strerror(-result));
	/* Who has known another MAC address of one of its addresses hears of the new one (RFC 5227, RFC 4861). */
	sysctl_write("net/ipv4/conf", chosen->inside, "arp_notify", "1");
	sysctl_write("net/ipv6/conf", chosen->inside, "ndisc_notify", "1");
	result = link_open(ctx, &netlink);
	if (result < 0)
		return result;
	add_inside(&netlink, chosen, index, name);
	result = netlink_talk(&netlink, NULL, NULL, NULL);
	if (result == -EEXIST && if_nametoindex(name))
		return contain_fail(ctx, 0,
				    "another plugin has made an interface '%s' inside: give this one another name "
				    "([veth] interface)",
				    name);
	return result < 0 ? fail_pair(ctx, &netlink, result, "set up the interface", name) : 0;
}
