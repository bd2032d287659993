/* SPDX-License-Identifier: MIT */
/*
 * A plugin that has every hook and says which one is called, so the tests see the order. One can be made to fail
 * or to wait. Built under several names, with -DNAME= and what else there is to be different.
 */
#include <contain/plugin.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef WORD_FLAG
#define WORD_FLAG NAME "-word"
#endif

struct probe {
	bool quiet;        /* no line for each hook */
	const char *fail;  /* the hook that fails */
	const char *mute;  /* the hook that fails without a message */
	const char *crash; /* the hook that ends its process */
	const char *hold;  /* the hook that says so in `fifo`.at, and waits for a byte from `fifo` */
	const char *fifo;
	const char *early; /* a variable's value, set in the parent: exec gets it, too */
	const char
		*leave; /* a directory of the host that is made, and a file in it by each hook; teardown removes them */
	struct contain_list words;
	int64_t number;
	int64_t changed; /* no option: what configure leaves for later hooks */
	int level;
	int how; /* what crash= does */
};

enum { HOW_ABORT, HOW_SEGV, HOW_STACK, HOW_BUS, HOW_ILL, HOW_FPE, HOW_TRAP, HOW_SYS };
static const char *const hows[] = { "abort", "segv", "stack", "bus", "ill", "fpe", "trap", "sys", NULL };

static const char *const levels[] = { "low", "middle", "high", NULL };

static const struct contain_option options[] = {
	CONTAIN_BOOL_OPTION(struct probe, quiet, "quiet"),
	CONTAIN_STRING_OPTION(struct probe, fail, "fail"),
	CONTAIN_STRING_OPTION(struct probe, mute, "mute"),
	CONTAIN_STRING_OPTION(struct probe, crash, "crash", .flags = CONTAIN_LIVE),
	CONTAIN_ENUM_OPTION(struct probe, how, "how", .initial = "abort", .choices = hows),
	CONTAIN_STRING_OPTION(struct probe, hold, "hold"),
	CONTAIN_STRING_OPTION(struct probe, fifo, "fifo"),
	CONTAIN_STRING_OPTION(struct probe, early, "early"),
	CONTAIN_STRING_OPTION(struct probe, leave, "leave"),
	CONTAIN_LIST_OPTION(struct probe, words, "words", .flag = WORD_FLAG, .metavar = "WORD"),
	CONTAIN_INT_OPTION(struct probe, number, "number", .initial = "7", .min = 1, .max = 100),
	CONTAIN_ENUM_OPTION(struct probe, level, "level", .initial = "middle", .choices = levels),
#ifdef REQUIRED
	CONTAIN_STRING_OPTION(struct probe, fail, "needed", .flags = CONTAIN_REQUIRED, .flag = "needed",
			      .metavar = "WORD", .help = "must be given"),
#endif
	CONTAIN_OPTIONS_END
};

static bool is(const char *given, const char *hook)
{
	return given && strcmp(given, hook) == 0;
}

static int open_fifo(struct contain_ctx *ctx, const char *path, const char *suffix)
{
	char whole[4096];
	int fd;

	snprintf(whole, sizeof(whole), "%s%s", path, suffix);
	fd = open(whole, O_RDWR | O_CLOEXEC);
	return fd < 0 ? contain_fail(ctx, errno, "can't open %s", whole) : fd;
}

static int wait_for_byte(struct contain_ctx *ctx, const struct probe *probe)
{
	static const char line[] = "holding\n";
	int at = contain_fd_get(ctx, "at"), fifo = contain_fd_get(ctx, "fifo");
	char byte;

	/* In parent_attach and later the parent has handed them over. */
	if (at < 0)
		at = open_fifo(ctx, probe->fifo, ".at");
	if (fifo < 0)
		fifo = open_fifo(ctx, probe->fifo, "");
	/* Not by a message: those of the child come when its phase is done. */
	if (write(at, line, strlen(line)) < 0 || read(fifo, &byte, 1) < 0)
		return contain_fail(ctx, errno, "can't wait");
	return 0;
}

/* What a hook leaves on the host: on record before it is made, in parent_prepare for all. */
static const char *const leaving[] = { "parent_prepare", "parent_attach", "child_setup", "parent_started", NULL };

