/* SPDX-License-Identifier: MIT */
#include "container/cgroup.h"

#include <contain/plugin.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/text.h"
#include "container/record_keys.h"

#define MOUNTINFO_MOST (16 * 1024 * 1024)

static struct cgroup *cgroup2(const struct cgroups *cgroups)
{
	for (size_t i = 0; i < cgroups->count; i++) {
		if (cgroups->groups[i].hierarchy->version == 2)
			return &cgroups->groups[i];
	}
	return NULL;
}

struct cgroup *cgroups_with(const struct cgroups *cgroups, const char *controller)
{
	for (size_t i = 0; i < cgroups->count; i++) {
		struct cgroup *group = &cgroups->groups[i];
		const char *list = group->hierarchy->version == 1 ? group->hierarchy->controllers : cgroups->available;

		if (list && layout_has_word(list, controller))
			return group;
	}
	return NULL;
}

static int read_layout(struct layout *layout)
{
	_cleanup_close_ int fd = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
	_cleanup_free_ char *text = NULL;
	size_t length;
	int result;

	if (fd < 0)
		return -errno;
	result = file_read_all(fd, MOUNTINFO_MOST, &text, &length);
	return result < 0 ? result : layout_parse(layout, text);
}

/* What lies at the mount point now may be another file system on top. */
static bool is_visible(const struct hierarchy *hierarchy)
{
	struct statfs fs;

	return statfs(hierarchy->mount, &fs) == 0 &&
	       (unsigned long)fs.f_type == (hierarchy->version == 2 ? CGROUP2_SUPER_MAGIC : CGROUP_SUPER_MAGIC);
}

static int read_available(struct contain_ctx *ctx, struct cgroups *cgroups, const struct hierarchy *hierarchy)
{
	_cleanup_free_ char *parent = layout_parent(hierarchy->mount, cgroups->parent), *file = NULL;
	char text[4096];
	ssize_t n;

	if (!parent || asprintf(&file, "%s/cgroup.controllers", parent) < 0)
		return ctx_fail(ctx, ENOMEM, "can't look for cgroups");
	n = file_read_at(AT_FDCWD, file, text, sizeof(text));
	if (n < 0)
		return ctx_fail(ctx, (int)-n, "can't use the cgroup %s: [cgroup] parent names one that exists", parent);
	cgroups->available = strdup(text);
	return cgroups->available ? 0 : ctx_fail(ctx, ENOMEM, "can't look for cgroups");
}

static int add_groups(struct contain_ctx *ctx, struct cgroups *cgroups, int version)
{
	for (size_t i = 0; i < cgroups->layout.count; i++) {
		const struct hierarchy *hierarchy = &cgroups->layout.hierarchies[i];
		struct cgroup group = { .hierarchy = hierarchy, .fd = -1, .join = -1 };
		int result;

		if (hierarchy->version != version || (version == 2 && !is_visible(hierarchy)))
			continue;
		if (version == 2 && (result = read_available(ctx, cgroups, hierarchy)) < 0)
			return result;
		/* Without a limit it is for killing and usage, which a host that shows it read-only goes without. */
		group.used = version == 2 && hierarchy->writable;
		cgroups->groups[cgroups->count++] = group;
	}
	return 0;
}

int cgroups_find(struct contain_ctx *ctx, struct cgroups *cgroups, const char *parent)
{
	int result = read_layout(&cgroups->layout);

	if (result < 0)
		return ctx_fail(ctx, -result, "can't read /proc/self/mountinfo to find the cgroups: is /proc mounted?");
	cgroups->parent = strdup(parent ? parent : "");
	cgroups->groups = calloc(cgroups->layout.count + 1, sizeof(*cgroups->groups));
	if (!cgroups->parent || !cgroups->groups)
		return ctx_fail(ctx, ENOMEM, "can't look for cgroups");
	/* cgroup2 first: what is killed there need not be looked for in the others. */
	for (int version = 2; result == 0 && version >= 1; version--)
		result = add_groups(ctx, cgroups, version);
	if (result < 0)
		return result;
	ctx->cgroups = cgroups;
	return 0;
}

