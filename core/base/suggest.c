/* SPDX-License-Identifier: MIT */
#include "base/suggest.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define LONGEST 64 /* of a name that is compared; no key or plugin has a longer one */

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

static bool same(char a, char b)
{
	return tolower((unsigned char)a) == tolower((unsigned char)b);
}

/* Insertions, deletions, changes and swaps of neighbours from one name to the other (optimal string alignment). */
static size_t distance(const char *a, size_t a_length, const char *b, size_t b_length)
{
	size_t rows[3][LONGEST + 1];
	size_t *before = rows[0], *last = rows[1], *row = rows[2];

	for (size_t j = 0; j <= b_length; j++)
		last[j] = j;
	for (size_t i = 1; i <= a_length; i++) {
		size_t *reused = before;

		row[0] = i;
		for (size_t j = 1; j <= b_length; j++) {
			row[j] = least(last[j - 1] + !same(a[i - 1], b[j - 1]), least(last[j], row[j - 1]) + 1);
			if (i > 1 && j > 1 && same(a[i - 1], b[j - 2]) && same(a[i - 2], b[j - 1]))
				row[j] = least(row[j], before[j - 2] + 1);
		}
		before = last;
		last = row;
		row = reused;
	}
	return last[b_length];
}

void suggest_offer(struct suggestion *suggestion, const char *name)
{
	size_t wrong_length = strlen(suggestion->wrong), length = strlen(name);
	/* A third of the letters may be wrong: more and anything resembles anything. */
	size_t limit = wrong_length < 2 ? 0 : wrong_length < 6 ? 1 : wrong_length / 3;
	size_t steps;

	if (!length || length > LONGEST || wrong_length > LONGEST)
		return;
	steps = distance(suggestion->wrong, wrong_length, name, length);
	/* The beginning of a name is nearer than any other: --net is --network, and not --set. */
	if (wrong_length >= 3 && wrong_length < length && strncasecmp(suggestion->wrong, name, wrong_length) == 0)
		steps = 0;
	if (steps > limit || (suggestion->best && steps >= suggestion->distance))
		return;
	suggestion->best = name;
	suggestion->distance = steps;
}

const char *suggest_text(const struct suggestion *suggestion, char *text, size_t size)
{
	if (suggestion->best)
		snprintf(text, size, " (did you mean '%s'?)", suggestion->best);
	else if (size)
		text[0] = '\0';
	return text;
}
