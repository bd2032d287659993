/* SPDX-License-Identifier: MIT */
/*
 * plain-root: child_switch, the hook that only one enabled plugin may have, and that is why it is not in notice.c. In
 * place of mountns, which also has volumes and read-only roots:
 *
 *	contain run --disable mountns --disable proc --disable dev --plain-root ./rootfs -- /bin/sh
 *
 * (proc and dev need mountns, by name.)
 */
#include <contain/plugin.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

struct plain_root {
	const char *path;
};

static const struct contain_option options[] = {
	CONTAIN_STRING_OPTION(struct plain_root, path, "path", .flags = CONTAIN_REQUIRED, .flag = "plain-root",
			      .metavar = "DIR", .help = "directory that becomes the root"),
	CONTAIN_OPTIONS_END,
};

/* In the parent, as the child may not be able to reach it any more once it has a user namespace. */
static int take_root(struct contain_ctx *ctx, void *self)
{
	const struct plain_root *root = self;
	int fd = open_tree(AT_FDCWD, root->path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);

	return fd < 0 ? contain_fail(ctx, errno, "can't take the root %s", root->path)
		      : contain_fd_pass(ctx, "root", fd);
}

static int place_root(struct contain_ctx *ctx, void *self)
{
	const struct plain_root *root = self;
	struct mount_attr private = { .propagation = MS_PRIVATE };
	int fd = contain_fd_get(ctx, "root");

	if (fd < 0)
		return contain_fail(ctx, -fd, "the root was not handed over");
	/* What is mounted here must not appear on the host: with systemd its mounts are shared. */
	if (mount_setattr(AT_FDCWD, "/", AT_RECURSIVE, &private, sizeof(private)) < 0)
		return contain_fail(ctx, errno, "can't make the mounts private");
	/* Over "/", where this process does not see it: its own root stays the host's until it switches. */
	if (move_mount(fd, "", AT_FDCWD, "/", MOVE_MOUNT_F_EMPTY_PATH) < 0)
		return contain_fail(ctx, errno, "can't mount the root %s", root->path);
	/* From now on the host resolves the other plugins' targets in it. It takes the descriptor: so a second one. */
	fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	return fd < 0 ? contain_fail(ctx, errno, "can't keep the root open") : contain_rootfs_set(ctx, fd);
}

/* pivot_root(2), NOTES: the old root comes to lie over the new one, and is taken away at once. */
static int switch_root(struct contain_ctx *ctx, void *self)
{
	const struct plain_root *root = self;
	int fd = contain_rootfs(ctx);

	if (fd < 0)
		return fd;
	if (fchdir(fd) < 0 || syscall(SYS_pivot_root, ".", ".") < 0 || umount2(".", MNT_DETACH) < 0 || chdir("/") < 0)
		return contain_fail(ctx, errno, "can't switch the root to %s", root->path);
	return 0;
}

CONTAIN_PLUGIN(.name = "plain-root", .version = "1.0", .summary = "a root of its own, and no more",
	       .namespaces = CLONE_NEWNS, .self_size = sizeof(struct plain_root), .options = options,
	       .parent_prepare = take_root, .child_setup = place_root, .child_switch = switch_root)
