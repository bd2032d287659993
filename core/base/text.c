/* SPDX-License-Identifier: MIT */
#include "base/text.h"

#include <ctype.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Room for `more` bytes and the NUL. */
static bool reserve(struct text *text, size_t more)
{
	size_t room = text->room ? text->room : 64;
	size_t needed;
	char *chars;

	if (text->error)
		return false;
	if (__builtin_add_overflow(text->length, more, &needed) || __builtin_add_overflow(needed, 1, &needed)) {
		text->error = -ENOMEM;
		return false;
	}
	if (needed <= text->room)
		return true;
	while (room < needed)
		room = room > SIZE_MAX / 2 ? needed : room * 2;
	chars = realloc(text->chars, room);
	if (!chars) {
		text->error = -ENOMEM;
		return false;
	}
	text->chars = chars;
	text->room = room;
	return true;
}

void text_add_bytes(struct text *text, const char *bytes, size_t length)
{
	if (!reserve(text, length))
		return;
	if (length)
		memcpy(text->chars + text->length, bytes, length);
	text->length += length;
	text->chars[text->length] = '\0';
}

void text_add(struct text *text, const char *chars)
{
	text_add_bytes(text, chars, strlen(chars));
}

void text_vprintf(struct text *text, const char *format, va_list args)
{
	va_list again;
	int length;

	va_copy(again, args);
	length = vsnprintf(NULL, 0, format, again);
	va_end(again);
	if (length < 0)
		text->error = -ENOMEM;
	if (length < 0 || !reserve(text, (size_t)length))
		return;
	vsnprintf(text->chars + text->length, (size_t)length + 1, format, args);
	text->length += (size_t)length;
}

void text_printf(struct text *text, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	text_vprintf(text, format, args);
	va_end(args);
}

void text_word(struct text *text, const char *word)
{
	if (text->length > 0)
		text_add(text, " ");
	text_add(text, word);
}

void text_line(struct text *text, const char *format, ...)
{
	va_list args;
	size_t start;

	if (text->length && text->chars[text->length - 1] != '\n')
		text_add(text, "\n");
	start = text->length;
	va_start(args, format);
	text_vprintf(text, format, args);
	va_end(args);
	for (size_t i = start; i < text->length; i++)
		if (iscntrl((unsigned char)text->chars[i]))
			text->chars[i] = '?';
	text_add(text, "\n");
}

size_t strings_count(char *const *strings)
{
	size_t count = 0;

	while (strings[count])
		count++;
	return count;
}

const char *text_peek(const struct text *text)
{
	return text->chars ? text->chars : "";
}

int text_error(const struct text *text)
{
	return text->error;
}

void text_free(struct text *text)
{
	free(text->chars);
	*text = (struct text){ 0 };
}
