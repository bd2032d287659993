/* SPDX-License-Identifier: MIT */
/* Values of a profile that count for nothing, as a later one beats them. Pure. */
#pragma once

#include <contain/plugin.h>

#include "base/text.h"
#include "profile/profile.h"

/*
 * A line for each value in a file, of this section, that another file's beats, or of a list that one empties: that of a
 * profile which another one inherits. What the command line beats is meant so.
 */
void shadow_find(const struct profile *profile, const char *section, const struct contain_option *options,
		 struct text *lines);
