/* SPDX-License-Identifier: MIT */
/* Profiles from INI files: [plugins] and [profile] are understood here, the other sections by their plugins. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/number.h"
#include "base/suggest.h"
#include "profile/ini.h"
#include "profile/profile.h"

#define LARGEST (1 << 20)
#define DEEPEST 16

/* One file that is being read; `heir` is the one that inherits from it. */
struct reading {
	const char *installed; /* directory of the installed profiles, or NULL */
	const struct reading *heir;
	const char *path, *name;
	struct stat stat;
	struct profile profile; /* what this file alone says */
	char *inherits;
	int inherits_line;
	struct text *errors;
	bool mistaken;
};

static void free_reading(struct reading *reading)
{
	profile_free(&reading->profile);
	free(reading->inherits);
}

static int take_switch(struct reading *reading, const char *key, const char *value, int line)
{
	const struct switch_ *earlier = profile_find_switch(&reading->profile, key);
	const char *why;
	int on;

	if (earlier) {
		text_line(reading->errors, "%s:%d: [plugins] names '%s' twice (first in line %d)", reading->name, line,
			  key, earlier->origin.line);
	} else if (number_parse_bool(value, &on, &why)) {
		text_line(reading->errors, "%s:%d: [plugins] %s: '%s' is not on or off", reading->name, line, key,
			  value);
	} else {
		return profile_add_switch(&reading->profile, key, on, (struct origin){ reading->name, line });
	}
	reading->mistaken = true;
	return 0;
}

static int take_inherits(struct reading *reading, const char *key, const char *value, int line)
{
	struct suggestion suggestion = { .wrong = key };
	char hint[128];

	if (strcmp(key, "inherits")) {
		suggest_offer(&suggestion, "inherits");
		text_line(reading->errors, "%s:%d: [profile] has no key '%s'%s", reading->name, line, key,
			  suggest_text(&suggestion, hint, sizeof(hint)));
	} else if (reading->inherits) {
		text_line(reading->errors, "%s:%d: [profile] 'inherits' is given twice (first in line %d)",
			  reading->name, line, reading->inherits_line);
	} else if (!*value) {
		text_line(reading->errors, "%s:%d: [profile] inherits: the value is empty; name a profile",
			  reading->name, line);
	} else {
		reading->inherits_line = line;
		reading->inherits = strdup(value);
		return reading->inherits ? 0 : -ENOMEM;
	}
	reading->mistaken = true;
	return 0;
}

static int take_line(void *user, const char *section, const char *key, const char *value, int line)
{
	static const struct {
		const char *section;
		int (*take)(struct reading *reading, const char *key, const char *value, int line);
	} own[] = { { "plugins", take_switch }, { "profile", take_inherits } };
	struct reading *reading = user;
	struct origin origin = { reading->name, line };

	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		if (!strcmp(section, own[i].section))
			return key ? own[i].take(reading, key, value, line) : 0;
	if (!key)
		return profile_add_section(&reading->profile, section, origin);
	return profile_add_entry(&reading->profile, section, key, value, origin);
}

