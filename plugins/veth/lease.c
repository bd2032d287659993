/* SPDX-License-Identifier: MIT */
#include "lease.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

int lease_prefix(struct contain_ctx *ctx, char prefix[LEASE_PREFIX_SIZE])
{
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0), error = 0;
	uint64_t cookie = 0;
	socklen_t size = sizeof(cookie);

	if (fd < 0 || getsockopt(fd, SOL_SOCKET, SO_NETNS_COOKIE, &cookie, &size) < 0)
		error = errno;
	if (fd >= 0)
		close(fd);
	snprintf(prefix, LEASE_PREFIX_SIZE, "%llu-", (unsigned long long)cookie);
	return error ? contain_fail(ctx, error, "can't find out which network namespace this is (SO_NETNS_COOKIE)") : 0;
}

int lease_path(struct contain_ctx *ctx, const char *network, char path[96])
{
	char prefix[LEASE_PREFIX_SIZE];
	int result = lease_prefix(ctx, prefix);

	snprintf(path, 96, LEASE_FOLDER "/%s%s", prefix, network);
	return result;
}

#define FOLDER_TRIES 100

/*
 * Whoever can read a file can lock it (flock(2)), and the network's file is read by everybody in a container: one of
 * them would stop all who start or end on the network. So the lock is a file next to it, which is for root alone and
 * which no container sees. Its name begins with no number, so it is none of a network.
 */
static void lock_path(const char *path, char lock[112])
{
	snprintf(lock, 112, LEASE_FOLDER "/lock-%s", path + strlen(LEASE_FOLDER "/"));
}

int lease_wait(int fd)
{
	while (flock(fd, LOCK_EX) < 0) {
		if (errno != EINTR)
			return -errno;
	}
	return 0;
}

/* The file may have been removed between open and lock: then it is another one's, or nobody's. */
static int open_locked(const char *path, bool make)
{
	int folder_tries = 0;

	for (;;) {
		struct stat ours, theirs;
		int fd, error;

		if (make && mkdir(LEASE_FOLDER, LEASE_FOLDER_MODE) < 0 && errno != EEXIST)
			return -errno;
		fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | (make ? O_CREAT : 0), 0600);
		/* The folder has gone with the last file; but a link that leads nowhere never comes. */
		if (fd < 0 && errno == ENOENT && make && ++folder_tries < FOLDER_TRIES)
			continue;
		if (fd < 0)
			return -errno;
		error = lease_wait(fd);
		if (error < 0) {
			close(fd);
			return error;
		}
		if (fstat(fd, &ours) == 0 && stat(path, &theirs) == 0 && ours.st_ino == theirs.st_ino &&
		    ours.st_dev == theirs.st_dev)
			return fd;
		close(fd);
	}
}

static int read_text(struct lease *lease)
{
	struct stat st;
	ssize_t got;

	if (fstat(lease->fd, &st) < 0)
		return -errno;
	lease->text = calloc(1, (size_t)st.st_size + 1);
	if (!lease->text)
		return -ENOMEM;
	got = pread(lease->fd, lease->text, (size_t)st.st_size, 0);
	if (got < 0)
		return -errno;
	lease->length = (size_t)got;
	/* Half a line, of who was killed while he wrote it, is nobody's, and the next one is written over it. */
	while (lease->length > 0 && lease->text[lease->length - 1] != '\n')
		lease->text[--lease->length] = '\0';
	return 0;
}

int lease_open(struct contain_ctx *ctx, struct lease *lease, const char *path, bool make)
{
	char lock[112];
	int result;

	*lease = LEASE_CLOSED;
	snprintf(lease->path, sizeof(lease->path), "%s", path);
	lock_path(path, lock);
	lease->lock = open_locked(lock, make);
	if (lease->lock == -ENOENT && !make)
		return -ENOENT;
	if (lease->lock < 0)
		return contain_fail(ctx, -lease->lock, "can't open and lock %s", lock);
	lease->fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | (make ? O_CREAT : 0), 0644);
	if (lease->fd < 0 && errno == ENOENT && !make) {
		/* Whoever had it was killed before he made the other one, or after he removed it. */
		unlink(lock);
		rmdir(LEASE_FOLDER);
		return -ENOENT;
	}
	/* All containers read it, whatever the umask is. */
	if (lease->fd < 0 || (make && fchmod(lease->fd, 0644) < 0))
		return contain_fail(ctx, errno, "can't open %s", path);
	result = read_text(lease);
	return result < 0 ? contain_fail(ctx, -result, "can't read %s", path) : 0;
}

