/* SPDX-License-Identifier: MIT */
/* Text with words to be replaced. Pure. */
#pragma once

#include <stddef.h>

#include "base/text.h"

struct template_word {
	const char *word, *value;
};

/*
 * Add the template's text to `to`, each word that is in the table replaced by its value, in one pass: what a value
 * holds is not looked at again. 0 or -ENOMEM.
 */
int template_fill(const char *text, const struct template_word *words, size_t count, struct text *to);
