/* SPDX-License-Identifier: MIT */
/*
 * mountns: a table of mounts of its own, see mount_namespaces(7), whose root is the root filesystem of the container.
 *
 * The parent takes detached copies of the root filesystem and of each volume (open_tree(2)), so the child needs no path
 * of the host any more, and all their attributes are set before they can be reached. The child stacks the root onto /,
 * lets other plugins mount into it, attaches the volumes, and switches with pivot_root(2): after that nothing of the
 * host's mounts is left in the namespace, which a chroot could not say.
 */
#include "mountns.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

static int check_volume(const char *text, void *value, char *why, size_t why_size)
{
	struct volume volume;

	(void)value;
	return volume_parse(text, &volume, why, why_size);
}

static const struct contain_option options[] = {
	CONTAIN_STRING_OPTION(struct mountns, rootfs, "rootfs", .flag = "rootfs", .metavar = "DIR",
			      .help = "directory that becomes the root"),
	CONTAIN_BOOL_OPTION(struct mountns, read_only, "read_only", .flag = "read-only",
			    .help = "make the root filesystem read-only"),
	CONTAIN_LIST_OPTION(struct mountns, volumes, "volume", .flag = "volume", .metavar = "HOST:CONTAINER[:ro]",
			    .parse = check_volume,
			    .help = "show a file or directory of the host; also :nosuid,nodev,noexec"),
	CONTAIN_OPTIONS_END,
};

/* Looks only: what is wrong is better told now than after a cgroup was made. */
static int check_rootfs(struct contain_ctx *ctx, void *self)
{
	const struct mountns *mountns = self;
	const char *path = mountns->rootfs;
	bool empty = true;

	if (!path || !*path)
		return contain_fail(ctx, 0,
				    "no root filesystem: give --rootfs DIR (the host's own root only by --rootfs /)");
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 && errno == ENOTDIR)
		return contain_fail(ctx, ENOTDIR, "root filesystem %s must be a directory: unpack it first", path);
	if (fd < 0)
		return contain_fail(ctx, errno, "can't open the root filesystem %s", path);
	DIR *dir = fdopendir(fd);
	if (!dir) {
		int error = errno;
		close(fd);
		return contain_fail(ctx, error, "can't read the root filesystem %s", path);
	}
	for (struct dirent *entry; empty && (entry = readdir(dir));)
		empty = strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0;
	closedir(dir);
	return empty ? contain_fail(ctx, 0, "root filesystem %s is an empty directory: unpack one into it first", path)
		     : 0;
}

/* A detached copy of what is mounted there and below, with its attributes and private. A descriptor, or -errno. */
static int take_tree(struct contain_ctx *ctx, const char *what, const char *path, uint64_t attributes)
{
	struct mount_attr attr = { .attr_set = attributes, .propagation = MS_PRIVATE };
	int fd = open_tree(AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);

	if (fd < 0)
		return contain_fail(ctx, errno, "can't take the %s %s", what, path);
	if (mount_setattr(fd, "", AT_EMPTY_PATH | AT_RECURSIVE, &attr, sizeof(attr)) < 0) {
		int error = errno;
		close(fd);
		return contain_fail(ctx, error, "can't set the mount attributes of the %s %s", what, path);
	}
	return fd;
}

/*
 * Read-only, what is mounted below the root included; the top itself not before all mount points are made in it, unless
 * it is read-only on the host too.
 */
static int take_rootfs(struct contain_ctx *ctx, const struct mountns *mountns)
{
	struct mount_attr writable = { .attr_clr = MOUNT_ATTR_RDONLY };
	struct statvfs before;

	if (mountns->read_only && statvfs(mountns->rootfs, &before) < 0)
		return contain_fail(ctx, errno, "can't look at the root filesystem %s", mountns->rootfs);
	int fd = take_tree(ctx, "root filesystem", mountns->rootfs, mountns->read_only ? MOUNT_ATTR_RDONLY : 0);
	if (fd >= 0 && mountns->read_only && !(before.f_flag & ST_RDONLY) &&
	    mount_setattr(fd, "", AT_EMPTY_PATH, &writable, sizeof(writable)) < 0) {
		int error = errno;
		close(fd);
		return contain_fail(ctx, error, "can't prepare the root filesystem %s", mountns->rootfs);
	}
	return fd;
}

static int take_trees(struct contain_ctx *ctx, void *self)
{
	const struct mountns *mountns = self;
	struct volume volume;
	char name[32], why[128];
	int fd = take_rootfs(ctx, mountns);
	int error = fd < 0 ? fd : contain_fd_pass(ctx, "rootfs", fd);

	for (size_t i = 0; !error && i < mountns->volumes.count; i++) {
		if (volume_parse(mountns->volumes.items[i], &volume, why, sizeof(why)) < 0)
			return contain_fail(ctx, 0, "volume %s: %s", mountns->volumes.items[i], why);
		snprintf(name, sizeof(name), "volume%zu", i);
		fd = take_tree(ctx, "volume", volume.host, volume.attributes);
		error = fd < 0 ? fd : contain_fd_pass(ctx, name, fd);
	}
	return error;
}

