/* SPDX-License-Identifier: MIT */
#include "plugin/trust.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int refuse(int err, const char *path, const char *reason, char *why, size_t why_size)
{
	snprintf(why, why_size, "%s %s", path, reason);
	return -err;
}

/*
 * Root, and who runs us: with sudo(8) that is the user who called it, as in a clone of his own. Root's environment is
 * root's; a set-uid program's is not, and does not count (secure_getenv(3)).
 */
static bool is_owner(uid_t uid)
{
	const char *sudo = geteuid() == 0 ? secure_getenv("SUDO_UID") : NULL;
	char text[24];

	if (uid == 0 || uid == geteuid())
		return true;
	snprintf(text, sizeof(text), "%u", uid);
	return sudo && strcmp(sudo, text) == 0;
}

static int check_one(const char *path, bool is_directory, char *why, size_t why_size)
{
	struct stat st;

	if (lstat(path, &st) < 0) {
		int err = errno;

		return refuse(err, path, strerror(err), why, why_size);
	}
	if (is_directory ? !S_ISDIR(st.st_mode) : !S_ISREG(st.st_mode))
		return refuse(EACCES, path, is_directory ? "is not a directory" : "is not a regular file", why, why_size);
	if (!is_owner(st.st_uid))
		return refuse(EACCES, path, "belongs to another user: chown it to root", why, why_size);
	if ((st.st_mode & (S_IWGRP | S_IWOTH)) && !(is_directory && (st.st_mode & S_ISVTX)))
		return refuse(EACCES, path, "can be written by others: chmod go-w it", why, why_size);
	return 0;
}

int trust_check(const char *path, char *known, char *why, size_t why_size)
{
	char real[PATH_MAX];
	char *slash;
	int result;

	/* The usual case: one more file in a directory that was checked, all the way up, for the file before. */
	slash = strrchr(path, '/');
	if (slash && *known && strlen(known) == (size_t)(slash - path) && strncmp(path, known, strlen(known)) == 0) {
		result = check_one(path, false, why, why_size);
		if (result == 0)
			return 0;
	}
	if (!realpath(path, real)) {
		int err = errno;

		return refuse(err, path, strerror(err), why, why_size);
	}
	result = check_one(real, false, why, why_size);
	if (result < 0)
		return result;
	slash = strrchr(real, '/');
	*slash = '\0';
	strcpy(known, real);
	for (;;) {
		result = check_one(*real ? real : "/", true, why, why_size);
		if (result < 0) {
			*known = '\0';
			return result;
		}
		if (*real == '\0')
			return 0;
		*strrchr(real, '/') = '\0';
	}
}
