/* SPDX-License-Identifier: MIT */
/* What a container used, as its plugins report it, and what they know of why it ended. */
#pragma once

#include <contain/plugin.h>

#include "base/text.h"

struct figure {
	char *key;
	int64_t value; /* negative: not counted by this kernel */
	enum contain_unit unit;
};

struct usage {
	struct figure *figures;
	size_t count;
	struct text causes; /* a line each */
};

/* Add one figure; the key is copied. 0 or -ENOMEM. */
int usage_add(struct usage *usage, const char *key, int64_t value, enum contain_unit unit);

/* "peak memory: 12.5M" */
void usage_people(const struct figure *figure, struct text *line);

/* ,"peak_memory_bytes":12345 for each */
void usage_json(const struct usage *usage, struct text *json);

void usage_free(struct usage *usage);
