/* SPDX-License-Identifier: MIT */
/* Writing JSON. */
#pragma once

#include "base/text.h"

/* The string with its quotes; bytes that are not UTF-8 become U+FFFD, as JSON has no others. */
void json_string(struct text *text, const char *string);

/* Members of an object, with a comma in front. A string that is NULL is null. */
void json_member(struct text *text, const char *key, const char *string);
void json_member_bool(struct text *text, const char *key, bool value);

/* Before each element of an array, which begins with the text's last '[': a comma, unless it is the first. */
void json_next(struct text *text);
