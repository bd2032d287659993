/* SPDX-License-Identifier: MIT */
/* Bytes on their way from one descriptor to another, without ever waiting for either. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct pump {
	int from, to; /* borrowed; -1: closed */
	size_t begin, end;
	bool ended;  /* `from` has no more, or `to` takes no more */
	bool broken; /* that is: `to` takes no more */
	char bytes[16384];
};

/* For poll(2): the descriptor to wait for reading or writing, -1 if this pump needs none now. */
int pump_reads(const struct pump *pump);
int pump_writes(const struct pump *pump);

/*
 * Read once what is there. The bytes that came, to be looked at or changed before they are written; 0 if none did, and
 * ->ended is set where none will come again (end of file, or EIO of a terminal that nobody has open).
 */
size_t pump_read(struct pump *pump, char **bytes);

/* Write once what there is; a `to` that refuses ends the pump and drops it. */
void pump_write(struct pump *pump);

/* Whether everything has been passed on, or can't be. */
bool pump_done(const struct pump *pump);

/* Add bytes of our own behind what is there, as far as there is room. */
void pump_add(struct pump *pump, const char *bytes, size_t length);
