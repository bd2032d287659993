/* SPDX-License-Identifier: MIT */
#include "base/file.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/kernel.h"

#ifndef MFD_EXEC
#define MFD_EXEC 0x0010U
#endif
#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U
#endif

/* read(2), again after a signal. -errno. */
static ssize_t read_some(int fd, char *bytes, size_t room)
{
	ssize_t n;

	do {
		n = read(fd, bytes, room);
	} while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}

ssize_t file_read_at(int dir, const char *path, char *text, size_t size)
{
	_cleanup_close_ int fd = openat(dir, path, O_RDONLY | O_CLOEXEC);
	size_t length = 0;

	if (fd < 0)
		return -errno;
	while (length < size - 1) {
		ssize_t n = read_some(fd, text + length, size - 1 - length);

		if (n < 0)
			return n;
		if (n == 0)
			break;
		length += (size_t)n;
	}
	text[length] = '\0';
	return (ssize_t)length;
}

int file_read_all(int fd, size_t most, char **bytes, size_t *length)
{
	_cleanup_free_ char *all = NULL;
	size_t used = 0, room = 0;

	for (;;) {
		ssize_t n;

		if (room - used < 2) {
			char *more;

			room = room ? room * 2 : 4096;
			more = realloc(all, room);
			if (!more)
				return -ENOMEM;
			all = more;
		}
		n = read_some(fd, all + used, room - used - 1);
		if (n < 0)
			return (int)n;
		if (n == 0)
			break;
		used += (size_t)n;
		if (used > most)
			return -EFBIG;
	}
	all[used] = '\0';
	*bytes = steal_ptr(all);
	*length = used;
	return 0;
}

int file_write_at(int dir, const char *path, const char *text)
{
	_cleanup_close_ int fd = openat(dir, path, O_WRONLY | O_CLOEXEC);
	size_t length = strlen(text);
	ssize_t n;

	if (fd < 0)
		return -errno;
	do {
		n = write(fd, text, length);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	return (size_t)n == length ? 0 : -EIO;
}

int file_memory(const char *name, bool executable)
{
	const unsigned flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
	int fd = memfd_create(name, flags | (executable ? MFD_EXEC : MFD_NOEXEC_SEAL));

	/* Before Linux 6.3 nobody has to say which. */
	if (fd < 0 && errno == EINVAL)
		fd = memfd_create(name, flags);
	return fd < 0 ? -errno : fd;
}

bool fd_same_file(int a, int b)
{
	struct stat x, y;

	return fstat(a, &x) == 0 && fstat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

int fd_write_all(int fd, const void *bytes, size_t length)
{
	const char *at = bytes;

	while (length > 0) {
		ssize_t n = write(fd, at, length);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		at += n;
		length -= (size_t)n;
	}
	return 0;
}

int root_open(int root, const char *path, int flags, mode_t mode, unsigned long long resolve)
{
	/* openat2(2): EAGAIN if a `..` met a rename anywhere on the system; who renames forever gets the error. */
	for (int tries = 0; tries < 64; tries++) {
		int fd = kernel_openat2(root, path, flags, mode, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS | resolve);

		if (fd >= 0)
			return fd;
		if (errno != EAGAIN && errno != EINTR)
			return -errno;
	}
	return -EAGAIN;
}

/* Make the last name of a path in the directory that holds it; that another process was first is fine. */
static int make_one(int dir, const char *name, int as_file)
{
	if (!as_file)
		return mkdirat(dir, name, 0755) < 0 && errno != EEXIST ? -errno : 0;
	int fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);

	if (fd < 0)
		return errno == EEXIST ? 0 : -errno;
	close(fd);
	return 0;
}

int root_make(int root, const char *path, int as_file, unsigned long long resolve)
{
	_cleanup_free_ char *parent = NULL;
	_cleanup_close_ int dir = -1;
	const char *name;
	char *slash;
	int fd, result;

	fd = root_open(root, path, O_PATH, 0, resolve);
	if (fd != -ENOENT)
		return fd;

	parent = strdup(path);
	if (!parent)
		return -ENOMEM;
	while ((slash = strrchr(parent, '/')) && slash[1] == '\0')
		*slash = '\0';
	name = slash ? slash + 1 : parent;
	/* A path that ends so can't be made, and a link that leads nowhere stays ENOENT below. */
	if (*name == '\0' || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return -ENOENT;
	if (!slash || slash == parent) {
		dir = root_open(root, "/", O_PATH | O_DIRECTORY, 0, resolve);
	} else {
		*slash = '\0';
		dir = root_make(root, parent, 0, resolve);
	}
	if (dir < 0)
		return dir;
	result = make_one(dir, name, as_file);
	if (result < 0)
		return result;
	/* Through the root once more, not from dir: what stands there now is followed by the same rules. */
	return root_open(root, path, O_PATH, 0, resolve);
}
