/* SPDX-License-Identifier: MIT */
/* The sets of a table that say which addresses on the bridge are of containers. */
#include <errno.h>
#include <linux/netfilter/nf_tables.h>
#include <stdio.h>

#include "batch.h"
#include "rules.h"
#include "rules_text.h"

static const char *const sets[FAMILIES] = { [V4] = "members4", [V6] = "members6" };

/* NEWSETELEM of one that is there, without NLM_F_EXCL, is none of the kernel's errors. */
static int put(struct batch *batch, const char *table, const struct address *address, bool join)
{
	struct nlattr *list, *element, *key;

	if (batch_add(batch, join ? NFT_MSG_NEWSETELEM : NFT_MSG_DELSETELEM, join ? NLM_F_CREATE : 0) < 0)
		return -ENOMEM;
	mnl_attr_put_strz(batch->last, NFTA_SET_ELEM_LIST_TABLE, table);
	mnl_attr_put_strz(batch->last, NFTA_SET_ELEM_LIST_SET, sets[address_place(address)]);
	list = mnl_attr_nest_start(batch->last, NFTA_SET_ELEM_LIST_ELEMENTS);
	element = mnl_attr_nest_start(batch->last, NFTA_LIST_ELEM);
	key = mnl_attr_nest_start(batch->last, NFTA_SET_ELEM_KEY);
	mnl_attr_put(batch->last, NFTA_DATA_VALUE, address_size(address->family), address->bytes);
	mnl_attr_nest_end(batch->last, key);
	mnl_attr_nest_end(batch->last, element);
	mnl_attr_nest_end(batch->last, list);
	return 0;
}

/* All of them, or none. -errno without a message; -ENOENT: the table is not there, or one that is to be taken out. */
static int change(const char *network, const struct address *addresses, size_t count, bool join)
{
	_cleanup_batch_ struct batch batch = { 0 };
	char table[NFT_TABLE_MAXNAMELEN];
	int error = batch_open(&batch);

	snprintf(table, sizeof(table), RULES_TABLE "%s", network);
	for (size_t i = 0; i < count && error == 0; i++)
		error = addresses[i].family ? put(&batch, table, &addresses[i], join) : 0;
	return error < 0 ? error : batch_send(&batch);
}

int rules_join(struct contain_ctx *ctx, const char *network, const struct address *addresses, size_t count)
{
	int error = rules_find(network);

	if (error == 0)
		error = change(network, addresses, count, true);
	if (error == 0 || error == -ENOENT)
		return error;
	return contain_fail(ctx, -error,
			    "can't put addresses into the table 'inet " RULES_TABLE "%s' of the packet filter",
			    network);
}

int rules_part(struct contain_ctx *ctx, const char *network, const struct address addresses[FAMILIES])
{
	int error = rules_find(network);

	if (error == -ENOENT)
		return 0;
	if (error == 0)
		error = change(network, addresses, FAMILIES, false);
	/* A crash may have left only one of them. */
	for (unsigned family = 0; family < FAMILIES && error == -ENOENT; family++)
		error = change(network, &addresses[family], 1, false);
	if (error == 0 || error == -ENOENT)
		return 0;
	return contain_fail(ctx, -error,
			    "can't take an address out of the table 'inet " RULES_TABLE "%s' of the packet filter",
			    network);
}
