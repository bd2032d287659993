// SPDX-License-Identifier: MIT
/* The child's side: from the re-exec to the command. */
#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>
#include <linux/openat2.h>

#include "floor.h"

static int channel;

static _Noreturn void give_up(const char *what)
{
	char text[256];
	int length = snprintf(text, sizeof text, "%c%s: %s", FLOOR_FAILED, what, strerror(errno));

	if (send(channel, text, (size_t)length, MSG_NOSIGNAL) < 0)
		_exit(126);
	_exit(125);
}

static void must(int result, const char *what)
{
	if (result < 0)
		give_up(what);
}

static void tell(char message)
{
	must((int)send(channel, &message, 1, MSG_NOSIGNAL), "send");
}

static void expect(char message)
{
	char got = 0;

	if (recv(channel, &got, 1, 0) != 1 || got != message)
		_exit(125); /* the parent is gone */
}

static int new_mount(const char *type, const char *const options[][2], unsigned attributes)
{
	int fs = (int)syscall(SYS_fsopen, type, FSOPEN_CLOEXEC);

	must(fs, "fsopen");
	for (; options && (*options)[0]; options++) {
		unsigned command = (*options)[1] ? FSCONFIG_SET_STRING : FSCONFIG_SET_FLAG;
		must((int)syscall(SYS_fsconfig, fs, command, (*options)[0], (*options)[1], 0), (*options)[0]);
	}
	must((int)syscall(SYS_fsconfig, fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0), type);
	int mount = (int)syscall(SYS_fsmount, fs, FSMOUNT_CLOEXEC, attributes);
	must(mount, "fsmount");
	close(fs);
	return mount;
}

static void attach(int mount, int root, const char *target)
{
	struct open_how how = { .flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT };
	int at = (int)syscall(SYS_openat2, root, target, &how, sizeof how);

	must(at, target);
	must((int)syscall(SYS_move_mount, mount, "", at, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH),
	     target);
	close(at);
}

static void mount_at(int root, const char *target, const char *type, const char *const options[][2],
		     unsigned attributes)
{
	int mount = new_mount(type, options, attributes);

	attach(mount, root, target);
	close(mount);
}

static void make_dev(int root)
{
	static const char *const size[][2] = { { "size", "64k" }, { "mode", "755" }, { NULL, NULL } };
	static const char *const pts[][2] = {
		{ "newinstance", NULL }, { "ptmxmode", "0666" }, { "mode", "0620" }, { NULL, NULL }
	};
	static const char *const shm[][2] = { { "mode", "1777" }, { NULL, NULL } };
	static const struct {
		const char *name;
		unsigned major, minor;
	} nodes[] = { { "null", 1, 3 },   { "zero", 1, 5 },    { "full", 1, 7 },
		      { "random", 1, 8 }, { "urandom", 1, 9 }, { "tty", 5, 0 } };
	static const char *const links[][2] = { { "pts/ptmx", "ptmx" },
						{ "/proc/self/fd", "fd" },
						{ "/proc/self/fd/0", "stdin" },
						{ "/proc/self/fd/1", "stdout" },
						{ "/proc/self/fd/2", "stderr" } };
	static const char *const dirs[] = { "pts", "shm", "mqueue" };
	int dev = new_mount("tmpfs", size, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC);
	mode_t mask = umask(0);

	for (size_t i = 0; i < sizeof nodes / sizeof *nodes; i++)
		must(mknodat(dev, nodes[i].name, S_IFCHR | 0666, makedev(nodes[i].major, nodes[i].minor)), "mknod");
	for (size_t i = 0; i < sizeof links / sizeof *links; i++)
		must(symlinkat(links[i][0], dev, links[i][1]), "symlink");
	for (size_t i = 0; i < sizeof dirs / sizeof *dirs; i++)
		must(mkdirat(dev, dirs[i], 0755), "mkdir");
	umask(mask);
	attach(dev, root, "dev");
	close(dev);
	mount_at(root, "dev/pts", "devpts", pts, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC);
	mount_at(root, "dev/shm", "tmpfs", shm, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
	mount_at(root, "dev/mqueue", "mqueue", NULL, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
}

static void make_root(const struct floor_config *config, int rootfs)
{
	struct mount_attr private = { .propagation = MS_PRIVATE };

	must((int)syscall(SYS_mount_setattr, AT_FDCWD, "/", AT_RECURSIVE, &private, sizeof private), "mount_setattr");
	must((int)syscall(SYS_move_mount, rootfs, "", AT_FDCWD, "/", MOVE_MOUNT_F_EMPTY_PATH), "move_mount rootfs");
	mount_at(rootfs, "proc", "proc", NULL, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
	if (!config->minimal)
		make_dev(rootfs);
	must(fchdir(rootfs), "fchdir");
	must((int)syscall(SYS_pivot_root, ".", "."), "pivot_root");
	must(umount2(".", MNT_DETACH), "umount2");
	must(chdir("/"), "chdir");
}

static void reset_signals(void)
{
	struct sigaction action = { .sa_handler = SIG_DFL };
	sigset_t none;

	for (int sig = 1; sig < NSIG; sig++)
		if (sig != SIGKILL && sig != SIGSTOP && (sig < 32 || sig >= SIGRTMIN))
			sigaction(sig, &action, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

_Noreturn void floor_child(int config_fd, int channel_fd, int rootfs)
{
	static char text[FLOOR_CONFIG];
	static const char *const environment[] = { "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
						   NULL };
	char *argv[FLOOR_ARGUMENTS + 1] = { NULL };
	int highest = config_fd;

	channel = channel_fd;
	must(prctl(PR_SET_PDEATHSIG, SIGKILL), "PR_SET_PDEATHSIG");
	highest = channel_fd > highest ? channel_fd : highest;
	highest = rootfs > highest ? rootfs : highest;
	must(close_range((unsigned)highest + 1, ~0U, 0), "close_range");
	must(fcntl(channel, F_SETFD, FD_CLOEXEC), "FD_CLOEXEC");
	must(fcntl(rootfs, F_SETFD, FD_CLOEXEC), "FD_CLOEXEC");
	if (pread(config_fd, text, sizeof text, 0) != sizeof text)
		give_up("read the configuration");
	close(config_fd);
	const struct floor_config *config = (const struct floor_config *)text;
	must(floor_load(config->plugin_dir, config->plugins), "load");

	expect(FLOOR_GO);
	if (!config->minimal)
		must(unshare(CLONE_NEWCGROUP), "unshare");
	if (config->netns)
		must(floor_veth_inside(config->veth), "netlink");
	must(sethostname(config->hostname, strlen(config->hostname)), "sethostname");
	make_root(config, rootfs);
	tell(FLOOR_CREATED);
	expect(FLOOR_START);
	reset_signals();
	umask(022);
	const char *word = config->words;
	for (int i = 0; i < config->argc; i++, word += strlen(word) + 1)
		argv[i] = (char *)word;
	tell(FLOOR_EXEC);
	execve(argv[0], argv, (char *const *)environment);
	give_up(argv[0]);
}