void lease_close(struct lease *lease)
{
	if (lease->fd >= 0)
		close(lease->fd);
	if (lease->lock >= 0)
		close(lease->lock);
	free(lease->text);
	*lease = LEASE_CLOSED;
}

/* All of it or nothing: half a line would be another address. */
static int write_at(struct contain_ctx *ctx, struct lease *lease, const char *text, size_t length, size_t offset)
{
	ssize_t written = pwrite(lease->fd, text, length, (off_t)offset);
	int error = written < 0 ? errno : ENOSPC;

	if (written == (ssize_t)length)
		return 0;
	if (offset == lease->length && ftruncate(lease->fd, (off_t)offset) < 0)
		error = errno;
	return contain_fail(ctx, error, "can't write to %s", lease->path);
}

/* What was written is in our copy too. */
static int append(struct contain_ctx *ctx, struct lease *lease, const char *text, size_t length)
{
	char *more = realloc(lease->text, lease->length + length + 1);
	int result;

	if (!more)
		return contain_fail(ctx, ENOMEM, "can't write to %s", lease->path);
	lease->text = more;
	result = write_at(ctx, lease, text, length, lease->length);
	if (result < 0)
		return result;
	memcpy(lease->text + lease->length, text, length);
	lease->length += length;
	lease->text[lease->length] = '\0';
	return 0;
}

int lease_begin(struct contain_ctx *ctx, struct lease *lease, const char *head)
{
	return append(ctx, lease, head, strlen(head));
}

/*
 * Into a free line that is long enough, whose rest becomes blanks. Who reads the file at this moment sees a comment
 * until the first byte is written, which is the last one.
 */
static int reuse(struct contain_ctx *ctx, struct lease *lease, const char *line, size_t length)
{
	const char *at = lease->text;
	struct host_line old;
	size_t offset;
	int result;

	/* The first line says what the network is. */
	if (!host_line_next(&at, &old))
		return 0;
	do {
		if (!host_line_next(&at, &old))
			return 0;
	} while (!old.is_free || old.length < length - 1);
	offset = (size_t)(old.start - lease->text);
	memset(lease->text + offset + 1, ' ', old.length - 1);
	memcpy(lease->text + offset + 1, line + 1, length - 2);
	result = write_at(ctx, lease, lease->text + offset + 1, old.length - 1, offset + 1);
	if (result == 0)
		result = write_at(ctx, lease, line, 1, offset);
	lease->text[offset] = result == 0 ? *line : '#';
	return result < 0 ? result : 1;
}

int lease_write(struct contain_ctx *ctx, struct lease *lease, const char *line)
{
	size_t length = strlen(line);
	int result = reuse(ctx, lease, line, length);

	return result == 0 ? append(ctx, lease, line, length) : result < 0 ? result : 0;
}

int lease_free(struct contain_ctx *ctx, struct lease *lease, const char *token)
{
	const char *at = lease->text;
	struct host_line line;
	int result = 0;

	while (host_line_next(&at, &line)) {
		size_t offset = (size_t)(line.start - lease->text);
		int written;

		if (!host_line_has_token(&line, token))
			continue;
		written = write_at(ctx, lease, "#", 1, offset);
		if (written == 0)
			lease->text[offset] = '#';
		result = result < 0 ? result : written;
	}
	return result;
}

bool lease_has(const struct lease *lease, const char *token)
{
	const char *at = lease->text;
	struct host_line line;

	while (host_line_next(&at, &line)) {
		if (host_line_has_token(&line, token))
			return true;
	}
	return false;
}

bool lease_has_others(const struct lease *lease, const char *token)
{
	const char *at = lease->text;
	struct host_line line;

	while (host_line_next(&at, &line)) {
		if (line.token && !host_line_has_token(&line, token))
			return true;
	}
	return false;
}

bool lease_is_used(const struct lease *lease)
{
	return hosts_count_leases(lease->text) > 0;
}

int lease_remove(struct contain_ctx *ctx, struct lease *lease)
{
	char lock[112];

	lock_path(lease->path, lock);
	if (unlink(lease->path) < 0 && errno != ENOENT)
		return contain_fail(ctx, errno, "can't remove %s", lease->path);
	/* The last: who waits for it sees that it has gone. */
	if (unlink(lock) < 0 && errno != ENOENT)
		return contain_fail(ctx, errno, "can't remove %s", lock);
	/* Others' files keep it. */
	rmdir(LEASE_FOLDER);
	return 0;
}
