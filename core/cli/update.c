/* SPDX-License-Identifier: MIT */
/* contain update: live options of the plugins of a running container. */
#include <contain/plugin.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "cli/args.h"
#include "cli/own_flags.h"
#include "cli/cli.h"
#include "container/command.h"
#include "container/container.h"
#include "profile/set.h"

const struct contain_option update_options[] = {
	CONTAIN_LIST_OPTION(struct update_flags, set, "set", .flag = "set", .metavar = "PLUGIN.KEY=VALUE",
			    .help = "set any value that may change", .parse = set_check),
	CONTAIN_OPTIONS_END
};

static bool find_flag(void *user, const char *name, char letter, struct flag *flag)
{
	const struct container *container = user;

	if (flag_in_table(SECTION_OWN, update_options, name, letter, flag) ||
	    flag_in_table(SECTION_GLOBAL, global_options, name, letter, flag))
		return true;
	for (size_t i = 0; i < container->roster.count; i++) {
		const struct module *module = container->roster.members[i].module;

		if (flag_in_table(module->name, module->options, name, letter, flag))
			return true;
	}
	return false;
}

static void suggest_flag(void *user, struct suggestion *suggestion)
{
	const struct container *container = user;

	for (size_t i = 0; i < container->roster.count; i++)
		flag_suggest_table(container->roster.members[i].module->options, suggestion);
}

static struct member *find_member(struct container *container, const char *name)
{
	for (size_t i = 0; i < container->roster.count; i++) {
		if (strcmp(container->roster.members[i].module->name, name) == 0)
			return &container->roster.members[i];
	}
	return NULL;
}

/* Only what may change, of plugins that are on. */
static int check_live(struct container *container, const struct profile *values, struct text *errors)
{
	for (size_t i = 0; i < values->entry_count; i++) {
		const struct entry *entry = &values->entries[i];
		struct member *member = find_member(container, entry->section);
		const struct contain_option *option;

		if (strcmp(entry->section, SECTION_GLOBAL) == 0 || strcmp(entry->section, SECTION_OWN) == 0)
			continue;
		option = member ? option_find(member->module->options, entry->key) : NULL;
		if (!member)
			text_printf(errors, "%s: the container '%s' has no plugin '%s'\n", entry->origin.source,
				    container->ctx.id, entry->section);
		/* An unknown key is told by settings_change(). */
		else if (option && !(option->flags & CONTAIN_LIVE))
			text_printf(errors, "%s: [%s] %s can't change while the container runs\n", entry->origin.source,
				    entry->section, entry->key);
	}
	return errors->length > 0 ? -EINVAL : 0;
}

static bool is_meant(const struct profile *values, const char *section)
{
	for (size_t i = 0; i < values->entry_count; i++) {
		if (strcmp(values->entries[i].section, section) == 0)
			return true;
	}
	return false;
}

/* The plugins that are meant, each a copy with the new values: nothing is applied yet. */
static int change(struct container *container, const struct profile *values, struct roster *changed,
		  struct text *errors)
{
	int result = 0;

	changed->members = calloc(container->roster.count + 1, sizeof(*changed->members));
	if (!changed->members)
		return -ENOMEM;
	for (size_t i = 0; result != -ENOMEM && i < container->roster.count; i++) {
		const struct member *member = &container->roster.members[i];
		struct member *copy = &changed->members[changed->count];
		int error;

		if (!is_meant(values, member->module->name))
			continue;
		*copy = (struct member){ .module = member->module, .settings = module_settings(member->module) };
		changed->count++;
		error = settings_copy(&copy->settings, &member->settings);
		if (error == 0)
			error = settings_change(&copy->settings, values, errors);
		result = error == -ENOMEM || result == 0 ? error : result;
	}
	return result;
}

/* The values that were there hold again, as far as that goes. */
static void go_back(struct container *container, const struct profile *values)
{
	struct contain_ctx *ctx = &container->ctx;
	struct failure failure = ctx->failure;
	struct roster old = { calloc(container->roster.count + 1, sizeof(*old.members)), 0 };

	for (size_t i = 0; old.members && i < container->roster.count; i++) {
		if (is_meant(values, container->roster.members[i].module->name))
			old.members[old.count++] = container->roster.members[i];
	}
	ctx->failure.err = 0;
	if (old.members && phase_run(ctx, &old, PHASE_UPDATE) < 0)
		ctx_log_failure(ctx);
	ctx->failure = failure;
	/* Its settings are borrowed. */
	free(old.members);
}

/* Move the new values into the container's. */
static void keep(struct container *container, struct roster *changed)
{
	for (size_t i = 0; i < changed->count; i++) {
		struct member *member = find_member(container, changed->members[i].module->name);
		struct settings old = member->settings;

		member->settings = changed->members[i].settings;
		changed->members[i].settings = old;
	}
}

