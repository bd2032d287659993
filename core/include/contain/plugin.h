/* SPDX-License-Identifier: MIT */
/*
 * contain/plugin.h: everything that a plugin of contain includes.
 *
 * A plugin is one shared object, NAME.so, that isolates one thing. It has a struct of its own, a table of options that
 * fill that struct, and hooks that the host calls at the steps of a container's life:
 *
 *	struct greeting { const char *text; };
 *
 *	static const struct contain_option options[] = {
 *		CONTAIN_STRING_OPTION(struct greeting, text, "text", .flag = "greet", .metavar = "TEXT",
 *				      .help = "say TEXT before the command runs"),
 *		CONTAIN_OPTIONS_END
 *	};
 *
 *	static int say(struct contain_ctx *ctx, void *self)
 *	{
 *		struct greeting *greeting = self;
 *		contain_info(ctx, "greeting: %s", greeting->text ? greeting->text : "none");
 *		return 0;
 *	}
 *
 *	CONTAIN_PLUGIN(.name = "greeting", .version = "1.0", .summary = "say hello",
 *		       .self_size = sizeof(struct greeting), .options = options, .child_enter = say)
 *
 * Build it with: cc -shared -fPIC -o greeting.so greeting.c
 *
 * Conventions. Every hook returns 0 or a negative errno; contain_fail() makes the one message and gives back that
 * number, so the usual line is `return contain_fail(ctx, errno, "...")`. A host function that fails has made the
 * message already, unless it says otherwise here: just return what it returned. Sizes are bytes, times microseconds.
 * Strings that the host hands out belong to the host and live until the hook returns, unless it says otherwise.
 *
 * The promise: members are only ever appended, a hook never changes its signature, a function is never removed. What
 * can't be appended will be contain_plugin_v2(), beside this one.
 */
