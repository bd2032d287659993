/* SPDX-License-Identifier: MIT */
/*
 * cgroup-cpu: how much cpu time the container gets: at most `quota` microseconds in each period, and a share by weight
 * when cpus are scarce. cgroup2: cpu.max, cpu.weight (admin-guide/cgroup-v2.rst); v1: cpu.cfs_quota_us,
 * cpu.cfs_period_us, cpu.shares (scheduler/sched-bwc.rst), and cpuacct for the time that was used.
 */
#include <contain/plugin.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PERIOD     100000 /* microseconds, the kernel's default; also what one cpu is in */
#define LEAST      1000   /* the kernel's min_cfs_quota_period: quota and period are 1 ms or more */
#define PERIOD_MAX 1000000
#define QUOTA_MAX  ((1LL << 44) - 1) /* the kernel's MAX_BW */

struct quota {
	int64_t usec; /* 0: not given; CONTAIN_MAX: no limit */
	int64_t period;
};

struct cpu {
	struct quota quota;
	int64_t weight;
};

static int refuse(char *why, size_t why_size, const char *text)
{
	snprintf(why, why_size, "%s", text);
	return -EINVAL;
}

/* Digits alone; *end is what follows them. -EINVAL: there are none, -ERANGE: too large. */
static int digits(const char *text, const char **end, int64_t *value)
{
	size_t length = strspn(text, "0123456789");

	*end = text + length;
	errno = 0;
	*value = length ? strtoll(text, NULL, 10) : 0;
	if (length == 0)
		return -EINVAL;
	return errno || *value > QUOTA_MAX ? -ERANGE : 0;
}

/* "0.5": half of one cpu. Digits behind the fifth are less than a microsecond. */
static int parse_cpus(int64_t whole, const char *fraction, struct quota *quota, char *why, size_t why_size)
{
	size_t length = strspn(fraction, "0123456789");
	int64_t usec = 0;

	if (length == 0 || fraction[length] == '.')
		return refuse(why, why_size, "not a number (0.5 is half a cpu)");
	if (fraction[length] == '/')
		return refuse(why, why_size, "a number of cpus takes no period (0.5, or 50000/100000)");
	if (fraction[length])
		return refuse(why, why_size, "something stands behind the number of cpus");
	for (size_t i = 0; i < 5; i++)
		usec = usec * 10 + (i < length ? fraction[i] - '0' : 0);
	if (whole > (QUOTA_MAX - usec) / PERIOD)
		return refuse(why, why_size, "too large");
	usec += whole * PERIOD;
	if (whole == 0 && strspn(fraction, "0") == length)
		return refuse(why, why_size, "zero, with which nothing runs (0.01 is the least)");
	if (usec < LEAST)
		return refuse(why, why_size, "too small (0.01 of a cpu is the least that the kernel takes)");
	*quota = (struct quota){ .usec = usec, .period = PERIOD };
	return 0;
}

static int parse_period(const char *text, int64_t *period, char *why, size_t why_size)
{
	const char *end;
	int error = digits(text, &end, period);

	if (error == -EINVAL || *end)
		return refuse(why, why_size, "the period behind the slash is not a number");
	if (error || *period < LEAST || *period > PERIOD_MAX)
		return refuse(why, why_size, "the period must be 1000 to 1000000 microseconds");
	return 0;
}

static int parse_quota(const char *text, void *value, char *why, size_t why_size)
{
	struct quota *quota = value;
	const char *end;
	int64_t usec, period = PERIOD;

	if (!*text)
		return refuse(why, why_size, "empty");
	if (strcmp(text, "max") == 0) {
		*quota = (struct quota){ .usec = CONTAIN_MAX, .period = PERIOD };
		return 0;
	}
	if (*text == '-')
		return refuse(why, why_size, "negative");
	int error = digits(text, &end, &usec);
	if (error == -EINVAL)
		return refuse(why, why_size, "not a number (microseconds such as 50000, cpus such as 0.5, or max)");
	if (error)
		return refuse(why, why_size, "too large");
	if (*end == '.')
		return parse_cpus(usec, end + 1, quota, why, why_size);
	if (*end && *end != '/')
		return refuse(
			why, why_size,
			"something stands behind the number (microseconds such as 50000, cpus such as 0.5, or max)");
	if (usec == 0)
		return refuse(why, why_size, "zero, with which nothing runs (1000 microseconds is the least)");
	if (usec < LEAST) {
		snprintf(why, why_size, "too small (1000 microseconds is the least; for a number of cpus write %lld.0)",
			 (long long)usec);
		return -EINVAL;
	}
	if (*end == '/') {
		error = parse_period(end + 1, &period, why, why_size);
		if (error)
			return error;
	}
	*quota = (struct quota){ .usec = usec, .period = period };
	return 0;
}

static const struct contain_option options[] = {
	CONTAIN_CUSTOM_OPTION(struct cpu, quota, "quota", .flag = "cpu", .metavar = "QUOTA", .flags = CONTAIN_LIVE,
			      .parse = parse_quota,
			      .help = "most cpu time: microseconds in each 100000, QUOTA/PERIOD, cpus (0.5), or max"),
	CONTAIN_INT_OPTION(struct cpu, weight, "weight", .min = 1, .max = 10000, .flags = CONTAIN_LIVE,
			   .help = "share of scarce cpu time, 1 to 10000; 100 is what others have"),
	CONTAIN_OPTIONS_END,
};

