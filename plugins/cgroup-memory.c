/* SPDX-License-Identifier: MIT */
/*
 * cgroup-memory: how much memory the container may use; what needs more is killed by the kernel. cgroup2: memory.max
 * and its like (admin-guide/cgroup-v2.rst); v1: memory.limit_in_bytes and memory.memsw.limit_in_bytes, which limits
 * memory and swap together (admin-guide/cgroup-v1/memory.rst).
 */
#include <contain/plugin.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#define NO_LIMIT_V1 (1 << 20) /* that is INT64_MAX, rounded down to a page */
#define STARTED     "started" /* in the saved state: the command got as far as running */

struct memory {
	int64_t max, high, low, swap;
	bool oom_group;
};

static const struct contain_option options[] = {
	CONTAIN_SIZE_OPTION(struct memory, max, "max", .flag = "memory", .metavar = "SIZE", .flags = CONTAIN_LIVE,
			    .help = "most memory, such as 64M, or max"),
	CONTAIN_SIZE_OPTION(struct memory, high, "high", .flags = CONTAIN_LIVE,
			    .help = "above this the container is slowed down and its memory reclaimed"),
	CONTAIN_SIZE_OPTION(struct memory, low, "low", .flags = CONTAIN_LIVE,
			    .help = "below this its memory is reclaimed last"),
	CONTAIN_SIZE_OPTION(struct memory, swap, "swap", .max = CONTAIN_MAX, .flags = CONTAIN_LIVE,
			    .help = "most swap, beside the memory; 0 if there is a limit of memory"),
	CONTAIN_BOOL_OPTION(struct memory, oom_group, "oom_group", .initial = "yes",
			    .help = "out of memory, all processes are killed together"),
	CONTAIN_OPTIONS_END,
};

static bool limited(const struct memory *memory)
{
	return memory->max != CONTAIN_UNSET && memory->max != CONTAIN_MAX;
}

/* What v1 has no file for must not be passed over in silence. */
static int check_v1(struct contain_ctx *ctx, const struct memory *memory)
{
	const char *key = NULL;

	if (memory->high != CONTAIN_UNSET)
		key = "high";
	else if (memory->low != CONTAIN_UNSET)
		key = "low";
	else if (memory->oom_group && contain_is_set(ctx, "oom_group"))
		key = "oom_group";
	if (key)
		return contain_fail(ctx, 0,
				    "cgroup-memory.%s can't be expressed in cgroup v1, where this host has the memory "
				    "controller: leave it out, or boot with cgroup2 alone",
				    key);
	if (memory->swap != CONTAIN_UNSET && memory->swap != CONTAIN_MAX && !limited(memory))
		return contain_fail(ctx, 0,
				    "cgroup v1 limits memory and swap together: a limit of swap needs one of memory "
				    "(max, or --memory) too");
	return 0;
}

static int configure(struct contain_ctx *ctx, void *self)
{
	const struct memory *memory = self;
	int version = contain_cgroup_version(ctx, "memory");
	bool given = memory->max != CONTAIN_UNSET || memory->high != CONTAIN_UNSET || memory->low != CONTAIN_UNSET ||
		     memory->swap != CONTAIN_UNSET || contain_is_set(ctx, "oom_group");
	int error = 0;

	/* With nothing given it is for the report alone, which is no reason to fail. */
	if (given || version)
		error = contain_cgroup_use(ctx, "memory");
	return error || version != 1 ? error : check_v1(ctx, memory);
}

/* "max", and the number near INT64_MAX that v1 has for no limit, are CONTAIN_MAX; -1 if there is no such file. */
static int64_t read_number(struct contain_ctx *ctx, const char *file)
{
	char text[32];
	int64_t number;

	if (contain_cgroup_read(ctx, "memory", file, text, sizeof(text)) < 0)
		return -1;
	number = *text == 'm' ? CONTAIN_MAX : strtoll(text, NULL, 10);
	return number >= CONTAIN_MAX - NO_LIMIT_V1 ? CONTAIN_MAX : number;
}

static int write_size(struct contain_ctx *ctx, const char *file, int64_t bytes, const char *unlimited)
{
	char text[32];

	if (bytes == CONTAIN_UNSET)
		return 0;
	if (bytes == CONTAIN_MAX)
		return contain_cgroup_write(ctx, "memory", file, unlimited);
	snprintf(text, sizeof(text), "%lld", (long long)bytes);
	return contain_cgroup_write(ctx, "memory", file, text);
}

