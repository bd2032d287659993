/* SPDX-License-Identifier: MIT */
/*
 * io-limit: how fast the container may read from disks and write to them, by cgroup2's io.max (see
 * admin-guide/cgroup-v2.rst, IO) or v1's blkio.throttle.* (see admin-guide/cgroup-v1/blkio-controller.rst):
 *
 *	contain run --io-read-bps /dev/vda:10M --io-write-iops 254:0:100 --rootfs ./rootfs -- /bin/sh
 *	contain update ID --io-read-bps /dev/vda:max
 *
 * A device is the path of its node on the host, or MAJOR:MINOR. It is a whole disk: the kernel refuses partitions. What
 * the limit means is the kernel's: with v1, writes that go through the page cache are not the container's, but those
 * of the kernel's thread that writes them back; with cgroup2 they are where the file system knows (ext4, xfs, btrfs).
 */
#include <contain/plugin.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

struct io_limit {
	struct contain_list read_bps, write_bps, read_iops, write_iops;
};

/* The four limits: where the values are, what a rate is of, and what the kernel calls them. */
static const struct limit {
	size_t offset;
	bool is_bytes;    /* or operations */
	const char *word; /* in cgroup2's io.max */
	const char *file; /* of v1 */
} limits[] = {
	{ offsetof(struct io_limit, read_bps), true, "rbps", "blkio.throttle.read_bps_device" },
	{ offsetof(struct io_limit, write_bps), true, "wbps", "blkio.throttle.write_bps_device" },
	{ offsetof(struct io_limit, read_iops), false, "riops", "blkio.throttle.read_iops_device" },
	{ offsetof(struct io_limit, write_iops), false, "wiops", "blkio.throttle.write_iops_device" },
};
#define COUNT(A) (sizeof(A) / sizeof(*(A)))

/* "DEVICE:RATE", taken apart. */
struct rule {
	char device[PATH_MAX];
	uint64_t rate; /* 0: no limit */
};

static int refuse(char *why, size_t why_size, const char *text)
{
	snprintf(why, why_size, "%s", text);
	return -EINVAL;
}

/* 1024 for K, and so on; *text is set behind it. */
static uint64_t parse_unit(const char **text)
{
	static const char units[] = "KMGT";
	const char *unit = **text ? strchr(units, **text) : NULL;

	if (!unit)
		return 1;
	++*text;
	return UINT64_C(1024) << 10 * (unit - units);
}

static int parse_rate(const char *text, bool is_bytes, uint64_t *rate, char *why, size_t why_size)
{
	/* Operations are 32 bits in the kernel, and UINT_MAX is its "no limit". */
	uint64_t most = is_bytes ? INT64_MAX : UINT_MAX - 1, number, unit;
	char *end;

	*rate = 0;
	if (strcmp(text, "max") == 0)
		return 0;
	/* strtoull(3) would take blanks and a sign. */
	if (*text < '0' || *text > '9')
		return refuse(why, why_size, "has no rate behind the last ':', such as 100 or max");
	errno = 0;
	number = strtoull(text, &end, 10);
	text = end;
	unit = is_bytes ? parse_unit(&text) : 1;
	if (*text)
		return refuse(why, why_size,
			      is_bytes ? "has a rate that is neither bytes in a second, such as 10M, nor max"
				       : "has a rate that is neither operations in a second, such as 100, nor max");
	if (number == 0)
		return refuse(why, why_size, "has the rate 0, with which nothing is read or written; max is no limit");
	if (errno || number > most / unit)
		return refuse(why, why_size, "has a rate that is too large");
	*rate = number * unit;
	return 0;
}

