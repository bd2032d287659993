// SPDX-License-Identifier: MIT
/*
 * floor: the system calls of `contain run` in one small program, re-exec included, without plugins, configuration or
 * messages. What it takes is the least that contain could take; tools/bench compares.
 *
 *	floor [--minimal | --default] [--limits] [--netns] [--veth BRIDGE [--leave]] [--plugins DIR N_PARENT N_CHILD]
 *	      ROOTFS COMMAND [ARGUMENT...]
 *
 * --netns is a network namespace with lo up, --veth one with a pair to that bridge, which is made, and removed, if it
 *is not there. --leave does not wait for the end of a pair to a bridge that was there.
 * --plugins also loads that many empty plugins (DIR/0.so, DIR/1.so, …) in the same processes as contain does.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <linux/sched.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "floor.h"
#include "spawn.h"

#define STATE "/run/contain-bench"

struct floor {
	bool minimal, limits, netns;
	const char *plugins, *rootfs;
	int parent_plugins, child_plugins;
	char **command;

	struct floor_cgroups cgroups;
	struct floor_veth veth;
	char state[64];
	int state_dir, journal;
	int rootfs_fd, exe, config, channel, child_channel, signals, pidfd;
	sigset_t old_mask;
};

int floor_fail(const char *format, ...)
{
	int err = errno ? errno : EIO;
	char what[256];
	va_list args;

	va_start(args, format);
	vsnprintf(what, sizeof what, format, args);
	va_end(args);
	fprintf(stderr, "floor: %s: %s\n", what, strerror(err));
	return -err;
}

int floor_load(const char *dir, int count)
{
	char path[1100];

	for (int i = 0; i < count; i++) {
		snprintf(path, sizeof path, "%s/%d.so", dir, i);
		void *plugin = dlopen(path, RTLD_NOW | RTLD_LOCAL);
		if (!plugin || !dlsym(plugin, "contain_plugin_v1")) {
			fprintf(stderr, "floor: %s\n", dlerror());
			errno = ENOENT;
			return -errno;
		}
	}
	return 0;
}

static int record(struct floor *floor, const char *text)
{
	if (write(floor->journal, text, strlen(text)) < 0)
		return floor_fail("write %s/journal", floor->state);
	return 0;
}

static int make_state(struct floor *floor)
{
	snprintf(floor->state, sizeof floor->state, STATE "/floor-%d", getpid());
	if ((mkdir(STATE, 0711) < 0 && errno != EEXIST) || mkdir(floor->state, 0700) < 0)
		return floor_fail("mkdir %s", floor->state);
	floor->state_dir = open(floor->state, O_PATH | O_DIRECTORY | O_CLOEXEC);
	int lock = openat(floor->state_dir, "lock", O_CREAT | O_RDWR | O_CLOEXEC, 0600);
	if (lock < 0 || flock(lock, LOCK_EX | LOCK_NB) < 0)
		return floor_fail("lock %s/lock", floor->state);
	floor->journal = openat(floor->state_dir, "journal", O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600);
	if (floor->journal < 0)
		return floor_fail("open %s/journal", floor->state);
	return record(floor, "id=floor\n");
}

static void remove_state(struct floor *floor)
{
	if (floor->journal > 0)
		unlinkat(floor->state_dir, "journal", 0);
	if (floor->state_dir > 0)
		unlinkat(floor->state_dir, "lock", 0);
	if (floor->state[0] && rmdir(floor->state) < 0 && errno != ENOENT)
		floor_fail("rmdir %s", floor->state);
}

static int open_rootfs(struct floor *floor)
{
	struct mount_attr private = { .propagation = MS_PRIVATE };
	unsigned clone = OPEN_TREE_CLONE | AT_RECURSIVE;

	floor->rootfs_fd = (int)syscall(SYS_open_tree, AT_FDCWD, floor->rootfs, clone); /* kept over the re-exec */
	if (floor->rootfs_fd < 0)
		return floor_fail("open_tree %s", floor->rootfs);
	if (syscall(SYS_mount_setattr, floor->rootfs_fd, "", AT_EMPTY_PATH | AT_RECURSIVE, &private, sizeof private))
		return floor_fail("mount_setattr %s", floor->rootfs);
	return 0;
}

static int seal(int fd)
{
	return fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE);
}

