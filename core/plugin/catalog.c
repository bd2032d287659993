/* SPDX-License-Identifier: MIT */
#include "plugin/catalog.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "plugin/trust.h"

#define NAME_MOST 32
#define FILE_MOST (16 * 1024 * 1024)

/* Takes the path, which is absolute. */
static int add_directory(struct catalog *catalog, char *path)
{
	char **more = path ? reallocarray(catalog->directories, catalog->directory_count + 1, sizeof(*more)) : NULL;

	if (!more) {
		free(path);
		return -ENOMEM;
	}
	catalog->directories = more;
	catalog->directories[catalog->directory_count++] = path;
	return 0;
}

static int add_given(struct catalog *catalog, const char *path, const char *source, struct text *errors)
{
	struct stat st;
	char *absolute = realpath(path, NULL);
	int result = absolute ? 0 : -errno;

	if (result == 0 && (stat(path, &st) < 0 || !S_ISDIR(st.st_mode)))
		result = -ENOTDIR;
	if (result == 0)
		result = add_directory(catalog, steal_ptr(absolute));
	free(absolute);
	if (result < 0)
		text_printf(errors, "%s: can't use the plugin directory '%s': %s\n", source, path, strerror(-result));
	return result;
}

int catalog_init(struct catalog *catalog, const char *const *given, size_t count, const char *prefix,
		 struct text *errors)
{
	/* secure_getenv(3): nothing in a set-uid program. */
	const char *path = secure_getenv("CONTAIN_PLUGIN_PATH");
	_cleanup_free_ char *copy = NULL;
	char *builtin;
	int result = 0;

	catalog->trusted = calloc(1, PATH_MAX);
	if (!catalog->trusted)
		return -ENOMEM;
	for (size_t i = 0; i < count && result == 0; i++)
		result = add_given(catalog, given[i], "--plugin-dir", errors);
	if (result == 0 && path && *path) {
		char *rest, *one;

		copy = rest = strdup(path);
		if (!copy)
			return -ENOMEM;
		while (result == 0 && (one = strsep(&rest, ":"))) {
			if (*one)
				result = add_given(catalog, one, "CONTAIN_PLUGIN_PATH", errors);
		}
	}
	if (result < 0)
		return result;
	/* An executable that was copied elsewhere has none there; then each plugin that is asked for is not found. */
	return asprintf(&builtin, "%s/lib/contain/plugins", prefix) < 0 ? -ENOMEM : add_directory(catalog, builtin);
}

bool plugin_name_valid(const char *name)
{
	if (!islower((unsigned char)*name) || strlen(name) > NAME_MOST)
		return false;
	return strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == strlen(name);
}

bool catalog_has(const struct catalog *catalog, const char *name)
{
	char path[PATH_MAX];

	for (size_t i = 0; plugin_name_valid(name) && i < catalog->directory_count; i++) {
		int n = snprintf(path, PATH_MAX, "%s/%s.so", catalog->directories[i], name);

		/* With the effective ids; access(2) would make credentials of its own each time. */
		if (n < PATH_MAX && faccessat(AT_FDCWD, path, F_OK, AT_EACCESS) == 0)
			return true;
	}
	return false;
}

/* Into path (PATH_MAX): the first directory's file that is there, if it may be loaded. 0, -ENOENT, or with a reason. */
static int find_trusted(const struct catalog *catalog, const char *name, char *path, char *why, size_t why_size)
{
	int result = -ENOENT;

	for (size_t i = 0; plugin_name_valid(name) && result == -ENOENT && i < catalog->directory_count; i++) {
		int n = snprintf(path, PATH_MAX, "%s/%s.so", catalog->directories[i], name);

		if (n < PATH_MAX)
			result = trust_check(path, catalog->trusted, why, why_size);
	}
	return result;
}

/* Read the directories, once; of them only what may be loaded counts, and help has one order for all. */
static void read_files(struct catalog *catalog)
{
	if (catalog->listed)
		return;
	catalog->listed = true;
	/* Without memory there are as many as there was room for. */
	catalog_list(catalog, &catalog->files);
	catalog_sort_list(&catalog->files);
}

static bool is_usable(const struct listed_file *file)
{
	return file->named_well && !file->hidden_by;
}

void catalog_suggest(struct catalog *catalog, struct suggestion *suggestion)
{
	read_files(catalog);
	for (size_t i = 0; i < catalog->files.count; i++) {
		if (is_usable(&catalog->files.files[i]))
			suggest_offer(suggestion, catalog->files.files[i].name);
	}
}