/* At the last colon, as "254:0:10M" has two. */
static int parse_rule(const char *text, bool is_bytes, struct rule *rule, char *why, size_t why_size)
{
	const char *colon = strrchr(text, ':');
	size_t length = colon ? (size_t)(colon - text) : 0;

	if (length == 0)
		return refuse(why, why_size, "is not DEVICE:RATE, such as /dev/vda:10M");
	if (length >= sizeof(rule->device))
		return refuse(why, why_size, "has a device whose path is too long");
	memcpy(rule->device, text, length);
	rule->device[length] = '\0';
	if (*text != '/') {
		unsigned major, minor;
		int used = 0;

		if (*text < '0' || *text > '9' || sscanf(rule->device, "%u:%u%n", &major, &minor, &used) != 2 ||
		    (size_t)used != length)
			return refuse(why, why_size,
				      "has a device that is neither a path such as /dev/vda nor MAJOR:MINOR");
	}
	return parse_rate(colon + 1, is_bytes, &rule->rate, why, why_size);
}

/* For a list .parse only checks, as the host keeps the text of each item: the hooks parse it once more. */
static int check_bytes(const char *text, void *value, char *why, size_t why_size)
{
	struct rule rule;

	(void)value;
	return parse_rule(text, true, &rule, why, why_size);
}

static int check_operations(const char *text, void *value, char *why, size_t why_size)
{
	struct rule rule;

	(void)value;
	return parse_rule(text, false, &rule, why, why_size);
}

#define LIMIT(M, FLAG, PARSE, HELP)                                                                                    \
	CONTAIN_LIST_OPTION(struct io_limit, M, #M, .flags = CONTAIN_LIVE, .flag = FLAG, .metavar = "DEVICE:RATE",     \
			    .help = HELP, .parse = PARSE)
static const struct contain_option options[] = {
	LIMIT(read_bps, "io-read-bps", check_bytes, "most bytes read from a disk in a second, as /dev/vda:10M"),
	LIMIT(write_bps, "io-write-bps", check_bytes, "most bytes written to a disk in a second"),
	LIMIT(read_iops, "io-read-iops", check_operations, "most reads of a disk in a second, as /dev/vda:100"),
	LIMIT(write_iops, "io-write-iops", check_operations, "most writes to a disk in a second"),
	CONTAIN_OPTIONS_END,
};

static const struct contain_list *rules_of(const struct io_limit *io, size_t limit)
{
	return (const struct contain_list *)((const char *)io + limits[limit].offset);
}

static bool has_rules(const struct io_limit *io)
{
	size_t count = 0;

	for (size_t i = 0; i < COUNT(limits); i++)
		count += rules_of(io, i)->count;
	return count > 0;
}

/* What it is called: blkio in v1, io in cgroup2. One is enough; with neither, the message is about cgroup2's. */
static const char *controller(struct contain_ctx *ctx)
{
	return contain_cgroup_version(ctx, "blkio") == 1 ? "blkio" : "io";
}

/* The disk that a partition is on, and that is what can be limited: ".../block/vda/vda1" in sysfs. */
static int fail_partition(struct contain_ctx *ctx, const char *device, const char *sysfs)
{
	char link[PATH_MAX], *partition, *disk;
	ssize_t length = readlink(sysfs, link, sizeof(link) - 1);

	if (length > 0) {
		link[length] = '\0';
		partition = strrchr(link, '/');
		if (partition) {
			*partition = '\0';
			disk = strrchr(link, '/');
			if (disk)
				return contain_fail(ctx, 0,
						    "%s is a partition, and the kernel limits whole disks alone: "
						    "give /dev%s",
						    device, disk);
		}
	}
	return contain_fail(ctx, 0, "%s is a partition, and the kernel limits whole disks alone", device);
}

/* Looks only. The number of a device that exists and can be limited. */
static int find_device(struct contain_ctx *ctx, const char *device, dev_t *result)
{
	char sysfs[64], partition[80];
	unsigned major, minor;
	struct stat st;

	if (*device == '/') {
		if (stat(device, &st) < 0)
			return contain_fail(ctx, errno, "can't look at the device %s", device);
		if (!S_ISBLK(st.st_mode))
			return contain_fail(ctx, 0, "%s is no block device: give the disk, such as /dev/vda", device);
		*result = st.st_rdev;
	} else {
		if (sscanf(device, "%u:%u", &major, &minor) != 2)
			return contain_fail(ctx, EINVAL, "no device %s", device);
		*result = makedev(major, minor);
	}
	snprintf(sysfs, sizeof(sysfs), "/sys/dev/block/%u:%u", major(*result), minor(*result));
	if (access(sysfs, F_OK) < 0)
		return contain_fail(ctx, 0, "there is no block device %s: see /proc/partitions", device);
	snprintf(partition, sizeof(partition), "%s/partition", sysfs);
	return access(partition, F_OK) == 0 ? fail_partition(ctx, device, sysfs) : 0;
}

