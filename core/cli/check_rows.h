/* SPDX-License-Identifier: MIT */
/* The lines of a verdict: what is open and what is not, the worst first. */
#pragma once

#include "cli/check.h"

struct row {
	bool open;
	int points;
	const char *name;   /* of the fact, or of the plugin that says so; borrowed */
	const char *can;    /* what the command can do, or what is so if it is not open; borrowed, or `text` */
	const char *remedy; /* likewise; NULL: none is known */
	char *text;
	struct text plugins; /* by whom it is closed, or left open, a line each */
};

struct rows {
	struct row *rows;
	size_t count;
};

/* 0 or -ENOMEM. They point into the verdict. */
int rows_make(struct rows *rows, struct verdict *verdict);
void rows_free(struct rows *rows);
