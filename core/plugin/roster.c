/* SPDX-License-Identifier: MIT */
#include "plugin/roster.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "profile/order.h"

struct settings module_settings(const struct module *module)
{
	return (struct settings){ .section = module->name,
				  .options = module->options,
				  .self_size = module->api.self_size };
}

/* Load the plugin; an error gets the place where the profile names it in front. */
static struct module *load(struct catalog *catalog, const char *name, const struct origin *origin, struct text *errors)
{
	_cleanup_text_ struct text why = { 0 };
	struct module *module = catalog_get(catalog, name, &why);
	char place[ORIGIN_SIZE];

	if (!module)
		text_printf(errors, "%s%s", origin_text(origin, place, sizeof(place)), text_peek(&why));
	return module;
}

static int add_member(struct roster *roster, const struct module *module)
{
	struct member *more = reallocarray(roster->members, roster->count + 1, sizeof(*more));

	if (!more)
		return -ENOMEM;
	roster->members = more;
	more[roster->count++] = (struct member){ .module = module, .settings = module_settings(module) };
	return 0;
}

static int add_members(struct roster *roster, const struct profile *profile, struct catalog *catalog,
		       struct text *errors)
{
	for (size_t i = 0; i < profile->switch_count; i++) {
		const struct switch_ *one = &profile->switches[i];
		struct module *module;

		/* A plugin that is off is not loaded, but it has to be one. */
		if (!one->on && catalog_has(catalog, one->plugin))
			continue;
		module = load(catalog, one->plugin, &one->origin, errors);
		if (module && one->on && add_member(roster, module) < 0)
			return -ENOMEM;
	}
	return 0;
}

bool roster_has(const struct roster *roster, const char *name)
{
	for (size_t i = 0; i < roster->count; i++) {
		if (strcmp(roster->members[i].module->name, name) == 0)
			return true;
	}
	return false;
}

static bool among(const char *const *names, const char *name)
{
	for (; *names; names++) {
		if (strcmp(*names, name) == 0)
			return true;
	}
	return false;
}

/* The values of a plugin that is off: checked all the same, but what is required is required of plugins that are on. */
static int check_off(const struct module *module, const struct profile *profile, struct text *errors)
{
	struct settings settings = module_settings(module);
	_cleanup_free_ struct contain_option *options = NULL;
	size_t count = 0;
	int result;

	while (module->options[count].key)
		count++;
	options = calloc(count + 1, sizeof(*options));
	if (!options)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		options[i] = module->options[i];
		options[i].flags &= ~CONTAIN_REQUIRED;
	}
	settings.options = options;
	result = settings_fill(&settings, profile, errors);
	settings_free(&settings);
	return result == -ENOMEM ? result : 0;
}

/* A section must be the core's or a plugin's; one of a plugin that is off is still checked for mistakes. */
static int check_sections(const struct roster *roster, const struct profile *profile, struct catalog *catalog,
			  const char *const *core_sections, struct text *errors)
{
	for (size_t i = 0; i < profile->section_count; i++) {
		const struct entry *section = &profile->sections[i];
		struct module *module;
		char place[ORIGIN_SIZE];
		int result;

		if (among(core_sections, section->section) || roster_has(roster, section->section))
			continue;
		if (!catalog_has(catalog, section->section)) {
			struct suggestion suggestion = { .wrong = section->section };
			char near[128];

			catalog_suggest(catalog, &suggestion);
			for (const char *const *name = core_sections; *name; name++)
				suggest_offer(&suggestion, *name);
			text_printf(errors, "%sthere is no section or plugin '%s'%s\n",
				    origin_text(&section->origin, place, sizeof(place)), section->section,
				    suggest_text(&suggestion, near, sizeof(near)));
			continue;
		}
		module = load(catalog, section->section, &section->origin, errors);
		if (!module)
			continue;
		result = check_off(module, profile, errors);
		if (result < 0)
			return result;
	}
	return 0;
}

/* Why a plugin that another one needs is not on: the place that says so, or that has the other one on. */
static void say_needs(const struct profile *profile, const char *name, const char *need, struct text *errors)
{
	const struct switch_ *one = profile_find_switch(profile, need);
	const struct switch_ *told = one ? one : profile_find_switch(profile, name);
	char place[ORIGIN_SIZE] = "";

	if (told)
		origin_text(&told->origin, place, sizeof(place));
	text_printf(errors, "%splugin %s needs %s, which is %s: --enable %s or --disable %s\n", place, name, need,
		    one ? "off" : "not in the profile", need, name);
}

static void check_needs(const struct roster *roster, const struct profile *profile, struct text *errors)
{
	const char *switching = NULL;

	for (size_t i = 0; i < roster->count; i++) {
		const struct contain_plugin *plugin = &roster->members[i].module->api;

		for (const char *const *need = plugin->needs; need && *need; need++) {
			if (!roster_has(roster, *need))
				say_needs(profile, plugin->name, *need, errors);
		}
		if (plugin->child_switch && switching)
			text_printf(errors, "plugins %s and %s both switch the root: only one can be on\n", switching,
				    plugin->name);
		if (plugin->child_switch)
			switching = plugin->name;
	}
}

static int sort(struct roster *roster, struct text *errors)
{
	_cleanup_free_ struct order_item *items = calloc(roster->count + 1, sizeof(*items));
	_cleanup_free_ size_t *order = calloc(roster->count + 1, sizeof(*order));
	_cleanup_free_ struct member *sorted = calloc(roster->count + 1, sizeof(*sorted));
	int result;

	if (!items || !order || !sorted)
		return -ENOMEM;
	for (size_t i = 0; i < roster->count; i++) {
		const struct contain_plugin *plugin = &roster->members[i].module->api;

		items[i] = (struct order_item){ plugin->name, plugin->after, plugin->before };
	}
	result = order_sort(items, roster->count, order, errors);
	if (result < 0)
		return result;
	for (size_t i = 0; i < roster->count; i++)
		sorted[i] = roster->members[order[i]];
	free(roster->members);
	roster->members = steal_ptr(sorted);
	return 0;
}

int roster_resolve(struct roster *roster, const struct profile *profile, struct catalog *catalog,
		   const char *const *core_sections, struct text *errors)
{
	int result = add_members(roster, profile, catalog, errors);

	if (result == 0)
		result = check_sections(roster, profile, catalog, core_sections, errors);
	/* What else is wrong can be told only with every plugin at hand. */
	if (result == 0 && errors->length == 0)
		check_needs(roster, profile, errors);
	if (result == 0 && errors->length == 0)
		result = sort(roster, errors);
	for (size_t i = 0; result != -ENOMEM && i < roster->count; i++) {
		int filled = settings_fill(&roster->members[i].settings, profile, errors);

		result = filled == -ENOMEM ? filled : result;
	}
	if (result < 0)
		return result;
	return errors->length ? -EINVAL : 0;
}

void roster_free(struct roster *roster)
{
	for (size_t i = 0; i < roster->count; i++)
		settings_free(&roster->members[i].settings);
	free(roster->members);
	*roster = (struct roster){ 0 };
}
