/* SPDX-License-Identifier: MIT */
/*
 * netns: network devices, addresses, ports and abstract sockets of its own, see network_namespaces(7). A new one holds
 * the loopback device alone, which is down; bringing it up also gives it 127.0.0.1 and ::1.
 */
#include <contain/plugin.h>
#include <errno.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

static int loopback_up(struct contain_ctx *ctx, void *self)
{
	struct ifreq request = { .ifr_name = "lo" };
	int error = 0;

	(void)self;
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return contain_fail(ctx, errno, "can't make a socket to bring the device lo up");
	if (ioctl(fd, SIOCGIFFLAGS, &request) < 0) {
		error = errno;
	} else {
		request.ifr_flags |= IFF_UP;
		if (ioctl(fd, SIOCSIFFLAGS, &request) < 0)
			error = errno;
	}
	close(fd);
	return error ? contain_fail(ctx, error, "can't bring the network device lo up") : 0;
}

CONTAIN_PLUGIN(.name = "netns", .version = "0.1", .summary = "a network of its own, with the loopback device alone",
	       .namespaces = CLONE_NEWNET, .child_setup = loopback_up)
