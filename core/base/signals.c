/* SPDX-License-Identifier: MIT */
#include "base/signals.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/number.h"

const char *signal_text(int number, char text[24])
{
	const char *name = sigabbrev_np(number);

	if (name)
		snprintf(text, 24, "SIG%s", name);
	else if (number >= SIGRTMIN && number <= SIGRTMAX)
		snprintf(text, 24, "SIGRTMIN+%d", number - SIGRTMIN);
	else
		snprintf(text, 24, "signal %d", number);
	return text;
}

/* "+3" or "" behind a name, within the signals of real time. */
static int parse_realtime(int base, const char *rest)
{
	const char *why;
	int64_t offset = 0;

	if (*rest && (strchr("+-", *rest) == NULL || number_parse(*rest == '+' ? rest + 1 : rest, &offset, &why) < 0))
		return -EINVAL;
	if (*rest == '+' && offset < 0)
		return -EINVAL;
	if (offset < -64 || offset > 64 || base + offset < SIGRTMIN || base + offset > SIGRTMAX)
		return -EINVAL;
	return base + (int)offset;
}

int signal_parse(const char *text)
{
	const char *why, *name = text;
	int64_t number;

	if (number_parse(text, &number, &why) == 0)
		return number > 0 && number <= SIGRTMAX ? (int)number : -EINVAL;
	if (strncasecmp(name, "SIG", 3) == 0)
		name += 3;
	if (strncasecmp(name, "RTMIN", 5) == 0)
		return parse_realtime(SIGRTMIN, name + 5);
	if (strncasecmp(name, "RTMAX", 5) == 0)
		return parse_realtime(SIGRTMAX, name + 5);
	for (int one = 1; one < NSIG; one++) {
		const char *known = sigabbrev_np(one);

		if (known && strcasecmp(known, name) == 0)
			return one;
	}
	return -EINVAL;
}
