/* SPDX-License-Identifier: MIT */
/* The functions of <contain/plugin.h>, which write down what they are asked for. */
#include "fakehost_private.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/kernel.h"
#include "base/number.h"

/* ---- messages ---- */

static void note(struct contain_ctx *host, const char *format, ...) CONTAIN_PRINTF_(2, 3);

static void note(struct contain_ctx *host, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	text_vprintf(&host->log, format, args);
	va_end(args);
	text_add(&host->log, "\n");
}

#define MESSAGE(FUNCTION, WORD)                                                                                        \
	void FUNCTION(struct contain_ctx *ctx, const char *format, ...)                                                \
	{                                                                                                              \
		va_list args;                                                                                          \
                                                                                                                       \
		text_add(&ctx->log, WORD ": ");                                                                        \
		va_start(args, format);                                                                                \
		text_vprintf(&ctx->log, format, args);                                                                 \
		va_end(args);                                                                                          \
		text_add(&ctx->log, "\n");                                                                             \
	}

MESSAGE(contain_info, "info")
MESSAGE(contain_warn, "warn")
MESSAGE(contain_debug, "debug")
MESSAGE(contain_explain, "explain")

int contain_fail(struct contain_ctx *ctx, int err, const char *format, ...)
{
	struct text line = { 0 };
	va_list args;

	err = err < 0 ? -err : err;
	va_start(args, format);
	text_vprintf(&line, format, args);
	va_end(args);
	if (err)
		text_printf(&line, ": %s", strerror(err));
	if (!ctx->error.length)
		text_add(&ctx->error, text_peek(&line));
	note(ctx, "fail: %s", text_peek(&line));
	text_free(&line);
	return err ? -err : -EIO;
}

const char *contain_size_text(int64_t bytes, char text[32])
{
	return number_size_text(bytes, text);
}

/* 0; or the function is broken, or not for this hook. */
static int enter(struct contain_ctx *ctx, const char *function, unsigned phases)
{
	struct pair *broken = pair_find(ctx->broken, function);

	if (!(BIT(ctx->phase) & phases) && ctx->phase != OUTSIDE)
		return contain_fail(ctx, EPERM, "%s() is not for this hook", function);
	if (broken && broken->number)
		return contain_fail(ctx, (int)broken->number, "%s() is broken", function);
	return 0;
}

/* ---- the container, and what outlives a process ---- */

const char *contain_id(struct contain_ctx *ctx)
{
	return ctx->id;
}

pid_t contain_pid(struct contain_ctx *ctx)
{
	return ctx->pid;
}

bool contain_is_set(struct contain_ctx *ctx, const char *key)
{
	return settings_given(&ctx->settings, key);
}

int contain_namespace(struct contain_ctx *ctx, uint64_t flag)
{
	static const struct {
		uint64_t flag;
		const char *name;
	} names[] = { { CLONE_NEWPID, "pid" },   { CLONE_NEWUTS, "uts" },       { CLONE_NEWNS, "mnt" },
		      { CLONE_NEWIPC, "ipc" },   { CLONE_NEWCGROUP, "cgroup" }, { CLONE_NEWNET, "net" },
		      { CLONE_NEWUSER, "user" }, { CLONE_NEWTIME, "time" } };
	int error = enter(ctx, __func__, BIT(CONFIGURE));

	for (size_t i = 0; !error && i < sizeof(names) / sizeof(*names); i++) {
		if (names[i].flag == flag) {
			ctx->namespaces |= flag;
			ctx->asked |= flag;
			note(ctx, "namespace %s", names[i].name);
			return 0;
		}
	}
	return error ? error : contain_fail(ctx, EINVAL, "%s(): no namespace", __func__);
}

