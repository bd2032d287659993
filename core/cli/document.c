/* SPDX-License-Identifier: MIT */
#include "cli/document.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

#define PATIENCE_MSEC 5000

int document_open(const char *path, int flags, mode_t mode)
{
	int fd;

	if (strcmp(path, "-") == 0)
		fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	else
		/* O_NONBLOCK: a FIFO without a reader is an error, and not a wait for one. */
		fd = open(path, flags | O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, mode);
	return fd < 0 ? -errno : fd;
}

/* What is the command's output too (/dev/stdout), or the log, is added to; an old document makes place. */
static int empty(int file, const struct log *log)
{
	const int shared[] = { STDOUT_FILENO, STDERR_FILENO, log->fd };

	for (size_t i = 0; i < sizeof(shared) / sizeof(*shared); i++) {
		if (fd_same_file(shared[i], file))
			return 0;
	}
	return ftruncate(file, 0) < 0 ? -errno : 0;
}

/* A trace is more than a pipe holds, and a pipe that nobody reads must not keep us from cleaning up. */
static int write_patiently(int file, const char *at, size_t left)
{
	while (left > 0) {
		int ready = poll(&(struct pollfd){ .fd = file, .events = POLLOUT }, 1, PATIENCE_MSEC);
		ssize_t n;

		if (ready == 0)
			return -ETIMEDOUT;
		/* POLLOUT promises a pipe PIPE_BUF bytes. */
		n = ready < 0 ? ready : write(file, at, left < PIPE_BUF ? left : PIPE_BUF);
		if (n < 0 && errno != EINTR && errno != EAGAIN)
			return -errno;
		at += n > 0 ? n : 0;
		left -= n > 0 ? (size_t)n : 0;
	}
	return 0;
}

int document_write(int file, const struct text *text, const struct log *log)
{
	int result = text_error(text);
	struct stat st;

	if (result < 0 || fstat(file, &st) < 0)
		return result < 0 ? result : -errno;
	if (!S_ISREG(st.st_mode))
		return write_patiently(file, text_peek(text), text->length);
	result = empty(file, log);
	return result == 0 ? fd_write_all(file, text_peek(text), text->length) : result;
}
