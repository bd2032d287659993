/* SPDX-License-Identifier: MIT */
/* The table of commands: from it come the help, the man page's check, and what is called. */
#include <stdint.h>

#include "cli/cli.h"
#include "cli/own_flags.h"

#define ANY SIZE_MAX

#define OWN(TABLE, STRUCT) .options = TABLE, .self_size = sizeof(struct STRUCT)
#define WORDS(LEAST, MOST) .least_words = LEAST, .most_words = MOST

const struct command commands[] = {
	{ .name = "run",
	  .arguments = "[FLAGS] -- COMMAND [ARGUMENTS]",
	  .summary = "run a command in a container, and wait for its end",
	  .details =
		  "Run a command in a container, and wait for its end. The profile says which plugins isolate it; a flag of a\n"
		  "plugin switches that plugin on. The exit status is the command's own, 128 and the signal's number if one\n"
		  "ended it, 125 if contain failed, 126 if the command can't be executed, 127 if it is not found.\n"
		  "On a terminal the command gets one of its own (-t); with -d it runs in the background.",
	  .run = cmd_run,
	  .makes = true,
	  OWN(run_options, run_flags) },
	{ .name = "create",
	  .arguments = "[FLAGS] -- COMMAND [ARGUMENTS]",
	  .summary = "make a container that waits just before its command",
	  .details = "Make a container, all of it but the command's start, and print its id. The command starts with\n"
		     "`contain start`, and has the standard input and output of create. No process of contain stays.",
	  .run = cmd_create,
	  .makes = true },
	{ .name = "start",
	  .arguments = "ID...",
	  .summary = "start the command of a created container",
	  .run = cmd_start,
	  WORDS(1, ANY) },
	{ .name = "list",
	  .alias = "ls",
	  .arguments = "[FLAGS]",
	  .summary = "list the containers",
	  .run = cmd_list,
	  OWN(list_options, list_flags),
	  WORDS(0, 0) },
	{ .name = "state",
	  .arguments = "ID",
	  .summary = "print the state of a container as the OCI runtime specification has it",
	  .run = cmd_state,
	  WORDS(1, 1) },
	{ .name = "inspect",
	  .arguments = "ID...",
	  .summary = "print all that is known of a container, with its resolved profile, as JSON",
	  .run = cmd_inspect,
	  WORDS(1, ANY) },
	{ .name = "exec",
	  .arguments = "[FLAGS] ID [--] COMMAND [ARGUMENTS]",
	  .summary = "run one more command in a running container",
	  .details =
		  "Run one more command in all namespaces and cgroups of a running container, sealed as its first one\n"
		  "is, and wait for its end. The exit status is as that of run.",
	  .run = cmd_exec,
	  OWN(exec_options, exec_flags),
	  WORDS(2, ANY) },
	{ .name = "kill",
	  .arguments = "[FLAGS] ID [SIGNAL]",
	  .summary = "send a signal to a container's first process (TERM)",
	  .run = cmd_kill,
	  OWN(kill_options, kill_flags),
	  WORDS(1, 2) },
	{ .name = "stop",
	  .arguments = "[FLAGS] ID...",
	  .summary = "ask a container to end, and kill it if it does not",
	  .details =
		  "Send TERM to a container's first process, wait for its end, and kill it if that does not come in time;\n"
		  "at once if it does not catch the signal, which a first process then never gets.",
	  .run = cmd_stop,
	  OWN(stop_options, stop_flags),
	  WORDS(1, ANY) },
	{ .name = "wait",
	  .arguments = "ID...",
	  .summary = "wait for a container's end, and print its exit status",
	  .run = cmd_wait,
	  WORDS(1, ANY) },
	{ .name = "logs",
	  .arguments = "[FLAGS] ID",
	  .summary = "show what a container in the background has written",
	  .run = cmd_logs,
	  OWN(logs_options, logs_flags),
	  WORDS(1, 1) },
	{ .name = "attach",
	  .arguments = "ID",
	  .summary = "see, and type to, a container in the background",
	  .details =
		  "Connect to the standard input and output of a container that run -d has started: to its terminal if it\n"
		  "has one (-t), which Ctrl-P Ctrl-Q leaves again. The exit status is the container's.",
	  .run = cmd_attach,
	  WORDS(1, 1) },
	{ .name = "ps",
	  .arguments = "[FLAGS] ID",
	  .summary = "list the processes in a container",
	  .run = cmd_ps,
	  OWN(ps_options, ps_flags),
	  WORDS(1, 1) },
	{ .name = "stats",
	  .arguments = "[FLAGS] [ID...]",
	  .summary = "show what containers use, again every second",
	  .run = cmd_stats,
	  OWN(stats_options, stats_flags),
	  WORDS(0, ANY) },
	{ .name = "pause",
	  .arguments = "ID...",
	  .summary = "stop all processes of a container for a while",
	  .run = cmd_pause,
	  WORDS(1, ANY) },
	{ .name = "resume",
	  .alias = "unpause",
	  .arguments = "ID...",
	  .summary = "let a paused container go on",
	  .run = cmd_resume,
	  WORDS(1, ANY) },
	{ .name = "update",
	  .arguments = "ID FLAGS",
	  .summary = "change limits of a running container",
	  .details =
		  "Change what may change while a container runs, by the flags that run has for it, such as --memory,\n"
		  "--cpu and --pids, or by --set PLUGIN.KEY=VALUE.",
	  .run = cmd_update,
	  .changes = true,
	  OWN(update_options, update_flags),
	  WORDS(1, 1) },
	{ .name = "delete",
	  .alias = "rm",
	  .arguments = "[FLAGS] ID...",
	  .summary = "remove a stopped container, and whatever is left of it",
	  .run = cmd_delete,
	  OWN(delete_options, delete_flags),
	  WORDS(1, ANY) },
	{ .name = "gc",
	  .arguments = "[FLAGS]",
	  .summary = "find and undo whatever killed processes of contain have left",
	  .run = cmd_gc,
	  OWN(gc_options, gc_flags),
	  WORDS(0, 0) },
	{ .name = "plugin new",
	  .arguments = "[FLAGS] NAME",
	  .summary = "make a folder with a plugin to start from, and its tests",
	  .details =
		  "Make the folder NAME in the current directory: a small plugin that works, a CMakeLists.txt, a unit test\n"
		  "against the fake host, which needs no root, an integration test with containers, which does, and a\n"
		  "README.md. It builds and passes at once:\n"
		  "\n"
		  "    cmake -S NAME -B NAME/build && cmake --build NAME/build && ctest --test-dir NAME/build\n"
		  "\n"
		  "A compiler, cmake, pkg-config and cmocka are needed, and bats for the integration test. It finds this\n"
		  "contain where it is now; another one by -DCMAKE_PREFIX_PATH=PREFIX. A name begins with a letter, and has\n"
		  "small letters, digits and '-' alone, 32 at most. What is there already is never overwritten.",
	  .run = cmd_plugin_new,
	  OWN(plugin_new_options, plugin_new_flags),
	  WORDS(1, 1) },
	{ .name = "help",
	  .arguments = "[COMMAND]",
	  .summary = "show what contain, or a command of it, can do",
	  .run = cmd_help },
	{ .name = "version", .arguments = "", .summary = "show the version", .run = cmd_version },
	{ .name = NULL },
};
