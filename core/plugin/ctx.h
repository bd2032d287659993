/* SPDX-License-Identifier: MIT */
/*
 * One run of contain for one container, in one process: what the functions of contain/plugin.h work on. Opaque to
 * plugins. The parent and the child each have one; what they share travels in the configuration and over the channel.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/log.h"
#include "base/text.h"
#include "plugin/crash.h"
#include "plugin/phase.h"
#include "plugin/record.h"

struct cgroups;
struct findings;
struct member;
struct trace;
struct usage;
struct wishes;

#define ID_SIZE          65
#define PLUGIN_NAME_SIZE 33

#define OCI_VERSION "1.0.2" /* of the runtime specification, whose "state" contain prints */

/* The one message of a failure, made where it failed. */
struct failure {
	int err;                       /* errno, positive; 0: nothing failed */
	char plugin[PLUGIN_NAME_SIZE]; /* "" if it was the core */
	enum phase phase;
	char text[2048];
};

/* A descriptor on its way from the parent's hooks to the child's. */
struct passed_fd {
	char owner[PLUGIN_NAME_SIZE];
	char *name;
	int fd;
};

/* Who has asked for a namespace of a kind: a new one, or one that is there. */
struct claim {
	char plugin[PLUGIN_NAME_SIZE];
	uint64_t flag; /* CLONE_NEW* */
	bool usual;    /* as it is in the plugin's table */
	bool joined;   /* one that is there already: */
	int fd;        /* of it; -1: it is the one that we are in, or was closed */
	dev_t device;  /* and these tell it from others (namespaces(7)) */
	ino_t inode;
};

struct contain_ctx {
	char id[ID_SIZE];
	struct log log;
	enum phase phase;
	const struct member *member; /* whose hook runs; NULL: the core itself */
	struct failure failure;
	pid_t pid;            /* 0: not known */
	uint64_t namespaces;  /* CLONE_NEW* that are new */
	uint64_t joined;      /* those that were there before */
	struct claim *claims; /* container/namespaces.h */
	size_t claim_count;
	struct passed_fd *fds;
	size_t fd_count;
	char **environment; /* contain_setenv: NAME=VALUE */
	size_t environment_count;
	int rootfs;   /* -1: none */
	int terminal; /* borrowed: the command's, if it is of the container's own devpts; -1 */
	bool running; /* report: the command has not ended yet; child_seal: it is exec's, of a container that runs */
	struct record record;
	struct cgroups *cgroups;   /* container/cgroup.h */
	struct usage *usage;       /* container/usage.h; NULL unless in report */
	struct findings *findings; /* plugin/findings.h; NULL unless in check */
	struct wishes *wishes;     /* plugin/wishes.h; NULL: nobody wants to know */
	struct observer *observer; /* borrowed; NULL: nobody is told of hooks */
	struct observer watch;     /* the one that writes them into the trace */
	struct trace *trace;       /* borrowed; NULL: nobody wants to know */
	crash_handler *crashed;    /* NULL: the process dies of it, as any other would */
	const char *root;          /* borrowed: of state directories; NULL: not known yet */
	struct text state_json;    /* contain_state_json() */
};

/*
 * The beginning of a container's state as that specification has it, an object without its end; pid -1: not known.
 */
void state_json(struct text *json, const char *id, const char *status, pid_t pid, const char *root);

void ctx_init(struct contain_ctx *ctx);
void ctx_free(struct contain_ctx *ctx);

/* Each step from here on, and each hook, goes into that trace, which outlives the context or is forgotten by NULL. */
void ctx_trace(struct contain_ctx *ctx, struct trace *trace);

/* Why a step of the core failed: contain_fail() outside of a hook. Returns -err. */
#define ctx_fail(ctx, err, ...) contain_fail(ctx, err, __VA_ARGS__)

/* The failure as one line: "mountns: ..." or "...". */
void ctx_log_failure(struct contain_ctx *ctx);

/* Remember a descriptor under an owner; takes it. 0 or -ENOMEM (then it is closed). */
int ctx_add_fd(struct contain_ctx *ctx, const char *owner, const char *name, int fd);

/* -ENOENT if there is none of that owner ("" is the core) and name. */
int ctx_get_fd(const struct contain_ctx *ctx, const char *owner, const char *name);

/* Close and forget them all, and close those of namespaces that are to be joined. */
void ctx_close_fds(struct contain_ctx *ctx);
