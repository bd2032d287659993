/* SPDX-License-Identifier: MIT */
#include "publish.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *name;
	uint8_t number;
} protocols[] = { { "tcp", IPPROTO_TCP }, { "udp", IPPROTO_UDP }, { "sctp", IPPROTO_SCTP } };

#define PROTOCOLS (sizeof(protocols) / sizeof(protocols[0]))

struct range {
	unsigned first, last;
};

static int complain(char *why, size_t why_size, const char *reason)
{
	snprintf(why, why_size, "%s", reason);
	return -EINVAL;
}

/* A number of 1 to 65535 at *text, which is moved behind it; 0 for anything else. */
static unsigned number_at(const char **text)
{
	unsigned number = 0;
	const char *at = *text;

	while (*at >= '0' && *at <= '9' && number <= UINT16_MAX)
		number = 10 * number + (unsigned)(*at++ - '0');
	*text = at;
	return number <= UINT16_MAX ? number : 0;
}

static int parse_range(const char *text, size_t length, struct range *range, char *why, size_t why_size)
{
	const char *at = text;

	range->first = range->last = number_at(&at);
	if (*at == '-' && at < text + length) {
		at++;
		range->last = number_at(&at);
	}
	if (at != text + length || !range->first || !range->last) {
		snprintf(why, why_size, "has '%.*s' for a port: a number of 1 to 65535, or a range FIRST-LAST",
			 (int)length, text);
		return -EINVAL;
	}
	if (range->last < range->first) {
		snprintf(why, why_size, "has the range %u-%u, which ends before it begins", range->first, range->last);
		return -EINVAL;
	}
	return 0;
}

static int parse_protocol(const char *name, struct port *port, char *why, size_t why_size)
{
	for (size_t i = 0; i < PROTOCOLS; i++) {
		if (strcmp(name, protocols[i].name) == 0) {
			port->protocol = protocols[i].number;
			return 0;
		}
	}
	snprintf(why, why_size, "has the protocol '%s': it is tcp, udp or sctp", name);
	return -EINVAL;
}

static int parse_address(const char *text, size_t length, struct port *port, char *why, size_t why_size)
{
	bool brackets = length >= 2 && text[0] == '[' && text[length - 1] == ']';
	char copy[ADDRESS_TEXT_SIZE] = "";

	if (brackets) {
		text++;
		length -= 2;
	}
	if (length < sizeof(copy))
		memcpy(copy, text, length);
	if (address_parse(copy, &port->address) < 0 || brackets != (port->address.family == AF_INET6)) {
		snprintf(why, why_size, "has '%.*s' for an address of the host: IPv4, or IPv6 in brackets", (int)length,
			 text);
		return -EINVAL;
	}
	return 0;
}

/* Where the address ends, which is everything before the last colon but one; `text` if there is none. */
static const char *address_end(const char *text, const char *last_colon)
{
	for (const char *at = last_colon; at-- > text;) {
		if (*at == ':' || *at == ']')
			return *at == ':' ? at : at + 1;
	}
	return text;
}

static int parse_mapping(const char *text, const char *end, struct port *port, char *why, size_t why_size)
{
	const char *colon = memrchr(text, ':', (size_t)(end - text)), *host = text, *address;
	struct range outside, inside;

	/* "[::1]" has no colon outside of its brackets, "[::1]:80" has one. */
	if (!colon || colon[-(colon > text)] == ']' || memchr(colon, ']', (size_t)(end - colon)))
		return complain(why, why_size, "has no two ports: it is HOST:CONTAINER, such as 8080:80");
	address = address_end(text, colon);
	if (address > text || (*text == ':' && colon > text)) {
		if (parse_address(text, (size_t)(address - text), port, why, why_size) < 0)
			return -EINVAL;
		host = address + (*address == ':');
	}
	if (parse_range(host, (size_t)(colon - host), &outside, why, why_size) < 0 ||
	    parse_range(colon + 1, (size_t)(end - colon - 1), &inside, why, why_size) < 0)
		return -EINVAL;
	if (outside.last - outside.first != inside.last - inside.first) {
		snprintf(why, why_size, "has %u ports on the host, but %u of the container",
			 outside.last - outside.first + 1, inside.last - inside.first + 1);
		return -EINVAL;
	}
	port->host = (uint16_t)outside.first;
	port->inside = (uint16_t)inside.first;
	port->count = (uint16_t)(outside.last - outside.first + 1);
	return 0;
}

int port_parse(const char *text, struct port *port, char *why, size_t why_size)
{
	const char *slash = strrchr(text, '/');

	*port = (struct port){ .protocol = IPPROTO_TCP };
	if (slash && parse_protocol(slash + 1, port, why, why_size) < 0)
		return -EINVAL;
	return parse_mapping(text, slash ? slash : text + strlen(text), port, why, why_size);
}

bool port_is_bound(const struct port *port)
{
	static const uint8_t any[sizeof(port->address.bytes)];

	return port->address.family && memcmp(port->address.bytes, any, sizeof(any)) != 0;
}

const char *port_protocol(const struct port *port)
{
	for (size_t i = 0; i < PROTOCOLS; i++) {
		if (protocols[i].number == port->protocol)
			return protocols[i].name;
	}
	return "?";
}
