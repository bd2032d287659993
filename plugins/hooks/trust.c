/* SPDX-License-Identifier: MIT */
#include "trust.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LINKS_MOST 40 /* as the kernel's own limit, path_resolution(7) */

/* On the way to a file: a directory that was found good, its name, and what is left of the path from there. */
struct walk {
	int at;
	char here[PATH_MAX], rest[PATH_MAX];
	int links;
	uid_t user;
	char *why;
	size_t why_size;
};

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

/* With sudo(8) that is the user who called it. The variable alone is nobody's word. */
uid_t trust_user(void)
{
	const char *sudo = geteuid() == 0 ? secure_getenv("SUDO_UID") : NULL;
	unsigned long uid = sudo ? strtoul(sudo, NULL, 10) : 0;
	char text[24];

	if (geteuid() != 0)
		return geteuid();
	snprintf(text, sizeof(text), "%lu", uid);
	return sudo && uid < UINT_MAX && strcmp(text, sudo) == 0 && owns_executable((uid_t)uid) ? (uid_t)uid : 0;
}

static int refuse(const struct walk *walk, int err, const char *reason)
{
	snprintf(walk->why, walk->why_size, "%s %s", *walk->here ? walk->here : "/", reason);
	return -err;
}

static int refuse_errno(const struct walk *walk, int err)
{
	snprintf(walk->why, walk->why_size, "%s: %s", *walk->here ? walk->here : "/", strerror(err));
	return -err;
}

static int check(const struct walk *walk, const struct stat *st, bool last)
{
	bool shared = S_ISDIR(st->st_mode) && (st->st_mode & S_ISVTX);

	if (st->st_uid != 0 && st->st_uid != walk->user)
		return refuse(walk, EACCES, "belongs to another user: chown it to root");
	if (S_ISLNK(st->st_mode))
		return 0;
	if (last && !S_ISREG(st->st_mode))
		return refuse(walk, EACCES, "is not a regular file");
	if (!last && !S_ISDIR(st->st_mode))
		return refuse(walk, ENOTDIR, "is not a directory");
	/* In a sticky one, such as /tmp, an entry is its owner's (sticky(7)). */
	if ((st->st_mode & (S_IWGRP | S_IWOTH)) && !shared)
		return refuse(walk, EACCES, "can be written by others: chmod go-w it");
	return last && !(st->st_mode & 0111) ? refuse(walk, EACCES, "is not executable: chmod +x it") : 0;
}

/* Go on from the root directory. */
static int begin(struct walk *walk)
{
	struct stat st;

	if (walk->at >= 0)
		close(walk->at);
	*walk->here = '\0';
	walk->at = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (walk->at < 0 || fstat(walk->at, &st) < 0)
		return refuse_errno(walk, errno);
	return check(walk, &st, false);
}

/* What a link says comes before what is left of the path. */
static int follow(struct walk *walk, int link)
{
	char whole[2 * PATH_MAX + 1], target[PATH_MAX];
	ssize_t n = readlinkat(link, "", target, sizeof(target) - 1);

	if (n < 0)
		return refuse_errno(walk, errno);
	target[n] = '\0';
	if (++walk->links > LINKS_MOST)
		return refuse_errno(walk, ELOOP);
	snprintf(whole, sizeof(whole), "%s%s%s", target, *walk->rest ? "/" : "", walk->rest);
	if (strlen(whole) >= sizeof(walk->rest))
		return refuse_errno(walk, ENAMETOOLONG);
	strcpy(walk->rest, whole);
	if (*target == '/')
		return begin(walk);
	*strrchr(walk->here, '/') = '\0';
	return 0;
}

/* One name further. 1 at the end. */
static int step(struct walk *walk)
{
	char *name = walk->rest + strspn(walk->rest, "/"), *behind;
	size_t length = strcspn(name, "/"), here = strlen(walk->here);
	bool last;
	struct stat st;
	int next, result;

	if (length == 0)
		return refuse(walk, EISDIR, "is a directory, and not a program");
	behind = name + length + strspn(name + length, "/");
	last = !*behind && !name[length];
	name[length] = '\0';
	if ((size_t)snprintf(walk->here + here, sizeof(walk->here) - here, "/%s", name) >= sizeof(walk->here) - here)
		return refuse_errno(walk, ENAMETOOLONG);
	/* Each one as it is: so that what leads elsewhere is looked at too. */
	next = openat(walk->at, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (next < 0 || fstat(next, &st) < 0) {
		result = refuse_errno(walk, errno);
		if (next >= 0)
			close(next);
		return result;
	}
	result = check(walk, &st, last);
	memmove(walk->rest, behind, strlen(behind) + 1);
	if (result == 0 && S_ISLNK(st.st_mode)) {
		result = follow(walk, next);
		close(next);
		return result;
	}
	close(walk->at);
	walk->at = next;
	return result < 0 ? result : last;
}

int trust_program(const char *path, uid_t user, char *why, size_t why_size)
{
	struct walk walk = { .at = -1, .user = user, .why = why, .why_size = why_size };
	int result;

	if (strlen(path) >= sizeof(walk.rest)) {
		snprintf(why, why_size, "the program's path is too long");
		return -ENAMETOOLONG;
	}
	strcpy(walk.rest, path);
	result = begin(&walk);
	while (result == 0)
		result = step(&walk);
	if (walk.at >= 0)
		close(walk.at);
	return result < 0 ? result : 0;
}
