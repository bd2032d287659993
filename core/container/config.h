/* SPDX-License-Identifier: MIT */
/*
 * The resolved configuration in bytes: what the child gets in a sealed memfd, and what the state directory keeps. Only
 * an executable of the same version reads it.
 */
#pragma once

#include "base/wire.h"
#include "container/container.h"

/* What a child knows of its container. */
struct child_config {
	char **argv; /* NULL at the end; points into the bytes */
	char **environment;
	struct process process; /* points into settings */
	struct settings process_settings;
	struct roster roster;    /* plugins with child hooks */
	struct module **modules; /* owned */
	size_t module_count;
	char *bytes;
};

/* Written by the parent once parent_prepare is over. */
void config_write(const struct container *container, struct wire *wire);

/*
 * Read in the child: fills in ctx (id, namespaces, level, descriptors) and loads the plugins that have child hooks.
 * Takes bytes. Fails with a message in ctx.
 */
int config_read(struct contain_ctx *ctx, struct child_config *config, char *bytes, size_t length);
