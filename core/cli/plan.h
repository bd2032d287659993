/* SPDX-License-Identifier: MIT */
/* What `contain plan` shows: a container that was resolved and will not be made. */
#pragma once

#include "container/container.h"
#include "plugin/wishes.h"
#include "profile/sources.h"

struct plan {
	const struct profile *profile; /* with the command line on top */
	const struct container *container;
	const struct wishes *wishes;
	bool named; /* the container's id was given, not made up */
};

/* The two ways to show it; added to text. 0 or -ENOMEM. */
int plan_text(const struct plan *plan, struct text *text);
int plan_json(const struct plan *plan, struct text *json);

/* The part of plan_text() that is a picture. */
void plan_timeline(const struct plan *plan, struct text *text);

/* ---- what both ask, plan_facts.c ---- */

struct plan_option {
	const struct settings *settings;
	const struct contain_option *option;
	struct sources sources;
	bool computed; /* configure has set another value than that */
};

/* Each option of a section, in the order of its table. 0 or -ENOMEM. */
int plan_each_option(const struct plan *plan, const struct settings *settings,
		     void (*visit)(void *user, const struct plan_option *option), void *user);

/* The plugins that ask for a namespace (CLONE_NEW*), or for a cgroup controller: names with blanks between. */
void plan_namespace_askers(const struct plan *plan, uint64_t flag, struct text *names);
void plan_controller_askers(const struct plan *plan, const char *controller, struct text *names);

/* The controllers that are asked for in one of the container's cgroups: likewise. */
void plan_controllers(const struct plan *plan, const struct cgroup *group, struct text *names);

/* A step of the container's life: hooks, or something that the core does. */
struct plan_step {
	enum phase phase;                                            /* PHASE_NONE: the core's */
	bool child, forks;                                           /* in the child; makes it */
	const char *name;                                            /* of the core's; "clone3" */
	void (*tell)(const struct plan *plan, struct text *details); /* what with; nothing told: there is no such step.
									NULL: that goes without saying */
};

extern const struct plan_step plan_steps[]; /* in order; phase PHASE_NONE and name NULL at the end */

const char *plan_step_name(const struct plan_step *step);

/* The plugins whose hooks these are, in the order of the calls: names with blanks between. */
void plan_step_plugins(const struct plan *plan, const struct plan_step *step, struct text *names);
