/* SPDX-License-Identifier: MIT */
#include "container/channel.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/cleanup.h"

#define BACKLOG 64

int channel_open(int pair[2])
{
	return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0 ? -errno : 0;
}

/* sun_path has 108 bytes, which the path of a state directory may not fit into: by way of its descriptor. */
static struct sockaddr_un address_of(int directory, const char *name)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	snprintf(address.sun_path, sizeof(address.sun_path), "/proc/self/fd/%d/%s", directory, name);
	return address;
}

int channel_listen(int directory, const char *name)
{
	struct sockaddr_un address = address_of(directory, name);
	_cleanup_close_ int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 || listen(fd, BACKLOG) < 0)
		return -errno;
	return steal_fd(&fd);
}

int channel_connect(int directory, const char *name)
{
	struct sockaddr_un address = address_of(directory, name);
	/* SOCK_NONBLOCK: a full backlog is an error (EAGAIN), and no wait. */
	_cleanup_close_ int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int result;

	if (fd < 0)
		return -errno;
	do {
		result = connect(fd, (struct sockaddr *)&address, sizeof(address));
	} while (result < 0 && errno == EINTR);
	return result < 0 ? -errno : steal_fd(&fd);
}

int channel_accept(int door)
{
	int fd;

	do {
		fd = accept4(door, NULL, NULL, SOCK_CLOEXEC);
	} while (fd < 0 && (errno == EINTR || errno == ECONNABORTED));
	return fd < 0 ? -errno : fd;
}

union control {
	struct cmsghdr header; /* for its alignment */
	char bytes[CMSG_SPACE(sizeof(int))];
};

int channel_send(int fd, const struct message *message, int passed)
{
	struct iovec part = { .iov_base = (void *)message,
			      .iov_len = offsetof(struct message, text) +
					 strnlen(message->text, sizeof(message->text) - 1) + 1 };
	struct msghdr header = { .msg_iov = &part, .msg_iovlen = 1 };
	union control control = { 0 };
	ssize_t n;

	if (passed >= 0) {
		header.msg_control = control.bytes;
		header.msg_controllen = sizeof(control.bytes);
		control.header = (struct cmsghdr){ .cmsg_len = CMSG_LEN(sizeof(int)),
						   .cmsg_level = SOL_SOCKET,
						   .cmsg_type = SCM_RIGHTS };
		memcpy(CMSG_DATA(&control.header), &passed, sizeof(passed));
	}
	do {
		n = sendmsg(fd, &header, MSG_NOSIGNAL);
	} while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : 0;
}

static int take_passed(struct msghdr *header)
{
	struct cmsghdr *control = CMSG_FIRSTHDR(header);
	int passed = -1;

	if (control && control->cmsg_level == SOL_SOCKET && control->cmsg_type == SCM_RIGHTS &&
	    control->cmsg_len == CMSG_LEN(sizeof(int)))
		memcpy(&passed, CMSG_DATA(control), sizeof(passed));
	return passed;
}

int channel_receive(int fd, struct message *message, int *passed)
{
	struct iovec part = { .iov_base = message, .iov_len = sizeof(*message) };
	_cleanup_close_ int came = -1;
	union control control = { 0 };
	struct msghdr header;
	ssize_t n;

	if (passed)
		*passed = -1;
	/* A peer that died with unread messages of ours is told first, and what it has sent comes after that (unix(7)).
	 */
	do {
		header = (struct msghdr){ .msg_iov = &part,
					  .msg_iovlen = 1,
					  .msg_control = control.bytes,
					  .msg_controllen = sizeof(control.bytes) };
		n = recvmsg(fd, &header, MSG_CMSG_CLOEXEC);
	} while (n < 0 && (errno == EINTR || errno == ECONNRESET));
	if (n <= 0)
		return n < 0 ? -errno : 0;
	came = take_passed(&header);
	if ((size_t)n <= offsetof(struct message, text))
		return -EBADMSG;
	message->plugin[sizeof(message->plugin) - 1] = '\0';
	((char *)message)[n - 1] = '\0';
	if (passed)
		*passed = steal_fd(&came);
	return 1;
}
