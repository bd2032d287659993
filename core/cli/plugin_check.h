/* SPDX-License-Identifier: MIT */
/*
 * contain plugin check, in parts: what the file and its tables show (plugin_check_file.c, _elf.c), processes (_run.c)
 * in a world of their own (_world.c, _look.c), one scratch container (_trial.c), all those that a plugin is put to
 * (_life.c), and the words (_show.c).
 */
#pragma once

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "cli/cli.h"
#include "cli/own_flags.h"
#include "plugin/audit.h"
#include "plugin/catalog.h"

#define CHECK_FAILED 1     /* exit status: a rule is broken */
#define SLOW_USEC    10000 /* a hook that takes longer each time is called slow */
#define NEEDS_MOST   16
#define PLACES       5

/* ---- the world of the scratch containers ---------------------------------------------------------------------- */

struct world {
	char directory[PATH_MAX]; /* a tmpfs for all that follows; "": none yet */
	char state[PATH_MAX + 16], rootfs[PATH_MAX + 16];
	int home;          /* the mount namespace that we came from; -1 */
	int parent;        /* of the directory, as the host has it; -1 */
	int lower[PLACES]; /* the host's directory under an overlay; -1: there is none */
	bool is_mounted, is_private;
	bool is_blind; /* for files that are left somewhere: no overlay */
};

/* Make it, and enter it unless `host`. 0, or -errno with a line in errors; world_close() in any case. */
int world_open(struct world *world, const char *prefix, bool host, struct text *errors);
void world_close(struct world *world);

/* Where what is written goes to an overlay, so that it is seen, certainly ours, and gone with the world. */
extern const char *const world_places[PLACES];

/* The whole of a file of /proc, which has no size; the caller frees it. NULL if it can't be read. */
char *world_read_proc(const char *path);

/* The mount point of a line of mountinfo, see proc_pid_mountinfo(5): its fifth field, with \040 for a blank. */
bool world_mount_point(const char *line, char path[PATH_MAX]);

/*
 * What there is that a container could leave, a line each, "KIND WHAT" with a rule's name as kind ("left-mount"): of
 * cgroups called contain-* only those that have `id` in their names, as others may use the machine.
 */
void world_look(const struct world *world, const char *id, struct text *lines);

/* For each line of one that is not in the other: differ(). */
void world_compare(const struct text *a, const struct text *b,
		   void (*differ)(void *user, enum rule rule, const char *what), void *user);

/* ---- one file --------------------------------------------------------------------------------------------------- */

/* What a process that has loaded it tells us, through memory that both see. */
struct facts {
	bool loaded, is_live, has_root_flag;
	uint32_t hooks; /* a bit for each phase */
	uint32_t api_minor, option_count;
	char version[32], summary[200];
	char needs[NEEDS_MOST][PLUGIN_NAME_SIZE];
	unsigned need_count;
};

struct finding {
	enum rule rule;
	enum phase phase;
	char *detail;
	size_t scenario, last; /* in which it was first seen, and last */
	unsigned also;         /* in how many others */
};

enum outcome { OUTCOME_OK, OUTCOME_WARNING, OUTCOME_FAILED, OUTCOME_SKIPPED };

struct scenario {
	char name[64];
	enum outcome outcome;
	bool repeats; /* only what was seen before */
	char note[AUDIT_DETAIL];
};

struct hook_time {
	unsigned calls;
	int64_t least, most;
	bool is_child;
};

struct check {
	struct cli *cli;
	const struct plugin_check_flags *flags;
	char *const *words; /* for run, behind "--" */
	size_t word_count;
	char path[PATH_MAX], directory[PATH_MAX], name[PLUGIN_NAME_SIZE];
	struct facts *facts; /* shared with the children */
	struct audit audit;
	struct world *world; /* NULL: no scratch containers */
	int signals;         /* signalfd: somebody wants us to end */
	bool interrupted;
	bool unfinished;  /* interrupted, or contain failed: what was not tried is not known */
	bool works;       /* a plain run does: the other endings can be tried */
	int input, hello; /* our ends of the command's standard input and output; -1 */
	unsigned serial;  /* of containers */
	char id[ID_SIZE];
	struct finding *findings;
	size_t finding_count;
	struct scenario *scenarios;
	size_t scenario_count;
	struct hook_time times[PHASE_COUNT];
};

/* Trust, loading, ELF and tables: fills in facts and the page's findings. In this process nothing is loaded. */
void check_file(struct check *check);

/* What the ELF file itself shows, in the process that has loaded it. */
void check_elf(struct audit_page *page, const char *path);

/* Whether it can be tried, and then all of that. 0, or -errno with a message: contain itself failed. */
int check_life(struct check *check);

/* The scenario that has begun, and what the page says about it. */
int scenario_begin(struct check *check, const char *name, enum audit_act act, enum phase phase);
void scenario_end(struct check *check);
int scenario_skip(struct check *check, const char *name, const char *note);
void scenario_find(struct check *check, enum rule rule, enum phase phase, const char *detail);

/* Hooks that are slow each time: a busy machine makes any hook slow once. */
void check_find_slow(struct check *check);

void check_free(struct check *check);

/* ---- processes -------------------------------------------------------------------------------------------------- */

struct subject {
	pid_t pid; /* 0: none */
	int pidfd, log;
	int status; /* of waitpid(2), once it has ended */
};

enum news { NEWS_END, NEWS_FD, NEWS_LATE, NEWS_INTERRUPT };

/*
 * A process that does `body` and exits with what that returns; its standard descriptors are the two given ones (-1:
 * /dev/null) and a file that subject_error() reads. It dies with us. 0 or -errno.
 */
int subject_start(struct check *check, struct subject *subject, int input, int output, int (*body)(struct check *));

/* Until it ends, something is to be read from fd (-1: nothing), the time is over, or somebody wants us to end. */
enum news subject_await(struct check *check, struct subject *subject, int fd);

/* No more of it: killed, if it runs, and waited for. */
void subject_end(struct subject *subject);

/* The first error that it logged; "" if there is none. */
void subject_error(const struct subject *subject, char *text, size_t size);

/* The scratch container: cmd_run() with all that belongs to it. For subject_start(). */
int body_run(struct check *check);
/* What another process does with it: ask for reports; update it; remove what is left of it. */
int body_report(struct check *check);
int body_update(struct check *check);
int body_remove(struct check *check);

/* One scratch container. */
struct trial {
	struct check *check;
	struct subject run;
	struct text before;
	enum phase phase; /* of the order; PHASE_NONE */
};

/* A scenario with its container. 0 or -errno; trial_end() in any case, which tells what is left. */
int trial_begin(struct trial *trial, struct check *check, const char *name, enum audit_act act, enum phase phase);
void trial_end(struct trial *trial);

/* It has ended, and not as it should have: tell by whom, and where. */
void trial_find_failure(struct trial *trial, const char *otherwise);

/* It does not end, or a hook does not: end it. */
void trial_give_up(struct trial *trial);

/* Orphans come to us: those that do not end by themselves are told, and ended. */
void trial_reap_orphans(struct trial *trial);

/* Somebody else removes what is left. */
void trial_remove_elsewhere(struct trial *trial);

/* Another process, with a time limit. Whether it succeeded; else its error is in `error`. */
bool trial_visit(struct check *check, int (*body)(struct check *), char *error, size_t size);

/* ---- words ------------------------------------------------------------------------------------------------------ */

enum outcome check_verdict(const struct check *check);
void show_text(const struct check *check);
void show_json(const struct check *check, bool first);
