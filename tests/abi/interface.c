/* SPDX-License-Identifier: MIT */
/* A library of which each type of the interface is a part, for abidiff(1). `compare` makes functions.h, a line a
 * function. */
#include <contain/plugin.h>

#define FUNCTION(NAME) __typeof__(NAME) *abi_##NAME;
#include "functions.h"

const struct contain_plugin *(*abi_contain_plugin_v1)(void);
struct contain_plugin *abi_plugin;
struct contain_option *abi_option;
struct contain_list *abi_list;
enum contain_type abi_type;
enum contain_unit abi_unit;
contain_hook *abi_hook;