static int leave(struct contain_ctx *ctx, const struct probe *probe, const char *hook)
{
	char path[4096];
	int fd, error = 0;

	if (is(hook, leaving[0]))
		error = contain_state_set(ctx, "left", probe->leave);
	if (!error && is(hook, leaving[0]) && mkdir(probe->leave, 0700) < 0)
		error = contain_fail(ctx, errno, "can't make %s", probe->leave);
	for (const char *const *name = leaving; !error && *name; name++) {
		if (!is(hook, *name))
			continue;
		snprintf(path, sizeof(path), "%s/%s", probe->leave, hook);
		fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
		error = fd < 0 || close(fd) < 0 ? contain_fail(ctx, errno, "can't make %s", path) : 0;
	}
	return error;
}

static int remove_left(struct contain_ctx *ctx)
{
	const char *left = contain_state_get(ctx, "left");
	char path[4096];

	for (const char *const *name = leaving; left && *name; name++) {
		snprintf(path, sizeof(path), "%s/%s", left, *name);
		if (unlink(path) < 0 && errno != ENOENT)
			return contain_fail(ctx, errno, "can't remove %s", path);
	}
	return left && rmdir(left) < 0 && errno != ENOENT ? contain_fail(ctx, errno, "can't remove %s", left) : 0;
}

/* The sanitizers would find these two first. */
__attribute__((no_sanitize("address", "undefined"))) static void write_to_nowhere(void)
{
	int *volatile nowhere = (int *)8;

	*nowhere = 1;
}

__attribute__((no_sanitize("address", "undefined"), noinline)) static int use_up_stack(volatile int depth)
{
	volatile char room[4096];

	room[0] = (char)depth;
	return depth < 0 ? 0 : use_up_stack(depth + 1) + room[0];
}

static void crash(int how)
{
	static const int raised[] = {
		[HOW_BUS] = SIGBUS, [HOW_ILL] = SIGILL, [HOW_FPE] = SIGFPE, [HOW_TRAP] = SIGTRAP, [HOW_SYS] = SIGSYS
	};

	if (how == HOW_ABORT)
		abort();
	else if (how == HOW_SEGV)
		write_to_nowhere();
	else if (how == HOW_STACK)
		use_up_stack(0);
	else
		raise(raised[how]);
}

static int act(struct contain_ctx *ctx, const struct probe *probe, const char *hook)
{
	int left = probe->leave ? leave(ctx, probe, hook) : 0;

	if (left)
		return left;
	if (!probe->quiet)
		contain_info(ctx, NAME ": %s", hook);
	if (is(probe->crash, hook))
		crash(probe->how);
	if (is(probe->hold, hook)) {
		int error = wait_for_byte(ctx, probe);

		if (error)
			return error;
	}
	if (is(probe->fail, hook)) {
		contain_fail(ctx, EDOM, "told to fail in %s", hook);
		/* The first message is the one that is kept. */
		return contain_fail(ctx, 0, "a second message");
	}
	return is(probe->mute, hook) ? -EXFULL : 0;
}

static int configure(struct contain_ctx *ctx, void *self)
{
	struct probe *probe = self;

	probe->changed = probe->number * 2;
#ifdef ASKS
	/* A value of its own, a namespace that another plugin asks for too, and one that none does; a controller. */
	probe->number = 42;
	if (contain_namespace(ctx, CLONE_NEWUTS) < 0 || contain_namespace(ctx, CLONE_NEWNET) < 0 ||
	    contain_cgroup_use(ctx, "pids") < 0)
		return -EIO;
#endif
	return act(ctx, probe, "configure");
}

static int pass_fifo(struct contain_ctx *ctx, const char *name, const char *path, const char *suffix)
{
	int fd = open_fifo(ctx, path, suffix);

	return fd < 0 ? fd : contain_fd_pass(ctx, name, fd);
}

static int parent_prepare(struct contain_ctx *ctx, void *self)
{
	const struct probe *probe = self;
	int fds[2], error = 0;

	if (probe->fifo) {
		error = pass_fifo(ctx, "fifo", probe->fifo, "");
		if (!error)
			error = pass_fifo(ctx, "at", probe->fifo, ".at");
	}
	if (!error)
		error = contain_state_set(ctx, "note", "written by the parent\nin two lines, with a \\");
	if (!error)
		error = contain_state_set(ctx, "gone", "x");
	if (!error)
		error = contain_state_set(ctx, "gone", NULL);
	if (!error && pipe2(fds, O_CLOEXEC) < 0)
		error = contain_fail(ctx, errno, "can't make a pipe");
	if (error)
		return error;
	if (write(fds[1], "through a pipe", 14) != 14)
		error = contain_fail(ctx, errno, "can't write to the pipe");
	close(fds[1]);
	if (!error)
		error = contain_fd_pass(ctx, "pipe", fds[0]);
	if (!error && probe->early)
		error = contain_setenv(ctx, "EARLY", probe->early);
	return error ? error : act(ctx, probe, "parent_prepare");
}

