/* SPDX-License-Identifier: MIT */
/*
 * What outlives a process: values by owner and key, in a journal in the container's state directory. Each change is one
 * line and one write(2), on disk (the file system's view) when the call returns; a reader passes over a last line that
 * has no newline yet, so it never sees half a change.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct record_entry {
	char *owner, *key, *value;
};

struct record {
	int fd; /* append; -1: read only */
	struct record_entry *entries;
	size_t count;
};

#define RECORD_FILE "record"

/* Make the journal in a state directory; it must not exist. 0 or -errno. */
int record_create(struct record *record, int directory);

/*
 * Open that of a state directory and read it; `write`: to go on with it, behind its last whole line. 0, -errno,
 * -EBADMSG.
 */
int record_open(struct record *record, int directory, bool write);

/* Read a journal from an open file. 0, -errno, -EBADMSG for a line that is none of ours. */
int record_read(struct record *record, int fd);

/* Saved when it returns 0; value NULL removes. -errno: nothing changed. */
int record_set(struct record *record, const char *owner, const char *key, const char *value);

/* NULL if there is none; lives until the next record_set(). */
const char *record_get(const struct record *record, const char *owner, const char *key);

void record_free(struct record *record);
