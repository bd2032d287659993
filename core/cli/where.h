/* SPDX-License-Identifier: MIT */
/* Where things are in an installed tree, from its prefix alone, so that it can be moved. Pure. */
#pragma once

#include <limits.h>

/*
 * The directory of the profiles: PREFIX/etc/contain. What is in /usr is configured in /etc (hier(7)), so for a prefix
 * whose last part is usr it is etc/contain beside that. Returns path.
 */
const char *where_profiles(const char *prefix, char path[PATH_MAX]);

/* The directory of the templates for `contain plugin new`. Returns path. */
const char *where_templates(const char *prefix, char path[PATH_MAX]);
