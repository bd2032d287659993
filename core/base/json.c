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
		} else if (*s < ' ' || *s == 0x7f) {
			text_printf(text, "\\u%04x", *s);
		} else if (!utf8_visible(s)) {
			/* C1, which a terminal would act upon: C2 is its first byte, and the second its number. */
			text_printf(text, "\\u%04x", s[1]);
		} else {
			text_add_bytes(text, (const char *)s, length);
		}
		s += length;
	}
	text_add(text, "\"");
}

void json_member(struct text *text, const char *key, const char *string)
{
	text_printf(text, ",\"%s\":", key);
	if (string)
		json_string(text, string);
	else
		text_add(text, "null");
}

void json_member_bool(struct text *text, const char *key, bool value)
{
	text_printf(text, ",\"%s\":%s", key, value ? "true" : "false");
}

void json_next(struct text *text)
{
	if (text->length > 0 && text->chars[text->length - 1] != '[')
		text_add(text, ",");
}
