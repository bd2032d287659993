/* SPDX-License-Identifier: MIT */
/* What can be known of a container from its record, from outside. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "container/state.h"
#include "plugin/record.h"

enum life_status { LIFE_CREATING, LIFE_CREATED, LIFE_RUNNING, LIFE_PAUSED, LIFE_STOPPED };

struct life {
	enum life_status status;
	pid_t pid;      /* of the first process; 0 unless it lives */
	bool undone;    /* stopped, and nothing is left but the state directory */
	bool detached;  /* may live without a process of ours */
	bool ran_alone; /* of create and start: no process of ours was to see its end */
	bool abandoned; /* what a killed process of ours has left: gc removes it */
	bool exit_known;
	int exit_status, signal;
	int64_t started_usec, ended_usec; /* on the clock of the day; 0: never, or not known */
};

/* "running" */
const char *life_name(enum life_status status);

/* From a record that was read and an open state directory; if its lock is the caller's, nobody else has it. */
void life_read(struct life *life, const struct record *record, const struct state *state);

/*
 * The container's first process as a pidfd, if it is the one of the record and lives; -ESRCH. No message. `pid` may be
 * NULL.
 */
int life_open_process(const struct record *record, pid_t *pid);

/* Field 22 of /proc/PID/stat behind the pid: "PID STARTTIME" names one process for ever. 0, or -errno. */
int life_process_name(pid_t pid, char *text, size_t size);

/* For the record: "STATUS SIGNAL USEC". */
void life_format_exit(char *text, size_t size, int status, int signal, int64_t usec);

/* Microseconds on the clock of the day. */
int64_t life_now_usec(void);

/* ---- for life.c alone -------------------------------------------------------------------------------------------- */

/* The first process's number in the record, and its name there; 0: none yet. */
pid_t life_recorded_pid(const struct record *record, const char **name);

/* Whether it is the process of that name, and has not ended; one that nobody has reaped yet has. */
bool life_is_alive(const char *name, pid_t pid);

/* Fills in exit_known, exit_status, signal and ended_usec, if that is on record. */
void life_read_exit(struct life *life, const struct record *record);
