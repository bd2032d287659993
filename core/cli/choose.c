/* SPDX-License-Identifier: MIT */
/*
 * --FLAG VALUE, by which plugins are chosen (chosen_by of plugin.h): the one for that value is switched on, those for
 * others are switched off. A value that chooses none is the ordinary value of the flag, if a plugin has it.
 */
#include "cli/flags.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

struct choice {
	const char *flag, *value; /* "network", "macvlan" */
	char shown[128];          /* "--network veth" */
	struct origin origin;
	const struct module *chosen; /* NULL: none, it is an ordinary value */
};

/* ---- while the words are read ------------------------------------------------------------------------------------ */

static const struct contain_option *add_chooser(struct flags *flags, const char *name)
{
	struct chooser *chooser = calloc(1, sizeof(*chooser));
	char *key = strdup(name);

	if (!chooser || !key) {
		free(chooser);
		free(key);
		return NULL;
	}
	*chooser = (struct chooser){ flags->choosers, { .key = key, .type = CONTAIN_STRING, .flag = key } };
	flags->choosers = chooser;
	return &chooser->option;
}

const struct contain_option *choose_find_flag(struct flags *flags, const char *name)
{
	_cleanup_free_ char *bytes = NULL;

	for (const struct chooser *chooser = flags->choosers; chooser; chooser = chooser->next) {
		if (strcmp(chooser->option.flag, name) == 0)
			return &chooser->option;
	}
	if (asprintf(&bytes, "%s=", name) < 0) {
		bytes = NULL;
		return NULL;
	}
	catalog_load_naming(&flags->catalog, bytes, strlen(bytes), &flags->load_errors);
	for (size_t i = 0; i < flags->catalog.module_count; i++) {
		if (module_choice(flags->catalog.modules[i], name))
			return add_chooser(flags, name);
	}
	return NULL;
}

void choose_free(struct flags *flags)
{
	while (flags->choosers) {
		struct chooser *chooser = flags->choosers;

		flags->choosers = chooser->next;
		free((char *)chooser->option.key);
		free(chooser);
	}
}

static bool is_long_flag(const struct entry *entry)
{
	return strncmp(entry->origin.source, "--", 2) == 0;
}

const char *choose_said(const struct flags *flags, const char *flag)
{
	const char *said = NULL;

	for (size_t i = 0; flags->assumed && i < flags->assumed->entry_count; i++) {
		const struct entry *entry = &flags->assumed->entries[i];

		if (is_long_flag(entry) && strcmp(entry->origin.source + 2, flag) == 0)
			said = entry->value;
	}
	return said;
}

/* Whoever is chosen by it is loaded; what can't be is told in errors. */
static void load_chosen(struct flags *flags, const char *flag, const char *value, struct text *errors)
{
	_cleanup_free_ char *word = NULL;

	if (!module_choice_valid(value))
		return;
	if (asprintf(&word, "%s=%s", flag, value) < 0)
		word = NULL;
	/* Its end is part of it. */
	if (word)
		catalog_load_naming(&flags->catalog, word, strlen(word) + 1, errors);
}

void choose_load(struct flags *flags)
{
	_cleanup_text_ struct text told_later = { 0 };
	struct flag core;

	for (size_t i = 0; flags->assumed && i < flags->assumed->entry_count; i++) {
		const struct entry *entry = &flags->assumed->entries[i];

		if (is_long_flag(entry) && !flags_find_core(flags, entry->origin.source + 2, 0, &core))
			load_chosen(flags, entry->origin.source + 2, entry->value, &told_later);
	}
}

/* ---- when they have been read ------------------------------------------------------------------------------------ */

static const struct contain_option *find_option(const struct flags *flags, const struct entry *entry)
{
	for (size_t i = 0; i < flags->catalog.module_count; i++) {
		const struct module *module = flags->catalog.modules[i];
		const struct contain_option *option = module->options;

		if (strcmp(module->name, entry->section) != 0)
			continue;
		for (; option->key; option++) {
			if (strcmp(option->key, entry->key) == 0)
				return option;
		}
	}
	return NULL;
}

/* The name of the flag that the entry is of, if it is one of a plugin, or of none, that a word can be the value of. */
static const char *flag_of(const struct flags *flags, const struct entry *entry)
{
	const struct contain_option *option;

	if (strcmp(entry->section, SECTION_CHOICE) == 0)
		return entry->key;
	option = find_option(flags, entry);
	return option && (option->type == CONTAIN_STRING || option->type == CONTAIN_ENUM) ? option->flag : NULL;
}

/* Later beats earlier, as for all flags. */
static bool is_last(const struct profile *words, size_t index)
{
	const struct entry *one = &words->entries[index];

	for (size_t i = index + 1; i < words->entry_count; i++) {
		if (strcmp(words->entries[i].section, one->section) == 0 &&
		    strcmp(words->entries[i].key, one->key) == 0)
			return false;
	}
	return true;
}

