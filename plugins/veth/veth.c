/* SPDX-License-Identifier: MIT */
/*
 * veth: connects the container's network to the host's, by a pair of interfaces, see veth(4).
 *
 * parent_prepare leases addresses and sees to the bridge and the packet filter, under the lock of the network's file;
 * parent_attach makes the pair, with one end in the container's network namespace from its first moment; child_setup
 * names that end and gives it addresses and routes. What the kernel takes apart by itself, with the namespace, it is
 * left to.
 */
#include <contain/plugin.h>
#include <errno.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "files.h"
#include "network.h"
#include "pair.h"
#include "sysctl.h"

#define LINK_LETTERS 10

/* A link's name is this and as many letters: together what fits (IFNAMSIZ). */
static const char prefixes[][6] = { [MODE_BRIDGE] = "ctnb-", [MODE_POINT_TO_POINT] = "ctnp-" };
#define PREFIX_INSIDE "ctni-"

/* Not in configure: `contain plan` needs no root. */
static int check_rights(struct contain_ctx *ctx)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = { 0 };

	if (syscall(SYS_capget, &header, data) == 0 && (data[0].effective & 1U << CAP_NET_ADMIN))
		return 0;
	return contain_fail(
		ctx, 0,
		"to connect a container to the host's network takes root (CAP_NET_ADMIN): run contain as root, "
		"or without a connection, with the loopback device alone (--network none)");
}

static int check_list(struct contain_ctx *ctx, const struct contain_list *list, const char *what)
{
	bool has[FAMILIES] = { false };

	for (size_t i = 0; i < list->count; i++) {
		struct address address;

		if (address_parse(list->items[i], &address) < 0) {
			if (list->count == 1)
				return 0;
			return contain_fail(ctx, 0, "%s none stands for itself: give it alone, or addresses", what);
		}
		if (has[address_place(&address)])
			return contain_fail(ctx, 0, "%s %s is the second one of its family: give one of each", what,
					    list->items[i]);
		has[address_place(&address)] = true;
	}
	return 0;
}

/* A kernel without IPv6, or a host where it is switched off: then it is left out, unless it was asked for. */
static int check_ipv6(struct contain_ctx *ctx, struct veth *veth)
{
	char off[8];

	if (!veth->subnets[V6].base.family || contain_is_set(ctx, "subnet6"))
		return 0;
	if (sysctl_read("net/ipv6/conf/default", NULL, "disable_ipv6", off, sizeof(off)) < 0 || strcmp(off, "0") != 0) {
		contain_debug(ctx, "veth: this host has no IPv6");
		veth->subnets[V6] = (struct subnet){ 0 };
	}
	return 0;
}

/* What is given must hold: one of the two would be passed over. */
static int check_together(struct contain_ctx *ctx, const struct veth *veth)
{
	if (veth->mode == MODE_POINT_TO_POINT && contain_is_set(ctx, "bridge"))
		return contain_fail(ctx, 0,
				    "the bridge '%s' is given, and mode = " POINT_TO_POINT
				    " has none: leave out one of "
				    "the two",
				    veth->bridge);
	if (!veth->files && (veth->dns.count > 0 || veth->dns_search.count > 0))
		return contain_fail(ctx, 0,
				    "%s is given for /etc/resolv.conf, which files = no leaves to the image: leave out "
				    "one of the two",
				    veth->dns.count > 0 ? "dns" : "dns_search");
	return 0;
}

static int configure(struct contain_ctx *ctx, void *self)
{
	struct veth *veth = self;
	int result = check_list(ctx, &veth->addresses, "address");

	if (result == 0)
		result = check_list(ctx, &veth->gateways, "gateway");
	if (result == 0)
		result = check_together(ctx, veth);
	if (result == 0 && !veth->subnets[V4].base.family && !veth->subnets[V6].base.family)
		result = contain_fail(ctx, 0, "subnet and subnet6 are both none: give one");
	/* RFC 8200, section 5. */
	if (result == 0 && veth->mtu != CONTAIN_UNSET && veth->mtu < 1280 && veth->subnets[V6].base.family)
		result = contain_fail(ctx, 0, "mtu %lld is too small for IPv6, which wants 1280: set subnet6 = none",
				      (long long)veth->mtu);
	return result < 0 ? result : check_ipv6(ctx, veth);
}

/* Fifty bits: the kernel refuses one that is there. */
static int name_links(struct contain_ctx *ctx, const struct veth *veth, struct chosen *chosen)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz234567";
	uint8_t random[LINK_LETTERS];
	char name[LINK_LETTERS + 1] = "";

	if (getrandom(random, sizeof(random), 0) < (ssize_t)sizeof(random))
		return contain_fail(ctx, errno, "can't make up a name for an interface");
	for (size_t i = 0; i < LINK_LETTERS; i++)
		name[i] = letters[random[i] % 32];
	snprintf(chosen->link, sizeof(chosen->link), "%s%s", prefixes[veth->mode], name);
	snprintf(chosen->inside, sizeof(chosen->inside), PREFIX_INSIDE "%s", name);
	return 0;
}

/* For teardown: the link, which is also the token in the network's file; that file; the addresses, once they are known.
 */
static int record(struct contain_ctx *ctx, const struct chosen *chosen)
{
	char text[256], addresses[FAMILIES][ADDRESS_TEXT_SIZE];

	snprintf(text, sizeof(text), "%s %s %s %s", chosen->link, chosen->hosts,
		 address_text(&chosen->addresses[V4], addresses[V4]),
		 address_text(&chosen->addresses[V6], addresses[V6]));
	return contain_state_set(ctx, "link", text);
}

