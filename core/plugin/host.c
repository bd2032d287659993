/* SPDX-License-Identifier: MIT */
/* The functions of contain/plugin.h that need nothing but the context: messages, namespaces, state, descriptors. */
#include <contain/plugin.h>

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/number.h"
#include "plugin/ctx.h"
#include "plugin/roster.h"

#define REASON_ROOM 64

void ctx_init(struct contain_ctx *ctx)
{
	*ctx = (struct contain_ctx){
		.rootfs = -1, .terminal = -1, .record = { .fd = -1 }, .log = { .fd = 2, .most = LOG_INFO }
	};
}

void ctx_close_fds(struct contain_ctx *ctx)
{
	for (size_t i = 0; i < ctx->fd_count; i++) {
		free(ctx->fds[i].name);
		cleanup_close(&ctx->fds[i].fd);
	}
	ctx->fd_count = 0;
	for (size_t i = 0; i < ctx->claim_count; i++) {
		cleanup_close(&ctx->claims[i].fd);
		ctx->claims[i].fd = -1;
	}
}

void ctx_free(struct contain_ctx *ctx)
{
	ctx_close_fds(ctx);
	for (size_t i = 0; i < ctx->environment_count; i++)
		free(ctx->environment[i]);
	free(ctx->fds);
	free(ctx->claims);
	free(ctx->environment);
	cleanup_close(&ctx->rootfs);
	record_free(&ctx->record);
	text_free(&ctx->state_json);
}

static const char *caller(const struct contain_ctx *ctx)
{
	return ctx->member ? ctx->member->module->name : "";
}

int contain_fail(struct contain_ctx *ctx, int err, const char *format, ...)
{
	struct failure *failure = &ctx->failure;
	va_list args;
	size_t length;

	/* Whoever has a result of -ENOENT in hand gives that. */
	err = err < 0 ? -err : err;
	if (failure->err != 0)
		return err ? -err : -EIO;
	failure->err = err ? err : EIO;
	failure->phase = ctx->phase;
	snprintf(failure->plugin, sizeof(failure->plugin), "%s", caller(ctx));
	va_start(args, format);
	/* However long a path in it is, the reason behind it fits. */
	vsnprintf(failure->text, sizeof(failure->text) - REASON_ROOM, format, args);
	va_end(args);
	length = strlen(failure->text);
	if (err)
		snprintf(failure->text + length, sizeof(failure->text) - length, ": %s", strerror(err));
	return -failure->err;
}

void ctx_log_failure(struct contain_ctx *ctx)
{
	const struct failure *failure = &ctx->failure;

	if (*failure->plugin)
		log_line(&ctx->log, LOG_ERROR, "%s: %s", failure->plugin, failure->text);
	else
		log_line(&ctx->log, LOG_ERROR, "%s", failure->text);
}

#define DEFINE_MESSAGE(NAME, LEVEL)                                                                                    \
	void NAME(struct contain_ctx *ctx, const char *format, ...)                                                    \
	{                                                                                                              \
		va_list args;                                                                                          \
                                                                                                                       \
		va_start(args, format);                                                                                \
		log_vline(&ctx->log, LEVEL, format, args);                                                             \
		va_end(args);                                                                                          \
	}
DEFINE_MESSAGE(contain_info, LOG_INFO)
DEFINE_MESSAGE(contain_warn, LOG_WARNING)
DEFINE_MESSAGE(contain_debug, LOG_DEBUG)

const char *contain_size_text(int64_t bytes, char text[32])
{
	return number_size_text(bytes, text);
}

const char *contain_id(struct contain_ctx *ctx)
{
	return ctx->id;
}

pid_t contain_pid(struct contain_ctx *ctx)
{
	return ctx->pid;
}

bool contain_is_set(struct contain_ctx *ctx, const char *key)
{
	return ctx->member && settings_given(&ctx->member->settings, key);
}

bool contain_has_namespace(struct contain_ctx *ctx, uint64_t flag)
{
	return (ctx->namespaces & flag) != 0;
}

