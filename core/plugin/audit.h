/* SPDX-License-Identifier: MIT */
/*
 * For `contain plugin check`: an observer of one plugin's hooks, in every process in which they run. What it is to do,
 * and what it sees, is in a page of memory that all these processes share, so it outlives each of them. The child gets
 * that, and the way to tell that a step is reached, as two of the core's own descriptors.
 */
#pragma once

#include <stdatomic.h>
#include <stdint.h>

#include "plugin/ctx.h"
#include "plugin/phase.h"
#include "plugin/rules.h"
#include "plugin/surroundings.h"

#define AUDIT_FD       "audit" /* of ctx->fds, owner "" */
#define AUDIT_EVENT_FD "audit-event"
#define AUDIT_SELF_FD  "audit-self"

#define AUDIT_CALLS    64
#define AUDIT_FINDINGS 64
#define AUDIT_DETAIL   512

enum audit_act {
	AUDIT_WATCH,
	AUDIT_FAIL,  /* the hook of that phase fails, after it has succeeded */
	AUDIT_STOP,  /* after that hook: tell, and wait to be killed */
	AUDIT_TWICE, /* that hook is called once more when it has succeeded */
};

struct audit_call {
	enum phase phase;
	bool is_child, ended;
	int result;
	int64_t usec;
};

struct audit_finding {
	enum rule rule;
	enum phase phase; /* PHASE_NONE: it belongs to no hook */
	char detail[AUDIT_DETAIL];
};

struct audit_page {
	char plugin[PLUGIN_NAME_SIZE];
	enum audit_act act;
	enum phase phase;
	bool elsewhere; /* teardown runs in another process than the hooks before it */
	_Atomic unsigned call_count, finding_count;
	struct audit_call calls[AUDIT_CALLS];
	struct audit_finding findings[AUDIT_FINDINGS];
};

struct audit {
	struct observer observer; /* first: it is what the calls get */
	struct audit_page *page;
	int memory,
		event; /* of the page; an eventfd(2) that tells of AUDIT_STOP and of a parent_started that is done */
	int process;   /* /proc/self of the process that observes; -1 */
	bool is_child;
	/* of the hook that runs */
	bool failed_before;
	struct audit_call *call; /* NULL: it is not watched */
	int64_t begun_usec;
	struct surroundings before;
};

/* A page and an event. 0 or -errno; audit_free() in any case. */
int audit_init(struct audit *audit, const char *plugin);
void audit_free(struct audit *audit);

/* The next time: nothing has been seen. */
void audit_reset(struct audit *audit, enum audit_act act, enum phase phase);

/* A process of the parent's side watches from here on; with `pass`, its child will. 0 or -errno with a message. */
int audit_attach(struct audit *audit, struct contain_ctx *ctx, bool pass);

/* The child, if it was passed the descriptors. 0 or -errno with a message. */
int audit_join(struct contain_ctx *ctx);

/* Put a finding on the page; one too many is lost. */
void audit_find(struct audit_page *page, enum rule rule, enum phase phase, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
