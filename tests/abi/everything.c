/* SPDX-License-Identifier: MIT */
/*
 * Everything of the interface 1.0 but the switch of the root (switch.c), built with the frozen header: each type of
 * option, each hook, each function. plugins.bats knows by what is said here, and from the outside, that each worked.
 */
#include <contain/plugin.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAME "abi-everything"

struct span {
	int64_t from, to;
};

struct everything {
	bool yes;
	int64_t number, size;
	int level;
	const char *text;
	struct contain_list words;
	struct span span;
	int64_t doubled; /* no option: left by configure for later hooks */
};

static const char *const levels[] = { "low", "middle", "high", NULL };
static const char *const needed[] = { "mountns", NULL };
static const char *const last[] = { "*", NULL };
static const char *const first[] = { "cgroupns", NULL };

static int parse_span(const char *text, void *value, char *why, size_t why_size)
{
	struct span *span = value;
	long long from, to;

	if (sscanf(text, "%lld-%lld", &from, &to) != 2) {
		snprintf(why, why_size, "not FROM-TO");
		return -EINVAL;
	}
	*span = (struct span){ .from = from, .to = to };
	return 0;
}

static int parse_word(const char *text, void *value, char *why, size_t why_size)
{
	if (value || strcmp(text, "bad") == 0) {
		snprintf(why, why_size, "a bad word");
		return -EINVAL;
	}
	return 0;
}

static const struct contain_option options[] = {
	CONTAIN_BOOL_OPTION(struct everything, yes, "yes", .flag = "abi-yes", .short_flag = 'Y', .help = "a bool"),
	CONTAIN_INT_OPTION(struct everything, number, "number", .flags = CONTAIN_LIVE | CONTAIN_OR_MAX, .min = 1,
			   .max = 1000, .flag = "abi-number", .metavar = "N", .help = "most processes"),
	CONTAIN_SIZE_OPTION(struct everything, size, "size", .initial = "64K"),
	CONTAIN_ENUM_OPTION(struct everything, level, "level", .initial = "middle", .choices = levels),
	CONTAIN_STRING_OPTION(struct everything, text, "text", .flags = CONTAIN_REQUIRED, .flag = "abi-text",
			      .metavar = "TEXT", .help = "a string"),
	CONTAIN_LIST_OPTION(struct everything, words, "words", .parse = parse_word),
	CONTAIN_CUSTOM_OPTION(struct everything, span, "span", .parse = parse_span),
	CONTAIN_OPTIONS_END,
};

static bool fails(const struct everything *all, const char *hook)
{
	return strcmp(all->text, hook) == 0;
}

static int configure(struct contain_ctx *ctx, void *self)
{
	struct everything *all = self;
	char size[32];
	int fds[2], error;

	all->doubled = all->number == CONTAIN_UNSET || all->number == CONTAIN_MAX ? -1 : 2 * all->number;
	contain_info(ctx, NAME ": configure: %s, number %lld, size %s, level %s, text %s, %zu words, span %lld to %lld",
		     all->yes ? "yes" : "no", (long long)all->number, contain_size_text(all->size, size),
		     levels[all->level], all->text, all->words.count, (long long)all->span.from,
		     (long long)all->span.to);
	contain_info(ctx, NAME ": configure: given: %d %d", contain_is_set(ctx, "number"), contain_is_set(ctx, "size"));
	contain_warn(ctx, NAME ": a doubt");
	contain_debug(ctx, NAME ": a detail");
	if (fails(all, "configure"))
		return contain_fail(ctx, ENODATA, "told to fail with '%s'", all->text);
	if (contain_cgroup_version(ctx, "nonesuch") != 0)
		return contain_fail(ctx, 0, "there is a controller 'nonesuch'");
	error = contain_namespace(ctx, CLONE_NEWIPC);
	if (!error)
		error = contain_cgroup_use(ctx, "pids");
	if (error)
		return error;
	if (pipe2(fds, O_CLOEXEC) < 0 || write(fds[1], "through a pipe", 14) != 14 || close(fds[1]) < 0)
		return contain_fail(ctx, errno, "can't make a pipe");
	return contain_fd_pass(ctx, "pipe", fds[0]);
}

static int limit(struct contain_ctx *ctx, void *self)
{
	const struct everything *all = self;
	char text[32] = "max";

	if (all->number == CONTAIN_UNSET)
		return 0;
	if (all->number != CONTAIN_MAX)
		snprintf(text, sizeof(text), "%lld", (long long)all->number);
	return contain_cgroup_write(ctx, "pids", "pids.max", text);
}

static int parent_prepare(struct contain_ctx *ctx, void *self)
{
	const struct everything *all = self;
	char text[32] = "";
	int error = limit(ctx, self);

	if (!error)
		error = contain_cgroup_read(ctx, "pids", "pids.max", text, sizeof(text));
	if (!error)
		error = contain_state_set(ctx, "note", "written by the parent");
	if (!error)
		error = contain_setenv(ctx, "ABI_PARENT", all->text);
	text[strcspn(text, "\n")] = '\0';
	contain_info(ctx,
		     NAME ": parent_prepare: id %s, no pid: %d, new ipc and no net: %d %d, pids in cgroup v%d: %s, "
			  "files: %d %d, doubled: %lld",
		     contain_id(ctx), contain_pid(ctx) == 0, contain_has_namespace(ctx, CLONE_NEWIPC),
		     !contain_has_namespace(ctx, CLONE_NEWNET), contain_cgroup_version(ctx, "pids"), text,
		     contain_cgroup_has(ctx, "pids", "pids.max"), !contain_cgroup_has(ctx, "pids", "pids.nonesuch"),
		     (long long)all->doubled);
	return error;
}