/* Whether swap is to be limited, and can be: a kernel without swap accounting has no file. 1, 0, or -errno. */
static int use_swap(struct contain_ctx *ctx, const struct memory *memory, const char *file)
{
	if (memory->max == CONTAIN_UNSET && memory->swap == CONTAIN_UNSET)
		return 0;
	if (contain_cgroup_has(ctx, "memory", file))
		return 1;
	if (memory->swap != CONTAIN_UNSET)
		return contain_fail(ctx, 0,
				    "swap can't be limited: this kernel does not account for it (no %s); boot with "
				    "swapaccount=1, or leave swap out",
				    file);
	contain_debug(ctx, "swap is not limited: this kernel has no %s", file);
	return 0;
}

/* A limit means what it says: no swap beside it, if the profile does not say otherwise. */
static int64_t swap_limit(const struct memory *memory)
{
	if (memory->swap != CONTAIN_UNSET)
		return memory->swap;
	return limited(memory) ? 0 : CONTAIN_MAX;
}

static int apply_v2(struct contain_ctx *ctx, const struct memory *memory)
{
	int swap = use_swap(ctx, memory, "memory.swap.max");
	int error = swap < 0 ? swap : write_size(ctx, "memory.max", memory->max, "max");

	if (!error && swap)
		error = write_size(ctx, "memory.swap.max", swap_limit(memory), "max");
	if (!error)
		error = write_size(ctx, "memory.high", memory->high, "max");
	return error ? error : write_size(ctx, "memory.low", memory->low, "max");
}

/* The kernel refuses each write after which the limit of memory and swap is below that of memory. */
static int apply_v1(struct contain_ctx *ctx, const struct memory *memory)
{
	static const char limit[] = "memory.limit_in_bytes", both[] = "memory.memsw.limit_in_bytes";
	int64_t sum = CONTAIN_MAX, extra = swap_limit(memory);
	char text[32] = "0";
	int swap = use_swap(ctx, memory, both), error;

	if (swap <= 0)
		return swap < 0 ? swap : write_size(ctx, limit, memory->max, "-1");
	if (memory->max == CONTAIN_UNSET || __builtin_add_overflow(memory->max, extra, &sum))
		sum = CONTAIN_MAX;
	error = contain_cgroup_read(ctx, "memory", both, text, sizeof(text));
	if (error >= 0 && sum > strtoll(text, NULL, 10)) {
		error = write_size(ctx, both, sum, "-1");
		return error ? error : write_size(ctx, limit, memory->max, "-1");
	}
	error = write_size(ctx, limit, memory->max, "-1");
	return error ? error : write_size(ctx, both, sum, "-1");
}

/* What limits are told as, and how: the same for a new container and for one that runs. */
static int apply(struct contain_ctx *ctx, const struct memory *memory)
{
	char text[32];

	if (memory->max != CONTAIN_UNSET)
		contain_info(ctx, "applying cgroup limits: memory=%s", contain_size_text(memory->max, text));
	if (contain_cgroup_version(ctx, "memory") == 2)
		return apply_v2(ctx, memory);
	int error = check_v1(ctx, memory);
	return error ? error : apply_v1(ctx, memory);
}

/*
 * A memory.max below what is used kills (admin-guide/cgroup-v2.rst), where v1 refuses it with EBUSY. memory.high frees
 * what can be freed; what then is still too much is an error.
 */
static int make_room(struct contain_ctx *ctx, const struct memory *memory)
{
	char used[32], most[32];

	if (!limited(memory) || read_number(ctx, "memory.current") <= memory->max)
		return 0;
	int error = write_size(ctx, "memory.high", memory->max, "max");
	int64_t current = read_number(ctx, "memory.current");
	if (!error)
		error = write_size(ctx, "memory.high", memory->high == CONTAIN_UNSET ? CONTAIN_MAX : memory->high,
				   "max");
	if (!error && current > memory->max)
		error = contain_fail(ctx, EBUSY, "can't limit the memory to %s: %s of it are in use",
				     contain_size_text(memory->max, most), contain_size_text(current, used));
	return error;
}

static int update(struct contain_ctx *ctx, void *self)
{
	int error = contain_cgroup_version(ctx, "memory") == 2 ? make_room(ctx, self) : 0;

	return error ? error : apply(ctx, self);
}

static int prepare(struct contain_ctx *ctx, void *self)
{
	const struct memory *memory = self;
	int version = contain_cgroup_version(ctx, "memory");

	if (!version)
		return 0;
	int error = apply(ctx, memory);
	/* v1 has no such thing, and a new cgroup2 starts with 0. */
	if (!error && version == 2 && memory->oom_group)
		error = contain_cgroup_write(ctx, "memory", "memory.oom.group", "1");
	return error;
}

