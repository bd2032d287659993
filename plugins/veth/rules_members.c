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

/* The kernel has none of it, or the table is not there. */
static bool is_missing(int error)
{
	return error == -ENOENT || error == -EINVAL || error == -EOPNOTSUPP || error == -EPROTONOSUPPORT;
}

int rules_join(struct contain_ctx *ctx, const char *network, const struct address *addresses, size_t count)
{
	_cleanup_batch_ struct batch batch = { 0 };
	char table[NFT_TABLE_MAXNAMELEN];
	int error = batch_open(&batch);

	snprintf(table, sizeof(table), RULES_TABLE "%s", network);
	for (size_t i = 0; i < count && error == 0; i++)
		error = addresses[i].family ? put(&batch, table, &addresses[i], true) : 0;
	if (error == 0)
		error = batch_send(&batch);
	if (is_missing(error))
		return -ENOENT;
	return error < 0 ? contain_fail(ctx, -error,
					"can't put addresses into the table 'inet %s' of the packet filter", table)
			 : 0;
}

/* -errno without a message. */
static int take_out(const char *table, const struct address *address)
{
	_cleanup_batch_ struct batch batch = { 0 };
	int error = address->family ? batch_open(&batch) : 0;

	if (error < 0 || !address->family)
		return error;
	error = put(&batch, table, address, false);
	return error < 0 ? error : batch_send(&batch);
}

int rules_part(struct contain_ctx *ctx, const char *network, const struct address addresses[FAMILIES])
{
	char table[NFT_TABLE_MAXNAMELEN];

	snprintf(table, sizeof(table), RULES_TABLE "%s", network);
	/* One by one, as a crash may have left only one of them. */
	for (unsigned family = 0; family < FAMILIES; family++) {
		int error = take_out(table, &addresses[family]);

		if (error < 0 && !is_missing(error))
			return contain_fail(ctx, -error,
					    "can't take an address out of the table 'inet %s' of the packet filter",
					    table);
	}
	return 0;
}