static int by_module_name(const void *a, const void *b)
{
	const struct module *const *x = a, *const *y = b;

	return strcmp((*x)->name, (*y)->name);
}

static struct module *loaded(const struct catalog *catalog, const char *name)
{
	for (size_t i = 0; i < catalog->module_count; i++) {
		if (strcmp(catalog->modules[i]->name, name) == 0)
			return catalog->modules[i];
	}
	return NULL;
}

static void say_not_found(struct catalog *catalog, const char *name, struct text *errors)
{
	struct suggestion suggestion = { .wrong = name };
	char near[128];

	catalog_suggest(catalog, &suggestion);
	text_printf(errors, "there is no plugin '%s'%s; searched", name, suggest_text(&suggestion, near, sizeof(near)));
	for (size_t i = 0; i < catalog->directory_count; i++)
		text_printf(errors, " %s", catalog->directories[i]);
	text_add(errors, "\n");
}

struct module *catalog_get(struct catalog *catalog, const char *name, struct text *errors)
{
	struct module *module = loaded(catalog, name), **more;
	char path[PATH_MAX], why[PATH_MAX + 128];
	int result;

	if (module)
		return module;
	result = find_trusted(catalog, name, path, why, sizeof(why));
	if (result == -ENOENT)
		say_not_found(catalog, name, errors);
	else if (result < 0)
		text_printf(errors, "plugin %s is not trusted: %s\n", name, why);
	if (result < 0)
		return NULL;
	more = reallocarray(catalog->modules, catalog->module_count + 1, sizeof(*more));
	if (!more) {
		text_printf(errors, "plugin %s: %s\n", name, strerror(ENOMEM));
		return NULL;
	}
	catalog->modules = more;
	if (module_load(name, path, &module, errors) < 0)
		return NULL;
	catalog->modules[catalog->module_count++] = module;
	return module;
}

/* Its bytes as they are: whoever may write to the file, nothing is done with them but to look for a word. */
static void look(struct listed_file *file)
{
	_cleanup_close_ int fd = open(file->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;

	file->looked = true;
	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) ||
	    file_read_all(fd, FILE_MOST, &file->bytes, &file->length) < 0)
		file->bytes = NULL;
}

/*
 * A string of a table ends with NUL; what is in front of it may be another one's beginning, as strings share their
 * ends.
 */
static bool mentions(struct listed_file *file, const char *word)
{
	if (!file->looked)
		look(file);
	/* What can't be read is for the loader to tell. */
	return !file->bytes || memmem(file->bytes, file->length, word, strlen(word) + 1);
}

/* Those that are not yet, and have the word in them; NULL: whatever they have. */
static void load_files(struct catalog *catalog, const char *word, struct text *errors)
{
	read_files(catalog);
	for (size_t i = 0; i < catalog->files.count; i++) {
		struct listed_file *file = &catalog->files.files[i];

		if (file->tried || !is_usable(file) || loaded(catalog, file->name) || (word && !mentions(file, word)))
			continue;
		file->tried = true;
		catalog_get(catalog, file->name, errors);
	}
}

void catalog_load_with(struct catalog *catalog, const char *word, struct text *errors)
{
	load_files(catalog, word, errors);
}

void catalog_load_naming(struct catalog *catalog, const char *bytes, size_t length, struct text *errors)
{
	read_files(catalog);
	for (size_t i = 0; i < catalog->files.count; i++) {
		struct listed_file *file = &catalog->files.files[i];

		if (!is_usable(file) || loaded(catalog, file->name))
			continue;
		if (!file->looked)
			look(file);
		if (!file->bytes || !memmem(file->bytes, file->length, bytes, length))
			continue;
		file->tried = true;
		catalog_get(catalog, file->name, errors);
	}
}

void catalog_load_all(struct catalog *catalog, struct text *errors)
{
	load_files(catalog, NULL, errors);
	if (catalog->module_count > 0)
		qsort(catalog->modules, catalog->module_count, sizeof(struct module *), by_module_name);
}

void catalog_free(struct catalog *catalog)
{
	for (size_t i = 0; i < catalog->directory_count; i++)
		free(catalog->directories[i]);
	for (size_t i = 0; i < catalog->module_count; i++)
		module_free(catalog->modules[i]);
	catalog_free_list(&catalog->files);
	free(catalog->directories);
	free(catalog->modules);
	free(catalog->trusted);
}
