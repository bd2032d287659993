/* SPDX-License-Identifier: MIT */
/*
 * How much of the host a container is exposed to, as a number: what `contain check` shows. Pure.
 *
 * The score is the sum of the points that are open over the sum of those that could be, in tenths of 0.0 to 10.0,
 * rounded up, so that nothing but a container that leaves nothing open has 0.0. What can be open is a fixed table of
 * facts, which the core sees by itself or by a word of a plugin's (contain_protects), and what plugins say
 * (contain_exposes).
 *
 * - What a plugin leaves open counts at most as much as the facts that it closes: without it all of that were open, so
 *   switching it on never raises the score. A plugin that closes none isolates nothing, and counts in full.
 * - What has 10 points is a way to be root on the host, and so are capabilities that are kept without a user namespace,
 *   for a command that is root or can become it. However much else is closed, the score is then at least 7.5.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define EXPOSURE_MOST    100 /* of a score */
#define EXPOSURE_WAY_OUT 75  /* the least with a way to be root on the host */

enum fact_kind { FACT_NAMESPACE, FACT_CONTROLLER, FACT_PROTECTION, FACT_USER, FACT_LOG };

/* Something that a container isolates, or not. */
struct fact {
	const char *name; /* "net namespace" */
	enum fact_kind kind;
	int points;         /* how bad it is while it is open, 1 to 10 as in contain_exposes() */
	uint64_t flag;      /* FACT_NAMESPACE: CLONE_NEW* */
	const char *words;  /* FACT_CONTROLLER: of any of these names; FACT_PROTECTION: the one of contain_protects() */
	const char *open;   /* what the command can do then */
	const char *remedy; /* NULL for a namespace: a plugin that makes it */
	const char *closed; /* what is so if it is not open */
};

extern const struct fact facts[];
extern const size_t fact_count; /* 32 at most: a set of them is a bit mask, bit i for facts[i] */

/* The facts that are closed by these: new namespaces, controllers that are used ("memory cpu"), protections. */
uint32_t facts_of(uint64_t namespaces, const char *controllers, char *const *protections, size_t protection_count);

/* Those that the core itself closes. `closed`: by plugins; user and log_size as in [process]. */
uint32_t facts_of_process(uint32_t closed, const char *user, int64_t log_size);

/* One plugin. */
struct exposer {
	uint32_t closes;   /* facts */
	const int *points; /* of what it leaves open */
	size_t count;
};

/* How many of a plugin's points count. */
int exposer_points(const struct exposer *exposer);

struct exposure_score {
	int points, possible; /* the sums; points may be above possible, the score is not */
	int tenths;           /* 0 to EXPOSURE_MOST */
	bool way_out;         /* raised to EXPOSURE_WAY_OUT */
};

/* `closed`: the facts that the core closes, beside those of the plugins. */
struct exposure_score exposure_score(uint32_t closed, const struct exposer *exposers, size_t count);

/* "PERFECT" ... "DANGEROUS", by the same limits as systemd-analyze(1) security. */
const char *exposure_word(int tenths);

/* For .parse of an option: 0 to 10 with at most one decimal, into an int in tenths. */
int exposure_parse(const char *text, void *value, char *why, size_t why_size);
