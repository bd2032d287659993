/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdint.h>
#include <time.h>

/* Nanoseconds on the monotonic clock. */
static inline int64_t clock_nsec(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* Microseconds on the monotonic clock. */
static inline int64_t clock_usec(void)
{
	return clock_nsec() / 1000;
}

/* A time of the day as RFC 3339 has it, in UTC, without the fraction and the Z behind it. Returns text. */
const char *clock_utc(time_t seconds, char text[32]);
