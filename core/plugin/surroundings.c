/* SPDX-License-Identifier: MIT */
#include "plugin/surroundings.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/signals.h"

/* sigaction(2) as the kernel has it: glibc's own call hides SIGCANCEL and SIGSETXID, and what it adds to flags. */
struct kernel_action {
	void *handler;
	unsigned long flags;
	void *restorer;
	uint64_t mask;
};

static bool is_open(const struct surroundings *look, int fd)
{
	return look->fds[fd / 64] >> (fd % 64) & 1;
}

static void look_at_fds(struct surroundings *look)
{
	for (int fd = 0; fd < LOOK_FDS; fd++) {
		if (fcntl(fd, F_GETFD) >= 0)
			look->fds[fd / 64] |= 1ULL << (fd % 64);
	}
	for (int fd = 0; fd < 3; fd++) {
		look->standard_flags[fd] = fcntl(fd, F_GETFL);
		if (fstat(fd, &look->standard[fd]) < 0)
			memset(&look->standard[fd], 0, sizeof(look->standard[fd]));
	}
}

static void look_at_signals(struct surroundings *look)
{
	sigprocmask(SIG_BLOCK, NULL, &look->mask);
	for (int number = 1; number < LOOK_SIGNALS; number++) {
		struct kernel_action action = { 0 };

		if (syscall(SYS_rt_sigaction, number, NULL, &action, sizeof(action.mask)) == 0)
			look->handlers[number] = action.handler;
	}
}

/* FNV-1a: whether it is the same is all that is asked. */
static uint64_t hash_environment(void)
{
	uint64_t hash = 14695981039346656037ULL;

	for (char **one = environ; one && *one; one++) {
		for (const char *c = *one;; c++) {
			hash = (hash ^ (unsigned char)*c) * 1099511628211ULL;
			if (!*c)
				break;
		}
	}
	return hash;
}

/* proc(5): task has a link for each thread, and its `children` a word for each child. */
static void look_at_processes(struct surroundings *look, int process)
{
	char path[64], children[4096];
	struct stat st;
	ssize_t n;

	look->threads = look->children = -1;
	if (process < 0)
		return;
	if (fstatat(process, "task", &st, 0) == 0)
		look->threads = (int)st.st_nlink - 2;
	/* Its own number in that /proc, whatever a pid namespace calls it. */
	n = file_read_at(process, "stat", children, sizeof(children));
	if (n <= 0)
		return;
	children[strcspn(children, " ")] = '\0';
	snprintf(path, sizeof(path), "task/%.20s/children", children);
	n = file_read_at(process, path, children, sizeof(children));
	if (n < 0)
		return;
	look->children = 0;
	for (const char *c = children; *c; c++)
		look->children += *c == ' ';
}

static bool timer_runs(void)
{
	static const int kinds[] = { ITIMER_REAL, ITIMER_VIRTUAL, ITIMER_PROF };
	bool runs = false;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		struct itimerval timer;

		if (getitimer(kinds[i], &timer) == 0)
			runs |= timer.it_value.tv_sec != 0 || timer.it_value.tv_usec != 0;
	}
	return runs;
}

void surroundings_look(struct surroundings *look, int process)
{
	memset(look, 0, sizeof(*look));
	look_at_fds(look);
	look_at_signals(look);
	/* There is no other way to ask; this is the only thread. */
	look->umask = umask(0);
	umask(look->umask);
	if (stat(".", &look->directory) < 0)
		memset(&look->directory, 0, sizeof(look->directory));
	for (int i = 0; i < RLIM_NLIMITS; i++)
		getrlimit((__rlimit_resource_t)i, &look->limits[i]);
	look->environment = hash_environment();
	look->timers = timer_runs();
	look_at_processes(look, process);
}

static bool same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_rdev == b->st_rdev;
}

/* Each compares one thing, writes the words, and says whether a rule is broken. */
struct pair {
	const struct surroundings *before, *after;
	bool (*owned)(void *user, int fd);
	void *user;
	int process;
	char *detail;
	size_t size;
};

static bool fd_leaked(const struct pair *pair)
{
	for (int fd = 3; fd < LOOK_FDS; fd++) {
		char path[32], target[200];
		ssize_t n;

		if (is_open(pair->before, fd) || !is_open(pair->after, fd) || pair->owned(pair->user, fd))
			continue;
		snprintf(path, sizeof(path), "fd/%d", fd);
		n = pair->process < 0 ? -1 : readlinkat(pair->process, path, target, sizeof(target) - 1);
		target[n > 0 ? n : 0] = '\0';
		snprintf(pair->detail, pair->size, "descriptor %d stays open%s%s", fd, n > 0 ? ": " : "", target);
		return true;
	}
	return false;
}

