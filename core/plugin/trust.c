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

/* Whether our own executable, or a directory above it, is that user's: then he could have put anything in its place. */
static bool owns_executable(uid_t uid)
{
	char path[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);
	struct stat st;

	for (path[n > 0 ? n : 0] = '\0'; *path; *strrchr(path, '/') = '\0') {
		if (lstat(path, &st) == 0 && st.st_uid == uid)
			return true;
	}
	return false;
}

/*
 * Root, and who runs us: with sudo(8) that is the user who called it, in a clone of his own, say. The variable alone is
 * nobody's word; a set-uid program does not even see it (secure_getenv(3)).
 */
static bool is_owner(uid_t uid)
{
	const char *sudo;
	char text[24];

	if (uid == 0 || uid == geteuid())
		return true;
	sudo = geteuid() == 0 ? secure_getenv("SUDO_UID") : NULL;
	snprintf(text, sizeof(text), "%u", uid);
	return sudo && strcmp(sudo, text) == 0 && owns_executable(uid);
}

static int check_one(const char *path, bool is_directory, char *why, size_t why_size)
{
	struct stat st;

	if (lstat(path, &st) < 0) {
		int err = errno;

		return refuse(err, path, strerror(err), why, why_size);
	}
	if (S_ISLNK(st.st_mode))
		return refuse(EMLINK, path, "is a symbolic link", why, why_size);
	if (is_directory ? !S_ISDIR(st.st_mode) : !S_ISREG(st.st_mode))
		return refuse(EACCES, path, is_directory ? "is not a directory" : "is not a regular file", why,
			      why_size);
	if (!is_owner(st.st_uid))
		return refuse(EACCES, path, "belongs to another user: chown it to root", why, why_size);
	if ((st.st_mode & (S_IWGRP | S_IWOTH)) && !(is_directory && (st.st_mode & S_ISVTX)))
		return refuse(EACCES, path, "can be written by others: chmod go-w it", why, why_size);
	return 0;
}

/* The file and what lies above it, taken as they are: a link on the way is no file or directory. `path` is used up. */
static int check_all(char *path, char *known, char *why, size_t why_size)
{
	int result = check_one(path, false, why, why_size);
	char *slash = strrchr(path, '/');

	if (result < 0)
		return result;
	*slash = '\0';
	/* The usual case: one more file in a directory that was checked, all the way up, for the file before. */
	if (*known && strcmp(known, path) == 0)
		return 0;
	strcpy(known, path);
	for (;;) {
		result = check_one(*path ? path : "/", true, why, why_size);
		if (result < 0) {
			*known = '\0';
			return result;
		}
		if (*path == '\0')
			return 0;
		*strrchr(path, '/') = '\0';
	}
}

int trust_check(const char *path, char *known, char *why, size_t why_size)
{
	char copy[PATH_MAX], real[PATH_MAX];
	int result;

	if (*path != '/' || strlen(path) >= sizeof(copy))
		return refuse(EINVAL, path, "is no absolute path", why, why_size);
	result = check_all(strcpy(copy, path), known, why, why_size);
	if (result != -EMLINK)
		return result;
	if (!realpath(path, real)) {
		int err = errno;

		return refuse(err, path, strerror(err), why, why_size);
	}
	return check_all(real, known, why, why_size);
}