int contain_namespace_join(struct contain_ctx *ctx, uint64_t flag, int fd)
{
	const char *name = flag == CLONE_NEWNET   ? "net"
			   : flag == CLONE_NEWIPC ? "ipc"
			   : flag == CLONE_NEWUTS ? "uts"
						  : NULL;
	int error, kind;

	/* As in contain_fd_pass(). */
	if (fd <= STDERR_FILENO)
		return contain_fail(ctx, EBADF, "%s(%d)", __func__, fd);
	kind = kernel_namespace_kind(fd);
	close(fd);
	error = enter(ctx, __func__, BIT(CONFIGURE));
	if (!error && (!name || (uint64_t)kind != flag))
		error = contain_fail(ctx, EINVAL, "%s(): no namespace of that kind", __func__);
	if (!error && ctx->asked & flag)
		error = contain_fail(ctx, EBUSY, "%s(): a new one is wanted too", __func__);
	if (error)
		return error;
	ctx->namespaces &= ~flag;
	note(ctx, "join %s", name);
	return 0;
}

bool contain_has_namespace(struct contain_ctx *ctx, uint64_t flag)
{
	return !enter(ctx, __func__, ANY_BUT(BIT(CONFIGURE))) && (ctx->namespaces & flag);
}

bool contain_is_running(struct contain_ctx *ctx)
{
	return !enter(ctx, __func__, BIT(REPORT)) && ctx->running;
}

int contain_terminal(struct contain_ctx *ctx)
{
	int error = enter(ctx, __func__, BIT(ENTER));

	return error ? error : ctx->terminal >= 0 ? ctx->terminal : -ENOENT;
}

int contain_setenv(struct contain_ctx *ctx, const char *name, const char *value)
{
	int error = enter(ctx, __func__, BIT(CONFIGURE) | BIT(PREPARE) | BIT(SETUP) | BIT(SWITCH) | BIT(ENTER));

	if (!error && (!*name || strchr(name, '=')))
		error = contain_fail(ctx, EINVAL, "%s(%s): no name of a variable", __func__, name);
	if (!error)
		note(ctx, "env %s=%s", name, value);
	return error;
}

int contain_state_set(struct contain_ctx *ctx, const char *key, const char *value)
{
	int error = enter(ctx, __func__, ANY_BUT(CHILD | BIT(CONFIGURE)));

	if (error)
		return error;
	pair_put(&ctx->state, key, value, 0);
	if (value)
		note(ctx, "state %s=%s", key, value);
	else
		note(ctx, "state %s removed", key);
	return 0;
}

const char *contain_state_get(struct contain_ctx *ctx, const char *key)
{
	struct pair *pair = pair_find(ctx->state, key);

	return pair ? pair->text : NULL;
}

int contain_fd_pass(struct contain_ctx *ctx, const char *name, int fd)
{
	int error = 0;

	/* 0 to 2 are the command's, and stay open. */
	if (fd <= STDERR_FILENO)
		return contain_fail(ctx, EBADF, "%s(%s, %d)", __func__, name, fd);
	error = enter(ctx, __func__, BIT(CONFIGURE) | BIT(PREPARE));
	if (error || pair_find(ctx->fds, name)) {
		close(fd);
		return error ? error : contain_fail(ctx, EEXIST, "%s(%s) twice", __func__, name);
	}
	pair_put(&ctx->fds, name, NULL, fd);
	note(ctx, "fd %s", name);
	return 0;
}

int contain_fd_get(struct contain_ctx *ctx, const char *name)
{
	struct pair *pair = pair_find(ctx->fds, name);

	return pair ? (int)pair->number : -ENOENT;
}

/* ---- the root file system ---- */

int contain_rootfs_set(struct contain_ctx *ctx, int fd)
{
	int error = enter(ctx, __func__, BIT(SETUP));

	if (error) {
		close(fd);
		return error;
	}
	close(ctx->rootfs);
	ctx->rootfs = fd;
	note(ctx, "rootfs");
	return 0;
}

int contain_rootfs(struct contain_ctx *ctx)
{
	int error = enter(ctx, __func__, CHILD & ~BIT(SEAL));

	return error ? error : ctx->rootfs;
}

