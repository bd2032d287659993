/* SPDX-License-Identifier: MIT */
#include "options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const modes[] = { "bridge", POINT_TO_POINT, NULL };
static const char *const forwards[] = { "on", "keep", NULL };

static int refuse(char *why, size_t why_size, const char *reason)
{
	snprintf(why, why_size, "%s", reason);
	return -EINVAL;
}

static int parse_subnet(const char *text, void *value, char *why, size_t why_size, uint8_t family)
{
	struct subnet *subnet = value;
	int result = subnet_parse(text, subnet, why, why_size);

	if (result == 0 && subnet->base.family && subnet->base.family != family)
		result = refuse(why, why_size,
				family == AF_INET ? "is a subnet of IPv6: that one is subnet6"
						  : "is a subnet of IPv4: that one is subnet");
	return result;
}

static int parse_subnet4(const char *text, void *value, char *why, size_t why_size)
{
	return parse_subnet(text, value, why, why_size, AF_INET);
}

static int parse_subnet6(const char *text, void *value, char *why, size_t why_size)
{
	return parse_subnet(text, value, why, why_size, AF_INET6);
}

/* As dev_valid_name() in net/core/dev.c; and not a '%', which the kernel would put a number for. */
static int check_interface(const char *text, void *value, char *why, size_t why_size)
{
	(void)value;
	if (!*text || strlen(text) >= IFNAMSIZ || strcmp(text, ".") == 0 || strcmp(text, "..") == 0 ||
	    strpbrk(text, "/:% \t\n\v\f\r\"\\*"))
		return refuse(why, why_size,
			      "is no name for a network interface: up to 15 characters, none of them a blank or one of "
			      "/:%*\"\\");
	return 0;
}

static int check_bridge(const char *text, void *value, char *why, size_t why_size)
{
	if (strcmp(text, POINT_TO_POINT) == 0)
		return refuse(why, why_size, "is the name of a mode: set mode = " POINT_TO_POINT);
	return check_interface(text, value, why, why_size);
}

static int check_inside(const char *text, void *value, char *why, size_t why_size)
{
	if (strcmp(text, "lo") == 0)
		return refuse(why, why_size, "is the loopback device");
	return check_interface(text, value, why, why_size);
}

static int check_address(const char *text, void *value, char *why, size_t why_size)
{
	struct address address;

	(void)value;
	return address_parse(text, &address) < 0 ? refuse(why, why_size, "is no address of IPv4 or IPv6") : 0;
}

static int check_gateway(const char *text, void *value, char *why, size_t why_size)
{
	return strcmp(text, "none") == 0 ? 0 : check_address(text, value, why, why_size);
}

static int parse_mac(const char *text, void *value, char *why, size_t why_size)
{
	static const uint8_t zero[MAC_SIZE];
	struct mac *mac = value;

	if (mac_parse(text, mac->bytes) < 0)
		return refuse(why, why_size, "is no MAC address, such as 02:00:00:00:00:01");
	/* The lowest bit of the first byte says that many are meant (IEEE 802). */
	if ((mac->bytes[0] & 1) || memcmp(mac->bytes, zero, MAC_SIZE) == 0)
		return refuse(why, why_size, "is not the MAC address of one station");
	mac->given = true;
	return 0;
}

static int check_port(const char *text, void *value, char *why, size_t why_size)
{
	struct port port;

	(void)value;
	return port_parse(text, &port, why, why_size);
}

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

/* It becomes a word in hosts(5) and resolv.conf(5). */
static int check_name(const char *text, void *value, char *why, size_t why_size)
{
	size_t length = strlen(text);

	(void)value;
	if (length > 0 && length <= 253 && strchr(LETTERS, *text) && strspn(text, LETTERS "-_.") == length)
		return 0;
	return refuse(why, why_size,
		      "is no name: up to 253 letters, digits, '-', '_' and '.', a letter or digit first");
}

