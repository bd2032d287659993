/* SPDX-License-Identifier: MIT */
#include "network.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "bridge.h"
#include "conntrack.h"
#include "forward.h"
#include "rules.h"

#define SUBNET_TRIES 64

static const char *const subnet_keys[FAMILIES] = { "subnet", "subnet6" };

/* One call of network_enter(). */
struct place {
	struct contain_ctx *ctx;
	struct veth *veth;
	struct lease *lease;
	struct netlink netlink;
	struct head head;
	struct link bridge;
	bool exists;                      /* the bridge */
	bool fresh;                       /* nobody is on the network yet */
	struct address bridges[FAMILIES]; /* the addresses that the bridge has, if it is another's */
};

const char *network_name(const struct veth *veth)
{
	return veth->mode == MODE_POINT_TO_POINT ? POINT_TO_POINT : veth->bridge;
}

static int look_at_bridge(struct place *place)
{
	const char *name = place->veth->bridge;
	int result;

	if (place->veth->mode == MODE_POINT_TO_POINT)
		return 0;
	result = link_find(&place->netlink, name, &place->bridge);
	if (result == -ENODEV)
		return 0;
	if (result < 0)
		return contain_fail(place->ctx, -result, "can't look at the bridge '%s'", name);
	place->exists = true;
	return place->bridge.is_bridge
		       ? 0
		       : contain_fail(place->ctx, 0,
				      "the interface '%s' is no bridge: give another name ([veth] bridge)", name);
}

/* A bridge of somebody else: where nothing else is given, its addresses say which subnets are there. */
static int adopt(struct place *place)
{
	struct contain_ctx *ctx = place->ctx;
	bool given = contain_is_set(ctx, "subnet") || contain_is_set(ctx, "subnet6");
	uint8_t bits[FAMILIES] = { 0 };
	int result = link_addresses(&place->netlink, place->bridge.index, place->bridges, bits);

	if (result < 0)
		return contain_fail(ctx, -result, "can't look at the addresses of the bridge '%s'",
				    place->veth->bridge);
	if (given)
		return 0;
	for (size_t i = 0; i < FAMILIES; i++)
		place->head.subnets[i] =
			place->bridges[i].family ? subnet_of(&place->bridges[i], bits[i]) : (struct subnet){ 0 };
	if (!place->bridges[V4].family && !place->bridges[V6].family)
		return contain_fail(
			ctx, 0,
			"the bridge '%s' is not contain's and has no address: say which ones its network has "
			"([veth] subnet, subnet6)",
			place->veth->bridge);
	return 0;
}

static int fail_taken(struct place *place, const struct subnet *subnet, const struct address *address, unsigned index)
{
	char name[IF_NAMESIZE] = "?", text[ADDRESS_TEXT_SIZE], words[SUBNET_TEXT_SIZE];

	if_indextoname(index, name);
	return contain_fail(
		place->ctx, 0,
		"the network '%s' can't have the subnet %s: the host has the address %s of it on '%s'; give "
		"another one ([veth] %s)",
		network_name(place->veth), subnet_text(subnet, words), address_text(address, text), name,
		subnet_keys[address_place(address)]);
}

/*
 * Two networks with one subnet: the host would know the way to one of them only. So a subnet that was not given is the
 * next one that is free.
 */
static int find_free(struct place *place)
{
	struct subnet *subnets = place->head.subnets;
	struct address address;
	unsigned index, family;

	for (int tries = 0; tries < SUBNET_TRIES; tries++) {
		int result = link_find_address(&place->netlink, subnets, &index, &address);

		if (result < 0)
			return contain_fail(place->ctx, -result, "can't look at the host's addresses");
		if (result == 0)
			return 0;
		family = address_place(&address);
		if (contain_is_set(place->ctx, subnet_keys[family]))
			break;
		subnets[family] = subnet_next(&subnets[family]);
	}
	return fail_taken(place, &subnets[address_place(&address)], &address, index);
}

