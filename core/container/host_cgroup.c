/* SPDX-License-Identifier: MIT */
/* The functions of contain/plugin.h that work on the container's cgroups. */
#include <contain/plugin.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "container/cgroup.h"
#include "plugin/wishes.h"

static struct cgroup *group_of(struct contain_ctx *ctx, const char *controller)
{
	return ctx->cgroups ? cgroups_with(ctx->cgroups, controller) : NULL;
}

int contain_cgroup_version(struct contain_ctx *ctx, const char *controller)
{
	const struct cgroup *group = group_of(ctx, controller);

	return group ? group->hierarchy->version : 0;
}

/* Why a controller is nowhere: /proc/cgroups lists what the kernel was built with, and what is switched off. */
static int fail_missing(struct contain_ctx *ctx, const char *controller)
{
	char text[8192] = "", *line;
	size_t length = strlen(controller);

	file_read_at(AT_FDCWD, "/proc/cgroups", text, sizeof(text));
	for (line = text; line && *line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL) {
		if (strncmp(line, controller, length) != 0 || line[length] != '\t')
			continue;
		line[strcspn(line, "\n")] = '\0';
		if (strrchr(line, '\t')[1] == '0')
			return contain_fail(ctx, 0,
					    "this host's cgroup controller '%s' is switched off: remove "
					    "cgroup_disable=%s from the kernel's command line",
					    controller, controller);
		return contain_fail(ctx, 0,
				    "this host has the cgroup controller '%s' mounted nowhere, or does not delegate it "
				    "to [cgroup] parent",
				    controller);
	}
	return contain_fail(ctx, 0, "this host has no cgroup controller '%s': its kernel is built without", controller);
}

int contain_cgroup_use(struct contain_ctx *ctx, const char *controller)
{
	struct cgroup *group = group_of(ctx, controller);
	char *wanted;

	if (!group)
		return fail_missing(ctx, controller);
	if (ctx->phase != PHASE_CONFIGURE)
		return contain_fail(ctx, EPERM, "the cgroup controller '%s' is asked for too late: ask in configure",
				    controller);
	group->used = true;
	if (group->hierarchy->version == 1)
		return wishes_note_controller(ctx, controller);
	if (asprintf(&wanted, "%s %s", ctx->cgroups->wanted ? ctx->cgroups->wanted : "", controller) < 0)
		return contain_fail(ctx, ENOMEM, "can't use the cgroup controller '%s'", controller);
	free(ctx->cgroups->wanted);
	ctx->cgroups->wanted = wanted;
	return wishes_note_controller(ctx, controller);
}

bool contain_cgroup_has(struct contain_ctx *ctx, const char *controller, const char *file)
{
	const struct cgroup *group = group_of(ctx, controller);

	return group && group->fd >= 0 && faccessat(group->fd, file, F_OK, 0) == 0;
}

int contain_cgroup_write(struct contain_ctx *ctx, const char *controller, const char *file, const char *text)
{
	const struct cgroup *group = group_of(ctx, controller);
	int result;

	if (!group || group->fd < 0)
		return contain_fail(ctx, ENOENT, "can't write %s: the container has no cgroup with the controller '%s'",
				    file, controller);
	result = file_write_at(group->fd, file, text);
	if (result == -ENOENT)
		return contain_fail(ctx, 0, "can't set %s/%s to '%s': this kernel has no such file", group->path, file,
				    text);
	if (result < 0)
		return contain_fail(ctx, -result, "can't set %s/%s to '%s'", group->path, file, text);
	return 0;
}

int contain_cgroup_read(struct contain_ctx *ctx, const char *controller, const char *file, char *text, size_t size)
{
	const struct cgroup *group = group_of(ctx, controller);
	ssize_t n;

	if (!group || group->fd < 0)
		return -ENOENT;
	n = file_read_at(group->fd, file, text, size);
	return n < 0 ? (int)n : 0;
}