static int parent_attach(struct contain_ctx *ctx, void *self)
{
	if (contain_pid(ctx) <= 0)
		return contain_fail(ctx, 0, "no pid in parent_attach");
	if (contain_state_set(ctx, "late", "of parent_attach") < 0)
		return -EIO;
	return act(ctx, self, "parent_attach");
}

static int child_setup(struct contain_ctx *ctx, void *self)
{
	const struct probe *probe = self;
	char text[64] = "";
	int fd = contain_fd_get(ctx, "pipe");

	if (fd < 0 || read(fd, text, sizeof(text) - 1) < 0)
		return contain_fail(ctx, errno, "can't read from the pipe");
	if (!probe->quiet) {
		contain_info(ctx, NAME ": descriptor: %s; unknown: %d", text,
			     contain_fd_get(ctx, "nonesuch") == -ENOENT);
		contain_info(ctx, NAME ": state: %s; gone: %d; late: %s", contain_state_get(ctx, "note"),
			     !contain_state_get(ctx, "gone"), contain_state_get(ctx, "late"));
		contain_info(ctx, NAME ": changed: %lld, words: %zu%s%s, level: %s, set: %d %d",
			     (long long)probe->changed, probe->words.count, probe->words.count ? " " : "",
			     probe->words.count ? probe->words.items[probe->words.count - 1] : "", levels[probe->level],
			     contain_is_set(ctx, "number"), contain_is_set(ctx, "words"));
	}
	return act(ctx, probe, "child_setup");
}

#ifdef SWITCH
static int child_switch(struct contain_ctx *ctx, void *self)
{
	return act(ctx, self, "child_switch");
}
#endif

static int child_enter(struct contain_ctx *ctx, void *self)
{
	int error = contain_setenv(ctx, "FROM_PLUGIN", "from " NAME);

	if (!error)
		error = contain_setenv(ctx, "FROM_USER", "from " NAME);
	return error ? error : act(ctx, self, "child_enter");
}

static int child_seal(struct contain_ctx *ctx, void *self)
{
#ifdef WRITES_IN_CHILD
	if (contain_state_set(ctx, "note", "of the child") < 0)
		return -EPERM;
#endif
	return act(ctx, self, "child_seal");
}

static int parent_started(struct contain_ctx *ctx, void *self)
{
	return act(ctx, self, "parent_started");
}

static int update(struct contain_ctx *ctx, void *self)
{
	return act(ctx, self, "update");
}

static int report(struct contain_ctx *ctx, void *self)
{
	char things[64] = NAME "_things", size[64] = NAME "_size";
	int error;

	/* A key is shared by all plugins: it begins with the plugin's name, in its letters. */
	for (char *c = things; *c; c++)
		*c = *c == '-' ? '_' : *c;
	for (char *c = size; *c; c++)
		*c = *c == '-' ? '_' : *c;
	error = contain_report(ctx, things, 3, CONTAIN_COUNT);
	if (!error)
		error = contain_report(ctx, size, -1, CONTAIN_BYTES);
	return error ? error : act(ctx, self, "report");
}

static int teardown(struct contain_ctx *ctx, void *self)
{
	const struct probe *probe = self;
	const char *note = contain_state_get(ctx, "note");

	if (!probe->quiet)
		contain_info(ctx, NAME ": state at the end: %s", note ? note : "none");
	return remove_left(ctx) < 0 ? -EIO : act(ctx, probe, "teardown");
}

#ifdef NEEDS
static const char *const needs[] = { NEEDS, NULL };
#endif
#ifdef AFTER
static const char *const after[] = { AFTER, NULL };
#endif
#ifdef BEFORE
static const char *const before[] = { BEFORE, NULL };
#endif

CONTAIN_PLUGIN(.name = NAME, .version = "1.0", .summary = "says which hook is called",
#ifdef NEEDS
	       .needs = needs,
#endif
#ifdef AFTER
	       .after = after,
#endif
#ifdef BEFORE
	       .before = before,
#endif
#ifdef SWITCH
	       .child_switch = child_switch,
#endif
	       .self_size = sizeof(struct probe), .options = options, .configure = configure,
	       .parent_prepare = parent_prepare, .parent_attach = parent_attach, .child_setup = child_setup,
	       .child_enter = child_enter, .child_seal = child_seal, .parent_started = parent_started, .update = update,
	       .report = report, .teardown = teardown)
