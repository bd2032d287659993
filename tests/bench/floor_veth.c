// SPDX-License-Identifier: MIT
/*
 * The netlink messages of a container with a veth pair to a bridge, as few as possible: the bridge if there is none,
 * the pair with its peer born in the child's namespace, and all that is to be done inside in one system call. No packet
 * filter, no lease, no file: what those take is seen by what contain takes more.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "floor.h"

#define PREFIX_4 16
#define PREFIX_6 64

static const char *const gateway[] = { "10.96.0.1", "fd63:6f6e:7461:6966::1" };
static const char *const address[] = { "10.96.0.2", "fd63:6f6e:7461:6966::2" };

/* Messages that are sent together, each of them to be answered. */
struct batch {
	size_t used;
	unsigned count;
	struct nlmsghdr *last;
	char bytes[2048] __attribute__((aligned(8)));
};

static void *room(struct batch *batch, size_t size)
{
	void *at = batch->bytes + batch->used;

	batch->used += NLMSG_ALIGN(size); /* the buffer is larger than all that is ever put into it */
	if (batch->last)
		batch->last->nlmsg_len = (unsigned)(batch->bytes + batch->used - (char *)batch->last);
	return at;
}

static void add(struct batch *batch, uint16_t type, uint16_t flags, const void *header, size_t size)
{
	batch->last = NULL;
	struct nlmsghdr *message = room(batch, NLMSG_HDRLEN + size);

	message->nlmsg_len = (unsigned)NLMSG_LENGTH(size);
	message->nlmsg_type = type;
	message->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags;
	message->nlmsg_seq = batch->count++;
	memcpy(NLMSG_DATA(message), header, size);
	batch->last = message;
}

static struct rtattr *put(struct batch *batch, unsigned short type, const void *data, size_t size)
{
	struct rtattr *attribute = room(batch, RTA_LENGTH(size));

	attribute->rta_type = type;
	attribute->rta_len = (unsigned short)RTA_LENGTH(size);
	if (size)
		memcpy(RTA_DATA(attribute), data, size);
	return attribute;
}

static void put_text(struct batch *batch, unsigned short type, const char *text)
{
	put(batch, type, text, strlen(text) + 1);
}

static void end(struct batch *batch, struct rtattr *nest)
{
	nest->rta_len = (unsigned short)(batch->bytes + batch->used - (char *)nest);
}

/* Send all, hear all answers; an error that is `fine` is none. */
static int talk(int route, const struct batch *batch, const char *what, int fine)
{
	char answers[8192] __attribute__((aligned(8)));

	if (send(route, batch->bytes, batch->used, 0) < 0)
		return floor_fail("%s: send", what);
	for (unsigned waiting = batch->count; waiting;) {
		ssize_t left = recv(route, answers, sizeof answers, 0);
		if (left < 0)
			return floor_fail("%s: recv", what);
		for (struct nlmsghdr *answer = (struct nlmsghdr *)answers; NLMSG_OK(answer, left);
		     answer = NLMSG_NEXT(answer, left), waiting--) {
			const struct nlmsgerr *error = NLMSG_DATA(answer);
			if (answer->nlmsg_type == NLMSG_ERROR && error->error && error->error != -fine) {
				errno = -error->error;
				return floor_fail("%s: message %u", what, answer->nlmsg_seq);
			}
		}
	}
	return 0;
}

static int open_route(void)
{
	int route = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);

	return route < 0 ? floor_fail("socket of netlink") : route;
}

static void add_link(struct batch *batch, uint16_t type, uint16_t flags, unsigned index, bool up)
{
	struct ifinfomsg header = { .ifi_index = (int)index };

	if (up)
		header.ifi_flags = header.ifi_change = IFF_UP;
	add(batch, type, flags, &header, sizeof header);
}

static void add_addresses(struct batch *batch, unsigned index, const char *const text[2])
{
	for (int i = 0; i < 2; i++) {
		struct ifaddrmsg header = { .ifa_family = i ? AF_INET6 : AF_INET,
					    .ifa_prefixlen = i ? PREFIX_6 : PREFIX_4,
					    .ifa_flags = i ? IFA_F_NODAD : 0,
					    .ifa_index = index };
		unsigned char bytes[16];

		inet_pton(header.ifa_family, text[i], bytes);
		add(batch, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, &header, sizeof header);
		put(batch, IFA_LOCAL, bytes, i ? 16 : 4);
		put(batch, IFA_ADDRESS, bytes, i ? 16 : 4);
	}
}

static void add_routes(struct batch *batch, unsigned index)
{
	for (int i = 0; i < 2; i++) {
		struct rtmsg header = { .rtm_family = i ? AF_INET6 : AF_INET,
					.rtm_table = RT_TABLE_MAIN,
					.rtm_protocol = RTPROT_STATIC,
					.rtm_type = RTN_UNICAST };
		unsigned char bytes[16];

		inet_pton(header.rtm_family, gateway[i], bytes);
		add(batch, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, &header, sizeof header);
		put(batch, RTA_GATEWAY, bytes, i ? 16 : 4);
		put(batch, RTA_OIF, &index, sizeof index);
	}
}

