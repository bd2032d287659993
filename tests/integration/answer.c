/* SPDX-License-Identifier: MIT */
/*
 * answer ADDRESS PORT NAME: a server for UDP that tells each client who has answered, and whom it saw: "NAME saw
 * ADDRESS".
 */
#include <arpa/inet.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

static int listen_at(const char *address, const char *port)
{
	const struct addrinfo hints = {
		.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE,
		.ai_family = AF_UNSPEC,
		.ai_socktype = SOCK_DGRAM,
	};
	struct addrinfo *found;
	int fd;

	if (getaddrinfo(address, port, &hints, &found) != 0)
		return -1;
	fd = socket(found->ai_family, SOCK_DGRAM, 0);
	if (bind(fd, found->ai_addr, found->ai_addrlen) < 0)
		fd = -1;
	freeaddrinfo(found);
	return fd;
}

int main(int argc, char **argv)
{
	char host[INET6_ADDRSTRLEN], line[256], ignored[64];
	int fd;

	if (argc != 4 || (fd = listen_at(argv[1], argv[2])) < 0) {
		perror(argc > 2 ? argv[2] : argv[0]);
		return 1;
	}
	for (;;) {
		struct sockaddr_storage client;
		socklen_t size = sizeof(client);

		if (recvfrom(fd, ignored, sizeof(ignored), 0, (struct sockaddr *)&client, &size) < 0 ||
		    getnameinfo((struct sockaddr *)&client, size, host, sizeof(host), NULL, 0, NI_NUMERICHOST) != 0)
			continue;
		/* A socket for both families shows addresses of IPv4 so. */
		snprintf(line, sizeof(line), "%s saw %s\n", argv[3],
			 strncmp(host, "::ffff:", 7) == 0 ? host + 7 : host);
		sendto(fd, line, strlen(line), 0, (struct sockaddr *)&client, size);
	}
}
