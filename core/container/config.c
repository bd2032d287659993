/* SPDX-License-Identifier: MIT */
#include "container/config.h"

#include <contain/plugin.h>

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/trace.h"
#include "container/container.h"
#include "plugin/trust.h"

/* To be changed with what follows it: a container may be older than the contain that looks at it. */
#define FORMAT "contain configuration 3"
#define END    "end"

static void put_strings(struct wire *wire, char *const *strings, size_t count)
{
	wire_put_number(wire, (int64_t)count);
	for (size_t i = 0; i < count; i++)
		wire_put_string(wire, strings[i]);
}

/* An array with NULL at the end, whose strings are the wire's. NULL without memory or for a bad wire. */
static char **get_strings(struct wire *wire)
{
	int64_t count = wire_get_number(wire);
	char **strings;

	if (wire->error || count < 0 || (size_t)count > wire->length)
		return NULL;
	strings = calloc((size_t)count + 1, sizeof(*strings));
	for (int64_t i = 0; strings && i < count; i++)
		strings[i] = (char *)wire_get_string(wire);
	return strings;
}

/* A part with its length in front, so a reader without the plugin can pass over it. */
static void put_settings(struct wire *wire, const struct settings *settings)
{
	_cleanup_wire_ struct wire part = { 0 };

	settings_write(settings, &part);
	if (part.error)
		wire->error = part.error;
	wire_put_number(wire, (int64_t)part.length);
	wire_put_bytes(wire, part.bytes, part.length);
}

/* The next part as a wire of its own; the outer one goes on behind it. */
static struct wire get_part(struct wire *wire)
{
	int64_t length = wire_get_number(wire);
	struct wire part = { 0 };

	if (wire->error == 0 && (length < 0 || (size_t)length > wire->length - wire->at))
		wire->error = -EBADMSG;
	if (wire->error)
		return part;
	part.bytes = wire->bytes + wire->at;
	part.length = (size_t)length;
	wire->at += (size_t)length;
	return part;
}

static void put_mode(struct wire *wire, const struct mode *mode)
{
	wire_put_number(wire, mode->detached | mode->kept << 1 | mode->terminal << 2 | mode->interactive << 3 |
				      mode->joining << 4);
	wire_put_number(wire, mode->created_usec);
}

static struct mode get_mode(struct wire *wire)
{
	int64_t bits = wire_get_number(wire);

	return (struct mode){ .detached = bits & 1,
			      .kept = bits & 2,
			      .terminal = bits & 4,
			      .interactive = bits & 8,
			      .joining = bits & 16,
			      .created_usec = wire_get_number(wire) };
}

/* The phases that it has hooks for. */
static unsigned hooks_of(const struct module *module)
{
	unsigned phases = 0;

	for (enum phase phase = PHASE_CONFIGURE; phase < PHASE_COUNT; phase++)
		phases |= phase_hook(&module->api, phase) ? CONFIG_PHASE(phase) : 0;
	return phases;
}

void config_write(const struct container *container, struct wire *wire)
{
	const struct contain_ctx *ctx = &container->ctx;

	wire_put_string(wire, FORMAT);
	wire_put_string(wire, ctx->id);
	wire_put_string(wire, container->root);
	wire_put_number(wire, ctx->log.most);
	wire_put_number(wire, (int64_t)ctx->namespaces);
	wire_put_number(wire, (int64_t)ctx->joined);
	put_mode(wire, &container->mode);
	put_strings(wire, container->argv, strings_count(container->argv));
	put_strings(wire, container->environment, strings_count(container->environment));
	put_strings(wire, ctx->environment, ctx->environment_count);
	put_settings(wire, &container->process_settings);
	put_settings(wire, &container->cgroup_settings);
	wire_put_number(wire, (int64_t)ctx->fd_count);
	for (size_t i = 0; i < ctx->fd_count; i++) {
		wire_put_string(wire, ctx->fds[i].owner);
		wire_put_string(wire, ctx->fds[i].name);
		wire_put_number(wire, ctx->fds[i].fd);
	}
	wire_put_number(wire, (int64_t)container->roster.count);
	for (size_t i = 0; i < container->roster.count; i++) {
		const struct member *member = &container->roster.members[i];

		wire_put_string(wire, member->module->name);
		wire_put_string(wire, member->module->path);
		wire_put_number(wire, hooks_of(member->module));
		put_settings(wire, &member->settings);
	}
	/* A reader of the state directory may come while it is written. */
	wire_put_string(wire, END);
}

static int fail_read(struct contain_ctx *ctx)
{
	return ctx_fail(ctx, EBADMSG, "can't read the configuration");
}

static int read_section(struct wire *wire, struct settings *settings, const struct settings *like)
{
	struct wire part = get_part(wire);

	*settings = *like;
	return wire->error ? wire->error : settings_read(settings, &part);
}

static int read_environment(struct contain_ctx *ctx, struct wire *wire)
{
	char **variables = get_strings(wire);
	int result = variables ? 0 : -EBADMSG;

	for (size_t i = 0; result == 0 && variables[i]; i++) {
		char *value = strchr(variables[i], '=');

		if (value)
			*value++ = '\0';
		result = value ? contain_setenv(ctx, variables[i], value) : -EBADMSG;
	}
	free(variables);
	return result;
}

