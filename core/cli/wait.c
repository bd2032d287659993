/* SPDX-License-Identifier: MIT */
/* contain wait: the end of a container, and its exit status. */
#include <contain/plugin.h>

#include <stdio.h>

#include "cli/cli.h"
#include "container/command.h"
#include "container/container.h"

static int wait_for(struct cli *cli, const char *id)
{
	struct container container;
	struct life life;
	int result;

	cli_open(cli, &container);
	result = container_load(&container, cli->global.root, id, 0, LOAD_RECORD);
	if (result == 0)
		result = container_await(&container, &life);
	if (result == 0 && life.exit_known) {
		printf("%d\n", life.exit_status);
		fflush(stdout);
	} else if (result == 0) {
		result = ctx_fail(
			&container.ctx, 0,
			"the container '%s' has stopped, exit status unknown: no process of contain saw its end", id);
	}
	return cli_close(&container, result);
}

int cmd_wait(struct cli *cli)
{
	return cli_for_each(cli, wait_for);
}
