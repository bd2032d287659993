/* SPDX-License-Identifier: MIT */
/* The options, and the hooks against the kernel, in mount namespaces of the test's own. */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "fakehost.h"

/* A directory with an image in it: place/root with a file `here`; place/data, and the file place/file. */
static char place[] = "/tmp/test-mountns.XXXXXX";

static void touch(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

	assert_true(fd >= 0);
	close(fd);
}

static int make_place(void **state)
{
	(void)state;
	if (!mkdtemp(place) || chdir(place) < 0)
		return -1;
	mkdir("root", 0755);
	mkdir("root/sub", 0755);
	mkdir("data", 0755);
	mkdir("empty", 0755);
	touch("root/here");
	touch("file");
	return 0;
}

static int delete (const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

static int remove_place(void **state)
{
	(void)state;
	return nftw(place, delete, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}

/* ---- options ---- */

static void volumes_that_are_good(void **state)
{
	static const char *const table[] = {
		"/a:/b",           "/a:/b:ro",     "/a:/b:rw", "./a:/b",          "/a/b.c/..d:/e/f..", "/:/host",
		"/a:/b:nosuid,ro", "/a:/b:noexec", "/a:/b/",   "/a b:/c d:nodev", "//a:/b/./c",        ".:/here",
	};
	struct contain_ctx *host = fakehost_new();
	char text[256];

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		snprintf(text, sizeof(text), "volume = %s", table[i]);
		if (fakehost_options(host, text))
			fail_msg("%s: %s", table[i], fakehost_errors(host));
	}
	fakehost_free(host);
}

static void volumes_that_are_not(void **state)
{
	static const struct {
		const char *volume, *words;
	} table[] = {
		{ "/a", "HOST:CONTAINER" },
		{ ":/b", "no host path" },
		{ ":", "no host path" },
		{ "a:/b", "absolute or begin with ./ (for one in this directory)" },
		{ ".x:/b", "absolute or begin with ./ (for one in this directory)" },
		{ "/a/../b:/c", "host path must not have '..'" },
		{ "/..:/c", "host path must not have '..'" },
		{ "./..:/c", "host path must not have '..'" },
		{ "/a:", "no container path" },
		{ "/a::ro", "no container path" },
		{ "/a:b", "container path must be absolute" },
		{ "/a:/b/..", "container path must not have '..'" },
		{ "/a:/../b", "container path must not have '..'" },
		{ "/a:/", "the root itself" },
		{ "/a://", "the root itself" },
		{ "/a:/./", "the root itself" },
		{ "/a:/b:", "second ':'" },
		{ "/a:/b:r", "second ':'" },
		{ "/a:/b:ro,", "second ':'" },
		{ "/a:/b:ro:rw", "second ':'" },
		{ "/a:/b:ro,suid", "second ':'" },
		{ "/a:/b:ro,rw", "both" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		struct contain_ctx *host = fakehost_new();
		char text[256];

		snprintf(text, sizeof(text), "volume = %s", table[i].volume);
		assert_int_equal(fakehost_options(host, text), -EINVAL);
		if (!strstr(fakehost_errors(host), table[i].words))
			fail_msg("%s: no '%s' in: %s", table[i].volume, table[i].words, fakehost_errors(host));
		fakehost_free(host);
	}
}

/* Straight to the callback, as a message would be too long to be seen whole. */
static void long_paths(void **state)
{
	const struct contain_option *option = contain_plugin_v1()->options;
	char text[PATH_MAX + 16], why[256];

	(void)state;
	while (strcmp(option->key, "volume") != 0)
		option++;
	for (int length = PATH_MAX - 1; length <= PATH_MAX; length++) {
		memset(text, 'a', sizeof(text));
		*text = '/';
		snprintf(text + length, sizeof(text) - (size_t)length, ":/b");
		assert_int_equal(option->parse(text, NULL, why, sizeof(why)), length < PATH_MAX ? 0 : -EINVAL);
		memset(text, 'a', sizeof(text));
		memcpy(text, "/b:/", 4);
		text[3 + length] = '\0';
		assert_int_equal(option->parse(text, NULL, why, sizeof(why)), length < PATH_MAX ? 0 : -EINVAL);
	}
	assert_non_null(strstr(why, "too long"));
}

static void root_filesystems_that_are_not(void **state)
{
	static const struct {
		const char *option, *words;
	} table[] = {
		{ "", "give --rootfs DIR" },
		{ "rootfs =", "give --rootfs DIR" },
		{ "rootfs = missing", "missing" },
		{ "rootfs = file", "must be a directory" },
		{ "rootfs = empty", "empty directory" },
	};
	struct contain_ctx *host = fakehost_new();

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		fakehost_forget(host);
		assert_int_equal(fakehost_options(host, table[i].option), 0);
		assert_true(fakehost_run(host, configure) < 0);
		if (!strstr(fakehost_error(host), table[i].words))
			fail_msg("%s: no '%s' in: %s", table[i].option, table[i].words, fakehost_error(host));
	}
	assert_int_equal(fakehost_options(host, "rootfs = root"), 0);
	assert_int_equal(fakehost_run(host, configure), 0);
	fakehost_free(host);
}

/* ---- mounts ---- */

/* A host whose hooks up to parent_prepare have run. */
static struct contain_ctx *prepared(const char *options)
{
	struct contain_ctx *host = fakehost_new();

	assert_int_equal(fakehost_options(host, options), 0);
	if (fakehost_run(host, configure) || fakehost_run(host, parent_prepare))
		fail_msg("%s: %s", options, fakehost_error(host));
	return host;
}

static unsigned long flags_at(int at, const char *path)
{
	int fd = openat(at, path, O_PATH | O_CLOEXEC);
	struct statvfs st;
	int error = fstatvfs(fd, &st);

	close(fd);
	assert_int_equal(error, 0);
	return st.f_flag;
}

/* How many mounts there are, and the words on the lines that have them; through a descriptor of the host's /proc. */
static int count_mounts(int proc, const char *words)
{
	FILE *file = fdopen(openat(proc, "self/mountinfo", O_RDONLY | O_CLOEXEC), "re");
	char line[4096];
	int count = 0;

	while (file && fgets(line, sizeof(line), file))
		count += !words || strstr(line, words) != NULL;
	if (file)
		fclose(file);
	return count;
}

/* Where the child of in_child() has its root, if that is a chroot. */
static const char *jail;

/* As the host does it, in a child with a mount namespace of its own. Gives back what `check` returned, or 100. */
static int in_child(struct contain_ctx *host, int (*check)(int proc))
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		int proc = open("/proc", O_PATH | O_CLOEXEC);

		if (unshare(CLONE_NEWNS) < 0 || (jail && (chroot(jail) < 0 || chdir("/") < 0)) ||
		    fakehost_run(host, child_setup) || fakehost_run(host, child_switch)) {
			fprintf(stderr, "%s", fakehost_log(host));
			_exit(100);
		}
		_exit(check(proc));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static int check_root(int proc)
{
	char cwd[64] = "";

	if (access("/here", F_OK) < 0 || access("/etc", F_OK) == 0)
		return 1;
	if (!getcwd(cwd, sizeof(cwd)) || strcmp(cwd, "/") != 0)
		return 2;
	/* The old root is gone, and there is nothing but the new one. */
	if (count_mounts(proc, NULL) != 1 || count_mounts(proc, " / / ") > 1)
		return 3;
	if (count_mounts(proc, "shared:") || count_mounts(proc, "master:"))
		return 4;
	return statvfs("/", &(struct statvfs){ 0 }) < 0 || mkdir("/new", 0755) < 0 || rmdir("/new") < 0 ? 5 : 0;
}

static void switches_the_root(void **state)
{
	(void)state;
	fakehost_needs(fakehost_unshare(CLONE_NEWNS));
	/* As systemd has it: without care every mount of the child would appear here too. */
	assert_int_equal(mount(NULL, "/", NULL, MS_REC | MS_SHARED, NULL), 0);
	struct contain_ctx *host = prepared("rootfs = ./root");
	int proc = open("/proc", O_PATH | O_CLOEXEC), before = count_mounts(proc, NULL);
	assert_string_equal(fakehost_log(host), "fd rootfs\n");
	assert_int_equal(in_child(host, check_root), 0);
	assert_int_equal(count_mounts(proc, NULL), before);
	close(proc);
	fakehost_free(host);
}

static struct contain_ctx *told;

static int check_steps(int proc)
{
	(void)proc;
	return strcmp(fakehost_log(told), "fd rootfs\n"
					  "fd volume0\n"
					  "fd volume1\n"
					  "info: setting up rootfs: ./root\n"
					  "rootfs\n"
					  "attach dir at /data\n"
					  "attach file at /etc/file file\n"
					  "info: pivoting root\n") != 0;
}

static void tells_the_steps(void **state)
{
	(void)state;
	fakehost_needs(fakehost_unshare(CLONE_NEWNS));
	told = prepared("rootfs = ./root\nvolume = ./data:/data\nvolume = ./file:/etc/file:ro");
	assert_int_equal(in_child(told, check_steps), 0);
	/* The fake host only makes the mount points. */
	assert_int_equal(unlink("root/etc/file") | rmdir("root/etc") | rmdir("root/data"), 0);
	fakehost_free(told);
}

static void what_pivot_root_refuses_is_explained(void **state)
{
	(void)state;
	fakehost_needs(fakehost_unshare(CLONE_NEWNS));
	assert_int_equal(mount("none", "root/sub", "tmpfs", 0, NULL), 0);
	assert_int_equal(mkdir("root/sub/root", 0755), 0);
	struct contain_ctx *host = prepared("rootfs = root/sub/root/..");
	/* A directory that is no mount: EINVAL, as for an initramfs, which nobody can switch back from. */
	assert_int_equal(contain_rootfs_set(host, open("root/sub/root", O_PATH | O_CLOEXEC)), 0);
	assert_int_equal(fakehost_run(host, child_switch), -EINVAL);
	assert_non_null(strstr(fakehost_error(host), "initramfs"));
	assert_int_equal(chdir(place), 0);
	fakehost_free(host);
	assert_int_equal(umount("root/sub"), 0);
}

static void volumes_have_their_attributes_at_once(void **state)
{
	(void)state;
	fakehost_needs(fakehost_unshare(CLONE_NEWNS));
	/* A mount below a volume is read-only too. */
	assert_int_equal(mount("none", "root/sub", "tmpfs", 0, NULL), 0);
	struct contain_ctx *host = prepared("rootfs = ./root\nvolume = ./root:/a:ro\nvolume = ./root:/b:nosuid,nodev\n"
					    "volume = ./root:/c:noexec,rw");
	const unsigned long all = ST_RDONLY | ST_NOSUID | ST_NODEV | ST_NOEXEC;
	unsigned long top = flags_at(AT_FDCWD, "root") & all;
	for (int i = 0; i < 2; i++) {
		const char *path = i ? "sub" : ".";
		unsigned long own = i ? 0 : top;

		assert_int_equal(flags_at(contain_fd_get(host, "volume0"), path) & all, own | ST_RDONLY);
		assert_int_equal(flags_at(contain_fd_get(host, "volume1"), path) & all, own | ST_NOSUID | ST_NODEV);
		assert_int_equal(flags_at(contain_fd_get(host, "volume2"), path) & all, own | ST_NOEXEC);
		assert_int_equal(flags_at(contain_fd_get(host, "rootfs"), path) & all, own);
	}
	assert_int_equal(umount("root/sub"), 0);
	fakehost_free(host);
}

static void a_missing_volume_is_named(void **state)
{
	(void)state;
	fakehost_needs(fakehost_unshare(CLONE_NEWNS));
	struct contain_ctx *host = fakehost_new();
	assert_int_equal(fakehost_options(host, "rootfs = root\nvolume = ./data:/a\nvolume = ./gone:/b"), 0);
	assert_int_equal(fakehost_run(host, parent_prepare), -ENOENT);
	assert_non_null(strstr(fakehost_error(host), "./gone"));
	fakehost_free(host);
}

static int check_read_only(int proc)
{
	(void)proc;
	if (mkdir("/new", 0755) == 0 || errno != EROFS)
		return 1;
	return mkdir("/sub/new", 0755) == 0 || errno != EROFS ? 2 : 0;
}

static void read_only(void **state)
{
	(void)state;
	fakehost_needs(fakehost_unshare(CLONE_NEWNS));
	assert_int_equal(mount("none", "root/sub", "tmpfs", 0, NULL), 0);
	struct contain_ctx *host = prepared("rootfs = root\nread_only = yes");
	/* Mount points can still be made in the root itself. */
	assert_false(flags_at(contain_fd_get(host, "rootfs"), ".") & ST_RDONLY);
	assert_true(flags_at(contain_fd_get(host, "rootfs"), "sub") & ST_RDONLY);
	assert_int_equal(in_child(host, check_read_only), 0);
	/* The host's own are as they were. */
	assert_int_equal(mkdir("root/sub/new", 0755), 0);
	assert_int_equal(umount("root/sub"), 0);
	fakehost_free(host);
}

static void what_is_read_only_stays_so(void **state)
{
	(void)state;
	fakehost_needs(fakehost_unshare(CLONE_NEWNS));
	assert_int_equal(mount("root", "root", NULL, MS_BIND, NULL), 0);
	assert_int_equal(mount(NULL, "root", NULL, MS_BIND | MS_REMOUNT | MS_RDONLY, NULL), 0);
	struct contain_ctx *host = prepared("rootfs = root\nread_only = yes");
	assert_true(flags_at(contain_fd_get(host, "rootfs"), ".") & ST_RDONLY);
	assert_int_equal(umount2("root", MNT_DETACH), 0);
	fakehost_free(host);
}

static int mounts_before;

static int check_hosts_root(int proc)
{
	if (access("/etc/passwd", F_OK) < 0 || access(place, F_OK) < 0)
		return 1;
	/* Copies of all, none twice: the old ones are gone. */
	return count_mounts(proc, NULL) == mounts_before ? 0 : 2;
}

static void the_hosts_own_root(void **state)
{
	(void)state;
	fakehost_needs(fakehost_unshare(CLONE_NEWNS));
	struct contain_ctx *host = prepared("rootfs = /");
	int proc = open("/proc", O_PATH | O_CLOEXEC);
	mounts_before = count_mounts(proc, NULL);
	close(proc);
	assert_int_equal(in_child(host, check_hosts_root), 0);
	fakehost_free(host);
}

static int check_true_root(int proc)
{
	int self = pidfd_open(getpid(), 0);

	/* To the root of the namespace, which is what an escape from a chroot leads to. */
	if (setns(self, CLONE_NEWNS) < 0)
		return 1;
	return access("/here", F_OK) < 0 || count_mounts(proc, NULL) != 1 ? 2 : 0;
}

/* The host's root would stay above the container's, and pivot_root(2) refuses a chroot besides. */
static void in_a_chroot(void **state)
{
	(void)state;
	fakehost_needs(fakehost_unshare(CLONE_NEWNS));
	struct contain_ctx *host = prepared("rootfs = ./root");
	jail = place;
	int result = in_child(host, check_true_root);
	jail = NULL;
	assert_int_equal(result, 0);
	fakehost_free(host);
}

/* ---- check ---- */

/* What is said, of these options. */
static char *said(const char *lines, uint64_t namespaces)
{
	struct contain_ctx *host = fakehost_new();
	char *log;

	assert_int_equal(fakehost_options(host, lines), 0);
	fakehost_namespaces(host, namespaces);
	assert_int_equal(fakehost_run(host, check), 0);
	log = strdup(fakehost_log(host));
	fakehost_free(host);
	return log;
}

static void assert_said(const char *lines, const char *expected)
{
	char *log = said(lines, 0);

	assert_string_equal(log, expected);
	free(log);
}

/* Each line begins with one of these, and there are no others. */
static void assert_begins(const char *volume, const char *const *lines, uint64_t namespaces)
{
	char options[512], *log, *rest, *line;

	snprintf(options, sizeof(options), "read_only = yes\nvolume = %s", volume);
	log = rest = said(options, namespaces);
	assert_string_equal(strsep(&rest, "\n"), "protects filesystem");
	for (; *lines; lines++) {
		line = strsep(&rest, "\n");
		if (!line || strncmp(line, *lines, strlen(*lines)) != 0)
			fail_msg("volume %s: not '%s' but '%s'", volume, *lines, line ? line : "");
	}
	assert_string_equal(rest, "");
	free(log);
}

#define assert_volume(VOLUME, ...) assert_begins(VOLUME, (const char *const[]){ __VA_ARGS__, NULL }, 0)
#define SET_UID                    "exposes 1: set-uid programs and devices in the host's "

static void roots_are_assessed(void **state)
{
	char root[PATH_MAX], text[PATH_MAX + 128];

	(void)state;
	assert_said(
		"",
		"protects filesystem\nexposes 2: it can change its root filesystem, and what it leaves there stays: "
		"set read_only (--read-only)\n");
	assert_said("read_only = yes", "protects filesystem\n");
	assert_said("read_only = yes\nrootfs = root", "protects filesystem\n");
	assert_non_null(realpath("root", root));
	snprintf(
		text, sizeof(text),
		"protects filesystem\nexposes 2: it can change its root filesystem %s, and what it leaves there stays: "
		"set read_only (--read-only)\n",
		root);
	assert_said("rootfs = root", text);
	/* The host's own, whatever its name: no protection. */
	assert_int_equal(symlink("/", "slash"), 0);
	assert_said(
		"rootfs = slash",
		"exposes 10: its root is the host's /, which is all of its files: give it a root filesystem of its own "
		"(--rootfs)\n");
	assert_said(
		"read_only = yes\nrootfs = /",
		"exposes 10: its root is the host's / with /proc, whose links /proc/PID/root lead to the host's files: "
		"give it a root filesystem of its own (--rootfs)\n");
	/* But one that lies beneath such a place is one like others. */
	assert_said("read_only = yes\nrootfs = /var/lib/machines/no-such", "protects filesystem\n");
}

static void volumes_of_places(void **state)
{
	(void)state;
	assert_volume("/:/host", "exposes 10: root inside can change the host's /, which is all", SET_UID "/ ");
	assert_volume("/:/host:ro", "exposes 10: root inside has the host's / with /proc, ", SET_UID "/ ");
	assert_volume("/etc/:/e:nosuid,nodev", "exposes 10: root inside can change the host's /etc, which says who");
	assert_volume("/etc:/e:ro,nosuid,nodev", "exposes 3: root inside reads the host's /etc, ");
	/* A part of it is written like all of it, and read like any file. */
	assert_volume("/etc/no-such:/e", "exposes 10: root inside can change the host's /etc/no-such, ");
	assert_volume("/etc/passwd:/p:ro", NULL);
	/* What only begins like it. */
	assert_volume("/etcetera:/e", "exposes 1: it can change the host's /etcetera, ");
	/* What holds it. */
	assert_volume("/var:/v:ro,nosuid,nodev", "exposes 3: root inside reads the host's /var with /var/lib, ");
	assert_volume("/var/lib/no-such:/v", "exposes 1: it can change the host's /var/lib/no-such, ");
	/* Where read-only is no help. */
	assert_volume("/proc:/p:ro,nosuid,nodev", "exposes 10: root inside has the host's /proc, ");
	assert_volume("/proc/1:/p:ro,nosuid,nodev", "exposes 10: root inside has the host's /proc/1, ");
	assert_volume("/dev:/d:ro,nosuid,nodev", "exposes 10: root inside has the host's /dev, ");
	assert_volume("/sys:/s:nosuid,nodev", "exposes 8: root inside can change the host's /sys, ");
	assert_volume("/root/no-such:/r", "exposes 1: ");
}

static void volumes_of_files(void **state)
{
	static const char *const halved[] = { "exposes 5: root inside can change the host's /etc", NULL };
	static const char *const plain[] = { "exposes 1: it can change the host's /tmp/", NULL };
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)state;
	strcpy(address.sun_path, "docker.sock");
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	close(fd);
	assert_volume("./data:/d", "exposes 1: it can change the host's /tmp/", SET_UID "/tmp/");
	assert_volume("./data:/d:ro", SET_UID "/tmp/");
	assert_volume("./data:/d:ro,nosuid", SET_UID "/tmp/");
	assert_volume("./data:/d:ro,nosuid,nodev", NULL);
	assert_volume("./file:/f:ro", NULL);
	assert_volume("./file:/f", "exposes 1: it can change the host's /tmp/");
	assert_volume("./docker.sock:/s:ro", "exposes 10: it can ask the service of the host behind /tmp/");
	assert_int_equal(rename("docker.sock", "other.sock"), 0);
	assert_volume("./other.sock:/s", "exposes 5: it can ask the service of the host behind /tmp/");
	assert_volume("/dev/null:/n", NULL);
	assert_volume("/dev/urandom:/n:ro", NULL);
	assert_volume("/dev/tty:/t", "exposes 4: it can use the host's device /dev/tty: ");
	assert_volume("/dev/tty:/t:nodev", NULL);
	/* In a user namespace root's files are not its own. */
	assert_begins("/etc:/e:nosuid,nodev", halved, CLONE_NEWUSER);
	assert_begins("./file:/f", plain, CLONE_NEWUSER);
}

