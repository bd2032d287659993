/* SPDX-License-Identifier: MIT */
/* Print the number of the network namespace that this runs in, which no other one has had (SO_NETNS_COOKIE, socket(7)).
 */
#include <stdint.h>
#include <stdio.h>
#include <sys/socket.h>

int main(void)
{
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	uint64_t cookie;
	socklen_t size = sizeof(cookie);

	if (fd < 0 || getsockopt(fd, SOL_SOCKET, SO_NETNS_COOKIE, &cookie, &size) < 0) {
		perror("SO_NETNS_COOKIE");
		return 1;
	}
	printf("%llu\n", (unsigned long long)cookie);
	return 0;
}
