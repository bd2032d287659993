/* SPDX-License-Identifier: MIT */
/*
 * Between the parent and the child. What is to be acted on goes over a socket pair (SOCK_SEQPACKET: one message a
 * packet, and its end is the news that the other side is gone).
 */
#pragma once

#include <stdint.h>

#include "plugin/ctx.h"

/*
 * What the child says for people goes through a pipe, which the parent looks into whenever something else wakes it, or
 * some time has passed: a message of its own for each line would wake it each time. Like what is in a socket, it
 * survives the child. A line has the digit of its level in front and a newline behind.
 */
#define LINES_FD            "lines" /* passed by the core itself, as those below */
#define LINE_SIZE           2048    /* at most, below PIPE_BUF: a write is whole or not at all */
#define LINES_PATIENCE_MSEC 100

#define TERMINAL_FD "terminal" /* of the host's devpts, for a container that has none */
#define DOOR_FD     "door"     /* where a created container waits */
#define INIT_FD     "init"     /* exec: pidfd of the container's first process */

enum message_type {
	MESSAGE_GO = 1,   /* parent: attached, set yourself up; number is the child's process id out there */
	MESSAGE_START,    /* parent: run the command; likewise */
	MESSAGE_CREATED,  /* child: all but the command's start is done */
	MESSAGE_TERMINAL, /* child: the other end of its terminal travels with this */
	MESSAGE_JOINED, /* child of exec: number is the process that goes on in its place, whose pidfd travels with this
			 */
	MESSAGE_INPUT,  /* monitor: a descriptor for what is typed travels with this; number: it is a terminal */
	MESSAGE_OUTPUT, /* monitor: one that gives what the command writes */
	MESSAGE_ERROR,  /* monitor: the same for its standard error */
	MESSAGE_READY,  /* monitor: that was all */
	MESSAGE_EXIT,   /* monitor: the command has ended; number is its exit status */
	MESSAGE_EXEC,   /* child: execve is next */
	MESSAGE_FAILURE, /* child: number is errno, phase and plugin are set; status is the exit status wanted */
};

struct message {
	uint32_t type;
	int32_t number;
	uint32_t phase;
	uint32_t status;
	char plugin[PLUGIN_NAME_SIZE];
	char text[2048]; /* only as much as is used travels */
};

/* A pair of close-on-exec descriptors. 0 or -errno. */
int channel_open(int pair[2]);

/*
 * A door in a directory: a socket that a created container listens on, for whoever starts it. Descriptors or -errno;
 * the door refuses (-ECONNREFUSED) once nobody listens any more. Nothing is ever waited for but in channel_accept().
 */
int channel_listen(int directory, const char *name);
int channel_connect(int directory, const char *name);
int channel_accept(int door);

/* 0 or -errno; -EPIPE if the other side is gone (no SIGPIPE). `passed` travels with the message; -1: nothing does. */
int channel_send(int fd, const struct message *message, int passed);

/*
 * 1 for a message, 0 for the end, -errno. A descriptor that came with it is in *passed, close-on-exec and the caller's,
 * else -1; with passed NULL it is closed.
 */
int channel_receive(int fd, struct message *message, int *passed);
