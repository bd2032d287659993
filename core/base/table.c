/* SPDX-License-Identifier: MIT */
#include "base/table.h"

#include <errno.h>
#include <stdlib.h>

#include "base/utf8.h"

#define WIDEST 40 /* of a column: what is wider would push the others off the screen */
#define GAP    2

void table_add(struct table *table, const char *cell)
{
	struct text *more = reallocarray(table->cells, table->count + 1, sizeof(*more));

	if (!more) {
		table->error = -ENOMEM;
		return;
	}
	table->cells = more;
	more[table->count] = (struct text){ 0 };
	text_add(&more[table->count], cell ? cell : "");
	if (more[table->count].chars)
		utf8_mask(more[table->count].chars);
	else
		table->error = -ENOMEM;
	table->count++;
}

void table_row(struct table *table, ...)
{
	va_list cells;

	va_start(cells, table);
	for (size_t i = 0; i < table->columns; i++)
		table_add(table, va_arg(cells, const char *));
	va_end(cells);
}

/* In characters: a byte that only goes on with one counts for nothing. */
static size_t width(const struct text *cell)
{
	size_t characters = 0;

	for (const char *c = text_peek(cell); *c; c++)
		characters += ((unsigned char)*c & 0xc0) != 0x80;
	return characters;
}

static size_t column_width(const struct table *table, size_t column)
{
	size_t widest = 0;

	for (size_t i = column; i < table->count; i += table->columns) {
		size_t one = width(&table->cells[i]);

		if (one > widest && one <= WIDEST)
			widest = one;
	}
	return widest;
}

void table_text(const struct table *table, const char *indent, struct text *text)
{
	size_t *widths = calloc(table->columns + 1, sizeof(*widths));

	if (!widths || table->error)
		text->error = -ENOMEM;
	for (size_t i = 0; widths && i < table->columns; i++)
		widths[i] = column_width(table, i);
	for (size_t row = 0; widths && row + table->columns <= table->count; row += table->columns) {
		size_t blanks = 0;

		text_add(text, indent);
		for (size_t i = 0; i < table->columns; i++) {
			const struct text *cell = &table->cells[row + i];
			size_t own = width(cell), room = widths[i] + GAP;

			if (own > 0)
				text_printf(text, "%*s%s", (int)blanks, "", text_peek(cell));
			blanks = own > 0 ? 0 : blanks;
			blanks += room > own + GAP ? room - own : GAP;
		}
		text_add(text, "\n");
	}
	free(widths);
}

void table_free(struct table *table)
{
	for (size_t i = 0; i < table->count; i++)
		text_free(&table->cells[i]);
	free(table->cells);
	*table = (struct table){ 0 };
}
