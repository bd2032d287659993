/* SPDX-License-Identifier: MIT */
/* The namespaces that a container can have of its own. */
#pragma once

#include <stdint.h>

#include "base/text.h"
#include "plugin/ctx.h"

/* Check the kernel (5.15 or later). 0 or -ENOSYS with a message. */
int namespaces_check_kernel(struct contain_ctx *ctx);

/* The CLONE_NEW* flag of each kind, in the order of their names below; 0 behind the last. */
uint64_t namespaces_kind(size_t index);

/* "pid uts mnt" */
void namespaces_names(uint64_t namespaces, struct text *names);

/* What clone3 gets; the others are unshared by the child, in its cgroups. */
uint64_t namespaces_for_clone(uint64_t namespaces);
