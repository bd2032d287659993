/* SPDX-License-Identifier: MIT */
/*
 * dev: a small /dev with the devices that every program expects and nothing of the host's hardware. It is filled while
 * it is attached nowhere, so no path that the image controls is walked.
 */
#include <contain/plugin.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

struct dev {
	int64_t shm_size;
};

static const struct contain_option options[] = {
	CONTAIN_SIZE_OPTION(struct dev, shm_size, "shm_size", .initial = "64M", .help = "size of /dev/shm, or max"),
	CONTAIN_OPTIONS_END,
};

/* Numbers as in the kernel's admin-guide/devices.txt. */
static const struct node {
	const char *name;
	unsigned major, minor;
} nodes[] = {
	{ "null", 1, 3 }, { "zero", 1, 5 }, { "full", 1, 7 }, { "random", 1, 8 }, { "urandom", 1, 9 }, { "tty", 5, 0 },
};

static const char *const directories[] = { "pts", "shm", "mqueue" };

static const struct {
	const char *name, *target;
} links[] = {
	{ "fd", "/proc/self/fd" },       { "stdin", "/proc/self/fd/0" }, { "stdout", "/proc/self/fd/1" },
	{ "stderr", "/proc/self/fd/2" }, { "ptmx", "pts/ptmx" },
};

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

/* Make the nodes; *bound is set where that is not allowed, as in a user namespace, and files to bind onto were made. */
static int make_nodes(struct contain_ctx *ctx, int dev, bool *bound)
{
	*bound = false;
	for (size_t i = 0; i < COUNT(nodes); i++) {
		dev_t rdev = makedev(nodes[i].major, nodes[i].minor);
		mode_t type = *bound ? S_IFREG : S_IFCHR;

		int error = mknodat(dev, nodes[i].name, type | 0666, rdev) < 0 ? errno : 0;
		if (error == EPERM && !*bound) {
			*bound = true;
			error = mknodat(dev, nodes[i].name, S_IFREG | 0666, 0) < 0 ? errno : 0;
		}
		if (error)
			return contain_fail(ctx, error, "can't make the device /dev/%s", nodes[i].name);
	}
	return 0;
}

static int fill(struct contain_ctx *ctx, int dev, bool *bound)
{
	int error = make_nodes(ctx, dev, bound);

	if (error)
		return error;
	for (size_t i = 0; i < COUNT(directories); i++)
		if (mkdirat(dev, directories[i], 0755) < 0)
			return contain_fail(ctx, errno, "can't make the directory /dev/%s", directories[i]);
	for (size_t i = 0; i < COUNT(links); i++)
		if (symlinkat(links[i].target, dev, links[i].name) < 0)
			return contain_fail(ctx, errno, "can't make the link /dev/%s", links[i].name);
	return 0;
}

/* The host's files are still at /: its nodes are shown, but only if they are what their names say. */
static int bind_node(struct contain_ctx *ctx, const struct node *node)
{
	char path[32];
	struct stat st;

	snprintf(path, sizeof(path), "/dev/%s", node->name);
	int fd = open_tree(AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_SYMLINK_NOFOLLOW);
	if (fd < 0)
		return contain_fail(ctx, errno, "can't take the host's device %s", path);
	int error = fstat(fd, &st) < 0 ? errno : 0;
	if (error)
		error = contain_fail(ctx, error, "can't look at the host's device %s", path);
	else if (!S_ISCHR(st.st_mode) || st.st_rdev != makedev(node->major, node->minor))
		error = contain_fail(ctx, 0, "the host's %s is not the character device %u:%u", path, node->major,
				     node->minor);
	else
		error = contain_mount_fd(ctx, fd, path, CONTAIN_TARGET_FILE | CONTAIN_TARGET_NOFOLLOW);
	close(fd);
	return error;
}

