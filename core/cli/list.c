/* SPDX-License-Identifier: MIT */
/* contain list: a line for each container. It reads small files, and loads no plugin. */
#include <contain/plugin.h>

#include <errno.h>
#include <stdio.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/utf8.h"
#include "cli/cli.h"
#include "cli/own_flags.h"
#include "cli/show.h"
#include "container/command.h"
#include "container/container.h"

const struct contain_option list_options[] = {
	CONTAIN_BOOL_OPTION(struct list_flags, quiet, "ids", .flag = "quiet", .short_flag = 'q', .help = "ids alone"),
	CONTAIN_BOOL_OPTION(struct list_flags, json, "json", .flag = "json", .help = "as JSON"), CONTAIN_OPTIONS_END
};

#define COMMAND_MOST 60 /* characters of it that are shown */

/* "12s", "5m 3s", "2h 14m", "3d 4h" */
static void add_span(struct text *text, int64_t seconds)
{
	if (seconds < 60)
		text_printf(text, "%llds", (long long)seconds);
	else if (seconds < 3600)
		text_printf(text, "%lldm %llds", (long long)seconds / 60, (long long)seconds % 60);
	else if (seconds < 86400)
		text_printf(text, "%lldh %lldm", (long long)seconds / 3600, (long long)seconds / 60 % 60);
	else
		text_printf(text, "%lldd %lldh", (long long)seconds / 86400, (long long)seconds / 3600 % 24);
}

/* "running", "stopped (0)", "stopped (?)": exit status unknown. */
static void add_status(struct text *text, const struct life *life)
{
	text_add(text, life_name(life->status));
	if (life->status == LIFE_STOPPED && life->exit_known)
		text_printf(text, " (%d)", life->exit_status);
	else if (life->abandoned && life->pid)
		text_add(text, " (orphan)");
	else if (life->abandoned && !life->detached)
		text_add(text, " (killed)");
	/* Else whoever saw it end is about to say so. */
	else if (life->abandoned || life->undone)
		text_add(text, " (?)");
}

/* What the image and the user chose is shown without what a terminal would act upon. */
static void print_row(const struct container *container, const struct life *life)
{
	_cleanup_text_ struct text status = { 0 }, uptime = { 0 }, command = { 0 };
	int64_t until = life->ended_usec ? life->ended_usec : life->pid ? life_now_usec() : 0;
	char created[32] = "-";
	time_t seconds = (time_t)(container->mode.created_usec / 1000000);
	struct tm local;

	add_status(&status, life);
	if (life->started_usec && until >= life->started_usec)
		add_span(&uptime, (until - life->started_usec) / 1000000);
	if (container->argv)
		show_words(&command, container->argv);
	if (seconds && localtime_r(&seconds, &local))
		strftime(created, sizeof(created), "%Y-%m-%d %H:%M:%S", &local);
	if (command.length > COMMAND_MOST)
		command.chars[COMMAND_MOST] = '\0';
	/* After the cut, which may be within a character. */
	if (command.chars)
		utf8_mask(command.chars);
	printf("%-20s %8d  %-16s %-19s  %-10s %s\n", container->ctx.id, life->pid, text_peek(&status), created,
	       uptime.length ? text_peek(&uptime) : "-", text_peek(&command));
}

struct listing {
	const struct list_flags *flags;
	size_t count, failures;
};

/* Not before it is known that there is something to list, or nothing. */
static void print_head(const struct list_flags *flags)
{
	if (flags->json)
		fputs("[", stdout);
	else if (!flags->quiet)
		printf("%-20s %8s  %-16s %-19s  %-10s %s\n", "ID", "PID", "STATUS", "CREATED", "UPTIME", "COMMAND");
}

static void print_one(struct listing *listing, const struct container *container)
{
	struct life life;

	container_life(container, &life);
	if (listing->flags->json) {
		_cleanup_text_ struct text json = { 0 };

		text_add(&json, listing->count > 1 ? ",\n {" : "\n {");
		show_json_life(&json, container, &life);
		show_json_words(&json, "command", container->argv);
		text_add(&json, "}");
		fputs(text_peek(&json), stdout);
	} else {
		print_row(container, &life);
	}
}

/* One that can't be read hides no other. */
static int list_one(struct cli *cli, const char *id, void *user)
{
	struct listing *listing = user;
	struct container container;
	int result;

	if (listing->flags->quiet && !listing->flags->json) {
		puts(id);
		return 0;
	}
	cli_open(cli, &container);
	result = container_load(&container, cli->global.root, id, 0, LOAD_RECORD | LOAD_COMMAND);
	/* It has gone meanwhile. */
	if (result == -ENOENT)
		container.ctx.failure.err = result = 0;
	else if (result == 0) {
		if (listing->count++ == 0)
			print_head(listing->flags);
		print_one(listing, &container);
	}
	if (result < 0)
		listing->failures++;
	cli_close(&container, result);
	return 0;
}

int cmd_list(struct cli *cli)
{
	struct listing listing = { 0 };
	int result = cli_read_words(cli, true);

	if (result != 0)
		return result < 0 ? STATUS_FAILED : 0;
	listing.flags = cli->own.self;
	result = show_each(cli, list_one, &listing);
	if (result == 0 && listing.count == 0)
		print_head(listing.flags);
	if (listing.flags->json && (listing.count > 0 || result == 0))
		fputs("\n]\n", stdout);
	return result < 0 || listing.failures > 0 ? STATUS_FAILED : 0;
}
