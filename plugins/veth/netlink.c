/* SPDX-License-Identifier: MIT */
#include "netlink.h"

#include <errno.h>
#include <linux/netlink.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

int netlink_open(struct netlink *netlink, int bus)
{
	int on = 1;

	netlink->next = 1;
	netlink->count = 0;
	netlink->last = NULL;
	netlink->why[0] = '\0';
	netlink->socket = mnl_socket_open2(bus, SOCK_CLOEXEC);
	if (!netlink->socket)
		return -errno;
	if (mnl_socket_bind(netlink->socket, 0, MNL_SOCKET_AUTOPID) < 0) {
		int error = errno;

		netlink_close(netlink);
		return -error;
	}
	/* The reason in words; our messages are not sent back with it. Kernels before 4.12 have neither. */
	mnl_socket_setsockopt(netlink->socket, NETLINK_EXT_ACK, &on, sizeof(on));
	mnl_socket_setsockopt(netlink->socket, NETLINK_CAP_ACK, &on, sizeof(on));
	return 0;
}

/* nfnetlink_rcv_msg() in net/netfilter/nfnetlink.c; and socket(2). */
bool netlink_is_unknown(int error)
{
	return error == -EINVAL || error == -EOPNOTSUPP || error == -EPROTONOSUPPORT;
}

void netlink_close(struct netlink *netlink)
{
	if (netlink->socket)
		mnl_socket_close(netlink->socket);
	netlink->socket = NULL;
}

static size_t used(const struct netlink *netlink)
{
	const char *last = (const char *)netlink->last;

	return last ? (size_t)(last - netlink->bytes) + MNL_ALIGN(netlink->last->nlmsg_len) : 0;
}

size_t netlink_room(const struct netlink *netlink)
{
	return sizeof(netlink->bytes) - used(netlink);
}

struct nlmsghdr *netlink_add(struct netlink *netlink, uint16_t type, uint16_t flags, const void *header, size_t size)
{
	struct nlmsghdr *message = mnl_nlmsg_put_header(netlink->bytes + used(netlink));

	message->nlmsg_type = type;
	message->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags;
	message->nlmsg_seq = netlink->next++;
	memcpy(mnl_nlmsg_put_extra_header(message, size), header, size);
	netlink->count++;
	netlink->last = message;
	return message;
}

static void keep_reason(struct netlink *netlink, const struct nlmsghdr *message)
{
	const struct nlmsgerr *error = mnl_nlmsg_get_payload(message);
	size_t offset = sizeof(*error);
	const struct nlattr *attribute;

	if (!(message->nlmsg_flags & NLM_F_ACK_TLVS))
		return;
	if (!(message->nlmsg_flags & NLM_F_CAPPED))
		offset += error->msg.nlmsg_len - sizeof(error->msg);
	mnl_attr_for_each(attribute, message, offset)
	{
		if (mnl_attr_get_type(attribute) == NLMSGERR_ATTR_MSG &&
		    mnl_attr_validate(attribute, MNL_TYPE_NUL_STRING) >= 0)
			snprintf(netlink->why, sizeof(netlink->why), "%s", mnl_attr_get_str(attribute));
	}
}

struct answers {
	struct netlink *netlink;
	void (*hear)(const struct nlmsghdr *message, void *user);
	void *user;
	uint32_t first;   /* sequence number of the first message */
	uint32_t waiting; /* how many are not answered yet */
	uint32_t failed;  /* number of the first that failed */
	int error;
};

static void note_error(struct answers *answers, const struct nlmsghdr *message)
{
	uint32_t number = message->nlmsg_seq - answers->first;
	int error =
		message->nlmsg_len >= mnl_nlmsg_size(sizeof(int)) ? *(int *)mnl_nlmsg_get_payload(message) : -EBADMSG;

	answers->waiting--;
	if (error == 0 || (answers->error && number >= answers->failed))
		return;
	answers->error = error;
	answers->failed = number;
	keep_reason(answers->netlink, message);
}

static void note(struct answers *answers, const struct nlmsghdr *message)
{
	/* Somebody else may send us anything (netlink(7)); an answer has the number of a question. */
	if (message->nlmsg_seq - answers->first >= answers->netlink->next - answers->first)
		return;
	if (message->nlmsg_type == NLMSG_ERROR)
		note_error(answers, message);
	else if (message->nlmsg_type == NLMSG_DONE)
		answers->waiting--; /* the answer to a dump has no other end */
	else if (message->nlmsg_type >= NLMSG_MIN_TYPE && answers->hear)
		answers->hear(message, answers->user);
}

static ssize_t receive(struct netlink *netlink, char *bytes, size_t size)
{
	ssize_t length;

	do {
		length = mnl_socket_recvfrom(netlink->socket, bytes, size);
	} while (length < 0 && errno == EINTR);
	return length;
}

int netlink_talk(struct netlink *netlink, void (*hear)(const struct nlmsghdr *message, void *user), void *user,
		 unsigned *failed)
{
	struct answers answers = { .netlink = netlink,
				   .hear = hear,
				   .user = user,
				   .first = netlink->next - netlink->count,
				   .waiting = netlink->count };
	/* What the kernel makes a message of a dump at most (netlink_dump() in net/netlink/af_netlink.c). */
	char bytes[32768] __attribute__((aligned(8)));
	size_t length = used(netlink);

	netlink->count = 0;
	netlink->last = NULL;
	netlink->why[0] = '\0';
	if (length && mnl_socket_sendto(netlink->socket, netlink->bytes, length) < 0)
		return -errno;
	while (answers.waiting > 0) {
		ssize_t got = receive(netlink, bytes, sizeof(bytes));
		int rest = (int)got;

		if (got <= 0)
			return got < 0 ? -errno : -EIO;
		for (const struct nlmsghdr *message = (const struct nlmsghdr *)bytes; mnl_nlmsg_ok(message, rest);
		     message = mnl_nlmsg_next(message, &rest))
			note(&answers, message);
	}
	if (failed)
		*failed = answers.failed;
	return answers.error;
}
