/* SPDX-License-Identifier: MIT */
/* How safe a container of a profile would be: what each plugin isolates, and what it leaves open. */
#pragma once

#include "container/container.h"
#include "plugin/findings.h"

/* One plugin, in the order of the container's roster. */
struct assessed {
	uint64_t namespaces; /* CLONE_NEW* that it makes new */
	char *controllers;   /* that it uses, "memory cpu"; never NULL */
	size_t protections;  /* how many of findings.protections are its own, behind those of the plugins before it */
	size_t exposures;    /* likewise */
};

struct assessment {
	struct findings findings;
	struct assessed *plugins; /* as many as there are in the roster */
	size_t count;
	struct text refusals; /* what this host can't do for the profile, a line each */
};

/*
 * Resolve the profile, and ask every plugin: configure, then check, each also where another one has refused. Nothing is
 * touched. 0; -EINVAL with lines in errors for mistakes, those that run tells, after which nothing is assessed; -errno
 * with a message in container->ctx if a plugin could not be asked.
 */
int container_assess(struct container *container, const struct profile *profile, struct catalog *catalog,
		     struct assessment *assessment, struct text *errors);
void assessment_free(struct assessment *assessment);
