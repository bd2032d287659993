/* SPDX-License-Identifier: MIT */
/* Where this host has its cgroup hierarchies, read out of /proc/self/mountinfo. Pure. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct hierarchy {
	int rank;          /* private */
	bool writable;     /* mounted rw */
	int version;       /* 1 or 2 */
	char *mount;       /* mount point */
	char *controllers; /* v1: "cpu,cpuacct", from the mount's options; v2: NULL, as its files tell */
};

struct layout {
	struct hierarchy *hierarchies;
	size_t count;
};

/*
 * All cgroup mounts of a mountinfo text, each hierarchy once, at the best of its mounts: writable, whole, below
 * /sys/fs/cgroup, and then the first; but what lies over another mount counts for it. 0 or -ENOMEM. layout_free().
 */
int layout_parse(struct layout *layout, const char *mountinfo);

/* Whether one of the words of a list, separated by commas, blanks or newlines, is `name`. */
bool layout_has_word(const char *list, const char *name);

/*
 * MOUNT[/PARENT], the directory that the container's own is made in, and MOUNT[/PARENT]/contain-ID; parent may be "" or
 * "/". The caller frees them; NULL without memory.
 */
char *layout_parent(const char *mount, const char *parent);
char *layout_path(const char *mount, const char *parent, const char *id);

void layout_free(struct layout *layout);
