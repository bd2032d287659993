/* SPDX-License-Identifier: MIT */
/* The namespaces that a container can have of its own. */
#pragma once

#include <stdint.h>

#include "base/text.h"
#include "plugin/ctx.h"

struct spawn_join;

#define NAMESPACES_MOST 6 /* kinds that there are */

/* Check the kernel (5.15 or later). 0 or -ENOSYS with a message. */
int namespaces_check_kernel(struct contain_ctx *ctx);

/* What a plugin of that name has in its table: contain_namespace(), until the plugin joins one of that kind. */
int namespaces_ask_usual(struct contain_ctx *ctx, uint64_t flag, const char *plugin);

/* The kinds of which the container has another one than contain itself: new ones, and joined ones until the birth. */
uint64_t namespaces_apart(const struct contain_ctx *ctx);

/* Those of `namespaces` that we are not in as process `pid` is; what can't be looked at counts too. */
uint64_t namespaces_elsewhere(uint64_t namespaces, pid_t pid);

/* What the child has to join, into room for NAMESPACES_MOST; returns how many. The descriptors stay those of ctx, which
 * closes them after the birth. */
size_t namespaces_to_join(const struct contain_ctx *ctx, struct spawn_join *joins);

/* The CLONE_NEW* flag of each kind, in the order of their names below; 0 behind the last. */
uint64_t namespaces_kind(size_t index);

/* "pid uts mnt" */
void namespaces_names(uint64_t namespaces, struct text *names);

/* What clone3 gets; the others are unshared by the child, in its cgroups. */
uint64_t namespaces_for_clone(uint64_t namespaces);
