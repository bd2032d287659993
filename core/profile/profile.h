/* SPDX-License-Identifier: MIT */
/*
 * A profile in memory: which plugins are on, in which order, and the values of their options, each with the place that
 * it comes from. Made from INI text, from the command line, later from an OCI bundle: nothing here knows which.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

/* Where a value comes from: `source` is a file's name with its line, or a flag ("--memory") with line 0. */
struct origin {
	const char *source;
	int line;
};

struct entry {
	const char *section, *key, *value;
	struct origin origin;
};

struct switch_ {
	const char *plugin;
	bool on;
	struct origin origin;
};

/* One that was read. */
struct profile_file {
	const char *name, *path; /* as messages show it; as it was opened */
	int inherits_line;       /* that names the file before it; 0: it inherits from none */
};

/* All strings belong to the profile. */
struct profile {
	struct switch_ *switches; /* [plugins], in the order of first mention */
	size_t switch_count;
	struct switch_ *mentions; /* all that was ever said of them, in the order of reading */
	size_t mention_count;
	struct profile_file *files; /* in the order of reading: what is inherited before its heir */
	size_t file_count;
	struct entry *entries; /* all other sections, in the order of reading: later beats earlier, lists add up */
	size_t entry_count;
	struct entry
		*sections; /* their names, with the place of the first mention, key and value NULL; empty ones too */
	size_t section_count;
	struct strings *strings; /* private: what the above points into */
};

#define ORIGIN_SIZE 512 /* room for its text */

/* "FILE:LINE" or "FLAG"; with ": " behind it for the beginning of an error. Returns text. */
const char *origin_place(const struct origin *origin, char *text, size_t size);
const char *origin_text(const struct origin *origin, char *text, size_t size);

/*
 * Add to a profile (copies the strings). A switch that is there already is only changed; an entry adds its section too.
 * 0 or -ENOMEM.
 */
int profile_add_switch(struct profile *profile, const char *plugin, bool on, struct origin origin);
int profile_add_entry(struct profile *profile, const char *section, const char *key, const char *value,
		      struct origin origin);
int profile_add_section(struct profile *profile, const char *section, struct origin origin);
int profile_add_file(struct profile *profile, const char *name, const char *path, int inherits_line);

/* Forget what was said of that key. */
void profile_drop_entries(struct profile *profile, const char *section, const char *key);

/* Whether the plugin is on; NULL if the profile does not mention it. */
const struct switch_ *profile_find_switch(const struct profile *profile, const char *plugin);

/*
 * Read a profile and those it inherits from: [profile] inherits = NAME, a path as seen from the file's own directory,
 * or one of those in the directory `installed` (which may be NULL); ".ini" may be left out, a loop is an error. Errors
 * are added to `errors`, a line each with file and line. -EINVAL after an error of syntax, -errno if a file can't be
 * read; 1 if there are mistakes, but the profile is whole otherwise, so that those of other kinds can be told with
 * them. `name` is what the user wrote, and what messages show. A key given twice is found later, by settings_fill(),
 * which knows what is a list.
 */
int profile_read(struct profile *profile, const char *path, const char *name, const char *installed,
		 struct text *errors);

void profile_free(struct profile *profile);
