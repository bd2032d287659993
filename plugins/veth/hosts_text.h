/* SPDX-License-Identifier: MIT */
/*
 * The text of a network's file: what it is (its first line, a comment), the names that all have, and a line for each
 * address that is leased: `10.97.0.2        web www # ctnb-abcdefghij`. Containers see it as their /etc/hosts, see
 * hosts(5). A line that begins with '#' is free. Pure.
 */
#pragma once

#include <contain/plugin.h>

#include "address.h"
#include "options.h"

struct head {
	struct subnet subnets[FAMILIES];
	bool nat;
	struct mac bridge; /* of the one that is ours; not given: another's, or none */
};

struct host_line {
	const char *start;
	size_t length; /* without the newline */
	bool is_free;
	struct address address;
	const char *names, *token; /* token: whose it is; NULL: it is no lease */
	size_t names_length, token_length;
};

#define HEAD_SIZE 512

/* The first lines. */
void head_write(char text[HEAD_SIZE], const char *network, const struct head *head,
		const struct address gateways[FAMILIES]);

/* 0, or -EINVAL: the text does not begin like this. */
int head_read(const char *text, struct head *head);

/* The next line from *at on; false at the end. */
bool host_line_next(const char **at, struct host_line *line);

bool host_line_has_token(const struct host_line *line, const char *token);

/* Whose line has this address, or this name among its names (a container's; the head's too); false if none has. */
bool hosts_find_address(const char *text, const struct address *address, struct host_line *line);
bool hosts_find_name(const char *text, const char *name, struct host_line *line);

size_t hosts_count_leases(const char *text);

/* The addresses that are leased, hosts_count_leases() of them. */
void hosts_leased(const char *text, struct address *addresses);

/*
 * The lowest number whose address is not leased in any of the subnets that are there, and none of `taken`. 0: none is
 * left. UINT64_MAX without memory.
 */
uint64_t hosts_free_number(const char *text, const struct subnet subnets[FAMILIES], const struct address *taken,
			   size_t taken_count);
