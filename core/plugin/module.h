/* SPDX-License-Identifier: MIT */
/* One plugin's file, loaded and checked: is it of this interface, and does it keep its rules? */
#pragma once

#include <contain/plugin.h>

#include "base/text.h"

struct module {
	char *name, *path;
	struct contain_plugin api;      /* a copy: what an older plugin does not have is zero */
	struct contain_option *options; /* likewise; key NULL at the end, never NULL */
	char *chooser;                  /* chosen_by: --CHOOSER CHOICE switches it on; NULL: none */
	const char *choice;
};

/*
 * dlopen(RTLD_NOW | RTLD_LOCAL) an absolute path. The file was trusted by the caller. On failure a line that says what
 * is wrong and what to do is added to errors, and -errno returned. *module is the caller's: module_free().
 */
int module_load(const char *name, const char *path, struct module **module, struct text *errors);

/* The VALUE for which it is chosen by --FLAG; NULL: it is not chosen by that flag. */
const char *module_choice(const struct module *module, const char *flag);

/* [a-z][a-z0-9-]{0,31}: what such a VALUE may be. */
bool module_choice_valid(const char *value);

/* Hooks that run in the child: if it has none, the child need not load it. */
bool module_has_child_hooks(const struct module *module);

void module_free(struct module *module);
