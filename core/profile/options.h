/* SPDX-License-Identifier: MIT */
/* Option tables: text -> typed members of a struct, and back into bytes that another process can read. */
#pragma once

#include <contain/plugin.h>

#include "base/text.h"
#include "base/wire.h"
#include "profile/profile.h"

/*
 * A struct with its table, and which options were given a value: the same for plugins and for the core's own sections.
 */
struct settings {
	const char *section;
	const struct contain_option *options; /* key NULL at the end; may be NULL: no options */
	void *self;
	size_t self_size;
	bool *given; /* one for each option */
	const char **
		texts; /* likewise: of CUSTOM options, whose struct tells nobody else anything, what they are made of */
	void **owned;  /* strings and lists in self */
	size_t owned_count;
};

/* The option of that key; NULL if there is none. */
const struct contain_option *option_find(const struct contain_option *options, const char *key);

/* The bounds of an INT or SIZE, both included; CONTAIN_UNSET and CONTAIN_MAX: none. */
void option_range(const struct contain_option *option, int64_t *min, int64_t *max);

/* "1 to 10000, or max" of an INT or SIZE, "" if there is no limit or it is of another type. Returns text. */
const char *option_range_text(const struct contain_option *option, char *text, size_t size);

/*
 * Check a value's text against the option; LIST: one item. 0, -ENOMEM, or -EINVAL / -ERANGE with the reason in `why`,
 * which names the value and goes behind the option's name: "'64Q' has 'Q' behind the number".
 */
int option_check(const struct contain_option *option, const char *text, char *why, size_t why_size);

/* The same, stored in `member` (the option's .size bytes). STRING and LIST, which point elsewhere, are only checked. */
int option_parse(const struct contain_option *option, const char *text, void *member, char *why, size_t why_size);

/*
 * Allocate self, fill in defaults and then the profile's values for this section. Every mistake (unknown key with a
 * suggestion, bad value, key given twice in one file, missing required) is a line in errors, with its place; values
 * from the command line (an origin without line) are only placed by their flag. A list's default stands only while no
 * item is given. 0, -EINVAL if errors were added, -ENOMEM; settings_free() is right after each.
 */
int settings_fill(struct settings *settings, const struct profile *profile, struct text *errors);

/* Whether the profile or the command line gave it a value; for a list also an empty one. */
bool settings_given(const struct settings *settings, const char *key);

/*
 * Write self, given and what they point to; read it back into an empty settings with section, options, self_size set.
 * Reading: 0, -ENOMEM, or -EBADMSG where the bytes end early or were written for another struct or table.
 */
void settings_write(const struct settings *settings, struct wire *wire);
int settings_read(struct settings *settings, struct wire *wire);

/* An option's value as JSON: numbers, "max", strings, arrays; null where there is none. */
void settings_json(const struct settings *settings, const struct contain_option *option, struct text *json);

/*
 * The same as a profile has it: yes, 64M, max, a name, of CUSTOM what was given; a LIST's items with ", " between them.
 * False, and nothing is added, if it has no value (a LIST: no items).
 */
bool settings_text(const struct settings *settings, const struct contain_option *option, struct text *text);

/* A copy with everything that it points to, into an empty settings with section, options, self_size set. 0 or -ENOMEM.
 */
int settings_copy(struct settings *to, const struct settings *from);

/*
 * Give single options other values: those of the profile's entries for this section, where `values` has some. The rest
 * stays as it is. Errors as settings_fill().
 */
int settings_change(struct settings *settings, const struct profile *values, struct text *errors);

void settings_free(struct settings *settings);
