/* SPDX-License-Identifier: MIT */
/*
 * A container as the parent sees it: the state machine creating -> created -> running -> stopped, whose steps `run`
 * makes one after the other, and other commands one at a time. Each step fails with a message in ctx.failure;
 * container_delete() undoes whatever was done, also for a process that is long gone.
 */
#pragma once

#include <poll.h>
#include <sys/types.h>

#include "base/trace.h"
#include "container/cgroup.h"
#include "container/channel.h"
#include "container/config.h"
#include "container/life.h"
#include "container/process.h"
#include "container/state.h"
#include "container/usage.h"
#include "plugin/roster.h"
#include "profile/options.h"

#define RELAY_FDS 64 /* at most */

/* Who moves what the command reads and writes while it runs: session.h, monitor.h. */
struct relay {
	/* Fill in what to wait for; returns how many, RELAY_FDS at most. */
	size_t (*fill)(struct relay *relay, struct pollfd *fds);
	/* The same descriptors again, after poll(2). */
	void (*move)(struct relay *relay, const struct pollfd *fds, size_t count);
	/* The window has another size, or we come back from a stop. NULL: nothing to do. */
	void (*signal)(struct relay *relay, int signal);
};

/* Descriptors for what is told at the end; -1: none. */
struct ending {
	int trace;  /* owned */
	int report; /* borrowed, until it is written */
	int ready;  /* run -d, borrowed: where the monitor's caller waits for its word */
};

struct container {
	struct contain_ctx ctx;
	struct roster roster;
	struct process process;
	struct cgroup_place place;
	struct settings process_settings, cgroup_settings; /* own what the two above point to */
	char **environment;                                /* [process] env, expanded */
	char *const *argv;                                 /* the command */
	const char *root;                                  /* of state directories */
	struct mode mode;
	struct config saved; /* of a container that was loaded: what the above points to */
	struct ending ending;
	bool made;               /* by this process: if it fails, it is undone */
	const char *skipped;     /* borrowed: plugins whose teardown crashes, a line each; NULL: none */
	struct tracing *tracing; /* borrowed; NULL: nobody wants to know */

	struct cgroups cgroups;
	struct state state;
	int stdio[3];                /* what the command gets instead of ours; -1: ours */
	int terminal;                /* the other end of the command's terminal; -1 */
	int slave;                   /* that terminal, open so that it does not end before the command; -1 */
	int channel, pidfd, signals; /* -1: none */
	bool is_child;               /* the process behind pidfd is ours to reap */
	int lines;                   /* where the child speaks to people, see channel.h; -1 */
	char line[2 * LINE_SIZE];    /* what was read of it */
	size_t line_length;
	int wanted_status;                /* exit status that the child's failure asks for */
	long long begun_usec, ended_usec; /* of the command, on the monotonic clock */
	int status;                       /* of waitid: the exit status, or 128 + the signal */
	int signal;                       /* 0: it exited */
	long long last_ignored_usec;      /* when a TERM or INT that the command does not catch came last */
	int guard;                        /* of updates; -1 */
	size_t saved_variables;           /* of contain_setenv(): how many are in the saved configuration */
};

void container_init(struct container *container);

/* Each step from here on goes into that trace, which outlives the container; NULL: into none. */
void container_trace(struct container *container, struct tracing *tracing);

void container_free(struct container *container);

/* ---- a new one --------------------------------------------------------------------------------------------------- */

/* Fill in everything from a profile: plugins, options, configure hooks. Nothing is touched. Mistakes go to errors. */
int container_resolve(struct container *container, const struct profile *profile, struct catalog *catalog,
		      struct text *errors);

/* From nothing to created: all is set up, and the child waits: for us, or at its door if `door`. */
int container_create(struct container *container, bool door);

/* From created to running: a child of ours, or a loaded one at its door. */
int container_start(struct container *container);

/* Until the process behind pidfd has ended: forward signals, keep the relay going, fill in status and signal. */
int container_wait(struct container *container, struct relay *relay);

/* If another process has updated the container: the values that hold now. */
int container_refresh(struct container *container);

/* Ask the plugins for figures and causes. */
int container_report(struct container *container, struct usage *usage);

/*
 * Kill what is left, tear down, remove the cgroups. `keep`: the state directory stays, and tells how it ended; else it
 * goes too. Any time, also twice, also by a process that only found the container. 0 or -errno, with every failure
 * told.
 */
int container_delete(struct container *container, bool keep);

/* ---- one that is there ------------------------------------------------------------------------------------------- */