static int read_head(struct contain_ctx *ctx, struct config *config, struct wire *wire, bool again)
{
	const char *format = wire_get_string(wire), *id, *root;
	enum log_level most;

	if (!format || strcmp(format, FORMAT) != 0)
		return ctx_fail(ctx, 0, "the saved configuration is of another version of contain: use that one");
	id = wire_get_string(wire);
	root = wire_get_string(wire);
	most = (enum log_level)wire_get_number(wire);
	if (!again) {
		snprintf(ctx->id, sizeof(ctx->id), "%s", id ? id : "");
		ctx->log.most = most;
		ctx->root = root;
	}
	ctx->namespaces = (uint64_t)wire_get_number(wire);
	ctx->joined = (uint64_t)wire_get_number(wire);
	config->mode = get_mode(wire);
	config->argv = get_strings(wire);
	config->environment = get_strings(wire);
	if (!config->argv || !config->environment || read_environment(ctx, wire) < 0 ||
	    read_section(wire, &config->process_settings, &process_section) < 0 ||
	    read_section(wire, &config->cgroup_settings, &cgroup_section) < 0)
		return fail_read(ctx);
	config->process = *(struct process *)config->process_settings.self;
	config->place = *(struct cgroup_place *)config->cgroup_settings.self;
	return 0;
}

/* `again`: they are numbers of the process that wrote them, and none of ours. */
static int read_fds(struct contain_ctx *ctx, struct wire *wire, bool again)
{
	int64_t count = wire_get_number(wire);

	for (int64_t i = 0; i < count && wire->error == 0; i++) {
		const char *owner = wire_get_string(wire), *name = wire_get_string(wire);
		int fd = (int)wire_get_number(wire);

		if (!owner || !name)
			return fail_read(ctx);
		if (!again && ctx_add_fd(ctx, owner, name, fd) < 0)
			return ctx_fail(ctx, ENOMEM, "can't read the configuration");
	}
	return 0;
}

static int load(struct contain_ctx *ctx, const char *name, const char *path, bool again, struct module **module)
{
	_cleanup_text_ struct text errors = { 0 };
	char known[PATH_MAX] = "", why[PATH_MAX + 256];

	if (again && trust_check(path, known, why, sizeof(why)) < 0)
		return ctx_fail(ctx, 0, "plugin %s: not loaded, as %s", name, why);
	if (module_load(name, path, module, &errors) < 0) {
		((char *)text_peek(&errors))[strcspn(text_peek(&errors), "\n")] = '\0';
		return ctx_fail(ctx, 0, "%s", text_peek(&errors));
	}
	return 0;
}

static int read_member(struct contain_ctx *ctx, struct config *config, struct wire *wire, unsigned phases, bool again)
{
	const char *name = wire_get_string(wire), *path = wire_get_string(wire);
	unsigned hooks = (unsigned)wire_get_number(wire);
	struct wire part = get_part(wire);
	struct member *member = &config->roster.members[config->roster.count];
	struct module *module;
	int result;

	if (wire->error || !name || !path)
		return fail_read(ctx);
	if (!(hooks & phases) && phases != CONFIG_ALL)
		return 0;
	result = load(ctx, name, path, again, &module);
	if (result < 0)
		return result;
	config->modules[config->module_count++] = module;
	*member = (struct member){ .module = module, .settings = module_settings(module) };
	config->roster.count++;
	if (settings_read(&member->settings, &part) < 0)
		return ctx_fail(ctx, 0, "the plugin %s has changed since the container was made", name);
	return 0;
}

static int read_roster(struct contain_ctx *ctx, struct config *config, struct wire *wire, unsigned phases, bool again)
{
	trace_scope(ctx->trace, "load plugins");
	int64_t count = wire_get_number(wire);
	const char *end;
	int result = 0;

	if (wire->error || count < 0 || (size_t)count > wire->length)
		return fail_read(ctx);
	config->roster.members = calloc((size_t)count + 1, sizeof(*config->roster.members));
	config->modules = calloc((size_t)count + 1, sizeof(*config->modules));
	if (!config->roster.members || !config->modules)
		return ctx_fail(ctx, ENOMEM, "can't read the configuration");
	for (int64_t i = 0; result == 0 && i < count; i++)
		result = read_member(ctx, config, wire, phases, again);
	if (result < 0)
		return result;
	end = wire_get_string(wire);
	return end && strcmp(end, END) == 0 ? 0 : fail_read(ctx);
}

int config_read(struct contain_ctx *ctx, struct config *config, char *bytes, size_t length, unsigned phases, bool again)
{
	struct wire wire = { .bytes = bytes, .length = length };
	int result;

	config->bytes = bytes;
	result = read_head(ctx, config, &wire, again);
	if (result == 0)
		result = read_fds(ctx, &wire, again);
	return result < 0 ? result : read_roster(ctx, config, &wire, phases, again);
}

void config_free(struct config *config)
{
	settings_free(&config->process_settings);
	settings_free(&config->cgroup_settings);
	roster_free(&config->roster);
	for (size_t i = 0; i < config->module_count; i++)
		module_free(config->modules[i]);
	free(config->modules);
	free(config->argv);
	free(config->environment);
	free(config->bytes);
	*config = (struct config){ 0 };
}
