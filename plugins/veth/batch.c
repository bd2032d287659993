/* SPDX-License-Identifier: MIT */
#include "batch.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <stdlib.h>
#include <string.h>

int batch_open(struct batch *batch)
{
	*batch = (struct batch){ 0 };
	return netlink_open(&batch->netlink, NETLINK_NETFILTER);
}

void batch_close(struct batch *batch)
{
	netlink_close(&batch->netlink);
	free(batch->bytes);
	batch->bytes = NULL;
}

/* Where the next message begins. */
static size_t end_of(const struct batch *batch)
{
	return batch->last ? (size_t)((char *)batch->last - batch->bytes) + MNL_ALIGN(batch->last->nlmsg_len) : 0;
}

int batch_reserve(struct batch *batch, size_t bytes)
{
	size_t wanted = end_of(batch) + bytes, last = batch->last ? (size_t)((char *)batch->last - batch->bytes) : 0;
	char *larger;

	if (wanted <= batch->size)
		return 0;
	wanted = wanted < 4096 ? 4096 : 2 * wanted;
	larger = realloc(batch->bytes, wanted);
	if (!larger)
		return -ENOMEM;
	/* libmnl leaves what is between attributes as it is, and the kernel is to get nothing of our memory. */
	memset(larger + batch->size, 0, wanted - batch->size);
	batch->last = batch->last ? (struct nlmsghdr *)(larger + last) : NULL;
	batch->bytes = larger;
	batch->size = wanted;
	return 0;
}

static int add(struct batch *batch, uint16_t type, uint16_t flags, uint8_t family, uint16_t resource)
{
	struct nfgenmsg header = { .nfgen_family = family, .version = NFNETLINK_V0, .res_id = htons(resource) };
	struct nlmsghdr *message;

	if (batch_reserve(batch, MNL_NLMSG_HDRLEN + sizeof(header) + 512) < 0)
		return -ENOMEM;
	message = mnl_nlmsg_put_header(batch->bytes + end_of(batch));
	message->nlmsg_type = type;
	message->nlmsg_flags = NLM_F_REQUEST | flags;
	message->nlmsg_seq = batch->netlink.next++;
	memcpy(mnl_nlmsg_put_extra_header(message, sizeof(header)), &header, sizeof(header));
	batch->last = message;
	return 0;
}

int batch_add(struct batch *batch, uint8_t type, uint16_t flags)
{
	if (!batch->last && add(batch, NFNL_MSG_BATCH_BEGIN, 0, AF_UNSPEC, NFNL_SUBSYS_NFTABLES) < 0)
		return -ENOMEM;
	return add(batch, NFNL_SUBSYS_NFTABLES << 8 | type, flags, NFPROTO_INET, 0);
}

/* Answers that are there; `asked` is the number of the message that is answered also if all is well. */
static int hear(struct batch *batch, uint32_t asked)
{
	char bytes[8192] __attribute__((aligned(8)));
	int error = -EIO, fd = mnl_socket_get_fd(batch->netlink.socket);
	bool failed = false;
	ssize_t length;

	/* ENOBUFS, which is said once: there are more answers than there is room for, so these are errors. */
	while ((length = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT)) > 0 || errno == ENOBUFS || errno == EINTR) {
		int rest = (int)length;

		for (const struct nlmsghdr *message = (const struct nlmsghdr *)bytes; mnl_nlmsg_ok(message, rest);
		     message = mnl_nlmsg_next(message, &rest)) {
			const struct nlmsgerr *answer = mnl_nlmsg_get_payload(message);

			if (message->nlmsg_type != NLMSG_ERROR || failed)
				continue;
			failed = answer->error != 0;
			if (failed || message->nlmsg_seq == asked)
				error = answer->error;
		}
	}
	return error;
}

/*
 * The kernel answers before sendto() returns, so nothing is waited for: how many answers there are can't be told. A
 * message that fails is always answered; if the transaction can't be made at all it is its beginning, and nothing else
 * (nfnetlink_rcv_batch() in net/netfilter/nfnetlink.c). Before 6.10, the beginning and the end are not answered if all
 * is well, whatever their flags say. So the last of ours is asked for an answer.
 */
int batch_send(struct batch *batch)
{
	int fd = mnl_socket_get_fd(batch->netlink.socket), room;
	uint32_t asked;

	if (!batch->last)
		return 0;
	batch->last->nlmsg_flags |= NLM_F_ACK;
	asked = batch->last->nlmsg_seq;
	if (add(batch, NFNL_MSG_BATCH_END, 0, AF_UNSPEC, NFNL_SUBSYS_NFTABLES) < 0)
		return -ENOMEM;
	/*
	 * What is sent has to fit into the socket's buffer as a whole, which has 208 KiB; whoever is root in a user
	 * namespace only can make it twice as large.
	 */
	room = (int)end_of(batch);
	if (room > 65536)
		(void)(setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof(room)) == 0 ||
		       setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof(room)));
	if (mnl_socket_sendto(batch->netlink.socket, batch->bytes, end_of(batch)) < 0)
		return -errno;
	batch->last = NULL;
	return hear(batch, asked);
}
