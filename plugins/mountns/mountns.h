/* SPDX-License-Identifier: MIT */
/* What the files of the plugin share. */
#pragma once

#include <contain/plugin.h>
#include <limits.h>

struct mountns {
	const char *rootfs;
	bool read_only;
	struct contain_list volumes;
};

struct volume {
	char host[PATH_MAX], container[PATH_MAX];
	uint64_t attributes; /* MOUNT_ATTR_* */
};

/* HOST:CONTAINER[:ro,...]. -EINVAL with the reason in `why`, and nothing else to rely on. Pure. */
int volume_parse(const char *text, struct volume *volume, char *why, size_t why_size);

/* The hook `check`. */
int check_exposure(struct contain_ctx *ctx, void *self);
