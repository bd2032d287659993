/* SPDX-License-Identifier: MIT */
#include "cli/terminal.h"

#include <contain/plugin.h>

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/tty.h"
#include "container/session.h"

bool terminal_wanted(bool asked, bool refused)
{
	return asked || (!refused && isatty(STDOUT_FILENO) && tty_is_ours(STDIN_FILENO));
}

int terminal_leave(struct contain_ctx *ctx)
{
	int null;

	if (!isatty(STDIN_FILENO) || tcgetpgrp(STDIN_FILENO) < 0 || tty_is_ours(STDIN_FILENO))
		return 0;
	null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (null < 0 || dup2(null, STDIN_FILENO) < 0)
		return ctx_fail(ctx, errno, "can't take the terminal from the command");
	close(null);
	log_line(&ctx->log, LOG_WARNING, "started in the background: the command gets no input from the terminal");
	return 0;
}

int terminal_live(struct container *container, int (*begin)(struct container *container))
{
	struct session session;
	int master, result = begin(container);

	if (result < 0 || !container->mode.terminal)
		return result < 0 ? result : container_wait(container, NULL);
	master = container->terminal;
	result = session_open(&session, master, master, master, -1);
	session.container = container;
	session.log = &container->ctx.log;
	session.signals = container->signals;
	if (result < 0) {
		ctx_fail(&container->ctx, -result, "can't use standard input and output");
		container_kill(container);
	} else {
		session_begin(&session);
		result = container_wait(container, &session.relay);
	}
	session_close(&session);
	return result;
}
