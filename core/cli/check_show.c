/* SPDX-License-Identifier: MIT */
/* A verdict for people, as systemd-analyze(1) security shows one, and for programs. */
#include "cli/check.h"
#include "cli/show.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "base/utf8.h"
#include "cli/check_rows.h"

#define NAME_WIDTH 16
#define WIDTH      100 /* of the whole table */
#define INDENT     (NAME_WIDTH + 3)
#define POINTS     7 /* columns of the last one, a blank in front included */

/* locale(7): the first of these that is set counts. */
static bool shows_utf8(void)
{
	static const char *const variables[] = { "LC_ALL", "LC_CTYPE", "LANG" };

	for (size_t i = 0; i < sizeof(variables) / sizeof(*variables); i++) {
		const char *value = getenv(variables[i]);

		if (value && *value)
			return strcasestr(value, "UTF-8") || strcasestr(value, "UTF8");
	}
	return false;
}

/* Words in a column from INDENT on; the cursor is there already. Returns in which column it ends. */
static int print_column(const char *text, int most)
{
	_cleanup_free_ char *copy = utf8_masked(text);
	char *rest = copy, *word;
	int column = INDENT;

	while ((word = strsep(&rest, " "))) {
		int length = (int)strlen(word);

		if (column > INDENT && column + 1 + length > most) {
			printf("\n%*s", INDENT, "");
			column = INDENT;
		}
		column += printf("%s%s", column > INDENT ? " " : "", word);
	}
	return column;
}

/* " (mountns, proc)" */
static void add_names(struct text *words, const struct text *lines)
{
	_cleanup_free_ char *copy = strdup(text_peek(lines));
	const char *before = " (";
	char *rest = copy, *line;

	while ((line = strsep(&rest, "\n"))) {
		if (*line)
			text_printf(words, "%s%s", before, line);
		before = ", ";
	}
	text_add(words, ")");
}

static void print_row(const struct row *row, bool utf8)
{
	const char *mark = utf8 ? (row->open ? "\u2717" : "\u2713") : (row->open ? "-" : "+");
	_cleanup_text_ struct text words = { 0 };
	int column;

	text_add(&words, row->can);
	if (!row->open && row->plugins.length > 0)
		add_names(&words, &row->plugins);
	printf("%s %-*s ", mark, NAME_WIDTH, row->name);
	column = print_column(text_peek(&words), WIDTH - POINTS);
	if (row->open)
		printf("%*d", column < WIDTH - POINTS ? WIDTH - column : POINTS, row->points);
	if (row->open && row->remedy) {
		printf("\n%*s", INDENT, "");
		_cleanup_text_ struct text remedy = { 0 };

		text_printf(&remedy, "%s %s", utf8 ? "\u2192" : "->", row->remedy);
		print_column(text_peek(&remedy), WIDTH - POINTS);
	}
	puts("");
}

/* Where what a plugin leaves open is more than what it isolates. */
static void print_capped(const struct verdict *verdict)
{
	for (size_t i = 0; i < verdict->assessment.count; i++) {
		const struct exposer *exposer = &verdict->exposers[i];
		int counts = exposer_points(exposer), all = 0;

		for (size_t j = 0; j < exposer->count; j++)
			all += exposer->points[j];
		if (counts < all)
			printf("  %s: %d of its %d points count, as much as what it isolates\n",
			       verdict->container.roster.members[i].module->name, counts, all);
	}
}

static void print_table(struct verdict *verdict, bool utf8)
{
	struct rows rows = { 0 };

	rows_make(&rows, verdict);
	printf("  %-*s %-*s%*s\n", NAME_WIDTH, "NAME", WIDTH - INDENT - POINTS, "WHAT THE COMMAND CAN DO", POINTS,
	       "POINTS");
	for (size_t i = 0; i < rows.count; i++)
		print_row(&rows.rows[i], utf8);
	rows_free(&rows);
	print_capped(verdict);
	puts("");
	if (verdict->score.way_out)
		printf("  There is a way to be root on the host: however little else is open, that is %d.%d at least.\n",
		       EXPOSURE_WAY_OUT / 10, EXPOSURE_WAY_OUT % 10);
}

static void tell(struct cli *cli, enum log_level level, const struct text *lines)
{
	/* On a terminal both outputs are one: in the order of their making. */
	fflush(stdout);
	log_lines(&cli->log, level, text_peek(lines));
}

void verdict_print(struct verdict *verdict, struct cli *cli)
{
	bool utf8 = shows_utf8();
	int tenths = verdict->score.tenths;
	_cleanup_free_ char *profile = utf8_masked(verdict->profile);
	const char *shown = profile ? profile : "?";

	tell(cli, LOG_ERROR, &verdict->mistakes);
	tell(cli, LOG_WARNING, &verdict->advice);
	if (!verdict->assessed) {
		printf("%s %s was not assessed, as there is a mistake\n", utf8 ? "\u2192" : "->", shown);
		return;
	}
	if (!cli->global.quiet)
		print_table(verdict, utf8);
	printf("%s Overall exposure level for %s: %d.%d %s\n", utf8 ? "\u2192" : "->", shown, tenths / 10, tenths % 10,
	       exposure_word(tenths));
}

static void add_rows(struct text *json, const struct rows *rows, bool open)
{
	text_printf(json, ",\"%s\":[", open ? "open" : "closed");
	for (size_t i = 0; i < rows->count; i++) {
		const struct row *row = &rows->rows[i];

		if (row->open != open)
			continue;
		json_next(json);
		text_printf(json, "\n  {\"points\":%d", row->points);
		json_member(json, "name", row->name);
		show_json_lines(json, "plugins", text_peek(&row->plugins));
		json_member(json, open ? "can" : "is", row->can);
		if (open)
			json_member(json, "remedy", row->remedy);
		text_add(json, "}");
	}
	text_add(json, "]");
}

void verdict_json(struct verdict *verdict, struct text *json)
{
	const struct exposure_score *score = &verdict->score;
	struct rows rows = { 0 };

	text_add(json, " {\"profile\":");
	json_string(json, verdict->profile);
	show_json_lines(json, "mistakes", text_peek(&verdict->mistakes));
	show_json_lines(json, "advice", text_peek(&verdict->advice));
	if (!verdict->assessed) {
		text_add(json, ",\"score\":null,\"level\":null,\"points\":null,\"possible\":null,\"open\":[],"
			       "\"closed\":[]}");
		return;
	}
	text_printf(json, ",\"score\":%d.%d,\"level\":\"%s\",\"points\":%d,\"possible\":%d", score->tenths / 10,
		    score->tenths % 10, exposure_word(score->tenths), score->points, score->possible);
	if (rows_make(&rows, verdict) < 0)
		json->error = -ENOMEM;
	add_rows(json, &rows, true);
	add_rows(json, &rows, false);
	text_add(json, "}");
	rows_free(&rows);
}
