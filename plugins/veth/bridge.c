/* SPDX-License-Identifier: MIT */
#include "bridge.h"

#include <errno.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "sysctl.h"

static int fail_make(struct contain_ctx *ctx, const struct netlink *netlink, int error, const char *name)
{
	if (error == -EOPNOTSUPP)
		return contain_fail(
			ctx, 0,
			"can't make the bridge '%s': this kernel has no bridges (module bridge); set [veth] "
			"mode = " POINT_TO_POINT,
			name);
	return contain_fail(ctx, -error, "can't make the bridge '%s'%s%s", name, *netlink->why ? ": " : "",
			    netlink->why);
}

static void add_bridge(struct netlink *netlink, const char *name, const struct mac *mac, int64_t mtu)
{
	struct nlattr *info;

	link_begin(netlink, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, 0, name, false);
	mnl_attr_put(netlink->last, IFLA_ADDRESS, MAC_SIZE, mac->bytes);
	if (mtu != CONTAIN_UNSET)
		mnl_attr_put_u32(netlink->last, IFLA_MTU, (uint32_t)mtu);
	info = mnl_attr_nest_start(netlink->last, IFLA_LINKINFO);
	mnl_attr_put_strz(netlink->last, IFLA_INFO_KIND, "bridge");
	mnl_attr_nest_end(netlink->last, info);
	/* For people, who see it in `ip link`. */
	link_begin(netlink, RTM_SETLINK, 0, 0, name, false);
	mnl_attr_put_strz(netlink->last, IFLA_IFALIAS, "contain");
}

int bridge_make(struct contain_ctx *ctx, struct netlink *netlink, const char *name, const struct mac *mac, int64_t mtu,
		const struct address own[FAMILIES], const struct subnet subnets[FAMILIES], unsigned *index)
{
	struct link link;
	int result;

	add_bridge(netlink, name, mac, mtu);
	result = netlink_talk(netlink, NULL, NULL, NULL);
	if (result == 0)
		result = link_find(netlink, name, &link);
	if (result < 0)
		return fail_make(ctx, netlink, result, name);
	*index = link.index;
	/* What a container on it says of routes is not for the host (CVE-2020-10749). */
	sysctl_write("net/ipv6/conf", name, "accept_ra", "0");
	/* Nor do they send with addresses from elsewhere (RFC 3704, strict). */
	sysctl_write("net/ipv4/conf", name, "rp_filter", "1");
	if (own[V6].family) {
		link_begin(netlink, RTM_SETLINK, 0, link.index, NULL, false);
		link_put_no_autoconf(netlink);
		/* It asks for neighbours with it, for packets that are not its own (ndisc_send_ns() in
		 * net/ipv6/ndisc.c). */
		link_add_local_address(netlink, link.index, mac->bytes);
	}
	for (size_t i = 0; i < FAMILIES; i++) {
		if (own[i].family)
			link_add_address(netlink, link.index, &own[i], subnets[i].bits);
	}
	link_begin(netlink, RTM_SETLINK, 0, link.index, NULL, true);
	result = netlink_talk(netlink, NULL, NULL, NULL);
	return result < 0 ? fail_make(ctx, netlink, result, name) : 0;
}

int bridge_remove(struct contain_ctx *ctx, struct netlink *netlink, const char *name, const struct mac *mac)
{
	struct link link;
	int result = link_find(netlink, name, &link);

	if (result == -ENODEV || (result == 0 && memcmp(link.mac, mac->bytes, MAC_SIZE) != 0))
		return 0;
	if (result == 0)
		result = link_count_ports(netlink, link.index);
	if (result > 0) {
		/* The rule that guards 127.0.0.0/8 has gone with the table. */
		sysctl_write("net/ipv4/conf", name, "route_localnet", "0");
		contain_info(ctx, "the bridge '%s' stays, as others have put interfaces there", name);
		return 0;
	}
	if (result == 0) {
		link_begin(netlink, RTM_DELLINK, 0, link.index, NULL, false);
		result = netlink_talk(netlink, NULL, NULL, NULL);
	}
	return result < 0 && result != -ENODEV ? contain_fail(ctx, -result, "can't remove the bridge '%s'", name) : 0;
}
