/* SPDX-License-Identifier: MIT */
/* A plugin that joins namespaces, or wants new ones, as it is told: "KIND" or "KIND:PATH". */
#include <contain/plugin.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct joins {
	struct contain_list join, fresh;
	bool late, standard, pipe;
};

static const struct contain_option options[] = {
	CONTAIN_LIST_OPTION(struct joins, join, "join"), CONTAIN_LIST_OPTION(struct joins, fresh, "new"),
	CONTAIN_BOOL_OPTION(struct joins, late, "late"), CONTAIN_BOOL_OPTION(struct joins, standard, "standard"),
	CONTAIN_BOOL_OPTION(struct joins, pipe, "pipe"), CONTAIN_OPTIONS_END,
};

static uint64_t kind_of(const char *text)
{
	static const struct {
		const char *name;
		uint64_t flag;
	} kinds[] = { { "net", CLONE_NEWNET }, { "ipc", CLONE_NEWIPC }, { "uts", CLONE_NEWUTS },
		      { "pid", CLONE_NEWPID }, { "mnt", CLONE_NEWNS },  { "user", CLONE_NEWUSER } };

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		if (strncmp(text, kinds[i].name, strlen(kinds[i].name)) == 0)
			return kinds[i].flag;
	}
	return 0;
}

/* The host has to take it, whatever comes of it. */
static int join(struct contain_ctx *ctx, uint64_t flag, int fd)
{
	int result = contain_namespace_join(ctx, flag, fd);
	struct stat st;

	if (result < 0 && fd > STDERR_FILENO && fstat(fd, &st) == 0)
		contain_warn(ctx, NAME ": the descriptor was not taken");
	return result;
}

static int join_all(struct contain_ctx *ctx, const struct joins *joins)
{
	int result = 0;

	for (size_t i = 0; result == 0 && i < joins->join.count; i++) {
		const char *path = strchr(joins->join.items[i], ':');
		int fd = path ? open(path + 1, O_RDONLY) : -1;

		if (fd < 0)
			return contain_fail(ctx, errno, "can't open '%s'", joins->join.items[i]);
		result = join(ctx, kind_of(joins->join.items[i]), fd);
	}
	return result;
}

static int configure(struct contain_ctx *ctx, void *self)
{
	const struct joins *joins = self;
	int result = 0, fds[2];

	if (joins->standard)
		return join(ctx, CLONE_NEWNET, 0);
	if (joins->pipe) {
		if (pipe2(fds, O_CLOEXEC) < 0 || close(fds[1]) < 0)
			return contain_fail(ctx, errno, "can't make a pipe");
		return join(ctx, CLONE_NEWNET, fds[0]);
	}
	for (size_t i = 0; result == 0 && i < joins->fresh.count; i++)
		result = contain_namespace(ctx, kind_of(joins->fresh.items[i]));
	return result < 0 || joins->late ? result : join_all(ctx, joins);
}

static int parent_prepare(struct contain_ctx *ctx, void *self)
{
	const struct joins *joins = self;

	contain_info(ctx, NAME ": new net, ipc, uts: %d %d %d", contain_has_namespace(ctx, CLONE_NEWNET),
		     contain_has_namespace(ctx, CLONE_NEWIPC), contain_has_namespace(ctx, CLONE_NEWUTS));
	return joins->late ? join_all(ctx, joins) : 0;
}

CONTAIN_PLUGIN(.name = NAME, .version = "1.0", .summary = "joins namespaces", .self_size = sizeof(struct joins),
	       .options = options, .configure = configure, .parent_prepare = parent_prepare)
