/* SPDX-License-Identifier: MIT */
/* System calls that glibc 2.36 has no wrapper for. Each returns as the call does: -1 and errno. */
#pragma once

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <linux/magic.h>
#include <linux/nsfs.h>
#include <linux/openat2.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

/* openat2(2): O_CLOEXEC is always added. */
static inline int kernel_openat2(int dir, const char *path, int flags, mode_t mode, uint64_t resolve)
{
	/* A mode is refused where nothing is made. */
	struct open_how how = { .flags = (uint64_t)(flags | O_CLOEXEC),
				.mode = flags & (O_CREAT | __O_TMPFILE) ? mode : 0,
				.resolve = resolve };

	return (int)syscall(SYS_openat2, dir, path, &how, sizeof(how));
}

static inline int kernel_close_range(unsigned first, unsigned last, unsigned flags)
{
	return (int)syscall(SYS_close_range, first, last, flags);
}

/* Of which kind the namespace is whose descriptor this is: CLONE_NEW*. EINVAL: it is none. See ioctl_nsfs(2). */
static inline int kernel_namespace_kind(int fd)
{
	struct statfs fs;

	/* A device may take the same number for something else. */
	if (fstatfs(fd, &fs) < 0)
		return -1;
	return fs.f_type == NSFS_MAGIC ? ioctl(fd, NS_GET_NSTYPE) : (errno = EINVAL, -1);
}
