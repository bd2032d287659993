/* SPDX-License-Identifier: MIT */
/* contain ps: the processes in a container, as the host sees them. */
#include <contain/plugin.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/json.h"
#include "base/utf8.h"
#include "cli/cli.h"
#include "cli/own_flags.h"
#include "container/command.h"
#include "container/container.h"

const struct contain_option ps_options[] = {
	CONTAIN_BOOL_OPTION(struct ps_flags, json, "json", .flag = "json", .help = "as JSON"), CONTAIN_OPTIONS_END
};

#define COMMAND_SIZE 4096

struct row {
	pid_t pid, inside; /* inside: in its innermost pid namespace */
	unsigned uid;
	char state;
	unsigned long long ticks; /* cpu time */
	char command[COMMAND_SIZE];
};

static bool read_status(int dir, struct row *row)
{
	char text[8192], *line, *last;

	if (file_read_at(dir, "status", text, sizeof(text)) < 0)
		return false;
	line = strstr(text, "\nState:\t");
	row->state = line ? line[8] : '?';
	line = strstr(text, "\nUid:\t");
	row->uid = line ? (unsigned)strtoul(line + 6, NULL, 10) : 0;
	row->inside = row->pid;
	line = strstr(text, "\nNSpid:\t");
	if (line) {
		line[1 + strcspn(line + 1, "\n")] = '\0';
		last = strrchr(line, '\t');
		row->inside = (pid_t)atoi(last + 1);
	}
	return true;
}

/* Fields 14 and 15 of stat: user and system time (proc_pid_stat(5)). */
static void read_ticks(int dir, struct row *row)
{
	unsigned long long user, system;
	char text[1024], *field;

	if (file_read_at(dir, "stat", text, sizeof(text)) < 0 || !(field = strrchr(text, ')')))
		return;
	if (sscanf(field + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu", &user, &system) == 2)
		row->ticks = user + system;
}

/* What the process says of itself may be anything: who prints it keeps control characters from the terminal. */
static void read_command(int dir, struct row *row)
{
	ssize_t n = file_read_at(dir, "cmdline", row->command, sizeof(row->command));

	if (n <= 0) {
		/* Its name, in brackets, as ps(1) shows one without arguments. */
		n = file_read_at(dir, "comm", row->command + 1, sizeof(row->command) - 2);
		n = n > 0 ? n : 1;
		row->command[0] = '[';
		row->command[n] = ']';
		row->command[++n] = '\0';
	}
	while (n > 0 && row->command[n - 1] == '\0')
		n--;
	for (ssize_t i = 0; i < n; i++)
		row->command[i] = row->command[i] == '\0' ? ' ' : row->command[i];
}

static bool read_row(pid_t pid, struct row *row)
{
	_cleanup_close_ int dir = -1;
	char path[32];

	*row = (struct row){ .pid = pid };
	snprintf(path, sizeof(path), "/proc/%d", pid);
	dir = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0 || !read_status(dir, row))
		return false;
	read_ticks(dir, row);
	read_command(dir, row);
	return true;
}

static void print_row(struct row *row, bool json, bool first)
{
	long hertz = sysconf(_SC_CLK_TCK);
	double seconds = (double)row->ticks / (double)(hertz > 0 ? hertz : 100);
	_cleanup_text_ struct text command = { 0 };

	if (!json) {
		utf8_mask(row->command);
		printf("%8d %8d %8u  %c %10.2fs  %s\n", row->pid, row->inside, row->uid, row->state, seconds,
		       row->command);
		return;
	}
	json_string(&command, row->command);
	printf("%s\n {\"pid\":%d,\"inside\":%d,\"uid\":%u,\"state\":\"%c\",\"cpu_time_usec\":%lld,\"command\":%s}",
	       first ? "" : ",", row->pid, row->inside, row->uid, row->state, (long long)(seconds * 1000000),
	       text_peek(&command));
}

static int list(struct cli *cli, struct container *container)
{
	const struct ps_flags *flags = cli->own.self;
	struct contain_ctx *ctx = &container->ctx;
	_cleanup_free_ pid_t *pids = NULL;
	_cleanup_free_ struct row *row = malloc(sizeof(*row));
	size_t count = 0, shown = 0;
	int result = container_load(container, cli->global.root, cli->words[0], 0, LOAD_RECORD | LOAD_ALIVE);

	if (result == 0 && !row)
		result = ctx_fail(ctx, ENOMEM, "can't list the processes");
	if (result == 0)
		result = cgroups_processes(ctx, &pids, &count);
	if (result == -ENOENT)
		return ctx_fail(ctx, 0, "the container '%s' has no cgroup to find its processes in", ctx->id);
	if (result < 0)
		return result;
	if (flags->json)
		fputs("[", stdout);
	else
		printf("%8s %8s %8s  %s %11s  %s\n", "PID", "INSIDE", "UID", "S", "TIME", "COMMAND");
	for (size_t i = 0; i < count; i++) {
		/* One that has ended since is none. */
		if (read_row(pids[i], row))
			print_row(row, flags->json, shown++ == 0);
	}
	if (flags->json)
		fputs("\n]\n", stdout);
	return 0;
}

int cmd_ps(struct cli *cli)
{
	struct container container;
	int result = cli_read_words(cli, true);

	if (result != 0)
		return result < 0 ? STATUS_FAILED : 0;
	cli_open(cli, &container);
	return cli_close(&container, list(cli, &container)) < 0 ? STATUS_FAILED : 0;
}
