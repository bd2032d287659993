/* SPDX-License-Identifier: MIT */
#include "container/state.h"

#include <contain/plugin.h>

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"

#define NEW_TRIES 1000 /* milliseconds */
#define TRIES     100
#define FILE_MOST (64 * 1024 * 1024)
#define NEW_FILE  "new"

static const struct state closed = { -1, -1, false, NULL };

bool state_id_valid(const char *id)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";
	size_t length = strlen(id);

	return length > 0 && length < ID_SIZE && isalnum((unsigned char)*id) && strspn(id, allowed) == length;
}

int state_id_new(char id[ID_SIZE])
{
	unsigned char bytes[6];
	ssize_t n;

	do {
		n = getrandom(bytes, sizeof(bytes), 0);
	} while (n < 0 && errno == EINTR);
	if (n != sizeof(bytes))
		return n < 0 ? -errno : -EIO;
	for (size_t i = 0; i < sizeof(bytes); i++)
		sprintf(id + 2 * i, "%02x", bytes[i]);
	return 0;
}

/*
 * A link in the place of the directory is followed only if it is root's or ours: in /tmp anybody may have put one that
 * leads to a directory of root's (protected_symlinks in proc_sys_fs(5) is the same rule, and off by default). A slash
 * behind would have it followed in any case (path_resolution(7)).
 */
static int open_unless_planted(const char *root)
{
	const int flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
	_cleanup_close_ int link = -1;
	char path[PATH_MAX];
	size_t length = strlen(root);
	struct stat st;
	int fd;

	if (length >= sizeof(path))
		return -ENAMETOOLONG;
	memcpy(path, root, length + 1);
	while (length > 1 && path[length - 1] == '/')
		path[--length] = '\0';
	fd = open(path, flags | O_NOFOLLOW);
	if (fd >= 0 || (errno != ENOTDIR && errno != ELOOP))
		return fd >= 0 ? fd : -errno;
	link = open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (link < 0 || fstat(link, &st) < 0)
		return -errno;
	if (S_ISLNK(st.st_mode) && st.st_uid != 0 && st.st_uid != geteuid())
		return -ELOOP;
	fd = open(path, flags);
	return fd < 0 ? -errno : fd;
}

/* -ENOENT without a message if it is not there and not to be made. */
static int open_root(struct contain_ctx *ctx, struct state *state, const char *root, bool make)
{
	struct stat st;

	*state = closed;
	state->root_path = root;
	if (make && mkdir(root, 0700) < 0 && errno != EEXIST)
		return ctx_fail(ctx, errno, "can't make the state directory %s", root);
	state->root = open_unless_planted(root);
	if (state->root == -ENOENT && !make)
		return -ENOENT;
	if (state->root == -ELOOP)
		return ctx_fail(ctx, 0, "the state directory %s is a symbolic link of another user: remove it", root);
	if (state->root < 0)
		return ctx_fail(ctx, -state->root, "can't open the state directory %s", root);
	if (fstat(state->root, &st) < 0)
		return ctx_fail(ctx, errno, "can't look at the state directory %s", root);
	/* What is recorded there is what we later undo, as root. */
	if (st.st_uid != geteuid() || (st.st_mode & (S_IWGRP | S_IWOTH)))
		return ctx_fail(ctx, 0,
				"the state directory %s belongs to another user or can be written by others: "
				"chown root and chmod 0700 it",
				root);
	return 0;
}

/* Somebody who only looks holds it for a moment (state_is_owned()). */
static int lock_now(int directory, int tries)
{
	for (;;) {
		if (flock(directory, LOCK_EX | LOCK_NB) == 0)
			return 0;
		if (errno != EWOULDBLOCK && errno != EINTR)
			return -errno;
		if (--tries == 0)
			return -EWOULDBLOCK;
		nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
	}
}