static int open_beneath(struct contain_ctx *ctx, const char *path, int flags, mode_t mode, uint64_t resolve)
{
	struct open_how how = { .flags = (uint64_t)flags | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT | resolve };

	if (flags & O_CREAT)
		how.mode = mode;
	int fd = (int)syscall(SYS_openat2, ctx->rootfs, path, &how, sizeof(how));
	return fd < 0 ? -errno : fd;
}

int contain_open(struct contain_ctx *ctx, const char *path, int flags, mode_t mode)
{
	int error = enter(ctx, __func__, BIT(SETUP) | BIT(SWITCH) | BIT(ENTER));
	int fd = error ? error : open_beneath(ctx, path, flags, mode, 0);

	return fd < 0 && !error ? contain_fail(ctx, -fd, "cannot open %s in the root", path) : fd;
}

int contain_mount_new(struct contain_ctx *ctx, const char *type, const char *options, unsigned attributes)
{
	static const char *const names[] = { "ro", "nosuid", "nodev", "noexec" };
	int error = enter(ctx, __func__, BIT(SETUP) | BIT(SWITCH) | BIT(ENTER));
	struct text line = { 0 };
	char path[512], inode[32];
	struct stat st;

	if (error)
		return error;
	text_printf(&line, "new %s%s%s", type, options ? " " : "", options ? options : "");
	for (unsigned i = 0, found = 0; i < 4; i++)
		if (attributes & (1U << i))
			text_printf(&line, "%s%s", found++ ? "," : " ", names[i]);
	note(ctx, "%s", text_peek(&line));
	text_free(&line);
	/* In a temporary directory, which takes its target's place when it is attached. */
	snprintf(path, sizeof(path), "%s/mount%u", ctx->trash, ctx->made++);
	int fd = mkdir(path, 0755) < 0 ? -1 : open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0)
		return contain_fail(ctx, errno, "fakehost: %s", path);
	snprintf(inode, sizeof(inode), "%ju", (uintmax_t)st.st_ino);
	pair_put(&ctx->mounts, inode, type, (int64_t)ctx->made - 1);
	return fd;
}

/* Walk to the target and make what is missing, without a look at what is mounted there. */
static int make_target(struct contain_ctx *ctx, const char *target, unsigned flags)
{
	uint64_t resolve = flags & CONTAIN_TARGET_NOFOLLOW ? RESOLVE_NO_SYMLINKS : 0;
	_cleanup_free_ char *path = strdup(target);
	int at = open_beneath(ctx, "/", O_PATH, 0, 0);

	for (char *slash = path; at >= 0 && slash;) {
		slash = strchr(slash + 1, '/');
		if (slash)
			*slash = '\0';
		int next = open_beneath(ctx, path, O_PATH, 0, resolve);
		if (next == -ENOENT) {
			const char *name = strrchr(path, '/') + 1;
			bool file = !slash && flags & CONTAIN_TARGET_FILE;
			int error = file ? mknodat(at, name, S_IFREG | 0644, 0) : mkdirat(at, name, 0755);

			next = error < 0 ? -errno : openat(at, name, O_PATH | O_CLOEXEC);
		}
		close(at);
		at = next;
		if (slash)
			*slash = '/';
	}
	return at;
}

/* The mount of contain_mount_new() with that root; NULL if it is another. */
static const struct pair *find_mount(struct contain_ctx *ctx, const struct stat *st)
{
	char inode[32];

	snprintf(inode, sizeof(inode), "%ju", (uintmax_t)st->st_ino);
	return S_ISDIR(st->st_mode) ? pair_find(ctx->mounts, inode) : NULL;
}

