/* SPDX-License-Identifier: MIT */
/*
 * Settings for a process of ours that starts anew: the sizes that both sides must agree on, self as it is, given, and
 * then what self points to. A pointer means nothing over there, so none is written.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "profile/settings_private.h"

/* The members that point elsewhere. */
static bool points(const struct contain_option *option)
{
	return option->type == CONTAIN_STRING || option->type == CONTAIN_LIST;
}

static void write_self(const struct settings *settings, struct wire *wire)
{
	_cleanup_free_ char *copy = malloc(settings->self_size + 1);

	if (!copy) {
		wire->error = -ENOMEM;
		return;
	}
	memcpy(copy, settings->self, settings->self_size);
	for (const struct contain_option *option = settings->options; option && option->key; option++)
		if (points(option))
			memset(copy + option->offset, 0, option->size);
	wire_put_bytes(wire, copy, settings->self_size);
}

void settings_write(const struct settings *settings, struct wire *wire)
{
	size_t count = settings_option_count(settings);

	wire_put_number(wire, (int64_t)settings->self_size);
	wire_put_number(wire, (int64_t)count);
	write_self(settings, wire);
	wire_put_bytes(wire, settings->given, count * sizeof(*settings->given));
	for (size_t i = 0; i < count; i++) {
		const struct contain_option *option = &settings->options[i];
		const void *member = settings_member(settings, option);

		if (option->type == CONTAIN_STRING) {
			wire_put_string(wire, *(const char *const *)member);
		} else if (option->type == CONTAIN_LIST) {
			const struct contain_list *list = member;

			wire_put_number(wire, (int64_t)list->count);
			for (size_t item = 0; item < list->count; item++)
				wire_put_string(wire, list->items[item]);
		} else if (option->type == CONTAIN_CUSTOM) {
			wire_put_string(wire, settings->texts[i]);
		}
	}
}

static int read_list(struct settings *settings, struct contain_list *list, struct wire *wire)
{
	int64_t count = wire_get_number(wire);
	_cleanup_free_ const char **items = NULL;

	/* Each item takes its bytes: a larger count is wrong, and would only make us allocate. */
	if (!wire->error && (count < 0 || (uint64_t)count > wire->length - wire->at))
		wire->error = -EBADMSG;
	if (wire->error)
		return wire->error;
	items = calloc((size_t)count + 1, sizeof(*items));
	if (!items)
		return -ENOMEM;
	for (int64_t i = 0; i < count; i++) {
		items[i] = wire_get_string(wire);
		if (!items[i])
			return wire->error ? wire->error : -EBADMSG;
	}
	return settings_set_list(settings, list, items, (size_t)count);
}

static int read_member(struct settings *settings, const struct contain_option *option, struct wire *wire)
{
	void *member = settings_member(settings, option);
	const char *string;

	switch (option->type) {
	case CONTAIN_BOOL:
		/* To load another byte as a bool is undefined. */
		return *(const unsigned char *)member > 1 ? -EBADMSG : 0;
	case CONTAIN_STRING:
		string = wire_get_string(wire);
		return wire->error || !string ? wire->error : settings_set_string(settings, member, string);
	case CONTAIN_LIST:
		return read_list(settings, member, wire);
	case CONTAIN_CUSTOM:
		string = wire_get_string(wire);
		return wire->error || !string
			       ? wire->error
			       : settings_set_string(settings, &settings->texts[option - settings->options], string);
	default:
		return 0;
	}
}

int settings_read(struct settings *settings, struct wire *wire)
{
	size_t count = settings_option_count(settings);
	int error;

	if (wire_get_number(wire) != (int64_t)settings->self_size || wire_get_number(wire) != (int64_t)count)
		return -EBADMSG;
	error = settings_allocate(settings);
	if (error)
		return error;
	wire_get_bytes(wire, settings->self, settings->self_size);
	/* Until they are read, what others point to is nothing, whatever the bytes say. */
	for (size_t i = 0; i < count; i++)
		if (points(&settings->options[i]))
			memset(settings_member(settings, &settings->options[i]), 0, settings->options[i].size);
	for (size_t i = 0; i < count; i++) {
		unsigned char given = 0;

		wire_get_bytes(wire, &given, sizeof(given));
		settings->given[i] = given != 0;
	}
	for (size_t i = 0; i < count && !wire->error && !error; i++)
		error = read_member(settings, &settings->options[i], wire);
	return wire->error ? wire->error : error;
}

int settings_copy(struct settings *to, const struct settings *from)
{
	_cleanup_wire_ struct wire wire = { 0 };
	struct wire reading;

	settings_write(from, &wire);
	if (wire.error)
		return wire.error;
	reading = (struct wire){ .bytes = wire.bytes, .length = wire.length };
	return settings_read(to, &reading);
}
