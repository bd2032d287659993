/* SPDX-License-Identifier: MIT */
#include "namespace.h"

#include <contain/plugin.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#define LINKS_MOST 40 /* as the kernel's (path_resolution(7)) */
#define NAMES_MOST 8  /* that are shown */

/* A path on its way: what is left of it, from a directory on. */
struct walk {
	int at; /* owned */
	char rest[PATH_MAX];
	int links;
};

static bool is_on(int fd, long magic)
{
	struct statfs fs;

	return fstatfs(fd, &fs) == 0 && fs.f_type == magic;
}

/* Open the beginning of what is left: / or the current directory. */
static int begin(struct walk *walk)
{
	int at = open(walk->rest[0] == '/' ? "/" : ".", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (at < 0)
		return -errno;
	if (walk->at >= 0)
		close(walk->at);
	walk->at = at;
	return 0;
}

/* Put a link's words in front of the rest: of the one whose owner was checked, whatever has its name by now. */
static int take_link(struct walk *walk, int link)
{
	char target[PATH_MAX], rest[PATH_MAX];
	ssize_t length = readlinkat(link, "", target, sizeof(target));

	if (length < 0)
		return -errno;
	if (length == sizeof(target) || ++walk->links > LINKS_MOST)
		return -ELOOP;
	snprintf(rest, sizeof(rest), "%s", walk->rest);
	if (snprintf(walk->rest, sizeof(walk->rest), "%.*s/%s", (int)length, target, rest) >= (int)sizeof(walk->rest))
		return -ENAMETOOLONG;
	return walk->rest[0] == '/' ? begin(walk) : 0;
}

static int follow(struct contain_ctx *ctx, struct walk *walk, const char *name, int link, uid_t owner)
{
	if (owner == 0 || owner == geteuid())
		return take_link(walk, link);
	return contain_fail(ctx, 0,
			    "'%s' on the way to the network namespace is a link of user %u, which he can change: give "
			    "the path that it leads to",
			    name, owner),
	       -EPERM;
}

/*
 * One name further. A link is followed if it is the kernel's (/proc/PID/ns/net), or of a user who could do worse to us:
 * with another one's, he would choose the network of a container that is not his, or have us open something else.
 */
static int step(struct contain_ctx *ctx, struct walk *walk, const char *name)
{
	int next = openat(walk->at, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;

	if (next < 0 || fstat(next, &st) < 0)
		return next < 0 ? -errno : (close(next), -EIO);
	if (S_ISLNK(st.st_mode)) {
		if (!is_on(walk->at, PROC_SUPER_MAGIC)) {
			int result = follow(ctx, walk, name, next, st.st_uid);

			close(next);
			return result;
		}
		close(next);
		next = openat(walk->at, name, O_PATH | O_CLOEXEC);
		if (next < 0)
			return -errno;
	}
	close(walk->at);
	walk->at = next;
	return 0;
}

/* The first name of the rest, which it is taken from; false: there is none. */
static bool next_name(struct walk *walk, char name[PATH_MAX])
{
	const char *from = walk->rest + strspn(walk->rest, "/");
	size_t length = strcspn(from, "/");

	snprintf(name, PATH_MAX, "%.*s", (int)length, from);
	memmove(walk->rest, from + length, strlen(from + length) + 1);
	return length > 0;
}

/* A descriptor of what is there, by which it can't be read, or -errno. */
static int find(struct contain_ctx *ctx, const char *path)
{
	struct walk walk = { .at = -1 };
	char name[PATH_MAX];
	int result;

	if (snprintf(walk.rest, sizeof(walk.rest), "%s", path) >= (int)sizeof(walk.rest))
		return -ENAMETOOLONG;
	result = begin(&walk);
	while (result == 0 && next_name(&walk, name))
		result = step(ctx, &walk, name);
	if (result < 0 && walk.at >= 0)
		close(walk.at);
	return result < 0 ? result : walk.at;
}

/* "there are: blue, red", or that there is none. */
static void list_names(char *text, size_t size)
{
	DIR *folder = opendir(NAMESPACE_FOLDER);
	size_t count = 0, length = 0;
	struct dirent *entry;

	snprintf(text, size, "there is none");
	while (folder && (entry = readdir(folder)) && length < size) {
		if (entry->d_name[0] == '.')
			continue;
		if (count == NAMES_MOST) {
			snprintf(text + length, size - length, ", ...");
			break;
		}
		length += (size_t)snprintf(text + length, size - length, "%s%s",
					   count++ ? ", " : "there is: ", entry->d_name);
	}
	if (folder)
		closedir(folder);
}

static int fail_find(struct contain_ctx *ctx, const char *network, int error)
{
	char names[512];

	if (error == ENOENT && !strchr(network, '/')) {
		list_names(names, sizeof(names));
		return contain_fail(ctx, 0,
				    "there is no network namespace '%s' in " NAMESPACE_FOLDER " (%s): `ip netns add "
				    "NAME` makes one, a path has a slash in it, and a connection to the host is "
				    "--network veth, in a profile [plugins] veth = on",
				    network, names),
		       -ENOENT;
	}
	/* The first message is the one that is kept. */
	return contain_fail(ctx, error, "can't open the network namespace '%s'", network);
}

static int fail_kind(struct contain_ctx *ctx, const char *network)
{
	if (strchr(network, '/'))
		return contain_fail(ctx, 0,
				    "'%s' is no namespace: the network namespace of a process is /proc/PID/ns/net, and "
				    "those of `ip netns` are " NAMESPACE_FOLDER "/NAME",
				    network),
		       -EINVAL;
	return contain_fail(ctx, 0,
			    "what is left in " NAMESPACE_FOLDER "/%s is no namespace any more: `ip netns delete %s` "
			    "removes it, and `ip netns add %s` makes a new one",
			    network, network, network),
	       -EINVAL;
}

int namespace_open(struct contain_ctx *ctx, const char *network)
{
	char path[PATH_MAX];
	int found, fd;

	if (strchr(network, '/'))
		snprintf(path, sizeof(path), "%s", network);
	else
		snprintf(path, sizeof(path), NAMESPACE_FOLDER "/%s", network);
	found = find(ctx, path);
	if (found < 0)
		return fail_find(ctx, network, -found);
	/* Whatever else it is, to open it could do something. */
	if (!is_on(found, NSFS_MAGIC)) {
		close(found);
		return fail_kind(ctx, network);
	}
	/* The same one, whatever is at the path by now. */
	snprintf(path, sizeof(path), "/proc/self/fd/%d", found);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		contain_fail(ctx, errno, "can't open the network namespace '%s'", network);
	close(found);
	return fd < 0 ? -EIO : fd;
}