static int prepare(struct contain_ctx *ctx, void *self)
{
	struct veth *veth = self;
	struct chosen *chosen = &veth->chosen;
	_cleanup_lease_ struct lease lease = LEASE_CLOSED;
	char addresses[FAMILIES][ADDRESS_TEXT_SIZE];
	int result = check_rights(ctx);

	if (result == 0)
		result = name_links(ctx, veth, chosen);
	if (result == 0)
		result = lease_path(ctx, network_name(veth), chosen->hosts);
	if (result == 0)
		result = record(ctx, chosen);
	if (result == 0)
		result = lease_open(ctx, &lease, chosen->hosts, true);
	if (result == 0)
		result = network_enter(ctx, veth, &lease, record);
	if (result == 0)
		contain_info(ctx, "connecting to the network '%s': %s, %s", network_name(veth),
			     address_text(&chosen->addresses[V4], addresses[V4]),
			     address_text(&chosen->addresses[V6], addresses[V6]));
	return result;
}

static int attach(struct contain_ctx *ctx, void *self)
{
	const struct veth *veth = self;

	return pair_make(ctx, &veth->chosen);
}

static int setup(struct contain_ctx *ctx, void *self)
{
	const struct veth *veth = self;
	int result = pair_enter(ctx, &veth->chosen, veth->interface);

	return result == 0 && veth->files && contain_has_namespace(ctx, CLONE_NEWNS) ? files_mount(ctx, veth) : result;
}

/*
 * Whether the kernel's objects can be reached: from the network namespace alone that they were made in. 1, 0, or -errno
 * with a message.
 */
static int is_here(struct contain_ctx *ctx, const struct veth *veth, const char *path)
{
	char here[96];
	int result = lease_path(ctx, network_name(veth), here);

	if (result < 0)
		return result;
	if (strcmp(here, path) == 0)
		return 1;
	contain_warn(ctx,
		     "the network '%s' was made in another network namespace (%s): what is left of it there can't be "
		     "removed from here",
		     network_name(veth), path);
	return 0;
}

static int teardown(struct contain_ctx *ctx, void *self)
{
	const struct veth *veth = self;
	_cleanup_netlink_ struct netlink netlink = { 0 };
	const char *text = contain_state_get(ctx, "link");
	char link[IFNAMSIZ], path[96], words[FAMILIES][ADDRESS_TEXT_SIZE];
	struct address addresses[FAMILIES] = { 0 };
	int result, other;

	if (!text || sscanf(text, "%15s %95s %45s %45s", link, path, words[V4], words[V6]) != 4)
		return 0;
	for (size_t i = 0; i < FAMILIES; i++) {
		if (address_parse(words[i], &addresses[i]) < 0)
			addresses[i].family = 0;
	}
	result = is_here(ctx, veth, path);
	if (result == 1) {
		result = link_open(ctx, &netlink);
		if (result == 0)
			result = pair_remove(ctx, &netlink, link);
	}
	other = files_remove(ctx, link);
	result = result < 0 ? result : other;
	return result < 0 ? result : network_leave(ctx, veth, &netlink, path, link, addresses);
}

static int check_network(struct contain_ctx *ctx, const struct veth *veth)
{
	if (!veth->nat)
		return 0;
	return contain_exposes(
		ctx, 2,
		"it reaches whatever the host reaches by its network, such as the metadata service of a cloud "
		"(169.254.169.254): set nat = no in [veth], if it needs its own network alone");
}

static int check_ports(struct contain_ctx *ctx, const struct veth *veth)
{
	for (size_t i = 0; i < veth->publish.count; i++) {
		struct port port;
		char why[160];

		if (port_parse(veth->publish.items[i], &port, why, sizeof(why)) < 0 || port.address.family)
			continue;
		return contain_exposes(
			ctx, 1,
			"the port %s is published on all addresses of the host: give one, such as 127.0.0.1:%s, "
			"if others need not reach it",
			veth->publish.items[i], veth->publish.items[i]);
	}
	return 0;
}

/*
 * A capability counts in the user namespace that owns the network namespace (user_namespaces(7)): without one of its
 * own that is the host's, which the pair has a number for inside (IFLA_TARGET_NETNSID of RTM_DELLINK).
 */
static int check_root(struct contain_ctx *ctx)
{
	if (contain_has_namespace(ctx, CLONE_NEWUSER))
		return 0;
	return contain_exposes(
		ctx, 8,
		"root inside can change and remove the host's network interfaces, which are reached by way of "
		"its own: give it a user namespace, or see that it never is root ([process] user)");
}

static int check(struct contain_ctx *ctx, void *self)
{
	int result = check_network(ctx, self);

	if (result == 0)
		result = check_root(ctx);
	return result < 0 ? result : check_ports(ctx, self);
}

static const char *const after[] = { "mountns", "utsns", "netns", NULL };

CONTAIN_PLUGIN(.name = "veth", .version = "0.1", .summary = "a connection to the host's network", .after = after,
	       .namespaces = CLONE_NEWNET, .self_size = sizeof(struct veth), .options = veth_options,
	       .configure = configure, .parent_prepare = prepare, .parent_attach = attach, .child_setup = setup,
	       .teardown = teardown, .check = check, .chosen_by = "network=veth")