static int configure(struct contain_ctx *ctx, void *self)
{
	const struct cpu *cpu = self;
	int error = 0;

	/*
	 * In cgroup2 cpu also counts the time used, in v1 that is cpuacct; and a limit may come later (update). Without
	 * one now nothing fails.
	 */
	if (cpu->quota.usec || cpu->weight != CONTAIN_UNSET || contain_cgroup_version(ctx, "cpu"))
		error = contain_cgroup_use(ctx, "cpu");
	if (!error && contain_cgroup_version(ctx, "cpuacct") == 1)
		error = contain_cgroup_use(ctx, "cpuacct");
	return error;
}

static int write_number(struct contain_ctx *ctx, const char *file, int64_t value)
{
	char text[32];

	snprintf(text, sizeof(text), "%lld", (long long)value);
	return contain_cgroup_write(ctx, "cpu", file, text);
}

/*
 * Two files in v1, and between the two writes the old value of one stands with the new one of the other. A parent with
 * a limit refuses a greater part of the time than its own (EINVAL): so never let it be greater than both, old and new.
 */
static int write_quota_v1(struct contain_ctx *ctx, const struct quota *quota)
{
	int64_t usec = quota->usec == CONTAIN_MAX ? -1 : quota->usec, old = 0;
	char text[32];
	int error;

	if (contain_cgroup_read(ctx, "cpu", "cpu.cfs_period_us", text, sizeof(text)) >= 0)
		old = strtoll(text, NULL, 10);
	if (quota->period >= old) {
		error = write_number(ctx, "cpu.cfs_period_us", quota->period);
		return error ? error : write_number(ctx, "cpu.cfs_quota_us", usec);
	}
	error = write_number(ctx, "cpu.cfs_quota_us", usec);
	return error ? error : write_number(ctx, "cpu.cfs_period_us", quota->period);
}

static int apply(struct contain_ctx *ctx, void *self)
{
	const struct cpu *cpu = self;
	int version = contain_cgroup_version(ctx, "cpu"), error = 0;
	char usec[32] = "max", text[80];

	if (cpu->quota.usec) {
		if (cpu->quota.usec != CONTAIN_MAX)
			snprintf(usec, sizeof(usec), "%lld", (long long)cpu->quota.usec);
		if (cpu->quota.period == PERIOD)
			contain_info(ctx, "applying cgroup limits: cpu=%s", usec);
		else
			contain_info(ctx, "applying cgroup limits: cpu=%s/%lld", usec, (long long)cpu->quota.period);
		snprintf(text, sizeof(text), "%s %lld", usec, (long long)cpu->quota.period);
		error = version == 2 ? contain_cgroup_write(ctx, "cpu", "cpu.max", text)
				     : write_quota_v1(ctx, &cpu->quota);
	}
	if (error || cpu->weight == CONTAIN_UNSET)
		return error;
	/* 100 is the default weight and 1024 the default of shares: 10 to 102400, well inside of 2 to 262144. */
	return version == 2 ? write_number(ctx, "cpu.weight", cpu->weight)
			    : write_number(ctx, "cpu.shares", cpu->weight * 1024 / 100);
}

static int report(struct contain_ctx *ctx, void *self)
{
	char text[1024];
	int64_t usec = -1;

	(void)self;
	if (contain_cgroup_version(ctx, "cpuacct") == 1) {
		if (contain_cgroup_read(ctx, "cpuacct", "cpuacct.usage", text, sizeof(text)) >= 0)
			usec = strtoll(text, NULL, 10) / 1000;
	} else if (contain_cgroup_read(ctx, "cpu", "cpu.stat", text, sizeof(text)) >= 0) {
		/* The file's first line. */
		if (sscanf(text, "usage_usec %lld", (long long *)&usec) != 1)
			usec = -1;
	}
	return contain_report(ctx, "cpu_time", usec, CONTAIN_USEC);
}

static int check(struct contain_ctx *ctx, void *self)
{
	const struct cpu *cpu = self;
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	char text[32];

	if (!cpu->quota.usec || cpu->quota.usec == CONTAIN_MAX)
		return contain_exposes(ctx, 2, "it can keep every cpu of the host busy: set quota (--cpu)");
	if (cpus < 1 || cpu->quota.usec / cpu->quota.period < cpus)
		return 0;
	snprintf(text, sizeof(text), "%ld cpu%s", cpus, cpus == 1 ? "" : "s");
	return contain_exposes(ctx, 2,
			       "its quota is not below the %s of this host, which it can keep busy all the time: set a "
			       "smaller one (--cpu)",
			       text);
}

CONTAIN_PLUGIN(.name = "cgroup-cpu", .version = "0.1", .summary = "limit the cpu time", .self_size = sizeof(struct cpu),
	       .options = options, .configure = configure, .parent_prepare = apply, .update = apply, .report = report,
	       .check = check)
