/* SPDX-License-Identifier: MIT */
/* What run has in common with commands that go a part of its way. */
#pragma once

#include "cli/flags.h"
#include "cli/own_flags.h"
#include "container/container.h"

/* The container's id: --name, or one that is made up. 0 or -errno with a message. */
int run_name(struct container *container, const struct flags *flags);

/* What run's flags, and the descriptors that it was started with, make of it. 0 or -errno with a message. */
int run_set_mode(struct container *container, const struct run_flags *run);

/* Each mistake as a message, and the failure in ctx if there is one. */
void run_tell_failure(struct cli *cli, struct contain_ctx *ctx, const struct text *errors, int result);
