/* SPDX-License-Identifier: MIT */
/* What the settings_*.c share. */
#pragma once

#include "profile/options.h"

size_t settings_option_count(const struct settings *settings);

/* self and given, zeroed. 0 or -ENOMEM, as all below. */
int settings_allocate(struct settings *settings);

void *settings_member(const struct settings *settings, const struct contain_option *option);

/* Copies that are freed with the settings. */
int settings_set_string(struct settings *settings, const char **member, const char *string);
int settings_set_list(struct settings *settings, struct contain_list *list, const char *const *texts, size_t count);

/* -EINVAL if there are mistakes, which are added to errors, or -ENOMEM. */
int settings_check(const struct settings *settings, const struct profile *profile, struct text *errors);
