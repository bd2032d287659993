/* SPDX-License-Identifier: MIT */
/* What an item of `volume` says. */
#include "mountns.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>

static const struct {
	const char *name;
	uint64_t attribute;
} volume_flags[] = {
	{ "rw", 0 },
	{ "ro", MOUNT_ATTR_RDONLY },
	{ "nosuid", MOUNT_ATTR_NOSUID },
	{ "nodev", MOUNT_ATTR_NODEV },
	{ "noexec", MOUNT_ATTR_NOEXEC },
};

static int refuse(char *why, size_t why_size, const char *text)
{
	snprintf(why, why_size, "%s", text);
	return -EINVAL;
}

/* The next component of a path and its length; 0 at the end. */
static size_t component(const char **path)
{
	*path += strspn(*path, "/");
	return strcspn(*path, "/");
}

static bool has_dotdot(const char *path)
{
	for (size_t length; (length = component(&path)); path += length)
		if (length == 2 && memcmp(path, "..", 2) == 0)
			return true;
	return false;
}

static bool is_root(const char *path)
{
	for (size_t length; (length = component(&path)); path += length)
		if (length != 1 || *path != '.')
			return false;
	return true;
}

static int parse_flags(const char *text, struct volume *volume, char *why, size_t why_size)
{
	bool ro = false, rw = false;

	for (const char *end; text; text = *end ? end + 1 : NULL) {
		size_t i, count = sizeof(volume_flags) / sizeof(*volume_flags);

		end = strchrnul(text, ',');
		for (i = 0; i < count; i++)
			if (strlen(volume_flags[i].name) == (size_t)(end - text) &&
			    memcmp(volume_flags[i].name, text, (size_t)(end - text)) == 0)
				break;
		if (i == count)
			return refuse(
				why, why_size,
				"what follows the second ':' must be ro, rw, nosuid, nodev or noexec, with commas "
				"between");
		rw |= i == 0;
		ro |= i == 1;
		volume->attributes |= volume_flags[i].attribute;
	}
	return ro && rw ? refuse(why, why_size, "can't be both ro and rw") : 0;
}

int volume_parse(const char *text, struct volume *volume, char *why, size_t why_size)
{
	size_t host = strcspn(text, ":"), container = text[host] ? strcspn(text + host + 1, ":") : 0;

	if (!*text)
		return refuse(why, why_size, "empty");
	if (!text[host])
		return refuse(why, why_size, "has no ':', it is HOST:CONTAINER");
	if (host >= PATH_MAX || container >= PATH_MAX)
		return refuse(why, why_size, "has a path that is too long");
	const char *flags = text[host + 1 + container] ? text + host + 1 + container + 1 : NULL;
	memcpy(volume->host, text, host);
	volume->host[host] = 0;
	memcpy(volume->container, text + host + 1, container);
	volume->container[container] = 0;
	volume->attributes = 0;
	if (host == 0)
		return refuse(why, why_size, "has no host path before the ':'");
	if (volume->host[0] != '/' && strncmp(volume->host, "./", 2) != 0 && strcmp(volume->host, ".") != 0)
		return refuse(why, why_size,
			      "the host path must be absolute or begin with ./ (for one in this directory)");
	if (has_dotdot(volume->host))
		return refuse(why, why_size, "the host path must not have '..' in it");
	if (container == 0)
		return refuse(why, why_size, "has no container path behind the ':'");
	if (volume->container[0] != '/')
		return refuse(why, why_size, "the container path must be absolute");
	if (has_dotdot(volume->container))
		return refuse(why, why_size, "the container path must not have '..' in it");
	if (is_root(volume->container))
		return refuse(why, why_size, "the container path is the root itself, which rootfs is for");
	return flags ? parse_flags(flags, volume, why, why_size) : 0;
}
