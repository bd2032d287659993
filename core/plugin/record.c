/* SPDX-License-Identifier: MIT */
#include "plugin/record.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/text.h"

#define MOST (1024 * 1024)

int record_create(struct record *record, int directory)
{
	record->fd = openat(directory, RECORD_FILE, O_WRONLY | O_APPEND | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	return record->fd < 0 ? -errno : 0;
}

static struct record_entry *find(const struct record *record, const char *owner, const char *key)
{
	for (size_t i = 0; i < record->count; i++) {
		struct record_entry *entry = &record->entries[i];

		if (strcmp(entry->owner, owner) == 0 && strcmp(entry->key, key) == 0)
			return entry;
	}
	return NULL;
}

static void entry_free(struct record_entry *entry)
{
	free(entry->owner);
	free(entry->key);
	free(entry->value);
}

static int put(struct record *record, const char *owner, const char *key, const char *value)
{
	struct record_entry *entry = find(record, owner, key), *more;
	char *copy;

	if (!value) {
		if (entry) {
			entry_free(entry);
			*entry = record->entries[--record->count];
		}
		return 0;
	}
	copy = strdup(value);
	if (!copy)
		return -ENOMEM;
	if (entry) {
		free(entry->value);
		entry->value = copy;
		return 0;
	}
	more = reallocarray(record->entries, record->count + 1, sizeof(*more));
	if (!more) {
		free(copy);
		return -ENOMEM;
	}
	record->entries = more;
	entry = &more[record->count];
	*entry = (struct record_entry){ strdup(owner), strdup(key), copy };
	if (!entry->owner || !entry->key) {
		entry_free(entry);
		return -ENOMEM;
	}
	record->count++;
	return 0;
}

/* "+OWNER KEY VALUE" or "-OWNER KEY"; a newline in VALUE is "\n", a backslash "\\". */
static void format_line(struct text *line, const char *owner, const char *key, const char *value)
{
	text_printf(line, "%c%s %s", value ? '+' : '-', owner, key);
	if (value)
		text_add(line, " ");
	for (const char *c = value; c && *c; c++) {
		if (*c == '\n')
			text_add(line, "\\n");
		else if (*c == '\\')
			text_add(line, "\\\\");
		else
			text_add_bytes(line, c, 1);
	}
	text_add(line, "\n");
}

static void unescape(char *value)
{
	char *to = value;

	for (const char *from = value; *from; from++) {
		if (*from == '\\' && from[1])
			*to++ = *++from == 'n' ? '\n' : *from;
		else
			*to++ = *from;
	}
	*to = '\0';
}

int record_set(struct record *record, const char *owner, const char *key, const char *value)
{
	_cleanup_text_ struct text line = { 0 };
	off_t end;
	int result;

	if (record->fd < 0)
		return -EROFS;
	if (!*owner || !*key || strpbrk(owner, " \n") || strpbrk(key, " \n"))
		return -EINVAL;
	format_line(&line, owner, key, value);
	if (text_error(&line) < 0)
		return -ENOMEM;
	end = lseek(record->fd, 0, SEEK_END);
	if (end < 0)
		return -errno;
	if ((size_t)end + line.length > MOST)
		return -EFBIG;
	result = fd_write_all(record->fd, text_peek(&line), line.length);
	/* Half a line (ENOSPC) would be joined with the next one. */
	if (result < 0) {
		if (ftruncate(record->fd, end) < 0)
			return -errno;
		return result;
	}
	return put(record, owner, key, value);
}

static int read_line(struct record *record, char *line)
{
	char *owner, *key;

	if (*line != '+' && *line != '-')
		return -EBADMSG;
	key = strchr(owner = line + 1, ' ');
	if (!key)
		return -EBADMSG;
	*key++ = '\0';
	if (*line == '-')
		return put(record, owner, key, NULL);
	line = strchr(key, ' ');
	if (!line)
		return -EBADMSG;
	*line++ = '\0';
	unescape(line);
	return put(record, owner, key, line);
}

/* *whole: where the last whole line ends. */
static int read_lines(struct record *record, int fd, off_t *whole)
{
	_cleanup_free_ char *bytes = NULL;
	char *at, *newline;
	size_t length;
	int result;

	record->fd = -1;
	if (lseek(fd, 0, SEEK_SET) < 0)
		return -errno;
	result = file_read_all(fd, MOST, &bytes, &length);
	*whole = 0;
	for (at = bytes; result == 0 && (newline = strchr(at, '\n')); at = newline + 1) {
		*newline = '\0';
		result = read_line(record, at);
		*whole = newline + 1 - bytes;
	}
	return result;
}

int record_read(struct record *record, int fd)
{
	off_t whole;

	return read_lines(record, fd, &whole);
}

int record_open(struct record *record, int directory, bool write)
{
	_cleanup_close_ int fd =
		openat(directory, RECORD_FILE, (write ? O_RDWR | O_APPEND : O_RDONLY) | O_NOFOLLOW | O_CLOEXEC);
	off_t whole;
	int result = fd < 0 ? -errno : read_lines(record, fd, &whole);

	if (result < 0 || !write)
		return result;
	/* Half a line of a process that was killed would be joined with the next one. */
	if (ftruncate(fd, whole) < 0)
		return -errno;
	record->fd = steal_fd(&fd);
	return 0;
}

const char *record_get(const struct record *record, const char *owner, const char *key)
{
	const struct record_entry *entry = find(record, owner, key);

	return entry ? entry->value : NULL;
}

void record_free(struct record *record)
{
	for (size_t i = 0; i < record->count; i++)
		entry_free(&record->entries[i]);
	free(record->entries);
	cleanup_close(&record->fd);
	*record = (struct record){ .fd = -1 };
}
