/* SPDX-License-Identifier: MIT */
/* What the two halves of the fake host share: fakehost.c is the test's side of it, fakehost_calls.c the plugin's. */
#pragma once

#include "base/text.h"
#include <contain/fakehost.h>
#include "profile/options.h"

enum phase {
	CONFIGURE,
	PREPARE,
	ATTACH,
	SETUP,
	SWITCH,
	ENTER,
	SEAL,
	STARTED,
	UPDATE,
	REPORT,
	TEARDOWN,
	CHECK,
	OUTSIDE
};

#define BIT(phase)     (1U << (phase))
#define CHILD          (BIT(SETUP) | BIT(SWITCH) | BIT(ENTER) | BIT(SEAL))
#define PARENT         (BIT(CONFIGURE) | BIT(PREPARE) | BIT(ATTACH) | BIT(STARTED))
#define OTHER          (BIT(UPDATE) | BIT(REPORT) | BIT(TEARDOWN))
#define PHASE(hook)    (((hook)-offsetof(struct contain_plugin, configure)) / sizeof(contain_hook *))
#define ANY_BUT(phase) (~(phase))

/* A name with a text: saved state, descriptors, files of cgroups, broken functions. The number is what it needs. */
struct pair {
	struct pair *next;
	char *key, *text;
	int64_t number;
};

struct contain_ctx {
	const struct contain_plugin *plugin;
	struct settings settings, child, once; /* of the parent, of the child, of one update, report or teardown */
	struct text errors, log, error, json;
	enum phase phase;
	char *id;
	pid_t pid;
	uint64_t namespaces, asked; /* new ones; by contain_namespace() */
	struct pair *state, *fds, *files, *versions, *broken, *mounts, *used;
	char *root, *trash; /* directories: the root, and what lies beside it */
	int rootfs;
	int terminal; /* -1: none */
	bool running, configured;
	unsigned made;
};

struct pair *pair_find(struct pair *list, const char *key);
void pair_put(struct pair **list, const char *key, const char *text, int64_t number);
/* "CONTROLLER/FILE". Returns text. */
char *cgroup_key(char text[256], const char *controller, const char *file);
