/* SPDX-License-Identifier: MIT */
/* The rules of a network's table, as text for nft(8). Pure. */
#pragma once

#include "rules.h"

#define RULES_TABLE "contain-" /* what the names of our tables begin with */

/* The commands that make the table, to be freed; NULL with errno: EINVAL if a name can't stand there, or ENOMEM. */
char *rules_text(const struct network *network);
