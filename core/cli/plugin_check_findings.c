/* SPDX-License-Identifier: MIT */
/* What the scenarios of a check have shown, each thing once. */
#include <contain/plugin.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/plugin_check.h"

int scenario_begin(struct check *check, const char *name, enum audit_act act, enum phase phase)
{
	struct scenario *more = reallocarray(check->scenarios, check->scenario_count + 1, sizeof(*more));

	if (!more)
		return -ENOMEM;
	check->scenarios = more;
	more[check->scenario_count] = (struct scenario){ 0 };
	snprintf(more[check->scenario_count].name, sizeof(more->name), "%s", name);
	check->scenario_count++;
	audit_reset(&check->audit, act, phase);
	return 0;
}

static void raise_outcome(struct scenario *scenario, enum rule rule)
{
	enum outcome outcome = rule_level(rule) == RULE_ERROR ? OUTCOME_FAILED : OUTCOME_WARNING;

	if (scenario->outcome < outcome)
		scenario->outcome = outcome;
}

/* The same rule in the same hook, or of the same kind of thing that is left, is one finding, however often it is seen.
 */
static struct finding *find_known(const struct check *check, enum rule rule, enum phase phase, const char *detail)
{
	for (size_t i = 0; i < check->finding_count; i++) {
		struct finding *one = &check->findings[i];

		if (one->rule != rule)
			continue;
		if (rule >= RULE_LEFT_MOUNT || (one->phase == phase && rule >= RULE_DESCRIPTOR_LEAK) ||
		    strcmp(one->detail, detail) == 0)
			return one;
	}
	return NULL;
}

void scenario_find(struct check *check, enum rule rule, enum phase phase, const char *detail)
{
	size_t now = check->scenario_count - 1;
	struct finding *known = find_known(check, rule, phase, detail), *more;
	char *copy;

	if (known && known->last != now) {
		known->last = now;
		known->also++;
		check->scenarios[now].repeats = true;
	}
	raise_outcome(&check->scenarios[now], rule);
	if (known)
		return;
	copy = strdup(detail);
	more = reallocarray(check->findings, check->finding_count + 1, sizeof(*more));
	if (more)
		check->findings = more;
	if (!more || !copy) {
		free(copy);
		return;
	}
	more[check->finding_count++] =
		(struct finding){ .rule = rule, .phase = phase, .detail = copy, .scenario = now, .last = now };
}

static void take_times(struct check *check)
{
	const struct audit_page *page = check->audit.page;

	for (unsigned i = 0; i < page->call_count && i < AUDIT_CALLS; i++) {
		const struct audit_call *call = &page->calls[i];
		struct hook_time *time = call->phase < PHASE_COUNT ? &check->times[call->phase] : NULL;

		if (!time || !call->ended)
			continue;
		time->least = time->calls == 0 || call->usec < time->least ? call->usec : time->least;
		time->most = call->usec > time->most ? call->usec : time->most;
		time->is_child = call->is_child;
		time->calls++;
	}
}

void scenario_end(struct check *check)
{
	const struct audit_page *page = check->audit.page;

	for (unsigned i = 0; i < page->finding_count && i < AUDIT_FINDINGS; i++)
		scenario_find(check, page->findings[i].rule, page->findings[i].phase, page->findings[i].detail);
	take_times(check);
}

void check_find_slow(struct check *check)
{
	for (enum phase phase = PHASE_CONFIGURE; phase < PHASE_COUNT; phase++) {
		const struct hook_time *time = &check->times[phase];
		char detail[96];

		if (time->calls == 0 || time->least < SLOW_USEC)
			continue;
		snprintf(detail, sizeof(detail), "it takes %lld ms or more each time; below %d ms is fine",
			 (long long)time->least / 1000, SLOW_USEC / 1000);
		scenario_find(check, RULE_SLOW, phase, detail);
	}
}

int scenario_skip(struct check *check, const char *name, const char *note)
{
	int result = scenario_begin(check, name, AUDIT_WATCH, PHASE_NONE);

	if (result < 0)
		return result;
	check->scenarios[check->scenario_count - 1].outcome = OUTCOME_SKIPPED;
	snprintf(check->scenarios[check->scenario_count - 1].note, AUDIT_DETAIL, "%s", note);
	return 0;
}
