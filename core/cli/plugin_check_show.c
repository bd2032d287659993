/* SPDX-License-Identifier: MIT */
/* What a check has found, for people and for programs. */
#include <contain/plugin.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "base/number.h"
#include "base/utf8.h"
#include "cli/plugin_check.h"

static const char *const outcomes[] = { [OUTCOME_OK] = "ok",
					[OUTCOME_WARNING] = "warning",
					[OUTCOME_FAILED] = "FAILED",
					[OUTCOME_SKIPPED] = "skipped" };

static size_t count_findings(const struct check *check, enum rule_level level)
{
	size_t count = 0;

	for (size_t i = 0; i < check->finding_count; i++)
		count += rule_level(check->findings[i].rule) == level;
	return count;
}

enum outcome check_verdict(const struct check *check)
{
	if (count_findings(check, RULE_ERROR) > 0)
		return OUTCOME_FAILED;
	return count_findings(check, RULE_WARNING) > 0 ? OUTCOME_WARNING : OUTCOME_OK;
}

/* Of the child's hooks, or of the parent's; those of any process run where they are asked for. */
static const char *process_of(const struct check *check, enum phase phase)
{
	return check->times[phase].is_child ? "child" : phase < PHASE_UPDATE ? "parent" : "any";
}

/* Names of files and words of a plugin may be anything, and a terminal would act upon it. */
static void put_words(const char *before, const char *words)
{
	_cleanup_free_ char *copy = utf8_masked(words);

	printf("%s%s", before, copy ? copy : "?");
}

/* `last`: of several of that rule, which have one remedy. */
static void show_finding(const struct finding *finding, bool last)
{
	printf("    %s: %s", rule_level(finding->rule) == RULE_ERROR ? "error" : "warning", rule_name(finding->rule));
	if (finding->phase != PHASE_NONE)
		printf(" in %s", phase_name(finding->phase));
	put_words(": ", finding->detail);
	if (finding->also > 0)
		printf(" (and in %u more)", finding->also);
	printf("\n");
	if (last && *rule_remedy(finding->rule))
		printf("      %s\n", rule_remedy(finding->rule));
}

static void show_findings(const struct check *check, size_t scenario)
{
	for (size_t i = 0; i < check->finding_count; i++) {
		const struct finding *one = &check->findings[i];
		bool more = i + 1 < check->finding_count && one[1].scenario == scenario && one[1].rule == one->rule;

		if (one->scenario == scenario)
			show_finding(one, !more);
	}
}

static void show_scenarios(const struct check *check)
{
	for (size_t i = 0; i < check->scenario_count; i++) {
		const struct scenario *scenario = &check->scenarios[i];
		const char *note = *scenario->note ? scenario->note : scenario->repeats ? "as above" : "";

		if (check->cli->global.quiet && scenario->outcome != OUTCOME_FAILED &&
		    scenario->outcome != OUTCOME_WARNING)
			continue;
		printf("  %-30s %s%s%s%s\n", scenario->name, outcomes[scenario->outcome], *note ? " (" : "", note,
		       *note ? ")" : "");
		show_findings(check, i);
	}
}

static void show_hooks(const struct check *check)
{
	bool any = false;

	for (enum phase phase = PHASE_CONFIGURE; phase < PHASE_COUNT; phase++) {
		const struct hook_time *time = &check->times[phase];
		char least[32], most[32];

		if (time->calls == 0)
			continue;
		if (!any)
			printf("  %-16s %-7s %6s %10s %10s\n", "HOOK", "PROCESS", "CALLS", "LEAST", "MOST");
		any = true;
		printf("  %-16s %-7s %6u %10s %10s%s\n", phase_name(phase), process_of(check, phase), time->calls,
		       number_usec_for_people(time->least, least), number_usec_for_people(time->most, most),
		       time->least >= SLOW_USEC ? "  slow" : "");
	}
}