/*
 * In a chroot the namespace has a root above ours, which would stay in it and could be reached from the container.
 * Entering the own namespace once more makes its true root ours; elsewhere this changes nothing.
 */
static int enter_true_root(void)
{
	int self = pidfd_open(getpid(), 0), error = 0;

	if (self < 0 || setns(self, CLONE_NEWNS) < 0)
		error = errno;
	if (self >= 0)
		close(self);
	return -error;
}

static int place_rootfs(struct contain_ctx *ctx, void *self)
{
	const struct mountns *mountns = self;
	struct mount_attr private = { .propagation = MS_PRIVATE };
	int rootfs = contain_fd_get(ctx, "rootfs"), error;

	if (rootfs < 0)
		return contain_fail(ctx, -rootfs, "the root filesystem was not handed over");
	contain_info(ctx, "setting up rootfs: %s", mountns->rootfs);
	error = enter_true_root();
	if (error)
		return contain_fail(ctx, -error, "can't enter the root of the mount namespace");
	/* A copied mount is a peer of the host's if that was shared, as with systemd: ours would appear there too. */
	if (mount_setattr(AT_FDCWD, "/", AT_RECURSIVE, &private, sizeof(private)) < 0)
		return contain_fail(ctx, errno, "can't make the mounts private");
	/* Stacked over the host's root, which stays at / for this process until it switches; no path of the image. */
	if (move_mount(rootfs, "", AT_FDCWD, "/", MOVE_MOUNT_F_EMPTY_PATH) < 0)
		return contain_fail(ctx, errno, "can't mount the root filesystem %s", mountns->rootfs);
	rootfs = fcntl(rootfs, F_DUPFD_CLOEXEC, 0);
	if (rootfs < 0)
		return contain_fail(ctx, errno, "can't keep the root filesystem open");
	return contain_rootfs_set(ctx, rootfs);
}

static int attach_volumes(struct contain_ctx *ctx, const struct mountns *mountns)
{
	struct volume volume;
	struct stat st;
	char name[32], why[128];
	int error = 0;

	for (size_t i = 0; !error && i < mountns->volumes.count; i++) {
		snprintf(name, sizeof(name), "volume%zu", i);
		int fd = contain_fd_get(ctx, name);
		if (fd < 0 || volume_parse(mountns->volumes.items[i], &volume, why, sizeof(why)) < 0 ||
		    fstat(fd, &st) < 0)
			return contain_fail(ctx, fd < 0 ? -fd : errno, "volume %s was not handed over",
					    mountns->volumes.items[i]);
		error = contain_mount_fd(ctx, fd, volume.container, S_ISDIR(st.st_mode) ? 0 : CONTAIN_TARGET_FILE);
	}
	return error;
}

static int switch_root(struct contain_ctx *ctx, void *self)
{
	const struct mountns *mountns = self;
	struct mount_attr read_only = { .attr_set = MOUNT_ATTR_RDONLY };
	int rootfs = contain_rootfs(ctx);
	/* Here, as every child_setup is done: a volume may lie on what another plugin has mounted (/dev/fuse). */
	int error = rootfs < 0 ? rootfs : attach_volumes(ctx, mountns);

	if (error)
		return error;
	contain_info(ctx, "pivoting root");
	if (fchdir(rootfs) < 0)
		return contain_fail(ctx, errno, "can't enter the root filesystem %s", mountns->rootfs);
	/* See pivot_root(2), NOTES: the old root comes to lie on the new one, where it is taken away at once. */
	if (syscall(SYS_pivot_root, ".", ".") < 0) {
		if (errno == EINVAL)
			return contain_fail(
				ctx, EINVAL,
				"can't pivot the root: the host's root is an initramfs, which pivot_root(2) "
				"refuses; switch the host to a file system or a tmpfs first (switch_root(8))");
		return contain_fail(ctx, errno, "can't pivot the root to %s", mountns->rootfs);
	}
	if (umount2(".", MNT_DETACH) < 0)
		return contain_fail(ctx, errno, "can't detach the host's root");
	if (chdir("/") < 0)
		return contain_fail(ctx, errno, "can't enter the new root");
	if (mountns->read_only && mount_setattr(rootfs, "", AT_EMPTY_PATH, &read_only, sizeof(read_only)) < 0)
		return contain_fail(ctx, errno, "can't make the root filesystem %s read-only", mountns->rootfs);
	return 0;
}

CONTAIN_PLUGIN(.name = "mountns", .version = "0.1", .summary = "mounts and a root filesystem of its own",
	       .namespaces = CLONE_NEWNS, .self_size = sizeof(struct mountns), .options = options,
	       .configure = check_rootfs, .parent_prepare = take_trees, .child_setup = place_rootfs,
	       .child_switch = switch_root, .check = check_exposure)
