/* SPDX-License-Identifier: MIT */
/* The container's state directory, ROOT/ID: reserved before anything is made, removed after everything is undone. */
#pragma once

#include "plugin/ctx.h"

#define STATE_ROOT "/run/contain"

struct state {
	int root;      /* directory of all containers */
	int directory; /* this one's; its flock(2) is held as long as this process takes care of the container */
	const char *root_path;
};

/* Whether it is [A-Za-z0-9][A-Za-z0-9_.-]{0,63}. */
bool state_id_valid(const char *id);

/* A new id of 12 hexadecimal digits. 0 or -errno. */
int state_id_new(char id[ID_SIZE]);

/* Make and lock ROOT/ctx->id and the record in it. Fails with a message, leaving nothing. */
int state_reserve(struct contain_ctx *ctx, struct state *state, const char *root);

/* A new file of the directory; who reads it sees by its own end whether it is whole. -errno without a message. */
int state_write(const struct state *state, const char *name, const void *bytes, size_t length);

/* Remove the directory. 0 or -errno with a message. */
int state_remove(struct contain_ctx *ctx, struct state *state);

void state_close(struct state *state);
