/* SPDX-License-Identifier: MIT */
#include "sysctl.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int open_sysctl(const char *folder, const char *interface, const char *name, int flags)
{
	char path[160];
	int fd;

	snprintf(path, sizeof(path), "/proc/sys/%s%s%s/%s", folder, interface ? "/" : "", interface ? interface : "",
		 name);
	fd = open(path, flags | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

int sysctl_write(const char *folder, const char *interface, const char *name, const char *value)
{
	int fd = open_sysctl(folder, interface, name, O_WRONLY), result;

	if (fd < 0)
		return fd;
	result = write(fd, value, strlen(value)) < 0 ? -errno : 0;
	close(fd);
	return result;
}

int sysctl_read(const char *folder, const char *interface, const char *name, char *value, size_t size)
{
	int fd = open_sysctl(folder, interface, name, O_RDONLY);
	ssize_t got;

	if (fd < 0)
		return fd;
	got = read(fd, value, size - 1);
	close(fd);
	if (got < 0)
		return -EIO;
	value[got] = '\0';
	value[strcspn(value, "\n")] = '\0';
	return 0;
}
