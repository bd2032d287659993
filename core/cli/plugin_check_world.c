/* SPDX-License-Identifier: MIT */
/* Namespaces and file systems of its own for scratch containers. */
#include <contain/plugin.h>

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "cli/plugin_check.h"

#define MOUNTS_MOST (16 * 1024 * 1024)
#define IDLE_MOST   (4 * 1024 * 1024)

/* Where what is written goes to an overlay, so that it is seen, certainly ours, and gone with the world. */
const char *const world_places[PLACES] = { "/dev/shm", "/etc", "/run", "/tmp", "/var" };

static int fail(struct text *errors, const char *what, const char *path)
{
	int err = errno;

	text_printf(errors, "can't make a scratch world: %s %s: %s\n", what, path, strerror(err));
	return -err;
}

char *world_read_proc(const char *path)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	char *bytes;
	size_t length;

	return fd >= 0 && file_read_all(fd, MOUNTS_MOST, &bytes, &length) == 0 ? bytes : NULL;
}

bool world_mount_point(const char *line, char path[PATH_MAX])
{
	size_t length = 0;

	for (int field = 0; field < 4; field++) {
		line = strchr(line, ' ');
		if (!line++)
			return false;
	}
	for (; *line && *line != ' ' && length < PATH_MAX - 1; length++) {
		if (line[0] == '\\' && line[1] && line[2] && line[3]) {
			path[length] = (char)((line[1] - '0') * 64 + (line[2] - '0') * 8 + (line[3] - '0'));
			line += 4;
		} else {
			path[length] = *line++;
		}
	}
	path[length] = '\0';
	return length > 0;
}

static bool is_beneath(const char *path, const char *place)
{
	size_t length = strlen(place);

	return strncmp(path, place, length) == 0 && path[length] == '/';
}

/* What is mounted beneath a place, which an overlay hides. One that can't be cloned is told by what needs it. */
struct submount {
	int tree;
	char path[PATH_MAX];
};

