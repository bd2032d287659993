/* SPDX-License-Identifier: MIT */
#include "base/json.h"

#include "base/utf8.h"

void json_string(struct text *text, const char *string)
{
	const unsigned char *s = (const unsigned char *)string;

	text_add(text, "\"");
	while (*s) {
		size_t length = utf8_length(s);

		if (length == 0) {
			text_add(text, "\\ufffd");
			length = 1;
		} else if (*s == '"' || *s == '\\') {
			text_printf(text, "\\%c", *s);
		} else if (*s < ' ') {
			text_printf(text, "\\u%04x", *s);
		} else {
			text_add_bytes(text, (const char *)s, length);
		}
		s += length;
	}
	text_add(text, "\"");
}
