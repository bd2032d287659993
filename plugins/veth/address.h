/* SPDX-License-Identifier: MIT */
/* Addresses and subnets of both families, as text and as numbers. Pure. */
#pragma once

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

/* The families' place in arrays of two. */
enum { V4, V6, FAMILIES };

struct address {
	uint8_t family;    /* AF_INET, AF_INET6, or 0: none */
	uint8_t bytes[16]; /* network order; IPv4 has the first four */
};

struct subnet {
	struct address base; /* with no bit set behind the prefix; family 0: none */
	uint8_t bits;        /* of the prefix */
};

#define ADDRESS_TEXT_SIZE INET6_ADDRSTRLEN
#define SUBNET_TEXT_SIZE  (INET6_ADDRSTRLEN + 4)

/* 0 or -EINVAL. */
int address_parse(const char *text, struct address *address);

/* "10.97.0.0/16", "none"; -EINVAL with the reason. */
int subnet_parse(const char *text, struct subnet *subnet, char *why, size_t why_size);

/* Both return `text`; "none" for no address. */
const char *address_text(const struct address *address, char text[ADDRESS_TEXT_SIZE]);
const char *subnet_text(const struct subnet *subnet, char text[SUBNET_TEXT_SIZE]);

static inline size_t address_size(uint8_t family)
{
	return family == AF_INET ? 4 : 16;
}

static inline unsigned address_place(const struct address *address)
{
	return address->family == AF_INET6 ? V6 : V4;
}

bool address_equal(const struct address *a, const struct address *b);

/* The subnet that an address with a prefix is in: the bits behind the prefix are cleared. */
struct subnet subnet_of(const struct address *address, uint8_t bits);

/* The one behind it, of the same size. */
struct subnet subnet_next(const struct subnet *subnet);

bool subnet_has(const struct subnet *subnet, const struct address *address);
bool subnet_equal(const struct subnet *a, const struct subnet *b);

/*
 * Addresses are counted from the subnet's own, which is 0. How many can be given to hosts: counting stops before the
 * broadcast address of IPv4, and at 2^32. 0 where there is no room for a host.
 */
uint64_t subnet_last(const struct subnet *subnet);
struct address subnet_nth(const struct subnet *subnet, uint64_t number);
uint64_t subnet_number(const struct subnet *subnet, const struct address *address); /* UINT64_MAX: too far away */