static const char *describe(const struct stat *st, char text[64])
{
	bool character = S_ISCHR(st->st_mode);

	if (!character && !S_ISBLK(st->st_mode))
		return S_ISDIR(st->st_mode) ? "dir" : "file";
	snprintf(text, 64, "%s %u:%u", character ? "char" : "block", major(st->st_rdev), minor(st->st_rdev));
	return text;
}

/* A directory of contain_mount_new() takes the place of the one at the target, which goes into the trash. */
static int replace(struct contain_ctx *ctx, const struct pair *made, int target)
{
	char link[64], to[512], from[600], aside[600];

	snprintf(link, sizeof(link), "/proc/self/fd/%d", target);
	ssize_t length = readlink(link, to, sizeof(to) - 1);
	if (length < 0)
		return -errno;
	to[length] = '\0';
	snprintf(from, sizeof(from), "%s/mount%lld", ctx->trash, (long long)made->number);
	snprintf(aside, sizeof(aside), "%s/covered%u", ctx->trash, ctx->made++);
	return rename(to, aside) < 0 || rename(from, to) < 0 ? -errno : 0;
}

int contain_mount_fd(struct contain_ctx *ctx, int mount, const char *target, unsigned target_flags)
{
	int error = enter(ctx, __func__, BIT(SETUP) | BIT(SWITCH) | BIT(ENTER));
	char text[64];
	struct stat st;

	if (error)
		return error;
	if (*target != '/' || fstat(mount, &st) < 0)
		return contain_fail(ctx, EINVAL, "%s(%d, %s)", __func__, mount, target);
	const struct pair *made = find_mount(ctx, &st);
	note(ctx, "attach %s at %s%s%s", made ? made->text : describe(&st, text), target,
	     target_flags & CONTAIN_TARGET_FILE ? " file" : "",
	     target_flags & CONTAIN_TARGET_NOFOLLOW ? " nofollow" : "");
	_cleanup_close_ int at = make_target(ctx, target, target_flags);
	if (at < 0)
		return contain_fail(ctx, -at, "cannot make the mount point %s", target);
	error = made ? replace(ctx, made, at) : 0;
	return error ? contain_fail(ctx, -error, "fakehost: %s", target) : 0;
}

int contain_mount(struct contain_ctx *ctx, const char *type, const char *target, const char *options,
		  unsigned attributes, unsigned target_flags)
{
	_cleanup_close_ int fd = contain_mount_new(ctx, type, options, attributes);

	return fd < 0 ? fd : contain_mount_fd(ctx, fd, target, target_flags);
}

/* ---- control groups ---- */

int contain_cgroup_version(struct contain_ctx *ctx, const char *controller)
{
	struct pair *version = pair_find(ctx->versions, controller);

	return enter(ctx, __func__, PARENT | BIT(CHECK) | OTHER) || !version ? 0 : (int)version->number;
}

int contain_cgroup_use(struct contain_ctx *ctx, const char *controller)
{
	int error = enter(ctx, __func__, BIT(CONFIGURE));

	if (error)
		return error;
	if (!pair_find(ctx->versions, controller))
		return contain_fail(ctx, 0, "this host has no %s controller", controller);
	pair_put(&ctx->used, controller, NULL, 0);
	note(ctx, "cgroup use %s", controller);
	return 0;
}

/* The container has a cgroup if configure has asked for one; a test that leaves configure out means that it has. */
static bool has_cgroup(struct contain_ctx *ctx, const char *controller)
{
	return pair_find(ctx->used, controller) || (ctx->plugin->configure && !ctx->configured);
}

static const char *find_file(struct contain_ctx *ctx, const char *controller, const char *file)
{
	return has_cgroup(ctx, controller) ? fakehost_file(ctx, controller, file) : NULL;
}

bool contain_cgroup_has(struct contain_ctx *ctx, const char *controller, const char *file)
{
	return !enter(ctx, __func__, (PARENT & ~BIT(CONFIGURE)) | OTHER) && find_file(ctx, controller, file);
}

