/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <limits.h>
#include <net/if.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "fakehost.h"

static bool loopback_is_up(void)
{
	struct ifreq request = { .ifr_name = "lo" };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int result = ioctl(fd, SIOCGIFFLAGS, &request);

	close(fd);
	assert_int_equal(result, 0);
	return request.ifr_flags & IFF_UP;
}

static int lowest_free_fd(void)
{
	int fd = dup(0);

	close(fd);
	return fd;
}

static void loopback_comes_up(void **state)
{
	(void)state;
	assert_int_equal(contain_plugin_v1()->namespaces, CLONE_NEWNET);
	fakehost_needs(fakehost_unshare(CLONE_NEWNET));
	struct contain_ctx *host = fakehost_new();
	int before = lowest_free_fd();
	assert_false(loopback_is_up());
	assert_int_equal(fakehost_options(host, ""), 0);
	assert_int_equal(fakehost_run(host, configure), 0);
	assert_string_equal(fakehost_log(host), "");
	assert_int_equal(fakehost_run(host, child_setup), 0);
	assert_true(loopback_is_up());
	assert_int_equal(lowest_free_fd(), before);
	assert_int_equal(fakehost_run(host, check), 0);
	assert_string_equal(fakehost_log(host), "");
	fakehost_free(host);
}

static void a_refusal_names_the_device(void **state)
{
	(void)state;
	fakehost_needs(fakehost_unshare(CLONE_NEWUSER));
	struct contain_ctx *host = fakehost_new();
	assert_int_equal(fakehost_run(host, child_setup), -EPERM);
	assert_non_null(strstr(fakehost_error(host), "lo up"));
	fakehost_free(host);
}

/* Configure with that network; what it says for check and whether it leaves descriptors is known afterwards. */
static int join(struct contain_ctx *host, const char *network)
{
	char lines[PATH_MAX + 16];
	int before = lowest_free_fd(), result;

	snprintf(lines, sizeof(lines), "network = %s", network);
	assert_int_equal(fakehost_options(host, lines), 0);
	fakehost_forget(host);
	result = fakehost_run(host, configure);
	assert_int_equal(lowest_free_fd(), before);
	return result;
}

static void one_that_is_there_is_joined_as_it_is(void **state)
{
	char path[64];
	int fds[2], error;
	(void)state;
	struct contain_ctx *host = fakehost_new();

	assert_int_equal(join(host, "host"), 0);
	assert_string_equal(fakehost_log(host), "join net\n");
	assert_int_equal(join(host, "/proc/self/ns/net"), 0);
	assert_int_equal(join(host, "/proc/../proc//self/ns/./net"), 0);
	/* lo would be brought up by a system call that fails here, where that is not allowed. */
	assert_int_equal(fakehost_run(host, child_setup), 0);
	assert_int_equal(fakehost_run(host, check), 0);
	assert_string_equal(fakehost_log(host), "join net\n");

	/* Another one is shared with others. */
	assert_int_equal(pipe(fds), 0);
	pid_t pid = fork();
	if (pid == 0) {
		/* Whatever becomes of the test. */
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		error = fakehost_unshare(CLONE_NEWNET);
		if (write(fds[1], &error, sizeof(error)) == sizeof(error))
			pause();
		_exit(0);
	}
	assert_int_equal(read(fds[0], &error, sizeof(error)), sizeof(error));
	close(fds[0]);
	close(fds[1]);
	fakehost_needs(error);
	snprintf(path, sizeof(path), "/proc/%d/ns/net", pid);
	assert_int_equal(join(host, path), 0);
	assert_int_equal(fakehost_run(host, check), 0);
	assert_non_null(strstr(fakehost_log(host), "join net\nexposes 2: it shares the network of /proc/"));
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	fakehost_free(host);
}

/* What is put in place of a link that is read: two names. */
static const char *swap_from, *swap_to;

ssize_t readlinkat(int fd, const char *path, char *bytes, size_t size)
{
	if (swap_from) {
		assert_int_equal(rename(swap_from, swap_to), 0);
		swap_from = NULL;
	}
	return syscall(SYS_readlinkat, fd, path, bytes, size);
}

static void the_link_that_was_looked_at_is_followed(void **state)
{
	char folder[] = "/tmp/test-netns-XXXXXX", path[PATH_MAX], other[PATH_MAX];
	(void)state;
	struct contain_ctx *host = fakehost_new();

	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/net", folder);
	snprintf(other, sizeof(other), "%s/other", folder);
	assert_int_equal(symlink("/proc/self/ns/net", path), 0);
	assert_int_equal(symlink("/dev/null", other), 0);
	swap_from = other;
	swap_to = path;
	assert_int_equal(join(host, path), 0);
	assert_null(swap_from);
	assert_int_equal(join(host, path), -EINVAL);
	unlink(path);
	rmdir(folder);
	fakehost_free(host);
}

static void what_is_no_network_is_refused(void **state)
{
	char folder[] = "/tmp/test-netns-XXXXXX", path[PATH_MAX], link[PATH_MAX];
	(void)state;
	struct contain_ctx *host = fakehost_new();

	assert_int_equal(fakehost_options(host, "network = .."), -EINVAL);
	assert_non_null(strstr(fakehost_errors(host), "not none, host, a name of /run/netns or the path"));
	assert_int_equal(fakehost_options(host, "network ="), -EINVAL);
	assert_int_equal(join(host, "/dev/null"), -EINVAL);
	assert_string_equal(fakehost_error(host),
			    "'/dev/null' is no namespace: the network namespace of a process is /proc/PID/ns/net, and "
			    "those of `ip netns` are /run/netns/NAME");
	assert_int_equal(join(host, "/proc/self/ns/uts"), -EINVAL);
	assert_int_equal(join(host, "/nonesuch/net"), -ENOENT);
	assert_string_equal(fakehost_error(host),
			    "can't open the network namespace '/nonesuch/net': No such file or directory");
	assert_int_equal(join(host, "nonesuch-of-a-test"), -ENOENT);
	assert_non_null(
		strstr(fakehost_error(host), "there is no network namespace 'nonesuch-of-a-test' in /run/netns"));
	assert_non_null(strstr(fakehost_error(host), "ip netns add"));

	/* Links: of oneself they are followed, but not for ever. */
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/net", folder);
	snprintf(link, sizeof(link), "%s/loop", folder);
	assert_int_equal(symlink("/proc/self/ns/net", path), 0);
	assert_int_equal(symlink("loop", link), 0);
	assert_int_equal(join(host, path), 0);
	assert_int_equal(join(host, link), -ELOOP);
	if (geteuid() == 0) {
		assert_int_equal(lchown(path, 65534, 65534), 0);
		assert_int_equal(join(host, path), -EPERM);
		assert_non_null(strstr(fakehost_error(host),
				       "'net' on the way to the network namespace is a link of user 65534"));
	}
	unlink(path);
	unlink(link);
	rmdir(folder);
	fakehost_free(host);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		/* The two that leave our namespaces come last. */
		cmocka_unit_test(what_is_no_network_is_refused),
		cmocka_unit_test(the_link_that_was_looked_at_is_followed),
		cmocka_unit_test(one_that_is_there_is_joined_as_it_is),
		cmocka_unit_test(loopback_comes_up),
		cmocka_unit_test(a_refusal_names_the_device),
	};

	return cmocka_run_group_tests_name("netns", tests, NULL, NULL);
}