static int get_rule(struct contain_ctx *ctx, size_t limit, const char *text, struct rule *rule, dev_t *device)
{
	char why[128];

	if (parse_rule(text, limits[limit].is_bytes, rule, why, sizeof(why)) < 0)
		return contain_fail(ctx, 0, "'%s' %s", text, why);
	return find_device(ctx, rule->device, device);
}

static int configure(struct contain_ctx *ctx, void *self)
{
	const struct io_limit *io = self;
	struct rule rule;
	dev_t device;
	int error = 0;

	/* Better told now than after the cgroup was made. */
	for (size_t i = 0; !error && i < COUNT(limits); i++)
		for (size_t k = 0; !error && k < rules_of(io, i)->count; k++)
			error = get_rule(ctx, i, rules_of(io, i)->items[k], &rule, &device);
	/* Without a limit it is for one that may come later (update), which is no reason to fail. */
	if (error || (!has_rules(io) && contain_cgroup_version(ctx, controller(ctx)) == 0))
		return error;
	return contain_cgroup_use(ctx, controller(ctx));
}

static int apply_rule(struct contain_ctx *ctx, size_t limit, const char *text)
{
	const char *group = controller(ctx), *file = limits[limit].file;
	char line[96], rate[32] = "max";
	struct rule rule;
	dev_t device;
	int error = get_rule(ctx, limit, text, &rule, &device);

	if (error)
		return error;
	if (rule.rate)
		snprintf(rate, sizeof(rate), "%" PRIu64, rule.rate);
	contain_info(ctx, "applying cgroup limits: io %s of %s=%s", limits[limit].word, rule.device, rate);
	if (strcmp(group, "io") == 0) {
		file = "io.max";
		snprintf(line, sizeof(line), "%u:%u %s=%s", major(device), minor(device), limits[limit].word, rate);
	} else {
		snprintf(line, sizeof(line), "%u:%u %" PRIu64, major(device), minor(device), rule.rate);
	}
	if (!contain_cgroup_has(ctx, group, file))
		return contain_fail(ctx, 0, "this kernel can't limit io: it has no %s (CONFIG_BLK_DEV_THROTTLING)",
				    file);
	return contain_cgroup_write(ctx, group, file, line);
}

/* The later one of two for the same device counts, so that one on the command line beats the profile's. */
static int apply(struct contain_ctx *ctx, void *self)
{
	const struct io_limit *io = self;
	int error = 0;

	for (size_t i = 0; !error && i < COUNT(limits); i++)
		for (size_t k = 0; !error && k < rules_of(io, i)->count; k++)
			error = apply_rule(ctx, i, rules_of(io, i)->items[k]);
	return error;
}

/* A limit on one disk is taken as meant: the others may be no concern of the container's. */
static int check(struct contain_ctx *ctx, void *self)
{
	const struct io_limit *io = self;
	struct rule rule;
	char why[128];

	for (size_t i = 0; i < COUNT(limits); i++)
		for (size_t k = 0; k < rules_of(io, i)->count; k++)
			if (parse_rule(rules_of(io, i)->items[k], limits[i].is_bytes, &rule, why, sizeof(why)) == 0 &&
			    rule.rate)
				return 0;
	return contain_exposes(ctx, 1, "the command can keep the host's disks busy: --io-read-bps and --io-write-bps");
}

CONTAIN_PLUGIN(.name = "io-limit", .version = "1.0", .summary = "limit reads and writes of disks",
	       .self_size = sizeof(struct io_limit), .options = options, .configure = configure,
	       .parent_prepare = apply, .update = apply, .check = check)