bool contain_is_running(struct contain_ctx *ctx)
{
	return ctx->running;
}

int contain_terminal(struct contain_ctx *ctx)
{
	if (ctx->phase != PHASE_CHILD_ENTER)
		return contain_fail(ctx, EPERM, "the terminal can be asked for in child_enter alone");
	return ctx->terminal >= 0 ? ctx->terminal : -ENOENT;
}

int contain_setenv(struct contain_ctx *ctx, const char *name, const char *value)
{
	char **more = reallocarray(ctx->environment, ctx->environment_count + 1, sizeof(*more));
	char *variable;

	if (!more)
		return contain_fail(ctx, ENOMEM, "can't set %s", name);
	ctx->environment = more;
	if (ctx->phase == PHASE_PARENT_ATTACH || ctx->phase > PHASE_CHILD_ENTER)
		return contain_fail(
			ctx, EPERM,
			"%s is set too late: set it in parent_prepare, or in a child's hook up to child_enter", name);
	if (!*name || strchr(name, '='))
		return contain_fail(ctx, EINVAL, "'%s' is no name of an environment variable", name);
	if (asprintf(&variable, "%s=%s", name, value) < 0)
		return contain_fail(ctx, ENOMEM, "can't set %s", name);
	ctx->environment[ctx->environment_count++] = variable;
	return 0;
}

int contain_state_set(struct contain_ctx *ctx, const char *key, const char *value)
{
	int result = record_set(&ctx->record, caller(ctx), key, value);

	if (result == -EROFS)
		return contain_fail(ctx, EPERM, "can't save '%s' in %s: record it in parent_prepare", key,
				    phase_name(ctx->phase));
	if (result < 0)
		return contain_fail(ctx, -result, "can't save '%s' in the state directory", key);
	return 0;
}

const char *contain_state_get(struct contain_ctx *ctx, const char *key)
{
	return record_get(&ctx->record, caller(ctx), key);
}

int ctx_add_fd(struct contain_ctx *ctx, const char *owner, const char *name, int fd)
{
	struct passed_fd *more = reallocarray(ctx->fds, ctx->fd_count + 1, sizeof(*more));
	char *copy = strdup(name);

	if (more)
		ctx->fds = more;
	if (!more || !copy) {
		free(copy);
		close(fd);
		return -ENOMEM;
	}
	more[ctx->fd_count] = (struct passed_fd){ .name = copy, .fd = fd };
	snprintf(more[ctx->fd_count].owner, PLUGIN_NAME_SIZE, "%s", owner);
	ctx->fd_count++;
	return 0;
}

int contain_fd_pass(struct contain_ctx *ctx, const char *name, int fd)
{
	if (fd <= STDERR_FILENO)
		return contain_fail(ctx, EBADF, "can't pass descriptor %d ('%s') to the child", fd, name);
	if (ctx->phase > PHASE_PARENT_PREPARE) {
		close(fd);
		return contain_fail(ctx, EPERM, "'%s' is passed too late: pass it in configure or parent_prepare",
				    name);
	}
	if (contain_fd_get(ctx, name) >= 0) {
		close(fd);
		return contain_fail(ctx, EEXIST, "two descriptors are passed as '%s'", name);
	}
	if (ctx_add_fd(ctx, caller(ctx), name, fd) < 0)
		return contain_fail(ctx, ENOMEM, "can't pass '%s' to the child", name);
	return 0;
}

int ctx_get_fd(const struct contain_ctx *ctx, const char *owner, const char *name)
{
	for (size_t i = 0; i < ctx->fd_count; i++) {
		if (strcmp(ctx->fds[i].owner, owner) == 0 && strcmp(ctx->fds[i].name, name) == 0)
			return ctx->fds[i].fd;
	}
	return -ENOENT;
}

int contain_fd_get(struct contain_ctx *ctx, const char *name)
{
	return ctx_get_fd(ctx, caller(ctx), name);
}
