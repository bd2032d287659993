/* SPDX-License-Identifier: MIT */
/* Plugins as files: what lies in the directories of a catalog, and a file by its path. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

struct catalog;

#define PLUGIN_NAME_RULE "of a-z, 0-9 and -, a letter first, 32 at most" /* see plugin_name_valid() */

struct listed_file {
	char *name; /* without ".so" */
	char *path;
	bool named_well;       /* else nothing ever looks for it: plugin_name_valid() */
	const char *hidden_by; /* the path that is taken instead, as it is found earlier; NULL: this one is */
	/* for the catalog alone */
	bool looked, tried; /* at its bytes; to load it */
	char *bytes;        /* owned; NULL: not looked at, or it can't be read */
	size_t length;
};

struct listed_files {
	struct listed_file *files;
	size_t count;
};

/*
 * All NAME.so in the directories, in the order of search, in each by name. Nothing is loaded. 0 or -ENOMEM;
 * catalog_free_list() is right after both.
 */
int catalog_list(const struct catalog *catalog, struct listed_files *list);
void catalog_free_list(struct listed_files *list);

/* By name, whatever the directory. */
void catalog_sort_list(struct listed_files *list);

/*
 * Load the file at a path, which may lie anywhere, but is trusted only as others are. NULL with a line in errors. The
 * caller's: module_free().
 */
struct module *catalog_load_file(const char *path, struct text *errors);