static int begin(struct place *place)
{
	struct head *head = &place->head;
	int result;

	*head = (struct head){ .nat = place->veth->nat };
	memcpy(head->subnets, place->veth->subnets, sizeof(head->subnets));
	if (place->exists)
		return adopt(place);
	result = find_free(place);
	if (result < 0)
		return result;
	if (place->veth->mode == MODE_POINT_TO_POINT)
		return 0;
	head->bridge.given = true;
	if (getrandom(head->bridge.bytes, MAC_SIZE, 0) < 0)
		return contain_fail(place->ctx, errno, "can't make up a MAC address");
	/* A station's, and locally administered (IEEE 802). */
	head->bridge.bytes[0] = 0x02;
	return 0;
}

/* What was given must hold; what was not is what the network has. */
static int check_same(struct place *place)
{
	struct contain_ctx *ctx = place->ctx;
	struct veth *veth = place->veth;

	for (size_t i = 0; i < FAMILIES; i++) {
		char theirs[SUBNET_TEXT_SIZE], ours[SUBNET_TEXT_SIZE];

		if (!contain_is_set(ctx, subnet_keys[i]) || subnet_equal(&veth->subnets[i], &place->head.subnets[i]))
			continue;
		return contain_fail(
			ctx, 0,
			"the network '%s' is in use with the %s %s, and not %s: give another bridge, or the "
			"same subnet",
			network_name(veth), subnet_keys[i], subnet_text(&place->head.subnets[i], theirs),
			subnet_text(&veth->subnets[i], ours));
	}
	if (contain_is_set(ctx, "nat") && veth->nat != place->head.nat)
		return contain_fail(ctx, 0,
				    "the network '%s' is in use with nat = %s: give another bridge, or the same",
				    network_name(veth), place->head.nat ? "yes" : "no");
	return 0;
}

static int resume(struct place *place)
{
	struct contain_ctx *ctx = place->ctx;
	const char *name = network_name(place->veth);
	uint8_t bits[FAMILIES];
	int result;

	if (head_read(place->lease->text, &place->head) < 0)
		return contain_fail(ctx, 0,
				    "can't read %s: it is of another version of contain; remove the containers of '%s'",
				    place->lease->path, name);
	if (place->head.bridge.given && place->exists &&
	    memcmp(place->bridge.mac, place->head.bridge.bytes, MAC_SIZE) != 0)
		return contain_fail(
			ctx, 0,
			"the bridge '%s' is not the one that contain has made for its containers: remove it, or "
			"them",
			name);
	if (!place->head.bridge.given && !place->exists && place->veth->mode != MODE_POINT_TO_POINT)
		return contain_fail(ctx, 0, "the bridge '%s' has gone: make it again, or remove its containers", name);
	result = check_same(place);
	if (result == 0 && place->exists && !place->head.bridge.given) {
		result = link_addresses(&place->netlink, place->bridge.index, place->bridges, bits);
		if (result < 0)
			result = contain_fail(ctx, -result, "can't look at the addresses of the bridge '%s'", name);
	}
	return result;
}

/* The host's own addresses on the network, and the way out of it. */
static int find_gateways(struct place *place, struct chosen *chosen)
{
	const struct contain_list *list = &place->veth->gateways;
	struct address given[FAMILIES];
	char text[ADDRESS_TEXT_SIZE], of[SUBNET_TEXT_SIZE];

	options_addresses(list, given);
	for (size_t i = 0; i < FAMILIES; i++) {
		const struct subnet *subnet = &chosen->subnets[i];

		if (place->exists && !place->head.bridge.given)
			chosen->own[i] =
				subnet_has(subnet, &place->bridges[i]) ? place->bridges[i] : (struct address){ 0 };
		else if (subnet->base.family)
			chosen->own[i] = subnet_nth(subnet, 1);
		chosen->gateways[i] = list->count ? given[i] : chosen->own[i];
		if (given[i].family && !subnet_has(subnet, &given[i]))
			return contain_fail(
				place->ctx, 0, "the gateway %s is not in the network '%s': its subnet is %s",
				address_text(&given[i], text), network_name(place->veth), subnet_text(subnet, of));
	}
	return 0;
}

