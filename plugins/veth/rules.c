/* SPDX-License-Identifier: MIT */
#include "rules.h"

#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "batch.h"
#include "nftables.h"
#include "rules_text.h"

static int make(struct contain_ctx *ctx, const struct network *network, const char *text)
{
	char said[NFTABLES_SAID_SIZE];
	int error = nftables_run(text, said);

	if (error == 0)
		return 0;
	if (error == -ENOENT)
		return contain_fail(ctx, 0,
				    "can't load libnftables.so.1, which makes the packet filter's rules of network %s "
				    "(%s): install it (Debian: libnftables1), or do without rules by nat = no and no "
				    "published ports",
				    network->name, said);
	if (error != -EINVAL)
		return contain_fail(ctx, -error, "can't make the table 'inet " RULES_TABLE "%s' of the packet filter",
				    network->name);
	return contain_fail(ctx, 0,
			    "can't make the table 'inet " RULES_TABLE "%s' of the packet filter: %s (has the kernel "
			    "nf_tables with nat, masq, fib and ct? nat = no and no published ports do without)",
			    network->name, said);
}

/* 0, -ENOENT, or another -errno. */
static int find_table(const char *network)
{
	_cleanup_netlink_ struct netlink netlink = { 0 };
	const struct nfgenmsg header = { .nfgen_family = NFPROTO_INET, .version = NFNETLINK_V0 };
	char table[NFT_TABLE_MAXNAMELEN];
	int error = netlink_open(&netlink, NETLINK_NETFILTER);
	struct nlmsghdr *message;

	if (error < 0)
		return error;
	snprintf(table, sizeof(table), RULES_TABLE "%s", network);
	message = netlink_add(&netlink, NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETTABLE, 0, &header, sizeof(header));
	mnl_attr_put_strz(message, NFTA_TABLE_NAME, table);
	return netlink_talk(&netlink, NULL, NULL, NULL);
}

int rules_find(const char *network)
{
	int error = find_table(network);

	return netlink_is_unknown(error) ? -ENOENT : error;
}

int rules_make(struct contain_ctx *ctx, const struct network *network)
{
	int error = find_table(network->name);
	char *text;

	if (error == 0)
		return 0;
	if (netlink_is_unknown(error))
		return contain_fail(ctx, ENOSYS,
				    "this kernel has no nf_tables, which hides and publishes the addresses of network "
				    "%s: nat = no and no published ports do without",
				    network->name);
	if (error != -ENOENT)
		return contain_fail(ctx, -error,
				    "can't ask for the table 'inet " RULES_TABLE "%s' of the packet filter",
				    network->name);
	text = rules_text(network);
	if (!text)
		return contain_fail(
			ctx, errno,
			"can't make rules for '%s': a bridge with nat or published ports has letters, digits, "
			"'_', '.', and '-' in its name",
			network->name);
	error = make(ctx, network, text);
	free(text);
	return error;
}

int rules_remove(struct contain_ctx *ctx, const char *network)
{
	_cleanup_batch_ struct batch batch = { 0 };
	char table[NFT_TABLE_MAXNAMELEN];
	int error = rules_find(network);

	if (error == 0)
		error = batch_open(&batch);
	snprintf(table, sizeof(table), RULES_TABLE "%s", network);
	if (error == 0)
		error = batch_add(&batch, NFT_MSG_DELTABLE, 0);
	if (error == 0) {
		mnl_attr_put_strz(batch.last, NFTA_TABLE_NAME, table);
		error = batch_send(&batch);
	}
	if (error == 0 || error == -ENOENT)
		return 0;
	return contain_fail(
		ctx, -error,
		"can't remove the table '%s' of the packet filter: `nft delete table inet %s` does it by hand", table,
		table);
}
