/* SPDX-License-Identifier: MIT */
#include "container/command.h"

#include <contain/plugin.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/kernel.h"
#include "container/process.h"

/* 0 if it can be executed, else the errno that execve would most likely give. */
static int check(const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return errno;
	if (S_ISDIR(st.st_mode))
		return EISDIR;
	/* Root may execute what anybody may (capabilities(7)). */
	return S_ISREG(st.st_mode) && (st.st_mode & 0111) ? 0 : EACCES;
}

static int fail(struct contain_ctx *ctx, int err, const char *name, const char *search, int *status)
{
	*status = err == ENOENT || err == ENOTDIR ? STATUS_NOT_FOUND : STATUS_NOT_EXECUTABLE;
	if (*status == STATUS_NOT_FOUND && search)
		return ctx_fail(ctx, 0, "command not found: '%s' is in no directory of the container's PATH=%s", name,
				search);
	if (*status == STATUS_NOT_FOUND)
		return ctx_fail(ctx, 0, "command not found: the container has no %s", name);
	return ctx_fail(ctx, err, "can't execute '%s'", name);
}

int command_find(struct contain_ctx *ctx, const char *name, char *const *environment, char **path, int *status)
{
	const char *search = environment_get(environment, "PATH");
	_cleanup_free_ char *copy = NULL;
	char *rest, *one;
	int worst = ENOENT;

	if (strchr(name, '/') || !*name) {
		int err = *name ? check(name) : ENOENT;

		if (err)
			return fail(ctx, err, *name ? name : "command of an empty name", NULL, status);
		*path = strdup(name);
		return *path ? 0 : ctx_fail(ctx, ENOMEM, "can't look for the command");
	}
	search = search ? search : "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
	rest = copy = strdup(search);
	while (rest && (one = strsep(&rest, ":"))) {
		int err;

		/* An empty part means the working directory, which is nothing to trust. */
		if (*one != '/')
			continue;
		if (asprintf(path, "%s/%s", one, name) < 0)
			return ctx_fail(ctx, ENOMEM, "can't look for the command");
		err = check(*path);
		if (err == 0)
			return 0;
		/* As execvp(3): what is there but can't be executed is the answer only if nothing better comes. */
		if (err != ENOENT && err != ENOTDIR && worst == ENOENT)
			worst = err;
		free(steal_ptr(*path));
	}
	return fail(ctx, worst, name, search, status);
}

int command_enter_directory(struct contain_ctx *ctx, const char *directory)
{
	char cwd[PATH_MAX];

	if (chdir(directory) < 0)
		return ctx_fail(ctx, errno, "can't change to the working directory '%s' of the container", directory);
	/*
	 * getcwd(3): "(unreachable)" for one outside of the root, as /proc/self/fd/N of a leaked descriptor is
	 * (CVE-2024-21626).
	 */
	if (!getcwd(cwd, sizeof(cwd)) || *cwd != '/')
		return ctx_fail(ctx, 0, "the working directory '%s' is not inside the container's root", directory);
	return 0;
}

static void reset_signals(void)
{
	const struct sigaction fresh = { .sa_handler = SIG_DFL };
	sigset_t none;

	/* What the caller of contain ignored (nohup, a Python parent's SIGPIPE) would stay so through execve. */
	for (int number = 1; number < NSIG; number++)
		sigaction(number, &fresh, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

int command_execute(struct contain_ctx *ctx, const char *path, char *const *argv, char *const *environment, int *status)
{
	struct stat st;

	umask(022);
	if (kernel_close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC) < 0)
		return ctx_fail(ctx, errno, "can't close our own descriptors");
	reset_signals();
	execve(path, argv, environment);
	/* It was there a moment ago: what is missing is what its first line or its ELF header names. */
	if (errno == ENOENT && stat(path, &st) == 0) {
		*status = STATUS_NOT_FOUND;
		return ctx_fail(ctx, 0,
				"can't execute '%s': the container lacks the interpreter or the dynamic loader that it "
				"names",
				path);
	}
	return fail(ctx, errno, path, NULL, status);
}
