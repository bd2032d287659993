/* SPDX-License-Identifier: MIT */
/* A container that another process has made: found by its state directory. */
#include "container/container.h"

#include <contain/plugin.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/trace.h"
#include "container/record_keys.h"

static int fail_owned(struct container *container)
{
	struct contain_ctx *ctx = &container->ctx;
	struct life life;

	container_life(container, &life);
	if (life.status == LIFE_RUNNING || life.status == LIFE_PAUSED)
		return ctx_fail(ctx, 0, "the container '%s' is %s: stop it first, or delete --force", ctx->id,
				life_name(life.status)),
		       -EBUSY;
	return ctx_fail(ctx, 0, "another contain is busy with the container '%s' (%s): wait for that one", ctx->id,
			life_name(life.status)),
	       -EBUSY;
}

/* Only who has the lock may write. -ENOENT without a message: there is none, as it is just being made or removed. */
static int read_record(struct container *container, bool write)
{
	struct contain_ctx *ctx = &container->ctx;
	int result = record_open(&ctx->record, container->state.directory, write);

	if (result < 0 && result != -ENOENT)
		ctx_fail(ctx, -result, "can't read the record in %s/%s", container->root, ctx->id);
	return result;
}

/* Each string its own, as those of a new container are. */
static char **copy_strings(char *const *strings)
{
	size_t count = strings_count(strings);
	char **copy = calloc(count + 1, sizeof(*copy));

	for (size_t i = 0; copy && i < count; i++) {
		copy[i] = strdup(strings[i]);
		if (!copy[i]) {
			environment_free(copy);
			return NULL;
		}
	}
	return copy;
}

static int read_config(struct container *container, unsigned phases)
{
	struct contain_ctx *ctx = &container->ctx;
	struct config *saved = &container->saved;
	char *bytes;
	size_t length;
	int result = state_read(&container->state, STATE_CONFIG, &bytes, &length);

	if (result < 0)
		return ctx_fail(ctx, -result, "can't read the configuration in %s/%s", container->root, ctx->id),
		       -EBADMSG;
	result = config_read(ctx, saved, bytes, length, phases, true);
	if (result < 0)
		return result;
	container->environment = copy_strings(saved->environment);
	if (!container->environment)
		return ctx_fail(ctx, ENOMEM, "can't read the configuration");
	container->argv = saved->argv;
	container->mode = saved->mode;
	container->process = saved->process;
	container->place = saved->place;
	container->process_settings = saved->process_settings;
	container->cgroup_settings = saved->cgroup_settings;
	container->roster = saved->roster;
	saved->process_settings = saved->cgroup_settings = (struct settings){ 0 };
	saved->roster = (struct roster){ 0 };
	return 0;
}

/* The plugins that a teardown has to call are those of the record. */
static void mark_begun(struct container *container)
{
	const char *begun = record_get(&container->ctx.record, RECORD_CORE, RECORD_BEGUN);

	for (size_t i = 0; begun && i < container->roster.count; i++) {
		struct member *member = &container->roster.members[i];

		member->begun = layout_has_word(begun, member->module->name);
	}
}

static int find_process(struct container *container, unsigned flags)
{
	struct contain_ctx *ctx = &container->ctx;
	int fd = life_open_process(&ctx->record, &ctx->pid);

	if (fd >= 0)
		container->pidfd = fd;
	else if (fd != -ESRCH)
		return ctx_fail(ctx, -fd, "can't look at the first process of the container '%s'", ctx->id);
	if (fd < 0 && (flags & LOAD_ALIVE))
		return ctx_fail(ctx, 0, "the container '%s' is not running", ctx->id), -ESRCH;
	return 0;
}

/* Parent hooks of a running container find its cgroups; what is on its way out has some no more. */
static int find_cgroups(struct container *container, unsigned flags)
{
	struct contain_ctx *ctx = &container->ctx;
	int result = cgroups_find(ctx, &container->cgroups, container->place.parent);

	if (result == 0)
		result = cgroups_reopen(ctx);
	if (result < 0 && !(flags & LOAD_ALIVE)) {
		ctx->failure.err = 0;
		result = 0;
	}
	return result;
}

/* Two updates at once would each save a configuration without the other's values. */
static int guard_update(struct container *container)
{
	struct contain_ctx *ctx = &container->ctx;

	container->guard = openat(container->state.directory, RECORD_FILE, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (container->guard < 0 || flock(container->guard, LOCK_EX) < 0)
		return ctx_fail(ctx, errno, "can't lock the record in %s/%s", container->root, ctx->id);
	return 0;
}

int container_load(struct container *container, const char *root, const char *id, unsigned phases, unsigned flags)
{
	struct contain_ctx *ctx = &container->ctx;
	trace_scope(ctx->trace, "load");
	int result;

	container->root = ctx->root = root;
	result = state_open(ctx, &container->state, root, id);
	if (result == 0 && (flags & LOAD_UPDATE))
		result = guard_update(container);
	if (result == 0 && (flags & LOAD_LOCK))
		result = state_lock(ctx, &container->state, flags & LOAD_WAIT);
	if (result == -EWOULDBLOCK) {
		read_record(container, false);
		return fail_owned(container);
	}
	if (result < 0)
		return result;
	result = read_record(container, flags & LOAD_LOCK);
	if (result == -ENOENT && !(flags & (LOAD_RECORD | LOAD_UNDO)))
		return ctx_fail(ctx, 0, "the container '%s' is just being made or removed", ctx->id), -EBUSY;
	if (result == -ENOENT)
		result = 0;
	if (result == 0)
		result = find_process(container, flags);
	if (result == 0 && (flags & LOAD_COMMAND) && read_config(container, 0) < 0)
		ctx->failure.err = 0;
	if (result < 0 || (flags & LOAD_RECORD))
		return result;
	/* Before the first hook that may leave something there is nothing for plugins to do. */
	if ((flags & LOAD_UNDO) && (!record_get(&ctx->record, RECORD_CORE, RECORD_BEGUN) ||
				    record_get(&ctx->record, RECORD_CORE, RECORD_UNDONE)))
		return 0;
	result = read_config(container, phases);
	mark_begun(container);
	return result < 0 ? result : find_cgroups(container, flags);
}

void container_life(const struct container *container, struct life *life)
{
	life_read(life, &container->ctx.record, &container->state);
}

int container_refresh(struct container *container)
{
	struct contain_ctx *ctx = &container->ctx;
	struct contain_ctx other;
	struct config now = { 0 };
	char *bytes;
	size_t length;
	int result;

	if (faccessat(container->state.directory, STATE_UPDATED, F_OK, AT_EACCESS) < 0)
		return 0;
	result = state_read(&container->state, STATE_CONFIG, &bytes, &length);
	if (result < 0)
		return ctx_fail(ctx, -result, "can't read the configuration in %s/%s", container->root, ctx->id);
	ctx_init(&other);
	result = config_read(&other, &now, bytes, length, CONFIG_ALL, true);
	if (result < 0)
		ctx->failure = other.failure;
	for (size_t i = 0; result == 0 && i < now.roster.count && i < container->roster.count; i++) {
		struct member *ours = &container->roster.members[i], *theirs = &now.roster.members[i];
		struct settings settings = ours->settings;

		if (strcmp(ours->module->name, theirs->module->name) != 0)
			continue;
		/* The table is the same, as the file is; each keeps its own copy of it. */
		ours->settings = theirs->settings;
		ours->settings.section = settings.section;
		ours->settings.options = settings.options;
		theirs->settings = settings;
	}
	config_free(&now);
	ctx_free(&other);
	return result;
}
