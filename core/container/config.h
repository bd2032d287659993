/* SPDX-License-Identifier: MIT */
/*
 * The resolved configuration in bytes: what the child gets in a sealed memfd, and what the state directory keeps for
 * whoever comes later.
 */
#pragma once

#include <stdint.h>

#include "base/wire.h"
#include "container/cgroup.h"
#include "container/process.h"
#include "plugin/roster.h"

struct container;

/* How a container lives. */
struct mode {
	bool detached;        /* it outlives the process that made it */
	bool kept;            /* its state stays when it has ended, until it is deleted */
	bool terminal;        /* the command gets a pseudo-terminal */
	bool interactive;     /* detached: standard input stays open for attach */
	bool joining;         /* not its first process, but one more (exec) */
	int64_t created_usec; /* on the clock of the day */
};

struct config {
	char **argv, **environment; /* NULL at the end; point into the bytes */
	struct mode mode;
	struct process process; /* points into its settings */
	struct cgroup_place place;
	struct settings process_settings, cgroup_settings;
	struct roster roster;    /* the plugins that were loaded */
	struct module **modules; /* owned */
	size_t module_count;
	char *bytes;
};

/* Which plugins a reader loads: those that have a hook of these phases, or all. */
#define CONFIG_PHASE(PHASE) (1U << (PHASE))
#define CONFIG_CHILD                                                                                                   \
	(CONFIG_PHASE(PHASE_CHILD_SETUP) | CONFIG_PHASE(PHASE_CHILD_SWITCH) | CONFIG_PHASE(PHASE_CHILD_ENTER) |        \
	 CONFIG_PHASE(PHASE_CHILD_SEAL))
#define CONFIG_ALL ~0U

/* Written by the parent: with the descriptors that have been passed so far. */
void config_write(const struct container *container, struct wire *wire);

/*
 * Fills in ctx (namespaces, joined ones, environment) and loads plugins. In the child also its id, level and
 * descriptors; `again`: the file has been lying around, so ctx keeps its own of these, and a plugin must still be one
 * to be trusted. Takes bytes, also on failure, which has a message in ctx. config_free() in any case.
 */
int config_read(struct contain_ctx *ctx, struct config *config, char *bytes, size_t length, unsigned phases,
		bool again);

void config_free(struct config *config);
