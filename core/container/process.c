/* SPDX-License-Identifier: MIT */
#include "container/process.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int process_check_env(const char *text, void *value, char *why, size_t why_size)
{
	(void)value;
	if (*text != '\0' && *text != '=')
		return 0;
	snprintf(why, why_size, "has no name: give NAME=VALUE, or NAME to pass on the value that it has outside");
	return -EINVAL;
}

int process_check_workdir(const char *text, void *value, char *why, size_t why_size)
{
	(void)value;
	if (*text == '/')
		return 0;
	snprintf(why, why_size, "is not absolute: give the path from the container's root, beginning with /");
	return -EINVAL;
}

static int parse_parent(const char *text, void *value, char *why, size_t why_size)
{
	(void)value;
	for (const char *part = text; part; part = strchr(part, '/') ? strchr(part, '/') + 1 : NULL) {
		if (strncmp(part, "..", 2) == 0 && (part[2] == '/' || part[2] == '\0')) {
			snprintf(why, why_size, "has '..' in it: name the cgroup from the mount point down");
			return -EINVAL;
		}
	}
	return 0;
}

const struct contain_option process_options[] = {
	CONTAIN_LIST_OPTION(struct process, env, "env", .flag = "env", .short_flag = 'e', .metavar = "NAME[=VALUE]",
			    .help = "set a variable for the command, or pass one on", .parse = process_check_env),
	CONTAIN_STRING_OPTION(struct process, user, "user", .flag = "user", .short_flag = 'u',
			      .metavar = "USER[:GROUP]",
			      .help = "run the command as this user of the container, by name or number"),
	CONTAIN_LIST_OPTION(struct process, groups, "group", .flag = "group", .metavar = "GROUP",
			    .help = "add a supplementary group, by name or number"),
	CONTAIN_STRING_OPTION(struct process, workdir, "workdir", .flag = "workdir", .short_flag = 'w',
			      .metavar = "DIR", .help = "run the command in this directory of the container",
			      .parse = process_check_workdir),
	CONTAIN_BOOL_OPTION(struct process, init, "init", .flag = "init",
			    .help = "a small first process that reaps orphans and passes signals on to the command"),
	CONTAIN_SIZE_OPTION(struct process, log_size, "log_size", .initial = "10M", .min = 4096, .flag = "log-size",
			    .metavar = "SIZE", .help = "keep at most twice this of what a detached command writes"),
	CONTAIN_OPTIONS_END
};

const struct contain_option cgroup_options[] = {
	CONTAIN_STRING_OPTION(struct cgroup_place, parent, "parent", .metavar = "PATH",
			      .help = "make the container's cgroups in this one, which exists", .parse = parse_parent),
	CONTAIN_OPTIONS_END
};

const struct settings process_section = { .section = "process",
					  .options = process_options,
					  .self_size = sizeof(struct process) };
const struct settings cgroup_section = { .section = "cgroup",
					 .options = cgroup_options,
					 .self_size = sizeof(struct cgroup_place) };

const char *const core_sections[] = { "process", "cgroup", "profile", "plugins", NULL };

bool is_core_section(const char *section)
{
	for (const char *const *one = core_sections; *one; one++) {
		if (strcmp(*one, section) == 0)
			return true;
	}
	return false;
}

const char *environment_get(char *const *environment, const char *name)
{
	size_t length = strlen(name);

	for (; *environment; environment++) {
		if (strncmp(*environment, name, length) == 0 && (*environment)[length] == '=')
			return *environment + length + 1;
	}
	return NULL;
}

void environment_free(char **environment)
{
	for (char **one = environment; one && *one; one++)
		free(*one);
	free(environment);
}

/* Add NAME=VALUE to an array with room for it, in the place of an earlier value. 0 or -ENOMEM. */
static int put(char **environment, const char *variable)
{
	size_t length = strcspn(variable, "=") + 1;
	char *copy = strdup(variable);
	char **one = environment;

	if (!copy)
		return -ENOMEM;
	while (*one && strncmp(*one, variable, length) != 0)
		one++;
	free(*one);
	*one = copy;
	return 0;
}

char **process_expand(const struct contain_list *env)
{
	char **environment = calloc(env->count + 1, sizeof(*environment));
	int result = environment ? 0 : -ENOMEM;

	for (size_t i = 0; result == 0 && i < env->count; i++) {
		const char *item = env->items[i], *value = strchr(item, '=') ? "" : getenv(item);
		char *variable;

		if (!value)
			continue;
		if (strchr(item, '=')) {
			result = put(environment, item);
			continue;
		}
		result = asprintf(&variable, "%s=%s", item, value) < 0 ? -ENOMEM : 0;
		if (result == 0) {
			result = put(environment, variable);
			free(variable);
		}
	}
	if (result == 0)
		return environment;
	environment_free(environment);
	return NULL;
}

char **process_environment(const struct contain_ctx *ctx, char *const *given, const char *home)
{
	size_t count = strings_count(given);
	char **environment, variable[4096];
	int result;

	environment = calloc(count + ctx->environment_count + 2, sizeof(*environment));
	result = environment ? 0 : -ENOMEM;
	if (result == 0 && home) {
		snprintf(variable, sizeof(variable), "HOME=%s", home);
		result = put(environment, variable);
	}
	for (size_t i = 0; result == 0 && i < ctx->environment_count; i++)
		result = put(environment, ctx->environment[i]);
	for (size_t i = 0; result == 0 && i < count; i++)
		result = put(environment, given[i]);
	if (result == 0)
		return environment;
	environment_free(environment);
	return NULL;
}