/* Controllers are given to the children of a cgroup by its subtree_control (cgroups(7)). */
static int enable_controllers(struct contain_ctx *ctx, const char *parent, const char *wanted)
{
	_cleanup_close_ int dir = open(parent, O_PATH | O_DIRECTORY | O_CLOEXEC);
	_cleanup_text_ struct text missing = { 0 };
	_cleanup_free_ char *copy = strdup(wanted);
	char *rest = copy, *one, enabled[4096] = "";
	int result;

	if (!copy)
		return ctx_fail(ctx, ENOMEM, "can't enable cgroup controllers");
	if (dir < 0 || file_read_at(dir, "cgroup.subtree_control", enabled, sizeof(enabled)) < 0)
		return ctx_fail(ctx, errno, "can't read %s/cgroup.subtree_control", parent);
	while ((one = strsep(&rest, " "))) {
		if (*one && !layout_has_word(enabled, one))
			text_printf(&missing, "+%s ", one);
	}
	if (missing.length == 0)
		return 0;
	result = file_write_at(dir, "cgroup.subtree_control", text_peek(&missing));
	/*
	 * cgroups(7), "no internal processes": a cgroup other than the root has either processes or controllers below.
	 */
	if (result == -EBUSY)
		return ctx_fail(ctx, EBUSY,
				"can't enable %sin %s/cgroup.subtree_control: the processes in %s/cgroup.procs are in "
				"the way; give another place in [cgroup] parent",
				text_peek(&missing), parent, parent);
	if (result == -EOPNOTSUPP)
		return ctx_fail(ctx, EOPNOTSUPP,
				"can't enable %sin %s: it is a threaded cgroup; give another place in [cgroup] parent",
				text_peek(&missing), parent);
	if (result < 0)
		return ctx_fail(ctx, -result, "can't enable %sin %s/cgroup.subtree_control", text_peek(&missing),
				parent);
	return 0;
}

static int fail_exists(struct contain_ctx *ctx, const char *path)
{
	return ctx_fail(ctx, EEXIST, "can't make the cgroup %s: give another --name, or remove it if nobody uses it",
			path);
}

