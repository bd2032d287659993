/* SPDX-License-Identifier: MIT */
/*
 * How much of the host the root filesystem and the volumes show. The paths are looked at, and nothing more. What is
 * said of root inside holds where it is root outside too; in a user namespace (user_namespaces(7)) root's files of the
 * host are not its own, and then half of the points are left.
 */
#include "mountns.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#define SET_UID_POINTS 1
#define PLAIN_POINTS   1 /* of what is given to be written to, and to be nothing else */
#define ROOT_POINTS    2

#define NAME_SIZE (PATH_MAX + 32)

/*
 * Places of the host: points for one that can be written to, and for one that can be read. Where a read-only mount does
 * not help they are the same: it keeps from nobody a device, a socket, or what a link of /proc/PID leads to (proc(5)).
 */
static const struct place {
	char path[16]; /* no pointers: each is a relocation, at each start of a container */
	int written, read;
	bool beneath; /* what lies in it counts as much */
	char why[64];
} places[] = {
	{ "/", 10, 7, false, "which is all of its files" },
	{ "/etc", 10, 3, true, "which says who is root there, and what runs" },
	{ "/usr", 10, 0, true, "whose programs the host runs" },
	{ "/bin", 10, 0, true, "whose programs the host runs" },
	{ "/sbin", 10, 0, true, "whose programs the host runs" },
	{ "/lib", 10, 0, true, "whose libraries the host's programs load" },
	{ "/lib64", 10, 0, true, "whose libraries the host's programs load" },
	{ "/boot", 10, 1, true, "from where the host starts" },
	{ "/root", 10, 4, false, "where root's own files and keys are" },
	{ "/home", 6, 3, false, "where its users' files and keys are" },
	{ "/var/spool/cron", 10, 1, true, "which says what the host runs" },
	{ "/var/lib", 8, 3, false, "where its services, and other containers, keep what they have" },
	{ "/proc", 10, 10, true, "whose links /proc/PID/root lead to the host's files" },
	{ "/sys", 8, 1, true, "with the settings of its devices and its kernel" },
	{ "/dev", 10, 10, false, "with its devices" },
	{ "/run", 10, 10, false, "with the sockets of its services" },
};

/* Sockets behind which root's work is done for whoever asks. */
static const char masters[][16] = { "docker.sock", "containerd.sock", "crio.sock", "podman.sock", "private" };

/* Devices of memory that hold nothing of the host, by their minor number: null, zero, full, random, urandom. */
static const unsigned harmless[] = { 3, 5, 7, 8, 9 };

/* Whether a path, without a slash at its end, is the other one or lies in it. */
static bool is_in(const char *path, const char *place)
{
	size_t length = strcmp(place, "/") == 0 ? 0 : strlen(place);

	return strncmp(path, place, length) == 0 && (path[length] == '\0' || path[length] == '/');
}

static int place_points(const struct place *place, const char *path, bool written, bool inner)
{
	bool holds = is_in(place->path, path) || (inner && place->beneath && is_in(path, place->path));
	/* One file of a place is given to be read; where reading is as good as writing it is not. */
	bool counts = written || is_in(place->path, path) || place->read == place->written;

	return !holds || !counts ? 0 : written ? place->written : place->read;
}

/* The worst of the places that a path shows; NULL if it shows none. `inner`: parts of a place count as well. */
static const struct place *find_place(const char *path, bool written, bool inner)
{
	const struct place *worst = NULL;
	int most = 0;

	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
		int points = place_points(&places[i], path, written, inner);

		if (points > most) {
			most = points;
			worst = &places[i];
		}
	}
	return worst;
}

static int scaled(struct contain_ctx *ctx, int points)
{
	return contain_has_namespace(ctx, CLONE_NEWUSER) ? (points + 1) / 2 : points;
}

static bool is_master(const char *path)
{
	const char *name = strrchr(path, '/');

	for (size_t i = 0; name && i < sizeof(masters) / sizeof(*masters); i++) {
		if (strcmp(name + 1, masters[i]) == 0)
			return true;
	}
	return false;
}

static bool is_harmless(dev_t device)
{
	for (size_t i = 0; i < sizeof(harmless) / sizeof(*harmless); i++) {
		if (device == makedev(1, harmless[i]))
			return true;
	}
	return false;
}

