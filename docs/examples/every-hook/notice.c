/* SPDX-License-Identifier: MIT */
/*
 * notice: a file of the host, in /run, that the container sees and that may be changed while it runs:
 *
 *	contain run --name web --notice 'back at noon' --rootfs ./rootfs -- /bin/cat /run/notice
 *	contain update web --notice 'back at one'
 *
 * An example of every hook but child_switch, for which see plain-root.c. Real plugins have two or three hooks; this one
 * takes each as an occasion for what belongs there. Copy from it, and leave out the rest.
 *
 * The order of events is that of a container's life, and so is the order of the functions below:
 *
 *	parent: configure, parent_prepare        the child does not exist
 *	parent: parent_attach                    the child exists and waits
 *	child:  child_setup, child_enter, child_seal
 *	parent: parent_started                   the command runs
 *	any:    update, report, teardown         perhaps by another contain, minutes or a crash later
 *	any:    check                            for `contain check`, instead of a life
 */
#include <contain/plugin.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_NAME "text"
#define PATH_SIZE 256 /* an id has 64 characters at most */

/*
 * One for each process, filled from the options below. What configure changes in it is seen by all later hooks, as it
 * is copied byte by byte: so there is no pointer in it but those of STRING and LIST options.
 */
struct notice {
	const char *text;
	const char *target;
	bool writable;
	int64_t scratch;
	int64_t nice;
	int64_t oom_score_adj;
	bool is_needed; /* no option: decided by configure */
};

/* What a function has opened is closed at its end, whichever way it ends. */
static void close_descriptor(const int *fd)
{
	if (*fd >= 0)
		close(*fd);
}
#define _cleanup_close_ __attribute__((cleanup(close_descriptor)))

/*
 * Pure, as each .parse function: it looks at the text alone. The reason is shown behind the option's name, so it reads
 * on: "--notice: 'a\nb': has more than one line" is made of "has more than one line".
 */
static int parse_text(const char *text, void *value, char *why, size_t why_size)
{
	(void)value; /* of a STRING the host keeps the text itself */
	if (!strchr(text, '\n'))
		return 0;
	snprintf(why, why_size, "has more than one line");
	return -EINVAL;
}

static int parse_target(const char *text, void *value, char *why, size_t why_size)
{
	(void)value;
	if (*text == '/' && text[1])
		return 0;
	snprintf(why, why_size, "is no absolute path in the container, such as /run/notice");
	return -EINVAL;
}

/*
 * A line here is all that it takes: a key in the section [notice] of a profile, `--set notice.KEY=VALUE`, a flag where
 * .flag is given, its check, --help, completion, and the error for a wrong value.
 */
static const struct contain_option options[] = {
	CONTAIN_STRING_OPTION(struct notice, text, "text", .flags = CONTAIN_LIVE, .flag = "notice", .metavar = "TEXT",
			      .help = "one line that the container finds in /run/notice", .parse = parse_text),
	CONTAIN_STRING_OPTION(struct notice, target, "target", .initial = "/run/notice", .metavar = "FILE",
			      .help = "where it finds it", .parse = parse_target),
	CONTAIN_BOOL_OPTION(struct notice, writable, "writable", .help = "let the container change the file"),
	CONTAIN_SIZE_OPTION(struct notice, scratch, "scratch", .initial = "64K",
			    .help = "size of /run/scratch, a directory in memory"),
	CONTAIN_INT_OPTION(struct notice, nice, "nice", .min = 0, .max = 19,
			   .help = "nice value of every command of the container"),
	CONTAIN_INT_OPTION(struct notice, oom_score_adj, "oom_score_adj", .min = 0, .max = 1000,
			   .help = "how much rather than others it is killed when the host has no memory left"),
	CONTAIN_OPTIONS_END,
};

/*
 * Parent, once: check what a table can't say, ask for namespaces (contain_namespace) and cgroups (contain_cgroup_use).
 * Touches nothing: there is no container yet, there may never be one, and nothing would tear it down.
 */
static int configure(struct contain_ctx *ctx, void *self)
{
	struct notice *notice = self;

	/* A default is no reason to fail, a value that was given is: it must hold. */
	if (!notice->text && contain_is_set(ctx, "target"))
		return contain_fail(ctx, 0, "there is no notice for %s: give --notice TEXT", notice->target);
	notice->is_needed = notice->text != NULL;
	return 0;
}

static int write_text(struct contain_ctx *ctx, const char *directory, const char *text)
{
	char path[PATH_SIZE + sizeof(FILE_NAME)];
	_cleanup_close_ int fd = -1;

	/* In place and not by a new file, which the container, that has this one mounted, would never see. */
	snprintf(path, sizeof(path), "%s/" FILE_NAME, directory);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (fd < 0)
		return contain_fail(ctx, errno, "can't open %s", path);
	return dprintf(fd, "%s\n", text) < 0 ? contain_fail(ctx, errno, "can't write to %s", path) : 0;
}

