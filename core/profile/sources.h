/* SPDX-License-Identifier: MIT */
/* Where what holds comes from: of an option's value, and of a plugin being on or off. Pure. */
#pragma once

#include "profile/options.h"
#include "profile/profile.h"

struct sources {
	const struct entry **entries; /* of that section and key, as they were read; they are the profile's; owned */
	size_t count;
	size_t first; /* from this one on they make the value, one or a LIST's items; those in front are beaten */
};

/*
 * The entries of an option. None: it has its default, or no value. A LIST that an empty value has emptied for good has
 * that entry as its only source; with items behind it that entry is left out. 0 or -ENOMEM; sources_free().
 */
int sources_find(const struct profile *profile, const char *section, const struct contain_option *option,
		 struct sources *sources);

void sources_free(struct sources *sources);
#define _cleanup_sources_ __attribute__((cleanup(sources_free)))

/* What has made the plugin what it is, on or off: words that only said it again do not count. NULL: not mentioned. */
const struct switch_ *sources_of_switch(const struct profile *profile, const char *plugin);

/* What it was before that; NULL: not mentioned. */
const struct switch_ *sources_beaten_switch(const struct profile *profile, const char *plugin);
