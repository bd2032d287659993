/* SPDX-License-Identifier: MIT */
/*
 * The container's cgroups: one directory contain-ID in each hierarchy that an enabled plugin asks for, and in the
 * cgroup2 tree wherever there is one. Made before the child exists, joined by the child at its birth, removed last.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "container/layout.h"
#include "plugin/ctx.h"

/* One hierarchy of the host and, if it is used, the container's directory there. */
struct cgroup {
	const struct hierarchy *hierarchy;
	bool used;
	char *path; /* of the container's directory */
	int fd;     /* of the same; -1: not made */
	int join;   /* v1: its `tasks`, open for writing; -1 */
};

struct cgroups {
	struct layout layout;
	char *parent;    /* [cgroup] parent */
	char *available; /* cgroup2: the parent's cgroup.controllers */
	struct cgroup *groups;
	size_t count;
	char *wanted; /* cgroup2: controllers asked for, "memory pids" */
};

/* Find the hierarchies. Fails with a message in ctx. */
int cgroups_find(struct contain_ctx *ctx, struct cgroups *cgroups, const char *parent);

/* After the plugins have asked: which other hierarchies the core itself needs. Touches nothing. */
void cgroups_choose(struct cgroups *cgroups);

/* Record, then make the directories that were asked for, the cgroup2 one with its controllers. */
int cgroups_make(struct contain_ctx *ctx);

/* After cgroups_find(), for a container that is there already: open what the record names. Fails with a message. */
int cgroups_reopen(struct contain_ctx *ctx);

/* The descriptor for CLONE_INTO_CGROUP, or -1 on a host without a cgroup2 that can be written to. */
int cgroups_birth(const struct cgroups *cgroups);

/*
 * Stop all processes of the container, or let them go on; returns when all have stopped. By cgroup.freeze, or the
 * freezer of v1 on a host without cgroup2. 0 or -errno with a message.
 */
int cgroups_freeze(struct contain_ctx *ctx, bool frozen);

/* Whether that was asked for, by anybody. */
bool cgroups_are_frozen(const struct record *record);

/*
 * The processes in the container's cgroups and those below, ascending, each once; pids of the reader's pid namespace.
 * The caller frees *pids. 0 or -errno with a message: -ENOENT, without one, if it has no cgroup.
 */
int cgroups_processes(struct contain_ctx *ctx, pid_t **pids, size_t *count);

/*
 * Kill everything in the container's cgroups and wait until it is gone. Only SIGKILL that was sent counts: 0 or -errno.
 */
int cgroups_kill(struct contain_ctx *ctx);

/*
 * Remove what the record names, deepest first, killing what is left inside. Twice is fine. 0 or -errno with a message.
 */
int cgroups_remove(struct contain_ctx *ctx);

/* The cgroup that has the controller; NULL: nowhere. */
struct cgroup *cgroups_with(const struct cgroups *cgroups, const char *controller);

void cgroups_free(struct cgroups *cgroups);
