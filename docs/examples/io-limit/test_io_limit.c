/* SPDX-License-Identifier: MIT */
/* Unit test of io-limit.c against the fake host: what is taken for a rule, and what the kernel is told, in both
 * versions. */
#include <contain/fakehost.h>
#include <dirent.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static int options(const char *lines)
{
	struct contain_ctx *host = fakehost_new();
	int error = fakehost_options(host, lines);

	fakehost_free(host);
	return error;
}

static void rules_are_checked(void **state)
{
	(void)state;
	assert_int_equal(options("read_bps = /dev/vda:10M"), 0);
	assert_int_equal(options("write_bps = 254:0:1"), 0);
	assert_int_equal(options("read_bps = /dev/disk/by-id/a:b:1T"), 0);
	assert_int_equal(options("read_iops = /dev/vda:100\nread_iops = /dev/vdb:max"), 0);
	assert_int_equal(options("write_iops = /dev/vda:4294967294"), 0);
	assert_int_equal(options("write_iops = /dev/vda:4294967295"), -EINVAL);
	assert_int_equal(options("read_iops = /dev/vda:10M"), -EINVAL);
	assert_int_equal(options("read_bps = /dev/vda:9223372036854775807"), 0);
	assert_int_equal(options("read_bps = /dev/vda:9223372036854775808"), -EINVAL);
	assert_int_equal(options("read_bps = /dev/vda:18446744073709551617"), -EINVAL);
	assert_int_equal(options("read_bps = /dev/vda:16777216T"), -EINVAL);
	assert_int_equal(options("read_bps = /dev/vda"), -EINVAL);
	assert_int_equal(options("read_bps = /dev/vda:"), -EINVAL);
	assert_int_equal(options("read_bps = :1M"), -EINVAL);
	assert_int_equal(options("read_bps = vda:1M"), -EINVAL);
	assert_int_equal(options("read_bps = 254:1M"), -EINVAL);
	assert_int_equal(options("read_bps = 254:0x:1M"), -EINVAL);
	assert_int_equal(options("read_bps = /dev/vda:0"), -EINVAL);
	assert_int_equal(options("read_bps = /dev/vda:-1"), -EINVAL);
	assert_int_equal(options("read_bps = /dev/vda:1X"), -EINVAL);
	assert_int_equal(options("read_bps = /dev/vda:1MB"), -EINVAL);
}

/* Some whole disk of this machine, "7:0"; skipped if it has none. */
static void find_disk(char disk[32])
{
	DIR *dir = opendir("/sys/dev/block");
	struct dirent *entry;
	char path[512];

	*disk = '\0';
	while (dir && !*disk && (entry = readdir(dir))) {
		snprintf(path, sizeof(path), "/sys/dev/block/%s/partition", entry->d_name);
		if (*entry->d_name != '.' && access(path, F_OK) < 0)
			snprintf(disk, 32, "%.31s", entry->d_name);
	}
	if (dir)
		closedir(dir);
	fakehost_needs(*disk ? 0 : -1);
}

static void limits(int version, const char *controller, const char *first, const char *second, const char *third)
{
	struct contain_ctx *host = fakehost_new();
	char disk[32], lines[256], expected[512];

	find_disk(disk);
	fakehost_cgroup(host, controller, version,
			"io.max=", "blkio.throttle.read_bps_device=", "blkio.throttle.write_iops_device=");
	snprintf(lines, sizeof(lines), "read_bps = %s:1K\nwrite_iops = %s:100", disk, disk);
	assert_int_equal(fakehost_options(host, lines), 0);
	assert_int_equal(fakehost_run(host, configure), 0);
	assert_int_equal(fakehost_run(host, parent_prepare), 0);
	snprintf(expected, sizeof(expected),
		 "cgroup use %s\n"
		 "info: applying cgroup limits: io rbps of %s=1024\n"
		 "cgroup %s/%s%s %s\n"
		 "info: applying cgroup limits: io wiops of %s=100\n"
		 "cgroup %s/%s%s %s\n",
		 controller, disk, controller, version == 1 ? "blkio.throttle.read_bps_device = " : "io.max = ", disk,
		 first, disk, controller, version == 1 ? "blkio.throttle.write_iops_device = " : "io.max = ", disk,
		 second);
	assert_string_equal(fakehost_log(host), expected);
	fakehost_forget(host);
	snprintf(lines, sizeof(lines), "read_bps = %s:max", disk);
	assert_int_equal(fakehost_options(host, lines), 0);
	assert_int_equal(fakehost_run(host, update), 0);
	snprintf(expected, sizeof(expected), "%s %s", disk, third);
	assert_non_null(strstr(fakehost_log(host), expected));
	fakehost_free(host);
}

