/* SPDX-License-Identifier: MIT */
/* Whose flag is it? The core's, then one of the plugins that are on, then one of all others. */
#include "cli/flags.h"

#include <string.h>

#include "container/cgroup.h"
#include "container/process.h"

bool flags_find_core(void *user, const char *name, char letter, struct flag *flag)
{
	const struct flags *flags = user;

	return flag_in_table(SECTION_GLOBAL, global_options, name, letter, flag) ||
	       flag_in_table(SECTION_CREATE, create_options, name, letter, flag) ||
	       flag_in_table(SECTION_OWN, flags->own, name, letter, flag) ||
	       flag_in_table(SECTION_ALSO, flags->cli->command->also, name, letter, flag) ||
	       flag_in_table("process", process_options, name, letter, flag) ||
	       flag_in_table("cgroup", cgroup_options, name, letter, flag);
}

/* Whether the words say so of a plugin: `key` is "enable" or "disable". */
static bool is_named(const struct flags *flags, const char *key, const char *plugin)
{
	for (size_t i = 0; flags->assumed && i < flags->assumed->entry_count; i++) {
		const struct entry *entry = &flags->assumed->entries[i];

		if (strcmp(entry->section, SECTION_CREATE) == 0 && strcmp(entry->key, key) == 0 &&
		    strcmp(entry->value, plugin) == 0)
			return true;
	}
	return false;
}

/* Whether the words choose it (1) or another one instead (0); -1: they say nothing of that. */
static int is_chosen(const struct flags *flags, const struct module *module)
{
	const char *said = module->chooser ? choose_said(flags, module->chooser) : NULL;

	return said ? strcmp(module->choice, said) == 0 : -1;
}

static bool is_on(const struct flags *flags, const struct module *module)
{
	const struct switch_ *one = profile_find_switch(&flags->profile, module->name);
	int chosen = is_chosen(flags, module);

	if (is_named(flags, "disable", module->name))
		return false;
	return chosen >= 0 ? chosen : (one && one->on) || is_named(flags, "enable", module->name);
}

enum owners { OWNERS_ON, OWNERS_NOT_OFF, OWNERS_ANY };

static void say_ambiguous(struct flags *flags, const char *first, const char *second,
			  const struct contain_option *option)
{
	_cleanup_text_ struct text line = { 0 };

	text_printf(&line,
		    "%s%s is a flag of two plugins, %s and %s: --disable one of them, or give --set %s.%s=VALUE\n",
		    option->flag ? "--" : "-", option->flag ? option->flag : (const char[]){ option->short_flag, '\0' },
		    first, second, first, option->key);
	/* Once, however often it is given. */
	if (!strstr(text_peek(&flags->ambiguous), text_peek(&line)))
		text_add(&flags->ambiguous, text_peek(&line));
}

/*
 * Among the loaded plugins of that kind: how many have the flag. *flag is that of the first, and with two of them it is
 * said that nobody can know which is meant.
 */
static size_t find_owner(struct flags *flags, enum owners owners, const char *name, char letter, struct flag *flag)
{
	const char *first = NULL;
	size_t count = 0;

	for (size_t i = 0; i < flags->catalog.module_count; i++) {
		const struct module *module = flags->catalog.modules[i];
		struct flag found;

		if ((owners == OWNERS_ON && !is_on(flags, module)) ||
		    (owners == OWNERS_NOT_OFF && is_named(flags, "disable", module->name)) ||
		    !flag_in_table(module->name, module->options, name, letter, &found))
			continue;
		if (count++ == 0) {
			*flag = found;
			first = module->name;
			continue;
		}
		say_ambiguous(flags, first, module->name, flag->option);
	}
	return count;
}

static void load_enabled(struct flags *flags)
{
	for (size_t i = 0; i < flags->profile.switch_count; i++) {
		const struct switch_ *one = &flags->profile.switches[i];

		if (one->on)
			catalog_get(&flags->catalog, one->plugin, &flags->load_errors);
	}
	for (size_t i = 0; flags->assumed && i < flags->assumed->entry_count; i++) {
		const struct entry *entry = &flags->assumed->entries[i];

		/* One that is not there is told when it is switched on. */
		if (strcmp(entry->section, SECTION_CREATE) == 0 && strcmp(entry->key, "enable") == 0 &&
		    catalog_has(&flags->catalog, entry->value))
			catalog_get(&flags->catalog, entry->value, &flags->load_errors);
	}
	choose_load(flags);
}

bool flags_find(void *user, const char *name, char letter, struct flag *flag)
{
	struct flags *flags = user;

	if (flags_find_core(flags, name, letter, flag))
		return true;
	load_enabled(flags);
	if (find_owner(flags, OWNERS_ON, name, letter, flag))
		return true;
	/* Others are many: only those are loaded whose file has the flag's name in it. */
	if (name)
		catalog_load_with(&flags->catalog, name, &flags->load_errors);
	else
		catalog_load_all(&flags->catalog, &flags->load_errors);
	if (find_owner(flags, OWNERS_NOT_OFF, name, letter, flag) || find_owner(flags, OWNERS_ANY, name, letter, flag))
		return true;
	*flag = (struct flag){ SECTION_CHOICE, name ? choose_find_flag(flags, name) : NULL };
	return flag->option;
}

/* Its flags, and the one that it is chosen by. */
static void suggest_module(const struct module *module, struct suggestion *suggestion)
{
	flag_suggest_table(module->options, suggestion);
	if (module->chooser)
		suggest_offer(suggestion, module->chooser);
}

void flags_suggest(void *user, struct suggestion *suggestion)
{
	struct flags *flags = user;
	const struct contain_option *const core[] = { global_options,  create_options,
						      flags->own,      flags->cli->command->also,
						      process_options, cgroup_options };

	catalog_load_all(&flags->catalog, &flags->load_errors);
	for (size_t i = 0; i < sizeof(core) / sizeof(*core); i++)
		flag_suggest_table(core[i], suggestion);
	for (size_t i = 0; i < flags->catalog.module_count; i++)
		suggest_module(flags->catalog.modules[i], suggestion);
}