const struct contain_option veth_options[] = {
	CONTAIN_ENUM_OPTION(struct veth, mode, "mode", .initial = "bridge", .choices = modes,
			    .metavar = "bridge|" POINT_TO_POINT,
			    .help = "over a bridge that containers share, or routed to the host alone"),
	CONTAIN_STRING_OPTION(struct veth, bridge, "bridge", .initial = "contain0", .flag = "bridge", .metavar = "NAME",
			      .parse = check_bridge,
			      .help = "bridge to connect to, made on first use and removed with its last user"),
	CONTAIN_CUSTOM_OPTION(
		struct veth, subnets[V4], "subnet", .initial = "10.97.0.0/16", .metavar = "ADDRESS/BITS|none",
		.parse = parse_subnet4,
		.help = "IPv4 addresses of the network, the first is the gateway; or the next free ones if not given"),
	CONTAIN_CUSTOM_OPTION(
		struct veth, subnets[V6], "subnet6", .initial = "fd63:6f6e:7461:696e::/64",
		.metavar = "ADDRESS/BITS|none", .parse = parse_subnet6,
		.help = "IPv6 addresses of the network, the first is the gateway; or the next free ones if not given"),
	CONTAIN_LIST_OPTION(struct veth, addresses, "address", .flag = "ip", .metavar = "ADDRESS",
			    .parse = check_address,
			    .help = "address inside, one of each family; the lowest free ones if not given"),
	CONTAIN_LIST_OPTION(struct veth, gateways, "gateway", .metavar = "ADDRESS|none", .parse = check_gateway,
			    .help = "where the default routes lead, one of each family; none: no default routes"),
	CONTAIN_STRING_OPTION(struct veth, interface, "interface", .initial = "eth0", .metavar = "NAME",
			      .parse = check_inside, .help = "name of the interface inside"),
	CONTAIN_CUSTOM_OPTION(struct veth, mac, "mac", .flag = "mac", .metavar = "MAC", .parse = parse_mac,
			      .help = "MAC address inside; made from the IPv4 address if not given"),
	CONTAIN_INT_OPTION(struct veth, mtu, "mtu", .metavar = "BYTES", .min = 68, .max = 65535,
			   .help = "longest packet; that of the bridge if not given"),
	CONTAIN_BOOL_OPTION(struct veth, nat, "nat", .initial = "yes",
			    .help = "hide the containers' addresses from the outside behind the host's"),
	CONTAIN_ENUM_OPTION(struct veth, ip_forward, "ip_forward", .initial = "on", .choices = forwards,
			    .metavar = "on|keep",
			    .help = "on: make the host pass packets on, if it does not; keep: leave that as it is"),
	CONTAIN_LIST_OPTION(struct veth, publish, "publish", .flag = "publish", .short_flag = 'p',
			    .metavar = "[IP:]HOST:PORT[/tcp|udp|sctp]", .parse = check_port,
			    .help = "lead a port of the host to one inside; both may be a range FIRST-LAST"),
	CONTAIN_LIST_OPTION(struct veth, aliases, "alias", .metavar = "NAME", .parse = check_name,
			    .help = "one more name for the container on its network; its id is one"),
	CONTAIN_LIST_OPTION(struct veth, dns, "dns", .flag = "dns", .metavar = "ADDRESS", .parse = check_address,
			    .help = "name server for resolv.conf inside; the host's if not given"),
	CONTAIN_LIST_OPTION(struct veth, dns_search, "dns_search", .flag = "dns-search", .metavar = "DOMAIN",
			    .parse = check_name,
			    .help = "domain in which names are looked up; the host's if not given"),
	CONTAIN_BOOL_OPTION(struct veth, files, "files", .initial = "yes",
			    .help = "mount /etc/hosts, /etc/hostname and /etc/resolv.conf, read-only"),
	CONTAIN_OPTIONS_END
};

void options_addresses(const struct contain_list *list, struct address addresses[FAMILIES])
{
	addresses[V4] = addresses[V6] = (struct address){ 0 };
	for (size_t i = 0; i < list->count; i++) {
		struct address address;

		if (address_parse(list->items[i], &address) == 0)
			addresses[address_place(&address)] = address;
	}
}

struct port *options_ports(const struct veth *veth)
{
	struct port *ports = calloc(veth->publish.count + 1, sizeof(*ports));
	char why[160];

	for (size_t i = 0; ports && i < veth->publish.count; i++)
		port_parse(veth->publish.items[i], &ports[i], why, sizeof(why));
	return ports;
}

const char *mac_text(const uint8_t bytes[MAC_SIZE], char text[MAC_TEXT_SIZE])
{
	snprintf(text, MAC_TEXT_SIZE, "%02x:%02x:%02x:%02x:%02x:%02x", bytes[0], bytes[1], bytes[2], bytes[3], bytes[4],
		 bytes[5]);
	return text;
}

int mac_parse(const char *text, uint8_t bytes[MAC_SIZE])
{
	int length = -1;

	if (sscanf(text, "%2hhx:%2hhx:%2hhx:%2hhx:%2hhx:%2hhx%n", &bytes[0], &bytes[1], &bytes[2], &bytes[3], &bytes[4],
		   &bytes[5], &length) != MAC_SIZE ||
	    length != MAC_TEXT_SIZE - 1 || text[length])
		return -EINVAL;
	return 0;
}
