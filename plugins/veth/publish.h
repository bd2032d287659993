/* SPDX-License-Identifier: MIT */
/* Ports of the host that lead to ports of the container, as they are written. Pure. */
#pragma once

#include "address.h"

struct port {
	uint8_t protocol;       /* IPPROTO_TCP, IPPROTO_UDP, IPPROTO_SCTP */
	uint16_t host, inside;  /* the first of each; in host order */
	uint16_t count;         /* 1 or more: a range has as many on both sides */
	struct address address; /* of the host, that it is published on; family 0: on all, of both families */
};

/* [IP:]HOST[-HOST]:CONTAINER[-CONTAINER][/tcp|udp|sctp], IPv6 in brackets. 0, or -EINVAL with the reason. */
int port_parse(const char *text, struct port *port, char *why, size_t why_size);

/* Whether it is published on one address of the host: 0.0.0.0 and [::] are all of their family. */
bool port_is_bound(const struct port *port);

const char *port_protocol(const struct port *port); /* "tcp" */
