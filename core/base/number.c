/* SPDX-License-Identifier: MIT */
#include "base/number.h"

#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

struct unit {
	const char *name;
	int64_t worth;
};

static const struct unit byte_units[] = {
	{ "", 1 },
	{ "K", INT64_C(1) << 10 },
	{ "M", INT64_C(1) << 20 },
	{ "G", INT64_C(1) << 30 },
	{ "T", INT64_C(1) << 40 },
};
static const struct unit time_units[] = { { "us", 1 }, { "ms", 1000 }, { "s", 1000000 } };

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define DIGITS       "0123456789"

static int refuse(int error, const char *words, const char **why)
{
	*why = words;
	return error;
}

const char *number_rest(const char *text, bool size)
{
	size_t digits;

	if (!size && *text == '-')
		text++;
	digits = strspn(text, DIGITS);
	if (!digits)
		return NULL;
	text += digits;
	return size && *text && strchr("KMGT", *text) ? text + 1 : text;
}

/* The digits at the beginning of text; false if they are more than INT64_MAX + 1, which a minus needs. */
static bool read_digits(const char *text, uint64_t *value)
{
	const uint64_t limit = (uint64_t)INT64_MAX + 1;

	for (*value = 0; *text >= '0' && *text <= '9'; text++) {
		uint64_t digit = (uint64_t)(*text - '0');

		if (*value > (limit - digit) / 10)
			return false;
		*value = *value * 10 + digit;
	}
	return true;
}

int number_parse(const char *text, int64_t *value, const char **why)
{
	const char *rest = number_rest(text, false);
	bool negative = *text == '-';
	uint64_t magnitude;

	if (!*text)
		return refuse(-EINVAL, "is empty", why);
	if (!rest)
		return refuse(-EINVAL, "is not a number", why);
	if (*rest)
		return refuse(-EINVAL, "has something else behind the number", why);
	if (!read_digits(text + negative, &magnitude) || (!negative && magnitude > INT64_MAX))
		return refuse(-ERANGE, negative ? "is too small" : "is too large", why);
	*value = negative ? (int64_t)(0 - magnitude) : (int64_t)magnitude;
	return 0;
}

int number_parse_size(const char *text, int64_t *value, const char **why)
{
	const char *rest = number_rest(text, true);
	uint64_t digits;
	int64_t bytes;

	if (!*text)
		return refuse(-EINVAL, "is empty", why);
	if (!strcmp(text, "max")) {
		*value = INT64_MAX;
		return 0;
	}
	if (*text == '-' && number_rest(text + 1, true))
		return refuse(-ERANGE, "is negative", why);
	if (!rest)
		return refuse(-EINVAL, "is not a number of bytes, such as 64M", why);
	if (*rest)
		return refuse(-EINVAL, "has something else behind the number", why);
	if (!read_digits(text, &digits) || digits >= INT64_MAX)
		return refuse(-ERANGE, "is too large", why);
	bytes = (int64_t)digits;
	for (size_t i = 1; i < COUNT(byte_units); i++)
		if (rest[-1] == byte_units[i].name[0] && __builtin_mul_overflow(bytes, byte_units[i].worth, &bytes))
			return refuse(-ERANGE, "is too large", why);
	*value = bytes;
	return 0;
}

int number_parse_bool(const char *text, int *value, const char **why)
{
	static const char *const words[][2] = { { "no", "yes" }, { "off", "on" }, { "false", "true" }, { "0", "1" } };

	if (!*text)
		return refuse(-EINVAL, "is empty", why);
	for (size_t i = 0; i < COUNT(words); i++) {
		for (int truth = 0; truth < 2; truth++) {
			if (!strcasecmp(text, words[i][truth])) {
				*value = truth;
				return 0;
			}
		}
	}
	return refuse(-EINVAL, "is not yes or no", why);
}

const char *number_size_text(int64_t bytes, char text[32])
{
	size_t i = COUNT(byte_units) - 1;

	if (bytes == INT64_MAX)
		return strcpy(text, "max");
	while (i && (!bytes || bytes % byte_units[i].worth))
		i--;
	snprintf(text, 32, "%" PRId64 "%s", bytes / byte_units[i].worth, byte_units[i].name);
	return text;
}

/* Three digits that count, without zeros at their end, in the unit that keeps them short. */
static const char *rounded(int64_t value, const struct unit *units, size_t count, char text[32])
{
	const struct unit *unit = units;
	const char *point;
	size_t length;
	double scaled;

	/* Half a unit earlier: what rounds up to 1024K is 1M. */
	while (unit + 1 < units + count && value >= unit[1].worth - unit->worth / 2)
		unit++;
	scaled = (double)value / (double)unit->worth;
	snprintf(text, 32, "%.*f", unit == units || scaled >= 100 ? 0 : scaled >= 10 ? 1 : 2, scaled);
	point = strchr(text, '.');
	length = strlen(text);
	while (point && (text[length - 1] == '0' || text + length - 1 == point))
		if (text[--length] == '.')
			break;
	snprintf(text + length, 32 - length, "%s", unit->name);
	return text;
}

const char *number_bytes_for_people(int64_t bytes, char text[32])
{
	if (bytes == INT64_MAX)
		return strcpy(text, "max");
	return rounded(bytes, byte_units, COUNT(byte_units), text);
}

const char *number_usec_for_people(int64_t usec, char text[32])
{
	return rounded(usec, time_units, COUNT(time_units), text);
}
