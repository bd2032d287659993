/* SPDX-License-Identifier: MIT */
#include "place.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "others.h"

#define SUBNET_TRIES 64

static const char *const subnet_keys[FAMILIES] = { "subnet", "subnet6" };

bool place_is_anothers(const struct place *place)
{
	return place->exists && !place->head.bridge.given;
}

/* With its addresses, if it is somebody else's: what is ours has those that its network's file tells. */
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
	if (!place->bridge.is_bridge)
		return contain_fail(place->ctx, 0, "the interface '%s' is no bridge: give another name ([veth] bridge)",
				    name);
	if (!place_is_anothers(place))
		return 0;
	result = link_addresses(&place->netlink, place->bridge.index, place->bridges, place->bits);
	return result < 0 ? contain_fail(place->ctx, -result, "can't look at the addresses of the bridge '%s'", name)
			  : 0;
}

/* By the rule for those that are given, and by which its file will be read. */
static int check_adopted(struct place *place, const struct subnet *subnet, unsigned family)
{
	struct subnet again;
	char text[SUBNET_TEXT_SIZE], why[160];

	if (subnet_parse(subnet_text(subnet, text), &again, why, sizeof(why)) == 0)
		return 0;
	return contain_fail(place->ctx, 0,
			    "the bridge '%s' has the subnet %s, which %s: say which one its network has ([veth] %s)",
			    place->name, text, why, subnet_keys[family]);
}

/* A bridge of somebody else: where nothing else is given, its addresses say which subnets are there. */
static int adopt(struct place *place)
{
	struct contain_ctx *ctx = place->ctx;

	if (contain_is_set(ctx, "subnet") || contain_is_set(ctx, "subnet6"))
		return 0;
	for (size_t i = 0; i < FAMILIES; i++)
		place->head.subnets[i] =
			place->bridges[i].family ? subnet_of(&place->bridges[i], place->bits[i]) : (struct subnet){ 0 };
	if (!place->bridges[V4].family && !place->bridges[V6].family)
		return contain_fail(
			ctx, 0,
			"the bridge '%s' is not contain's and has no address: say which ones its network has "
			"([veth] subnet, subnet6)",
			place->veth->bridge);
	for (unsigned family = 0; family < FAMILIES; family++) {
		if (check_adopted(place, &place->head.subnets[family], family) < 0)
			return -EINVAL;
	}
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
		place->name, subnet_text(subnet, words), address_text(address, text), name,
		subnet_keys[address_place(address)]);
}

static int fail_other(struct place *place, const struct other *other)
{
	char words[SUBNET_TEXT_SIZE], theirs[SUBNET_TEXT_SIZE];

	return contain_fail(place->ctx, 0,
			    "the network '%s' can't have the subnet %s: the network '%s' has %s; give another one "
			    "([veth] %s)",
			    place->name, subnet_text(&place->head.subnets[other->family], words), other->name,
			    subnet_text(&other->subnet, theirs), subnet_keys[other->family]);
}

/*
 * Two networks with one subnet: the host would know the way to one of them only. So a subnet that was not given is the
 * next one that is free. Others' interfaces may not be there yet, or come with each container; their files tell.
 */
static int find_free(struct place *place)
{
	struct subnet *subnets = place->head.subnets;
	struct address address = { 0 };
	struct other other;
	unsigned index, family;

	for (int tries = 0; tries < SUBNET_TRIES; tries++) {
		int result = link_find_address(&place->netlink, subnets, &index, &address);

		if (result < 0)
			return contain_fail(place->ctx, -result, "can't look at the host's addresses");
		if (result == 0)
			result = others_find(place->ctx, place->name, subnets, &other);
		if (result <= 0)
			return result;
		family = address.family ? address_place(&address) : other.family;
		if (contain_is_set(place->ctx, subnet_keys[family]))
			break;
		subnets[family] = subnet_next(&subnets[family]);
	}
	return address.family ? fail_taken(place, &subnets[address_place(&address)], &address, index)
			      : fail_other(place, &other);
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
			place->name, subnet_keys[i], subnet_text(&place->head.subnets[i], theirs),
			subnet_text(&veth->subnets[i], ours));
	}
	if (contain_is_set(ctx, "nat") && veth->nat != place->head.nat)
		return contain_fail(ctx, 0,
				    "the network '%s' is in use with nat = %s: give another bridge, or the same",
				    place->name, place->head.nat ? "yes" : "no");
	return 0;
}

static int read_head(struct place *place)
{
	if (head_read(place->lease->text, &place->head) == 0)
		return 0;
	return contain_fail(place->ctx, 0,
			    "can't read %s: it is of another version of contain; remove the containers of '%s'",
			    place->lease->path, place->name);
}

static int resume(struct place *place)
{
	struct contain_ctx *ctx = place->ctx;

	if (place->head.bridge.given && place->exists &&
	    memcmp(place->bridge.mac, place->head.bridge.bytes, MAC_SIZE) != 0)
		return contain_fail(
			ctx, 0,
			"the bridge '%s' is not the one that contain has made for its containers: remove it, or "
			"them",
			place->name);
	if (!place->head.bridge.given && !place->exists && place->veth->mode != MODE_POINT_TO_POINT)
		return contain_fail(ctx, 0, "the bridge '%s' has gone: make it again, or remove its containers",
				    place->name);
	return check_same(place);
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

		if (place_is_anothers(place))
			chosen->own[i] =
				subnet_has(subnet, &place->bridges[i]) ? place->bridges[i] : (struct address){ 0 };
		else if (subnet->base.family)
			chosen->own[i] = subnet_nth(subnet, 1);
		chosen->gateways[i] = list->count ? given[i] : chosen->own[i];
		if (given[i].family && !subnet_has(subnet, &given[i]))
			return contain_fail(place->ctx, 0,
					    "the gateway %s is not in the network '%s': its subnet is %s",
					    address_text(&given[i], text), place->name, subnet_text(subnet, of));
	}
	return 0;
}

/* What the network has is known from now on: by veth->chosen, and by its file. */
static int settle(struct place *place)
{
	struct chosen *chosen = &place->veth->chosen;
	char head[HEAD_SIZE];
	int result = place->fresh ? begin(place) : resume(place);

	if (result < 0)
		return result;
	memcpy(chosen->subnets, place->head.subnets, sizeof(chosen->subnets));
	result = find_gateways(place, chosen);
	if (result < 0 || !place->fresh)
		return result;
	head_write(head, place->name, &place->head, chosen->own);
	return lease_begin(place->ctx, place->lease, head);
}

int place_settle(struct place *place)
{
	int result, lock;

	place->fresh = place->lease->length == 0;
	result = place->fresh ? 0 : read_head(place);
	if (result == 0)
		result = look_at_bridge(place);
	if (result < 0 || !place->fresh)
		return result < 0 ? result : settle(place);
	lock = others_lock(place->ctx);
	if (lock < 0)
		return lock;
	result = settle(place);
	close(lock);
	return result;
}
