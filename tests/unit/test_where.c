/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "cli/where.h"
#include "unit.h"

static void profiles(void **state)
{
	static const struct {
		const char *prefix, *path;
	} table[] = {
		{ "/usr/local", "/usr/local/etc/contain" },
		{ "/opt/contain", "/opt/contain/etc/contain" },
		{ "/home/somebody/contain/build", "/home/somebody/contain/build/etc/contain" },
		{ "", "/etc/contain" },
		/* What is in /usr is configured in /etc; so also in a tree that is not at / yet. */
		{ "/usr", "/etc/contain" },
		{ "/tmp/staged/usr", "/tmp/staged/etc/contain" },
		/* These only look like it. */
		{ "/srv/myusr", "/srv/myusr/etc/contain" },
		{ "/usr/x", "/usr/x/etc/contain" },
	};
	char path[PATH_MAX];

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++)
		assert_string_equal(where_profiles(table[i].prefix, path), table[i].path);
}

static void templates(void **state)
{
	char path[PATH_MAX];

	(void)state;
	assert_string_equal(where_templates("/usr", path), "/usr/share/contain/plugin-template");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(profiles),
		cmocka_unit_test(templates),
	};

	return cmocka_run_group_tests_name("where", tests, NULL, NULL);
}
