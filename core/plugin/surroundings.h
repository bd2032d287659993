/* SPDX-License-Identifier: MIT */
/* What a hook must leave as it finds it in its own process. A look costs some 350 system calls: for audits alone. */
#pragma once

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "plugin/rules.h"

#define LOOK_FDS     256 /* numbers below this are looked at: the kernel gives the lowest that is free */
#define LOOK_SIGNALS 65

struct surroundings {
	uint64_t fds[LOOK_FDS / 64];
	struct stat standard[3], directory;
	int standard_flags[3];
	sigset_t mask;
	void *handlers[LOOK_SIGNALS];
	mode_t umask;
	struct rlimit limits[RLIM_NLIMITS];
	uint64_t environment;  /* a hash of it */
	int threads, children; /* -1: can't be seen */
	bool timers;           /* one runs */
};

/* `process`: a descriptor of /proc/self that was opened by this process, -1: none. */
void surroundings_look(struct surroundings *look, int process);

/*
 * The next difference after *at (0 at first) that is a broken rule, with its words in detail; RULE_NONE: no more.
 * owned() tells the descriptors that the host took meanwhile.
 */
enum rule surroundings_compare(const struct surroundings *before, const struct surroundings *after, int *at,
			       bool (*owned)(void *user, int fd), void *user, int process, char *detail, size_t size);
