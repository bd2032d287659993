/* SPDX-License-Identifier: MIT */
#include "forward.h"

#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sysctl.h"

/* Of linux/ipv6_route.h, which does not get along with netinet/in.h. */
#define ROUTE_ADVERTISED 0x00040000 /* RTF_ADDRCONF */

static const struct {
	const char *folder, *key, *name, *how;
} switches[FAMILIES] = {
	[V4] = { "net/ipv4", "ip_forward", "net.ipv4.ip_forward", "" },
	[V6] = { "net/ipv6/conf/all", "forwarding", "net.ipv6.conf.all.forwarding", " over IPv6" },
};

/* A sysctl of one number; -errno without a message. */
static int read_number(const char *folder, const char *interface, const char *key)
{
	char text[16];
	int error = sysctl_read(folder, interface, key, text, sizeof(text));

	return error < 0 ? error : atoi(text);
}

/*
 * The interface of a default route that the kernel made of a router advertisement, and takes away when forwarding is
 * switched on (rt6_purge_dflt_routers() in net/ipv6/route.c); "" if there is none.
 */
static void find_advertised_route(char interface[IF_NAMESIZE])
{
	FILE *routes = fopen("/proc/self/net/ipv6_route", "re");
	char line[256], name[IF_NAMESIZE];
	unsigned bits, flags;

	interface[0] = '\0';
	while (routes && !interface[0] && fgets(line, sizeof(line), routes)) {
		if (sscanf(line, "%*s %x %*s %*s %*s %*s %*s %*s %x %15s", &bits, &flags, name) != 3 || bits != 0 ||
		    !(flags & ROUTE_ADVERTISED))
			continue;
		if (read_number("net/ipv6/conf", name, "accept_ra") != 2)
			memcpy(interface, name, sizeof(name));
	}
	if (routes)
		fclose(routes);
}

static int forward_family(struct contain_ctx *ctx, unsigned family, bool allowed)
{
	const char *name = switches[family].name;
	int value = read_number(switches[family].folder, NULL, switches[family].key), error;
	char interface[IF_NAMESIZE];

	if (value > 0 || (family == V6 && value == -ENOENT))
		return 0;
	if (value < 0)
		return contain_fail(ctx, -value,
				    "can't read the sysctl %s, which says whether packets of the container are passed "
				    "on",
				    name);
	if (!allowed) {
		contain_warn(
			ctx,
			"packets of the container aren't passed on%s, as %s is off: set it to 1, or give ip_forward = on",
			switches[family].how, name);
		return 0;
	}
	if (family == V6)
		find_advertised_route(interface);
	if (family == V6 && interface[0]) {
		contain_warn(
			ctx,
			"packets of the container aren't passed on over IPv6: switching %s on would take the host's "
			"default route away, which %s has from router advertisements; set net.ipv6.conf.%s.accept_ra "
			"to 2 first",
			name, interface, interface);
		return 0;
	}
	contain_info(ctx, "switching %s on, so that packets of the container are passed on; it stays on", name);
	error = sysctl_write(switches[family].folder, NULL, switches[family].key, "1");
	if (error < 0)
		return contain_fail(ctx, -error,
				    "can't switch %s on, without which the container reaches nothing but the host: do "
				    "that by hand, or give ip_forward = keep",
				    name);
	return 0;
}

int forward_enable(struct contain_ctx *ctx, const struct subnet subnets[FAMILIES], bool allowed)
{
	for (unsigned family = 0; family < FAMILIES; family++) {
		int error = subnets[family].base.family ? forward_family(ctx, family, allowed) : 0;

		if (error < 0)
			return error;
	}
	return 0;
}

int forward_loopback(struct contain_ctx *ctx, const char *interface)
{
	int error = sysctl_write("net/ipv4/conf", interface, "route_localnet", "1");

	if (error < 0)
		return contain_fail(
			ctx, -error,
			"can't switch net.ipv4.conf.%s.route_localnet on, without which published ports aren't "
			"reached by 127.0.0.1",
			interface);
	return 0;
}
