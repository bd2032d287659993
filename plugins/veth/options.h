/* SPDX-License-Identifier: MIT */
/* The section [veth]. */
#pragma once

#include <contain/plugin.h>
#include <net/if.h>
#include <stdbool.h>

#include "address.h"
#include "publish.h"

#define POINT_TO_POINT "point-to-point" /* a mode, and the name of the one network that has it */

#define MAC_SIZE      6
#define MAC_TEXT_SIZE 18

struct mac {
	uint8_t bytes[MAC_SIZE];
	bool given;
};

enum { MODE_BRIDGE, MODE_POINT_TO_POINT };
enum { FORWARD_ON, FORWARD_KEEP };

/* What parent_prepare has chosen, for the hooks after it. */
struct chosen {
	char link[IFNAMSIZ], inside[IFNAMSIZ]; /* the ends of the pair; the second is renamed when it is there */
	unsigned bridge;                       /* index; 0: none */
	struct subnet subnets[FAMILIES];
	struct address addresses[FAMILIES], gateways[FAMILIES];
	struct address own[FAMILIES]; /* the host's on the network */
	struct mac mac;
	uint32_t mtu; /* 0: the kernel's own choice */
	bool publishes;
	char hosts[96]; /* the network's file */
};

struct veth {
	int mode;
	const char *bridge;
	struct subnet subnets[FAMILIES];
	struct contain_list addresses, gateways;
	const char *interface;
	struct mac mac;
	int64_t mtu;
	bool nat;
	int ip_forward;
	struct contain_list publish, aliases, dns, dns_search;
	bool files;
	struct chosen chosen;
};

extern const struct contain_option veth_options[];

/* Of a list of addresses (each checked already): one of each family, none where there is no such one. */
void options_addresses(const struct contain_list *list, struct address addresses[FAMILIES]);

/* All published ports, for the caller to free; NULL without memory, or (count 0) if there are none. */
struct port *options_ports(const struct veth *veth);

const char *mac_text(const uint8_t bytes[MAC_SIZE], char text[MAC_TEXT_SIZE]);
int mac_parse(const char *text, uint8_t bytes[MAC_SIZE]); /* 0 or -EINVAL */
