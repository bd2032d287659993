/* SPDX-License-Identifier: MIT */
/* The plugins that there are, by name: found in the plugin directories, trusted, loaded when somebody needs them. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/suggest.h"
#include "plugin/catalog_list.h"
#include "plugin/module.h"

struct catalog {
	char **directories; /* in the order of search */
	size_t directory_count;
	struct module **modules; /* loaded ones, owned */
	size_t module_count;
	struct listed_files files; /* every plugin that there is, by name; empty until somebody asks */
	bool listed;
	char *trusted; /* see trust_check() */
};

/*
 * The directories: the given ones, then $CONTAIN_PLUGIN_PATH (where the environment can be trusted), then
 * ../lib/contain/plugins beside the executable's folder `prefix`. 0, -ENOMEM, or -errno with a line in errors for one
 * that was given and is no directory.
 */
int catalog_init(struct catalog *catalog, const char *const *given, size_t count, const char *prefix,
		 struct text *errors);

/* [a-z][a-z0-9-]{0,31}: anything else is never looked for in the file system. */
bool plugin_name_valid(const char *name);

/* Whether there is such a file, without loading it. */
bool catalog_has(const struct catalog *catalog, const char *name);

/* Offer every name to a suggestion. */
void catalog_suggest(struct catalog *catalog, struct suggestion *suggestion);

/* Load it, once. NULL with a line in errors if it is not there, not trusted, or not loadable. */
struct module *catalog_get(struct catalog *catalog, const char *name, struct text *errors);

/*
 * Load those that may have that word in a table: whose file has it in it. To look into a file costs a fifth of loading
 * it. What can't be loaded is a line in errors, once, and passed over.
 */
void catalog_load_with(struct catalog *catalog, const char *word, struct text *errors);

/*
 * Load those whose file has these bytes in it, which may be a whole string, its end included, or a beginning. Unlike
 * above, one that can't be read is passed over, and one that can't be loaded is told each time: it is what was meant.
 */
void catalog_load_naming(struct catalog *catalog, const char *bytes, size_t length, struct text *errors);

/* Load all; likewise. They are then sorted by name. */
void catalog_load_all(struct catalog *catalog, struct text *errors);

void catalog_free(struct catalog *catalog);
