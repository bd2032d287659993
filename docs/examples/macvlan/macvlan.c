/* SPDX-License-Identifier: MIT */
/*
 * macvlan: an interface of the container's own on a network that the host is on, beside the host's, with a MAC address
 * of its own, as if the container had a cable there (see ip-link(8)). One more value of --network:
 *
 *	contain run --network macvlan --macvlan-parent eth0 --macvlan-address 192.0.2.7/24 --rootfs ./rootfs -- /bin/sh
 *
 * An example of a plugin for networks, with rtnetlink(7) by plain sockets: a hook of the parent, in the host's network
 * namespace, and one of the child, in the container's. It needs no teardown, as the interface is made in the
 * container's namespace, with which the kernel removes it. Routes and names are left out.
 */
#include <contain/plugin.h>
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/sched.h> /* CLONE_NEWNET, which <sched.h> has for _GNU_SOURCE alone */
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define INTERFACE "eth0"
/* What the kernel calls the first one that is given no name: nothing else is in a new namespace. */
#define UNNAMED "macvlan0"

/* Of a CUSTOM option: plain data without a pointer, as it is copied into each process. */
struct address {
	unsigned char family, bits, size, bytes[sizeof(struct in6_addr)];
};

struct macvlan {
	const char *parent;
	struct address address;
};

static int parse_address(const char *text, void *value, char *why, size_t why_size)
{
	struct address *address = value;
	char ip[INET6_ADDRSTRLEN], *end;
	size_t length = strcspn(text, "/");
	/* strtoul(3) would take blanks and a sign. */
	bool has_bits = text[length] && text[length + 1] >= '0' && text[length + 1] <= '9';
	unsigned long bits = has_bits ? strtoul(text + length + 1, &end, 10) : 0;

	address->family = strchr(text, ':') ? AF_INET6 : AF_INET;
	address->size = address->family == AF_INET6 ? sizeof(struct in6_addr) : sizeof(struct in_addr);
	snprintf(ip, sizeof(ip), "%.*s", (int)length, text);
	if (bits > 0 && !*end && bits <= address->size * 8UL && length < sizeof(ip) &&
	    inet_pton(address->family, ip, address->bytes) == 1) {
		address->bits = (unsigned char)bits;
		return 0;
	}
	snprintf(why, why_size, "is not ADDRESS/BITS, such as 192.0.2.7/24");
	return -EINVAL;
}

static const struct contain_option options[] = {
	CONTAIN_STRING_OPTION(struct macvlan, parent, "parent", .flags = CONTAIN_REQUIRED, .flag = "macvlan-parent",
			      .metavar = "INTERFACE", .help = "interface of the host that is on the network"),
	CONTAIN_CUSTOM_OPTION(struct macvlan, address, "address", .flags = CONTAIN_REQUIRED, .flag = "macvlan-address",
			      .metavar = "ADDRESS/BITS", .help = "address inside", .parse = parse_address),
	CONTAIN_OPTIONS_END,
};

/* A request of rtnetlink: a header, the struct of its type, and attributes. */
struct request {
	struct nlmsghdr head;
	union {
		struct ifinfomsg link;
		struct ifaddrmsg address;
	};
	char attributes[256]; /* more than all that are put there */
};

/* At the end; what is put next may be inside of it, see nest_end(). */
static struct rtattr *put(struct request *request, unsigned short type, const void *data, size_t size)
{
	struct rtattr *attribute = (struct rtattr *)((char *)request + NLMSG_ALIGN(request->head.nlmsg_len));

	attribute->rta_type = type;
	attribute->rta_len = (unsigned short)RTA_LENGTH(size);
	if (size)
		memcpy(RTA_DATA(attribute), data, size);
	request->head.nlmsg_len = NLMSG_ALIGN(request->head.nlmsg_len) + RTA_ALIGN(attribute->rta_len);
	return attribute;
}

static void nest_end(struct request *request, struct rtattr *nest)
{
	nest->rta_len = (unsigned short)((char *)request + request->head.nlmsg_len - (char *)nest);
}

/* In the network namespace that this process is in. 0, or what the kernel answers, a positive errno. */
static int ask_kernel(const struct request *request)
{
	struct {
		struct nlmsghdr head;
		struct nlmsgerr error;
		struct request request; /* an error comes with what it is of */
	} answer = { 0 };
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	int error = 0;

	if (fd < 0)
		return errno;
	if (send(fd, request, request->head.nlmsg_len, 0) < 0 || recv(fd, &answer, sizeof(answer), 0) < 0)
		error = errno;
	close(fd);
	return error ? error : -answer.error.error;
}

