/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The child's side, from the re-exec to the command's execve. The descriptors are those that the parent kept open: the
 * sealed configuration, the channel, and the memory of the trace (-1: there is none). Returns the exit status for a
 * failure, which the parent was told.
 */
int child_main(int config, int channel, int trace);

/* ---- between the files of the child's side ----------------------------------------------------------------------- */

#include "container/config.h"
#include "container/user.h"

struct child {
	struct contain_ctx ctx;
	struct config config;
	struct user user;
	char **environment;
	char *path;
	int channel;
	int terminal;            /* the command's; -1 */
	struct tracing *tracing; /* owned; NULL */
	int status;              /* exit status for a failure */
};

/* Tell the parent what is in ctx.failure. */
void child_send_failure(struct child *child);

/*
 * A pseudo-terminal of the container's own devpts, or else the one that was passed: its other end goes to the parent.
 */
int child_open_terminal(struct child *child);

/* Standard input, output and error become the terminal. */
int child_place_terminal(struct child *child);

/* exec: enter the namespaces of the container's first process. */
int child_join(struct child *child);

/*
 * Execute the command; with a terminal, as the leader of its session. Returns only on failure, with a message. `init`:
 * execute it in a child of ours, whose exit status ours becomes, and never return but if there is no such child.
 */
int child_execute(struct child *child, bool init);