static int apply(struct container *container, const struct profile *values, struct text *errors)
{
	struct contain_ctx *ctx = &container->ctx;
	struct roster changed = { 0 };
	int result = check_live(container, values, errors);

	if (result == 0)
		result = change(container, values, &changed, errors);
	if (result == 0 && changed.count == 0)
		result = ctx_fail(ctx, 0, "nothing to change: give a flag such as --memory 128M");
	if (result == 0) {
		result = phase_run(ctx, &changed, PHASE_UPDATE);
		if (result == 0) {
			keep(container, &changed);
			result = container_save_update(container);
			if (result < 0)
				keep(container, &changed);
		}
		if (result < 0)
			go_back(container, values);
	}
	roster_free(&changed);
	return result;
}

/* A first look, as only the container tells which flags there are. Fills in *id and what is global. */
static int look_at_words(struct cli *cli, const char **id)
{
	struct cli look = *cli;
	struct flag_hint words = { cli_find_global, NULL, look.argv, look.argc, &look.at };
	const struct flag_finder finder = { flag_find_hint, NULL, NULL, &words };
	_cleanup_text_ struct text ignored = { 0 };
	struct profile hint = { 0 };
	int result = 0;

	*id = NULL;
	while (result == 0 && look.at < look.argc) {
		result = args_parse(look.argv, look.argc, &look.at, &finder, &hint, &cli->help, &ignored);
		if (result == 0 && look.at < look.argc && !*id)
			*id = look.argv[look.at];
		look.at++;
	}
	for (size_t i = 0; result != -ENOMEM && i < hint.entry_count; i++) {
		const struct entry *entry = &hint.entries[i];

		if (strcmp(entry->section, SECTION_GLOBAL) == 0 &&
		    profile_add_entry(&cli->flags, entry->section, entry->key, entry->value, entry->origin) < 0)
			result = -ENOMEM;
	}
	profile_free(&hint);
	return result == -ENOMEM || cli_apply_globals(cli) < 0 ? -EINVAL : 0;
}

static int read_flags(struct cli *cli, struct container *container, const char *id, struct profile *values,
		      struct text *errors)
{
	const struct flag_finder finder = { find_flag, suggest_flag, cli->command->name, container };
	size_t words = 0;
	int result = 0;

	while (result == 0 && cli->at < cli->argc) {
		result = args_parse(cli->argv, cli->argc, &cli->at, &finder, values, &cli->help, errors);
		if (result < 0 || cli->at >= cli->argc)
			break;
		if (strcmp(cli->argv[cli->at], id) != 0 || words++ > 0) {
			text_printf(errors, "'%s' is one argument too many: contain update ID FLAGS\n",
				    cli->argv[cli->at]);
			return -EINVAL;
		}
		cli->at++;
	}
	if (result == 0 && words == 0)
		text_printf(errors, "no container given: contain update ID FLAGS\n");
	return errors->length > 0 ? -EINVAL : result;
}

static int update(struct cli *cli, struct container *container, const char *id, struct text *errors)
{
	struct contain_ctx *ctx = &container->ctx;
	struct profile values = { 0 };
	int result = container_load(container, cli->global.root, id, CONFIG_ALL, LOAD_ALIVE | LOAD_UPDATE);

	if (result == 0)
		result = read_flags(cli, container, id, &values, errors);
	for (size_t i = 0; result == 0 && i < values.entry_count; i++) {
		const struct entry *entry = &values.entries[i];

		if (strcmp(entry->section, SECTION_OWN) == 0)
			result = set_add(&values, entry->value);
	}
	if (result == 0)
		result = apply(container, &values, errors);
	if (result < 0 && errors->length == 0 && !ctx->failure.err)
		ctx_fail(ctx, -result, "can't update the container '%s'", id);
	profile_free(&values);
	return result;
}

int cmd_update(struct cli *cli)
{
	_cleanup_text_ struct text errors = { 0 };
	struct container container;
	const char *id;
	int result;

	if (look_at_words(cli, &id) < 0)
		return STATUS_FAILED;
	if (cli->help) {
		help_command(cli, cli->command);
		return 0;
	}
	if (!id) {
		log_line(&cli->log, LOG_ERROR, "no container given: contain update ID FLAGS");
		return STATUS_FAILED;
	}
	cli_open(cli, &container);
	result = update(cli, &container, id, &errors);
	cli_log_errors(cli, &errors);
	if (result < 0 && container.ctx.failure.err)
		ctx_log_failure(&container.ctx);
	container_free(&container);
	return result < 0 ? STATUS_FAILED : 0;
}
