/* SPDX-License-Identifier: MIT */
/*
 * A host for tests of a plugin: no contain, no container, no root. It defines every contain_* function of
 * <contain/plugin.h>; a test program is the plugin's source, the test, and the library contain_fakehost, which needs
 * nothing else. Everything that the plugin asks for is written down, one line each, in the order of the calls:
 *
 *	struct contain_ctx *host = fakehost_new();
 *
 *	fakehost_cgroup(host, "pids", 2, "pids.max=max");
 *	assert_int_equal(fakehost_options(host, "max = 64"), 0);
 *	assert_int_equal(fakehost_run(host, configure), 0);
 *	assert_int_equal(fakehost_run(host, parent_prepare), 0);
 *	assert_string_equal(fakehost_log(host), "cgroup use pids\n"
 *						"info: applying cgroup limits: pids=64\n"
 *						"cgroup pids/pids.max = 64\n");
 *	fakehost_free(host);
 *
 * A function that is called in a hook where plugin.h does not allow it fails, as in the true host.
 */
#ifndef CONTAIN_FAKEHOST_H
#define CONTAIN_FAKEHOST_H

#include <contain/plugin.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The plugin of this program, which CONTAIN_PLUGIN() defines. */
extern const struct contain_plugin *contain_plugin_v1(void);

/* A host with it. Strings that these functions return belong to it. */
struct contain_ctx *fakehost_new(void);
void fakehost_free(struct contain_ctx *host);

/*
 * Fill in the plugin's options: lines "KEY = VALUE" as in its section of a profile, by the same code as in contain.
 * 0, or -EINVAL: then fakehost_errors() tells each mistake. Again: all from the beginning, such as before `update`.
 */
int fakehost_options(struct contain_ctx *host, const char *lines);
const char *fakehost_errors(struct contain_ctx *host);

/*
 * Run a hook by its member's name, fakehost_run(host, child_setup), and return what it returned; -ENOSYS if the plugin
 * has none. `self` is as in the true host: what configure made of it, in a copy for the child, and one for each update,
 * report and teardown.
 */
#define fakehost_run(HOST, HOOK) fakehost_call(HOST, offsetof(struct contain_plugin, HOOK))
int fakehost_call(struct contain_ctx *host, size_t hook);

/*
 * What was asked for, a line each:
 *	info: TEXT, warn: TEXT, debug: TEXT, fail: TEXT, explain: TEXT
 *	namespace NAME                       (uts, mnt, ...)
 *	join NAME                            (net, ipc, uts)
 *	env NAME=VALUE; state KEY=VALUE; state KEY removed; fd NAME; rootfs
 *	new TYPE [OPTIONS] [nosuid,...]      a mount that is attached nowhere
 *	attach WHAT at TARGET [file] [nofollow]    WHAT: TYPE of such a mount; else dir, file, char 1:3
 *	cgroup use CONTROLLER; cgroup CONTROLLER/FILE = TEXT
 *	report KEY = VALUE bytes|usec|count
 *	protects WHAT; exposes POINTS: TEXT
 */
const char *fakehost_log(struct contain_ctx *host);
void fakehost_forget(struct contain_ctx *host); /* empty the log, and the error */

/* The message of the first contain_fail(), "" if there was none. */
const char *fakehost_error(struct contain_ctx *host);

/* ---- the world that the plugin finds ---- */

void fakehost_id(struct contain_ctx *host, const char *id); /* "test-container" */
void fakehost_pid(struct contain_ctx *host, pid_t pid);     /* 0 */

/* For report: the command still runs. */
void fakehost_running(struct contain_ctx *host, bool running); /* false */

/* For child_enter: the command's terminal, borrowed; -1: it has none. */
void fakehost_terminal(struct contain_ctx *host, int fd); /* -1 */

/* Namespaces that are new, beside those that the plugin has asked for. */
void fakehost_namespaces(struct contain_ctx *host, uint64_t flags);

/*
 * A controller that the host has, version 1 or 2, with the files of the container's cgroup, "NAME=TEXT" each. What is
 * not listed does not exist. A write replaces the text. More files may be added later. As in the true host, the plugin
 * has them if it has asked for the controller in configure; where a test does not run that, it has.
 */
#define fakehost_cgroup(HOST, CONTROLLER, VERSION, ...)                                                                \
	do {                                                                                                           \
		const char *const fakehost_files_[] = { __VA_ARGS__, NULL };                                           \
		fakehost_cgroup_files(HOST, CONTROLLER, VERSION, fakehost_files_);                                     \
	} while (0)
void fakehost_cgroup_files(struct contain_ctx *host, const char *controller, int version, const char *const *files);

/* What is in a file of a cgroup; NULL if there is no such file. */
const char *fakehost_file(struct contain_ctx *host, const char *controller, const char *file);

/* Let that function, fakehost_break(host, "contain_cgroup_write", ENOSPC), fail from now on; 0: work again. */
void fakehost_break(struct contain_ctx *host, const char *function, int error);

/*
 * The root that is being built: an empty directory, where a test may put what an image has. Mounts that the plugin
 * attaches are directories in it: what a real one would show is not there.
 */
const char *fakehost_root(struct contain_ctx *host);

/* ---- the kernel, for hooks that cannot do without ---- */

/*
 * Put the test program itself into new namespaces, with a user namespace if it is not root or CLONE_NEWUSER is asked
 * for (user 0 is mapped, and nothing else). Mounts are made private. -errno where that is not allowed.
 */
int fakehost_unshare(uint64_t namespaces);

/* Skip a test (of cmocka) for what this machine does not allow, but not where CONTAIN_MUST_WORK is set. */
#define fakehost_needs(CALL)                                                                                           \
	do {                                                                                                           \
		if ((CALL) < 0) {                                                                                      \
			assert_null(getenv("CONTAIN_MUST_WORK"));                                                      \
			skip();                                                                                        \
		}                                                                                                      \
	} while (0)

#ifdef __cplusplus
}
#endif
#endif
