/* SPDX-License-Identifier: MIT */
#include "address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int address_parse(const char *text, struct address *address)
{
	*address = (struct address){ .family = strchr(text, ':') ? AF_INET6 : AF_INET };
	return inet_pton(address->family, text, address->bytes) == 1 ? 0 : -EINVAL;
}

/*
 * Whether a network can have these addresses: not those of no host, of this one, of a link, or of many (RFC 6890). A
 * prefix shorter than that of the whole class would have them too.
 */
static bool is_for_hosts(const struct subnet *subnet)
{
	const uint8_t *bytes = subnet->base.bytes;

	if (subnet->bits < 8)
		return false;
	if (subnet->base.family == AF_INET)
		return bytes[0] != 0 && bytes[0] != 127 && bytes[0] < 224;
	return bytes[0] != 0 && bytes[0] != 0xff && !(bytes[0] == 0xfe && (bytes[1] & 0xc0) == 0x80);
}

int subnet_parse(const char *text, struct subnet *subnet, char *why, size_t why_size)
{
	char address[ADDRESS_TEXT_SIZE], *end;
	const char *slash = strchr(text, '/');
	struct address base;
	unsigned long bits;

	*subnet = (struct subnet){ 0 };
	if (strcmp(text, "none") == 0)
		return 0;
	snprintf(why, why_size, "is no subnet: ADDRESS/BITS, such as 10.97.0.0/16 or fd00::/64, or none");
	if (!slash || slash - text >= ADDRESS_TEXT_SIZE || slash[1] < '0' || slash[1] > '9')
		return -EINVAL;
	memcpy(address, text, (size_t)(slash - text));
	address[slash - text] = '\0';
	bits = strtoul(slash + 1, &end, 10);
	if (address_parse(address, &base) < 0 || *end || bits > 8 * address_size(base.family))
		return -EINVAL;
	*subnet = subnet_of(&base, (uint8_t)bits);
	if (!address_equal(&base, &subnet->base)) {
		char better[SUBNET_TEXT_SIZE];

		snprintf(why, why_size, "has bits behind its prefix: %s is meant", subnet_text(subnet, better));
		return -EINVAL;
	}
	if (!is_for_hosts(subnet)) {
		snprintf(why, why_size, "is not for hosts: give a private one, such as 10.97.0.0/16 or fd00::/64");
		return -EINVAL;
	}
	/* One for the gateway, one for a container. */
	if (subnet_last(subnet) < 2) {
		snprintf(why, why_size, "is too small: it has no room for a gateway and a container");
		return -EINVAL;
	}
	return 0;
}

const char *address_text(const struct address *address, char text[ADDRESS_TEXT_SIZE])
{
	if (!address->family || !inet_ntop(address->family, address->bytes, text, ADDRESS_TEXT_SIZE))
		snprintf(text, ADDRESS_TEXT_SIZE, "none");
	return text;
}

const char *subnet_text(const struct subnet *subnet, char text[SUBNET_TEXT_SIZE])
{
	char base[ADDRESS_TEXT_SIZE];

	address_text(&subnet->base, base);
	if (subnet->base.family)
		snprintf(text, SUBNET_TEXT_SIZE, "%s/%u", base, subnet->bits);
	else
		snprintf(text, SUBNET_TEXT_SIZE, "%s", base);
	return text;
}

bool address_equal(const struct address *a, const struct address *b)
{
	return a->family == b->family && memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

struct subnet subnet_of(const struct address *address, uint8_t bits)
{
	struct subnet subnet = { *address, bits };

	for (size_t i = 0; i < sizeof(subnet.base.bytes); i++) {
		unsigned kept = bits <= 8 * i ? 0 : bits - 8 * i >= 8 ? 8 : (unsigned)(bits - 8 * i);

		subnet.base.bytes[i] &= (uint8_t)(0xff00U >> kept);
	}
	return subnet;
}

struct subnet subnet_next(const struct subnet *subnet)
{
	struct subnet next = *subnet;

	/* One is added to the number that the prefix is. */
	for (unsigned bit = subnet->bits; bit-- > 0;) {
		uint8_t mask = (uint8_t)(0x80 >> bit % 8);

		next.base.bytes[bit / 8] ^= mask;
		if (next.base.bytes[bit / 8] & mask)
			break;
	}
	return next;
}

bool subnet_has(const struct subnet *subnet, const struct address *address)
{
	struct subnet other;

	if (!subnet->base.family || subnet->base.family != address->family)
		return false;
	other = subnet_of(address, subnet->bits);
	return address_equal(&other.base, &subnet->base);
}

bool subnet_equal(const struct subnet *a, const struct subnet *b)
{
	return address_equal(&a->base, &b->base) && (!a->base.family || a->bits == b->bits);
}

uint64_t subnet_last(const struct subnet *subnet)
{
	unsigned bits = (unsigned)(8 * address_size(subnet->base.family)) - subnet->bits;
	uint64_t count = bits >= 32 ? UINT64_C(1) << 32 : UINT64_C(1) << bits;

	if (!subnet->base.family || count < 2)
		return 0;
	/* Of IPv4 the last one is the broadcast address (RFC 919). */
	return subnet->base.family == AF_INET ? count - 2 : count - 1;
}

struct address subnet_nth(const struct subnet *subnet, uint64_t number)
{
	struct address address = subnet->base;

	for (size_t i = address_size(address.family); i-- > 0 && number; number >>= 8)
		address.bytes[i] |= (uint8_t)number;
	return address;
}

uint64_t subnet_number(const struct subnet *subnet, const struct address *address)
{
	size_t size = address_size(address->family);
	uint64_t number = 0;

	for (size_t i = 0; i < size; i++) {
		uint8_t part = address->bytes[i] & (uint8_t)~subnet->base.bytes[i];

		if (number >> 32)
			return UINT64_MAX;
		number = number << 8 | part;
	}
	return number;
}
