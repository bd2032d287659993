/* SPDX-License-Identifier: MIT */
/* Option tables: text -> typed members of a struct, and back into bytes that another process can read. */
#pragma once

#include <contain/plugin.h>

#include "base/text.h"
#include "base/wire.h"
#include "profile/profile.h"

/* A struct with its table, and which options were given a value: the same for plugins and for the core's own sections. */
struct settings {
	const char *section;
	const struct contain_option *options; /* key NULL at the end; may be NULL: no options */
	void *self;
	size_t self_size;
	bool *given;  /* one for each option */
	void **owned; /* strings and lists in self */
	size_t owned_count;
};

/* The option of that key; NULL if there is none. */
const struct contain_option *option_find(const struct contain_option *options, const char *key);

/* The value's text checked against the option, and stored in self if that is not NULL. LIST: one item is checked. */
int option_check(const struct contain_option *option, const char *text, char *why, size_t why_size);

/*
 * Allocate self, fill in defaults and then the profile's values for this section. Every mistake (unknown key with a
 * suggestion, bad value, key given twice in one file, missing required) is a line in errors, with its place.
 * 0, -EINVAL if errors were added, -ENOMEM.
 */
int settings_fill(struct settings *settings, const struct profile *profile, struct text *errors);

bool settings_given(const struct settings *settings, const char *key);

/* Write self, given and what they point to; read it back into an empty settings with section, options, self_size set. */
void settings_write(const struct settings *settings, struct wire *wire);
int settings_read(struct settings *settings, struct wire *wire);

void settings_free(struct settings *settings);
