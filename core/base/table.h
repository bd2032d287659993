/* SPDX-License-Identifier: MIT */
/* Words in rows and columns, each column as wide as it needs to be. Pure. */
#pragma once

#include <stddef.h>

#include "base/text.h"

/* Start with { .columns = n }. */
struct table {
	size_t columns;
	struct text *cells; /* row after row; owned */
	size_t count;
	int error; /* 0 or -ENOMEM */
};

/*
 * Add the next cell (copied), from left to right and row after row; NULL is an empty one. What a terminal would act
 * upon becomes '?'.
 */
void table_add(struct table *table, const char *cell);

/* A whole row: as many cells as there are columns. */
void table_row(struct table *table, ...);

/*
 * Add the rows to text, a line each, with `indent` in front. No line ends in blanks; the last column is as wide as its
 * cell, and a cell that is much wider than usual moves only its own row. Nothing if there are no rows.
 */
void table_text(const struct table *table, const char *indent, struct text *text);

void table_free(struct table *table);
#define _cleanup_table_ __attribute__((cleanup(table_free)))
