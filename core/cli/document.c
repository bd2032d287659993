/* SPDX-License-Identifier: MIT */
#include "cli/document.h"

#include <errno.h>
#include <fcntl.h>
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
	struct stat st;

	if (fstat(file, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return 0;
	for (size_t i = 0; i < sizeof(shared) / sizeof(*shared); i++) {
		if (fd_same_file(shared[i], file))
			return 0;
	}
	return ftruncate(file, 0) < 0 ? -errno : 0;
}

int document_write(int file, const struct text *text, const struct log *log)
{
	int result = text_error(text);

	if (result == 0)
		result = empty(file, log);
	/* A pipe that nobody reads must not keep us from cleaning up. */
	if (result == 0 && poll(&(struct pollfd){ .fd = file, .events = POLLOUT }, 1, PATIENCE_MSEC) == 0)
		result = -ETIMEDOUT;
	return result == 0 ? fd_write_all(file, text_peek(text), text->length) : result;
}
