/* SPDX-License-Identifier: MIT */
/*
 * The rest of the interface 1.0, child_switch and contain_rootfs_set, built with the frozen header. The root is what
 * mountns makes of --rootfs, as short as can be: only one plugin may have child_switch.
 */
#include <contain/plugin.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

struct root {
	const char *path;
};

static const struct contain_option options[] = {
	CONTAIN_STRING_OPTION(struct root, path, "path", .flag = "abi-root", .metavar = "DIR", .help = "the root",
			      .flags = CONTAIN_REQUIRED),
	CONTAIN_OPTIONS_END,
};

static int take(struct contain_ctx *ctx, void *self)
{
	const struct root *root = self;
	int fd = open_tree(AT_FDCWD, root->path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);

	return fd < 0 ? contain_fail(ctx, errno, "can't take %s", root->path) : contain_fd_pass(ctx, "root", fd);
}

static int place(struct contain_ctx *ctx, void *self)
{
	struct mount_attr private = { .propagation = MS_PRIVATE };
	int fd = contain_fd_get(ctx, "root");

	(void)self;
	if (mount_setattr(AT_FDCWD, "/", AT_RECURSIVE, &private, sizeof(private)) < 0 ||
	    move_mount(fd, "", AT_FDCWD, "/", MOVE_MOUNT_F_EMPTY_PATH) < 0)
		return contain_fail(ctx, errno, "can't mount the root");
	fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	return fd < 0 ? contain_fail(ctx, errno, "can't keep the root open") : contain_rootfs_set(ctx, fd);
}

static int enter(struct contain_ctx *ctx, void *self)
{
	int root = contain_rootfs(ctx);

	(void)self;
	if (root < 0)
		return root;
	if (fchdir(root) < 0 || syscall(SYS_pivot_root, ".", ".") < 0 || umount2(".", MNT_DETACH) < 0 || chdir("/") < 0)
		return contain_fail(ctx, errno, "can't switch the root");
	contain_info(ctx, "abi-switch: child_switch");
	return 0;
}

CONTAIN_PLUGIN(.name = "abi-switch", .version = "1.0", .summary = "a root of the interface 1.0",
	       .namespaces = CLONE_NEWNS, .self_size = sizeof(struct root), .options = options, .parent_prepare = take,
	       .child_setup = place, .child_switch = enter)
