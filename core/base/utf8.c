/* SPDX-License-Identifier: MIT */
#include "base/utf8.h"

#include <stdint.h>
#include <string.h>

size_t utf8_length(const unsigned char *s)
{
	static const struct {
		unsigned char mask, lead;
		uint32_t least;
	} forms[] = { { 0x80, 0x00, 0 }, { 0xe0, 0xc0, 0x80 }, { 0xf0, 0xe0, 0x800 }, { 0xf8, 0xf0, 0x10000 } };

	for (size_t n = 0; n < 4; n++) {
		uint32_t point;

		if ((s[0] & forms[n].mask) != forms[n].lead)
			continue;
		point = s[0] & (unsigned char)~forms[n].mask;
		for (size_t i = 1; i <= n; i++) {
			if ((s[i] & 0xc0) != 0x80)
				return 0;
			point = point << 6 | (s[i] & 0x3f);
		}
		if (point < forms[n].least || point > 0x10ffff || (point >= 0xd800 && point < 0xe000))
			return 0;
		return n + 1;
	}
	return 0;
}

size_t utf8_visible(const unsigned char *s)
{
	return *s < ' ' || *s == 0x7f || (*s == 0xc2 && s[1] < 0xa0) ? 0 : utf8_length(s);
}

void utf8_mask(char *s)
{
	while (*s) {
		size_t length = utf8_visible((const unsigned char *)s);

		if (length == 0)
			*s = '?';
		s += length ? length : 1;
	}
}

char *utf8_masked(const char *s)
{
	char *copy = strdup(s);

	if (copy)
		utf8_mask(copy);
	return copy;
}