/* A copy of the file's mount that is attached nowhere; whoever has the descriptor can attach it. */
static int take_file(struct contain_ctx *ctx, const struct notice *notice, const char *directory)
{
	struct mount_attr attributes = { .attr_set = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC,
					 .propagation = MS_PRIVATE };
	char path[PATH_SIZE + sizeof(FILE_NAME)];
	int fd;

	if (!notice->writable)
		attributes.attr_set |= MOUNT_ATTR_RDONLY;
	snprintf(path, sizeof(path), "%s/" FILE_NAME, directory);
	fd = open_tree(AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	if (fd < 0)
		return contain_fail(ctx, errno, "can't take the mount of %s", path);
	if (mount_setattr(fd, "", AT_EMPTY_PATH, &attributes, sizeof(attributes)) < 0) {
		int error = errno;

		close(fd);
		return contain_fail(ctx, error, "can't set the mount attributes of %s", path);
	}
	return fd;
}

/*
 * A directory that nobody else has: the container's id is unique in its --root alone, and all that is on record will be
 * removed by teardown. Record, then create: so teardown knows of it whatever happens in between.
 */
static int make_directory(struct contain_ctx *ctx, char directory[PATH_SIZE])
{
	unsigned random;
	int error;

	if (getrandom(&random, sizeof(random), 0) != sizeof(random))
		return contain_fail(ctx, errno, "can't get a random number");
	snprintf(directory, PATH_SIZE, "/run/contain-notice-%s-%08x", contain_id(ctx), random);
	error = contain_state_set(ctx, "directory", directory);
	if (error)
		return error;
	return mkdir(directory, 0755) < 0 ? contain_fail(ctx, errno, "can't make the directory %s", directory) : 0;
}

/*
 * Parent, before the child: make what the host needs, and set the limits, so that the child is never without. What the
 * child will need of the host's files is opened here.
 */
static int parent_prepare(struct contain_ctx *ctx, void *self)
{
	const struct notice *notice = self;
	char directory[PATH_SIZE];
	int error, fd;

	if (!notice->is_needed)
		return 0;
	error = make_directory(ctx, directory);
	if (!error)
		error = write_text(ctx, directory, notice->text);
	if (error)
		return error;
	fd = take_file(ctx, notice, directory);
	/* The host closes the descriptor from here on, also if this fails. */
	return fd < 0 ? fd : contain_fd_pass(ctx, "file", fd);
}

/*
 * Parent, while the child waits: what needs its pid, such as a uid map or the end of a veth. Here a file of /proc, of
 * which the container inherits the value.
 */
static int parent_attach(struct contain_ctx *ctx, void *self)
{
	const struct notice *notice = self;
	_cleanup_close_ int fd = -1;
	char path[64];

	if (notice->oom_score_adj == CONTAIN_UNSET)
		return 0;
	/* The child waits for this hook, so the pid can't be another process's. */
	snprintf(path, sizeof(path), "/proc/%d/oom_score_adj", contain_pid(ctx));
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return contain_fail(ctx, errno, "can't open %s", path);
	if (dprintf(fd, "%lld", (long long)notice->oom_score_adj) < 0)
		return contain_fail(ctx, errno, "can't write %lld to %s", (long long)notice->oom_score_adj, path);
	return 0;
}

/*
 * Child, in its namespaces, the host's files at /: build the new root. Targets are resolved by the host's functions,
 * below that root, so that no link of the image leads out of it.
 */
static int child_setup(struct contain_ctx *ctx, void *self)
{
	const struct notice *notice = self;
	char size[32], mount_options[64];
	int file, error;

	if (!notice->is_needed)
		return 0;
	file = contain_fd_get(ctx, "file");
	if (file < 0)
		return contain_fail(ctx, -file, "the notice was not handed over");
	contain_info(ctx, "setting up notice: %s", notice->target);
	error = contain_mount_fd(ctx, file, notice->target, CONTAIN_TARGET_FILE);
	if (error)
		return error;
	/* The umask is 0 here: a mode is what it says. */
	snprintf(mount_options, sizeof(mount_options), "mode=1777,size=%lld", (long long)notice->scratch);
	contain_debug(ctx, "mounting /run/scratch, %s at most", contain_size_text(notice->scratch, size));
	return contain_mount(ctx, "tmpfs", "/run/scratch", mount_options, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV, 0);
}

/*
 * Child, the container's files at /: what can only be seen from the inside. Nothing is loaded and no name looked up any
 * more, as libraries and /etc/passwd are the image's; and what is opened goes through contain_open() or is a mount of
 * ours.
 */
static int child_enter(struct contain_ctx *ctx, void *self)
{
	const struct notice *notice = self;
	_cleanup_close_ int fd = -1;
	struct stat seen, ours;

	if (!notice->is_needed)
		return 0;
	fd = contain_open(ctx, notice->target, O_PATH | O_NOFOLLOW, 0);
	if (fd < 0)
		return fd;
	if (fstat(fd, &seen) < 0 || fstat(contain_fd_get(ctx, "file"), &ours) < 0)
		return contain_fail(ctx, errno, "can't look at %s", notice->target);
	if (seen.st_dev != ours.st_dev || seen.st_ino != ours.st_ino)
		return contain_fail(ctx, 0, "%s is not the notice: a volume lies over it", notice->target);
	/* The command finds it without knowing the path; what the user set with --env stays. */
	return contain_setenv(ctx, "NOTICE", notice->target);
}

/*
 * Child, as the command's user, just before the command; also in front of each `contain exec`, where no other hook
 * runs. What must hold for every process of the container, and survives execve(2): resource limits, a seccomp filter.
 */
static int child_seal(struct contain_ctx *ctx, void *self)
{
	const struct notice *notice = self;

	if (notice->nice != CONTAIN_UNSET && setpriority(PRIO_PROCESS, 0, (int)notice->nice) < 0)
		return contain_fail(ctx, errno, "can't set the nice value to %lld", (long long)notice->nice);
	return 0;
}

/* Parent, the command runs: start what watches it, tell others. A failure here ends the container. */
static int parent_started(struct contain_ctx *ctx, void *self)
{
	const struct notice *notice = self;

	if (notice->is_needed)
		contain_debug(ctx, "%s shows '%s' to process %d", contain_id(ctx), notice->text, contain_pid(ctx));
	return 0;
}

/*
 * Any process, often another contain than the one that made the container: `contain update` has put new values of
 * the CONTAIN_LIVE options into self. If a hook of that update fails, it is called once more with the old ones.
 */
static int update(struct contain_ctx *ctx, void *self)
{
	const struct notice *notice = self;
	const char *directory = contain_state_get(ctx, "directory");

	if (!directory)
		return contain_fail(ctx, 0, "the container was started without a notice: run it with --notice TEXT");
	/* An empty value takes the text away. */
	return write_text(ctx, directory, notice->text ? notice->text : "");
}

/* Any process, any number of times: figures for people and in JSON. Changes nothing. */
static int report(struct contain_ctx *ctx, void *self)
{
	const char *directory = contain_state_get(ctx, "directory");
	char path[PATH_SIZE + sizeof(FILE_NAME)];
	struct stat st;

	(void)self;
	if (!directory)
		return 0;
	snprintf(path, sizeof(path), "%s/" FILE_NAME, directory);
	/* A negative value is one that is not known. */
	return contain_report(ctx, "notice_size", stat(path, &st) < 0 ? -1 : st.st_size, CONTAIN_BYTES);
}

/*
 * Any process: undo by the saved state alone. It may come after half a set-up, or twice, so what is gone is no error.
 * While it fails the state stays, and `contain gc` calls it again.
 */
static int teardown(struct contain_ctx *ctx, void *self)
{
	const char *directory = contain_state_get(ctx, "directory");
	char path[PATH_SIZE + sizeof(FILE_NAME)];

	(void)self;
	if (!directory)
		return 0;
	snprintf(path, sizeof(path), "%s/" FILE_NAME, directory);
	if (unlink(path) < 0 && errno != ENOENT)
		return contain_fail(ctx, errno, "can't remove %s", path);
	if (rmdir(directory) < 0 && errno != ENOENT)
		return contain_fail(ctx, errno, "can't remove %s", directory);
	return 0;
}

/* `contain check`, after configure: what this leaves open as it is set, and behind a colon how to avoid it. */
static int check(struct contain_ctx *ctx, void *self)
{
	const struct notice *notice = self;

	if (!notice->is_needed || !notice->writable)
		return 0;
	return contain_exposes(ctx, 2, "the command can fill the host's /run: leave out notice.writable");
}

/* Ordered behind dev and the like by the profile; where it matters it is said with .after, .before and .needs. */
static const char *const needs[] = { "mountns", NULL };

CONTAIN_PLUGIN(.name = "notice", .version = "1.0", .summary = "a notice of the host's that the container sees",
	       .needs = needs, .self_size = sizeof(struct notice), .options = options, .configure = configure,
	       .parent_prepare = parent_prepare, .parent_attach = parent_attach, .child_setup = child_setup,
	       .child_enter = child_enter, .child_seal = child_seal, .parent_started = parent_started, .update = update,
	       .report = report, .teardown = teardown, .check = check)
