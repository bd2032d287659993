/* SPDX-License-Identifier: MIT */
#include "plugin/module.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

#define SELF_MOST          (1024 * 1024)
#define INTERFACE          1
#define ENTRY              "contain_plugin_v1"
#define WORD_LETTERS       "abcdefghijklmnopqrstuvwxyz0123456789-" /* of flags */
#define CHOICE_MOST        32
#define LATEST             9 /* interfaces that a newer plugin may be for */
#define KNOWN_OPTION_FLAGS (CONTAIN_REQUIRED | CONTAIN_LIVE | CONTAIN_OR_MAX)

static int refuse(const struct module *module, struct text *errors, const char *reason)
{
	text_printf(errors, "plugin %s: %s: %s\n", module->name, module->path, reason);
	return -EINVAL;
}

/* What a newer plugin uses of its interface, ours does not have. */
static int refuse_newer(const struct module *module, struct text *errors, const char *what)
{
	text_printf(errors,
		    "plugin %s: %s: uses %s that this contain does not know (it is built for interface %d.%u, this is "
		    "%d.%d): it needs a newer contain\n",
		    module->name, module->path, what, INTERFACE, module->api.api_minor, INTERFACE, CONTAIN_API_MINOR);
	return -EINVAL;
}

static bool is_zero(const char *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		if (bytes[i] != 0)
			return false;
	}
	return true;
}

/*
 * Copy a struct that may be shorter or longer than ours. Members are only ever appended, so what an older plugin lacks
 * is zero; what a newer one sets beyond our end we could not do, and an isolation that is silently skipped is a hole.
 */
static bool copy_known(void *to, size_t known, const void *from, size_t given)
{
	memset(to, 0, known);
	memcpy(to, from, given < known ? given : known);
	return given <= known || is_zero((const char *)from + known, given - known);
}

static bool is_word(const char *word, const char *letters)
{
	return *word && word[0] != '-' && strspn(word, letters) == strlen(word);
}

bool module_choice_valid(const char *value)
{
	return *value >= 'a' && *value <= 'z' && strlen(value) <= CHOICE_MOST && is_word(value, WORD_LETTERS);
}

const char *module_choice(const struct module *module, const char *flag)
{
	return module->chooser && strcmp(module->chooser, flag) == 0 ? module->choice : NULL;
}

/* Take chosen_by apart. What is wrong with it; NULL: nothing. */
static const char *take_chosen(struct module *module)
{
	const char *chosen = module->api.chosen_by, *equals = chosen ? strchr(chosen, '=') : NULL;
	size_t length = equals ? (size_t)(equals - chosen) : 0;

	if (!chosen)
		return NULL;
	if (length == 0 || *chosen == '-' || strspn(chosen, WORD_LETTERS) != length || !module_choice_valid(equals + 1))
		return "its chosen_by is not \"FLAG=VALUE\", a flag without the dashes in front and a word of a-z, 0-9 and "
		       "-, a letter first, of 32 characters at most";
	module->chooser = strndup(chosen, length);
	module->choice = equals + 1;
	if (!module->chooser)
		return strerror(ENOMEM);
	for (const struct contain_option *option = module->options; option->key; option++) {
		if (option->flag && module_choice(module, option->flag))
			return "its chosen_by is by a flag of its own, which switches it on anyway";
	}
	return NULL;
}

/* Names, and that no option before it in the table has them too. */
static const char *check_names(const struct module *module, const struct contain_option *option)
{
	if (!is_word(option->key, "abcdefghijklmnopqrstuvwxyz0123456789_"))
		return "an option's key is not of a-z, 0-9 and _";
	if (option->flag && !is_word(option->flag, WORD_LETTERS))
		return "an option's flag is not of a-z, 0-9 and -, without the dashes in front";
	for (const struct contain_option *other = module->options; other != option; other++) {
		if (strcmp(other->key, option->key) == 0)
			return "two options have the same key";
		if (option->flag && other->flag && strcmp(other->flag, option->flag) == 0)
			return "two options have the same flag";
	}
	return NULL;
}

static const char *check_option(const struct module *module, const struct contain_option *option)
{
	static const size_t sizes[] = { [CONTAIN_BOOL] = sizeof(bool),
					[CONTAIN_INT] = sizeof(int64_t),
					[CONTAIN_SIZE] = sizeof(int64_t),
					[CONTAIN_ENUM] = sizeof(int),
					[CONTAIN_STRING] = sizeof(const char *),
					[CONTAIN_LIST] = sizeof(struct contain_list),
					[CONTAIN_CUSTOM] = 0 };

	if (option->type < CONTAIN_BOOL || option->type > CONTAIN_CUSTOM)
		return "an option has a type that this contain does not know: it needs a newer one, or the table lacks CONTAIN_OPTIONS_END";
	if (option->offset > module->api.self_size || option->size > module->api.self_size - option->offset)
		return "an option lies outside of the plugin's struct: is self_size right?";
	if (option->type != CONTAIN_CUSTOM && option->size != sizes[option->type])
		return "an option's size is not that of its type: use the macros of plugin.h";
	if (option->type == CONTAIN_CUSTOM && !option->parse)
		return "a CONTAIN_CUSTOM option has no parse function";
	if (option->type == CONTAIN_ENUM && !option->choices)
		return "a CONTAIN_ENUM option has no choices";
	return check_names(module, option);
}