static int make_bridge(struct floor_veth *veth)
{
	struct batch batch = { 0 };

	veth->bridge_index = if_nametoindex(veth->bridge);
	if (veth->bridge_index)
		return 0;
	add_link(&batch, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, 0, true);
	put_text(&batch, IFLA_IFNAME, veth->bridge);
	struct rtattr *info = put(&batch, IFLA_LINKINFO, NULL, 0);
	put_text(&batch, IFLA_INFO_KIND, "bridge");
	end(&batch, info);
	int err = talk(veth->route, &batch, veth->bridge, 0);
	if (err)
		return err;
	veth->bridge_made = true;
	veth->bridge_index = if_nametoindex(veth->bridge);
	batch = (struct batch){ 0 };
	add_addresses(&batch, veth->bridge_index, gateway);
	return talk(veth->route, &batch, veth->bridge, 0);
}

static int make_pair(struct floor_veth *veth, pid_t child)
{
	unsigned char mac[] = { 0xfe, 0, 0, 0, 0, 1 };
	struct batch batch = { 0 };

	for (int i = 0; i < 4; i++)
		mac[i + 1] = (unsigned char)(getpid() >> (8 * i));
	add_link(&batch, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, 0, false);
	put_text(&batch, IFLA_IFNAME, veth->name);
	put(&batch, IFLA_ADDRESS, mac, sizeof mac);
	put(&batch, IFLA_MASTER, &veth->bridge_index, sizeof veth->bridge_index);
	struct rtattr *info = put(&batch, IFLA_LINKINFO, NULL, 0);
	put_text(&batch, IFLA_INFO_KIND, "veth");
	struct rtattr *data = put(&batch, IFLA_INFO_DATA, NULL, 0);
	struct rtattr *peer = put(&batch, VETH_INFO_PEER, &(struct ifinfomsg){ 0 }, sizeof(struct ifinfomsg));
	put_text(&batch, IFLA_IFNAME, veth->name);
	mac[0] = 0x02;
	put(&batch, IFLA_ADDRESS, mac, sizeof mac);
	put(&batch, IFLA_NET_NS_PID, &(unsigned){ (unsigned)child }, sizeof(unsigned));
	end(&batch, peer);
	end(&batch, data);
	end(&batch, info);
	/* Up only now that it is a port of the bridge: rtnetlink sets the flags of a new link before its master. */
	add_link(&batch, RTM_SETLINK, 0, 0, true);
	put_text(&batch, IFLA_IFNAME, veth->name);
	put_text(&batch, IFLA_IFALIAS, "floor");
	return talk(veth->route, &batch, veth->name, 0);
}

void floor_veth_name(struct floor_veth *veth)
{
	snprintf(veth->name, sizeof veth->name, "ctnf-%d", getpid());
}

int floor_veth_make(struct floor_veth *veth, pid_t child)
{
	int err;

	veth->route = open_route();
	if (veth->route < 0)
		return veth->route;
	if ((err = make_bridge(veth)) || (err = make_pair(veth, child)))
		return err;
	veth->made = true;
	return 0;
}

int floor_veth_remove(struct floor_veth *veth)
{
	struct batch batch = { 0 };
	unsigned group = (unsigned)getpid();

	/* Links are removed at the pace of RCU, tens of milliseconds; those of a group wait for it together. */
	if (veth->bridge_made) {
		add_link(&batch, RTM_SETLINK, 0, veth->bridge_index, false);
		put(&batch, IFLA_GROUP, &group, sizeof group);
	}
	if (veth->made && (veth->bridge_made || !veth->leave)) {
		add_link(&batch, RTM_SETLINK, 0, 0, false);
		put_text(&batch, IFLA_IFNAME, veth->name);
		put(&batch, IFLA_GROUP, &group, sizeof group);
	}
	if (!batch.count)
		return 0;
	add_link(&batch, RTM_DELLINK, 0, 0, false);
	put(&batch, IFLA_GROUP, &group, sizeof group);
	return talk(veth->route, &batch, "remove", ENODEV); /* the pair may be gone with the child's namespace */
}

int floor_veth_inside(const char *name)
{
	int route = open_route();
	struct batch batch = { 0 };

	if (route < 0)
		return route;
	add_link(&batch, RTM_SETLINK, 0, 1, true); /* lo */
	if (name[0]) {
		unsigned index = if_nametoindex(name);
		add_link(&batch, RTM_SETLINK, 0, index, false);
		put_text(&batch, IFLA_IFNAME, "eth0");
		add_addresses(&batch, index, address);
		add_link(&batch, RTM_SETLINK, 0, index, true);
		add_routes(&batch, index);
	}
	int err = talk(route, &batch, "inside", 0);
	close(route);
	return err;
}
