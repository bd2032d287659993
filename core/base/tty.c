/* SPDX-License-Identifier: MIT */
#include "base/tty.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/cleanup.h"

#define PTMX_MAJOR 5
#define PTMX_MINOR 2

bool tty_is_ptmx(int fd)
{
	struct statfs fs;
	struct stat st;

	return fstatfs(fd, &fs) == 0 && fs.f_type == DEVPTS_SUPER_MAGIC && fstat(fd, &st) == 0 && S_ISCHR(st.st_mode) &&
	       st.st_rdev == makedev(PTMX_MAJOR, PTMX_MINOR);
}

int tty_slave(int master, int *slave)
{
	int locked = 0;

	if (ioctl(master, TIOCSPTLCK, &locked) < 0)
		return -errno;
	/* No path is involved: what lies at /dev/pts/N is not asked (ioctl_tty(2)). */
	*slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	return *slave < 0 ? -errno : 0;
}

int tty_open(int *master, int *slave)
{
	_cleanup_close_ int fd = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
	int result = fd < 0 ? -errno : tty_slave(fd, slave);

	if (result == 0)
		*master = steal_fd(&fd);
	return result;
}

int tty_raw(int fd, struct termios *saved)
{
	struct termios raw;

	if (tcgetattr(fd, saved) < 0)
		return -errno;
	raw = *saved;
	cfmakeraw(&raw);
	return tcsetattr(fd, TCSADRAIN, &raw) < 0 ? -errno : 0;
}

void tty_copy_size(int from, int to)
{
	struct winsize size;

	if (ioctl(from, TIOCGWINSZ, &size) == 0)
		ioctl(to, TIOCSWINSZ, &size);
}

bool tty_is_ours(int fd)
{
	pid_t foreground = tcgetpgrp(fd);

	return foreground > 0 && foreground == getpgrp();
}

int tty_reopen(int fd, int flags)
{
	char path[32];
	struct stat st;
	int copy = -1;

	if (fstat(fd, &st) < 0)
		return -errno;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (S_ISFIFO(st.st_mode) || (S_ISCHR(st.st_mode) && isatty(fd)))
		copy = open(path, flags | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (copy < 0)
		copy = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	return copy < 0 ? -errno : copy;
}
