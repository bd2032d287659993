/* SPDX-License-Identifier: MIT */
/*
 * A container as the parent sees it: the state machine creating -> created -> running -> stopped, whose steps `run`
 * makes one after the other. Each step fails with a message in ctx.failure; container_delete() undoes whatever was
 * done.
 */
#pragma once

#include <sys/types.h>
#include <termios.h>

#include "container/cgroup.h"
#include "container/channel.h"
#include "container/process.h"
#include "container/state.h"
#include "container/usage.h"
#include "plugin/roster.h"
#include "profile/options.h"

struct container {
	struct contain_ctx ctx;
	struct roster roster;
	struct process process;
	struct cgroup_place place;
	struct settings process_settings, cgroup_settings; /* own what the two above point to */
	char **environment;                                /* [process] env, expanded */
	char *const *argv;                                 /* the command */
	const char *root;                                  /* of state directories */
	bool use_terminal; /* hand the terminal on standard input to the command's process group */

	struct cgroups cgroups;
	struct state state;
	int channel, pidfd, signals; /* -1: none */
	int lines;                   /* where the child speaks to people, see channel.h; -1 */
	char line[2 * LINE_SIZE];    /* what was read of it */
	size_t line_length;
	int wanted_status; /* exit status that the child's failure asks for */
	struct termios terminal;
	long long begun_usec, ended_usec; /* of the command, on the monotonic clock */
	int status;                       /* of waitid: the exit status, or 128 + the signal */
	int signal;                       /* 0: it exited */
	long long last_ignored_usec;      /* when a TERM or INT that the command does not catch came last */
};

/* Fill in everything from a profile: plugins, options, configure hooks. Nothing is touched. Mistakes go to errors. */
int container_resolve(struct container *container, const struct profile *profile, struct catalog *catalog,
		      struct text *errors);

/* From nothing to created: all is set up, and the child waits. */
int container_create(struct container *container);

/* From created to running. */
int container_start(struct container *container);

/* Until the first process has ended: forward signals, fill in status and signal. */
int container_wait(struct container *container);

/* Ask the plugins for figures and causes. */
int container_report(struct container *container, struct usage *usage);

/* Kill what is left, tear down, remove the cgroups and the state. Any time, also twice. */
int container_delete(struct container *container);

void container_init(struct container *container);
void container_free(struct container *container);

/* ---- between the files of the parent side -------------------------------------------------------------------- */

/* Write the resolved configuration into the state directory. */
int container_save(struct container *container);

/* clone3 and the re-exec: fills in ctx.pid, channel and pidfd. */
int container_spawn(struct container *container);

/* Block all signals and open the descriptor that tells of them. */
int container_catch_signals(struct container *container);

/* Handle one signal that arrived; before the command runs (`starting`), one that asks us to end is -EINTR. */
int container_handle_signal(struct container *container, bool starting);

/* Wait for the child's end, take the terminal back, and reap it; fills in status and signal. */
int container_reap(struct container *container);

/* Hand the terminal to the child's process group, and take it back. */
void container_give_terminal(struct container *container);
void container_take_terminal(struct container *container);