void show_text(const struct check *check)
{
	const struct facts *facts = check->facts;
	size_t errors = count_findings(check, RULE_ERROR), warnings = count_findings(check, RULE_WARNING);
	bool quiet = check->cli->global.quiet, whole = true;

	for (size_t i = 0; i < check->scenario_count; i++)
		whole = whole && check->scenarios[i].outcome != OUTCOME_SKIPPED;
	if (quiet && errors + warnings == 0 && !check->unfinished)
		return;
	put_words("", check->path);
	if (facts->loaded) {
		printf(": %s", check->name);
		put_words(*facts->version ? " " : "", facts->version);
		printf(", interface 1.%u", facts->api_minor);
		put_words(*facts->summary ? ": " : "", facts->summary);
	}
	printf("\n");
	show_scenarios(check);
	if (!quiet)
		show_hooks(check);
	printf("  %s: %zu error%s, %zu warning%s\n",
	       errors > 0          ? "FAILED"
	       : check->unfinished ? "not finished"
	       : whole             ? "passed"
				   : "passed what was tried",
	       errors, errors == 1 ? "" : "s", warnings, warnings == 1 ? "" : "s");
}

static void add_findings(const struct check *check, struct text *json)
{
	text_add(json, ",\n  \"findings\":[");
	for (size_t i = 0; i < check->finding_count; i++) {
		const struct finding *one = &check->findings[i];

		json_next(json);
		text_add(json, "\n   {\"rule\":");
		json_string(json, rule_name(one->rule));
		json_member(json, "level", rule_level(one->rule) == RULE_ERROR ? "error" : "warning");
		json_member(json, "hook", one->phase == PHASE_NONE ? NULL : phase_name(one->phase));
		json_member(json, "scenario", check->scenarios[one->scenario].name);
		text_printf(json, ",\"more_scenarios\":%u", one->also);
		json_member(json, "text", one->detail);
		json_member(json, "remedy", rule_remedy(one->rule));
		text_add(json, "}");
	}
	text_add(json, "]");
}

static void add_hooks(const struct check *check, struct text *json)
{
	text_add(json, ",\n  \"hooks\":[");
	for (enum phase phase = PHASE_CONFIGURE; phase < PHASE_COUNT; phase++) {
		const struct hook_time *time = &check->times[phase];

		if (time->calls == 0)
			continue;
		json_next(json);
		text_add(json, "\n   {\"hook\":");
		json_string(json, phase_name(phase));
		json_member(json, "process", process_of(check, phase));
		text_printf(json, ",\"calls\":%u,\"least_usec\":%lld,\"most_usec\":%lld}", time->calls,
			    (long long)time->least, (long long)time->most);
	}
	text_add(json, "]");
}

void show_json(const struct check *check, bool first)
{
	_cleanup_text_ struct text json = { 0 };

	text_add(&json, first ? "\n {\"file\":" : ",\n {\"file\":");
	json_string(&json, check->path);
	json_member(&json, "name", check->name);
	json_member(&json, "version", check->facts->version);
	json_member_bool(&json, "loaded", check->facts->loaded);
	text_printf(&json, ",\"api_minor\":%u", check->facts->api_minor);
	json_member(&json, "verdict",
		    check_verdict(check) == OUTCOME_FAILED ? "failed"
		    : check->unfinished                    ? "unfinished"
							   : "passed");
	text_add(&json, ",\n  \"scenarios\":[");
	for (size_t i = 0; i < check->scenario_count; i++) {
		const struct scenario *one = &check->scenarios[i];

		json_next(&json);
		text_add(&json, "\n   {\"name\":");
		json_string(&json, one->name);
		json_member(&json, "outcome", one->outcome == OUTCOME_FAILED ? "failed" : outcomes[one->outcome]);
		json_member(&json, "note", one->note);
		text_add(&json, "}");
	}
	text_add(&json, "]");
	add_findings(check, &json);
	add_hooks(check, &json);
	text_add(&json, "}");
	fputs(text_peek(&json), stdout);
}
