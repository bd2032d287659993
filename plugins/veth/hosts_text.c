/* SPDX-License-Identifier: MIT */
#include "hosts_text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define HEAD_WORD "# contain network "

void head_write(char text[HEAD_SIZE], const char *network, const struct head *head,
		const struct address gateways[FAMILIES])
{
	char subnets[FAMILIES][SUBNET_TEXT_SIZE], mac[MAC_TEXT_SIZE] = "-", gateway[ADDRESS_TEXT_SIZE];
	int n;

	if (head->bridge.given)
		mac_text(head->bridge.bytes, mac);
	n = snprintf(text, HEAD_SIZE,
		     HEAD_WORD "%s %s %s %s %s\n"
			       "127.0.0.1\tlocalhost\n"
			       "::1\tlocalhost ip6-localhost ip6-loopback\n",
		     network, subnet_text(&head->subnets[V4], subnets[V4]),
		     subnet_text(&head->subnets[V6], subnets[V6]), head->nat ? "nat" : "routed", mac);
	for (size_t i = 0; i < FAMILIES; i++) {
		if (gateways[i].family)
			n += snprintf(text + n, HEAD_SIZE - (size_t)n, "%s\thost.contain.internal\n",
				      address_text(&gateways[i], gateway));
	}
}

int head_read(const char *text, struct head *head)
{
	char subnets[FAMILIES][64], nat[16], mac[32], why[160];

	*head = (struct head){ 0 };
	if (sscanf(text, HEAD_WORD "%*15s %63s %63s %15s %31s", subnets[V4], subnets[V6], nat, mac) != 4 ||
	    subnet_parse(subnets[V4], &head->subnets[V4], why, sizeof(why)) < 0 ||
	    subnet_parse(subnets[V6], &head->subnets[V6], why, sizeof(why)) < 0)
		return -EINVAL;
	head->nat = strcmp(nat, "nat") == 0;
	head->bridge.given = strcmp(mac, "-") != 0;
	return head->bridge.given ? mac_parse(mac, head->bridge.bytes) : 0;
}

bool host_line_next(const char **at, struct host_line *line)
{
	char address[ADDRESS_TEXT_SIZE];
	const char *token;
	size_t word;

	if (!**at)
		return false;
	*line = (struct host_line){ .start = *at, .length = strcspn(*at, "\n") };
	*at += line->length + (line->start[line->length] == '\n' ? 1 : 0);
	line->is_free = *line->start == '#';
	word = strcspn(line->start, " \t\n");
	if (line->is_free || word >= sizeof(address))
		return true;
	snprintf(address, sizeof(address), "%.*s", (int)word, line->start);
	if (address_parse(address, &line->address) < 0)
		line->address.family = 0;
	line->names = line->start + word;
	token = memchr(line->start, '#', line->length);
	line->names_length = (token ? (size_t)(token - line->start) : line->length) - word;
	if (token) {
		line->token = token + 1 + strspn(token + 1, " ");
		line->token_length = strcspn(line->token, " \n");
	}
	return true;
}

bool host_line_has_token(const struct host_line *line, const char *token)
{
	return line->token && line->token_length == strlen(token) &&
	       memcmp(line->token, token, line->token_length) == 0;
}

bool hosts_find_address(const char *text, const struct address *address, struct host_line *line)
{
	while (host_line_next(&text, line)) {
		if (!line->is_free && address_equal(&line->address, address))
			return true;
	}
	return false;
}

/* Names are compared without case, as those of DNS are (RFC 4343). */
static bool has_name(const struct host_line *line, const char *name)
{
	size_t length = strlen(name);

	for (const char *at = line->names, *end = at + line->names_length; at < end;) {
		size_t word = strcspn(at, " \t\n#");

		if (word == length && strncasecmp(at, name, length) == 0)
			return true;
		at += word + 1;
	}
	return false;
}

bool hosts_find_name(const char *text, const char *name, struct host_line *line)
{
	while (host_line_next(&text, line)) {
		if (line->names && has_name(line, name))
			return true;
	}
	return false;
}

size_t hosts_count_leases(const char *text)
{
	struct host_line line;
	size_t count = 0;

	while (host_line_next(&text, &line))
		count += line.token ? 1 : 0;
	return count;
}

void hosts_leased(const char *text, struct address *addresses)
{
	struct host_line line;

	while (host_line_next(&text, &line)) {
		if (line.token)
			*addresses++ = line.address;
	}
}

static void mark(uint8_t *used, size_t size, const struct subnet subnets[FAMILIES], const struct address *address)
{
	const struct subnet *subnet = &subnets[address_place(address)];
	uint64_t number;

	if (!address->family || !subnet_has(subnet, address))
		return;
	number = subnet_number(subnet, address);
	if (number < size)
		used[number] = 1;
}

uint64_t hosts_free_number(const char *text, const struct subnet subnets[FAMILIES], const struct address *taken,
			   size_t taken_count)
{
	/* Of so many numbers one at least is free. */
	size_t size = hosts_count_leases(text) + taken_count + 2;
	uint8_t *used = calloc(size, 1);
	uint64_t number = 1;
	struct host_line line;

	if (!used)
		return UINT64_MAX;
	for (size_t i = 0; i < taken_count; i++)
		mark(used, size, subnets, &taken[i]);
	while (host_line_next(&text, &line)) {
		if (line.token)
			mark(used, size, subnets, &line.address);
	}
	while (number < size && used[number])
		number++;
	free(used);
	for (size_t i = 0; i < FAMILIES; i++) {
		if (subnets[i].base.family && number > subnet_last(&subnets[i]))
			return 0;
	}
	return number;
}
