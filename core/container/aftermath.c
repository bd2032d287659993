/* SPDX-License-Identifier: MIT */
/*
 * A hook has crashed in the parent. Nothing of this image is trusted any more, but a fresh one of the same executable
 * can tell of it and undo what was done, from the record: the descriptors that it needs go with it, and what closes on
 * exec, such as the lock, is free for it.
 */
#include "container/container.h"

#include <contain/plugin.h>

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "container/command.h"
#include "plugin/crash.h"

/* A list for a handler: numbers with a comma between, or names with a newline behind each. */
struct words {
	size_t length;
	char chars[4096];
};

static void add(struct words *words, const char *more)
{
	size_t n = strnlen(more, sizeof(words->chars) - 1 - words->length);

	memcpy(words->chars + words->length, more, n);
	words->length += n;
	words->chars[words->length] = '\0';
}

static void add_number(struct words *words, long number)
{
	char digits[24];

	add(words, words->length > 0 ? "," : "");
	add(words, crash_number(number, digits));
}

/* One that stays open for the fresh image; -1: there is none. */
static void add_fd(struct words *words, int fd)
{
	if (fd >= 0)
		fcntl(fd, F_SETFD, 0);
	add_number(words, fd);
}

static void write_all(const char *text)
{
	if (write(STDERR_FILENO, text, strlen(text)) < 0)
		_exit(STATUS_FAILED);
}

/* What would be done after a failure of that hook: who has made the container undoes it, and teardown goes on. */
static bool is_undone(const struct container *container, enum phase phase)
{
	return container->made || phase == PHASE_TEARDOWN;
}

void container_crashed(struct contain_ctx *ctx, const struct crash *crash)
{
	struct container *container = (struct container *)ctx;
	struct words numbers = { 0 }, skipped = { 0 };
	char *argv[] = { (char *)"contain",       (char *)"crashed", numbers.chars,
			 (char *)container->root, ctx->id,           (char *)crash->plugin,
			 (char *)crash->text,     skipped.chars,     NULL };

	add_fd(&numbers, ctx->log.fd);
	add_number(&numbers, ctx->log.json);
	add_number(&numbers, ctx->log.most);
	add_fd(&numbers, container->ending.report);
	add_fd(&numbers, container->ending.trace);
	add_fd(&numbers, container->ending.ready);
	add_fd(&numbers, container->tracing ? container->tracing->fd : -1);
	add_number(&numbers, crash->phase);
	add_number(&numbers, is_undone(container, crash->phase));
	/* Kept is what has come to its end. */
	add_number(&numbers, container->made && container->mode.kept && container->ended_usec > 0);
	if (container->skipped)
		add(&skipped, container->skipped);
	/* Else the fresh image would crash there, too, and the next. */
	if (crash->phase == PHASE_TEARDOWN) {
		add(&skipped, crash->plugin);
		add(&skipped, "\n");
	}
	/* Whom we trust is said by the environment, too. */
	execve("/proc/self/exe", argv, environ);
	write_all("[contain] error: ");
	write_all(crash->plugin);
	write_all(": ");
	write_all(crash->text);
	write_all(is_undone(container, crash->phase) ? "; what is left is removed by `contain gc`\n" : "\n");
	_exit(STATUS_FAILED);
}
