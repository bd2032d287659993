/* SPDX-License-Identifier: MIT */
/*
 * A plugin that breaks a rule of plugin.h: which one, and in which hook, its option `do` says. `contain plugin check`
 * has to find each by its name. What shows before any hook runs is chosen by -DBAD_...
 */
#include <contain/plugin.h>

#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <net/if.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define FOLDER "/tmp/bad-folder"
#define VICTIM "/tmp/bad-victim" /* which the test has put there */

struct bad {
	const char *what;
	int64_t live;
#ifdef BAD_TABLES
	int64_t number;
	bool help, stop;
#endif
};

static const struct contain_option options[] = {
	CONTAIN_STRING_OPTION(struct bad, what, "do", .flag = NAME "-do", .metavar = "WHAT", .help = "what is broken"),
#ifdef BAD_TABLES
	CONTAIN_INT_OPTION(struct bad, number, "number", .flag = "hostname", .initial = "many",
			   .help = "not a number, of another plugin's flag"),
	CONTAIN_BOOL_OPTION(struct bad, help, "help", .flag = "name"),
	CONTAIN_BOOL_OPTION(struct bad, stop, "stop", .help = "with a full stop."),
#endif
#ifndef BAD_LIVE
	CONTAIN_INT_OPTION(struct bad, live, "live", .flags = CONTAIN_LIVE, .help = "may change"),
#endif
	CONTAIN_OPTIONS_END
};

#ifdef BAD_LOAD
__attribute__((constructor)) static void load(void)
{
	raise(SIGSEGV);
}
#endif

#ifdef BAD_EXIT
__attribute__((constructor)) static void load(void)
{
	_exit(0);
}
#endif

#ifdef BAD_SYMBOLS
CONTAIN_EXPORT_ int bad_helper(void);
int bad_helper(void)
{
	return 0;
}
#endif

static int act(struct contain_ctx *ctx, const struct bad *bad, const char *hook);

static void *wait_for_ever(void *result)
{
	while (pause() < 0)
		;
	return result;
}

/* ---- in the process of the hook */

static int leak(struct contain_ctx *ctx)
{
	/* 3 or more: a leak in place of one that is closed would be none. */
	return open("/", O_PATH | O_CLOEXEC) < 0 ? contain_fail(ctx, errno, "open") : 0;
}

static int close_host(struct contain_ctx *ctx)
{
	return close(contain_fd_get(ctx, "given")) < 0 ? contain_fail(ctx, errno, "close") : 0;
}

static int replace_output(struct contain_ctx *ctx)
{
	int fd = open("/dev/null", O_WRONLY | O_CLOEXEC), result = dup2(fd, STDOUT_FILENO);

	close(fd);
	return result < 0 ? contain_fail(ctx, errno, "dup2") : 0;
}

static int unblock(struct contain_ctx *ctx)
{
	sigset_t set;

	(void)ctx;
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	return sigprocmask(SIG_UNBLOCK, &set, NULL);
}

static int handle(struct contain_ctx *ctx)
{
	(void)ctx;
	signal(SIGUSR2, SIG_IGN);
	return 0;
}

static int start_thread(struct contain_ctx *ctx)
{
	pthread_t thread;
	int error = pthread_create(&thread, NULL, wait_for_ever, NULL);

	return error ? contain_fail(ctx, error, "pthread_create") : 0;
}

static int leave_process(struct contain_ctx *ctx)
{
	pid_t pid = fork();

	if (pid == 0)
		wait_for_ever(NULL);
	return pid < 0 ? contain_fail(ctx, errno, "fork") : 0;
}

/* Nobody's child any more when the hook returns. */
static int leave_daemon(struct contain_ctx *ctx)
{
	siginfo_t info;
	pid_t pid = fork();

	if (pid == 0) {
		if (fork() == 0)
			wait_for_ever(NULL);
		_exit(0);
	}
	return pid < 0 || waitid(P_PID, (id_t)pid, &info, WEXITED) < 0 ? contain_fail(ctx, errno, "fork") : 0;
}

static int change_umask(struct contain_ctx *ctx)
{
	(void)ctx;
	umask(0123);
	return 0;
}

static int change_directory(struct contain_ctx *ctx)
{
	return chdir("/proc") < 0 ? contain_fail(ctx, errno, "chdir") : 0;
}

static int change_environment(struct contain_ctx *ctx)
{
	(void)ctx;
	return setenv("BAD", "yes", 1);
}

static int change_limits(struct contain_ctx *ctx)
{
	return setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 }) < 0 ? contain_fail(ctx, errno, "setrlimit") : 0;
}