/* Where a file can't be read, `place` says who wanted it: "FILE:LINE: [profile] inherits: " or nothing. */
static int open_file(struct reading *reading, const char *place, FILE **file)
{
	/* O_NONBLOCK: a FIFO without a writer would never open. */
	_cleanup_close_ int fd = open(reading->path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	const char *why = NULL;
	int error = 0;

	if (fd < 0 || fstat(fd, &reading->stat) < 0)
		error = -errno;
	else if (S_ISDIR(reading->stat.st_mode))
		error = -EISDIR;
	else if (!S_ISREG(reading->stat.st_mode))
		error = -EINVAL, why = "it is not a regular file";
	else if (reading->stat.st_size > LARGEST)
		error = -EFBIG, why = "it is larger than 1 MiB";
	else if (!(*file = fdopen(fd, "r")))
		error = -errno;
	if (error)
		text_line(reading->errors, "%s%s can't be read: %s", place, reading->path,
			  why ? why : strerror(-error));
	else
		steal_fd(&fd);
	return error;
}

static void add_chain(struct text *text, const struct reading *reading)
{
	if (reading->heir)
		add_chain(text, reading->heir);
	text_printf(text, "%s -> ", reading->name);
}

static int check_chain(const struct reading *reading, const char *place)
{
	int depth = 0;

	for (const struct reading *heir = reading->heir; heir; heir = heir->heir) {
		if (heir->stat.st_dev == reading->stat.st_dev && heir->stat.st_ino == reading->stat.st_ino) {
			_cleanup_text_ struct text chain = { 0 };

			add_chain(&chain, reading->heir);
			text_line(reading->errors, "%sa loop: %s%s", place, text_peek(&chain), reading->name);
			return -EINVAL;
		}
		if (++depth > DEEPEST) {
			text_line(reading->errors, "%smore than %d profiles inherit from each other", place, DEEPEST);
			return -EINVAL;
		}
	}
	return 0;
}

/* `name` as seen from the directory of the file `from`. */
static char *beside(const char *from, const char *name, const char *suffix)
{
	const char *slash = strrchr(from, '/');
	int directory = *name != '/' && slash ? (int)(slash + 1 - from) : 0;
	char *joined;

	return asprintf(&joined, "%.*s%s%s", directory, from, name, suffix) < 0 ? NULL : joined;
}

static int read_file(struct profile *profile, struct reading *reading, const char *place);

/* Where a base may be: path is what is opened, name what messages show. */
struct candidate {
	char *path, *name;
};

static void free_candidate(struct candidate *candidate)
{
	free(candidate->path);
	free(candidate->name);
}

static bool is_there(const struct candidate *candidate)
{
	struct stat ignored;

	return candidate->path && stat(candidate->path, &ignored) == 0;
}

/* Beside the heir, or for a name without a slash among the installed profiles. */
static struct candidate candidate_of(const struct reading *heir, bool installed, const char *suffix)
{
	struct candidate candidate = { 0 };

	if (!installed) {
		candidate.path = beside(heir->path, heir->inherits, suffix);
		candidate.name = beside(heir->name, heir->inherits, suffix);
	} else if (heir->installed && !strchr(heir->inherits, '/')) {
		if (asprintf(&candidate.path, "%s/%s%s", heir->installed, heir->inherits, suffix) < 0)
			candidate.path = NULL;
		candidate.name = candidate.path ? strdup(candidate.path) : NULL;
	}
	return candidate;
}

/* NAME.ini is tried before NAME, so that a directory or a program of that name is not in the way. */
static int read_base(struct profile *profile, const struct reading *heir)
{
	static const char suffix[] = ".ini";
	size_t length = strlen(heir->inherits);
	bool whole = length >= strlen(suffix) && !strcmp(heir->inherits + length - strlen(suffix), suffix);
	_cleanup_(free_candidate) struct candidate first = candidate_of(heir, false, whole ? "" : suffix);
	struct reading base = { .heir = heir, .installed = heir->installed, .errors = heir->errors };
	_cleanup_free_ char *place = NULL;

	if (!first.path || !first.name ||
	    asprintf(&place, "%s:%d: [profile] inherits: ", heir->name, heir->inherits_line) < 0)
		return -ENOMEM;
	for (int i = 0; i < 4 && !is_there(&first); i++) {
		/* Beside and installed, each with the ending and without. */
		_cleanup_(free_candidate) struct candidate next = candidate_of(heir, i >= 2, i % 2 ? "" : suffix);

		if (is_there(&next) && next.name) {
			free_candidate(&first);
			first = next;
			next = (struct candidate){ 0 };
		}
	}
	base.path = first.path;
	base.name = first.name;
	return read_file(profile, &base, place);
}

/* The base's entries come first, so that later beats earlier. */
static int append(struct profile *profile, const struct reading *reading)
{
	const struct profile *more = &reading->profile;
	int error = profile_add_file(profile, reading->name, reading->path, reading->inherits_line);

	for (size_t i = 0; !error && i < more->switch_count; i++)
		error = profile_add_switch(profile, more->switches[i].plugin, more->switches[i].on,
					   more->switches[i].origin);
	for (size_t i = 0; !error && i < more->section_count; i++)
		error = profile_add_section(profile, more->sections[i].section, more->sections[i].origin);
	for (size_t i = 0; !error && i < more->entry_count; i++)
		error = profile_add_entry(profile, more->entries[i].section, more->entries[i].key,
					  more->entries[i].value, more->entries[i].origin);
	return error;
}

static int read_file(struct profile *profile, struct reading *given, const char *place)
{
	_cleanup_(free_reading) struct reading reading = *given;
	_cleanup_fclose_ FILE *file = NULL;
	int error = open_file(&reading, place, &file);
	int base_error = 0;

	if (!error)
		error = check_chain(&reading, place);
	if (!error)
		error = ini_read(file, reading.name, take_line, &reading, reading.errors);
	if (error)
		return error;
	/* A mistake here does not hide those of the base. */
	if (reading.inherits)
		base_error = read_base(profile, &reading);
	error = append(profile, &reading);
	if (error || base_error < 0)
		return error ? error : base_error;
	return reading.mistaken || base_error ? 1 : 0;
}

int profile_read(struct profile *profile, const char *path, const char *name, const char *installed,
		 struct text *errors)
{
	struct reading reading = { .path = path, .name = name, .installed = installed, .errors = errors };
	int error = read_file(profile, &reading, "");

	return text_error(errors) ? text_error(errors) : error;
}
