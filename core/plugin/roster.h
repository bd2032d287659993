/* SPDX-License-Identifier: MIT */
/* The plugins of one container, in the order of their hooks, each with its own struct filled in. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/wire.h"
#include "plugin/catalog.h"
#include "profile/options.h"
#include "profile/profile.h"

struct member {
	const struct module *module;
	struct settings settings;
	bool begun; /* a hook of it that may leave something behind was attempted */
};

struct roster {
	struct member *members;
	size_t count;
};

/*
 * From a profile: load what is on, check what it says of plugins that are off, sort, fill the structs. Sections named
 * in core_sections (NULL at the end) are not plugins. Every mistake is a line in errors. 0, -EINVAL, -ENOMEM, -ELOOP.
 */
int roster_resolve(struct roster *roster, const struct profile *profile, struct catalog *catalog,
		   const char *const *core_sections, struct text *errors);

/* Empty settings of a plugin: to be filled, or read. */
struct settings module_settings(const struct module *module);

bool roster_has(const struct roster *roster, const char *name);

void roster_free(struct roster *roster);
