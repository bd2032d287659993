/* SPDX-License-Identifier: MIT */
#include "container/user.h"

#include <contain/plugin.h>

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/magic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/kernel.h"
#include "base/number.h"

#define FILE_MOST (1024 * 1024)

/* In /proc there are regular files that do things when they are read (kmsg), and ours, if a link leads there. */
static bool is_plain_file(int fd)
{
	struct statfs fs;
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && fstatfs(fd, &fs) == 0 && fs.f_type != PROC_SUPER_MAGIC;
}

/*
 * A file of the image's /etc, "" if it has none. Not a device or a fifo, which would block or do things when opened,
 * and O_NONBLOCK until that is known; nor, by a magic link, a descriptor of ours (CVE-2024-21626 was a directory that
 * was reached so). -errno without a message.
 */
static int read_database(const char *path, char **text)
{
	_cleanup_close_ int look = kernel_openat2(AT_FDCWD, path, O_PATH, 0, RESOLVE_NO_MAGICLINKS);
	_cleanup_close_ int fd = -1;
	size_t length;

	if (look < 0 && (errno == ENOENT || errno == ENOTDIR)) {
		*text = strdup("");
		return *text ? 0 : -ENOMEM;
	}
	if (look < 0)
		return -errno;
	/* Some devices act when they are opened, so look first; and once more at what was opened. */
	if (!is_plain_file(look))
		return -ENOTSUP;
	fd = kernel_openat2(AT_FDCWD, path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0, RESOLVE_NO_MAGICLINKS);
	if (fd < 0)
		return -errno;
	return is_plain_file(fd) ? file_read_all(fd, FILE_MOST, text, &length) : -ENOTSUP;
}

static int fail_database(struct contain_ctx *ctx, int result, const char *path)
{
	if (result == -ENOTSUP)
		return ctx_fail(ctx, 0, "%s of the image is not a regular file: give users and groups as numbers",
				path);
	return ctx_fail(ctx, -result, "can't read %s of the image: give users and groups as numbers", path);
}

/* 0 ... 4294967294: the last one, -1, means "no change" to setresuid(2) (CVE-2026-30892). */
static bool parse_id(const char *text, uint32_t *id)
{
	const char *why;
	int64_t number;

	if (number_parse(text, &number, &why) < 0 || number < 0 || number >= UINT32_MAX)
		return false;
	*id = (uint32_t)number;
	return true;
}

static bool looks_like_number(const char *text)
{
	return *text == '-' || (*text >= '0' && *text <= '9');
}

/* The next line of a database, cut into fields at ':' (those that are missing are ""). */
static bool next_entry(char **rest, char *fields[], size_t count)
{
	char *line;

	while ((line = strsep(rest, "\n"))) {
		if (!*line || *line == '#')
			continue;
		for (size_t i = 0; i < count; i++) {
			char *field = strsep(&line, ":");

			fields[i] = field ? field : (char *)"";
		}
		return true;
	}
	return false;
}

enum { PASSWD_NAME, PASSWD_UID = 2, PASSWD_GID, PASSWD_HOME = 5, PASSWD_FIELDS = 7 };
enum { GROUP_NAME, GROUP_GID = 2, GROUP_MEMBERS, GROUP_FIELDS };

/* An entry without a name is nobody's, also for who asks for ''. */
static bool is_name(const char *field, const char *wanted)
{
	return *wanted && strcmp(field, wanted) == 0;
}

static int add_group(struct contain_ctx *ctx, struct user *user, gid_t gid)
{
	gid_t *more = reallocarray(user->groups, user->group_count + 1, sizeof(*more));

	if (!more)
		return ctx_fail(ctx, ENOMEM, "can't add group %u", gid);
	user->groups = more;
	more[user->group_count++] = gid;
	return 0;
}

/* By name or number: fills in uid and, from the image, gid, home and the name. */
static int find_user(struct contain_ctx *ctx, const char *wanted, struct user *user, char **name)
{
	_cleanup_free_ char *text = NULL;
	char *rest, *fields[PASSWD_FIELDS];
	bool by_number = looks_like_number(wanted);
	int result;

	if (by_number && !parse_id(wanted, &user->uid))
		return ctx_fail(ctx, 0, "--user '%s' is no user id: 0 to 4294967294", wanted);
	result = read_database("/etc/passwd", &text);
	if (result < 0)
		return by_number ? 0 : fail_database(ctx, result, "/etc/passwd");
	for (rest = text; result == 0 && next_entry(&rest, fields, PASSWD_FIELDS);) {
		uint32_t uid, gid;

		if (!parse_id(fields[PASSWD_UID], &uid) || !parse_id(fields[PASSWD_GID], &gid))
			continue;
		if (by_number ? uid != user->uid : !is_name(fields[PASSWD_NAME], wanted))
			continue;
		user->uid = uid;
		user->gid = gid;
		user->home = *fields[PASSWD_HOME] == '/' ? strdup(fields[PASSWD_HOME]) : NULL;
		*name = strdup(fields[PASSWD_NAME]);
		return 0;
	}
	if (result == 0 && !by_number)
		return ctx_fail(ctx, 0, "there is no user '%s' in the image's /etc/passwd: give a number", wanted);
	return result;
}

