/* SPDX-License-Identifier: MIT */
#include "base/clock.h"

const char *clock_utc(time_t seconds, char text[32])
{
	struct tm utc;

	*text = '\0';
	if (gmtime_r(&seconds, &utc))
		strftime(text, 32, "%Y-%m-%dT%H:%M:%S", &utc);
	return text;
}
