/* SPDX-License-Identifier: MIT */
#include "veth_parts.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/time.h>
#include <unistd.h>

#include "../../plugins/veth/rules.h"

int veth_own_network(void)
{
	struct ifreq request = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int error = fakehost_unshare(CLONE_NEWNET | CLONE_NEWNS), fd;

	if (error < 0)
		return error;
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (ioctl(fd, SIOCSIFFLAGS, &request) < 0)
		error = -errno;
	close(fd);
	return error;
}

static struct sockaddr_in place(const char *address, uint16_t port)
{
	struct sockaddr_in place = { .sin_family = AF_INET, .sin_port = htons(port) };

	assert_int_equal(inet_pton(AF_INET, address, &place.sin_addr), 1);
	return place;
}

int veth_socket(int type, const char *address, uint16_t port)
{
	struct sockaddr_in own = place(address, port);
	int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&own, sizeof(own)), 0);
	if (type == SOCK_STREAM)
		assert_int_equal(listen(fd, 5), 0);
	return fd;
}

int veth_connect(int type, const char *address, uint16_t port)
{
	const struct timeval second = { .tv_sec = 1 };
	struct sockaddr_in other = place(address, port);
	int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0), error = 0;

	assert_true(fd >= 0);
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &second, sizeof(second));
	if (connect(fd, (struct sockaddr *)&other, sizeof(other)) < 0 ||
	    (type == SOCK_DGRAM && send(fd, "x", 1, 0) < 0))
		error = errno;
	close(fd);
	return error;
}

struct network veth_network(void)
{
	struct network network = { .name = "test0", .links = "test0", .nat = true };
	char why[160];

	assert_int_equal(subnet_parse("10.97.0.0/16", &network.subnets[V4], why, sizeof(why)), 0);
	assert_int_equal(subnet_parse("fd63::/64", &network.subnets[V6], why, sizeof(why)), 0);
	return network;
}
