/* SPDX-License-Identifier: MIT */
#pragma once

#include <stddef.h>

/* Length of the UTF-8 sequence at s, or 0 if it is none (RFC 3629: no overlong forms, no surrogates, to U+10FFFF). */
size_t utf8_length(const unsigned char *s);

/*
 * How many bytes at s a terminal may be shown: a whole character, or 0 for what it would act upon (C0, DEL, and C1,
 * which is C2 80 to C2 9F in UTF-8) and what is no UTF-8, in which C1 is a byte of its own.
 */
size_t utf8_visible(const unsigned char *s);

/* Each byte that a terminal must not be shown becomes '?'; also in a copy, which the caller frees (NULL: no memory). */
void utf8_mask(char *s);
char *utf8_masked(const char *s);