static int copy_self(struct floor *floor)
{
	int self = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	struct stat st;

	floor->exe = memfd_create("floor", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (self < 0 || floor->exe < 0 || fstat(self, &st) < 0)
		return floor_fail("open /proc/self/exe");
	for (off_t left = st.st_size; left > 0;) {
		ssize_t sent = sendfile(floor->exe, self, NULL, (size_t)left);
		if (sent <= 0)
			return floor_fail("copy /proc/self/exe");
		left -= sent;
	}
	close(self);
	if (seal(floor->exe) < 0)
		return floor_fail("seal the executable");
	return 0;
}

static int write_config(struct floor *floor)
{
	static char text[FLOOR_CONFIG];
	struct floor_config *config = (struct floor_config *)text;
	char *word = config->words;

	config->minimal = floor->minimal;
	config->netns = floor->netns;
	snprintf(config->veth, sizeof config->veth, "%s", floor->veth.name);
	config->plugins = floor->child_plugins;
	snprintf(config->plugin_dir, sizeof config->plugin_dir, "%s", floor->plugins ? floor->plugins : "");
	snprintf(config->hostname, sizeof config->hostname, "floor");
	for (char **from = floor->command; *from; from++) {
		size_t size = strlen(*from) + 1;
		if (config->argc == FLOOR_ARGUMENTS || size > (size_t)(config->words + sizeof config->words - word)) {
			errno = E2BIG;
			return floor_fail("the command");
		}
		memcpy(word, *from, size);
		word += size;
		config->argc++;
	}
	floor->config = memfd_create("config", MFD_ALLOW_SEALING); /* kept over the re-exec */
	if (floor->config < 0 || write(floor->config, text, sizeof text) != sizeof text || seal(floor->config) < 0)
		return floor_fail("write the configuration");
	return 0;
}

static int prepare(struct floor *floor)
{
	int pair[2];
	sigset_t all;
	int err;

	if (floor->plugins && (err = floor_load(floor->plugins, floor->parent_plugins)))
		return err;
	if ((err = make_state(floor)) || (err = record(floor, "cgroup=contain-floor\n")))
		return err;
	if ((err = floor_cgroups_make(&floor->cgroups, !floor->minimal || floor->limits, floor->limits)))
		return err;
	if ((err = open_rootfs(floor)) || (err = copy_self(floor)) || (err = write_config(floor)))
		return err;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return floor_fail("socketpair");
	floor->channel = pair[0];
	floor->child_channel = pair[1];
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &floor->old_mask);
	floor->signals = signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK);
	if (floor->signals < 0)
		return floor_fail("signalfd");
	return 0;
}

/* In the child, on the parent's memory: it must not return, and change nothing that the parent uses. */
static int enter(void *data)
{
	struct floor *floor = data;
	static char config[12], channel[12], rootfs[12];
	static char self[] = "floor-child", *const argv[] = { self, config, channel, rootfs, NULL };
	static char *const none[] = { NULL };

	/* "0" to v1's tasks moves the writer alone, without the lock and the RCU wait of cgroup.procs. */
	for (size_t i = 0; i < floor->cgroups.count; i++)
		if (floor->cgroups.at[i].controller && write(floor->cgroups.at[i].tasks, "0", 1) < 0)
			return 125;
	if (fcntl(floor->child_channel, F_SETFD, 0) < 0)
		return 125;
	snprintf(config, sizeof config, "%d", floor->config);
	snprintf(channel, sizeof channel, "%d", floor->child_channel);
	snprintf(rootfs, sizeof rootfs, "%d", floor->rootfs_fd);
	syscall(SYS_execveat, floor->exe, "", argv, none, AT_EMPTY_PATH);
	return 125;
}

static int start(struct floor *floor)
{
	struct clone_args args = { .flags = CLONE_VM | CLONE_VFORK | CLONE_PIDFD | CLONE_NEWPID | CLONE_NEWUTS |
					    CLONE_NEWNS,
				   .exit_signal = SIGCHLD,
				   .pidfd = (uintptr_t)&floor->pidfd };

	if (!floor->minimal)
		args.flags |= CLONE_NEWIPC;
	if (floor->netns)
		args.flags |= CLONE_NEWNET;
	for (size_t i = 0; i < floor->cgroups.count; i++) {
		if (!floor->cgroups.at[i].controller) {
			args.flags |= CLONE_INTO_CGROUP;
			args.cgroup = (uint64_t)floor->cgroups.at[i].dir;
		}
	}
	pid_t pid = spawn(&args, enter, floor);
	if (pid < 0)
		return floor_fail("clone3");
	close(floor->child_channel);
	int err = floor->veth.bridge ? floor_veth_make(&floor->veth, pid) : 0;
	if (err)
		return err;
	if (record(floor, "pid=1\n") < 0 || send(floor->channel, &(char){ FLOOR_GO }, 1, MSG_NOSIGNAL) < 0)
		return floor_fail("send");
	return 0;
}

