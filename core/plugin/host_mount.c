/* SPDX-License-Identifier: MIT */
/*
 * The functions of contain/plugin.h that mount. By descriptors alone (fsopen(2), open_tree(2), move_mount(2)): a target
 * is resolved once, beneath the container's root, and is what is mounted on, whatever the image's links say
 * (CVE-2021-30465 was a target that changed between the look and the mount).
 */
#include <contain/plugin.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/kernel.h"
#include "plugin/ctx.h"

int contain_rootfs_set(struct contain_ctx *ctx, int fd)
{
	if (ctx->rootfs >= 0) {
		close(fd);
		return contain_fail(ctx, EEXIST, "the root file system is set already");
	}
	ctx->rootfs = fd;
	return 0;
}

int contain_rootfs(struct contain_ctx *ctx)
{
	if (ctx->phase < PHASE_CHILD_SETUP || ctx->phase > PHASE_CHILD_ENTER)
		return contain_fail(ctx, EPERM,
				    "the root file system is there from child_setup to child_enter, not in %s",
				    phase_name(ctx->phase));
	if (ctx->rootfs < 0)
		return contain_fail(ctx, ENOENT,
				    "no plugin has set up a root file system before this one: enable mountns");
	return ctx->rootfs;
}

/* openat2(2): ELOOP with RESOLVE_NO_SYMLINKS is a link on the way; EXDEV leaves the root. */
static int fail_path(struct contain_ctx *ctx, int err, const char *what, const char *path)
{
	if (err == ELOOP)
		return contain_fail(ctx, 0, "can't %s %s of the root file system: the image has a symbolic link there",
				    what, path);
	return contain_fail(ctx, err, "can't %s %s of the root file system", what, path);
}

int contain_open(struct contain_ctx *ctx, const char *path, int flags, mode_t mode)
{
	int root = contain_rootfs(ctx), fd;

	if (root < 0)
		return root;
	fd = root_open(root, path, flags, mode, 0);
	return fd < 0 ? fail_path(ctx, -fd, "open", path) : fd;
}

/* The kernel says in words what it did not like (fsopen(2): messages are read from the descriptor). */
static int fail_filesystem(struct contain_ctx *ctx, int err, int fs, const char *type, const char *option)
{
	char message[256] = "";
	ssize_t n = read(fs, message, sizeof(message) - 1);

	if (n > 0)
		message[strcspn(message, "\n")] = '\0';
	else
		*message = '\0';
	return contain_fail(ctx, err, "can't make a file system of type %s%s%s%s%s", type, option ? ", option " : "",
			    option ? option : "", *message ? ": " : "",
			    *message ? message + strcspn(message, " ") + 1 : "");
}

static int set_options(struct contain_ctx *ctx, int fs, const char *type, const char *options)
{
	_cleanup_free_ char *copy = options ? strdup(options) : NULL;
	char *rest = copy, *one;

	if (options && !copy)
		return contain_fail(ctx, ENOMEM, "can't make a file system of type %s", type);
	while ((one = strsep(&rest, ","))) {
		char *value = strchr(one, '=');
		int result;

		if (value)
			*value++ = '\0';
		result = fsconfig(fs, value ? FSCONFIG_SET_STRING : FSCONFIG_SET_FLAG, one, value, 0);
		if (result < 0)
			return fail_filesystem(ctx, errno, fs, type, one);
	}
	return 0;
}

int contain_mount_new(struct contain_ctx *ctx, const char *type, const char *options, unsigned attributes)
{
	_cleanup_close_ int fs = fsopen(type, FSOPEN_CLOEXEC);
	int mount, result;

	if (fs < 0)
		return contain_fail(ctx, errno, "can't make a file system of type %s", type);
	/* What the mount table shows in front, where mount(8) would show "none". */
	fsconfig(fs, FSCONFIG_SET_STRING, "source", type, 0);
	result = set_options(ctx, fs, type, options);
	if (result < 0)
		return result;
	if (fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return fail_filesystem(ctx, errno, fs, type, NULL);
	mount = fsmount(fs, FSMOUNT_CLOEXEC, attributes);
	return mount < 0 ? fail_filesystem(ctx, errno, fs, type, NULL) : mount;
}

static bool is_directory(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISDIR(st.st_mode);
}

int contain_mount_fd(struct contain_ctx *ctx, int mount, const char *target, unsigned target_flags)
{
	int root = contain_rootfs(ctx);
	_cleanup_close_ int fd = -1;

	if (root < 0)
		return root;
	fd = root_make(root, target, (target_flags & CONTAIN_TARGET_FILE) != 0,
		       target_flags & CONTAIN_TARGET_NOFOLLOW ? RESOLVE_NO_SYMLINKS : 0);
	if (fd < 0)
		return fail_path(ctx, -fd, "mount on", target);
	if (move_mount(mount, "", fd, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) < 0) {
		int err = errno;

		if (is_directory(mount) != is_directory(fd))
			return contain_fail(ctx, 0, "can't mount on %s: it is a %s, and what is mounted there is a %s",
					    target, is_directory(fd) ? "directory" : "file",
					    is_directory(mount) ? "directory" : "file");
		return contain_fail(ctx, err, "can't mount on %s of the root file system", target);
	}
	return 0;
}

int contain_mount(struct contain_ctx *ctx, const char *type, const char *target, const char *options,
		  unsigned attributes, unsigned target_flags)
{
	_cleanup_close_ int mount = contain_mount_new(ctx, type, options, attributes);

	return mount < 0 ? mount : contain_mount_fd(ctx, mount, target, target_flags);
}
