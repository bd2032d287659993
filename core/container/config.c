/* SPDX-License-Identifier: MIT */
#include "container/config.h"

#include <contain/plugin.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

#ifndef CONTAIN_VERSION
#define CONTAIN_VERSION "?"
#endif

#define END "end"

static size_t count_strings(char *const *strings)
{
	size_t count = 0;

	while (strings[count])
		count++;
	return count;
}

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

void config_write(const struct container *container, struct wire *wire)
{
	const struct contain_ctx *ctx = &container->ctx;

	wire_put_string(wire, CONTAIN_VERSION);
	wire_put_string(wire, ctx->id);
	wire_put_number(wire, ctx->log.most);
	wire_put_number(wire, (int64_t)ctx->namespaces);
	put_strings(wire, container->argv, count_strings(container->argv));
	put_strings(wire, container->environment, count_strings(container->environment));
	put_strings(wire, ctx->environment, ctx->environment_count);
	put_settings(wire, &container->process_settings);
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
		wire_put_number(wire, module_has_child_hooks(member->module));
		put_settings(wire, &member->settings);
	}
	/* A reader of the state directory may come while it is written. */
	wire_put_string(wire, END);
}

static int read_head(struct contain_ctx *ctx, struct child_config *config, struct wire *wire)
{
	const char *version = wire_get_string(wire), *id;
	char **plugins_environment;
	struct wire part;

	if (!version || strcmp(version, CONTAIN_VERSION) != 0)
		return ctx_fail(ctx, 0, "the configuration is of another version of contain");
	id = wire_get_string(wire);
	snprintf(ctx->id, sizeof(ctx->id), "%s", id ? id : "");
	ctx->log.most = (enum log_level)wire_get_number(wire);
	ctx->namespaces = (uint64_t)wire_get_number(wire);
	config->argv = get_strings(wire);
	config->environment = get_strings(wire);
	plugins_environment = get_strings(wire);
	for (size_t i = 0; plugins_environment && plugins_environment[i]; i++) {
		char *value = strchr(plugins_environment[i], '=');

		*value = '\0';
		contain_setenv(ctx, plugins_environment[i], value + 1);
	}
	free(plugins_environment);
	part = get_part(wire);
	config->process_settings = (struct settings){ .section = "process",
						      .options = process_options,
						      .self_size = sizeof(struct process) };
	if (wire->error || settings_read(&config->process_settings, &part) < 0)
		return ctx_fail(ctx, EBADMSG, "can't read the configuration");
	config->process = *(struct process *)config->process_settings.self;
	return 0;
}

static int read_fds(struct contain_ctx *ctx, struct wire *wire)
{
	int64_t count = wire_get_number(wire);

	for (int64_t i = 0; i < count && wire->error == 0; i++) {
		const char *owner = wire_get_string(wire), *name = wire_get_string(wire);
		int fd = (int)wire_get_number(wire);

		if (!owner || !name)
			return ctx_fail(ctx, EBADMSG, "can't read the configuration");
		if (ctx_add_fd(ctx, owner, name, fd) < 0)
			return ctx_fail(ctx, ENOMEM, "can't read the configuration");
	}
	return 0;
}

static int read_member(struct contain_ctx *ctx, struct child_config *config, struct wire *wire)
{
	const char *name = wire_get_string(wire), *path = wire_get_string(wire);
	bool wanted = wire_get_number(wire) != 0;
	struct wire part = get_part(wire);
	_cleanup_text_ struct text errors = { 0 };
	struct member *member = &config->roster.members[config->roster.count];
	struct module *module;

	if (wire->error || !name || !path)
		return ctx_fail(ctx, EBADMSG, "can't read the configuration");
	if (!wanted)
		return 0;
	if (module_load(name, path, &module, &errors) < 0) {
		((char *)text_peek(&errors))[strcspn(text_peek(&errors), "\n")] = '\0';
		return ctx_fail(ctx, 0, "%s", text_peek(&errors));
	}
	config->modules[config->module_count++] = module;
	*member = (struct member){
		.module = module,
		.settings = { .section = module->name, .options = module->options, .self_size = module->api.self_size }
	};
	if (settings_read(&member->settings, &part) < 0)
		return ctx_fail(ctx, 0, "the plugin %s has changed while it was used", name);
	config->roster.count++;
	return 0;
}

int config_read(struct contain_ctx *ctx, struct child_config *config, char *bytes, size_t length)
{
	struct wire wire = { .bytes = bytes, .length = length };
	int64_t count;
	int result;

	config->bytes = bytes;
	result = read_head(ctx, config, &wire);
	if (result == 0)
		result = read_fds(ctx, &wire);
	if (result < 0)
		return result;
	count = wire_get_number(&wire);
	if (wire.error || count < 0 || (size_t)count > length)
		return ctx_fail(ctx, EBADMSG, "can't read the configuration");
	config->roster.members = calloc((size_t)count + 1, sizeof(*config->roster.members));
	config->modules = calloc((size_t)count + 1, sizeof(*config->modules));
	if (!config->argv || !config->environment || !config->roster.members || !config->modules)
		return ctx_fail(ctx, ENOMEM, "can't read the configuration");
	for (int64_t i = 0; result == 0 && i < count; i++)
		result = read_member(ctx, config, &wire);
	if (result == 0) {
		const char *end = wire_get_string(&wire);

		if (!end || strcmp(end, END) != 0)
			result = ctx_fail(ctx, EBADMSG, "can't read the configuration");
	}
	return result;
}
