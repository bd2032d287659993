/* SPDX-License-Identifier: MIT */
#include "container/channel.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>

int channel_open(int pair[2])
{
	return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0 ? -errno : 0;
}

int channel_send(int fd, const struct message *message)
{
	size_t length = offsetof(struct message, text) + strnlen(message->text, sizeof(message->text) - 1) + 1;
	ssize_t n;

	do {
		n = send(fd, message, length, MSG_NOSIGNAL);
	} while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : 0;
}

int channel_receive(int fd, struct message *message)
{
	ssize_t n;

	/* A peer that died with unread messages of ours is told first, and what it has sent comes after that (unix(7)).
	 */
	do {
		n = recv(fd, message, sizeof(*message), 0);
	} while (n < 0 && (errno == EINTR || errno == ECONNRESET));
	if (n <= 0)
		return n < 0 ? -errno : 0;
	if ((size_t)n <= offsetof(struct message, text))
		return -EBADMSG;
	message->plugin[sizeof(message->plugin) - 1] = '\0';
	((char *)message)[n - 1] = '\0';
	return 1;
}
