/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <cmocka.h>

#include "fakehost.h"

#define DEV   "new tmpfs size=64k,mode=755 nosuid\nattach tmpfs at /dev nofollow\n"
#define PTS   "attach devpts at /dev/pts nofollow\n"
#define SHM   "new tmpfs mode=1777,size=67108864 nosuid,nodev,noexec\nattach tmpfs at /dev/shm nofollow\n"
#define GID   "new devpts newinstance,ptmxmode=0666,mode=0620,gid=5 nosuid,noexec\n"
#define NOGID "new devpts newinstance,ptmxmode=0666,mode=0620 nosuid,noexec\n"

static const struct {
	const char *name;
	unsigned major, minor;
} nodes[] = {
	{ "null", 1, 3 }, { "zero", 1, 5 }, { "full", 1, 7 }, { "random", 1, 8 }, { "urandom", 1, 9 }, { "tty", 5, 0 },
};

static struct stat look(struct contain_ctx *host, const char *name)
{
	char path[256];
	struct stat st;

	snprintf(path, sizeof(path), "%s/dev/%s", fakehost_root(host), name);
	assert_int_equal(lstat(path, &st), 0);
	return st;
}

static void assert_link(struct contain_ctx *host, const char *name, const char *target)
{
	char path[256], text[64] = "";

	snprintf(path, sizeof(path), "%s/dev/%s", fakehost_root(host), name);
	assert_true(readlink(path, text, sizeof(text) - 1) > 0);
	assert_string_equal(text, target);
}

/*
 * A block device with the numbers of /dev/full: as far as the numbers go it is right. Only made where that is allowed.
 */
static char place[] = "/tmp/test-dev.XXXXXX", block[64];

static int make_place(void **state)
{
	(void)state;
	if (!mkdtemp(place))
		return -1;
	snprintf(block, sizeof(block), "%s/block", place);
	mknod(block, S_IFBLK | 0600, makedev(1, 7));
	return 0;
}

static int remove_place(void **state)
{
	(void)state;
	unlink(block);
	return rmdir(place);
}

static int may_make_nodes(void)
{
	return access(block, F_OK);
}

static void makes_nodes(void **state)
{
	(void)state;
	fakehost_needs(may_make_nodes());
	struct contain_ctx *host = fakehost_new();
	mode_t mask = umask(0);
	assert_int_equal(fakehost_run(host, child_setup), 0);
	umask(mask);
	assert_string_equal(fakehost_log(host), DEV GID PTS SHM);
	for (size_t i = 0; i < sizeof(nodes) / sizeof(*nodes); i++) {
		struct stat st = look(host, nodes[i].name);

		assert_int_equal(st.st_mode, S_IFCHR | 0666);
		assert_int_equal(st.st_rdev, makedev(nodes[i].major, nodes[i].minor));
	}
	assert_link(host, "fd", "/proc/self/fd");
	assert_link(host, "stdin", "/proc/self/fd/0");
	assert_link(host, "stdout", "/proc/self/fd/1");
	assert_link(host, "stderr", "/proc/self/fd/2");
	assert_link(host, "ptmx", "pts/ptmx");
	assert_int_equal(look(host, "mqueue").st_mode, S_IFDIR | 0755);
	fakehost_free(host);
}

static void setup(struct contain_ctx *host, const char *options)
{
	mode_t mask = umask(0);

	assert_int_equal(fakehost_options(host, options), 0);
	if (fakehost_run(host, child_setup))
		fail_msg("%s", fakehost_error(host));
	umask(mask);
}

static void mqueue_only_with_its_namespace(void **state)
{
	(void)state;
	fakehost_needs(may_make_nodes());
	struct contain_ctx *host = fakehost_new();
	fakehost_namespaces(host, CLONE_NEWIPC);
	setup(host, "");
	assert_string_equal(fakehost_log(host), DEV GID PTS SHM "new mqueue nosuid,nodev,noexec\n"
								"attach mqueue at /dev/mqueue nofollow\n");
	fakehost_free(host);
}

static void size_of_shm(void **state)
{
	static const struct {
		const char *option, *words;
	} table[] = { { "shm_size = 1G", "mode=1777,size=1073741824 " }, { "shm_size = max", "mode=1777,size=0 " } };

	(void)state;
	fakehost_needs(may_make_nodes());
	for (size_t i = 0; i < 2; i++) {
		struct contain_ctx *host = fakehost_new();

		setup(host, table[i].option);
		assert_non_null(strstr(fakehost_log(host), table[i].words));
		fakehost_free(host);
	}
}

static void a_link_of_the_image_is_refused(void **state)
{
	struct contain_ctx *host = fakehost_new();
	char path[256];

	(void)state;
	snprintf(path, sizeof(path), "%s/dev", fakehost_root(host));
	assert_int_equal(symlink("/", path), 0);
	assert_int_equal(fakehost_run(host, child_setup), -ELOOP);
	fakehost_free(host);
}

/* In a user namespace mknod(2) is not allowed, and group 5 is not mapped. */
static void binds_nodes(void **state)
{
	(void)state;
	fakehost_needs(fakehost_unshare(CLONE_NEWUSER | CLONE_NEWNS));
	struct contain_ctx *host = fakehost_new();
	setup(host, "");
	assert_string_equal(fakehost_log(host), DEV "attach char 1:3 at /dev/null file nofollow\n"
						    "attach char 1:5 at /dev/zero file nofollow\n"
						    "attach char 1:7 at /dev/full file nofollow\n"
						    "attach char 1:8 at /dev/random file nofollow\n"
						    "attach char 1:9 at /dev/urandom file nofollow\n"
						    "attach char 5:0 at /dev/tty file nofollow\n" NOGID PTS SHM);
	for (size_t i = 0; i < sizeof(nodes) / sizeof(*nodes); i++)
		assert_true(S_ISREG(look(host, nodes[i].name).st_mode));
	fakehost_free(host);
}

