/* SPDX-License-Identifier: MIT */
/*
 * The file of a network, /run/contain-veth/NUMBER-NETWORK: who has which address, under a lock. NUMBER is that of the
 * host's network namespace (SO_NETNS_COOKIE, which unlike its inode is never given to another one), so that each has
 * networks of its own; what --root is does not matter, as the kernel's objects are the same for all.
 */
#pragma once

#include <contain/plugin.h>

#include "hosts_text.h"

/* Whoever knows a name in it gets there; but only root reads, and so locks, the folder itself, see others.h. */
#define LEASE_FOLDER      "/run/contain-veth"
#define LEASE_FOLDER_MODE 0711

struct lease {
	char path[96];
	int fd, lock; /* the file, and that of its lock; -1: not open */
	char *text;
	size_t length;
};

#define LEASE_PREFIX_SIZE 24

/* How the names of all files of the network namespace begin that the process is in. 0, or -errno with a message. */
int lease_prefix(struct contain_ctx *ctx, char prefix[LEASE_PREFIX_SIZE]);

/* The file's path for a network of the network namespace that the process is in. 0, or -errno with a message. */
int lease_path(struct contain_ctx *ctx, const char *network, char path[96]);

/*
 * Open, lock and read it; `make`: also if there is none. 0, -ENOENT without a message, or -errno with one.
 * lease_close() in any case, also of one that has never been opened (LEASE_CLOSED).
 */
int lease_open(struct contain_ctx *ctx, struct lease *lease, const char *path, bool make);
void lease_close(struct lease *lease);
#define LEASE_CLOSED    ((struct lease){ .fd = -1, .lock = -1 })
#define _cleanup_lease_ __attribute__((cleanup(lease_close)))

/* Wait for the lock of an open file or folder (flock(2)). 0, or -errno without a message. */
int lease_wait(int fd);

/* Of a file that is empty: write the head. */
int lease_begin(struct contain_ctx *ctx, struct lease *lease, const char *head);

/* One more line, with its newline: in the place of a free one if one is long enough. 0, or -errno with a message. */
int lease_write(struct contain_ctx *ctx, struct lease *lease, const char *line);

/* Free all lines with the token. */
int lease_free(struct contain_ctx *ctx, struct lease *lease, const char *token);

/* Whether a line has that token. */
bool lease_has(const struct lease *lease, const char *token);

/* Whether a line has another one. */
bool lease_has_others(const struct lease *lease, const char *token);

bool lease_is_used(const struct lease *lease);

/* Remove the file, and the folder if that was the last one. */
int lease_remove(struct contain_ctx *ctx, struct lease *lease);
