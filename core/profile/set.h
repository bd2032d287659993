/* SPDX-License-Identifier: MIT */
/* SECTION.KEY=VALUE, as --set has it. Pure. */
#pragma once

#include "profile/profile.h"

/* For .parse of an option: whether it is of that form. */
int set_check(const char *text, void *value, char *why, size_t why_size);

/* Add what was checked to a profile, with "--set SECTION.KEY" as its origin. 0 or -ENOMEM. */
int set_add(struct profile *profile, const char *text);
