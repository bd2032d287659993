/* SPDX-License-Identifier: MIT */
#include "profile/set.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

int set_check(const char *text, void *value, char *why, size_t why_size)
{
	const char *dot = strchr(text, '.'), *equals = strchr(text, '=');

	(void)value;
	/* These two say how a profile is read, which is done by then. */
	if (strncmp(text, "plugins.", 8) == 0)
		return snprintf(why, why_size, "is no value: a plugin is switched by --enable and --disable"), -EINVAL;
	if (strncmp(text, "profile.", 8) == 0)
		return snprintf(why, why_size, "is no value: another profile is read by --profile"), -EINVAL;
	if (dot && equals && text < dot && dot + 1 < equals)
		return 0;
	snprintf(why, why_size, "is not of the form PLUGIN.KEY=VALUE");
	return -EINVAL;
}

int set_add(struct profile *profile, const char *text)
{
	_cleanup_free_ char *section = strdup(text), *source = NULL;
	char *key, *value;

	if (!section)
		return -ENOMEM;
	if (asprintf(&source, "--set %.*s", (int)strcspn(section, "="), section) < 0)
		return -ENOMEM;
	key = strchr(section, '.');
	*key++ = '\0';
	value = strchr(key, '=');
	*value++ = '\0';
	return profile_add_entry(profile, section, key, value, (struct origin){ source, 0 });
}