/* The group that was asked for by name or number (fills in gid), or all that have the member (adds them). */
static int find_group(struct contain_ctx *ctx, const char *wanted, const char *member, struct user *user, gid_t *gid)
{
	_cleanup_free_ char *text = NULL;
	char *rest, *fields[GROUP_FIELDS];
	int result;

	if (wanted && looks_like_number(wanted)) {
		if (parse_id(wanted, gid))
			return 0;
		return ctx_fail(ctx, 0, "'%s' is no group id: 0 to 4294967294", wanted);
	}
	result = read_database("/etc/group", &text);
	if (result < 0)
		return wanted ? fail_database(ctx, result, "/etc/group") : 0;
	for (rest = text; result == 0 && next_entry(&rest, fields, GROUP_FIELDS);) {
		char *members = fields[GROUP_MEMBERS], *one;
		uint32_t id;

		if (!parse_id(fields[GROUP_GID], &id))
			continue;
		if (wanted && is_name(fields[GROUP_NAME], wanted)) {
			*gid = id;
			return 0;
		}
		while (member && result == 0 && (one = strsep(&members, ","))) {
			if (strcmp(one, member) == 0)
				result = add_group(ctx, user, id);
		}
	}
	if (result == 0 && wanted)
		return ctx_fail(ctx, 0, "there is no group '%s' in the image's /etc/group: give a number", wanted);
	return result;
}

int user_find(struct contain_ctx *ctx, const struct process *process, struct user *user)
{
	_cleanup_free_ char *wanted = strdup(process->user ? process->user : "0"), *name = NULL;
	char *group = wanted ? strchr(wanted, ':') : NULL;
	int result;

	if (!wanted)
		return ctx_fail(ctx, ENOMEM, "can't look up the user");
	if (group)
		*group++ = '\0';
	result = find_user(ctx, wanted, user, &name);
	if (result == 0 && group)
		result = find_group(ctx, group, NULL, user, &user->gid);
	else if (result == 0 && name && process->user)
		result = find_group(ctx, NULL, name, user, NULL);
	for (size_t i = 0; result == 0 && i < process->groups.count; i++) {
		gid_t gid = 0;

		result = find_group(ctx, process->groups.items[i], NULL, user, &gid);
		if (result == 0)
			result = add_group(ctx, user, gid);
	}
	if (result == 0 && !user->home)
		user->home = strdup(user->uid == 0 ? "/root" : "/");
	return result;
}

static int set_effective(bool raised)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];

	if (syscall(SYS_capget, &header, data) < 0)
		return -errno;
	data[0].effective = raised ? data[0].permitted : 0;
	data[1].effective = raised ? data[1].permitted : 0;
	return syscall(SYS_capset, &header, data) < 0 ? -errno : 0;
}

/*
 * Opening /dev/stderr again needs rights that the user has not, if it is a pipe that root made. A pipe without a name
 * is ours to give; files and terminals are our caller's, and stay as they are.
 */
static void give_pipes(const struct user *user)
{
	struct statfs fs;
	struct stat st;

	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (fstatfs(fd, &fs) == 0 && fs.f_type == PIPEFS_MAGIC && fstat(fd, &st) == 0 && st.st_uid == 0 &&
		    fchown(fd, user->uid, user->gid) < 0)
			continue;
	}
}

int user_become(struct contain_ctx *ctx, const struct user *user)
{
	int result;

	if (user->uid != 0 && prctl(PR_SET_KEEPCAPS, 1) < 0)
		return ctx_fail(ctx, errno, "can't keep the capabilities for sealing");
	if (user->uid != 0)
		give_pipes(user);
	if (setgroups(user->group_count, user->groups) < 0)
		return ctx_fail(ctx, errno, "can't set the supplementary groups");
	if (setresgid(user->gid, user->gid, user->gid) < 0)
		return ctx_fail(ctx, errno, "can't become group %u", user->gid);
	if (setresuid(user->uid, user->uid, user->uid) < 0)
		return ctx_fail(ctx, errno, "can't become user %u", user->uid);
	/* Leaving uid 0 clears the effective set, also with keep-caps (capabilities(7)): raise again what is permitted.
	 */
	result = user->uid != 0 ? set_effective(true) : 0;
	return result < 0 ? ctx_fail(ctx, -result, "can't keep the capabilities for sealing") : 0;
}

int user_settle(struct contain_ctx *ctx, const struct user *user)
{
	/* With them, execve would let a user run what only root may. */
	int result = user->uid != 0 ? set_effective(false) : 0;

	return result < 0 ? ctx_fail(ctx, -result, "can't drop the capabilities") : 0;
}

int user_stay(struct contain_ctx *ctx, const struct user *user)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];

	if (user->uid == 0)
		return 0;
	if (syscall(SYS_capget, &header, data) < 0)
		return ctx_fail(ctx, errno, "can't read the capabilities");
	for (size_t i = 0; i < 2; i++)
		data[i].permitted = data[i].effective;
	return syscall(SYS_capset, &header, data) < 0 ? ctx_fail(ctx, errno, "can't drop the capabilities") : 0;
}