/* A file that does more than a file. 0 if it is none, 1 if it was told of, or -errno. */
static int check_special(struct contain_ctx *ctx, const struct volume *volume, const char *path)
{
	bool nodev = volume->attributes & MOUNT_ATTR_NODEV;
	struct stat st;
	int result;

	if (stat(path, &st) < 0)
		return 0;
	/* unix(7): connecting asks for the permission to write to the socket, not to its file system. */
	if (S_ISSOCK(st.st_mode))
		result = contain_exposes(ctx, is_master(path) ? 10 : 5,
					 "it can ask the service of the host behind %s for what it does%s: leave the "
					 "volume out; ro does not help",
					 path, is_master(path) ? ", which is all that root can do" : "");
	else if (S_ISBLK(st.st_mode) && !nodev)
		result = contain_exposes(ctx, 10,
					 "it can read and write the host's disk %s past every permission: leave the "
					 "volume out; ro does not help",
					 path);
	else if (S_ISCHR(st.st_mode) && !nodev && !is_harmless(st.st_rdev))
		result = contain_exposes(
			ctx, 4, "it can use the host's device %s: leave the volume out, if it is not needed", path);
	else
		return S_ISSOCK(st.st_mode) || S_ISBLK(st.st_mode) || S_ISCHR(st.st_mode);
	return result < 0 ? result : 1;
}

static int check_directory(struct contain_ctx *ctx, const struct volume *volume, const char *path)
{
	const uint64_t both = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV;
	struct stat st;

	if ((volume->attributes & both) == both || stat(path, &st) < 0 || !S_ISDIR(st.st_mode))
		return 0;
	return contain_exposes(
		ctx, SET_UID_POINTS,
		"set-uid programs and devices in the host's %s work inside: add nosuid,nodev to the volume", path);
}

/* What a volume shows of a place: itself, or more with the place in it. */
static const char *name_place(const struct place *place, const char *path, char text[NAME_SIZE])
{
	bool more = is_in(place->path, path) && strcmp(place->path, path) != 0;

	snprintf(text, NAME_SIZE, "%s%s%s", path, more ? " with " : "", more ? place->path : "");
	return text;
}

static int check_place(struct contain_ctx *ctx, const struct place *place, const char *path, bool written)
{
	int points = scaled(ctx, place_points(place, path, written, true));
	char name[NAME_SIZE];

	name_place(place, path, name);
	if (place->read == place->written)
		return contain_exposes(ctx, points,
				       "root inside has the host's %s, %s: leave the volume out; ro does not help",
				       name, place->why);
	if (written)
		return contain_exposes(ctx, points, "root inside can change the host's %s, %s: add ro to the volume",
				       name, place->why);
	return contain_exposes(ctx, points, "root inside reads the host's %s, %s: give it only the files that it needs",
			       name, place->why);
}

static int check_volume_path(struct contain_ctx *ctx, const struct volume *volume, const char *path)
{
	bool written = !(volume->attributes & MOUNT_ATTR_RDONLY);
	const struct place *place = find_place(path, written, true);
	int result = check_special(ctx, volume, path);

	if (result != 0)
		return result < 0 ? result : 0;
	if (place)
		result = check_place(ctx, place, path, written);
	else if (written)
		result = contain_exposes(ctx, PLAIN_POINTS,
					 "it can change the host's %s, and what it leaves there stays: add ro to the "
					 "volume, if it only reads",
					 path);
	return result < 0 ? result : check_directory(ctx, volume, path);
}

/* As it is found from here, or as it is written where there is no such thing yet. */
static void find_path(const char *given, char path[PATH_MAX])
{
	size_t length;

	if (realpath(given, path))
		return;
	strncpy(path, given, PATH_MAX - 1);
	path[PATH_MAX - 1] = '\0';
	for (length = strlen(path); length > 1 && path[length - 1] == '/'; length--)
		path[length - 1] = '\0';
}

/* A root that is the host's own protects nothing. */
static int check_root(struct contain_ctx *ctx, const struct mountns *mountns)
{
	bool given = mountns->rootfs && *mountns->rootfs;
	char path[PATH_MAX] = "";
	const struct place *place;
	char name[NAME_SIZE];
	int result = 0;

	if (given)
		find_path(mountns->rootfs, path);
	place = given ? find_place(path, !mountns->read_only, false) : NULL;
	if (place)
		return contain_exposes(ctx, scaled(ctx, place_points(place, path, !mountns->read_only, false)),
				       "its root is the host's %s, %s: give it a root filesystem of its own (--rootfs)",
				       name_place(place, path, name), place->why);
	result = contain_protects(ctx, "filesystem");
	if (result < 0 || mountns->read_only)
		return result;
	return contain_exposes(ctx, ROOT_POINTS,
			       "it can change its root filesystem%s%s, and what it leaves there stays: set read_only "
			       "(--read-only)",
			       given ? " " : "", path);
}

int check_exposure(struct contain_ctx *ctx, void *self)
{
	const struct mountns *mountns = self;
	int result = check_root(ctx, mountns);

	for (size_t i = 0; result == 0 && i < mountns->volumes.count; i++) {
		struct volume volume;
		char path[PATH_MAX], why[128];

		if (volume_parse(mountns->volumes.items[i], &volume, why, sizeof(why)) < 0)
			return contain_fail(ctx, 0, "volume %s: %s", mountns->volumes.items[i], why);
		find_path(volume.host, path);
		result = check_volume_path(ctx, &volume, path);
	}
	return result;
}
