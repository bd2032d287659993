/* SPDX-License-Identifier: MIT */
/*
 * A hook that crashes. Its process is good for little after that, as the heap may be in ruins; but which plugin it was,
 * and in which hook, is known, and what the plugins have made can still be undone by another image.
 */
#pragma once

#include <signal.h>

#include "plugin/phase.h"

#define CRASH_TEXT 128

struct crash {
	const char *plugin;
	enum phase phase;
	char text[CRASH_TEXT]; /* "crashed in child_setup: signal 11 (SIGSEGV), at address 0x10" */
};

/*
 * What is done then; ctx->crashed. It runs in a signal handler, so it does nothing that is not async-signal-safe
 * (signal-safety(7)): no memory, no formatting. It does not return.
 */
typedef void crash_handler(struct contain_ctx *ctx, const struct crash *crash);

/*
 * A hook of this ctx is about to run; NULL: it is over. The first one in a process installs the handlers, for which
 * each later one has no system call to make; execve(2) removes them. A process that the hook forks is not watched: it
 * dies of its crash.
 */
void crash_watch(struct contain_ctx *ctx);

/* Remove the signals of a crash from a set: blocked ones would kill without a word (force_sig() in kernel/signal.c). */
void crash_spare(sigset_t *set);

/* Number in decimal, for a handler. Returns text. */
char *crash_number(long number, char text[24]);
