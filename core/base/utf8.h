/* SPDX-License-Identifier: MIT */
#pragma once

#include <stddef.h>

/* Length of the UTF-8 sequence at s, or 0 if it is none (RFC 3629: no overlong forms, no surrogates, to U+10FFFF). */
size_t utf8_length(const unsigned char *s);
