/* SPDX-License-Identifier: MIT */
/* A string that grows. Running out of memory is remembered and told by text_error(). */
#pragma once

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

struct text {
	char *chars; /* NUL at the end, or NULL while empty */
	size_t length, room;
	int error; /* 0 or -ENOMEM */
};

void text_add(struct text *text, const char *chars);
void text_add_bytes(struct text *text, const char *bytes, size_t length);
void text_printf(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
void text_vprintf(struct text *text, const char *format, va_list args) __attribute__((format(printf, 2, 0)));

/* One more word, with a blank in front of it unless it is the first. */
void text_word(struct text *text, const char *word);

/*
 * One whole line of a list such as errors, ended by a newline. Control characters, which can only come from what a user
 * wrote, become '?': they neither break the line nor reach the terminal.
 */
void text_line(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* How many strings an array has in front of its NULL. */
size_t strings_count(char *const *strings);

/* What was written so far, never NULL, owned by the text. */
const char *text_peek(const struct text *text);

/* 0 or -ENOMEM, if anything that was added got lost. */
int text_error(const struct text *text);

void text_free(struct text *text);
#define _cleanup_text_ __attribute__((cleanup(text_free)))
