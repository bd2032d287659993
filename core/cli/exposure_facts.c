/* SPDX-License-Identifier: MIT */
/*
 * What a container isolates, and what the command can do while it does not. Each sentence is about this runtime, whose
 * command has root's capabilities as far as contain has them, and about nothing that a plugin does.
 */
#include "cli/exposure.h"

#include <sched.h>

#define NAMESPACE(NAME, POINTS, FLAG, OPEN, CLOSED)                                                                    \
	{                                                                                                              \
		.name = NAME " namespace", .kind = FACT_NAMESPACE, .points = POINTS, .flag = FLAG, .open = OPEN,       \
		.closed = CLOSED                                                                                       \
	}
#define CONTROLLER(NAME, POINTS, WORDS, OPEN, CLOSED)                                                                  \
	{                                                                                                              \
		.name = NAME, .kind = FACT_CONTROLLER, .points = POINTS, .words = WORDS, .open = OPEN,                 \
		.remedy = "switch on a plugin that limits it by cgroup", .closed = CLOSED                              \
	}
#define PROTECTION(NAME, POINTS, OPEN, REMEDY, CLOSED)                                                                 \
	{                                                                                                              \
		.name = NAME, .kind = FACT_PROTECTION, .points = POINTS, .words = NAME, .open = OPEN,                  \
		.remedy = REMEDY, .closed = CLOSED                                                                     \
	}

const struct fact facts[] = {
	PROTECTION("filesystem", 10, "it sees every file of the host, and root inside changes them",
		   "switch on a plugin that gives it a root of its own", "it sees a root filesystem of its own"),
	/* capabilities(7): CAP_SYS_MODULE, CAP_SYS_ADMIN with mount(2), CAP_DAC_READ_SEARCH with open_by_handle_at(2).
	 */
	PROTECTION("capabilities", 8,
		   "root inside has every capability that contain has: it can load kernel modules, mount the host's "
		   "disks, and open the host's files by handle",
		   "switch on a plugin that takes capabilities away", "it has few capabilities"),
	/* user_namespaces(7): without one, ids inside are ids outside. */
	PROTECTION(
		"users", 8,
		"user ids inside are those of the host: whatever it gets hold of outside, root inside owns as root does",
		"switch on a plugin that maps its users to others", "root inside is nobody in particular outside"),
	/* seccomp(2) */
	PROTECTION("seccomp", 7, "it can make every system call that the kernel has, with every flaw in one",
		   "switch on a plugin that filters system calls", "its system calls are filtered"),
	/* mknod(2) asks for CAP_MKNOD alone, and open(2) of a device only the cgroup of devices and the file's mode. */
	PROTECTION("devices", 6,
		   "root inside can make a node of any device with mknod(2), and read and write the host's disks",
		   "switch on a plugin that limits devices, or takes CAP_MKNOD away",
		   "it can't use the host's devices"),
	NAMESPACE("mnt", 5, CLONE_NEWNS, "root inside mounts and unmounts for the whole host",
		  "it has a table of mounts of its own"),
	NAMESPACE("pid", 5, CLONE_NEWPID,
		  "it sees the host's processes, and signals and traces those of its user; root inside all of them",
		  "it sees its own processes alone"),
	/* network_namespaces(7); unix(7) for abstract sockets. */
	NAMESPACE(
		"net", 5, CLONE_NEWNET,
		"it reaches what listens on the host's 127.0.0.1 and abstract sockets, and is on its networks; root inside "
		"changes addresses, routes and firewall",
		"it has a network of its own"),
	/* execve(2): set-user-ID programs, unless PR_SET_NO_NEW_PRIVS. */
	PROTECTION("no_new_privs", 4, "a set-uid program of its root filesystem makes any user inside root",
		   "switch on a plugin that sets no_new_privs", "set-uid programs give it nothing"),
	NAMESPACE("user", 4, CLONE_NEWUSER, "its capabilities count against the whole host",
		  "its capabilities count against its own namespaces alone"),
	CONTROLLER("memory limit", 4, "memory", "it can use up the host's memory",
		   "its memory is counted in a cgroup of its own"),
	CONTROLLER("process limit", 4, "pids", "it can start so many processes that the host can start none",
		   "its processes are counted in a cgroup of its own"),
	{ .name = "user",
	  .kind = FACT_USER,
	  .points = 3,
	  .open = "the command is root",
	  .remedy = "give [process] user (--user) another one",
	  .closed = "the command is not root, or root is nobody in particular outside" },
	/* ipc_namespaces(7), cgroup_namespaces(7) */
	NAMESPACE("ipc", 2, CLONE_NEWIPC, "it shares the host's System V IPC and POSIX message queues",
		  "it has System V IPC and message queues of its own"),
	NAMESPACE("cgroup", 2, CLONE_NEWCGROUP,
		  "it sees where in the host's cgroups it is, and root inside can mount all of them",
		  "its own cgroup is the root of what it sees"),
	CONTROLLER("cpu limit", 2, "cpu", "it can keep every cpu of the host busy",
		   "its cpu time is counted in a cgroup of its own"),
	CONTROLLER("io limit", 2, "io,blkio", "it can keep the host's disks busy",
		   "its input and output is counted in a cgroup of its own"),
	/* uts_namespaces(7), time_namespaces(7) */
	NAMESPACE("uts", 1, CLONE_NEWUTS, "root inside can change the host's name", "it has a host name of its own"),
	NAMESPACE("time", 1, CLONE_NEWTIME, "it sees for how long the host has been up",
		  "it has a time since boot of its own"),
	{ .name = "log",
	  .kind = FACT_LOG,
	  .points = 1,
	  .open = "what it writes in the background is kept without a limit, and can fill the place of the host's state",
	  .remedy = "give [process] log_size (--log-size) a size",
	  .closed = "what is kept of its output is limited" },
};

const size_t fact_count = sizeof(facts) / sizeof(*facts);
