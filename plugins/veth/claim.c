/* SPDX-License-Identifier: MIT */
#include "claim.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define LINE_ROOM 8192

static int check_wanted(struct contain_ctx *ctx, const struct lease *lease, const struct claim *claim, size_t family)
{
	const struct subnet *subnet = &claim->subnets[family];
	const struct address *wanted = &claim->wanted[family];
	char text[ADDRESS_TEXT_SIZE], of[SUBNET_TEXT_SIZE];
	struct host_line line;
	uint64_t number;

	address_text(wanted, text);
	if (!subnet_has(subnet, wanted))
		return contain_fail(ctx, 0, "the address %s is not in the network '%s': its subnet is %s", text,
				    claim->network, subnet_text(subnet, of));
	number = subnet_number(subnet, wanted);
	/* Those that are given automatically end at 2^32, which is no end of IPv6's. */
	if (number == 0 || (wanted->family == AF_INET && number > subnet_last(subnet)))
		return contain_fail(ctx, 0, "the address %s of %s is not for a host", text, subnet_text(subnet, of));
	for (size_t i = 0; i < claim->taken_count; i++) {
		if (address_equal(wanted, &claim->taken[i]))
			return contain_fail(ctx, 0, "the address %s is the gateway's or the bridge's: give another one",
					    text);
	}
	/* A tab is before the names. */
	if (hosts_find_address(lease->text, wanted, &line))
		return contain_fail(ctx, 0, "the address %s is in use on the network '%s' by %.*s: give another one",
				    text, claim->network, (int)strcspn(line.names + 1, " #"), line.names + 1);
	return 0;
}

static int check_name(struct contain_ctx *ctx, const struct lease *lease, const struct claim *claim, const char *name)
{
	struct host_line line;
	char text[ADDRESS_TEXT_SIZE];

	if (!hosts_find_name(lease->text, name, &line))
		return 0;
	return contain_fail(ctx, 0, "the name '%s' is in use on the network '%s' by %s: give another one", name,
			    claim->network, address_text(&line.address, text));
}

static int fail_full(struct contain_ctx *ctx, const struct claim *claim)
{
	char texts[FAMILIES][SUBNET_TEXT_SIZE];

	return contain_fail(ctx, 0,
			    "no address is left on the network '%s' (%s, %s): remove containers, or give another "
			    "bridge and a larger subnet",
			    claim->network, subnet_text(&claim->subnets[V4], texts[V4]),
			    subnet_text(&claim->subnets[V6], texts[V6]));
}

/* The lowest free number for those families that have no address yet. */
static int choose_rest(struct contain_ctx *ctx, const struct lease *lease, const struct claim *claim,
		       struct address addresses[FAMILIES])
{
	struct subnet rest[FAMILIES] = { 0 };
	uint64_t number;

	for (size_t i = 0; i < FAMILIES; i++) {
		if (!addresses[i].family)
			rest[i] = claim->subnets[i];
	}
	if (!rest[V4].base.family && !rest[V6].base.family)
		return 0;
	number = hosts_free_number(lease->text, rest, claim->taken, claim->taken_count);
	if (number == UINT64_MAX)
		return contain_fail(ctx, ENOMEM, "can't choose an address");
	if (number == 0)
		return fail_full(ctx, claim);
	for (size_t i = 0; i < FAMILIES; i++) {
		if (rest[i].base.family)
			addresses[i] = subnet_nth(&rest[i], number);
	}
	return 0;
}

int lease_choose(struct contain_ctx *ctx, const struct lease *lease, const struct claim *claim,
		 struct address addresses[FAMILIES])
{
	int result = check_name(ctx, lease, claim, claim->name);

	for (size_t i = 0; result == 0 && i < claim->aliases->count; i++)
		result = check_name(ctx, lease, claim, claim->aliases->items[i]);
	for (size_t i = 0; result == 0 && i < FAMILIES; i++) {
		addresses[i] = claim->wanted[i];
		if (addresses[i].family)
			result = check_wanted(ctx, lease, claim, i);
	}
	return result < 0 ? result : choose_rest(ctx, lease, claim, addresses);
}

/* "ADDRESS NAME ALIAS... # TOKEN\n"; -ENAMETOOLONG. */
static int make_line(char line[LINE_ROOM], const struct claim *claim, const struct address *address)
{
	char text[ADDRESS_TEXT_SIZE];
	size_t n = (size_t)snprintf(line, LINE_ROOM, "%s\t%s", address_text(address, text), claim->name);

	for (size_t i = 0; i < claim->aliases->count && n < LINE_ROOM; i++)
		n += (size_t)snprintf(line + n, LINE_ROOM - n, " %s", claim->aliases->items[i]);
	if (n < LINE_ROOM)
		n += (size_t)snprintf(line + n, LINE_ROOM - n, " # %s\n", claim->token);
	return n < LINE_ROOM ? (int)n : -ENAMETOOLONG;
}

int lease_take(struct contain_ctx *ctx, struct lease *lease, const struct claim *claim,
	       const struct address addresses[FAMILIES])
{
	char line[LINE_ROOM];
	int result = 0;

	for (size_t i = 0; result == 0 && i < FAMILIES; i++) {
		if (!addresses[i].family)
			continue;
		if (make_line(line, claim, &addresses[i]) < 0)
			return contain_fail(ctx, ENAMETOOLONG, "the container has too many aliases");
		result = lease_write(ctx, lease, line);
	}
	return result;
}
