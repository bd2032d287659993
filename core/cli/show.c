/* SPDX-License-Identifier: MIT */
#include "cli/show.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/json.h"

int show_each(struct cli *cli, int (*one)(struct cli *cli, const char *id, void *user), void *user)
{
	_cleanup_text_ struct text ids = { 0 };
	struct contain_ctx ctx;
	char *rest, *id;
	int result;

	ctx_init(&ctx);
	ctx.log = cli->log;
	result = state_list(&ctx, cli->global.root, &ids);
	if (result < 0)
		ctx_log_failure(&ctx);
	ctx_free(&ctx);
	rest = ids.chars;
	while (result >= 0 && rest && (id = strsep(&rest, "\n"))) {
		if (*id)
			result = one(cli, id, user);
	}
	return result;
}

void show_time(struct text *text, int64_t usec)
{
	char stamp[32];

	text_printf(text, "%s.%06lldZ", clock_utc((time_t)(usec / 1000000), stamp), (long long)(usec % 1000000));
}

void show_words(struct text *text, char *const *words)
{
	for (; *words; words++) {
		const char *quote = **words && !strpbrk(*words, " \t\n'\"\\$`") ? "" : "'";

		text_printf(text, "%s%s%s%s", text->length ? " " : "", quote, *words, quote);
	}
}

void show_json_time(struct text *text, const char *key, int64_t usec)
{
	text_printf(text, ",\"%s\":", key);
	if (usec > 0) {
		text_add(text, "\"");
		show_time(text, usec);
		text_add(text, "\"");
	} else {
		text_add(text, "null");
	}
}

void show_json_words(struct text *text, const char *key, char *const *words)
{
	text_printf(text, ",\"%s\":[", key);
	for (size_t i = 0; words && words[i]; i++) {
		json_next(text);
		json_string(text, words[i]);
	}
	text_add(text, "]");
}

static void add_list(struct text *text, const char *key, const char *words, const char *between)
{
	_cleanup_free_ char *copy = strdup(words);
	char *rest = copy, *word;

	text_printf(text, ",\"%s\":[", key);
	while ((word = strsep(&rest, between))) {
		if (!*word)
			continue;
		json_next(text);
		json_string(text, word);
	}
	text_add(text, "]");
	if (!copy)
		text->error = -ENOMEM;
}

void show_json_list(struct text *text, const char *key, const char *words)
{
	add_list(text, key, words, " ");
}

void show_json_lines(struct text *text, const char *key, const char *lines)
{
	add_list(text, key, lines, "\n");
}

void show_json_life(struct text *text, const struct container *container, const struct life *life)
{
	text_add(text, "\"id\":");
	json_string(text, container->ctx.id);
	text_printf(text, ",\"pid\":%d,\"status\":\"%s\"", life->pid, life_name(life->status));
	show_json_time(text, "created", container->mode.created_usec);
	show_json_time(text, "started", life->started_usec);
	show_json_time(text, "ended", life->ended_usec);
	if (life->exit_known)
		text_printf(text, ",\"exit_status\":%d", life->exit_status);
	else
		text_add(text, ",\"exit_status\":null");
	text_printf(text, ",\"abandoned\":%s", life->abandoned ? "true" : "false");
}
