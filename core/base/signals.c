/* SPDX-License-Identifier: MIT */
#include "base/signals.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

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
