/* SPDX-License-Identifier: MIT */
/* proc: /proc, as the pid namespace of the container sees it, see proc(5). */
#include <contain/plugin.h>
#include <sched.h>
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

/*
 * /proc/sys and /proc/sysrq-trigger ask for the user id alone, whatever the capabilities (proc(5)), and the program in
 * kernel.core_pattern runs among the host's namespaces as its root (core(5)). In a user namespace root is nobody there.
 */
static int check(struct contain_ctx *ctx, void *self)
{
	int error = 0;

	(void)self;
	if (!contain_has_namespace(ctx, CLONE_NEWUSER))
		error = contain_exposes(
			ctx, 8,
			"root inside can write to /proc/sys, where kernel.core_pattern names a program that "
			"the host runs as root, and to /proc/sysrq-trigger: give it a user namespace, or see that it "
			"never is root ([process] user, and no set-uid programs)");
	/* ptrace(2), access mode checking: root inside may follow the links of any process that it sees. */
	if (!error && !contain_has_namespace(ctx, CLONE_NEWPID))
		error = contain_exposes(
			ctx, 10,
			"it sees the host's processes in /proc, and root inside goes by /proc/PID/root to "
			"the host's files: give it a pid namespace");
	return error;
}

static const char *const mountns[] = { "mountns", NULL };

CONTAIN_PLUGIN(.name = "proc", .version = "0.1", .summary = "a /proc that shows the container's processes",
	       .needs = mountns, .after = mountns, .child_setup = mount_proc, .check = check)
