/* SPDX-License-Identifier: MIT */
/* A plugin that says that it protects from everything, for `contain check`; and says or does worse if it is told to. */
#include <contain/plugin.h>
#include <errno.h>
#include <stdio.h>

struct guard {
	bool protect, refuse, fail;
	int64_t expose;
};

static const struct contain_option options[] = {
	CONTAIN_BOOL_OPTION(struct guard, protect, "protect", .initial = "yes"),
	CONTAIN_BOOL_OPTION(struct guard, refuse, "refuse", .help = "configure fails"),
	CONTAIN_BOOL_OPTION(struct guard, fail, "fail", .help = "check fails"),
	CONTAIN_INT_OPTION(struct guard, expose, "expose", .help = "points"), CONTAIN_OPTIONS_END
};

static int configure(struct contain_ctx *ctx, void *self)
{
	const struct guard *guard = self;
	const char *io = contain_cgroup_version(ctx, "io") ? "io" : "blkio";

	contain_info(ctx, "a line that nobody asked for");
	if (guard->refuse)
		return contain_fail(ctx, EPERM, "told to refuse");
	if (guard->protect && contain_cgroup_version(ctx, io))
		return contain_cgroup_use(ctx, io);
	return 0;
}

static int check(struct contain_ctx *ctx, void *self)
{
	static const char *const all[] = { "capabilities", "devices", "filesystem", "no_new_privs",
					   "seccomp",      "users",   "tea" };
	const struct guard *guard = self;
	int error = 0;

	if (guard->fail)
		return contain_fail(ctx, EXFULL, "told to fail");
	for (size_t i = 0; guard->protect && !error && i < sizeof(all) / sizeof(*all); i++)
		error = contain_protects(ctx, all[i]);
	if (!error && guard->expose != CONTAIN_UNSET)
		error = contain_exposes(ctx, (int)guard->expose, "it can do \033[31m things: in a: b: do not");
	return error;
}

CONTAIN_PLUGIN(.name = "guard", .version = "1.0", .summary = "says that it protects", .options = options,
	       .self_size = sizeof(struct guard), .configure = configure, .check = check)
