/* SPDX-License-Identifier: MIT */
#include "network.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bridge.h"
#include "claim.h"
#include "conntrack.h"
#include "forward.h"
#include "place.h"
#include "rules.h"

const char *network_name(const struct veth *veth)
{
	return veth->mode == MODE_POINT_TO_POINT ? POINT_TO_POINT : veth->bridge;
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
	struct claim claim = { .network = place->name,
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

/*
 * On a shared bridge the table's rules are for all containers, as on one of ours: also for those that came before there
 * was a need for it, or that have lost it, as somebody has removed it. None is made by this: -ENOENT without a message.
 */
static int join(struct place *place)
{
	size_t count = hosts_count_leases(place->lease->text);
	struct address *addresses = calloc(count + 1, sizeof(*addresses));
	int result;

	if (!addresses)
		return contain_fail(place->ctx, ENOMEM, "can't count the containers of '%s'", place->name);
	hosts_leased(place->lease->text, addresses);
	result = rules_join(place->ctx, place->name, addresses, count);
	free(addresses);
	return result;
}

static int filter(struct place *place)
{
	struct contain_ctx *ctx = place->ctx;
	struct veth *veth = place->veth;
	struct network network = { .name = place->name,
				   .links = veth->mode == MODE_POINT_TO_POINT ? "ctnp-*" : veth->bridge,
				   .nat = place->head.nat,
				   .shared = is_shared(veth, &place->head) };
	struct port *ports;
	int result = 0;

	memcpy(network.subnets, place->head.subnets, sizeof(network.subnets));
	/* One that is there has the rules of another life of the network, whose file somebody has removed. */
	if (place->fresh)
		result = rules_remove(ctx, network.name);
	if (result == 0 && !place->head.nat && veth->publish.count == 0) {
		/* Another one may have a use for rules already. */
		result = network.shared ? join(place) : 0;
		return result == -ENOENT ? 0 : result;
	}
	if (result == 0)
		result = rules_make(ctx, &network);
	if (result == 0 && network.shared) {
		result = join(place);
		if (result == -ENOENT)
			return contain_fail(ctx, ENOENT,
					    "the packet filter's table of network '%s' was removed by somebody else",
					    network.name);
	}
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
	struct place place = { .ctx = ctx, .veth = veth, .lease = lease, .name = network_name(veth) };
	int result = link_open(ctx, &place.netlink);

	if (result == 0)
		result = place_settle(&place);
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

/* The packet filter's part: with the last container all of the table goes, and what it has in there too. */
static int leave_rules(struct contain_ctx *ctx, const struct veth *veth, const struct lease *lease, const char *token,
		       const struct address addresses[FAMILIES])
{
	struct head head;
	int result;

	if (!lease_has_others(lease, token))
		return rules_remove(ctx, network_name(veth));
	result = give_back_ports(ctx, veth, addresses);
	if (head_read(lease->text, &head) == 0 && is_shared(veth, &head))
		keep_first(&result, rules_part(ctx, network_name(veth), addresses));
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
	int result = lease_open(ctx, &lease, path, false);

	if (result == -ENOENT)
		return 0;
	if (result < 0)
		return result;
	/* Without a lease the addresses are none of ours: another container may have them by now. */
	if (netlink->socket && lease_has(&lease, token)) {
		result = leave_rules(ctx, veth, &lease, token, addresses);
		keep_first(&result, conntrack_forget(ctx, addresses));
	}
	/* Its ports must not lead to the next one with its address. */
	if (result == 0)
		result = lease_free(ctx, &lease, token);
	if (result == 0 && !lease_is_used(&lease))
		result = netlink->socket ? remove_network(ctx, veth, netlink, &lease) : lease_remove(ctx, &lease);
	return result;
}
