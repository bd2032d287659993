/* SPDX-License-Identifier: MIT */
/* Starting our executable anew in new namespaces and cgroups. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct trace;

/* A namespace that is there already. */
struct spawn_join {
	int fd, kind;     /* CLONE_NEW* */
	const char *step; /* to be told if it fails */
};

struct spawn {
	uint64_t namespaces; /* CLONE_NEW* */
	const struct spawn_join *joins;
	size_t join_count;
	int cgroup;       /* cgroup2 directory to be born in; -1: none */
	const int *tasks; /* v1 `tasks` files that the child joins itself through; */
	size_t task_count;
	int executable;    /* sealed copy */
	char *const *argv; /* its arguments; its environment is empty */
	const int *keep;   /* descriptors that stay open through the exec; */
	size_t keep_count;
	const int *stdio;    /* three that become 0 to 2; -1: as the parent's */
	struct trace *trace; /* the child's, to be gone on with after the exec; NULL */
	int pidfd;           /* result */
	int error;           /* result, in the child's steps: errno */
	const char *step;    /* result: what failed there */
};

/*
 * The child's pid, or -errno if clone3 failed. With a pid, ->error tells whether the child got as far as the exec; if
 * it did not, it has ended and waits to be reaped.
 */
pid_t spawn(struct spawn *spawn);

/* A sealed copy of our own executable, close-on-exec: -errno without a message. */
int spawn_executable(void);

/* A sealed memfd with these bytes. */
int spawn_memfd(const char *name, const void *bytes, size_t length);