static int settle(struct place *place)
{
	struct chosen *chosen = &place->veth->chosen;
	char head[HEAD_SIZE];
	int result = look_at_bridge(place);

	place->fresh = place->lease->length == 0;
	if (result == 0)
		result = place->fresh ? begin(place) : resume(place);
	if (result < 0)
		return result;
	memcpy(chosen->subnets, place->head.subnets, sizeof(chosen->subnets));
	result = find_gateways(place, chosen);
	if (result < 0 || !place->fresh)
		return result;
	head_write(head, network_name(place->veth), &place->head, chosen->own);
	return lease_begin(place->ctx, place->lease, head);
}

static void choose_mac(const struct veth *veth, struct chosen *chosen)
{
	const struct address *address = &chosen->addresses[chosen->addresses[V4].family ? V4 : V6];

	/*
	 * The same for the same address, so that what others have remembered of a container that has gone is right for
	 * the next one with its address (RFC 826).
	 */
	chosen->mac = (struct mac){ .bytes = { 0x02, 0x63 } };
	memcpy(chosen->mac.bytes + 2, address->bytes + address_size(address->family) - 4, 4);
	if (veth->mac.given)
		chosen->mac = veth->mac;
}

static int take(struct place *place, int (*record)(struct contain_ctx *ctx, const struct chosen *chosen))
{
	struct chosen *chosen = &place->veth->chosen;
	struct claim claim = { .network = network_name(place->veth),
			       .subnets = chosen->subnets,
			       .name = contain_id(place->ctx),
			       .token = chosen->link,
			       .aliases = &place->veth->aliases };
	int result;

	options_addresses(&place->veth->addresses, claim.wanted);
	for (size_t i = 0; i < FAMILIES; i++) {
		claim.taken[claim.taken_count++] = chosen->own[i];
		claim.taken[claim.taken_count++] = chosen->gateways[i];
		claim.taken[claim.taken_count++] = place->bridges[i];
	}
	result = lease_choose(place->ctx, place->lease, &claim, chosen->addresses);
	if (result < 0)
		return result;
	choose_mac(place->veth, chosen);
	result = record(place->ctx, chosen);
	return result < 0 ? result : lease_take(place->ctx, place->lease, &claim, chosen->addresses);
}

static int make_bridge(struct place *place)
{
	struct veth *veth = place->veth;
	struct chosen *chosen = &veth->chosen;
	int result = 0;

	if (place->head.bridge.given && !place->exists)
		result = bridge_make(place->ctx, &place->netlink, veth->bridge, &place->head.bridge, veth->mtu,
				     chosen->own, chosen->subnets, &chosen->bridge);
	else if (place->exists)
		chosen->bridge = place->bridge.index;
	chosen->publishes = veth->publish.count > 0;
	chosen->mtu = veth->mtu != CONTAIN_UNSET ? (uint32_t)veth->mtu : place->bridge.mtu;
	return result;
}

/* With others: a bridge that somebody else has made. */
static bool is_shared(const struct veth *veth, const struct head *head)
{
	return veth->mode == MODE_BRIDGE && !head->bridge.given;
}