static int set_alarm(struct contain_ctx *ctx)
{
	(void)ctx;
	alarm(1000);
	return 0;
}

static int be_positive(struct contain_ctx *ctx)
{
	(void)ctx;
	return 1;
}

static int say_nothing(struct contain_ctx *ctx)
{
	(void)ctx;
	return -EXFULL;
}

static int fail_and_succeed(struct contain_ctx *ctx)
{
	contain_fail(ctx, EDOM, "this is a failure");
	return 0;
}

static int be_slow(struct contain_ctx *ctx)
{
	(void)ctx;
	nanosleep(&(struct timespec){ .tv_nsec = 15000000 }, NULL);
	return 0;
}

/* One that is raised would wait until somebody lets signals in. */
static int crash(struct contain_ctx *ctx)
{
	volatile int *nowhere = NULL;

	(void)ctx;
	*nowhere = 1;
	return 0;
}

static int hang(struct contain_ctx *ctx)
{
	(void)ctx;
	wait_for_ever(NULL);
	return 0;
}

static int fail(struct contain_ctx *ctx)
{
	return contain_fail(ctx, EDOM, "told to fail");
}

/* ---- in the world */

static int leave_mount(struct contain_ctx *ctx)
{
	return mount("bad", "/mnt", "tmpfs", 0, NULL) < 0 ? contain_fail(ctx, errno, "mount") : 0;
}

static int leave_cgroup(struct contain_ctx *ctx)
{
	static const char *const trees[] = { "/sys/fs/cgroup/unified", "/sys/fs/cgroup" };
	char path[256];

	for (size_t i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), "%s/contain-%s.bad", trees[i], contain_id(ctx));
		if (mkdir(path, 0755) == 0)
			return 0;
	}
	return contain_fail(ctx, errno, "mkdir %s", path);
}

/* Another name for lo: needs no driver, and is a new link for who looks. */
static int leave_link(struct contain_ctx *ctx)
{
	struct ifreq request = { .ifr_name = "lo", .ifr_newname = "bad0" };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int result = ioctl(fd, SIOCSIFNAME, &request), error = errno;

	close(fd);
	/* The one before has done it. */
	return result < 0 && error != ENODEV ? contain_fail(ctx, error, "SIOCSIFNAME") : 0;
}

static int leave_file(struct contain_ctx *ctx)
{
	int fd = open("/etc/bad-file", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0 || write(fd, ".", 1) < 0)
		return contain_fail(ctx, errno, "open");
	close(fd);
	return 0;
}

static int remove_file(struct contain_ctx *ctx)
{
	return unlink(VICTIM) < 0 && errno != ENOENT ? contain_fail(ctx, errno, "unlink") : 0;
}

static int leave_memory(struct contain_ctx *ctx)
{
	return shmget(IPC_PRIVATE, 1, 0600) < 0 ? contain_fail(ctx, errno, "shmget") : 0;
}

static int leave_queue(struct contain_ctx *ctx)
{
	mqd_t queue = mq_open("/bad-queue", O_RDWR | O_CREAT | O_CLOEXEC, 0600, NULL);

	return queue < 0 || mq_close(queue) < 0 ? contain_fail(ctx, errno, "mq_open") : 0;
}

static int change_name(struct contain_ctx *ctx)
{
	return sethostname("bad", 3) < 0 ? contain_fail(ctx, errno, "sethostname") : 0;
}

static int make_folder(struct contain_ctx *ctx)
{
	return mkdir(FOLDER, 0700) < 0 && errno != EEXIST ? contain_fail(ctx, errno, "mkdir") : 0;
}

static int remove_folder(struct contain_ctx *ctx)
{
	return rmdir(FOLDER) < 0 && errno != ENOENT ? contain_fail(ctx, errno, "rmdir") : 0;
}

/* ---- teardown */

static int made; /* what a plugin must not count on */

static int remember(struct contain_ctx *ctx)
{
	(void)ctx;
	made++;
	return 0;
}

static int need_memory(struct contain_ctx *ctx)
{
	return made == 0 ? contain_fail(ctx, 0, "what was it that I made?") : 0;
}

static int make_recorded(struct contain_ctx *ctx)
{
	return contain_state_set(ctx, "made", FOLDER) < 0 ? -EIO : make_folder(ctx);
}

static int remove_once(struct contain_ctx *ctx)
{
	const char *path = contain_state_get(ctx, "made");

	return path && rmdir(path) < 0 ? contain_fail(ctx, errno, "rmdir") : 0;
}