/* A message of the child: 1 for EXEC and what follows it, 0 for others, negative when it failed or is gone. */
static int converse(struct floor *floor, struct pollfd *fd, bool running)
{
	char text[257] = "";
	ssize_t got = recv(floor->channel, text, sizeof text - 1, 0);

	if (got > 0 && text[0] == FLOOR_CREATED)
		return send(floor->channel, &(char){ FLOOR_START }, 1, MSG_NOSIGNAL) < 0 ? floor_fail("send") : 0;
	if (got > 0 && text[0] == FLOOR_EXEC)
		return record(floor, "running\n") ?: 1;
	fd->fd = -1;
	if (got == 0 && running)
		return 1;
	fprintf(stderr, "floor: child: %s\n", got > 1 ? text + 1 : "ended before the command ran");
	return -EIO;
}

/* Until the command ends. Returns its exit status, or -errno. */
static int supervise(struct floor *floor)
{
	struct pollfd fds[] = { { .fd = floor->pidfd, .events = POLLIN },
				{ .fd = floor->channel, .events = POLLIN },
				{ .fd = floor->signals, .events = POLLIN } };
	bool running = false;
	siginfo_t info = { 0 };

	while (!fds[0].revents) {
		if (poll(fds, 3, -1) < 0)
			return floor_fail("poll");
		if (fds[2].revents) {
			struct signalfd_siginfo caught;
			if (read(floor->signals, &caught, sizeof caught) == sizeof caught &&
			    caught.ssi_signo != SIGCHLD)
				syscall(SYS_pidfd_send_signal, floor->pidfd, SIGKILL, NULL, 0);
		}
		if (fds[1].revents) {
			int said = converse(floor, &fds[1], running);
			if (said < 0)
				return said;
			running = said;
		}
		fds[1].revents = fds[2].revents = 0;
	}
	if (waitid(P_PIDFD, (id_t)floor->pidfd, &info, WEXITED) < 0)
		return floor_fail("waitid");
	return info.si_code == CLD_EXITED ? info.si_status : 128 + info.si_status;
}

static int run(struct floor *floor)
{
	int status = prepare(floor);

	floor->pidfd = -1;
	if (!status)
		status = start(floor);
	if (!status)
		status = supervise(floor);
	if (status < 0 && floor->pidfd >= 0) {
		syscall(SYS_pidfd_send_signal, floor->pidfd, SIGKILL, NULL, 0);
		waitid(P_PIDFD, (id_t)floor->pidfd, &(siginfo_t){ 0 }, WEXITED);
	}
	if (status >= 0)
		floor_cgroups_usage(&floor->cgroups);
	if (floor_veth_remove(&floor->veth) < 0 && status >= 0)
		status = -EBUSY;
	if (floor_cgroups_remove(&floor->cgroups) < 0 && status >= 0)
		status = -EBUSY;
	remove_state(floor);
	return status < 0 ? 125 : status;
}

int main(int argc, char **argv)
{
	static struct floor floor;
	int i = 1;

	if (argc == 4 && !strcmp(argv[0], "floor-child"))
		floor_child(atoi(argv[1]), atoi(argv[2]), atoi(argv[3]));
	for (; i < argc && argv[i][0] == '-'; i++) {
		if (!strcmp(argv[i], "--minimal"))
			floor.minimal = true;
		else if (!strcmp(argv[i], "--limits"))
			floor.limits = true;
		else if (!strcmp(argv[i], "--netns"))
			floor.netns = true;
		else if (!strcmp(argv[i], "--veth") && argc - i > 1) {
			floor.netns = true;
			floor.veth.bridge = argv[++i];
			floor_veth_name(&floor.veth);
		} else if (!strcmp(argv[i], "--leave")) {
			floor.veth.leave = true;
		} else if (!strcmp(argv[i], "--plugins") && argc - i > 3) {
			floor.plugins = argv[++i];
			floor.parent_plugins = atoi(argv[++i]);
			floor.child_plugins = atoi(argv[++i]);
		} else if (strcmp(argv[i], "--default"))
			break;
	}
	if (argc - i < 2 || argv[i][0] == '-') {
		fprintf(stderr, "usage: floor [--minimal | --default] [--limits] [--netns] [--veth BRIDGE [--leave]] "
				"[--plugins DIR N_PARENT N_CHILD] ROOTFS COMMAND [ARGUMENT...]\n");
		return 125;
	}
	floor.rootfs = argv[i];
	floor.command = argv + i + 1;
	return run(&floor);
}
