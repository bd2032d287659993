/* SPDX-License-Identifier: MIT */
#include "rules_elements.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <stdlib.h>
#include <string.h>

/* As rules_text.c names them. */
static const char *const maps[FAMILIES][MAPS] = { [V4] = { [PUBLISH] = "publish4", [BOUND] = "bound4" },
						  [V6] = { [PUBLISH] = "publish6", [BOUND] = "bound6" } };

/* A message has one attribute of all its elements, and the length of an attribute is a number of 16 bits. */
enum { ELEMENTS_A_MESSAGE = 512, ELEMENT_SIZE = 96 };

int elements_append(struct elements *elements, const struct element *element)
{
	if (elements->count == elements->size) {
		size_t size = elements->size ? 2 * elements->size : 16;
		struct element *list = reallocarray(elements->list, size, sizeof(*list));

		if (!list)
			return -ENOMEM;
		elements->list = list;
		elements->size = size;
	}
	elements->list[elements->count++] = *element;
	return 0;
}

void elements_free(struct elements *elements)
{
	free(elements->list);
	*elements = (struct elements){ 0 };
}

static size_t size_of(uint8_t family)
{
	return address_size(family == V4 ? AF_INET : AF_INET6);
}

/*
 * What is concatenated stands in registers of four bytes each, in network order, at their beginning (nft(8)). Returns
 * how many bytes that is.
 */
static size_t pack_key(const struct element *element, uint8_t bytes[24])
{
	size_t at = element->map == BOUND ? size_of(element->family) : 0;
	uint16_t port = htons(element->host);

	memset(bytes, 0, 24);
	memcpy(bytes, element->address, at);
	bytes[at] = element->protocol;
	memcpy(bytes + at + 4, &port, sizeof(port));
	return at + 8;
}

static size_t pack_data(const struct element *element, uint8_t bytes[24])
{
	size_t at = size_of(element->family);
	uint16_t port = htons(element->inside);

	memset(bytes, 0, 24);
	memcpy(bytes, element->to, at);
	memcpy(bytes + at, &port, sizeof(port));
	return at + 4;
}

static bool unpack(struct element *element, const struct nlattr *key, const struct nlattr *data)
{
	size_t at = element->map == BOUND ? size_of(element->family) : 0, to = size_of(element->family);
	const uint8_t *bytes = mnl_attr_get_payload(key), *target = mnl_attr_get_payload(data);
	uint16_t host, inside;

	if (mnl_attr_get_payload_len(key) != at + 8 || mnl_attr_get_payload_len(data) != to + 4)
		return false;
	memcpy(element->address, bytes, at);
	element->protocol = bytes[at];
	memcpy(&host, bytes + at + 4, sizeof(host));
	memcpy(element->to, target, to);
	memcpy(&inside, target + to, sizeof(inside));
	element->host = ntohs(host);
	element->inside = ntohs(inside);
	return true;
}

struct reading {
	struct elements *elements;
	struct element like; /* its family and map */
	bool again;          /* something was changed meanwhile */
	int error;
};

static const struct nlattr *find(const struct nlattr *nest, uint16_t type)
{
	const struct nlattr *attribute;

	mnl_attr_for_each_nested(attribute, nest)
	{
		if (mnl_attr_get_type(attribute) == type)
			return attribute;
	}
	return NULL;
}

static void read_element(struct reading *reading, const struct nlattr *nest)
{
	const struct nlattr *key = find(nest, NFTA_SET_ELEM_KEY), *data = find(nest, NFTA_SET_ELEM_DATA);
	struct element element = reading->like;

	key = key ? find(key, NFTA_DATA_VALUE) : NULL;
	data = data ? find(data, NFTA_DATA_VALUE) : NULL;
	if (key && data && unpack(&element, key, data) && elements_append(reading->elements, &element) < 0)
		reading->error = -ENOMEM;
}

static void read_message(const struct nlmsghdr *message, void *user)
{
	struct reading *reading = user;
	const struct nlattr *attribute, *nest;

	reading->again |= (message->nlmsg_flags & NLM_F_DUMP_INTR) != 0;
	mnl_attr_for_each(attribute, message, sizeof(struct nfgenmsg))
	{
		if (mnl_attr_get_type(attribute) != NFTA_SET_ELEM_LIST_ELEMENTS)
			continue;
		mnl_attr_for_each_nested(nest, attribute)
		{
			read_element(reading, nest);
		}
	}
}