static int open_one(struct contain_ctx *ctx, struct cgroup *group)
{
	group->fd = open(group->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (group->fd < 0)
		return ctx_fail(ctx, errno, "can't open the cgroup %s", group->path);
	if (group->hierarchy->version == 1) {
		group->join = openat(group->fd, "tasks", O_WRONLY | O_CLOEXEC);
		if (group->join < 0)
			return ctx_fail(ctx, errno, "can't open %s/tasks", group->path);
	}
	return 0;
}

static int make_one(struct contain_ctx *ctx, const struct cgroups *cgroups, struct cgroup *group)
{
	bool is_v2 = group->hierarchy->version == 2;

	if (is_v2 && cgroups->wanted) {
		_cleanup_free_ char *parent = layout_parent(group->hierarchy->mount, cgroups->parent);
		int result = parent ? enable_controllers(ctx, parent, cgroups->wanted)
				    : ctx_fail(ctx, ENOMEM, "can't make a cgroup");

		if (result < 0)
			return result;
	}
	if (mkdir(group->path, 0755) < 0)
		return errno == EEXIST ? fail_exists(ctx, group->path)
				       : ctx_fail(ctx, errno, "can't make the cgroup %s", group->path);
	return open_one(ctx, group);
}

/* The paths of the first `count` groups, a line each, for the record. */
static int record_paths(struct contain_ctx *ctx, const struct cgroups *cgroups, size_t count)
{
	_cleanup_text_ struct text paths = { 0 };
	int result;

	for (size_t i = 0; i < count; i++) {
		if (cgroups->groups[i].used)
			text_printf(&paths, "%s\n", cgroups->groups[i].path);
	}
	result = text_error(&paths);
	if (result == 0)
		result = record_set(&ctx->record, RECORD_CORE, RECORD_CGROUPS, paths.length ? text_peek(&paths) : NULL);
	return result < 0 ? ctx_fail(ctx, -result, "can't record the cgroups in the state directory") : 0;
}

/* Where the directories will be. */
static int find_places(struct contain_ctx *ctx, struct cgroups *cgroups)
{
	for (size_t i = 0; i < cgroups->count; i++) {
		struct cgroup *group = &cgroups->groups[i];

		if (!group->used)
			continue;
		if (!is_visible(group->hierarchy))
			return ctx_fail(ctx, 0, "can't make a cgroup in %s: another file system lies over it",
					group->hierarchy->mount);
		group->path = layout_path(group->hierarchy->mount, cgroups->parent, ctx->id);
		if (!group->path)
			return ctx_fail(ctx, ENOMEM, "can't make a cgroup");
		/* What stands there already is somebody else's: it must not even get into our record. */
		if (faccessat(AT_FDCWD, group->path, F_OK, AT_EACCESS) == 0)
			return fail_exists(ctx, group->path);
	}
	return 0;
}

void cgroups_choose(struct cgroups *cgroups)
{
	const struct cgroup *unified = cgroup2(cgroups);
	struct cgroup *freezer;

	/* Without a cgroup2 tree, processes that fork faster than we kill are stopped by the v1 freezer. */
	if (!(unified && unified->used) && (freezer = cgroups_with(cgroups, "freezer")))
		freezer->used = true;
}

int cgroups_make(struct contain_ctx *ctx)
{
	struct cgroups *cgroups = ctx->cgroups;
	int result;

	cgroups_choose(cgroups);
	result = find_places(ctx, cgroups);
	if (result == 0)
		result = record_paths(ctx, cgroups, cgroups->count);
	for (size_t i = 0; result == 0 && i < cgroups->count; i++) {
		if (!cgroups->groups[i].used)
			continue;
		result = make_one(ctx, cgroups, &cgroups->groups[i]);
		/* What stands there is somebody else's: only what is before it is ours to remove. */
		if (result == -EEXIST)
			record_paths(ctx, cgroups, i);
	}
	return result;
}

/* Whether one of the lines is this path. */
static bool has_line(const char *lines, const char *path)
{
	size_t length = strlen(path);

	for (const char *line = lines; line && *line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, path, length) == 0 && (line[length] == '\n' || line[length] == '\0'))
			return true;
	}
	return false;
}

int cgroups_reopen(struct contain_ctx *ctx)
{
	struct cgroups *cgroups = ctx->cgroups;
	const char *paths = record_get(&ctx->record, RECORD_CORE, RECORD_CGROUPS);

	for (size_t i = 0; i < cgroups->count; i++) {
		struct cgroup *group = &cgroups->groups[i];
		int result;

		group->used = false;
		group->path = layout_path(group->hierarchy->mount, cgroups->parent, ctx->id);
		if (!group->path)
			return ctx_fail(ctx, ENOMEM, "can't open the container's cgroups");
		if (!paths || !has_line(paths, group->path))
			continue;
		group->used = true;
		result = open_one(ctx, group);
		if (result < 0)
			return result;
	}
	return 0;
}

int cgroups_birth(const struct cgroups *cgroups)
{
	const struct cgroup *group = cgroup2(cgroups);

	return group ? group->fd : -1;
}

void cgroups_free(struct cgroups *cgroups)
{
	for (size_t i = 0; i < cgroups->count; i++) {
		struct cgroup *group = &cgroups->groups[i];

		free(group->path);
		cleanup_close(&group->fd);
		cleanup_close(&group->join);
	}
	free(cgroups->groups);
	free(cgroups->parent);
	free(cgroups->available);
	free(cgroups->wanted);
	layout_free(&cgroups->layout);
	*cgroups = (struct cgroups){ 0 };
}
