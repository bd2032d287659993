/* SPDX-License-Identifier: MIT */
#include "cli/exposure.h"

#include <contain/plugin.h>

#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>

#include "base/number.h"
#include "container/layout.h"

#define WAY_OUT 10 /* points of what makes the command root on the host */

static uint32_t bit(size_t fact)
{
	return UINT32_C(1) << fact;
}

/* Whether one of the controllers is the fact's: io has another name in cgroup v1. */
static bool uses_controller(const struct fact *fact, const char *controllers)
{
	char word[32];

	for (const char *one = controllers + strspn(controllers, " "); *one; one += strspn(one, " ")) {
		size_t length = strcspn(one, " ");

		snprintf(word, sizeof(word), "%.*s", (int)length, one);
		if (layout_has_word(fact->words, word))
			return true;
		one += length;
	}
	return false;
}

static bool protects(const struct fact *fact, char *const *protections, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(protections[i], fact->words) == 0)
			return true;
	}
	return false;
}

uint32_t facts_of(uint64_t namespaces, const char *controllers, char *const *protections, size_t protection_count)
{
	uint32_t closed = 0;

	for (size_t i = 0; i < fact_count; i++) {
		const struct fact *fact = &facts[i];

		if ((fact->kind == FACT_NAMESPACE && (namespaces & fact->flag)) ||
		    (fact->kind == FACT_CONTROLLER && uses_controller(fact, controllers)) ||
		    (fact->kind == FACT_PROTECTION && protects(fact, protections, protection_count)))
			closed |= bit(i);
	}
	return closed;
}

static bool in_set(uint32_t set, enum fact_kind kind, const char *words)
{
	for (size_t i = 0; i < fact_count; i++) {
		if (facts[i].kind == kind && (!words || strcmp(facts[i].words, words) == 0))
			return set & bit(i);
	}
	return false;
}

/* A name that the image gives the number 0 is not known here. */
static bool is_root(const char *user)
{
	char name[32];
	const char *why;
	int64_t number;

	if (!user || !*user)
		return true;
	snprintf(name, sizeof(name), "%.*s", (int)strcspn(user, ":"), user);
	return strcmp(name, "root") == 0 || (number_parse(name, &number, &why) == 0 && number == 0);
}

/* Whether root inside is somebody else outside. */
static bool maps_users(uint32_t closed)
{
	return in_set(closed, FACT_PROTECTION, "users");
}

uint32_t facts_of_process(uint32_t closed, const char *user, int64_t log_size)
{
	uint32_t own = 0;

	for (size_t i = 0; i < fact_count; i++) {
		if ((facts[i].kind == FACT_USER && (!is_root(user) || maps_users(closed))) ||
		    (facts[i].kind == FACT_LOG && log_size != CONTAIN_MAX))
			own |= bit(i);
	}
	return own;
}

static int sum_of(uint32_t set)
{
	int sum = 0;

	for (size_t i = 0; i < fact_count; i++)
		sum += set & bit(i) ? facts[i].points : 0;
	return sum;
}

static bool has_way_out(uint32_t set)
{
	for (size_t i = 0; i < fact_count; i++) {
		if ((set & bit(i)) && facts[i].points >= WAY_OUT)
			return true;
	}
	return false;
}

/* Capabilities that count against the host are all that it takes, for who is root or can become it. */
static bool is_root_outside(uint32_t open)
{
	bool counts = false;

	for (size_t i = 0; i < fact_count; i++)
		counts |= facts[i].kind == FACT_NAMESPACE && facts[i].flag == CLONE_NEWUSER && (open & bit(i));
	return counts && in_set(open, FACT_PROTECTION, "capabilities") &&
	       (in_set(open, FACT_USER, NULL) || in_set(open, FACT_PROTECTION, "no_new_privs"));
}

int exposer_points(const struct exposer *exposer)
{
	int most = exposer->closes ? sum_of(exposer->closes) : INT_MAX, sum = 0;

	for (size_t i = 0; i < exposer->count && sum < most; i++)
		sum += exposer->points[i];
	return sum < most ? sum : most;
}

/* Where the plugin keeps from nothing as bad, it would be no better without it. */
static bool exposer_has_way_out(const struct exposer *exposer)
{
	for (size_t i = 0; i < exposer->count; i++) {
		if (exposer->points[i] >= WAY_OUT)
			return !exposer->closes || has_way_out(exposer->closes);
	}
	return false;
}

struct exposure_score exposure_score(uint32_t closed, const struct exposer *exposers, size_t count)
{
	uint32_t all = fact_count < 32 ? bit(fact_count) - 1 : UINT32_MAX;
	struct exposure_score score = { .possible = sum_of(all) };
	bool way_out = false;

	for (size_t i = 0; i < count; i++) {
		closed |= exposers[i].closes;
		score.points += exposer_points(&exposers[i]);
		way_out |= exposer_has_way_out(&exposers[i]);
	}
	score.points += sum_of(all & ~closed);
	way_out |= has_way_out(all & ~closed) || is_root_outside(all & ~closed);
	score.tenths = (score.points * EXPOSURE_MOST + score.possible - 1) / score.possible;
	if (score.tenths > EXPOSURE_MOST)
		score.tenths = EXPOSURE_MOST;
	score.way_out = way_out && score.tenths < EXPOSURE_WAY_OUT;
	if (score.way_out)
		score.tenths = EXPOSURE_WAY_OUT;
	return score;
}

const char *exposure_word(int tenths)
{
	static const struct {
		int least;
		const char *word;
	} words[] = { { 100, "DANGEROUS" }, { 90, "UNSAFE" }, { 75, "EXPOSED" }, { 50, "MEDIUM" },
		      { 10, "OK" },         { 1, "SAFE" },    { 0, "PERFECT" } };
	size_t i = 0;

	while (tenths < words[i].least)
		i++;
	return words[i].word;
}

int exposure_parse(const char *text, void *value, char *why, size_t why_size)
{
	size_t digits = strspn(text, "0123456789");
	const char *rest = text + digits;
	int tenths = 0;

	for (size_t i = 0; i < digits && tenths <= EXPOSURE_MOST; i++)
		tenths = tenths * 10 + (text[i] - '0') * 10;
	if (digits > 0 && *rest == '.' && rest[1] >= '0' && rest[1] <= '9') {
		tenths += rest[1] - '0';
		rest += 2;
	}
	if (digits > 0 && !*rest && tenths <= EXPOSURE_MOST) {
		*(int *)value = tenths;
		return 0;
	}
	snprintf(why, why_size, "must be a number from 0.0 to 10.0, with one decimal at most");
	return -EINVAL;
}
