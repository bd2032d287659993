/* SPDX-License-Identifier: MIT */
/* System calls that glibc 2.36 has no wrapper for. Each returns as the call does: -1 and errno. */
#pragma once

#include <fcntl.h>
#include <linux/close_range.h>
#include <linux/openat2.h>
#include <stdint.h>
#include <sys/mount.h>
#include <sys/syscall.h>
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
