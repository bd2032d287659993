/* SPDX-License-Identifier: MIT */
/*
 * The process that stays with a detached container: keeps what the command writes, lets others attach, and waits for
 * the end. It may die at any time: the container runs on.
 */
#pragma once

#include "container/container.h"
#include "container/output.h"

#define MONITOR_CLIENTS 16

struct client {
	int socket, output, error; /* -1: none */
};

struct monitor {
	struct relay relay;
	struct container *container;
	struct output log;
	int out, err; /* what the command writes; -1. With a terminal out is its master */
	int input;    /* its standard input, for attach; -1: it has none */
	int door;     /* who wants to attach comes here */
	struct client clients[MONITOR_CLIENTS];
};

/*
 * Before the container is created: pipes for its command's standard descriptors, unless it gets a terminal. 0 or -errno
 * with a message in the container's ctx. monitor_close() in any case.
 */
int monitor_prepare(struct monitor *monitor, struct container *container);

/* Once it is created: the log, and the door. Likewise. */
int monitor_open(struct monitor *monitor);

/* After the command's end: what it wrote before goes to the log, and who is attached is told. */
void monitor_finish(struct monitor *monitor);

void monitor_close(struct monitor *monitor);