bool state_is_owned(const struct state *state)
{
	/* A description of its own: a lock that we have already would be given up with it. */
	_cleanup_close_ int look = openat(state->directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return look >= 0 && flock(look, LOCK_SH | LOCK_NB) < 0 && errno == EWOULDBLOCK;
}

bool state_is_gone(const struct state *state)
{
	struct stat st;

	return fstat(state->directory, &st) == 0 && st.st_nlink == 0;
}

int state_fail_taken(struct contain_ctx *ctx, const char *root)
{
	return ctx_fail(ctx, 0, "there is a container '%s' already in %s: give another --name, or delete that one",
			ctx->id, root),
	       -EEXIST;
}

int state_reserve(struct contain_ctx *ctx, struct state *state, const char *root)
{
	int result = open_root(ctx, state, root, true);

	if (result < 0)
		return result;
	if (mkdirat(state->root, ctx->id, 0700) < 0) {
		result = errno == EEXIST ? -EEXIST
					 : ctx_fail(ctx, errno, "can't make the state directory %s/%s", root, ctx->id);
		state_close(state);
		return result;
	}
	state->directory = openat(state->root, ctx->id, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	result = state->directory < 0 ? -errno : lock_now(state->directory, NEW_TRIES);
	/* `gc` may have taken it for something that was left behind, before we could lock it. */
	if (result == -ENOENT || (result == 0 && state_is_gone(state))) {
		state_close(state);
		return -EAGAIN;
	}
	if (result < 0)
		ctx_fail(ctx, -result, "can't lock the state directory %s/%s", root, ctx->id);
	if (result == 0 && (result = record_create(&ctx->record, state->directory)) < 0)
		ctx_fail(ctx, -result, "can't make a record in %s/%s", root, ctx->id);
	if (result < 0) {
		unlinkat(state->root, ctx->id, AT_REMOVEDIR);
		state_close(state);
	}
	state->locked = result == 0;
	return result;
}

static int fail_missing(struct contain_ctx *ctx, const char *root, const char *id)
{
	return ctx_fail(ctx, 0, "there is no container '%s' in %s; `contain list` shows all", id, root), -ENOENT;
}

/*
 * One of ours, which we make for ourselves alone. Any other, as in a --root that is no state directory, holds files
 * that are not ours to read or remove: -ENOENT.
 */
static int check_ours(int directory)
{
	struct stat st;

	if (fstat(directory, &st) < 0)
		return -errno;
	return st.st_uid == geteuid() && !(st.st_mode & (S_IRWXG | S_IRWXO)) ? 0 : -ENOENT;
}

int state_open(struct contain_ctx *ctx, struct state *state, const char *root, const char *id)
{
	int result;

	*state = closed;
	if (!state_id_valid(id))
		return ctx_fail(
			       ctx, 0,
			       "'%s' is no name of a container: up to 64 letters, digits, '_', '.' and '-', a letter or "
			       "digit first",
			       id),
		       -EINVAL;
	result = open_root(ctx, state, root, false);
	if (result == 0) {
		state->directory = openat(state->root, id, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		result = state->directory < 0 ? -errno : check_ours(state->directory);
		if (result < 0 && result != -ENOENT)
			ctx_fail(ctx, -result, "can't open the state directory %s/%s", root, id);
	}
	if (result == -ENOENT)
		result = fail_missing(ctx, root, id);
	if (result == 0)
		snprintf(ctx->id, sizeof(ctx->id), "%s", id);
	else
		state_close(state);
	return result;
}

static int lock_waiting(int directory)
{
	int result;

	do {
		result = flock(directory, LOCK_EX);
	} while (result < 0 && errno == EINTR);
	return result < 0 ? -errno : 0;
}

int state_lock(struct contain_ctx *ctx, struct state *state, bool wait)
{
	int result = wait ? lock_waiting(state->directory) : lock_now(state->directory, TRIES);

	if (result == -EWOULDBLOCK)
		return result;
	if (result < 0)
		return ctx_fail(ctx, -result, "can't lock the state directory %s/%s", state->root_path, ctx->id);
	state->locked = true;
	return state_is_gone(state) ? fail_missing(ctx, state->root_path, ctx->id) : 0;
}

int state_write(const struct state *state, const char *name, const void *bytes, size_t length)
{
	_cleanup_close_ int fd = openat(state->directory, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	return fd < 0 ? -errno : fd_write_all(fd, bytes, length);
}

int state_replace(const struct state *state, const char *name, const void *bytes, size_t length)
{
	int result;

	/* What a killed process has left half written. */
	if (unlinkat(state->directory, NEW_FILE, 0) < 0 && errno != ENOENT)
		return -errno;
	result = state_write(state, NEW_FILE, bytes, length);
	if (result == 0 && renameat(state->directory, NEW_FILE, state->directory, name) < 0)
		result = -errno;
	if (result < 0)
		unlinkat(state->directory, NEW_FILE, 0);
	return result;
}

int state_read(const struct state *state, const char *name, char **bytes, size_t *length)
{
	_cleanup_close_ int fd = openat(state->directory, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

	return fd < 0 ? -errno : file_read_all(fd, FILE_MOST, bytes, length);
}

static int only_ids(const struct dirent *entry)
{
	return state_id_valid(entry->d_name) && (entry->d_type == DT_DIR || entry->d_type == DT_UNKNOWN);
}

int state_list(struct contain_ctx *ctx, const char *root, struct text *ids)
{
	struct dirent **entries = NULL;
	struct state state;
	int result = open_root(ctx, &state, root, false), count;

	if (result < 0)
		return result == -ENOENT ? 0 : result;
	count = scandirat(state.root, ".", &entries, only_ids, alphasort);
	if (count < 0)
		result = ctx_fail(ctx, errno, "can't read the state directory %s", root);
	for (int i = 0; i < count; i++) {
		text_printf(ids, "%s\n", entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
	state_close(&state);
	if (result == 0 && text_error(ids) < 0)
		result = ctx_fail(ctx, ENOMEM, "can't list the containers");
	return result;
}

static int remove_files(struct contain_ctx *ctx, struct state *state, const char *const *names)
{
	for (; *names; names++) {
		if (unlinkat(state->directory, *names, 0) < 0 && errno != ENOENT)
			return ctx_fail(ctx, errno, "can't remove %s/%s/%s", state->root_path, ctx->id, *names);
	}
	return 0;
}

int state_remove(struct contain_ctx *ctx, struct state *state)
{
	/*
	 * Everything was undone: with the record nobody who comes after a kill in the midst of this asks for more. The
	 * usual container has only the first ones.
	 */
	static const char *const usual[] = { RECORD_FILE, STATE_CONFIG, NULL };
	static const char *const rare[] = { STATE_CONFIG,      STATE_DOOR,    STATE_ATTACH, STATE_OUTPUT,
					    STATE_OUTPUT ".1", STATE_UPDATED, NEW_FILE,     NULL };
	int result;

	if (state->directory < 0)
		return 0;
	result = remove_files(ctx, state, usual);
	if (result == 0 && unlinkat(state->root, ctx->id, AT_REMOVEDIR) == 0)
		return 0;
	if (result == 0)
		result = remove_files(ctx, state, rare);
	if (result == 0 && unlinkat(state->root, ctx->id, AT_REMOVEDIR) < 0 && errno != ENOENT)
		result = ctx_fail(ctx, errno, "can't remove the state directory %s/%s", state->root_path, ctx->id);
	return result;
}

void state_close(struct state *state)
{
	cleanup_close(&state->directory);
	cleanup_close(&state->root);
	state->directory = state->root = -1;
	state->locked = false;
}
