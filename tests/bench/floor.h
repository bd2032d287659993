/* SPDX-License-Identifier: MIT */
/* The least that a run of a container costs: what floor.c, floor_cgroup.c, floor_veth.c and floor_child.c share. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define FLOOR_CGROUPS   5    /* memory, cpu, cpuacct, pids, and the cgroup2 tree */
#define FLOOR_CONFIG    4096 /* bytes that the child reads: about what contain's resolved configuration takes */
#define FLOOR_ARGUMENTS 32   /* words of the command */

struct floor_cgroup {
	const char *controller; /* NULL: the cgroup2 tree */
	int parent, dir;        /* the hierarchy's root, the container's directory */
	int tasks;              /* v1 only, written by the child */
};

struct floor_cgroups {
	char name[64];
	struct floor_cgroup at[FLOOR_CGROUPS];
	size_t count;
	bool v2_alone; /* the cgroup2 tree holds the controllers */
};

struct floor_veth {
	const char *bridge; /* NULL: no pair */
	char name[16];      /* of both ends at first */
	int route;
	unsigned bridge_index;
	bool leave; /* the pair goes with the child's namespace, which nobody waits for */
	bool bridge_made, made;
};

/* What the re-executed child is told, in a sealed memfd. */
struct floor_config {
	bool minimal, netns;
	int plugins;
	char veth[16]; /* the name of its end of the pair, or "" */
	char plugin_dir[1024];
	char hostname[64];
	int argc;
	char words[2048]; /* each ended with NUL */
};
_Static_assert(sizeof(struct floor_config) <= FLOOR_CONFIG, "the configuration fits");

/* Messages of the socket, one byte each; FAILED is followed by text. */
enum { FLOOR_GO = 'g', FLOOR_CREATED = 'c', FLOOR_START = 's', FLOOR_EXEC = 'x', FLOOR_FAILED = 'f' };

/* One line on standard error, with the text of errno; returns -errno. */
int floor_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The only loop over plugins there is: load the first `count` of DIR/0.so, DIR/1.so, … */
int floor_load(const char *dir, int count);

/* The directories, limits included; on failure floor_cgroups_remove() clears what was made. */
int floor_cgroups_make(struct floor_cgroups *cgroups, bool controllers, bool limits);
void floor_cgroups_usage(const struct floor_cgroups *cgroups);
int floor_cgroups_remove(struct floor_cgroups *cgroups);

/* The pair, and the bridge if there is none by that name; the child waits. On failure too it is removed. */
void floor_veth_name(struct floor_veth *veth);
int floor_veth_make(struct floor_veth *veth, pid_t child);
int floor_veth_remove(struct floor_veth *veth);

/* In the child: lo, and the pair's other end if `name` is not "". */
int floor_veth_inside(const char *name);

/* The child after its exec; does not return. */
_Noreturn void floor_child(int config, int channel, int rootfs);
