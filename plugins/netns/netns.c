/* SPDX-License-Identifier: MIT */
/*
 * netns: network devices, addresses, ports and abstract sockets of its own, see network_namespaces(7). A new one holds
 * the loopback device alone, which is down; bringing it up also gives it 127.0.0.1 and ::1. Or it is one that is there
 * already, or the host's.
 */
#include "namespace.h"

#include <contain/plugin.h>
#include <errno.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define NONE "none"
#define HOST "host"
#define OWN  "/proc/self/ns/net"

struct netns {
	const char *network;
	bool shared; /* no option: it is one that is there already, and not the host's */
};

static int parse_network(const char *text, void *value, char *why, size_t why_size)
{
	(void)value;
	if (strcmp(text, "") != 0 && strcmp(text, ".") != 0 && strcmp(text, "..") != 0)
		return 0;
	snprintf(why, why_size,
		 "not " NONE ", " HOST ", a name of %s or the path of a network namespace, which has a slash in it",
		 NAMESPACE_FOLDER);
	return -EINVAL;
}

static const struct contain_option options[] = {
	CONTAIN_STRING_OPTION(
		struct netns, network, "network", .initial = NONE, .flag = "network", .metavar = "none|host|NAME|PATH",
		.help = "lo alone, the host's, or one that is there: of /run/netns, or a path; see veth, too",
		.parse = parse_network),
	CONTAIN_OPTIONS_END,
};

static bool is(const struct netns *netns, const char *network)
{
	return strcmp(netns->network, network) == 0;
}

/* What is joined for "host" is the one that contain is in: so that another plugin can't have a new one, too. */
static int configure(struct contain_ctx *ctx, void *self)
{
	struct netns *netns = self;
	struct stat theirs, own;
	int fd;

	if (is(netns, NONE))
		return 0;
	fd = namespace_open(ctx, is(netns, HOST) ? OWN : netns->network);
	if (fd < 0)
		return fd;
	netns->shared = fstat(fd, &theirs) == 0 && stat(OWN, &own) == 0 &&
			!(theirs.st_dev == own.st_dev && theirs.st_ino == own.st_ino);
	return contain_namespace_join(ctx, CLONE_NEWNET, fd);
}

static int bring_up(struct contain_ctx *ctx, int fd)
{
	struct ifreq request = { .ifr_name = "lo" };

	if (fd < 0)
		return contain_fail(ctx, errno, "can't make a socket to bring the device lo up");
	if (ioctl(fd, SIOCGIFFLAGS, &request) == 0) {
		request.ifr_flags |= IFF_UP;
		if (ioctl(fd, SIOCSIFFLAGS, &request) == 0)
			return 0;
	}
	if (errno == EPERM)
		return contain_fail(ctx, EPERM,
				    "can't bring the network device lo up, which takes the capability CAP_NET_ADMIN "
				    "(--network " HOST " takes none)");
	return contain_fail(ctx, errno, "can't bring the network device lo up");
}

/* In a namespace that is there already it is as its owner wants it. */
static int setup(struct contain_ctx *ctx, void *self)
{
	int fd, result;

	(void)self;
	if (!contain_has_namespace(ctx, CLONE_NEWNET))
		return 0;
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	result = bring_up(ctx, fd);
	if (fd >= 0)
		close(fd);
	return result;
}

static int check(struct contain_ctx *ctx, void *self)
{
	const struct netns *netns = self;

	if (!netns->shared)
		return 0;
	return contain_exposes(ctx, 2,
			       "it shares the network of %s with whoever else is in it, their 127.0.0.1 and abstract "
			       "sockets included: give it one of its own, with network = " NONE,
			       netns->network);
}

CONTAIN_PLUGIN(.name = "netns", .version = "0.2", .summary = "a network of its own, with the loopback device alone",
	       .namespaces = CLONE_NEWNET, .self_size = sizeof(struct netns), .options = options,
	       .configure = configure, .child_setup = setup, .check = check)