static int make_late(struct contain_ctx *ctx)
{
	return contain_state_set(ctx, "late", "yes");
}

static int need_late(struct contain_ctx *ctx)
{
	return contain_state_get(ctx, "late") ? 0 : contain_fail(ctx, 0, "only half is there");
}

static const struct {
	const char *what, *hook;
	int (*action)(struct contain_ctx *ctx);
} deeds[] = {
	{ "leak-parent", "parent_prepare", leak },
	{ "leak-child", "child_enter", leak },
	{ "close", "parent_prepare", close_host },
	{ "output", "parent_started", replace_output },
	{ "mask", "parent_prepare", unblock },
	{ "handler", "child_setup", handle },
	{ "thread", "parent_attach", start_thread },
	{ "process", "parent_started", leave_process },
	{ "daemon", "parent_started", leave_daemon },
	{ "umask", "child_enter", change_umask },
	{ "directory", "parent_prepare", change_directory },
	{ "environment", "parent_prepare", change_environment },
	{ "rlimits", "parent_prepare", change_limits },
	{ "alarm", "child_seal", set_alarm },
	{ "positive", "parent_attach", be_positive },
	{ "silent", "child_setup", say_nothing },
	{ "late", "parent_prepare", fail_and_succeed },
	{ "slow", "parent_prepare", be_slow },
	{ "crash-parent", "parent_attach", crash },
	{ "crash-child", "child_enter", crash },
	{ "hang-parent", "parent_started", hang },
	{ "hang-child", "child_seal", hang },
	{ "configure", "configure", make_folder },
	{ "configure", "teardown", remove_folder },
	{ "mount", "parent_prepare", leave_mount },
	{ "cgroup", "parent_prepare", leave_cgroup },
	{ "link", "parent_prepare", leave_link },
	{ "file", "parent_started", leave_file },
	{ "removes", "parent_prepare", remove_file },
	{ "memory", "parent_prepare", leave_memory },
	{ "queue", "parent_prepare", leave_queue },
	{ "name", "parent_prepare", change_name },
	{ "teardown", "teardown", fail },
	{ "elsewhere", "parent_prepare", remember },
	{ "elsewhere", "teardown", need_memory },
	{ "twice", "parent_prepare", make_recorded },
	{ "twice", "teardown", remove_once },
	{ "half", "parent_started", make_late },
	{ "half", "teardown", need_late },
	{ "report", "report", make_folder },
	{ "report", "teardown", remove_folder },
	{ "check", "check", make_folder },
	{ "check", "teardown", remove_folder },
	{ "update", "update", fail },
};

static int act(struct contain_ctx *ctx, const struct bad *bad, const char *hook)
{
	int result = 0;

	for (size_t i = 0; result == 0 && bad->what && i < sizeof(deeds) / sizeof(*deeds); i++) {
		if (strcmp(deeds[i].what, bad->what) == 0 && strcmp(deeds[i].hook, hook) == 0)
			result = deeds[i].action(ctx);
	}
	return result;
}

/* Something of the host's, to be closed in a later hook. */
static int configure(struct contain_ctx *ctx, void *self)
{
	const struct bad *bad = self;

	if (bad->what && strcmp(bad->what, "close") == 0 &&
	    contain_fd_pass(ctx, "given", open("/dev/null", O_RDONLY | O_CLOEXEC)) < 0)
		return -EIO;
	return act(ctx, bad, "configure");
}

#define HOOK(NAME_)                                                                                                    \
	static int NAME_(struct contain_ctx *ctx, void *self)                                                          \
	{                                                                                                              \
		return act(ctx, self, #NAME_);                                                                         \
	}
HOOK(parent_prepare)
HOOK(parent_attach)
HOOK(child_setup)
HOOK(child_enter)
HOOK(child_seal)
HOOK(parent_started)
HOOK(update)
HOOK(report)
HOOK(teardown)
HOOK(check)

#ifdef BAD_TABLES
static const char *const needs[] = { "nonesuch", NULL };
static const char *const after[] = { "nobody", NULL };
#endif

CONTAIN_PLUGIN(.name = NAME, .self_size = sizeof(struct bad), .options = options,
#ifdef BAD_TABLES
	       .needs = needs, .after = after,
#else
	       .version = "1.0", .summary = "breaks rules",
#endif
	       .configure = configure, .parent_prepare = parent_prepare, .parent_attach = parent_attach,
	       .child_setup = child_setup, .child_enter = child_enter, .child_seal = child_seal,
	       .parent_started = parent_started, .update = update, .report = report, .teardown = teardown,
	       .check = check)
