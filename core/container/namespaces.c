/* SPDX-License-Identifier: MIT */
#include "container/namespaces.h"

#include <contain/plugin.h>

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/kernel.h"
#include "container/spawn.h"
#include "plugin/roster.h"
#include "plugin/wishes.h"

#define OLDEST_MAJOR 5
#define OLDEST_MINOR 15

static const struct kind {
	uint64_t flag;
	const char *name;    /* also its file in /proc/PID/ns */
	const char *joining; /* the step; NULL: one that is there already can't be joined */
} kinds[NAMESPACES_MOST] = {
	{ CLONE_NEWPID, "pid", NULL },       { CLONE_NEWUTS, "uts", "joining the uts namespace" },
	{ CLONE_NEWNS, "mnt", NULL },        { CLONE_NEWIPC, "ipc", "joining the ipc namespace" },
	{ CLONE_NEWCGROUP, "cgroup", NULL }, { CLONE_NEWNET, "net", "joining the net namespace" },
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

static const struct kind *find_kind(uint64_t flag)
{
	for (size_t i = 0; i < NAMESPACES_MOST; i++) {
		if (kinds[i].flag == flag)
			return &kinds[i];
	}
	return NULL;
}

static const char *caller(const struct contain_ctx *ctx)
{
	return ctx->member ? ctx->member->module->name : "";
}

/* The caller's own one, which is also what tells whether there are any. */
static const char *own_path(const struct kind *kind, char path[64])
{
	snprintf(path, 64, "/proc/self/ns/%s", kind->name);
	return path;
}

/* Who wants a new one, or has it join one. */
static const struct claim *find_claim(const struct contain_ctx *ctx, uint64_t flag, bool joined)
{
	for (size_t i = 0; i < ctx->claim_count; i++) {
		if (ctx->claims[i].flag == flag && ctx->claims[i].joined == joined)
			return &ctx->claims[i];
	}
	return NULL;
}

/* What the plugin's table asks for counts no more once its configure joins one of that kind. */
static void drop_usual(struct contain_ctx *ctx, uint64_t flag, const char *plugin)
{
	size_t kept = 0;

	for (size_t i = 0; i < ctx->claim_count; i++) {
		const struct claim claim = ctx->claims[i];

		if (!claim.usual || claim.flag != flag || strcmp(claim.plugin, plugin) != 0)
			ctx->claims[kept++] = claim;
	}
	ctx->claim_count = kept;
	if (!find_claim(ctx, flag, false))
		ctx->namespaces &= ~flag;
}

static int add_claim(struct contain_ctx *ctx, struct claim claim, const char *plugin)
{
	struct claim *more = reallocarray(ctx->claims, ctx->claim_count + 1, sizeof(*more));

	if (!more)
		return contain_fail(ctx, ENOMEM, "can't note which namespace is wanted");
	snprintf(claim.plugin, sizeof(claim.plugin), "%s", plugin);
	ctx->claims = more;
	more[ctx->claim_count++] = claim;
	return 0;
}

/* "the plugin a has it join one that is there already, and the plugin b wants a new one" */
static int fail_claimed(struct contain_ctx *ctx, const struct kind *kind, const struct claim *first, const char *plugin,
			bool joined)
{
	static const char *const wishes[] = { "wants a new one", "has it join one that is there already" };
	const char *second = joined && first->joined ? "has it join another one" : wishes[joined];

	if (strcmp(first->plugin, plugin) == 0)
		contain_fail(ctx, 0, "the container can have one %s namespace, and the plugin %s %s, but also %s",
			     kind->name, plugin, wishes[first->joined], second);
	else
		contain_fail(ctx, 0,
			     "the container can have one %s namespace: the plugin %s %s, and the plugin %s %s: switch "
			     "one of the two off, or set it to something else",
			     kind->name, first->plugin, wishes[first->joined], plugin, second);
	return -EBUSY;
}

static int check_asked(struct contain_ctx *ctx, const struct kind *kind)
{
	char path[64];

	if (ctx->phase != PHASE_CONFIGURE && ctx->phase != PHASE_NONE)
		return contain_fail(ctx, EPERM, "a namespace is asked for too late: ask in configure");
	if (faccessat(AT_FDCWD, own_path(kind, path), F_OK, AT_EACCESS) == 0)
		return 0;
	return contain_fail(ctx, 0, "this kernel has no %s namespaces (there is no %s)", kind->name, path), -ENOSYS;
}

static int ask(struct contain_ctx *ctx, uint64_t flag, const char *plugin, bool usual)
{
	const struct kind *kind = find_kind(flag);
	const struct claim *joined = find_claim(ctx, flag, true);
	int result;

	if (!kind)
		return contain_fail(ctx, EINVAL, "this contain can't make a namespace of the kind 0x%llx",
				    (unsigned long long)flag);
	result = check_asked(ctx, kind);
	if (result == 0 && joined)
		return fail_claimed(ctx, kind, joined, plugin, false);
	if (result == 0)
		result = add_claim(ctx, (struct claim){ .flag = flag, .usual = usual, .fd = -1 }, plugin);
	if (result < 0)
		return result;
	ctx->namespaces |= flag;
	return wishes_note_namespace(ctx, flag);
}

int namespaces_ask_usual(struct contain_ctx *ctx, uint64_t flag, const char *plugin)
{
	return ask(ctx, flag, plugin, true);
}

int contain_namespace(struct contain_ctx *ctx, uint64_t flag)
{
	return ask(ctx, flag, caller(ctx), false);
}

static int check_joined(struct contain_ctx *ctx, uint64_t flag, int fd)
{
	const struct kind *kind = find_kind(flag), *given;
	int found;

	if (!kind || !kind->joining)
		return contain_fail(
			ctx, EINVAL,
			"this contain can't join a namespace of the kind %s (0x%llx), only net, ipc and uts",
			kind ? kind->name : "?", (unsigned long long)flag);
	found = kernel_namespace_kind(fd);
	if (found < 0)
		return contain_fail(ctx, 0, "what is given as a %s namespace to join is no namespace", kind->name),
		       -EINVAL;
	given = find_kind((uint64_t)found);
	if (given != kind)
		return contain_fail(ctx, 0, "what is given as a %s namespace to join is a %s namespace", kind->name,
				    given ? given->name : "quite different"),
		       -EINVAL;
	return check_asked(ctx, kind);
}

/* Which one it is; the one that we are in needs no joining, and no right to it. */
static int identify(struct contain_ctx *ctx, const struct kind *kind, struct claim *claim)
{
	struct stat theirs, own;
	char path[64];

	if (fstat(claim->fd, &theirs) < 0 || stat(own_path(kind, path), &own) < 0)
		return contain_fail(ctx, errno, "can't look at the %s namespace to join", kind->name);
	claim->device = theirs.st_dev;
	claim->inode = theirs.st_ino;
	if (theirs.st_dev == own.st_dev && theirs.st_ino == own.st_ino)
		close(steal_fd(&claim->fd));
	else if (fcntl(claim->fd, F_SETFD, FD_CLOEXEC) < 0)
		return contain_fail(ctx, errno, "can't keep the %s namespace to join", kind->name);
	return 0;
}

int contain_namespace_join(struct contain_ctx *ctx, uint64_t flag, int fd)
{
	_cleanup_close_ int owned = fd > STDERR_FILENO ? fd : -1;
	const struct claim *fresh, *first;
	struct claim claim = { .flag = flag, .joined = true };
	int result;

	if (owned < 0)
		return contain_fail(ctx, EBADF, "can't join a namespace by descriptor %d", fd);
	result = check_joined(ctx, flag, owned);
	if (result < 0)
		return result;
	claim.fd = owned;
	result = identify(ctx, find_kind(flag), &claim);
	owned = claim.fd;
	if (result < 0)
		return result;
	drop_usual(ctx, flag, caller(ctx));
	fresh = find_claim(ctx, flag, false);
	first = find_claim(ctx, flag, true);
	if (fresh || (first && (first->device != claim.device || first->inode != claim.inode)))
		return fail_claimed(ctx, find_kind(flag), fresh ? fresh : first, caller(ctx), true);
	if (!first)
		result = add_claim(ctx, claim, caller(ctx));
	if (result < 0)
		return result;
	if (!first)
		steal_fd(&owned);
	ctx->joined |= flag;
	return wishes_note_namespace(ctx, flag);
}

uint64_t namespaces_apart(const struct contain_ctx *ctx)
{
	uint64_t apart = ctx->namespaces;

	for (size_t i = 0; i < ctx->claim_count; i++)
		apart |= ctx->claims[i].fd >= 0 ? ctx->claims[i].flag : 0;
	return apart;
}

uint64_t namespaces_elsewhere(uint64_t namespaces, pid_t pid)
{
	for (size_t i = 0; i < NAMESPACES_MOST; i++) {
		struct stat theirs, own;
		char path[64];

		if (!(namespaces & kinds[i].flag) || stat(own_path(&kinds[i], path), &own) < 0)
			continue;
		snprintf(path, sizeof(path), "/proc/%d/ns/%s", pid, kinds[i].name);
		if (stat(path, &theirs) == 0 && theirs.st_dev == own.st_dev && theirs.st_ino == own.st_ino)
			namespaces &= ~kinds[i].flag;
	}
	return namespaces;
}

size_t namespaces_to_join(const struct contain_ctx *ctx, struct spawn_join *joins)
{
	size_t count = 0;

	for (size_t i = 0; i < ctx->claim_count; i++) {
		const struct claim *claim = &ctx->claims[i];

		if (claim->fd >= 0)
			joins[count++] =
				(struct spawn_join){ claim->fd, (int)claim->flag, find_kind(claim->flag)->joining };
	}
	return count;
}

uint64_t namespaces_kind(size_t index)
{
	return index < NAMESPACES_MOST ? kinds[index].flag : 0;
}

void namespaces_names(uint64_t namespaces, struct text *names)
{
	for (size_t i = 0; i < NAMESPACES_MOST; i++) {
		if (namespaces & kinds[i].flag)
			text_word(names, kinds[i].name);
	}
}

uint64_t namespaces_for_clone(uint64_t namespaces)
{
	/* cgroup_namespaces(7): the root is the cgroup at that moment, in clone3 the parent's. */
	return namespaces & ~(uint64_t)CLONE_NEWCGROUP;
}
