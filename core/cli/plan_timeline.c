/* SPDX-License-Identifier: MIT */
/* contain plan for people: which hook is called when and where, as README.md draws it. */
#include <contain/plugin.h>

#include "base/utf8.h"
#include "cli/plan.h"

/* False: there is no such step. */
static bool add_step(const struct plan *plan, const struct plan_step *step, bool first_of_child, struct text *text)
{
	_cleanup_text_ struct text details = { 0 };
	bool last = !step[1].phase && !step[1].name;

	if (step->phase != PHASE_NONE) {
		plan_step_plugins(plan, step, &details);
	} else if (step->tell) {
		step->tell(plan, &details);
		if (details.length == 0)
			return false;
	}
	if (details.chars)
		utf8_mask(details.chars);
	if (step->child)
		text_printf(text, " │   %s%-14s", first_of_child ? "\"go\" ──────────► " : "                 ",
			    plan_step_name(step));
	else
		text_printf(text, " %s   %-16s", last ? "└" : "│", plan_step_name(step));
	if (details.length > 0 || step->phase != PHASE_NONE)
		text_printf(text, " %s", details.length ? text_peek(&details) : "-");
	while (text->length > 0 && text->chars[text->length - 1] == ' ')
		text->chars[--text->length] = '\0';
	text_add(text, "\n");
	return true;
}

void plan_timeline(const struct plan *plan, struct text *text)
{
	bool in_child = false;

	text_add(text, "\n │ parent\n");
	for (const struct plan_step *step = plan_steps; step->phase || step->name; step++) {
		/* The child sets up in one go, and only then the parent goes on. */
		if (add_step(plan, step, step->child && !in_child, text))
			in_child = step->child;
		if (step->forks)
			text_add(text, " │        └──► child\n");
	}
}
