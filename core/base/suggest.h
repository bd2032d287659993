/* SPDX-License-Identifier: MIT */
/* "did you mean": the nearest of some names. Pure. */
#pragma once

#include <stddef.h>

struct suggestion {
	const char *wrong;
	const char *best; /* NULL while none is near enough */
	size_t distance;
};

/* Start with { .wrong = name }, offer every name that exists, read .best. */
void suggest_offer(struct suggestion *suggestion, const char *name);

/* " (did you mean 'X'?)" into text, or "" if nothing is near. Returns text. */
const char *suggest_text(const struct suggestion *suggestion, char *text, size_t size);
