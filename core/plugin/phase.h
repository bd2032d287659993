/* SPDX-License-Identifier: MIT */
/* The steps of a container's life in which plugins have their say. */
#pragma once

#include <stdbool.h>

#include <contain/plugin.h>

struct contain_ctx;
struct member;
struct roster;

enum phase {
	PHASE_NONE,
	PHASE_CONFIGURE,
	PHASE_PARENT_PREPARE,
	PHASE_PARENT_ATTACH,
	PHASE_CHILD_SETUP,
	PHASE_CHILD_SWITCH,
	PHASE_CHILD_ENTER,
	PHASE_CHILD_SEAL,
	PHASE_PARENT_STARTED,
	PHASE_UPDATE,
	PHASE_REPORT,
	PHASE_TEARDOWN,
	PHASE_CHECK,
	PHASE_COUNT,
};

/* Who is told of each hook, before it and after it; ctx->observer. Another result than the hook's own has its message.
 */
struct observer {
	void (*begin)(struct observer *observer, struct contain_ctx *ctx, const struct member *member,
		      enum phase phase);
	int (*end)(struct observer *observer, struct contain_ctx *ctx, const struct member *member, enum phase phase,
		   int result);
	struct observer *next; /* NULL: the last one */
};

/* "child_setup", as in plugin.h; "start" for PHASE_NONE. */
const char *phase_name(enum phase phase);

/* Which process calls the hook: "parent", "child" (while it is set up), or "any" (whoever does it for the container).
 */
const char *phase_process(enum phase phase);

/* Whether a text is one of these names. */
bool phase_known(const char *name);

/* The plugin's hook for that phase, or NULL. */
contain_hook *phase_hook(const struct contain_plugin *plugin, enum phase phase);

/*
 * Call that hook of each plugin that has one, in order; PHASE_TEARDOWN in reverse, only for those begun, and on past
 * failures. Returns 0, or the (first) hook's -errno with ctx->failure filled in.
 */
int phase_run(struct contain_ctx *ctx, struct roster *roster, enum phase phase);