/*
 * Parent, where the host's interfaces are. The new one is never there, not for a moment: so nothing is recorded. It
 * gets its name inside, as Linux before 6.15 refuses one that an interface of the host has, such as eth0.
 */
static int make_interface(struct contain_ctx *ctx, void *self)
{
	const struct macvlan *macvlan = self;
	struct request link = { .head = { .nlmsg_len = NLMSG_LENGTH(sizeof(link.link)),
					  .nlmsg_type = RTM_NEWLINK,
					  .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL } };
	unsigned parent = if_nametoindex(macvlan->parent), mode = MACVLAN_MODE_BRIDGE;
	pid_t pid = contain_pid(ctx); /* the child waits for this hook, so it can't be another process's */
	struct rtattr *info, *data;
	int error;

	if (parent == 0)
		return contain_fail(ctx, errno, "can't find the interface '%s' (--macvlan-parent)", macvlan->parent);
	put(&link, IFLA_LINK, &parent, sizeof(parent));
	put(&link, IFLA_NET_NS_PID, &pid, sizeof(pid));
	info = put(&link, IFLA_LINKINFO, NULL, 0);
	put(&link, IFLA_INFO_KIND, "macvlan", sizeof("macvlan"));
	data = put(&link, IFLA_INFO_DATA, NULL, 0);
	put(&link, IFLA_MACVLAN_MODE, &mode, sizeof(mode)); /* containers with one parent reach each other */
	nest_end(&link, data);
	nest_end(&link, info);
	error = ask_kernel(&link);
	return error ? contain_fail(ctx, error, "can't make a macvlan interface on '%s'", macvlan->parent) : 0;
}

/* With a name: under that one from now on; the interface has to be down. */
static int bring_up(struct contain_ctx *ctx, const char *interface, const char *name)
{
	struct request link = {
		.head = { .nlmsg_len = NLMSG_LENGTH(sizeof(link.link)),
			  .nlmsg_type = RTM_NEWLINK,
			  .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK },
		.link = { .ifi_index = (int)if_nametoindex(interface), .ifi_flags = IFF_UP, .ifi_change = IFF_UP }
	};
	int error;

	/* Without an index the kernel would look for the name. */
	if (link.link.ifi_index == 0)
		return contain_fail(ctx, errno, "can't find the interface %s inside", interface);
	if (name)
		put(&link, IFLA_IFNAME, name, strlen(name) + 1);
	error = ask_kernel(&link);
	return error ? contain_fail(ctx, error, "can't bring the interface %s up", name ? name : interface) : 0;
}

/* Child: all of its hooks are in the container's network namespace. Nothing is up there yet, unless netns is on. */
static int set_up(struct contain_ctx *ctx, void *self)
{
	const struct address *address = &((const struct macvlan *)self)->address;
	struct request add = { .head = { .nlmsg_len = NLMSG_LENGTH(sizeof(add.address)),
					 .nlmsg_type = RTM_NEWADDR,
					 .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL },
			       .address = { .ifa_family = address->family, .ifa_prefixlen = address->bits } };
	int error = bring_up(ctx, "lo", NULL);

	if (!error)
		error = bring_up(ctx, UNNAMED, INTERFACE);
	if (error)
		return error;
	add.address.ifa_index = if_nametoindex(INTERFACE);
	put(&add, IFA_LOCAL, address->bytes, address->size);
	error = ask_kernel(&add);
	return error ? contain_fail(ctx, error, "can't give " INTERFACE " its address (--macvlan-address)") : 0;
}

static int check(struct contain_ctx *ctx, void *self)
{
	const struct macvlan *macvlan = self;

	return contain_exposes(ctx, 2,
			       "it reaches, and is reached by, all that is on the network of %s: --network none",
			       macvlan->parent);
}

/* If both are on: its interface can have another name. */
static const char *const before[] = { "veth", NULL };

CONTAIN_PLUGIN(.name = "macvlan", .version = "1.0", .summary = "an interface on a network that the host is on",
	       .before = before, .namespaces = CLONE_NEWNET, .self_size = sizeof(struct macvlan), .options = options,
	       .parent_attach = make_interface, .child_setup = set_up, .check = check, .chosen_by = "network=macvlan")
