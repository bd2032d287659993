/* SPDX-License-Identifier: MIT */
/* What commands that show containers have in common. */
#pragma once

#include "cli/cli.h"
#include "container/container.h"

/* For each container that there is. `one` returns 0, or -errno with its message told, which ends it. */
int show_each(struct cli *cli, int (*one)(struct cli *cli, const char *id, void *user), void *user);

/* RFC 3339, UTC, to the microsecond. */
void show_time(struct text *text, int64_t usec);

/* A command as it could be typed. */
void show_words(struct text *text, char *const *words);

/* Members of a JSON object, with a comma in front: a time or null; an array of strings. */
void show_json_time(struct text *text, const char *key, int64_t usec);
void show_json_words(struct text *text, const char *key, char *const *words);

/* Likewise an array of the words of a text, which have blanks between them; and of its lines. */
void show_json_list(struct text *text, const char *key, const char *words);
void show_json_lines(struct text *text, const char *key, const char *lines);

/* id, pid, status, times, exit status: the first members of an object. */
void show_json_life(struct text *text, const struct container *container, const struct life *life);
