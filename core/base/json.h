/* SPDX-License-Identifier: MIT */
/* Writing JSON. */
#pragma once

#include "base/text.h"

/* The string with its quotes; bytes that are not UTF-8 become U+FFFD, as JSON has no others. */
void json_string(struct text *text, const char *string);
