/* SPDX-License-Identifier: MIT */
/*
 * contain plugin new: a folder with a plugin, its tests and its build, made from the templates that are installed:
 * PREFIX/share/contain/plugin-template, first those in "common", then those in the language's folder. In a file's text
 * @NAME@, @IDENT@ (the name as a part of C's names), @SOURCE@, @LANGUAGES@ and @PREFIX@ are replaced, in a file's name
 * NAME and IDENT.
 */
#include <contain/plugin.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "cli/cli.h"
#include "cli/own_flags.h"
#include "cli/template.h"
#include "cli/where.h"
#include "container/command.h"
#include "plugin/catalog.h"

#define TEMPLATE_MOST (1U << 20) /* bytes of one */

static const char *const languages[] = { "c", "c++", NULL };
static const struct {
	const char *ending, *cmake; /* of its files; as project() of CMake calls them */
} details[] = { { ".c", "C" }, { ".cc", "C CXX" } };

const struct contain_option plugin_new_options[] = {
	CONTAIN_ENUM_OPTION(struct plugin_new_flags, language, "language", .initial = "c", .choices = languages,
			    .flag = "language", .metavar = "c|c++", .help = "what the plugin is written in (c)"),
	CONTAIN_OPTIONS_END
};

struct making {
	struct cli *cli;
	const char *name;
	char ident[64], source[64];
	const char *languages;
	int folder;  /* the one that is being made; -1 before */
	char **made; /* the files in it */
	size_t count;
};

static int fail(struct making *making, int error, const char *what, const char *path, const char *remedy)
{
	log_line(&making->cli->log, LOG_ERROR, "can't %s '%s': %s%s", what, path, strerror(-error), remedy);
	return error;
}

/* What failed half-way leaves nothing; but what somebody else has put there stays, and the folder with it. */
static void undo(struct making *making)
{
	while (making->count > 0) {
		_cleanup_free_ char *name = making->made[--making->count];

		unlinkat(making->folder, name, 0);
	}
	rmdir(making->name);
}

static int remember(struct making *making, const char *name)
{
	char **more = reallocarray(making->made, making->count + 1, sizeof(*more));

	if (!more)
		return -ENOMEM;
	making->made = more;
	making->made[making->count] = strdup(name);
	return making->made[making->count] ? (making->count++, 0) : -ENOMEM;
}

/* mkdir(2) never takes what is there already, and of a folder that is new no file can be another's. */
static int make_folder(struct making *making)
{
	if (mkdir(making->name, 0777) < 0)
		return fail(making, -errno, "make the folder", making->name,
			    errno == EEXIST ? "; nothing is ever overwritten: choose another name, or remove it" : "");
	making->folder = open(making->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (making->folder >= 0)
		return 0;
	int error = fail(making, -errno, "open the folder", making->name, "");
	rmdir(making->name);
	return error;
}

static int write_file(struct making *making, const char *name, const struct text *text)
{
	_cleanup_close_ int fd =
		openat(making->folder, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
	int error = fd < 0 ? -errno : remember(making, name);

	if (fd >= 0 && error < 0)
		unlinkat(making->folder, name, 0);
	if (error == 0)
		error = fd_write_all(fd, text_peek(text), text->length);
	/* A disk that is full may be noticed only now (close(2)). */
	if (error == 0 && close(steal_fd(&fd)) < 0)
		error = -errno;
	return error < 0 ? fail(making, error, "write the file", name, "") : 0;
}

static int copy_file(struct making *making, int directory, const char *file)
{
	const struct template_word words[] = { { "@NAME@", making->name },
					       { "@IDENT@", making->ident },
					       { "@SOURCE@", making->source },
					       { "@LANGUAGES@", making->languages },
					       { "@PREFIX@", making->cli->prefix } };
	const struct template_word names[] = { { "NAME", making->name }, { "IDENT", making->ident } };
	_cleanup_text_ struct text text = { 0 }, name = { 0 };
	_cleanup_free_ char *bytes = NULL;
	_cleanup_close_ int fd = openat(directory, file, O_RDONLY | O_CLOEXEC);
	size_t length;
	int error = fd < 0 ? -errno : file_read_all(fd, TEMPLATE_MOST, &bytes, &length);

	if (error == 0)
		error = template_fill(bytes, words, sizeof(words) / sizeof(*words), &text);
	if (error == 0)
		error = template_fill(file, names, sizeof(names) / sizeof(*names), &name);
	if (error < 0)
		return fail(making, error, "read the template", file, "");
	return write_file(making, text_peek(&name), &text);
}

static int copy_folder(struct making *making, const char *which)
{
	_cleanup_text_ struct text path = { 0 };
	_cleanup_closedir_ DIR *dir = NULL;
	char templates[PATH_MAX];
	struct dirent *entry;
	int error = 0;

	text_printf(&path, "%s/%s", where_templates(making->cli->prefix, templates), which);
	dir = opendir(text_peek(&path));
	if (!dir)
		return fail(making, -errno, "read the templates in", text_peek(&path),
			    "; they are a part of an installed contain (cmake --install)");
	while (error == 0 && (entry = readdir(dir))) {
		if (entry->d_name[0] != '.')
			error = copy_file(making, dirfd(dir), entry->d_name);
	}
	return error;
}

static int check_name(struct making *making)
{
	if (!plugin_name_valid(making->name)) {
		log_line(&making->cli->log, LOG_ERROR,
			 "'%s' can't be the name of a plugin: it begins with a letter, and has small letters, digits "
			 "and '-' alone, 32 at most",
			 making->name);
		return -EINVAL;
	}
	snprintf(making->ident, sizeof(making->ident), "%s", making->name);
	for (char *c = making->ident; *c; c++) {
		if (*c == '-')
			*c = '_';
	}
	return 0;
}

/* It would hide the other one from whoever gives its directory first. */
static void warn_of_another(struct making *making)
{
	_cleanup_text_ struct text errors = { 0 };
	struct catalog catalog = { 0 };

	if (cli_open_catalog(making->cli, &catalog, &errors) == 0 && catalog_has(&catalog, making->name))
		log_line(&making->cli->log, LOG_WARNING,
			 "there is a plugin '%s' already, and a container can't have both; a name of its own is better",
			 making->name);
	catalog_free(&catalog);
}

static int make(struct making *making)
{
	const struct plugin_new_flags *flags = making->cli->own.self;
	int error = check_name(making);

	if (error < 0)
		return error;
	snprintf(making->source, sizeof(making->source), "%s%s", making->name, details[flags->language].ending);
	making->languages = details[flags->language].cmake;
	warn_of_another(making);
	error = make_folder(making);
	if (error < 0)
		return error;
	error = copy_folder(making, "common");
	if (error == 0)
		error = copy_folder(making, languages[flags->language]);
	if (error < 0)
		undo(making);
	return error;
}

int cmd_plugin_new(struct cli *cli)
{
	struct making making = { .cli = cli, .folder = -1 };
	int result = cli_read_words(cli, true);

	if (result != 0)
		return result < 0 ? STATUS_FAILED : 0;
	making.name = cli->words[0];
	result = make(&making);
	if (result == 0)
		log_line(
			&cli->log, LOG_INFO,
			"made the folder %s; next: cmake -S %s -B %s/build && cmake --build %s/build && ctest --test-dir "
			"%s/build",
			making.name, making.name, making.name, making.name, making.name);
	while (making.count > 0)
		free(making.made[--making.count]);
	free(making.made);
	if (making.folder >= 0)
		close(making.folder);
	return result < 0 ? STATUS_FAILED : 0;
}
