/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "container/layout.h"

#define PURE_V2                                                                                                        \
	"25 24 0:23 / /proc rw shared:1 - proc proc rw\n"                                                              \
	"31 24 0:26 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n"

static void a_path_is_named_after_the_container(void **state)
{
	static const struct {
		const char *mount, *parent, *expected;
	} rows[] = {
		{ "/sys/fs/cgroup", "", "/sys/fs/cgroup/contain-test-container" },
		{ "/sys/fs/cgroup", "/", "/sys/fs/cgroup/contain-test-container" },
		{ "/sys/fs/cgroup", "user.slice/mine", "/sys/fs/cgroup/user.slice/mine/contain-test-container" },
		{ "/sys/fs/cgroup", "/user.slice", "/sys/fs/cgroup/user.slice/contain-test-container" },
		{ "/sys/fs/cgroup/memory", "", "/sys/fs/cgroup/memory/contain-test-container" },
		{ "/", "", "/contain-test-container" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		char *path = layout_path(rows[i].mount, rows[i].parent, "test-container");

		assert_string_equal(path, rows[i].expected);
		free(path);
	}
}

static void cgroup2_alone(void **state)
{
	struct layout layout = { 0 };

	(void)state;
	assert_int_equal(layout_parse(&layout, PURE_V2), 0);
	assert_int_equal(layout.count, 1);
	assert_int_equal(layout.hierarchies[0].version, 2);
	assert_string_equal(layout.hierarchies[0].mount, "/sys/fs/cgroup");
	assert_null(layout.hierarchies[0].controllers);
	layout_free(&layout);
}

static void hybrid_with_joint_controllers(void **state)
{
	struct layout layout = { 0 };

	(void)state;
	assert_int_equal(
		layout_parse(&layout,
			     "31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw\n"
			     "32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n"
			     "35 31 0:32 / /sys/fs/cgroup/memory rw shared:4 master:2 - cgroup cgroup rw,memory\n"
			     "40 31 0:37 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,name=systemd\n"
			     "41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n"),
		0);
	assert_int_equal(layout.count, 4);
	assert_int_equal(layout.hierarchies[0].version, 1);
	assert_true(layout_has_word(layout.hierarchies[0].controllers, "cpuacct"));
	assert_true(layout_has_word(layout.hierarchies[0].controllers, "cpu"));
	assert_false(layout_has_word(layout.hierarchies[0].controllers, "memory"));
	assert_string_equal(layout.hierarchies[1].mount, "/sys/fs/cgroup/memory");
	assert_int_equal(layout.hierarchies[3].version, 2);
	layout_free(&layout);
}

/* A hierarchy that is mounted twice counts once; blanks in paths are escaped. */
static void the_best_mount_of_a_hierarchy_counts(void **state)
{
	static const struct {
		const char *mounts[3], *expected;
	} rows[] = {
		/* The usual place before any other, and the first of two that are alike. */
		{ { "/ /mnt/a rw", "/ /sys/fs/cgroup rw", "/ /mnt/b rw" }, "/sys/fs/cgroup" },
		{ { "/ /mnt/a rw", "/ /mnt/b rw", "/ /mnt/c rw" }, "/mnt/a" },
		/* A part of it, bound for somebody else; one that can't be written to. */
		{ { "/docker/x /sys/fs/cgroup rw", "/ /mnt/b rw", "/docker/y /sys/fs/cgroup/z rw" }, "/mnt/b" },
		{ { "/ /sys/fs/cgroup ro,nosuid", "/ /mnt/b rw", "/ /mnt/c ro" }, "/mnt/b" },
		/* The later one lies over the former. */
		{ { "/ /sys/fs/cgroup rw", "/ /sys/fs/cgroup ro", "/ /mnt/a ro" }, "/sys/fs/cgroup" },
		/* Better than nothing. */
		{ { "/docker/x /mnt/my\\040cgroups ro", "/docker/x /mnt/y\\134 ro", "/docker/x /z ro" },
		  "/mnt/my cgroups" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct layout layout = { 0 };
		char mountinfo[1024] = "";

		for (size_t j = 0; j < COUNT(rows[i].mounts); j++)
			snprintf(mountinfo + strlen(mountinfo), sizeof(mountinfo) - strlen(mountinfo),
				 "31 24 0:26 %s,relatime shared:9 - cgroup2 cgroup2 rw\n", rows[i].mounts[j]);
		assert_int_equal(layout_parse(&layout, mountinfo), 0);
		assert_int_equal(layout.count, 1);
		assert_string_equal(layout.hierarchies[0].mount, rows[i].expected);
		layout_free(&layout);
	}
}

static void other_lines_are_passed_over(void **state)
{
	static const char *const texts[] = {
		"",
		"\n",
		"garbage\n",
		"1 2 3\n",
		" - cgroup2\n",
		"25 24 0:23 / /x rw - cgroupfs x rw\n",
		"25 24 0:23 / /proc rw - proc - cgroup2 rw\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		struct layout layout = { 0 };

		assert_int_equal(layout_parse(&layout, texts[i]), 0);
		assert_int_equal(layout.count, 0);
		layout_free(&layout);
	}
}

static void words_are_whole(void **state)
{
	(void)state;
	assert_true(layout_has_word("cpuset cpu io memory\n", "cpu"));
	assert_true(layout_has_word("cpuset cpu io memory\n", "memory"));
	assert_false(layout_has_word("cpuset io", "cpu"));
	assert_false(layout_has_word("", "cpu"));
	assert_true(layout_has_word("12\n345\n", "345"));
	assert_false(layout_has_word("12\n345\n", "34"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_path_is_named_after_the_container),
		cmocka_unit_test(cgroup2_alone),
		cmocka_unit_test(hybrid_with_joint_controllers),
		cmocka_unit_test(the_best_mount_of_a_hierarchy_counts),
		cmocka_unit_test(other_lines_are_passed_over),
		cmocka_unit_test(words_are_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
