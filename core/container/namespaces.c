/* SPDX-License-Identifier: MIT */
#include "container/namespaces.h"

#include <contain/plugin.h>

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "plugin/wishes.h"

#define OLDEST_MAJOR 5
#define OLDEST_MINOR 15

static const struct {
	uint64_t flag;
	const char *name; /* also its file in /proc/PID/ns */
} kinds[] = {
	{ CLONE_NEWPID, "pid" }, { CLONE_NEWUTS, "uts" },       { CLONE_NEWNS, "mnt" },
	{ CLONE_NEWIPC, "ipc" }, { CLONE_NEWCGROUP, "cgroup" }, { CLONE_NEWNET, "net" },
};

int namespaces_check_kernel(struct contain_ctx *ctx)
{
	struct utsname name;
	int major = 0, minor = 0;

	if (uname(&name) == 0 && sscanf(name.release, "%d.%d", &major, &minor) == 2 &&
	    (major > OLDEST_MAJOR || (major == OLDEST_MAJOR && minor >= OLDEST_MINOR)))
		return 0;
	return ctx_fail(ctx, 0, "this kernel is Linux %s: contain needs %d.%d or later", name.release, OLDEST_MAJOR,
			OLDEST_MINOR);
}

int contain_namespace(struct contain_ctx *ctx, uint64_t flag)
{
	char path[64];

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		if (kinds[i].flag != flag)
			continue;
		if (ctx->phase != PHASE_CONFIGURE && ctx->phase != PHASE_NONE)
			return contain_fail(ctx, EPERM, "a namespace is asked for too late: ask in configure");
		snprintf(path, sizeof(path), "/proc/self/ns/%s", kinds[i].name);
		if (faccessat(AT_FDCWD, path, F_OK, AT_EACCESS) < 0)
			return contain_fail(ctx, 0, "this kernel has no %s namespaces (there is no %s)", kinds[i].name,
					    path),
			       -ENOSYS;
		ctx->namespaces |= flag;
		return wishes_note_namespace(ctx, flag);
	}
	return contain_fail(ctx, EINVAL, "this contain can't make a namespace of the kind 0x%llx",
			    (unsigned long long)flag);
}

uint64_t namespaces_kind(size_t index)
{
	return index < sizeof(kinds) / sizeof(*kinds) ? kinds[index].flag : 0;
}

void namespaces_names(uint64_t namespaces, struct text *names)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		if (namespaces & kinds[i].flag)
			text_word(names, kinds[i].name);
	}
}

uint64_t namespaces_for_clone(uint64_t namespaces)
{
	/* cgroup_namespaces(7): the root is the cgroup at that moment, in clone3 the parent's. */
	return namespaces & ~(uint64_t)CLONE_NEWCGROUP;
}