static void limits_of_cgroup2(void **state)
{
	(void)state;
	limits(2, "io", "rbps=1024", "wiops=100", "rbps=max");
}

/* Where 0 is no limit. */
static void limits_of_v1(void **state)
{
	(void)state;
	limits(1, "blkio", "1024", "100", "0");
}

static void devices_that_cannot_be_limited(void **state)
{
	struct contain_ctx *host = fakehost_new();

	(void)state;
	fakehost_cgroup(host, "io", 2, "io.max=");
	assert_int_equal(fakehost_options(host, "read_bps = /dev/nonesuch:1M"), 0);
	assert_int_equal(fakehost_run(host, configure), -ENOENT);
	fakehost_forget(host);
	assert_int_equal(fakehost_options(host, "read_bps = /dev/null:1M"), 0);
	assert_true(fakehost_run(host, configure) < 0);
	assert_non_null(strstr(fakehost_error(host), "/dev/null is no block device"));
	fakehost_forget(host);
	assert_int_equal(fakehost_options(host, "read_bps = 4095:1048575:1M"), 0);
	assert_true(fakehost_run(host, configure) < 0);
	assert_non_null(strstr(fakehost_error(host), "there is no block device 4095:1048575"));
	fakehost_free(host);
}

static void without_the_controller(void **state)
{
	struct contain_ctx *host = fakehost_new();
	char disk[32], lines[64];

	(void)state;
	find_disk(disk);
	/* Nothing is limited: no reason to fail. */
	assert_int_equal(fakehost_options(host, ""), 0);
	assert_int_equal(fakehost_run(host, configure), 0);
	snprintf(lines, sizeof(lines), "read_bps = %s:1M", disk);
	assert_int_equal(fakehost_options(host, lines), 0);
	assert_true(fakehost_run(host, configure) < 0);
	/* A kernel that has the controller, and no throttling. */
	fakehost_forget(host);
	fakehost_cgroup(host, "io", 2, "io.stat=");
	assert_int_equal(fakehost_run(host, configure), 0);
	assert_true(fakehost_run(host, parent_prepare) < 0);
	assert_non_null(strstr(fakehost_error(host), "CONFIG_BLK_DEV_THROTTLING"));
	fakehost_free(host);
}

static void exposes(const char *lines, const char *expected)
{
	struct contain_ctx *host = fakehost_new();

	assert_int_equal(fakehost_options(host, lines), 0);
	assert_int_equal(fakehost_run(host, check), 0);
	assert_string_equal(fakehost_log(host), expected);
	fakehost_free(host);
}

static void check_says_if_nothing_is_limited(void **state)
{
	static const char busy[] =
		"exposes 1: the command can keep the host's disks busy: --io-read-bps and --io-write-bps\n";

	(void)state;
	exposes("", busy);
	exposes("read_bps = /dev/vda:max", busy);
	exposes("read_bps = /dev/vda:1M", "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rules_are_checked),      cmocka_unit_test(limits_of_cgroup2),
		cmocka_unit_test(limits_of_v1),           cmocka_unit_test(devices_that_cannot_be_limited),
		cmocka_unit_test(without_the_controller), cmocka_unit_test(check_says_if_nothing_is_limited),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
