/* SPDX-License-Identifier: MIT */
#include "cli/template.h"

#include <string.h>

static const struct template_word *word_at(const char *text, const struct template_word *words, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (strncmp(text, words[i].word, strlen(words[i].word)) == 0)
			return &words[i];
	}
	return NULL;
}

int template_fill(const char *text, const struct template_word *words, size_t count, struct text *to)
{
	const char *plain = text;

	while (*text) {
		const struct template_word *found = word_at(text, words, count);

		if (!found) {
			text++;
			continue;
		}
		text_add_bytes(to, plain, (size_t)(text - plain));
		text_add(to, found->value);
		text += strlen(found->word);
		plain = text;
	}
	text_add(to, plain);
	return text_error(to);
}
