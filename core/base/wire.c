/* SPDX-License-Identifier: MIT */
/* Numbers are eight bytes of this machine's order; a string is its length (-1: NULL), its bytes, and a NUL. */
#include "base/wire.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void wire_put_bytes(struct wire *wire, const void *bytes, size_t length)
{
	size_t needed, room = wire->room ? wire->room : 256;

	if (wire->error || !length)
		return;
	if (__builtin_add_overflow(wire->length, length, &needed)) {
		wire->error = -ENOMEM;
		return;
	}
	while (room < needed)
		room = room > SIZE_MAX / 2 ? needed : room * 2;
	if (room != wire->room) {
		char *grown = realloc(wire->bytes, room);

		if (!grown) {
			wire->error = -ENOMEM;
			return;
		}
		wire->bytes = grown;
		wire->room = room;
	}
	memcpy(wire->bytes + wire->length, bytes, length);
	wire->length = needed;
}

void wire_put_number(struct wire *wire, int64_t value)
{
	wire_put_bytes(wire, &value, sizeof(value));
}

void wire_put_string(struct wire *wire, const char *string)
{
	if (!string) {
		wire_put_number(wire, -1);
		return;
	}
	wire_put_number(wire, (int64_t)strlen(string));
	wire_put_bytes(wire, string, strlen(string) + 1);
}

/* The next bytes, or NULL if there are not so many. */
static const char *take(struct wire *wire, size_t length)
{
	const char *bytes;

	if (!wire->error && (wire->at > wire->length || length > wire->length - wire->at))
		wire->error = -EBADMSG;
	if (wire->error)
		return NULL;
	bytes = wire->bytes + wire->at;
	wire->at += length;
	return bytes;
}

void wire_get_bytes(struct wire *wire, void *bytes, size_t length)
{
	const char *from;

	if (!length)
		return;
	from = take(wire, length);
	if (from)
		memcpy(bytes, from, length);
	else
		memset(bytes, 0, length);
}

int64_t wire_get_number(struct wire *wire)
{
	int64_t value;

	wire_get_bytes(wire, &value, sizeof(value));
	return value;
}

const char *wire_get_string(struct wire *wire)
{
	int64_t length = wire_get_number(wire);
	const char *string;

	if (wire->error || length == -1)
		return NULL;
	/* Any other negative length is too large here; and as -1 is out, this cannot wrap. */
	string = take(wire, (size_t)length + 1);
	if (!string)
		return NULL;
	/* As long as it says: no NUL inside, one at the end. */
	if (strnlen(string, (size_t)length + 1) != (size_t)length) {
		wire->error = -EBADMSG;
		return NULL;
	}
	return string;
}

void wire_free(struct wire *wire)
{
	free(wire->bytes);
	*wire = (struct wire){ 0 };
}
