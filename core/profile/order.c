/* SPDX-License-Identifier: MIT */
#include "profile/order.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

/* Square tables of "row comes before column". */
struct graph {
	const struct order_item *items;
	size_t count;
	bool *named; /* as the items say it, by name */
	bool *path;  /* directly or over others; grows by the "*" that fit in */
};

static void free_graph(struct graph *graph)
{
	free(graph->named);
	free(graph->path);
}

static bool lists(const char *const *names, const char *name)
{
	for (; names && *names; names++)
		if (!strcmp(*names, name))
			return true;
	return false;
}

/* The new edge, and every path that it completes. */
static void connect(struct graph *graph, size_t from, size_t to)
{
	size_t count = graph->count;

	if (graph->path[from * count + to])
		return;
	for (size_t i = 0; i < count; i++) {
		if (i != from && !graph->path[i * count + from])
			continue;
		for (size_t j = 0; j < count; j++)
			if (j == to || graph->path[to * count + j])
				graph->path[i * count + j] = true;
	}
}

static void add_named(struct graph *graph)
{
	const struct order_item *items = graph->items;

	for (size_t i = 0; i < graph->count; i++) {
		for (size_t j = 0; j < graph->count; j++) {
			if (lists(items[i].before, items[j].name) || lists(items[j].after, items[i].name)) {
				graph->named[i * graph->count + j] = true;
				connect(graph, i, j);
			}
		}
	}
}

static bool star(const struct order_item *first, const struct order_item *second)
{
	return lists(first->before, "*") || lists(second->after, "*");
}

/*
 * "*" is a wish: it yields to names (also to a chain of them). Of two that contradict each other, directly or over the
 * names of others, the one that keeps the given order comes first here, and the other yields to it.
 */
static void add_stars(struct graph *graph)
{
	const struct order_item *items = graph->items;

	for (size_t i = 0; i < graph->count; i++)
		for (size_t j = 0; j < graph->count; j++)
			if (i != j && star(&items[i], &items[j]) && !graph->path[j * graph->count + i])
				connect(graph, i, j);
}

/* The shortest cycle through `start`, found backwards so that it can be told forwards. */
static int tell_cycle(const struct graph *graph, size_t start, struct text *errors)
{
	size_t count = graph->count, head = 0, tail = 0;
	_cleanup_free_ size_t *queue = calloc(count, sizeof(*queue));
	_cleanup_free_ size_t *next = calloc(count, sizeof(*next));
	_cleanup_free_ bool *seen = calloc(count, sizeof(*seen));
	_cleanup_text_ struct text words = { 0 };

	if (!queue || !next || !seen)
		return -ENOMEM;
	queue[tail++] = start;
	while (head < tail && !seen[start]) {
		size_t to = queue[head++];

		for (size_t from = 0; from < count; from++) {
			if (seen[from] || !graph->named[from * count + to])
				continue;
			seen[from] = true;
			next[from] = to;
			if (from != start)
				queue[tail++] = from;
		}
	}
	for (size_t i = start, told = 0; !told || i != start; i = next[i], told++)
		text_printf(&words, "%s %s before %s", told ? "," : "", graph->items[i].name,
			    graph->items[next[i]].name);
	text_line(errors, "the plugins can't be ordered:%s", text_peek(&words));
	return text_error(&words) ? text_error(&words) : -ELOOP;
}

/* Again and again the first item in the given order that needs none of those that are left. */
static int place_all(const struct graph *graph, size_t *order)
{
	size_t count = graph->count;
	_cleanup_free_ bool *placed = calloc(count + 1, sizeof(*placed));

	if (!placed)
		return -ENOMEM;
	for (size_t done = 0; done < count; done++) {
		size_t i, j;

		for (i = 0; i < count; i++) {
			for (j = 0; !placed[i] && j < count; j++)
				if (!placed[j] && graph->path[j * count + i])
					break;
			if (!placed[i] && j == count)
				break;
		}
		placed[i] = true;
		order[done] = i;
	}
	return 0;
}

int order_sort(const struct order_item *items, size_t count, size_t *order, struct text *errors)
{
	_cleanup_(free_graph) struct graph graph = { .items = items, .count = count };

	if (!count)
		return 0;
	graph.named = calloc(count, count);
	graph.path = calloc(count, count);
	if (!graph.named || !graph.path)
		return -ENOMEM;
	add_named(&graph);
	for (size_t i = 0; i < count; i++)
		if (graph.path[i * count + i])
			return tell_cycle(&graph, i, errors);
	add_stars(&graph);
	return place_all(&graph, order);
}
