/* SPDX-License-Identifier: MIT */
/* The container's state directory, ROOT/ID: reserved before anything is made, removed after everything is undone. */
#pragma once

#include "base/text.h"
#include "plugin/ctx.h"

#define STATE_ROOT "/run/contain"

/* What may be in it, beside the record. */
#define STATE_CONFIG  "config"  /* the resolved configuration, see config.h */
#define STATE_DOOR    "start"   /* socket: a created container waits here */
#define STATE_ATTACH  "attach"  /* socket: of the monitor */
#define STATE_UPDATED "updated" /* is there: the configuration was changed since the container was made */
#define STATE_OUTPUT  "output"  /* what a detached command wrote, see output.h; and .1, what was in it before */

struct state {
	int root;      /* directory of all containers */
	int directory; /* this one's; its flock(2) is held as long as this process takes care of the container */
	bool locked;
	const char *root_path;
};

/* Whether it is [A-Za-z0-9][A-Za-z0-9_.-]{0,63}. */
bool state_id_valid(const char *id);

/* A new id of 12 hexadecimal digits. 0 or -errno. */
int state_id_new(char id[ID_SIZE]);

/*
 * Make and lock ROOT/ctx->id and the record in it. Fails with a message, leaving nothing; -EEXIST is without one: the
 * name is taken; so is -EAGAIN: it was taken, and was removed at this moment.
 */
int state_reserve(struct contain_ctx *ctx, struct state *state, const char *root);

/* The message for a name that is taken: by a container, or by what a killed contain left there. Returns -EEXIST. */
int state_fail_taken(struct contain_ctx *ctx, const char *root);

/* Open ROOT/id, which becomes ctx->id, without its lock. -ENOENT with a message if there is none. */
int state_open(struct contain_ctx *ctx, struct state *state, const char *root, const char *id);

/*
 * Take care of an open one from now on. `wait`: until whoever does it now has ended, without end. -EWOULDBLOCK without
 * a message if somebody does; -ENOENT, with one, if the container was removed meanwhile.
 */
int state_lock(struct contain_ctx *ctx, struct state *state, bool wait);

/* Whether some process takes care of it now. */
bool state_is_owned(const struct state *state);

/* Whether it was removed since it was opened. */
bool state_is_gone(const struct state *state);

/* A new file of the directory; who reads it sees by its own end whether it is whole. -errno without a message. */
int state_write(const struct state *state, const char *name, const void *bytes, size_t length);

/* The same in the place of an older one: a reader sees either. */
int state_replace(const struct state *state, const char *name, const void *bytes, size_t length);

/* A whole file of it; the caller frees *bytes. -errno without a message. */
int state_read(const struct state *state, const char *name, char **bytes, size_t *length);

/* Ids of all that there are, a line each, in order; none if there is no ROOT. 0 or -errno with a message. */
int state_list(struct contain_ctx *ctx, const char *root, struct text *ids);

/* Remove the directory. 0 or -errno with a message. */
int state_remove(struct contain_ctx *ctx, struct state *state);

void state_close(struct state *state);
