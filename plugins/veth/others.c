/* SPDX-License-Identifier: MIT */
#include "others.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lease.h"

/* The folder itself is what is locked: nothing of it is left, however this process ends. */
int others_lock(struct contain_ctx *ctx)
{
	int fd = open(LEASE_FOLDER, O_RDONLY | O_DIRECTORY | O_CLOEXEC), error;

	if (fd < 0)
		return contain_fail(ctx, errno, "can't open " LEASE_FOLDER);
	/* Whoever can open it for reading can lock it (flock(2)). */
	error = fchmod(fd, LEASE_FOLDER_MODE) < 0 ? -errno : lease_wait(fd);
	if (error == 0)
		return fd;
	close(fd);
	return contain_fail(ctx, -error, "can't lock " LEASE_FOLDER);
}

/* Whether the file says what a network has: one that is empty has not begun, and will look at ours. */
static bool read_file(int folder, const char *file, struct head *head)
{
	int fd = openat(folder, file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	char text[HEAD_SIZE] = "";
	ssize_t got = fd >= 0 ? read(fd, text, sizeof(text) - 1) : -1;

	if (fd >= 0)
		close(fd);
	return got > 0 && head_read(text, head) == 0;
}

static bool overlap(const struct subnet *a, const struct subnet *b)
{
	return subnet_has(a, &b->base) || subnet_has(b, &a->base);
}

static bool has_one(const struct head *head, const char *name, const struct subnet subnets[FAMILIES],
		    struct other *other)
{
	if (!head->bridge.given && strcmp(name, POINT_TO_POINT) != 0)
		return false;
	for (unsigned family = 0; family < FAMILIES; family++) {
		if (!overlap(&head->subnets[family], &subnets[family]))
			continue;
		*other = (struct other){ .subnet = head->subnets[family], .family = family };
		snprintf(other->name, sizeof(other->name), "%s", name);
		return true;
	}
	return false;
}

int others_find(struct contain_ctx *ctx, const char *name, const struct subnet subnets[FAMILIES], struct other *other)
{
	char prefix[LEASE_PREFIX_SIZE];
	int result = lease_prefix(ctx, prefix);
	DIR *folder = result == 0 ? opendir(LEASE_FOLDER) : NULL;
	const struct dirent *entry;

	if (result == 0 && !folder)
		result = contain_fail(ctx, errno, "can't open " LEASE_FOLDER);
	while (result == 0 && (entry = readdir(folder))) {
		const char *network = entry->d_name + strlen(prefix);
		struct head head;

		if (strncmp(entry->d_name, prefix, strlen(prefix)) != 0 || strcmp(network, name) == 0 ||
		    !read_file(dirfd(folder), entry->d_name, &head))
			continue;
		result = has_one(&head, network, subnets, other);
	}
	if (folder)
		closedir(folder);
	return result;
}
