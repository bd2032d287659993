/* SPDX-License-Identifier: MIT */
/* Who has asked for what in configure, for `contain plan`. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "plugin/ctx.h"

struct wish {
	char plugin[PLUGIN_NAME_SIZE];
	uint64_t namespaces; /* one CLONE_NEW* flag; 0: it is a controller */
	char *controller;    /* of cgroups; NULL: it is a namespace */
};

struct wishes {
	struct wish *wishes; /* in the order of the hooks */
	size_t count;
};

/*
 * Note what the plugin whose hook runs was given, if somebody wants to know (ctx->wishes); what the core itself asks
 * for is not noted. 0, or -ENOMEM with a message.
 */
int wishes_note_namespace(struct contain_ctx *ctx, uint64_t flag);
int wishes_note_controller(struct contain_ctx *ctx, const char *controller);

void wishes_free(struct wishes *wishes);
