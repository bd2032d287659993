/* SPDX-License-Identifier: MIT */
/* Option tables for people and programs: the one place that says what an option is. Pure. */
#pragma once

#include "profile/options.h"

/* "bool", "int", "size", "enum", "string", "list", "custom". */
const char *option_type_name(enum contain_type type);

/* What a value is called: "SIZE", "VALUE" where the table has no name for it. */
const char *option_metavar(const struct contain_option *option);

/* Whether "max" is a value. */
bool option_takes_max(const struct contain_option *option);

/* "-v, --volume SRC:DST[:ro]", "--init"; nothing without a flag. */
void option_flag_text(const struct contain_option *option, struct text *text);

/*
 * What is to be known beside type, default and help, in the words of plugin.h: "1 to 10000, or max; required; live".
 * Nothing if there is nothing.
 */
void option_remarks(const struct contain_option *option, struct text *text);

/*
 * A JSON object of these members, which are always there: key, type, default (text or null), min, max (numbers, null:
 * no bound), takes_max, choices (strings, null if it is no enum), flag, short_flag, metavar, help (strings or null),
 * required, live.
 */
void option_json(const struct contain_option *option, struct text *json);

/* An array of them. */
void options_json(const struct contain_option *options, struct text *json);