static int filter(struct place *place)
{
	struct contain_ctx *ctx = place->ctx;
	struct veth *veth = place->veth;
	struct network network = { .name = network_name(veth),
				   .links = veth->mode == MODE_POINT_TO_POINT ? "ctnp-*" : veth->bridge,
				   .nat = place->head.nat,
				   .shared = is_shared(veth, &place->head) };
	struct port *ports;
	int result = 0;

	memcpy(network.subnets, place->head.subnets, sizeof(network.subnets));
	if (!place->head.nat && veth->publish.count == 0)
		return 0;
	/* One that is there has the subnets of another life of the network, whose file somebody has removed. */
	if (place->fresh)
		result = rules_remove(ctx, network.name);
	if (result == 0)
		result = rules_make(ctx, &network);
	if (result == 0 && network.shared)
		result = rules_join(ctx, network.name, veth->chosen.addresses);
	if (result == 0)
		result = forward_enable(ctx, network.subnets, veth->ip_forward == FORWARD_ON);
	if (result < 0 || veth->publish.count == 0)
		return result;
	/* Of a bridge of another's nothing is changed. */
	if (place->head.bridge.given)
		result = forward_loopback(ctx, veth->bridge);
	ports = options_ports(veth);
	if (!ports)
		return contain_fail(ctx, ENOMEM, "can't publish ports");
	if (result == 0)
		result = rules_publish(ctx, network.name, ports, veth->publish.count, veth->chosen.addresses);
	if (result == 0)
		result = conntrack_forget_ports(ctx, ports, veth->publish.count);
	free(ports);
	return result;
}

int network_enter(struct contain_ctx *ctx, struct veth *veth, struct lease *lease,
		  int (*record)(struct contain_ctx *ctx, const struct chosen *chosen))
{
	struct place place = { .ctx = ctx, .veth = veth, .lease = lease };
	int result = link_open(ctx, &place.netlink);

	if (result == 0)
		result = settle(&place);
	if (result == 0)
		result = take(&place, record);
	if (result == 0)
		result = make_bridge(&place);
	if (result == 0)
		result = filter(&place);
	netlink_close(&place.netlink);
	return result;
}

static void keep_first(int *result, int other)
{
	*result = *result < 0 ? *result : other;
}

static int give_back_ports(struct contain_ctx *ctx, const struct veth *veth, const struct address addresses[FAMILIES])
{
	struct port *ports = veth->publish.count ? options_ports(veth) : NULL;
	int result;

	if (veth->publish.count == 0)
		return 0;
	if (!ports)
		return contain_fail(ctx, ENOMEM, "can't take published ports back");
	result = rules_unpublish(ctx, network_name(veth), ports, veth->publish.count, addresses);
	free(ports);
	return result;
}

static int remove_network(struct contain_ctx *ctx, const struct veth *veth, struct netlink *netlink,
			  struct lease *lease)
{
	struct head head;
	int result = rules_remove(ctx, network_name(veth));

	if (head_read(lease->text, &head) == 0 && head.bridge.given)
		keep_first(&result, bridge_remove(ctx, netlink, veth->bridge, &head.bridge));
	/* While something is left it has to be known whose it is. */
	return result < 0 ? result : lease_remove(ctx, lease);
}

int network_leave(struct contain_ctx *ctx, const struct veth *veth, struct netlink *netlink, const char *path,
		  const char *token, const struct address addresses[FAMILIES])
{
	_cleanup_lease_ struct lease lease = LEASE_CLOSED;
	struct head head;
	int result = lease_open(ctx, &lease, path, false);

	if (result == -ENOENT)
		return 0;
	if (result < 0)
		return result;
	/* Without a lease the addresses are none of ours: another container may have them by now. */
	if (netlink->socket && lease_has(&lease, token)) {
		result = give_back_ports(ctx, veth, addresses);
		if (head_read(lease.text, &head) == 0 && is_shared(veth, &head))
			keep_first(&result, rules_part(ctx, network_name(veth), addresses));
		keep_first(&result, conntrack_forget(ctx, addresses));
	}
	/* Its ports must not lead to the next one with its address. */
	if (result == 0)
		result = lease_free(ctx, &lease, token);
	if (result == 0 && !lease_is_used(&lease))
		result = netlink->socket ? remove_network(ctx, veth, netlink, &lease) : lease_remove(ctx, &lease);
	return result;
}
