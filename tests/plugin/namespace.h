/* SPDX-License-Identifier: MIT */
/* The whole test of a plugin that asks for one namespace, and does nothing else: define PLUGIN and NAMESPACE first. */
#include <errno.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "fakehost.h"

static void asks_for_a_namespace(void **state)
{
	(void)state;
	assert_string_equal(contain_plugin_v1()->name, PLUGIN);
	assert_int_equal(contain_plugin_v1()->namespaces, NAMESPACE);
}

static void does_nothing_else(void **state)
{
	struct contain_ctx *host = fakehost_new();

	(void)state;
	assert_int_equal(fakehost_run(host, configure), -ENOSYS);
	assert_int_equal(fakehost_run(host, child_setup), -ENOSYS);
	assert_int_equal(fakehost_run(host, teardown), -ENOSYS);
	assert_int_equal(fakehost_options(host, "anything = 1"), -EINVAL);
	assert_string_equal(fakehost_log(host), "");
	fakehost_free(host);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(asks_for_a_namespace),
		cmocka_unit_test(does_nothing_else),
	};

	return cmocka_run_group_tests_name(PLUGIN, tests, NULL, NULL);
}
