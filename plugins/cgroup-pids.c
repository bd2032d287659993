/* SPDX-License-Identifier: MIT */
/*
 * cgroup-pids: how many processes and threads the container may have. fork(2) fails with EAGAIN beyond that. The files
 * are the same in cgroup v1 and v2 (Documentation/admin-guide/cgroup-v2.rst, PID).
 */
#include <contain/plugin.h>
#include <stdio.h>
#include <stdlib.h>

#define PIDS_MAX 4194304 /* the kernel's PID_MAX_LIMIT */

struct pids {
	int64_t max;
};

static const struct contain_option options[] = {
	CONTAIN_INT_OPTION(struct pids, max, "max", .flag = "pids", .metavar = "N", .min = 1, .max = PIDS_MAX,
			   .flags = CONTAIN_LIVE | CONTAIN_OR_MAX,
			   .help = "most processes and threads at a time, or max"),
	CONTAIN_OPTIONS_END,
};

static int configure(struct contain_ctx *ctx, void *self)
{
	const struct pids *pids = self;

	/* Without a limit it is for the report alone, which is no reason to fail. */
	if (pids->max == CONTAIN_UNSET && contain_cgroup_version(ctx, "pids") == 0)
		return 0;
	return contain_cgroup_use(ctx, "pids");
}

static int apply(struct contain_ctx *ctx, void *self)
{
	const struct pids *pids = self;
	char text[32] = "max";

	if (pids->max == CONTAIN_UNSET)
		return 0;
	if (pids->max != CONTAIN_MAX)
		snprintf(text, sizeof(text), "%lld", (long long)pids->max);
	contain_info(ctx, "applying cgroup limits: pids=%s", text);
	return contain_cgroup_write(ctx, "pids", "pids.max", text);
}

/* "max" is CONTAIN_MAX; -1 if there is no such file. */
static int64_t read_number(struct contain_ctx *ctx, const char *file)
{
	char text[32];

	if (contain_cgroup_read(ctx, "pids", file, text, sizeof(text)) < 0)
		return -1;
	return *text == 'm' ? CONTAIN_MAX : strtoll(text, NULL, 10);
}

static int report(struct contain_ctx *ctx, void *self)
{
	/* The peak since Linux 6.1. */
	int error = contain_report(ctx, "peak_processes", read_number(ctx, "pids.peak"), CONTAIN_COUNT);

	(void)self;
	if (error || !contain_is_running(ctx))
		return error;
	error = contain_report(ctx, "processes", read_number(ctx, "pids.current"), CONTAIN_COUNT);
	return error ? error : contain_report(ctx, "processes_limit", read_number(ctx, "pids.max"), CONTAIN_COUNT);
}

/* PID_MAX_LIMIT, above which no host has process ids, limits nothing. */
static int check(struct contain_ctx *ctx, void *self)
{
	const struct pids *pids = self;

	if (pids->max != CONTAIN_UNSET && pids->max < PIDS_MAX)
		return 0;
	return contain_exposes(ctx, 4, "it can start so many processes that the host can start none: set max (--pids)");
}

CONTAIN_PLUGIN(.name = "cgroup-pids", .version = "0.1", .summary = "limit the number of processes",
	       .self_size = sizeof(struct pids), .options = options, .configure = configure, .parent_prepare = apply,
	       .update = apply, .report = report, .check = check)
