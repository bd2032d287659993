/* SPDX-License-Identifier: MIT */
#include "container/state.h"

#include <contain/plugin.h>

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"

#define LOCK_TRIES 1000

bool state_id_valid(const char *id)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";
	size_t length = strlen(id);

	return length > 0 && length < ID_SIZE && isalnum((unsigned char)*id) && strspn(id, allowed) == length;
}

int state_id_new(char id[ID_SIZE])
{
	unsigned char bytes[6];

	if (getrandom(bytes, sizeof(bytes), 0) != sizeof(bytes))
		return -errno;
	for (size_t i = 0; i < sizeof(bytes); i++)
		sprintf(id + 2 * i, "%02x", bytes[i]);
	return 0;
}

static int open_root(struct contain_ctx *ctx, struct state *state)
{
	struct stat st;

	if (mkdir(state->root_path, 0700) < 0 && errno != EEXIST)
		return ctx_fail(ctx, errno, "can't make the state directory %s", state->root_path);
	state->root = open(state->root_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (state->root < 0 || fstat(state->root, &st) < 0)
		return ctx_fail(ctx, errno, "can't open the state directory %s", state->root_path);
	/* What is recorded there is what we later undo, as root. */
	if (st.st_uid != geteuid() || (st.st_mode & (S_IWGRP | S_IWOTH)))
		return ctx_fail(ctx, 0,
				"the state directory %s belongs to another user or can be written by others: "
				"chown root and chmod 0700 it",
				state->root_path);
	return 0;
}

/* Somebody who was too late for our name holds it for a moment, to see whether we do (fail_in_use()). */
static int lock(int directory)
{
	for (int tries = 0; tries < LOCK_TRIES; tries++) {
		if (flock(directory, LOCK_EX | LOCK_NB) == 0)
			return 0;
		if (errno != EWOULDBLOCK)
			return -1;
		nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
	}
	return -1;
}

static int fail_in_use(struct contain_ctx *ctx, const struct state *state)
{
	_cleanup_close_ int other = openat(state->root, ctx->id, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	/* One without a record is being made or removed at this moment; its lock comes first and goes last. */
	if (other < 0 || faccessat(other, RECORD_FILE, F_OK, AT_EACCESS) < 0 || flock(other, LOCK_EX | LOCK_NB) < 0)
		return ctx_fail(ctx, 0, "there is a container '%s' already: give another --name", ctx->id);
	return ctx_fail(ctx, 0,
			"the name '%s' is taken by what a killed contain left behind in %s/%s: give another --name",
			ctx->id, state->root_path, ctx->id);
}

int state_reserve(struct contain_ctx *ctx, struct state *state, const char *root)
{
	int result;

	*state = (struct state){ -1, -1, root };
	result = open_root(ctx, state);
	if (result < 0)
		return result;
	if (mkdirat(state->root, ctx->id, 0700) < 0) {
		if (errno == EEXIST)
			return fail_in_use(ctx, state);
		return ctx_fail(ctx, errno, "can't make the state directory %s/%s", root, ctx->id);
	}
	state->directory = openat(state->root, ctx->id, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (state->directory < 0 || lock(state->directory) < 0)
		result = ctx_fail(ctx, errno, "can't lock the state directory %s/%s", root, ctx->id);
	if (result == 0 && (result = record_create(&ctx->record, state->directory)) < 0)
		ctx_fail(ctx, -result, "can't make a record in %s/%s", root, ctx->id);
	if (result < 0)
		unlinkat(state->root, ctx->id, AT_REMOVEDIR);
	return result;
}

int state_write(const struct state *state, const char *name, const void *bytes, size_t length)
{
	_cleanup_close_ int fd = openat(state->directory, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	return fd < 0 ? -errno : fd_write_all(fd, bytes, length);
}

int state_remove(struct contain_ctx *ctx, struct state *state)
{
	static const char *const files[] = { "config", RECORD_FILE };

	if (state->directory < 0)
		return 0;
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		if (unlinkat(state->directory, files[i], 0) < 0 && errno != ENOENT)
			return ctx_fail(ctx, errno, "can't remove %s/%s/%s", state->root_path, ctx->id, files[i]);
	}
	if (unlinkat(state->root, ctx->id, AT_REMOVEDIR) < 0 && errno != ENOENT)
		return ctx_fail(ctx, errno, "can't remove the state directory %s/%s", state->root_path, ctx->id);
	return 0;
}

void state_close(struct state *state)
{
	cleanup_close(&state->directory);
	cleanup_close(&state->root);
	state->directory = state->root = -1;
}