static int copy_options(struct module *module, struct text *errors)
{
	const char *table = (const char *)module->api.options;
	size_t stride = module->api.option_size, count = 0;

	if (table && stride < offsetof(struct contain_option, parse))
		return refuse(module, errors, "its option_size is too small: use the macros of plugin.h");
	while (table && ((const struct contain_option *)(table + count * stride))->key)
		count++;
	module->options = calloc(count + 1, sizeof(*module->options));
	if (!module->options)
		return refuse(module, errors, strerror(ENOMEM));
	for (size_t i = 0; i < count; i++) {
		const struct contain_option *option = &module->options[i];
		const char *wrong;

		if (!copy_known(&module->options[i], sizeof(*module->options), table + i * stride, stride))
			return refuse_newer(module, errors, "a member of an option");
		if (option->flags & ~KNOWN_OPTION_FLAGS)
			return refuse_newer(module, errors, "a flag of an option");
		wrong = check_option(module, option);
		if (wrong)
			return refuse(module, errors, wrong);
	}
	return 0;
}

static int check(struct module *module, const struct contain_plugin *given, struct text *errors)
{
	const char *wrong;

	/* The first members are those of the first version; a shorter struct was not made by CONTAIN_PLUGIN. */
	if (!given || given->struct_size < offsetof(struct contain_plugin, configure))
		return refuse(module, errors, "is not made by CONTAIN_PLUGIN: build it with contain/plugin.h");
	if (!copy_known(&module->api, sizeof(module->api), given, given->struct_size))
		return refuse_newer(module, errors, "a hook");
	if (module->api.self_size > SELF_MOST)
		return refuse(module, errors, "its struct is larger than 1 MiB: is self_size right?");
	if (!module->api.name || strcmp(module->api.name, module->name) != 0)
		return refuse(module, errors, "calls itself by another name than its file");
	if (copy_options(module, errors) < 0)
		return -EINVAL;
	wrong = take_chosen(module);
	return wrong ? refuse(module, errors, wrong) : 0;
}

/* "PATH: undefined symbol: NAME" is all that dlerror() gives. */
static void tell_unloadable(const char *name, const char *path, const char *why, struct text *errors)
{
	static const char undefined[] = "undefined symbol: ";
	const char *symbol = why ? strstr(why, undefined) : NULL;

	symbol = symbol ? symbol + sizeof(undefined) - 1 : NULL;
	if (symbol && strncmp(symbol, "contain_", 8) == 0)
		text_printf(errors,
			    "plugin %s: %s: calls %s(), which this contain (interface %d.%d) does not have: it needs a "
			    "newer one\n",
			    name, path, symbol, INTERFACE, CONTAIN_API_MINOR);
	else if (symbol)
		text_printf(errors, "plugin %s: %s: nothing defines '%s': link the plugin with the library that does\n",
			    name, path, symbol);
	else
		/* It names the file itself: the wrong architecture, a library that is missing. */
		text_printf(errors, "plugin %s: can't load %s\n", name, why ? why : path);
}

/* A plugin of another interface has its number in the name of its function. */
static int refuse_entry(const struct module *module, void *handle, struct text *errors)
{
	for (int version = INTERFACE + 1; version <= LATEST; version++) {
		char entry[32];

		snprintf(entry, sizeof(entry), "contain_plugin_v%d", version);
		if (!dlsym(handle, entry))
			continue;
		text_printf(
			errors,
			"plugin %s: %s: is built for interface %d of plugins, and this contain has interface %d: build "
			"the plugin with this contain's contain/plugin.h, or use a newer contain\n",
			module->name, module->path, version, INTERFACE);
		return -EINVAL;
	}
	return refuse(module, errors,
		      "has no " ENTRY "(): a plugin gets it by CONTAIN_PLUGIN(...) in its source, and must export it");
}

int module_load(const char *name, const char *path, struct module **result, struct text *errors)
{
	struct module *module = calloc(1, sizeof(*module));
	const struct contain_plugin *(*entry)(void);
	void *handle;
	int error;

	if (!module || !(module->name = strdup(name)) || !(module->path = strdup(path))) {
		module_free(module);
		text_printf(errors, "plugin %s: %s\n", name, strerror(ENOMEM));
		return -ENOMEM;
	}
	handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (!handle) {
		tell_unloadable(name, path, dlerror(), errors);
		module_free(module);
		return -ENOEXEC;
	}
	/* ISO C has no way from an object pointer to a function; POSIX asks that this one works (dlsym(3)). */
	*(void **)&entry = dlsym(handle, ENTRY);
	error = entry ? check(module, entry(), errors) : refuse_entry(module, handle, errors);
	if (error < 0) {
		module_free(module);
		return error;
	}
	*result = module;
	return 0;
}

bool module_has_child_hooks(const struct module *module)
{
	const struct contain_plugin *api = &module->api;

	return api->child_setup || api->child_switch || api->child_enter || api->child_seal;
}

void module_free(struct module *module)
{
	if (!module)
		return;
	free(module->options);
	free(module->chooser);
	/* Never dlclose()d: the process ends soon, and unloading costs as much as loading. */
	free(module->name);
	free(module->path);
	free(module);
}
