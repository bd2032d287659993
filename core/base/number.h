/* SPDX-License-Identifier: MIT */
/* Numbers as people write them. Pure; every refusal comes with its own words. */
#pragma once

#include <stdint.h>

/*
 * Each returns 0 and sets *value, or -EINVAL / -ERANGE and sets *why to a static text that completes "VALUE: ...":
 * "is empty", "is not a number", "is negative", "has '...' behind the number", "is too large".
 */

/* Decimal, optional minus. */
int number_parse(const char *text, int64_t *value, const char **why);

/* Bytes: digits with an optional K, M, G or T, powers of 1024, or "max" (INT64_MAX). Zero is a number here. */
int number_parse_size(const char *text, int64_t *value, const char **why);

/* yes/no, on/off, true/false, 1/0. */
int number_parse_bool(const char *text, int *value, const char **why);

/* The reverse of number_parse_size, exact: 67108864 is "64M", 1000 is "1000", INT64_MAX "max". Returns text. */
const char *number_size_text(int64_t bytes, char text[32]);

/* For reports, rounded: "12.5M", "980K", "17"; microseconds as "850us", "12.3ms", "4.56s". Returns text. */
const char *number_bytes_for_people(int64_t bytes, char text[32]);
const char *number_usec_for_people(int64_t usec, char text[32]);
