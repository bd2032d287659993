/* SPDX-License-Identifier: MIT */
/*
 * A terminal that the command shares with us: it becomes the terminal's foreground process group, as a shell does with a
 * job, so that Ctrl-C and its like go to the command alone; and afterwards everything is as it was.
 */
#include "container/container.h"

#include <unistd.h>

void container_give_terminal(struct container *container)
{
	/* Only while it is ours to give: in the background another process group has it (termios(3), job control). */
	if (container->ctx.pid > 0 && container->pidfd >= 0 && container->use_terminal &&
	    tcgetpgrp(STDIN_FILENO) == getpgrp())
		tcsetpgrp(STDIN_FILENO, container->ctx.pid);
}

void container_take_terminal(struct container *container)
{
	if (!container->use_terminal)
		return;
	/* From the background this works because SIGTTOU is blocked. */
	if (tcgetpgrp(STDIN_FILENO) == container->ctx.pid || tcgetpgrp(STDIN_FILENO) < 0)
		tcsetpgrp(STDIN_FILENO, getpgrp());
	tcsetattr(STDIN_FILENO, TCSADRAIN, &container->terminal);
}