static bool fd_closed(const struct pair *pair)
{
	for (int fd = 3; fd < LOOK_FDS; fd++) {
		if (!is_open(pair->before, fd) || is_open(pair->after, fd))
			continue;
		snprintf(pair->detail, pair->size, "descriptor %d, which it did not open, is closed", fd);
		return true;
	}
	return false;
}

static bool standard_changed(const struct pair *pair)
{
	for (int fd = 0; fd < 3; fd++) {
		if (same_file(&pair->before->standard[fd], &pair->after->standard[fd]) &&
		    pair->before->standard_flags[fd] == pair->after->standard_flags[fd])
			continue;
		snprintf(pair->detail, pair->size, "descriptor %d is another one, or has other flags", fd);
		return true;
	}
	return false;
}

static bool mask_changed(const struct pair *pair)
{
	char name[24];

	for (int number = 1; number < LOOK_SIGNALS; number++) {
		bool now = sigismember(&pair->after->mask, number) == 1;

		if ((sigismember(&pair->before->mask, number) == 1) == now)
			continue;
		snprintf(pair->detail, pair->size, "%s is %s", signal_text(number, name),
			 now ? "blocked now" : "no longer blocked");
		return true;
	}
	return false;
}

static bool handlers_changed(const struct pair *pair)
{
	char name[24];

	for (int number = 1; number < LOOK_SIGNALS; number++) {
		/* Those below SIGRTMIN are the C library's, which handles them for threads. */
		if ((number > SIGSYS && number < SIGRTMIN) ||
		    pair->before->handlers[number] == pair->after->handlers[number])
			continue;
		snprintf(pair->detail, pair->size, "%s is handled in another way", signal_text(number, name));
		return true;
	}
	return false;
}

static bool thread_left(const struct pair *pair)
{
	if (pair->before->threads < 0 || pair->after->threads <= pair->before->threads)
		return false;
	snprintf(pair->detail, pair->size, "%d threads run, %d before", pair->after->threads, pair->before->threads);
	return true;
}

static bool child_left(const struct pair *pair)
{
	if (pair->before->children < 0 || pair->after->children <= pair->before->children)
		return false;
	snprintf(pair->detail, pair->size, "it has %d more child processes than before",
		 pair->after->children - pair->before->children);
	return true;
}

static bool umask_changed(const struct pair *pair)
{
	snprintf(pair->detail, pair->size, "it is %04o, and was %04o", (unsigned)pair->after->umask,
		 (unsigned)pair->before->umask);
	return pair->before->umask != pair->after->umask;
}

static bool directory_changed(const struct pair *pair)
{
	snprintf(pair->detail, pair->size, "the working directory is another one");
	return !same_file(&pair->before->directory, &pair->after->directory);
}

static bool environment_changed(const struct pair *pair)
{
	snprintf(pair->detail, pair->size, "the environment of contain's own process is another one");
	return pair->before->environment != pair->after->environment;
}

static bool limits_changed(const struct pair *pair)
{
	for (int i = 0; i < RLIM_NLIMITS; i++) {
		if (memcmp(&pair->before->limits[i], &pair->after->limits[i], sizeof(struct rlimit)) == 0)
			continue;
		snprintf(pair->detail, pair->size, "resource limit %d (see getrlimit(2)) is another one", i);
		return true;
	}
	return false;
}

static bool timer_started(const struct pair *pair)
{
	snprintf(pair->detail, pair->size, "a timer runs (setitimer(2) or alarm(2))");
	return pair->after->timers && !pair->before->timers;
}

static const struct {
	bool (*broken)(const struct pair *pair);
	enum rule rule;
} comparisons[] = {
	{ fd_leaked, RULE_DESCRIPTOR_LEAK },
	{ fd_closed, RULE_DESCRIPTOR_CLOSED },
	{ standard_changed, RULE_STANDARD_DESCRIPTORS },
	{ mask_changed, RULE_SIGNAL_MASK },
	{ handlers_changed, RULE_SIGNAL_HANDLERS },
	{ thread_left, RULE_THREAD },
	{ child_left, RULE_CHILD_PROCESS },
	{ umask_changed, RULE_UMASK },
	{ directory_changed, RULE_DIRECTORY },
	{ environment_changed, RULE_ENVIRONMENT },
	{ limits_changed, RULE_RLIMITS },
	{ timer_started, RULE_TIMER },
};

enum rule surroundings_compare(const struct surroundings *before, const struct surroundings *after, int *at,
			       bool (*owned)(void *user, int fd), void *user, int process, char *detail, size_t size)
{
	const struct pair pair = { before, after, owned, user, process, detail, size };
	const int count = sizeof(comparisons) / sizeof(*comparisons);

	while (*at < count) {
		int i = (*at)++;

		if (comparisons[i].broken(&pair))
			return comparisons[i].rule;
	}
	return RULE_NONE;
}
