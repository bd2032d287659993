/* SPDX-License-Identifier: MIT */
/* What the profile and the command line say: which programs in which phase. Pure. */
#pragma once

#include <contain/plugin.h>

enum { PREPARE, ATTACH, SETUP, ENTER, SEAL, STARTED, TEARDOWN, PHASES };

struct phase {
	const char *name;
	bool checked; /* before each run; those of child_setup were, by configure, when it was the same files */
	bool of_image;
};

extern const struct phase phases[PHASES];

struct hooks {
	struct contain_list programs[PHASES], env, hook;
	int64_t timeout;
	uid_t user;    /* whose programs may run too; configure sets it */
	bool starting; /* child_setup was in this process: it is no exec */
};

extern const struct contain_option hooks_options[];

/* The programs of a phase, one by one: the profile's own list, and then --hook. NULL behind the last one. */
const char *nth_program(const struct hooks *hooks, int phase, size_t n);