#ifndef CONTAIN_PLUGIN_H
#define CONTAIN_PLUGIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#ifdef __cplusplus
/* For g++ -Wextra: members that designated initialisers leave out are zero here as in C, and meant to be. */
#pragma GCC system_header
#include <type_traits>
extern "C" {
#endif

/*
 * 0: the first one. 1: the hook check, contain_protects, contain_exposes, contain_state_json. 2: chosen_by,
 * contain_namespace_join.
 */
#define CONTAIN_API_MINOR 2

/* One run of contain for one container, as a plugin sees it. */
struct contain_ctx;

/* ---- options ------------------------------------------------------------------------------------------------- */

/*
 * The C type of the member that an option fills, and what stands there when the option has neither value nor default.
 */
enum contain_type {
	CONTAIN_BOOL = 1, /* bool: yes/no/on/off/true/false/1/0 in a profile, no value as a flag; false */
	CONTAIN_INT,      /* int64_t, decimal; CONTAIN_UNSET */
	CONTAIN_SIZE,     /* int64_t bytes: 64M, 1G, 512K, 1048576, max (CONTAIN_MAX); CONTAIN_UNSET */
	CONTAIN_ENUM,     /* int, index into .choices; -1 */
	CONTAIN_STRING,   /* const char *; NULL */
	CONTAIN_LIST,     /* struct contain_list, one item for each time the key or flag is given; empty */
	CONTAIN_CUSTOM,   /* a plain struct without pointers, filled by .parse; all zero bytes */
};

#define CONTAIN_UNSET INT64_MIN
#define CONTAIN_MAX   INT64_MAX

struct contain_list {
	const char *const *items;
	size_t count;
};

/* .flags of an option. A host refuses a plugin that sets one it does not know. */
#define CONTAIN_REQUIRED 1U /* if no value is given (an empty one is) the run fails */
#define CONTAIN_LIVE     2U /* may change while the container runs: `update` is called with the new value */
#define CONTAIN_OR_MAX   4U /* CONTAIN_INT: "max" is a value too, CONTAIN_MAX */

struct contain_option {
	const char *key; /* in the plugin's section of the profile; NULL ends the table */
	enum contain_type type;
	size_t offset; /* of the member; set by the macros below, which check its C type */
	size_t size;   /* of the member */
	uint32_t flags;
	const char *initial; /* the default, as text, parsed like a given value; NULL: none */
	/*
	 * Range of INT and SIZE, both included. A max below min is no upper bound, so .min = 1 alone works; 0, 0 is INT
	 * any, SIZE 1 or more; a SIZE that may be zero has .max = CONTAIN_MAX.
	 */
	int64_t min, max;
	const char *const *choices; /* ENUM: the names, NULL at the end */
	const char *flag;           /* command-line flag without the dashes; NULL: only in profiles and --set */
	char short_flag;            /* 'v' for -v; 0: none */
	const char *metavar;        /* what --help shows for the value, as in --memory SIZE */
	const char *help;           /* one line, no full stop */
	/*
	 * What a type does not say. Called with the text, for LIST with each item; CUSTOM must have it, and only there
	 * is `value` written to (it points to the member, .size zero bytes); elsewhere it just checks and `value` is
	 * NULL. Pure: no system call, no global state. Returns 0, or -EINVAL (-ERANGE) with the reason in `why`, which
	 * is shown behind the option's name: "not a number", "must be 1000 or more".
	 */
	int (*parse)(const char *text, void *value, char *why, size_t why_size);
};

#define CONTAIN_OPTIONS_END                                                                                            \
	CONTAIN_OPTION_TYPE_                                                                                           \
	{                                                                                                              \
		.key = NULL                                                                                            \
	}

/* Each takes the struct, its member, the key, and then further members of struct contain_option in declared order. */
#define CONTAIN_BOOL_OPTION(S, M, ...)   CONTAIN_OPTION_(S, M, bool, CONTAIN_BOOL, __VA_ARGS__, )
#define CONTAIN_INT_OPTION(S, M, ...)    CONTAIN_OPTION_(S, M, int64_t, CONTAIN_INT, __VA_ARGS__, )
#define CONTAIN_SIZE_OPTION(S, M, ...)   CONTAIN_OPTION_(S, M, int64_t, CONTAIN_SIZE, __VA_ARGS__, )
#define CONTAIN_ENUM_OPTION(S, M, ...)   CONTAIN_OPTION_(S, M, int, CONTAIN_ENUM, __VA_ARGS__, )
#define CONTAIN_STRING_OPTION(S, M, ...) CONTAIN_OPTION_(S, M, const char *, CONTAIN_STRING, __VA_ARGS__, )
#define CONTAIN_LIST_OPTION(S, M, ...)   CONTAIN_OPTION_(S, M, struct contain_list, CONTAIN_LIST, __VA_ARGS__, )
#define CONTAIN_CUSTOM_OPTION(S, M, ...) CONTAIN_OPTION_(S, M, __typeof__(((S *)0)->M), CONTAIN_CUSTOM, __VA_ARGS__, )

#define CONTAIN_OPTION_(S, M, CTYPE, TYPE, KEY, ...)                                                                   \
	CONTAIN_OPTION_TYPE_                                                                                           \
	{                                                                                                              \
		.key = KEY, .type = TYPE, .offset = CONTAIN_MEMBER_(S, M, CTYPE), .size = sizeof(((S *)0)->M),         \
		__VA_ARGS__                                                                                            \
	}

/* The offset of a member, or no compilation if the member's type is another. */
#ifdef __cplusplus
#define CONTAIN_OPTION_TYPE_         contain_option
#define CONTAIN_MEMBER_(S, M, CTYPE) (contain_member_<S, __typeof__(((S *)0)->M), CTYPE>::at(offsetof(S, M)))
extern "C++" {
template <class S, class Member, class Wanted> struct contain_member_ {
	static_assert(std::is_same<Member, Wanted>::value, "this option's type wants a member of another C type");
	static_assert(std::is_standard_layout<S>::value && std::is_trivially_copyable<S>::value,
		      "a plugin's struct is zeroed and copied byte by byte: no std::string, nothing virtual in it");
	static constexpr size_t at(size_t offset)
	{
		return offset;
	}
};
}
#else
#define CONTAIN_OPTION_TYPE_
#define CONTAIN_MEMBER_(S, M, CTYPE) _Generic(&((S *)0)->M, CTYPE * : offsetof(S, M))
#endif

/* ---- the plugin ---------------------------------------------------------------------------------------------- */

typedef int contain_hook(struct contain_ctx *ctx, void *self);

/*
 * The hooks, in the order of a container's life. In each phase the plugins are called in the order of the profile;
 * teardown in reverse. The first hook that fails ends the run, and everything begun is torn down.
 *
 * `self` is the plugin's own struct, in each process anew: zeroed, the options filled in, and what configure changed in
 * it carried over, byte by byte (so a pointer that is not a STRING or LIST option means nothing in a later hook). The
 * child's is a copy of what it was when the child was made. Global variables are not carried over at all.
 *
 * Hooks run in the only thread of their process; they start no thread and leave signals and file descriptors 0 to 2,
 * which are the command's, alone. From parent_prepare to the command's end all signals are blocked but those of a crash
 * (SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP, SIGSYS), which the host handles. In the child the umask is 0.
 *
 * Our child runs with an empty environment. After the root is switched it must not load libraries nor look up names
 * (users, hosts) through libc: those files are the image's.
 */
struct contain_plugin {
	uint32_t struct_size, option_size, api_minor, reserved; /* set by CONTAIN_PLUGIN */
	const char *name; /* also the file, NAME.so, and the section [NAME]; [a-z][a-z0-9-]*, 32 characters at most */
	const char *version;
	const char *summary;                      /* one line: what it isolates */
	const char *const *needs;                 /* plugins that must be enabled too; NULL at the end */
	const char *const *after, *const *before; /* order, if both are enabled; "*" is all others */
	uint64_t namespaces; /* CLONE_NEW* of <linux/sched.h> that it wants, unless configure joins one of that kind */
	size_t self_size;
	const struct contain_option *options;

	contain_hook *configure;      /* parent: check options, ask for namespaces and cgroups; touches nothing */
	contain_hook *parent_prepare; /* parent: the child does not exist yet; limits are set here */
	contain_hook *parent_attach;  /* parent: the child exists and waits, contain_pid() is known */
	contain_hook *child_setup;    /* child: the host's files are at /, the new root is being built */
	contain_hook *child_switch;   /* child: switch the root; only one enabled plugin may have it */
	contain_hook *child_enter;    /* child: the container's files are at / */
	/*
	 * child: last acts before execve; the command's user is set, the capabilities are dropped after this (a filter
	 * set here has to allow capget(2), capset(2), sendmsg(2), close(2), dup2(2) and ioctl(2) beside execve(2), and
	 * with [process] init also fork(2), setsid(2) and what a process needs that waits for another)
	 */
	contain_hook *child_seal;
	contain_hook *parent_started; /* parent: the command runs */
	contain_hook *update;         /* any process: live options have new values in self; apply them */
	contain_hook *report;         /* any process, any number of times: contain_report(); changes nothing */
	contain_hook *teardown;       /* any process: undo from the saved state alone, also half a set-up, also twice */
	/* since 1.1 */
	/* `contain check`, after configure, also where that failed: how safe is it as it is set? touches nothing */
	contain_hook *check;
	/* since 1.2 */
	/*
	 * "FLAG=VALUE": --FLAG VALUE on the command line switches this plugin on, and --FLAG with any other value
	 * switches it off where the profile has it on; so plugins of a kind are alternatives. VALUE is [a-z][a-z0-9-]*,
	 * 32 characters at most. FLAG may be a flag of another plugin, which then gets all other values, or of none.
	 * NULL: it is switched on by its own flags and --enable alone.
	 */
	const char *chosen_by;
};

#define CONTAIN_PLUGIN(...)                                                                                            \
	CONTAIN_EXPORT_ const struct contain_plugin *contain_plugin_v1(void);                                          \
	const struct contain_plugin *contain_plugin_v1(void)                                                           \
	{                                                                                                              \
		static const struct contain_plugin plugin = { .struct_size = sizeof(struct contain_plugin),            \
							      .option_size = sizeof(struct contain_option),            \
							      .api_minor = CONTAIN_API_MINOR,                          \
							      .reserved = 0,                                           \
							      __VA_ARGS__ };                                           \
		return &plugin;                                                                                        \
	}
#ifdef __cplusplus
#define CONTAIN_EXPORT_ extern "C" __attribute__((visibility("default")))
#else
#define CONTAIN_EXPORT_ __attribute__((visibility("default")))
#endif

/* ---- what the host offers: messages ------------------------------------------------------------------------------ */

#define CONTAIN_PRINTF_(F, A) __attribute__((format(printf, F, A)))
#pragma GCC visibility push(default)

/*
 * Record why this hook fails: one line that says what was tried, on which path or value, why, and what to do. `err` is
 * an errno; where it is not 0 its text is added. The first message of a failure is kept, and forgotten if the hook then
 * succeeds in another way. Returns -err (-EIO for 0).
 */
int contain_fail(struct contain_ctx *ctx, int err, const char *format, ...) CONTAIN_PRINTF_(3, 4);

/* One line for people: a step that is being made; a doubt; a detail that is shown with -v. */
void contain_info(struct contain_ctx *ctx, const char *format, ...) CONTAIN_PRINTF_(2, 3);
void contain_warn(struct contain_ctx *ctx, const char *format, ...) CONTAIN_PRINTF_(2, 3);
void contain_debug(struct contain_ctx *ctx, const char *format, ...) CONTAIN_PRINTF_(2, 3);

/* Bytes as people write them, exactly: 67108864 is "64M", 1000 is "1000", CONTAIN_MAX is "max". Returns `text`. */
const char *contain_size_text(int64_t bytes, char text[32]);

/* ---- the container --------------------------------------------------------------------------------------------- */

/* The container's id, [A-Za-z0-9][A-Za-z0-9_.-]{0,63}. */
const char *contain_id(struct contain_ctx *ctx);

/*
 * Process id of the container's first process in the parent's pid namespace, from parent_attach on while it lives; else
 * 0.
 */
pid_t contain_pid(struct contain_ctx *ctx);

/*
 * The container's state at this moment as the OCI runtime specification has it, in one line of JSON: ociVersion, id,
 * status (creating, created, running, stopped), pid (where it is known), bundle (its state directory). NULL without
 * memory. From parent_prepare on; lives until the next call. Since 1.1.
 */
const char *contain_state_json(struct contain_ctx *ctx);

/* Whether the profile or the command line gave this option of the calling plugin a value (a default is not given). */
bool contain_is_set(struct contain_ctx *ctx, const char *key);

/* configure only: ask for a new namespace (one CLONE_NEW* flag). -ENOSYS where the kernel has none of that kind. */
int contain_namespace(struct contain_ctx *ctx, uint64_t flag);

/*
 * configure only: the container joins an existing namespace (CLONE_NEWNET, CLONE_NEWIPC or CLONE_NEWUTS), of which `fd`
 * is a descriptor, as of /run/netns/NAME or /proc/PID/ns/net; 3 or more. The host takes the descriptor, also on
 * failure. All of the container is in that namespace, our child from its first step on. One kind is joined or new, and
 * not both: if another plugin asks for the other, or for another namespace, the second one fails. Since 1.2.
 */
int contain_namespace_join(struct contain_ctx *ctx, uint64_t flag, int fd);

/* From parent_prepare on, and in check: whether the container's namespace of that kind is a new one (not a joined one).
 */
bool contain_has_namespace(struct contain_ctx *ctx, uint64_t flag);

/*
 * Add a variable to the command's environment: in the parent up to parent_prepare, in the child up to child_enter. One
 * that the user gave is left as it is.
 */
int contain_setenv(struct contain_ctx *ctx, const char *name, const char *value);

/* ---- what outlives a process ------------------------------------------------------------------------------------- */

/*
 * Save a value under the calling plugin's name; NULL removes it. Saved when the call returns, so: record, then create.
 * Parent hooks after configure; what a child hook will make is recorded in parent_prepare. All plugins together have
 * 1 MiB, counting each change.
 */
int contain_state_set(struct contain_ctx *ctx, const char *key, const char *value);

/* The saved value, NULL if there is none. Any hook, any process; lives until the next contain_state_set(). */
const char *contain_state_get(struct contain_ctx *ctx, const char *key);

/*
 * Hand a descriptor that was opened in the parent (configure, parent_prepare) to the child's hooks, under a name of the
 * calling plugin; 3 or more, as 0 to 2 are the command's. The host takes the descriptor, also on failure, and closes it
 * before the command runs.
 */
int contain_fd_pass(struct contain_ctx *ctx, const char *name, int fd);

/* The descriptor, which stays the host's; -ENOENT, without a message, if none was passed. */
int contain_fd_get(struct contain_ctx *ctx, const char *name);

/* ---- the root file system ---------------------------------------------------------------------------------------- */

/*
 * Once, in child_setup, by the plugin that has child_switch: the root that is being built, as a descriptor of its
 * mount, which the host takes.
 */
int contain_rootfs_set(struct contain_ctx *ctx, int fd);

/* That descriptor, which stays the host's; -ENOENT with a message if no plugin has set one (yet). */
int contain_rootfs(struct contain_ctx *ctx);

/*
 * The functions below take paths inside the container's root. These are resolved beneath it by the kernel
 * (openat2(2), RESOLVE_IN_ROOT): neither `..` nor a symbolic link of the image leads out. child_setup, child_enter.
 */
#define CONTAIN_TARGET_FILE     1U /* a missing target is made as an empty file, not as a directory */
#define CONTAIN_TARGET_NOFOLLOW 2U /* no symbolic link on the way: fails if the image has put one there */

/*
 * Open a file there; as open(2), always close-on-exec (mode counts with O_CREAT alone); directories above it are not
 * made. The caller closes it. What is written before the mount it belongs to is there lands in the image, and stays.
 */
int contain_open(struct contain_ctx *ctx, const char *path, int flags, mode_t mode);

/*
 * A new file system, not attached anywhere yet: fsopen(2), options ("size=64k,mode=755", or NULL) by fsconfig(2),
 * fsmount(2) with MOUNT_ATTR_* attributes. Returns a descriptor of its root, which the caller closes.
 */
int contain_mount_new(struct contain_ctx *ctx, const char *type, const char *options, unsigned attributes);

/* Attach such a mount (or one of open_tree(2)) at a target, which is made, parents included, if it is missing. */
int contain_mount_fd(struct contain_ctx *ctx, int mount, const char *target, unsigned target_flags);

/* Both in one step. */
int contain_mount(struct contain_ctx *ctx, const char *type, const char *target, const char *options,
		  unsigned attributes, unsigned target_flags);

/*
 * child_enter only: the command's pseudo-terminal, a descriptor that stays the host's, if it has one that is of a
 * devpts of the container; -ENOENT without a message if not.
 */
int contain_terminal(struct contain_ctx *ctx);

/* ---- control groups ---------------------------------------------------------------------------------------------- */

/*
 * One cgroup for a container in each hierarchy that a plugin asks for, owned by the host, which makes, joins and
 * removes it. A controller is known by its kernel name: memory, cpu, cpuacct (v1 only), pids, io or blkio.
 */

/* Where this host has the controller: 1, 2, or 0 for nowhere. Parent hooks, update, report (as for all of these). */
int contain_cgroup_version(struct contain_ctx *ctx, const char *controller);

/* configure only: the container gets a cgroup with this controller. Fails where the host does not have it. */
int contain_cgroup_use(struct contain_ctx *ctx, const char *controller);

/* Whether the container's cgroup has that file, as not every kernel has every one. From parent_prepare on. */
bool contain_cgroup_has(struct contain_ctx *ctx, const char *controller, const char *file);

/* Write to a file of it. */
int contain_cgroup_write(struct contain_ctx *ctx, const char *controller, const char *file, const char *text);

/*
 * Read a file of it, cut at size - 1 and ended with NUL. 0, or -errno without a message: a kernel may not have the
 * file.
 */
int contain_cgroup_read(struct contain_ctx *ctx, const char *controller, const char *file, char *text, size_t size);

/* ---- usage ------------------------------------------------------------------------------------------------------- */

enum contain_unit { CONTAIN_BYTES = 1, CONTAIN_USEC, CONTAIN_COUNT };

/*
 * report only: one figure, such as ("peak_memory", n, CONTAIN_BYTES): "peak memory: 12.5M" for people and
 * "peak_memory_bytes" in JSON. Keys are shared by all plugins: begin one's own with its name. A negative value is one
 * that this kernel does not count: "n/a", null; CONTAIN_MAX is a limit that is none: "max".
 */
int contain_report(struct contain_ctx *ctx, const char *key, int64_t value, enum contain_unit unit);

/*
 * Whether the command runs at this moment: then figures of now ("memory", and what limits it, "memory_limit") are of
 * use, which mean nothing in the report at the end. `contain stats` shows memory, memory_limit, processes,
 * processes_limit, cpu_time. report only.
 */
bool contain_is_running(struct contain_ctx *ctx);

/* report only: what the plugin knows of why the container ended, for people ("out of memory: ..."). */
void contain_explain(struct contain_ctx *ctx, const char *format, ...) CONTAIN_PRINTF_(2, 3);

/* ---- how safe it is ---------------------------------------------------------------------------------------------- */

/*
 * check only. The plugin, as it is set, keeps the command from something that `contain check` looks for, by one of
 * these names: "capabilities" (the command has few), "devices" (it can't use the host's), "filesystem" (it sees a root
 * of its own), "no_new_privs", "seccomp" (the kernel's attack surface is smaller), "users" (root inside is nobody
 * outside). Other names are passed over. Limits and namespaces need no word: the host knows which controllers
 * (contain_cgroup_use) and namespaces there are. 0 or -ENOMEM with a message. Since 1.1.
 */
int contain_protects(struct contain_ctx *ctx, const char *what);

/*
 * check only. Something that it leaves open, one line for people: what the command can do, and behind a colon how to
 * avoid that. `points` says how bad that is: 1 (a nuisance) to 10 (it is root on the host). They count at most as much
 * as what the plugin isolates (namespaces, controllers, contain_protects()), if it isolates anything. Since 1.1.
 */
int contain_exposes(struct contain_ctx *ctx, int points, const char *format, ...) CONTAIN_PRINTF_(3, 4);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif
#endif