/* Whom it chooses; more than one is an error, unless all but one are switched off by name. */
static void find_chosen(struct flags *flags, struct choice *choice, struct text *errors)
{
	_cleanup_text_ struct text why = { 0 };
	const struct module *off = NULL;

	load_chosen(flags, choice->flag, choice->value, &why);
	for (size_t i = 0; i < flags->catalog.module_count; i++) {
		const struct module *module = flags->catalog.modules[i];
		const char *value = module_choice(module, choice->flag);

		if (!value || strcmp(value, choice->value) != 0)
			continue;
		if (flags_in_list(&flags->create.disable, module->name))
			off = module;
		else if (!choice->chosen)
			choice->chosen = module;
		else
			text_line(errors, "%s chooses two plugins, %s and %s: --disable one of them", choice->shown,
				  choice->chosen->name, module->name);
	}
	if (!choice->chosen && off) {
		text_line(errors, "%s chooses the plugin %s, which --disable switches off: give one of the two",
			  choice->shown, off->name);
		choice->chosen = off;
	}
	if (!choice->chosen && why.length > 0)
		text_line(errors, "%s: who is chosen by that can't be used: %.*s", choice->shown,
			  (int)strcspn(text_peek(&why), "\n"), text_peek(&why));
}

/* A flag that is no other plugin's. */
static void say_unknown(const struct flags *flags, const struct choice *choice, struct text *errors)
{
	struct suggestion suggestion = { .wrong = choice->value };
	_cleanup_text_ struct text known = { 0 };
	char near[128];

	for (size_t i = 0; i < flags->catalog.module_count; i++) {
		const char *value = module_choice(flags->catalog.modules[i], choice->flag);

		if (!value)
			continue;
		suggest_offer(&suggestion, value);
		text_printf(&known, "%s%s", known.length ? ", " : "", value);
	}
	text_line(errors, "%s: no plugin is chosen by '%s'%s; there is: %s", choice->origin.source, choice->value,
		  suggest_text(&suggestion, near, sizeof(near)), text_peek(&known));
}

/* What is switched off can't be asked for, too. */
static bool is_wanted(const struct flags *flags, const struct module *module, const struct choice *choice,
		      struct text *errors)
{
	const struct profile *words = &flags->cli->flags;
	bool wanted = flags_in_list(&flags->create.enable, module->name);

	if (wanted)
		text_line(errors, "--enable %s: %s switches that plugin off: give one of the two", module->name,
			  choice->shown);
	for (size_t i = 0; i < words->entry_count; i++) {
		const struct entry *entry = &words->entries[i];

		if (strcmp(entry->section, module->name) != 0)
			continue;
		wanted = true;
		text_line(errors, "%s belongs to the plugin %s, which %s switches off: give one of the two",
			  entry->origin.source, module->name, choice->shown);
	}
	return wanted;
}

/* Those that are for another value. */
static int switch_others(struct flags *flags, const struct choice *choice, struct text *errors)
{
	const struct origin origin = { choice->shown, 0 };
	int result = 0;

	for (size_t i = 0; result == 0 && i < flags->catalog.module_count; i++) {
		const struct module *module = flags->catalog.modules[i];
		const char *value = module_choice(module, choice->flag);
		const struct switch_ *now = profile_find_switch(&flags->profile, module->name);

		if (value && strcmp(value, choice->value) != 0 && !is_wanted(flags, module, choice, errors) && now &&
		    now->on)
			result = profile_add_switch(&flags->profile, module->name, false, origin);
	}
	return result;
}

static int settle(struct flags *flags, struct choice *choice, const struct entry *entry, struct text *errors)
{
	size_t mistakes = errors->length;
	int result;

	find_chosen(flags, choice, errors);
	if (!choice->chosen && strcmp(entry->section, SECTION_CHOICE) == 0 && errors->length == mistakes)
		say_unknown(flags, choice, errors);
	result = switch_others(flags, choice, errors);
	if (result < 0 || !choice->chosen)
		return result;
	/* It is chosen instead of every other value, also of one that the profile gives. */
	profile_drop_entries(&flags->cli->flags, entry->section, entry->key);
	profile_drop_entries(&flags->profile, entry->section, entry->key);
	return profile_add_switch(&flags->profile, choice->chosen->name, true, (struct origin){ choice->shown, 0 });
}

int choose(struct flags *flags, struct text *errors)
{
	const struct profile *words = &flags->cli->flags;
	int result = 0;

	for (size_t i = 0; result == 0 && i < words->entry_count; i++) {
		/* A copy, as it may be dropped; its strings stay. */
		const struct entry entry = words->entries[i];
		struct choice choice = { .flag = flag_of(flags, &entry), .value = entry.value, .origin = entry.origin };
		size_t before = words->entry_count;

		if (choice.flag && is_last(words, i)) {
			snprintf(choice.shown, sizeof(choice.shown), "%s %s", entry.origin.source, entry.value);
			result = settle(flags, &choice, &entry, errors);
		}
		/* What was dropped stood here and before, as this one is the last of its kind; i may pass below 0. */
		i -= before - words->entry_count;
	}
	return result;
}
