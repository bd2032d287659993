/* SPDX-License-Identifier: MIT */
#include "cli/check_rows.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Who could make such a namespace. One that is on does so unless it is set to something else. */
static char *find_maker(struct verdict *verdict, uint64_t namespace)
{
	const struct catalog *catalog = &verdict->flags.catalog;
	_cleanup_text_ struct text names = { 0 };
	char *remedy;

	for (size_t i = 0; i < catalog->module_count; i++) {
		const struct module *module = catalog->modules[i];

		if (!(module->api.namespaces & namespace))
			continue;
		if (roster_has(&verdict->container.roster, module->name))
			return asprintf(&remedy, "let %s make one", module->name) < 0 ? NULL : remedy;
		text_printf(&names, "%s%s", names.length ? " or " : "", module->name);
	}
	if (names.length == 0)
		return strdup("no installed plugin makes one");
	return asprintf(&remedy, "switch on %s", text_peek(&names)) < 0 ? NULL : remedy;
}

static int add_fact(struct rows *rows, struct verdict *verdict, size_t number)
{
	const struct fact *fact = &facts[number];
	bool open = !(verdict->closed & UINT32_C(1) << number);
	struct row row = { .open = open,
			   .points = fact->points,
			   .name = fact->name,
			   .can = open ? fact->open : fact->closed,
			   .remedy = fact->remedy };

	if (open && fact->kind == FACT_NAMESPACE) {
		row.remedy = row.text = find_maker(verdict, fact->flag);
		if (!row.text)
			return -ENOMEM;
	}
	for (size_t i = 0; i < verdict->assessment.count; i++) {
		if (verdict->exposers[i].closes & UINT32_C(1) << number)
			text_line(&row.plugins, "%s", verdict->container.roster.members[i].module->name);
	}
	rows->rows[rows->count++] = row;
	return 0;
}

/* "what the command can do: how to avoid that"; the last colon, as there may be one in a path. */
static int add_exposure(struct rows *rows, const struct exposure *exposure)
{
	struct row row = {
		.open = true, .points = exposure->points, .name = exposure->plugin, .text = strdup(exposure->text)
	};
	char *colon = NULL;

	if (!row.text)
		return -ENOMEM;
	for (char *next = row.text; (next = strstr(next, ": ")); next += 2)
		colon = next;
	row.can = row.text;
	if (colon) {
		*colon = '\0';
		row.remedy = colon + 2;
	}
	text_line(&row.plugins, "%s", exposure->plugin);
	rows->rows[rows->count++] = row;
	return 0;
}

/* The worst first; of those alike, what is open; then in the order in which they were found. */
static bool is_before(const struct row *a, const struct row *b)
{
	return a->points != b->points ? a->points > b->points : a->open && !b->open;
}

/* They are few, and qsort(3) does not keep an order. */
static void sort(struct rows *rows)
{
	for (size_t i = 1; i < rows->count; i++) {
		struct row row = rows->rows[i];
		size_t at = i;

		for (; at > 0 && is_before(&row, &rows->rows[at - 1]); at--)
			rows->rows[at] = rows->rows[at - 1];
		rows->rows[at] = row;
	}
}

int rows_make(struct rows *rows, struct verdict *verdict)
{
	const struct findings *findings = &verdict->assessment.findings;
	_cleanup_text_ struct text ignored = { 0 };
	int result = 0;

	rows->rows = calloc(fact_count + findings->exposure_count, sizeof(*rows->rows));
	if (!rows->rows)
		return -ENOMEM;
	/* For find_maker(). What can't be loaded is none of the profile's. */
	catalog_load_all(&verdict->flags.catalog, &ignored);
	for (size_t i = 0; result == 0 && i < fact_count; i++)
		result = add_fact(rows, verdict, i);
	for (size_t i = 0; result == 0 && i < findings->exposure_count; i++)
		result = add_exposure(rows, &findings->exposures[i]);
	sort(rows);
	return result;
}

void rows_free(struct rows *rows)
{
	for (size_t i = 0; i < rows->count; i++) {
		free(rows->rows[i].text);
		text_free(&rows->rows[i].plugins);
	}
	free(rows->rows);
	*rows = (struct rows){ 0 };
}