/* What the host has at /dev/full is something else: a file, or another device, or a block device. */
static void a_wrong_node_of_the_host_is_refused(void **state)
{
	const char *const wrong[] = { "/etc/passwd", "/dev/zero", block };
	const size_t count = access(block, F_OK) == 0 ? 3 : 2;

	(void)state;
	fakehost_needs(fakehost_unshare(CLONE_NEWUSER | CLONE_NEWNS));
	for (size_t i = 0; i < count; i++) {
		struct contain_ctx *host = fakehost_new();

		assert_int_equal(mount(wrong[i], "/dev/full", NULL, MS_BIND, NULL), 0);
		assert_true(fakehost_run(host, child_setup) < 0);
		assert_non_null(strstr(fakehost_error(host), "/dev/full"));
		assert_null(strstr(fakehost_log(host), "at /dev/full"));
		fakehost_free(host);
	}
}

static void failures_are_passed_on(void **state)
{
	struct contain_ctx *host = fakehost_new();

	(void)state;
	fakehost_break(host, "contain_mount_new", EPERM);
	assert_int_equal(fakehost_run(host, child_setup), -EPERM);
	fakehost_break(host, "contain_mount_new", 0);
	fakehost_break(host, "contain_mount_fd", ENOSPC);
	assert_int_equal(fakehost_run(host, child_setup), -ENOSPC);
	fakehost_free(host);
}

/* The command's terminal, as the container's own devpts gives it: one of this mount namespace. */
static int open_terminal(char expected[128])
{
	int master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC), unlocked = 0, slave;
	struct stat st;

	assert_true(master >= 0);
	assert_int_equal(ioctl(master, TIOCSPTLCK, &unlocked), 0);
	slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	assert_true(slave >= 0);
	close(master);
	assert_int_equal(fstat(slave, &st), 0);
	snprintf(expected, 128, "attach char %u:%u at /dev/console file nofollow\n", major(st.st_rdev),
		 minor(st.st_rdev));
	return slave;
}

static void the_terminal_is_the_console(void **state)
{
	char expected[128], path[256];
	struct stat st;

	(void)state;
	fakehost_needs(fakehost_unshare(CLONE_NEWUSER | CLONE_NEWNS));
	struct contain_ctx *host = fakehost_new();
	int terminal = open_terminal(expected);
	fakehost_terminal(host, terminal);
	if (fakehost_run(host, child_enter))
		fail_msg("%s", fakehost_error(host));
	assert_string_equal(fakehost_log(host), expected);
	snprintf(path, sizeof(path), "%s/dev/console", fakehost_root(host));
	assert_int_equal(lstat(path, &st), 0);
	/* Borrowed: it is still open. */
	assert_true(fcntl(terminal, F_GETFD) >= 0);
	fakehost_break(host, "contain_mount_fd", ENOSPC);
	assert_int_equal(fakehost_run(host, child_enter), -ENOSPC);
	fakehost_free(host);
	/* A name of the image's is not followed (CVE-2025-52565). */
	host = fakehost_new();
	snprintf(path, sizeof(path), "%s/dev", fakehost_root(host));
	assert_int_equal(mkdir(path, 0755), 0);
	snprintf(path, sizeof(path), "%s/dev/console", fakehost_root(host));
	assert_int_equal(symlink("/etc/passwd", path), 0);
	fakehost_terminal(host, terminal);
	assert_int_equal(fakehost_run(host, child_enter), -ELOOP);
	fakehost_free(host);
	close(terminal);
}

static void no_console_without_a_terminal(void **state)
{
	struct contain_ctx *host = fakehost_new();

	(void)state;
	assert_int_equal(fakehost_run(host, child_enter), 0);
	assert_string_equal(fakehost_log(host), "");
	fakehost_free(host);
}

static void what_it_exposes(void **state)
{
	struct contain_ctx *host = fakehost_new();

	(void)state;
	assert_int_equal(fakehost_run(host, check), 0);
	assert_string_equal(fakehost_log(host), "");
	assert_int_equal(fakehost_options(host, "shm_size = max"), 0);
	assert_int_equal(fakehost_run(host, check), 0);
	assert_string_equal(
		fakehost_log(host),
		"exposes 2: it can fill /dev/shm with as much as its cgroup may have of memory, or the host "
		"has: give shm_size a size\n");
	fakehost_free(host);
}

int main(void)
{
	/* The last ones leave this program in a user namespace. */
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(makes_nodes),
		cmocka_unit_test(mqueue_only_with_its_namespace),
		cmocka_unit_test(size_of_shm),
		cmocka_unit_test(a_link_of_the_image_is_refused),
		cmocka_unit_test(failures_are_passed_on),
		cmocka_unit_test(no_console_without_a_terminal),
		cmocka_unit_test(binds_nodes),
		cmocka_unit_test(a_wrong_node_of_the_host_is_refused),
		cmocka_unit_test(the_terminal_is_the_console),
		cmocka_unit_test(what_it_exposes),
	};

	return cmocka_run_group_tests_name("dev", tests, make_place, remove_place);
}
