/* SPDX-License-Identifier: MIT */
/* The core's own sections of a profile, [process] and [cgroup]: the same table mechanism as a plugin's. */
#pragma once

#include <contain/plugin.h>

#include "plugin/ctx.h"
#include "profile/options.h"

struct process {
	struct contain_list env; /* NAME=VALUE, or NAME: the value that it has outside */
	const char *user;        /* USER[:GROUP], names or numbers; NULL: root */
	struct contain_list groups;
	const char *workdir; /* inside; NULL: / */
	bool init;           /* the core's reaper is the first process, and the command its child */
	int64_t log_size;    /* of what a detached command writes, at which a new file is begun */
};

struct cgroup_place {
	const char *parent; /* beneath the mount point; NULL: directly there */
};

extern const struct contain_option process_options[];
extern const struct contain_option cgroup_options[];

/* For .parse of an option: the form of an item of env, and of workdir. */
int process_check_env(const char *text, void *value, char *why, size_t why_size);
int process_check_workdir(const char *text, void *value, char *why, size_t why_size);

/* The same as empty settings: to be filled, or read. */
extern const struct settings process_section, cgroup_section;

/* The sections that are not plugins: process, cgroup, profile, plugins; NULL at the end. */
extern const char *const core_sections[];
bool is_core_section(const char *section);

/*
 * The command's variables, later ones beating earlier: the plugins' (in ctx) under the list's, and HOME under both.
 * NULL at the end; the caller frees the array and the strings. NULL without memory.
 */
char **process_environment(const struct contain_ctx *ctx, char *const *given, const char *home);

/* The list with each NAME replaced by what it is in the environment of this process (left out if unset). As above. */
char **process_expand(const struct contain_list *env);

/* The value of a variable in such an array, or NULL. */
const char *environment_get(char *const *environment, const char *name);

void environment_free(char **environment);
