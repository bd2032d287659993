/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include <cmocka.h>

#include "fakehost.h"

static int options(const char *lines)
{
	struct contain_ctx *host = fakehost_new();
	int error = fakehost_options(host, lines);

	fakehost_free(host);
	return error;
}

static void asks_for_a_namespace(void **state)
{
	(void)state;
	assert_int_equal(contain_plugin_v1()->namespaces, CLONE_NEWUTS);
}

static void names_are_checked(void **state)
{
	(void)state;
	assert_int_equal(options("hostname = sandbox"), 0);
	assert_int_equal(options("hostname = a.b-c_D9"), 0);
	assert_int_equal(options("domainname = example.org"), 0);
	assert_int_equal(options("hostname = 1234567890123456789012345678901234567890123456789012345678901234"), 0);
	assert_int_equal(options("hostname = 12345678901234567890123456789012345678901234567890123456789012345"),
			 -EINVAL);
	assert_int_equal(options("hostname ="), -EINVAL);
	assert_int_equal(options("hostname = a b"), -EINVAL);
	assert_int_equal(options("hostname = a/b"), -EINVAL);
	assert_int_equal(options("hostname = a\tb"), -EINVAL);
	assert_int_equal(options("hostname = a\033[31m"), -EINVAL);
	assert_int_equal(options("hostname = a\177"), -EINVAL);
	assert_int_equal(options("domainname = a/b"), -EINVAL);
}

static void the_kernel_gets_the_names(void **state)
{
	(void)state;
	fakehost_needs(fakehost_unshare(CLONE_NEWUTS));
	struct contain_ctx *host = fakehost_new();
	struct utsname names;
	assert_int_equal(fakehost_options(host, "hostname = sandbox\ndomainname = example"), 0);
	assert_int_equal(fakehost_run(host, child_setup), 0);
	assert_string_equal(fakehost_log(host), "info: setting hostname: sandbox\n");
	assert_int_equal(uname(&names), 0);
	assert_string_equal(names.nodename, "sandbox");
	assert_string_equal(names.domainname, "example");

	/* Not given: the container's id, and the domain is left alone. */
	assert_int_equal(fakehost_options(host, ""), 0);
	fakehost_id(host, "c-17");
	assert_int_equal(fakehost_run(host, child_setup), 0);
	assert_int_equal(uname(&names), 0);
	assert_string_equal(names.nodename, "c-17");
	assert_string_equal(names.domainname, "example");
	fakehost_free(host);
}

static void a_refusal_names_the_name(void **state)
{
	(void)state;
	/* In a user namespace of its own this program may not change the host name of the one above. */
	fakehost_needs(fakehost_unshare(CLONE_NEWUSER));
	struct contain_ctx *host = fakehost_new();
	assert_int_equal(fakehost_options(host, "hostname = sandbox"), 0);
	assert_int_equal(fakehost_run(host, child_setup), -EPERM);
	assert_non_null(strstr(fakehost_error(host), "'sandbox'"));
	fakehost_free(host);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(asks_for_a_namespace),
		cmocka_unit_test(names_are_checked),
		cmocka_unit_test(the_kernel_gets_the_names),
		cmocka_unit_test(a_refusal_names_the_name),
	};

	return cmocka_run_group_tests_name("utsns", tests, NULL, NULL);
}