static int mount_dev(struct contain_ctx *ctx)
{
	bool bound = false;
	int dev = contain_mount_new(ctx, "tmpfs", "size=64k,mode=755", MOUNT_ATTR_NOSUID);

	if (dev < 0)
		return dev;
	int error = fill(ctx, dev, &bound);
	if (!error)
		error = contain_mount_fd(ctx, dev, "/dev", CONTAIN_TARGET_NOFOLLOW);
	for (size_t i = 0; !error && bound && i < COUNT(nodes); i++)
		error = bind_node(ctx, &nodes[i]);
	close(dev);
	return error;
}

/* devpts refuses a group that the user namespace does not map; see user_namespaces(7) for the file. */
static bool group_exists(unsigned gid)
{
	unsigned inside, outside, count;
	bool found = false;
	FILE *map = fopen("/proc/self/gid_map", "re");

	if (!map)
		return true;
	while (!found && fscanf(map, "%u %u %u", &inside, &outside, &count) == 3)
		found = gid >= inside && gid - inside < count;
	fclose(map);
	return found;
}

static int setup(struct contain_ctx *ctx, void *self)
{
	const struct dev *dev = self;
	const unsigned quiet = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;
	char shm[64];
	int error = mount_dev(ctx);

	/* Group 5 is tty on every distribution, and 0620 lets its programs write to a terminal: as glibc expects it. */
	if (!error)
		error = contain_mount(ctx, "devpts", "/dev/pts",
				      group_exists(5) ? "newinstance,ptmxmode=0666,mode=0620,gid=5"
						      : "newinstance,ptmxmode=0666,mode=0620",
				      MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC, CONTAIN_TARGET_NOFOLLOW);
	/* tmpfs(5): size 0 is no limit. */
	snprintf(shm, sizeof(shm), "mode=1777,size=%lld",
		 dev->shm_size == CONTAIN_MAX ? 0LL : (long long)dev->shm_size);
	if (!error)
		error = contain_mount(ctx, "tmpfs", "/dev/shm", shm, quiet, CONTAIN_TARGET_NOFOLLOW);
	/* mqueue shows the queues of the IPC namespace: without one of its own, those of the host. */
	if (!error && contain_has_namespace(ctx, CLONE_NEWIPC))
		error = contain_mount(ctx, "mqueue", "/dev/mqueue", NULL, quiet, CONTAIN_TARGET_NOFOLLOW);
	return error;
}

/* A terminal has the name /dev/console, too: what starts as on a machine, init systems above all, writes there. */
static int show_console(struct contain_ctx *ctx, void *self)
{
	int terminal = contain_terminal(ctx);

	(void)self;
	if (terminal < 0)
		return terminal == -ENOENT ? 0 : terminal;
	/* The terminal itself, and not what its name leads to (CVE-2025-52565). */
	int tree = open_tree(terminal, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH);
	if (tree < 0)
		return contain_fail(ctx, errno, "can't take the terminal for /dev/console");
	int error = contain_mount_fd(ctx, tree, "/dev/console", CONTAIN_TARGET_FILE | CONTAIN_TARGET_NOFOLLOW);
	close(tree);
	return error;
}

/*
 * It protects nobody from the host's devices: they are not shown, but root inside can make nodes of them (mknod(2))
 * where its capabilities are not taken away, which is not known here.
 */
static int check(struct contain_ctx *ctx, void *self)
{
	const struct dev *dev = self;

	if (dev->shm_size != CONTAIN_MAX)
		return 0;
	return contain_exposes(
		ctx, 2,
		"it can fill /dev/shm with as much as its cgroup may have of memory, or the host has: give "
		"shm_size a size");
}

static const char *const needs[] = { "mountns", NULL };
static const char *const after[] = { "mountns", "proc", NULL };

CONTAIN_PLUGIN(.name = "dev", .version = "0.1", .summary = "a small /dev: null, zero, random, tty, terminals, shm",
	       .needs = needs, .after = after, .self_size = sizeof(struct dev), .options = options,
	       .child_setup = setup, .child_enter = show_console, .check = check)
