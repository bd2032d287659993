/* SPDX-License-Identifier: MIT */
/*
 * A row of values in bytes, for a process of ours that runs the same executable: the resolved configuration. Reading
 * checks every bound; the first error is kept, and what is read after it is zero, so it is asked for once at the end.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct wire {
	char *bytes; /* writing: owned and growing; reading: borrowed */
	size_t length, room, at;
	int error; /* 0, -ENOMEM (writing), -EBADMSG (reading) */
};

void wire_put_number(struct wire *wire, int64_t value);
void wire_put_bytes(struct wire *wire, const void *bytes, size_t length);
void wire_put_string(struct wire *wire, const char *string); /* NULL is a value too */

int64_t wire_get_number(struct wire *wire);
/* Exactly that many bytes; else -EBADMSG. */
void wire_get_bytes(struct wire *wire, void *bytes, size_t length);
/* Points into the wire's bytes: lives as long as they do. NULL if NULL was put. */
const char *wire_get_string(struct wire *wire);

void wire_free(struct wire *wire); /* after writing */
#define _cleanup_wire_ __attribute__((cleanup(wire_free)))
