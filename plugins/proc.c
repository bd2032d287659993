/* SPDX-License-Identifier: MIT */
/* proc: /proc, as the pid namespace of the container sees it, see proc(5). */
#include <contain/plugin.h>
#include <sys/mount.h>

static int mount_proc(struct contain_ctx *ctx, void *self)
{
	(void)self;
	contain_info(ctx, "mounting /proc");
	/*
	 * An image whose /proc is a link would get it mounted elsewhere, and its own files taken for the kernel's by
	 * whatever writes to /proc later (CVE-2019-16884, CVE-2019-19921): such an image is refused.
	 */
	return contain_mount(ctx, "proc", "/proc", NULL, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC,
			     CONTAIN_TARGET_NOFOLLOW);
}

static const char *const mountns[] = { "mountns", NULL };

CONTAIN_PLUGIN(.name = "proc", .version = "0.1", .summary = "a /proc that shows the container's processes",
	       .needs = mountns, .after = mountns, .child_setup = mount_proc)