static size_t take_submounts(const char *place, struct submount **submounts)
{
	_cleanup_free_ char *mountinfo = world_read_proc("/proc/self/mountinfo");
	char *rest = mountinfo, *line;
	size_t count = 0;

	*submounts = NULL;
	while ((line = strsep(&rest, "\n"))) {
		struct submount one, *more;

		if (!world_mount_point(line, one.path) || !is_beneath(one.path, place))
			continue;
		one.tree = open_tree(AT_FDCWD, one.path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
		more = one.tree < 0 ? NULL : reallocarray(*submounts, count + 1, sizeof(*more));
		if (!more) {
			cleanup_close(&one.tree);
			continue;
		}
		more[count++] = one;
		*submounts = more;
	}
	return count;
}

/* The copy's root has the mode and owner of the original, which it takes from the upper directory. */
static int make_upper(const char *upper, int lower)
{
	struct stat st;

	return fstat(lower, &st) < 0 || mkdir(upper, 0755) < 0 || chown(upper, st.st_uid, st.st_gid) < 0 ||
			       chmod(upper, st.st_mode & 07777) < 0
		       ? -1
		       : 0;
}

static int new_overlay(const struct world *world, size_t number, int lower)
{
	_cleanup_close_ int fs = fsopen("overlay", FSOPEN_CLOEXEC);
	char upper[PATH_MAX + 32], work[PATH_MAX + 32];

	snprintf(upper, sizeof(upper), "%s/upper%zu", world->directory, number);
	snprintf(work, sizeof(work), "%s/work%zu", world->directory, number);
	if (fs < 0 || make_upper(upper, lower) < 0 || mkdir(work, 0700) < 0 ||
	    fsconfig(fs, FSCONFIG_SET_STRING, "lowerdir", world_places[number], 0) < 0 ||
	    fsconfig(fs, FSCONFIG_SET_STRING, "upperdir", upper, 0) < 0 ||
	    fsconfig(fs, FSCONFIG_SET_STRING, "workdir", work, 0) < 0 ||
	    fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return -1;
	return fsmount(fs, FSMOUNT_CLOEXEC, 0);
}

/* A kernel, or a place, without overlays: what is written there is the host's, and can't be told from others'. */
static void cover(struct world *world, size_t number)
{
	const char *place = world_places[number];
	_cleanup_close_ int lower = open(place, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	_cleanup_close_ int overlay = lower < 0 ? -1 : new_overlay(world, number, lower);
	_cleanup_free_ struct submount *submounts = NULL;
	size_t count;

	world->is_blind |= lower >= 0 && overlay < 0;
	if (overlay < 0)
		return;
	count = take_submounts(place, &submounts);
	if (move_mount(overlay, "", AT_FDCWD, place, MOVE_MOUNT_F_EMPTY_PATH) == 0) {
		world->lower[number] = steal_fd(&lower);
		for (size_t i = 0; i < count; i++)
			move_mount(submounts[i].tree, "", AT_FDCWD, submounts[i].path, MOVE_MOUNT_F_EMPTY_PATH);
	}
	for (size_t i = 0; i < count; i++)
		close(submounts[i].tree);
}

static int enter(struct world *world, struct text *errors)
{
	world->home = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);
	if (world->home < 0)
		return fail(errors, "opening", "/proc/self/ns/mnt");
	if (unshare(CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS) < 0)
		return fail(errors, "new namespaces", "(--host does without)");
	world->is_private = true;
	return mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ? fail(errors, "making mounts private", "/") : 0;
}

/* A root with nothing but the command in it. */
static int fill_root(const struct world *world, const char *prefix, struct text *errors)
{
	char from[PATH_MAX], to[PATH_MAX + 32];
	_cleanup_close_ int in = -1, out = -1;
	_cleanup_free_ char *bytes = NULL;
	size_t length;
	int result;

	snprintf(from, sizeof(from), "%s/lib/contain/idle", prefix);
	snprintf(to, sizeof(to), "%s/idle", world->rootfs);
	in = open(from, O_RDONLY | O_CLOEXEC);
	if (in < 0)
		return fail(errors, "the command of scratch containers", from);
	result = file_read_all(in, IDLE_MOST, &bytes, &length);
	out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755);
	if (result == 0 && out >= 0)
		result = fd_write_all(out, bytes, length);
	errno = -result;
	return out < 0 || result < 0 || fchmod(out, 0755) < 0 ? fail(errors, "writing", to) : 0;
}

static int make_directories(struct world *world, struct text *errors)
{
	char queues[PATH_MAX + 16];

	snprintf(world->state, sizeof(world->state), "%s/state", world->directory);
	snprintf(world->rootfs, sizeof(world->rootfs), "%s/rootfs", world->directory);
	snprintf(queues, sizeof(queues), "%s/mqueue", world->directory);
	if (mkdir(world->state, 0700) < 0 || mkdir(world->rootfs, 0755) < 0 || chmod(world->rootfs, 0755) < 0 ||
	    mkdir(queues, 0700) < 0)
		return fail(errors, "a directory in", world->directory);
	/* Of the IPC namespace that we are in (mq_overview(7)); a kernel without them has none to leave. */
	mount("mqueue", queues, "mqueue", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
	return 0;
}

int world_open(struct world *world, const char *prefix, bool host, struct text *errors)
{
	const char *temporary = secure_getenv("TMPDIR");
	int result = 0;

	*world = (struct world){ .home = -1, .parent = -1, .lower = { -1, -1, -1, -1, -1 } };
	if (!temporary || *temporary != '/')
		temporary = "/tmp";
	world->parent = open(temporary, O_PATH | O_DIRECTORY | O_CLOEXEC);
	snprintf(world->directory, sizeof(world->directory), "%s/contain-check-XXXXXX", temporary);
	if (world->parent < 0 || !mkdtemp(world->directory)) {
		*world->directory = '\0';
		return fail(errors, "a directory in", temporary);
	}
	if (!host)
		result = enter(world, errors);
	if (result == 0 && mount("tmpfs", world->directory, "tmpfs", MS_NOSUID, "mode=700") < 0)
		result = fail(errors, "a tmpfs at", world->directory);
	world->is_mounted = result == 0;
	if (result == 0)
		result = make_directories(world, errors);
	if (result == 0)
		result = fill_root(world, prefix, errors);
	for (size_t i = 0; result == 0 && !host && i < PLACES; i++)
		cover(world, i);
	/* The current directory may be in one of them. */
	if (result == 0 && !host) {
		_cleanup_free_ char *here = getcwd(NULL, 0);

		if (here && *here == '/' && chdir(here) < 0)
			result = fail(errors, "coming back to", here);
	}
	return result;
}

void world_close(struct world *world)
{
	/* All of it goes with the namespace; from where it is mounted the directory could not be removed. */
	if (world->is_private)
		setns(world->home, CLONE_NEWNS);
	else if (world->is_mounted)
		umount2(world->directory, MNT_DETACH);
	if (*world->directory)
		unlinkat(world->parent, strrchr(world->directory, '/') + 1, AT_REMOVEDIR);
	cleanup_close(&world->home);
	cleanup_close(&world->parent);
	for (size_t i = 0; i < PLACES; i++)
		cleanup_close(&world->lower[i]);
	*world->directory = '\0';
}
