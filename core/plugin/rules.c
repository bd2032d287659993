/* SPDX-License-Identifier: MIT */
#include "plugin/rules.h"

static const struct {
	const char *name;
	enum rule_level level;
	const char *remedy;
} rules[RULE_COUNT] = {
	[RULE_NONE] = { "none", RULE_WARNING, "" },
	[RULE_TRUST] = { "trust", RULE_ERROR,
			 "only root, or who runs contain, may own and write the file and the directories above it" },
	[RULE_LOAD] = { "load", RULE_ERROR, "" },
	[RULE_ONE_SYMBOL] = { "one-symbol", RULE_WARNING, "make the rest static, or build with -fvisibility=hidden" },
	[RULE_STACK] = { "executable-stack", RULE_ERROR, "link with -z noexecstack" },
	[RULE_RELOCATION] = { "text-relocation", RULE_WARNING, "compile with -fPIC" },
	[RULE_SEARCH_PATH] = { "search-path", RULE_WARNING,
			       "link without -rpath: nobody checks who can write to that directory" },
	[RULE_HOST_LIBRARY] = { "host-library", RULE_ERROR,
				"the functions of plugin.h are the executable's: link no library of contain" },
	[RULE_SUMMARY] = { "summary", RULE_WARNING, ".summary = one line that says what it isolates" },
	[RULE_VERSION] = { "version", RULE_WARNING, ".version = \"1.0\", which --help and `plugin list` show" },
	[RULE_HELP] = { "help", RULE_WARNING, ".help = one line without a full stop" },
	[RULE_METAVAR] = { "metavar", RULE_WARNING, ".metavar = what stands for the value in --help, in capitals" },
	[RULE_FLAG_CLASH] = { "flag-clash", RULE_ERROR,
			      "give the flag another name, such as one that begins with the plugin's" },
	[RULE_NEEDS] = { "needs", RULE_ERROR, "install that plugin too, or name it in .after: then it may be missing" },
	[RULE_ORDER] = { "order", RULE_WARNING,
			 "see whether the name is right: one that does not exist orders nothing" },
	[RULE_DEFAULT] = { "default", RULE_ERROR, ".initial is text as a user would give it" },
	[RULE_LIVE] = { "live", RULE_ERROR, "CONTAIN_LIVE and the hook update belong together" },
	[RULE_DESCRIPTOR_LEAK] = { "descriptor-leak", RULE_ERROR,
				   "close it before the hook returns, or give it to the host: contain_fd_pass(), "
				   "contain_namespace_join()" },
	[RULE_DESCRIPTOR_CLOSED] = { "descriptor-closed", RULE_ERROR, "close only what the hook itself has opened" },
	[RULE_STANDARD_DESCRIPTORS] = { "standard-descriptors", RULE_ERROR,
					"0 to 2 are the command's: leave them as they are" },
	[RULE_SIGNAL_MASK] = { "signal-mask", RULE_ERROR, "leave the signal mask as the hook finds it" },
	[RULE_SIGNAL_HANDLERS] = { "signal-handlers", RULE_ERROR, "signals are the host's: set no handler" },
	[RULE_THREAD] = { "thread", RULE_ERROR, "hooks run in the only thread: do the work in the hook itself" },
	[RULE_CHILD_PROCESS] = { "child-process", RULE_ERROR, "wait for every process that the hook makes" },
	[RULE_UMASK] = { "umask", RULE_ERROR, "set the mode with fchmod(2), or put the umask back" },
	[RULE_DIRECTORY] = { "directory", RULE_ERROR,
			     "use openat(2) and its like: only who switches the root changes it" },
	[RULE_ENVIRONMENT] = { "environment", RULE_ERROR, "contain_setenv() is for the command; contain has its own" },
	[RULE_RLIMITS] = { "rlimits", RULE_ERROR, "a limit that is set in the parent is contain's own" },
	[RULE_TIMER] = { "timer", RULE_ERROR, "stop it before the hook returns: it outlives execve(2)" },
	[RULE_RESULT] = { "result", RULE_ERROR, "return 0 or a negative errno" },
	[RULE_NO_MESSAGE] = { "no-message", RULE_WARNING,
			      "return contain_fail(ctx, errno, ...): what was tried, on what, and what to do" },
	[RULE_LATE_SUCCESS] = { "late-success", RULE_WARNING,
				"return what contain_fail() gives back, or don't call it if another way follows" },
	[RULE_SLOW] = { "slow", RULE_WARNING, "each container waits for it: do it once, later, or not at all" },
	[RULE_RUN] = { "run", RULE_ERROR,
		       "what it needs goes behind --: contain plugin check FILE -- --flag VALUE --profile FILE; if that is "
		       "of the host's network, with --host" },
	[RULE_CRASH] = { "crash", RULE_ERROR, "run it under a debugger, or build it with -fsanitize=address" },
	[RULE_HANG] = { "hang", RULE_ERROR, "wait for nothing without a time limit" },
	[RULE_CONFIGURE_TOUCHES] = { "configure-touches", RULE_ERROR,
				     "configure only checks and asks: make it in parent_prepare, which teardown follows" },
	[RULE_REPORT_CHANGES] = { "report-changes", RULE_ERROR, "report and check only read" },
	[RULE_UPDATE] = { "update", RULE_ERROR, "update applies the values in self, whatever held before" },
	[RULE_TEARDOWN] = { "teardown", RULE_ERROR,
			    "what is not there (ENOENT, ENODEV) is undone already: teardown may find half a set-up" },
	[RULE_TEARDOWN_ELSEWHERE] = { "teardown-elsewhere", RULE_ERROR,
				      "teardown has contain_state_get() alone: no variable, no memory of another hook" },
	[RULE_TEARDOWN_TWICE] = { "teardown-twice", RULE_ERROR,
				  "what is not there (ENOENT, ENODEV) is undone already, which is success" },
#define LEFT "undo it in teardown; contain_state_set() what it needs to know, and then make it"
	[RULE_LEFT_MOUNT] = { "left-mount", RULE_ERROR, LEFT },
	[RULE_LEFT_CGROUP] = { "left-cgroup", RULE_ERROR, LEFT },
	[RULE_LEFT_LINK] = { "left-link", RULE_ERROR, LEFT },
	[RULE_LEFT_PROCESS] = { "left-process", RULE_ERROR, "end it in teardown, and let it die with its parent" },
	[RULE_LEFT_FILE] = { "left-file", RULE_ERROR, LEFT },
	[RULE_LEFT_IPC] = { "left-ipc", RULE_ERROR, LEFT },
	[RULE_LEFT_NAME] = { "left-name", RULE_ERROR, "only a UTS namespace of the container's own gets another name" },
	[RULE_LEFT_STATE] = { "left-state", RULE_ERROR, "the state stays while teardown fails: see why" },
#undef LEFT
};

const char *rule_name(enum rule rule)
{
	return rules[rule < RULE_COUNT ? rule : RULE_NONE].name;
}

enum rule_level rule_level(enum rule rule)
{
	return rules[rule < RULE_COUNT ? rule : RULE_NONE].level;
}

const char *rule_remedy(enum rule rule)
{
	return rules[rule < RULE_COUNT ? rule : RULE_NONE].remedy;
}