static void a_disk(void **state)
{
	(void)state;
	fakehost_needs(mknod("disk", S_IFBLK | 0600, makedev(7, 0)));
	assert_volume("./disk:/d:ro", "exposes 10: it can read and write the host's disk /tmp/");
	assert_volume("./disk:/d:nodev", NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(volumes_that_are_good),
		cmocka_unit_test(volumes_that_are_not),
		cmocka_unit_test(long_paths),
		cmocka_unit_test(root_filesystems_that_are_not),
		cmocka_unit_test(switches_the_root),
		cmocka_unit_test(tells_the_steps),
		cmocka_unit_test(what_pivot_root_refuses_is_explained),
		cmocka_unit_test(volumes_have_their_attributes_at_once),
		cmocka_unit_test(a_missing_volume_is_named),
		cmocka_unit_test(read_only),
		cmocka_unit_test(what_is_read_only_stays_so),
		cmocka_unit_test(the_hosts_own_root),
		cmocka_unit_test(in_a_chroot),
		cmocka_unit_test(roots_are_assessed),
		cmocka_unit_test(volumes_of_places),
		cmocka_unit_test(volumes_of_files),
		cmocka_unit_test(a_disk),
	};

	return cmocka_run_group_tests_name("mountns", tests, make_place, remove_place);
}