int contain_cgroup_write(struct contain_ctx *ctx, const char *controller, const char *file, const char *text)
{
	int error = enter(ctx, __func__, (PARENT & ~BIT(CONFIGURE)) | OTHER);
	char key[256];

	if (error)
		return error;
	note(ctx, "cgroup %s/%s = %s", controller, file, text);
	if (!has_cgroup(ctx, controller))
		return contain_fail(ctx, ENOENT, "cannot write %s: configure has not asked for a cgroup with %s", file,
				    controller);
	if (!pair_find(ctx->files, cgroup_key(key, controller, file)))
		return contain_fail(ctx, ENOENT, "cannot write '%s' to %s", text, key);
	pair_put(&ctx->files, key, text, 0);
	return 0;
}

int contain_cgroup_read(struct contain_ctx *ctx, const char *controller, const char *file, char *text, size_t size)
{
	const char *content = find_file(ctx, controller, file);

	if (!(BIT(ctx->phase) & ((PARENT & ~BIT(CONFIGURE)) | OTHER)) || !content)
		return content ? -EPERM : -ENOENT;
	snprintf(text, size, "%s", content);
	return 0;
}

/* ---- usage ---- */

int contain_report(struct contain_ctx *ctx, const char *key, int64_t value, enum contain_unit unit)
{
	static const char *const names[] = {
		[CONTAIN_BYTES] = "bytes", [CONTAIN_USEC] = "usec", [CONTAIN_COUNT] = "count"
	};
	int error = enter(ctx, __func__, BIT(REPORT));

	if (!error && (unit < CONTAIN_BYTES || unit > CONTAIN_COUNT))
		error = contain_fail(ctx, EINVAL, "%s(%s): no unit", __func__, key);
	if (!error && (!*key || strspn(key, "abcdefghijklmnopqrstuvwxyz0123456789_") != strlen(key)))
		error = contain_fail(ctx, EINVAL, "%s(%s): a key is of a-z, 0-9 and _", __func__, key);
	if (!error)
		note(ctx, "report %s = %lld %s", key, (long long)value, names[unit]);
	return error;
}

/* ---- how safe it is ---- */

int contain_protects(struct contain_ctx *ctx, const char *what)
{
	int error = enter(ctx, __func__, BIT(CHECK));

	if (!error)
		note(ctx, "protects %s", what);
	return error;
}

int contain_exposes(struct contain_ctx *ctx, int points, const char *format, ...)
{
	int error = enter(ctx, __func__, BIT(CHECK));
	struct text line = { 0 };
	va_list args;

	if (!error && (points < 1 || points > 10))
		error = contain_fail(ctx, ERANGE, "%s: %d points", __func__, points);
	va_start(args, format);
	text_vprintf(&line, format, args);
	va_end(args);
	if (!error)
		note(ctx, "exposes %d: %s", points, text_peek(&line));
	text_free(&line);
	return error;
}

/* ---- the container's state ---- */

const char *contain_state_json(struct contain_ctx *ctx)
{
	static const char *const statuses[OUTSIDE + 1] = {
		[SEAL] = "created",
		[STARTED] = "running",
		[UPDATE] = "running",
		[TEARDOWN] = "stopped",
	};
	const char *status = ctx->phase == REPORT && ctx->running ? "running"
			     : ctx->phase == REPORT               ? "stopped"
								  : statuses[ctx->phase];

	if (enter(ctx, __func__, ~BIT(CONFIGURE)))
		return NULL;
	text_free(&ctx->json);
	text_printf(&ctx->json, "{\"ociVersion\":\"1.0.2\",\"id\":\"%s\",\"status\":\"%s\"", ctx->id,
		    status ? status : "creating");
	if (ctx->pid > 0)
		text_printf(&ctx->json, ",\"pid\":%d", ctx->pid);
	text_printf(&ctx->json, ",\"bundle\":\"/run/contain/%s\"}", ctx->id);
	return text_peek(&ctx->json);
}
