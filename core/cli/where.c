/* SPDX-License-Identifier: MIT */
#include "cli/where.h"

#include <stdio.h>
#include <string.h>

const char *where_profiles(const char *prefix, char path[PATH_MAX])
{
	static const char usr[] = "/usr";
	size_t length = strlen(prefix);

	if (length >= strlen(usr) && strcmp(prefix + length - strlen(usr), usr) == 0)
		length -= strlen(usr);
	snprintf(path, PATH_MAX, "%.*s/etc/contain", (int)length, prefix);
	return path;
}

const char *where_templates(const char *prefix, char path[PATH_MAX])
{
	snprintf(path, PATH_MAX, "%s/share/contain/plugin-template", prefix);
	return path;
}