int elements_read(struct netlink *netlink, const char *table, uint8_t family, uint8_t map, struct elements *elements)
{
	struct nfgenmsg header = { .nfgen_family = NFPROTO_INET, .version = NFNETLINK_V0 };
	struct reading reading = { .elements = elements, .like = { .family = family, .map = map } };
	size_t before = elements->count;
	int error;

	/* Others may be changing their tables all the time, which the kernel does not tell from ours: so not for ever.
	 */
	for (int tries = 0; tries < 10; tries++) {
		struct nlmsghdr *message = netlink_add(netlink, NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETSETELEM,
						       NLM_F_DUMP, &header, sizeof(header));

		mnl_attr_put_strz(message, NFTA_SET_ELEM_LIST_TABLE, table);
		mnl_attr_put_strz(message, NFTA_SET_ELEM_LIST_SET, maps[family][map]);
		elements->count = before;
		reading.again = false;
		error = netlink_talk(netlink, read_message, &reading, NULL);
		if (error < 0 || reading.error < 0)
			return error < 0 ? error : reading.error;
		if (!reading.again)
			break;
	}
	return 0;
}

static void put_value(struct nlmsghdr *message, uint16_t type, const uint8_t *bytes, size_t size)
{
	struct nlattr *nest = mnl_attr_nest_start(message, type);

	mnl_attr_put(message, NFTA_DATA_VALUE, size, bytes);
	mnl_attr_nest_end(message, nest);
}

static void put_element(struct nlmsghdr *message, const struct element *element, bool with_data)
{
	struct nlattr *nest = mnl_attr_nest_start(message, NFTA_LIST_ELEM);
	uint8_t bytes[24];
	size_t size = pack_key(element, bytes);

	put_value(message, NFTA_SET_ELEM_KEY, bytes, size);
	size = pack_data(element, bytes);
	if (with_data)
		put_value(message, NFTA_SET_ELEM_DATA, bytes, size);
	mnl_attr_nest_end(message, nest);
}

/* The elements from `at` on that fit into one message: those of the same map. Returns their number, or -ENOMEM. */
static ssize_t put_some(struct batch *batch, const char *table, const struct elements *elements, size_t at, bool put)
{
	const struct element *first = &elements->list[at];
	size_t count = 0, most = elements->count - at < ELEMENTS_A_MESSAGE ? elements->count - at : ELEMENTS_A_MESSAGE;
	struct nlattr *nest;

	if (batch_add(batch, put ? NFT_MSG_NEWSETELEM : NFT_MSG_DELSETELEM, put ? NLM_F_CREATE | NLM_F_EXCL : 0) < 0 ||
	    batch_reserve(batch, 512 + most * ELEMENT_SIZE) < 0)
		return -ENOMEM;
	mnl_attr_put_strz(batch->last, NFTA_SET_ELEM_LIST_TABLE, table);
	mnl_attr_put_strz(batch->last, NFTA_SET_ELEM_LIST_SET, maps[first->family][first->map]);
	nest = mnl_attr_nest_start(batch->last, NFTA_SET_ELEM_LIST_ELEMENTS);
	while (count < most && first[count].family == first->family && first[count].map == first->map)
		put_element(batch->last, &first[count++], put);
	mnl_attr_nest_end(batch->last, nest);
	return (ssize_t)count;
}

static int change(struct batch *batch, const char *table, const struct elements *elements, bool put)
{
	for (size_t at = 0; at < elements->count;) {
		ssize_t count = put_some(batch, table, elements, at, put);

		if (count < 0)
			return -ENOMEM;
		at += (size_t)count;
	}
	return batch_send(batch);
}

int elements_put(struct batch *batch, const char *table, const struct elements *elements)
{
	int error = change(batch, table, elements, true);

	/* As one that is there leads elsewhere. */
	return error == -EBUSY ? -EEXIST : error;
}

int elements_remove(struct batch *batch, const char *table, const struct elements *elements)
{
	return change(batch, table, elements, false);
}
