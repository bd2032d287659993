/* SPDX-License-Identifier: MIT */
/* What the plugins say of how safe a container is, for `contain check`. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "plugin/ctx.h"

struct exposure {
	char plugin[PLUGIN_NAME_SIZE];
	int points; /* 1 to 10 */
	char *text; /* "what the command can do: how to avoid that" */
};

struct findings {
	struct exposure *exposures; /* in the order of the plugins */
	size_t exposure_count;
	char **protections; /* "seccomp" */
	size_t protection_count;
};

/* Whether a plugin keeps the command from that. */
bool findings_protect(const struct findings *findings, const char *what);

void findings_free(struct findings *findings);
