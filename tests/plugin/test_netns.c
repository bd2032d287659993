/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <net/if.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
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
	assert_int_equal(fakehost_run(host, child_setup), 0);
	assert_true(loopback_is_up());
	assert_int_equal(lowest_free_fd(), before);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(loopback_comes_up),
		cmocka_unit_test(a_refusal_names_the_device),
	};

	return cmocka_run_group_tests_name("netns", tests, NULL, NULL);
}
