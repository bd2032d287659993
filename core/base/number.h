/* SPDX-License-Identifier: MIT */
/* Numbers as people write them. Pure; every refusal comes with its own words. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/*
 * Each returns 0 and sets *value, or -EINVAL / -ERANGE and sets *why to a static text that completes "VALUE ...":
 * "is empty", "is not a number", "has something else behind the number" (number_rest() tells what), and for -ERANGE
 * "is negative", "is too large", "is too small".
 */

/* Decimal, optional minus. */
int number_parse(const char *text, int64_t *value, const char **why);

/*
 * Bytes: digits with an optional K, M, G or T, powers of 1024, or "max" (INT64_MAX, which digits never give). Zero is a
 * number here.
 */
int number_parse_size(const char *text, int64_t *value, const char **why);

/* yes/no, on/off, true/false, 1/0, in any case of letters. */
int number_parse_bool(const char *text, int *value, const char **why);

/*
 * What stands behind the number (with `size` behind its unit) at the beginning of text: "Q" of "64Q", "" of "64".
 * NULL if no number is there. Points into text.
 */
const char *number_rest(const char *text, bool size);

/* The reverse of number_parse_size, exact: 67108864 is "64M", 1000 is "1000", INT64_MAX "max". Returns text. */
const char *number_size_text(int64_t bytes, char text[32]);

/* For reports, rounded to three digits: "12.5M", "980K", "17"; microseconds as "850us", "12.3ms", "4.56s". Returns
 * text. */
const char *number_bytes_for_people(int64_t bytes, char text[32]);
const char *number_usec_for_people(int64_t usec, char text[32]);
