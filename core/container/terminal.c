/* SPDX-License-Identifier: MIT */
/*
 * A terminal that the command shares with us: it becomes the terminal's foreground process group, as a shell does with
 * a job, so that Ctrl-C and its like go to the command alone; and afterwards everything is as it was.
 */
#include "container/container.h"

#include <errno.h>
#include <signal.h>
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
	pid_t foreground;

	if (!container->use_terminal)
		return;
	/*
	 * The container's, if it is the group that we made or one that its shell made for a job, whose processes are
	 * gone. A group that is alive is our caller's, who has put us into the background meanwhile.
	 */
	foreground = tcgetpgrp(STDIN_FILENO);
	if (foreground > 0 && foreground != container->ctx.pid && foreground != getpgrp() &&
	    (kill(-foreground, 0) == 0 || errno != ESRCH))
		return;
	/* From the background this works because SIGTTOU is blocked. */
	tcsetpgrp(STDIN_FILENO, getpgrp());
	/* What is in its input now may be put there by the command (TIOCSTI), for our caller's shell to read. */
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &container->terminal);
}