static int parent_attach(struct contain_ctx *ctx, void *self)
{
	(void)self;
	contain_info(ctx, NAME ": parent_attach: pid %d", contain_pid(ctx));
	return 0;
}

/* In the new root, beneath which all of these paths are. */
static int build(struct contain_ctx *ctx)
{
	int mount = contain_mount_new(ctx, "tmpfs", "size=64k,mode=755", MOUNT_ATTR_NOEXEC), error, fd;

	if (mount < 0)
		return mount;
	if (mkdirat(mount, "inner", 0755) < 0 || symlinkat("/abi/mounted", mount, "link") < 0)
		error = contain_fail(ctx, errno, "can't fill the mount");
	else
		error = contain_mount_fd(ctx, mount, "/abi", CONTAIN_TARGET_NOFOLLOW);
	close(mount);
	if (!error)
		error = contain_mount(ctx, "tmpfs", "/abi/mounted", NULL, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV, 0);
	if (error)
		return error;
	fd = contain_open(ctx, "/abi/link/file", O_WRONLY | O_CREAT | O_EXCL, 0640);
	if (fd < 0)
		return fd;
	if (write(fd, "written in child_setup\n", 23) != 23)
		error = contain_fail(ctx, errno, "can't write");
	close(fd);
	return error;
}

static int child_setup(struct contain_ctx *ctx, void *self)
{
	const struct everything *all = self;
	const char *note = contain_state_get(ctx, "note");
	char text[32] = "";
	int fd = contain_fd_get(ctx, "pipe"), root = contain_rootfs(ctx);
	struct stat st;

	if (fd < 0 || read(fd, text, sizeof(text) - 1) < 0)
		return contain_fail(ctx, errno, "can't read from the pipe");
	if (root < 0 || fstat(root, &st) < 0)
		return contain_fail(ctx, errno, "can't look at the root");
	contain_info(ctx, NAME ": child_setup: %s, no other: %d, state: %s, root: %d, doubled: %lld", text,
		     contain_fd_get(ctx, "nonesuch") == -ENOENT, note ? note : "none", S_ISDIR(st.st_mode),
		     (long long)all->doubled);
	return build(ctx);
}

static int child_enter(struct contain_ctx *ctx, void *self)
{
	const struct everything *all = self;
	int terminal = contain_terminal(ctx), fd = contain_open(ctx, "/abi/mounted/file", O_RDONLY, 0);

	if (fd < 0)
		return fd;
	close(fd);
	if (fails(all, "child_enter"))
		return contain_fail(ctx, ENODATA, "told to fail with '%s'", all->text);
	contain_info(ctx, NAME ": child_enter: terminal: %s",
		     terminal == -ENOENT ? "none"
		     : isatty(terminal)  ? "yes"
					 : "what is it?");
	return contain_setenv(ctx, "ABI_CHILD", levels[all->level]);
}

static int child_seal(struct contain_ctx *ctx, void *self)
{
	const struct everything *all = self;

	contain_info(ctx, NAME ": child_seal: %s", all->words.count ? all->words.items[all->words.count - 1] : "none");
	return 0;
}

static int parent_started(struct contain_ctx *ctx, void *self)
{
	(void)self;
	contain_info(ctx, NAME ": parent_started: %s", contain_pid(ctx) > 0 ? contain_id(ctx) : "no pid");
	return 0;
}

static int update(struct contain_ctx *ctx, void *self)
{
	contain_info(ctx, NAME ": update: number %lld", (long long)((const struct everything *)self)->number);
	return limit(ctx, self);
}

static int report(struct contain_ctx *ctx, void *self)
{
	const struct everything *all = self;
	int error = contain_report(ctx, "abi_everything_size", all->size, CONTAIN_BYTES);

	if (!error)
		error = contain_report(ctx, "abi_everything_time", 1500, CONTAIN_USEC);
	if (!error)
		error = contain_report(ctx, "abi_everything_running", contain_is_running(ctx), CONTAIN_COUNT);
	if (!error)
		error = contain_report(ctx, "abi_everything_limit", CONTAIN_MAX, CONTAIN_COUNT);
	if (!error)
		error = contain_report(ctx, "abi_everything_unknown", -1, CONTAIN_COUNT);
	contain_debug(ctx, NAME ": report: running: %d", contain_is_running(ctx));
	contain_explain(ctx, "it was asked to say '%s'", all->text);
	return error;
}

static int teardown(struct contain_ctx *ctx, void *self)
{
	const char *note = contain_state_get(ctx, "note");

	(void)self;
	contain_info(ctx, NAME ": teardown: %s", note ? note : "none");
	return 0;
}

CONTAIN_PLUGIN(.name = NAME, .version = "1.0", .summary = "everything of the interface 1.0", .needs = needed,
	       .after = last, .before = first, .namespaces = CLONE_NEWUTS, .self_size = sizeof(struct everything),
	       .options = options, .configure = configure, .parent_prepare = parent_prepare,
	       .parent_attach = parent_attach, .child_setup = child_setup, .child_enter = child_enter,
	       .child_seal = child_seal, .parent_started = parent_started, .update = update, .report = report,
	       .teardown = teardown)