enum load_flags {
	LOAD_LOCK = 1,     /* take care of it from now on; fails at once if another process does */
	LOAD_WAIT = 2,     /* with LOAD_LOCK: wait until nobody does */
	LOAD_ALIVE = 4,    /* fails unless its first process lives; ctx.pid and pidfd are its */
	LOAD_RECORD = 8,   /* the record alone: no configuration, no plugins, no cgroups */
	LOAD_COMMAND = 32, /* with LOAD_RECORD: also how it lives and what it runs, as far as that is there yet */
	LOAD_UPDATE = 64,  /* nobody else updates it meanwhile */
	LOAD_UNDO = 16,    /* as much as container_delete() needs: often that is the record alone */
};

/* Open the container, with its configuration and the plugins that have a hook of these CONFIG_PHASE()s. */
int container_load(struct container *container, const char *root, const char *id, unsigned phases, unsigned flags);

/* What can be known of it now. */
void container_life(const struct container *container, struct life *life);

/* Until the first process has ended: 1, or 0 if it has not in that time (-1: without end). */
int container_await_end(struct container *container, int64_t msec);

/* Until whoever takes care of the container has done its work: then what it used is free again, and its end on record.
 */
int container_await_owner(struct container *container);

/* Both, without end; and what is known then. For a container that was loaded with its record alone. */
int container_await(struct container *container, struct life *life);

/* Whether its first process would never get that signal: see wait.c. */
bool container_ignores(const struct container *container, int signal);

/* exec: one more process in a loaded container, of argv, environment and process. */
int container_join(struct container *container);

/* Save it again, with other values; after an update, which whoever takes care of the container learns by it. */
int container_resave(struct container *container);
int container_save_update(struct container *container);

/*
 * Remove what a killed process of ours has left under a name. `ended`: also a container that ran on without us, and has
 * ended: what there is to know of that goes with it. 1 if it did, 0 if there is nothing of that kind, -errno with a
 * message. What is done goes to the log and the trace of
 * `like`, where also its failure is put.
 */
int container_collect(const char *root, const char *id, bool ended, struct container *like);

/* A hook of it has crashed: this process becomes a fresh image that tells, and undoes what it has made. */
crash_handler container_crashed;

/* ---- between the files of the parent side -------------------------------------------------------------------- */

/* The first half of container_resolve(): plugins and options. Mistakes go to errors. */
int container_settle(struct container *container, const struct profile *profile, struct catalog *catalog,
		     struct text *errors);

/* The namespaces that a plugin always wants. */
int container_ask_namespaces(struct contain_ctx *ctx, const struct member *member);

/* After configure: whether [process] init has the namespace that it needs. */
int container_check_init(struct container *container);

/* Write the resolved configuration into the state directory. */
int container_save(struct container *container);

/* The message for a record that can't be written. */
int container_fail_record(struct container *container, int result);

/* clone3 and the re-exec: fills in ctx.pid, channel and pidfd. */
int container_spawn(struct container *container);

/* Block all signals and open the descriptor that tells of them. */
int container_catch_signals(struct container *container);

/*
 * Handle one signal that arrived; before the command runs (`starting`), one that asks us to end is -EINTR. What
 * concerns a terminal goes to the relay, which may be NULL.
 */
int container_handle_signal(struct container *container, struct relay *relay, bool starting);

/* The same where nobody is there to pass a signal on to: 128 and its number if one asks us to end, else 0. */
int container_end_signal(int signals, struct relay *relay);

/* Nobody reads what the command writes to its terminal any more: HUP, or KILL if it would never get that. */
void container_hang_up(struct container *container);

/* Somebody has typed Ctrl-C at a command that may not notice: see wait.c. */
void container_interrupted(struct container *container);

/* Hear the child until it sends the wanted message; MESSAGE_EXEC is fulfilled by the end that follows it. */
int container_hear(struct container *container, enum message_type wanted);

/* Send it a word. One that is gone tells why by its exit, which the next container_hear() finds. */
int container_tell(struct container *container, enum message_type type, int passed);

/* Pass the child the write end of a pipe for its lines, which container_hear() reads: the descriptor or -errno. */
int container_open_lines(struct container *container);

/* Put on record how it ended, for whoever waits for it or lists it. If that fails, it stays unknown. */
void container_record_exit(struct container *container, int status, int signal);

/* Wait for the process's end, and reap it if it is ours; fills in status and signal. */
int container_reap(struct container *container);

/* Kill it, and wait. */
int container_kill(struct container *container);
