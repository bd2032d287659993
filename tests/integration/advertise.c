/* SPDX-License-Identifier: MIT */
/*
 * advertise INTERFACE: says to all on its link that it is a router for half an hour (RFC 4861, section 4.2).
 */
#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>

int main(int argc, char **argv)
{
	const struct nd_router_advert advert = {
		.nd_ra_type = ND_ROUTER_ADVERT,
		.nd_ra_curhoplimit = 64,
		.nd_ra_router_lifetime = htons(1800),
	};
	struct sockaddr_in6 all = { .sin6_family = AF_INET6 };
	int fd = socket(AF_INET6, SOCK_RAW, IPPROTO_ICMPV6);
	const int hops = 255; /* from one who is not on the link it is not believed */

	all.sin6_scope_id = argc == 2 ? if_nametoindex(argv[1]) : 0;
	inet_pton(AF_INET6, "ff02::1", &all.sin6_addr);
	if (setsockopt(fd, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, &hops, sizeof(hops)) < 0 ||
	    sendto(fd, &advert, sizeof(advert), 0, (struct sockaddr *)&all, sizeof(all)) < 0) {
		perror("advertise");
		return 1;
	}
	return 0;
}