/* The number behind "KEY " at the beginning of a line; -1 if the kernel does not have it. */
static int64_t read_event(struct contain_ctx *ctx, const char *file, const char *key)
{
	char text[512];
	size_t length = strlen(key);

	if (contain_cgroup_read(ctx, "memory", file, text, sizeof(text)) < 0)
		return -1;
	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, key, length) == 0 && line[length] == ' ')
			return strtoll(line + length, NULL, 10);
	}
	return -1;
}

static int started(struct contain_ctx *ctx, void *self)
{
	/* For the words of a message alone: a full disk is no reason to end a command that runs. */
	if (limited(self))
		contain_state_set(ctx, STARTED, "yes");
	return 0;
}

/* What the kernel did about the limit, if that ended the container. */
static void explain(struct contain_ctx *ctx, const struct memory *memory, int version, int64_t peak, int64_t kills)
{
	int64_t refused = version == 1 ? read_number(ctx, "memory.failcnt") : read_event(ctx, "memory.events", "max");
	char text[32];

	/*
	 * Setting up needs little, but not nothing. Without a kill, a system call of ours failed with ENOMEM; execve(2)
	 * does so without counting it as a refusal, and then the peak tells.
	 */
	if (limited(memory) && !contain_state_get(ctx, STARTED) &&
	    (kills > 0 || refused > 0 || (peak >= 0 && peak > memory->max - getpagesize())))
		contain_explain(ctx, "the memory limit of %s is too small to start the container%s",
				contain_size_text(memory->max, text), kills > 0 ? " (out-of-memory kill)" : "");
	/*
	 * "oom" counts the times when it was this cgroup's own limit; a kill may also be the host's or a parent's. How
	 * many were killed is not told here: with oom_group the kernel counts some twice.
	 */
	else if (kills > 0 && limited(memory) && (version == 1 || read_event(ctx, "memory.events", "oom") != 0))
		contain_explain(
			ctx,
			"out-of-memory kill: the container needed more than its memory limit of %s; a larger --memory "
			"may help",
			contain_size_text(memory->max, text));
	else if (kills > 0)
		contain_explain(ctx,
				"out-of-memory kill: the host, or a cgroup above the container's, ran out of memory");
}

static int report(struct contain_ctx *ctx, void *self)
{
	const struct memory *memory = self;
	int version = contain_cgroup_version(ctx, "memory");
	/* memory.peak is there since Linux 5.19. */
	int64_t peak = read_number(ctx, version == 1 ? "memory.max_usage_in_bytes" : "memory.peak");
	int64_t kills = read_event(ctx, version == 1 ? "memory.oom_control" : "memory.events", "oom_kill");

	explain(ctx, memory, version, peak, kills);
	int error = contain_report(ctx, "peak_memory", peak, CONTAIN_BYTES);
	if (!error)
		error = contain_report(ctx, "oom_kills", kills, CONTAIN_COUNT);
	if (error || !contain_is_running(ctx))
		return error;
	error = contain_report(ctx, "memory",
			       read_number(ctx, version == 1 ? "memory.usage_in_bytes" : "memory.current"),
			       CONTAIN_BYTES);
	return error ? error
		     : contain_report(ctx, "memory_limit",
				      read_number(ctx, version == 1 ? "memory.limit_in_bytes" : "memory.max"),
				      CONTAIN_BYTES);
}

/* Bytes, or INT64_MAX where the kernel does not say. */
static int64_t host_memory(void)
{
	struct sysinfo info;
	int64_t bytes;

	if (sysinfo(&info) < 0 || __builtin_mul_overflow((int64_t)info.totalram, info.mem_unit, &bytes))
		return INT64_MAX;
	return bytes;
}

static int check(struct contain_ctx *ctx, void *self)
{
	const struct memory *memory = self;
	int64_t swap = swap_limit(memory);
	char text[32], host[32];
	int error = 0;

	if (!limited(memory))
		return contain_exposes(ctx, 4, "it can use up the host's memory: set max (--memory)");
	if (memory->max >= host_memory())
		error = contain_exposes(
			ctx, 3, "its limit of %s is not below the %s that this host has: set a smaller max (--memory)",
			contain_size_text(memory->max, text), contain_size_text(host_memory(), host));
	if (!error && swap == CONTAIN_MAX)
		error = contain_exposes(ctx, 2,
					"it can use up the host's swap, and keep its disk busy: leave swap out");
	else if (!error && swap > 0)
		error = contain_exposes(ctx, 1, "it can use %s of the host's swap beside its memory: leave swap out",
					contain_size_text(swap, text));
	return error;
}

CONTAIN_PLUGIN(.name = "cgroup-memory", .version = "0.1", .summary = "limit the memory",
	       .self_size = sizeof(struct memory), .options = options, .configure = configure,
	       .parent_prepare = prepare, .parent_started = started, .update = update, .report = report, .check = check)
