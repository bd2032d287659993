/* SPDX-License-Identifier: MIT */
/* INI text, by inih, behind a reader that counts lines and refuses what inih would silently take for something else. */
#pragma once

#include <stdio.h>

#include "base/text.h"

/* key and value are NULL for a section's header. Return 0, or -errno to stop. */
typedef int ini_visitor(void *user, const char *section, const char *key, const char *value, int line);

/*
 * Read a whole file. Stops at the first error of syntax, which is added to `errors` as "NAME:LINE: what is wrong".
 * Returns 0, -EINVAL after such an error, -errno if reading failed (told in errors too), or what the visitor returned.
 */
int ini_read(FILE *file, const char *name, ini_visitor *visit, void *user, struct text *errors);
