/* SPDX-License-Identifier: MIT */
#include "plugin/catalog_list.h"

#include <contain/plugin.h>

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "plugin/catalog.h"
#include "plugin/trust.h"

#define SUFFIX ".so"

/* The length of a file's name without its ".so"; 0 if it is none. */
static size_t stem_length(const char *file)
{
	size_t length = strlen(file), suffix = strlen(SUFFIX);

	return length > suffix && strcmp(file + length - suffix, SUFFIX) == 0 ? length - suffix : 0;
}

static int add(struct listed_files *list, const char *directory, const char *file)
{
	_cleanup_free_ char *name = NULL, *path = NULL;
	struct listed_file *more;

	if (stem_length(file) == 0)
		return 0;
	name = strndup(file, stem_length(file));
	if (asprintf(&path, "%s/%s", directory, file) < 0)
		path = NULL;
	more = name && path ? reallocarray(list->files, list->count + 1, sizeof(*more)) : NULL;
	if (!more)
		return -ENOMEM;
	list->files = more;
	more[list->count++] = (struct listed_file){ .name = steal_ptr(name), .path = steal_ptr(path) };
	return 0;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct listed_file *)a)->name, ((const struct listed_file *)b)->name);
}

static void sort(struct listed_files *list, size_t from)
{
	if (list->count > from)
		qsort(list->files + from, list->count - from, sizeof(*list->files), by_name);
}

void catalog_sort_list(struct listed_files *list)
{
	sort(list, 0);
}

/* readdir(3) has no order. One that can't be read has nothing to offer: catalog_init() has told of those given. */
static int read_directory(struct listed_files *list, const char *directory)
{
	_cleanup_closedir_ DIR *dir = opendir(directory);
	size_t before = list->count;
	struct dirent *entry;
	int result = 0;

	while (result == 0 && dir && (entry = readdir(dir)))
		result = add(list, directory, entry->d_name);
	sort(list, before);
	return result;
}

static bool seen_before(const struct catalog *catalog, size_t index)
{
	for (size_t i = 0; i < index; i++) {
		if (strcmp(catalog->directories[i], catalog->directories[index]) == 0)
			return true;
	}
	return false;
}

static void judge(struct listed_files *list)
{
	for (size_t i = 0; i < list->count; i++) {
		struct listed_file *file = &list->files[i];

		file->named_well = plugin_name_valid(file->name);
		for (size_t j = 0; j < i && !file->hidden_by; j++) {
			if (strcmp(list->files[j].name, file->name) == 0)
				file->hidden_by = list->files[j].path;
		}
	}
}

int catalog_list(const struct catalog *catalog, struct listed_files *list)
{
	int result = 0;

	for (size_t i = 0; result == 0 && i < catalog->directory_count; i++) {
		if (!seen_before(catalog, i))
			result = read_directory(list, catalog->directories[i]);
	}
	judge(list);
	return result;
}

void catalog_free_list(struct listed_files *list)
{
	for (size_t i = 0; i < list->count; i++) {
		free(list->files[i].name);
		free(list->files[i].path);
		free(list->files[i].bytes);
	}
	free(list->files);
	*list = (struct listed_files){ 0 };
}

struct module *catalog_load_file(const char *path, struct text *errors)
{
	char known[PATH_MAX] = "", why[PATH_MAX + 128];
	_cleanup_free_ char *real = realpath(path, NULL), *name = NULL;
	const char *file = real ? strrchr(real, '/') + 1 : "";
	struct module *module;

	if (!real) {
		text_line(errors, "can't find the plugin's file '%s': %s", path, strerror(errno));
		return NULL;
	}
	name = strndup(file, stem_length(file));
	if (!name || !plugin_name_valid(name)) {
		text_line(errors, "%s can't be a plugin: its file is NAME" SUFFIX ", a name " PLUGIN_NAME_RULE, path);
		return NULL;
	}
	if (trust_check(real, known, why, sizeof(why)) < 0) {
		text_line(errors, "plugin %s is not trusted: %s", name, why);
		return NULL;
	}
	return module_load(name, real, &module, errors) < 0 ? NULL : module;
}
