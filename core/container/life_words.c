/* SPDX-License-Identifier: MIT */
/* Words of the record: the first process, known by its pid and start time, and how it ended. */
#include "container/life.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "container/record_keys.h"

const char *life_name(enum life_status status)
{
	static const char *const names[] = { [LIFE_CREATING] = "creating",
					     [LIFE_CREATED] = "created",
					     [LIFE_RUNNING] = "running",
					     [LIFE_PAUSED] = "paused",
					     [LIFE_STOPPED] = "stopped" };

	return names[status];
}

int64_t life_now_usec(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* Of a line of /proc/PID/stat: its state, and where field 22 begins. NULL for no such line (proc_pid_stat(5)). */
static const char *parse_stat(const char *stat, char *state)
{
	/* The command's name, in parentheses, may hold anything; the last parenthesis ends it. */
	const char *field = strrchr(stat, ')');

	if (!field || field[1] != ' ')
		return NULL;
	*state = field[2];
	for (int i = 2; field && i < 22; i++)
		field = strchr(field + 1, ' ');
	return field ? field + 1 : NULL;
}

static int read_stat(pid_t pid, char stat[1024])
{
	char path[64];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	n = file_read_at(AT_FDCWD, path, stat, 1024);
	return n < 0 ? (int)n : 0;
}

int life_process_name(pid_t pid, char *text, size_t size)
{
	char stat[1024], state;
	int result = read_stat(pid, stat);
	const char *start = result < 0 ? NULL : parse_stat(stat, &state);

	if (!start)
		return result < 0 ? result : -EBADMSG;
	snprintf(text, size, "%d %.*s", pid, (int)strcspn(start, " "), start);
	return 0;
}

bool life_is_alive(const char *name, pid_t pid)
{
	const char *expected = strchr(name, ' '), *start;
	char stat[1024], state;

	if (!expected || read_stat(pid, stat) < 0)
		return false;
	start = parse_stat(stat, &state);
	return start && state != 'Z' && state != 'X' && strcspn(start, " ") == strlen(expected + 1) &&
	       strncmp(start, expected + 1, strlen(expected + 1)) == 0;
}

pid_t life_recorded_pid(const struct record *record, const char **name)
{
	*name = record_get(record, RECORD_CORE, RECORD_PID);
	return *name ? (pid_t)atoi(*name) : 0;
}

int life_open_process(const struct record *record, pid_t *pid)
{
	const char *name;
	pid_t number = life_recorded_pid(record, &name);
	_cleanup_close_ int fd = number > 0 ? pidfd_open(number, 0) : -1;

	if (number <= 0)
		return -ESRCH;
	if (fd < 0)
		return errno == EINVAL ? -ESRCH : -errno;
	/* Asked after the descriptor is there: now it can't become another's. */
	if (!life_is_alive(name, number))
		return -ESRCH;
	if (pid)
		*pid = number;
	return steal_fd(&fd);
}

void life_format_exit(char *text, size_t size, int status, int signal, int64_t usec)
{
	snprintf(text, size, "%d %d %lld", status, signal, (long long)usec);
}

void life_read_exit(struct life *life, const struct record *record)
{
	const char *text = record_get(record, RECORD_CORE, RECORD_EXIT);
	long long usec;

	if (!text || sscanf(text, "%d %d %lld", &life->exit_status, &life->signal, &usec) != 3)
		return;
	life->exit_known = true;
	life->ended_usec = usec;
}
