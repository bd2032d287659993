/* SPDX-License-Identifier: MIT */
/*
 * What inih (release 55) does silently, and this reader refuses:
 * - a line that does not fit its buffer of INI_MAX_LINE bytes is cut, and the rest is read as another line;
 * - an indented line is one more value of the key above; `key: value` is taken like `key = value`;
 * - " ;" ends a value; whatever stands behind "]" is dropped; a section's name is cut at 49 bytes;
 * - keys below a broken section header are given to the section before it.
 * It also tells no line numbers and no empty sections, so both come from here.
 */
#include "profile/ini.h"

#include <errno.h>
#include <ini.h>
#include <string.h>

#include "base/cleanup.h"

#define LONGEST_SECTION 49 /* MAX_SECTION in inih's ini.c, less the NUL */
#define BLANKS          " \t"

struct reader {
	FILE *file;
	const char *name;
	ini_visitor *visit;
	void *user;
	struct text *errors;
	char *line;
	size_t room;
	int number;
	int error;
	bool in_section;
};

static int refuse(struct reader *reader, const char *format, ...) __attribute__((format(printf, 2, 3)));

static int refuse(struct reader *reader, const char *format, ...)
{
	_cleanup_text_ struct text words = { 0 };
	va_list args;

	va_start(args, format);
	text_vprintf(&words, format, args);
	va_end(args);
	text_line(reader->errors, "%s:%d: %s", reader->name, reader->number, text_peek(&words));
	return -EINVAL;
}

static int check_bytes(struct reader *reader, const char *line, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		unsigned char c = (unsigned char)line[i];

		if (!c)
			return refuse(reader, "the line has a NUL byte; a profile is text in UTF-8");
		if ((c < ' ' && c != '\t') || c == 0x7f)
			return refuse(reader, "the line has a control character (0x%02x); remove it", c);
	}
	return 0;
}

/* "[name]", with nothing behind it but a comment. Leaves only the name and its brackets in the line. */
static int take_header(struct reader *reader, char *line)
{
	char *end = strchr(line, ']');
	char *name = line + 1;
	const char *behind;
	int error;

	if (!end)
		return refuse(reader, "'%s' has no ']'", line);
	behind = end + 1 + strspn(end + 1, BLANKS);
	if (*behind && *behind != ';' && *behind != '#')
		return refuse(reader, "'%s' stands behind ']'; begin a new line", behind);
	*end = '\0';
	if (!*name)
		return refuse(reader, "[] has no name");
	if (strpbrk(name, BLANKS))
		return refuse(reader, "[%s] has a space inside the brackets; write it without", name);
	if (strlen(name) > LONGEST_SECTION)
		return refuse(reader, "[%s] is too long a name; the limit is %d bytes", name, LONGEST_SECTION);
	error = reader->visit(reader->user, name, NULL, NULL, reader->number);
	reader->in_section = true;
	end[0] = ']';
	end[1] = '\0';
	return error;
}

static int check_pair(struct reader *reader, const char *line)
{
	const char *equals = strchr(line, '=');
	const char *colon = strchr(line, ':');

	for (const char *c = line + 1; *c; c++)
		if (*c == ';' && strchr(BLANKS, c[-1]))
			return refuse(reader, "a comment ('%s') stands behind a value; put it on a line of its own", c);
	if (colon && (!equals || colon < equals))
		return refuse(reader, "'%.*s' ends with ':'; write 'key = value'", (int)(colon + 1 - line), line);
	if (!equals)
		return refuse(reader, "'%s' has no '='; write 'key = value'", line);
	if (equals == line)
		return refuse(reader, "there is no key before '='");
	if (!reader->in_section)
		return refuse(reader, "'%s' stands before the first [section]", line);
	return 0;
}

/* One line without its end. Comments and empty lines need not reach inih, so they may be of any length. */
static int take_line(struct reader *reader, char *line, size_t length, size_t limit)
{
	const char *text;
	int error = check_bytes(reader, line, length);

	if (error)
		return error;
	text = line + strspn(line, BLANKS);
	if (!*text || *text == ';' || *text == '#') {
		*line = '\0';
		return 0;
	}
	if (length > limit)
		return refuse(reader, "the line is %zu bytes long; the limit is %zu", length, limit);
	if (text != line)
		return refuse(reader, "the line is indented; begin it without spaces");
	return *line == '[' ? take_header(reader, line) : check_pair(reader, line);
}

/* What inih calls like fgets(3). NULL ends its reading, also at our first error. */
static char *next_line(char *buffer, int size, void *stream)
{
	static const char bom[] = "\xef\xbb\xbf";
	struct reader *reader = stream;
	ssize_t length;
	char *line;

	if (reader->error)
		return NULL;
	errno = 0;
	length = getline(&reader->line, &reader->room, reader->file);
	if (length < 0) {
		if (!feof(reader->file)) {
			reader->error = errno ? -errno : -EIO;
			text_line(reader->errors, "%s: reading failed: %s", reader->name, strerror(-reader->error));
		}
		return NULL;
	}
	line = reader->line;
	if (length && line[length - 1] == '\n')
		line[--length] = '\0';
	if (length && line[length - 1] == '\r')
		line[--length] = '\0';
	if (++reader->number == 1 && !strncmp(line, bom, strlen(bom))) {
		line += strlen(bom);
		length -= (ssize_t)strlen(bom);
	}
	/* inih wants room for \r, \n and the NUL beside the line. */
	reader->error = take_line(reader, line, (size_t)length, (size_t)size - 3);
	if (reader->error)
		return NULL;
	snprintf(buffer, (size_t)size, "%s\n", line);
	return buffer;
}

/* inih's handler: nonzero is success. Some builds of it call it for headers too, which are told already. */
static int take_pair(void *user, const char *section, const char *key, const char *value)
{
	struct reader *reader = user;

	if (key && !reader->error)
		reader->error = reader->visit(reader->user, section, key, value, reader->number);
	return 1;
}

int ini_read(FILE *file, const char *name, ini_visitor *visit, void *user, struct text *errors)
{
	struct reader reader = { .file = file, .name = name, .visit = visit, .user = user, .errors = errors };
	int status = ini_parse_stream(next_line, &reader, take_pair, &reader);

	free(reader.line);
	if (reader.error)
		return reader.error;
	if (status > 0) {
		text_line(errors, "%s:%d: the line is not understood", name, status);
		return -EINVAL;
	}
	return status ? -ENOMEM : 0;
}
