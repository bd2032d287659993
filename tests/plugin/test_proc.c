/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "fakehost.h"

static void mounts_proc(void **state)
{
	struct contain_ctx *host = fakehost_new();

	(void)state;
	assert_int_equal(fakehost_run(host, child_setup), 0);
	assert_string_equal(fakehost_log(host), "info: mounting /proc\n"
						"new proc nosuid,nodev,noexec\n"
						"attach proc at /proc nofollow\n");
	fakehost_free(host);
}

static void a_link_of_the_image_is_refused(void **state)
{
	struct contain_ctx *host = fakehost_new();
	char path[256];

	(void)state;
	snprintf(path, sizeof(path), "%s/elsewhere", fakehost_root(host));
	assert_int_equal(mkdir(path, 0755), 0);
	snprintf(path, sizeof(path), "%s/proc", fakehost_root(host));
	assert_int_equal(symlink("elsewhere", path), 0);
	assert_int_equal(fakehost_run(host, child_setup), -ELOOP);
	assert_non_null(strstr(fakehost_error(host), "/proc"));
	fakehost_free(host);
}

static void needs_a_root(void **state)
{
	(void)state;
	assert_string_equal(contain_plugin_v1()->needs[0], "mountns");
	assert_string_equal(contain_plugin_v1()->after[0], "mountns");
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

/* What root inside may do by its user id alone, and what by the processes that it sees. */
static void what_it_exposes(void **state)
{
	struct contain_ctx *host = fakehost_new();

	(void)state;
	assert_int_equal(fakehost_run(host, check), 0);
	assert_non_null(strstr(fakehost_log(host), "exposes 8: root inside can write to /proc/sys"));
	assert_non_null(strstr(fakehost_log(host), "exposes 10: it sees the host's processes in /proc"));
	fakehost_forget(host);
	fakehost_namespaces(host, CLONE_NEWPID);
	assert_int_equal(fakehost_run(host, check), 0);
	assert_non_null(strstr(fakehost_log(host), "exposes 8: "));
	assert_null(strstr(fakehost_log(host), "exposes 10: "));
	fakehost_forget(host);
	fakehost_namespaces(host, CLONE_NEWUSER);
	assert_int_equal(fakehost_run(host, check), 0);
	assert_string_equal(fakehost_log(host), "");
	fakehost_free(host);
}

static void a_failed_word_is_passed_on(void **state)
{
	struct contain_ctx *host = fakehost_new();

	(void)state;
	fakehost_break(host, "contain_exposes", ENOMEM);
	assert_int_equal(fakehost_run(host, check), -ENOMEM);
	fakehost_free(host);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mounts_proc),     cmocka_unit_test(a_link_of_the_image_is_refused),
		cmocka_unit_test(needs_a_root),    cmocka_unit_test(failures_are_passed_on),
		cmocka_unit_test(what_it_exposes), cmocka_unit_test(a_failed_word_is_passed_on),
	};

	return cmocka_run_group_tests_name("proc", tests, NULL, NULL);
}
