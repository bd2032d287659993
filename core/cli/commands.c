/* SPDX-License-Identifier: MIT */
/*
 * The table of commands: from it come the help, the man page (tools/man-page), completion, and what is called. Details
 * are text for both: an empty line ends a paragraph, an indented line stays a line of its own, `...` is what is typed.
 */
#include <stdint.h>

#include "cli/cli.h"
#include "cli/own_flags.h"
#include "container/life.h"

#define ANY SIZE_MAX

#define OWN(TABLE, STRUCT) .options = TABLE, .self_size = sizeof(struct STRUCT)
#define WORDS(LEAST, MOST) .least_words = LEAST, .most_words = MOST
#define IN(STATUS)         (1U << LIFE_##STATUS)
#define ALIVE              (IN(CREATED) | IN(RUNNING) | IN(PAUSED))

const struct command commands[] = {
	{ .name = "run",
	  .arguments = "[FLAGS] -- COMMAND [ARGUMENTS]",
	  .summary = "run a command in a container, and wait for its end",
	  .details =
		  "Run a command in a container, and wait for its end. The profile says which plugins isolate it; a flag of a\n"
		  "plugin switches that plugin on. The exit status is the command's own, 128 and the signal's number if one\n"
		  "ended it, 125 if contain failed, 126 if the command can't be executed, 127 if it is not found.\n"
		  "On a terminal the command gets one of its own (-t).\n"
		  "\n"
		  "In the background (-d) a monitor stays with it, which keeps what it writes, records its end, and undoes\n"
		  "everything but the state: contain prints the id and is done as soon as the command runs.",
	  .run = cmd_run,
	  .makes = true,
	  OWN(run_options, run_flags) },
	{ .name = "create",
	  .arguments = "[FLAGS] -- COMMAND [ARGUMENTS]",
	  .summary = "make a container that waits just before its command",
	  .details =
		  "Make a container, all of it but the command's start, and print its id. The command starts with\n"
		  "`contain start`, and has the standard input, output and error of create, and no terminal. No process\n"
		  "of contain stays with it, so its exit status is known only to a `contain wait` that was there before\n"
		  "the end (Linux 6.15 or later).",
	  .run = cmd_create,
	  .makes = true },
	{ .name = "start",
	  .arguments = "ID...",
	  .summary = "start the command of a created container",
	  .run = cmd_start,
	  .statuses = IN(CREATED),
	  WORDS(1, ANY) },
	{ .name = "list",
	  .alias = "ls",
	  .arguments = "[FLAGS]",
	  .summary = "list the containers",
	  .details =
		  "List the containers: id, pid of the first process, state, when it was made, for how long it runs or\n"
		  "has run, and its command.",
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
	  .details =
		  "Print all that is known, as JSON: state, command, environment, namespaces, cgroups, what is used, what\n"
		  "plugins have saved, and the resolved profile.",
	  .run = cmd_inspect,
	  WORDS(1, ANY) },
	{ .name = "exec",
	  .arguments = "[FLAGS] ID [--] COMMAND [ARGUMENTS]",
	  .summary = "run one more command in a running container",
	  .details =
		  "Run one more command in all namespaces and cgroups of a running container, sealed as its first one\n"
		  "is, and wait for its end. The exit status is as that of run.",
	  .run = cmd_exec,
	  .statuses = IN(RUNNING),
	  OWN(exec_options, exec_flags),
	  WORDS(2, ANY) },
	{ .name = "kill",
	  .arguments = "[FLAGS] ID [SIGNAL]",
	  .summary = "send a signal to a container's first process (TERM)",
	  .details =
		  "Send a signal, TERM if none is given, to the first process of a container. Of one in a pid namespace of\n"
		  "its own the kernel drops what it does not catch, but KILL and STOP.",
	  .run = cmd_kill,
	  .statuses = ALIVE,
	  OWN(kill_options, kill_flags),
	  WORDS(1, 2) },
	{ .name = "stop",
	  .arguments = "[FLAGS] ID...",
	  .summary = "ask a container to end, and kill it if it does not",
	  .details =
		  "Send TERM to a container's first process, wait for its end, and kill it if that does not come in time;\n"
		  "at once if it does not catch the signal, which a first process then never gets. What it used is free\n"
		  "again when this returns.",
	  .run = cmd_stop,
	  .statuses = ALIVE,
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
	  .details = "Show what a container in the background has written; its standard error goes to standard error.",
	  .run = cmd_logs,
	  OWN(logs_options, logs_flags),
	  WORDS(1, 1) },
	{ .name = "attach",
	  .arguments = "ID",
	  .summary = "see, and type to, a container in the background",
	  .details =
		  "Connect to the standard input and output of a container that run -d has started: to its terminal if it\n"
		  "has one (-t), which Ctrl-P Ctrl-Q leaves again; what is typed is read only if it has that, or -i. What\n"
		  "was written before is not shown. The exit status is the container's. A signal ends attach and not the\n"
		  "container. Several may be attached at once; who reads too slowly is cut off.",
	  .run = cmd_attach,
	  .statuses = IN(RUNNING) | IN(PAUSED),
	  WORDS(1, 1) },
	{ .name = "ps",
	  .arguments = "[FLAGS] ID",
	  .summary = "list the processes in a container",
	  .details = "List the processes in a container, with their pids outside and inside.",
	  .run = cmd_ps,
	  .statuses = IN(RUNNING) | IN(PAUSED),
	  OWN(ps_options, ps_flags),
	  WORDS(1, 1) },
	{ .name = "stats",
	  .arguments = "[FLAGS] [ID...]",
	  .summary = "show what containers use, again every second",
	  .details =
		  "Show what running containers use, again every second: cpu time in percent of one cpu, memory,\n"
		  "processes, and what was read from and written to disks. n/a is what this kernel or the profile does not\n"
		  "count.",
	  .run = cmd_stats,
	  .statuses = IN(RUNNING) | IN(PAUSED),
	  OWN(stats_options, stats_flags),
	  WORDS(0, ANY) },
	{ .name = "pause",
	  .arguments = "ID...",
	  .summary = "stop all processes of a container for a while",
	  .details = "Stop all processes of a container for a while, by the freezer of its cgroup.",
	  .run = cmd_pause,
	  .statuses = IN(RUNNING),
	  WORDS(1, ANY) },
	{ .name = "resume",
	  .alias = "unpause",
	  .arguments = "ID...",
	  .summary = "let a paused container go on",
	  .run = cmd_resume,
	  .statuses = IN(PAUSED),
	  WORDS(1, ANY) },
	{ .name = "update",
	  .arguments = "ID FLAGS",
	  .summary = "change limits of a running container",
	  .details =
		  "Change what may change while a container runs, by the flags that run has for it, such as --memory,\n"
		  "--cpu and --pids, or by --set PLUGIN.KEY=VALUE. All of it is changed or nothing. Where cgroups are of\n"
		  "version 1, --cpu needs a container that was made with a value for it (max is one).",
	  .run = cmd_update,
	  .statuses = ALIVE,
	  .changes = true,
	  OWN(update_options, update_flags),
	  WORDS(1, 1) },
	{ .name = "delete",
	  .alias = "rm",
	  .arguments = "[FLAGS] ID...",
	  .summary = "remove a stopped container, and whatever is left of it",
	  .details = "Remove a stopped container: its state, its output, and whatever is left of it.",
	  .run = cmd_delete,
	  OWN(delete_options, delete_flags),
	  WORDS(1, ANY) },
	{ .name = "gc",
	  .arguments = "[FLAGS]",
	  .summary = "find and undo whatever killed processes of contain have left",
	  .details =
		  "Find and undo whatever killed processes of contain have left: cgroups, state, processes, and what\n"
		  "plugins have made. Containers that have ended without anybody to clean up after them, as those of\n"
		  "create do, go too. What runs, is being made, or waits for its start stays, also if its monitor was\n"
		  "killed.",
	  .run = cmd_gc,
	  OWN(gc_options, gc_flags),
	  WORDS(0, 0) },
	{ .name = "plan",
	  .arguments = "[FLAGS] [-- COMMAND [ARGUMENTS]]",
	  .summary = "show what run would do with these flags, and change nothing",
	  .details =
		  "Show what run would do with the same arguments: the profiles that are read; the plugins that run, in order,\n"
		  "with what switched each on; the value of each option, with the line or flag that it comes from; which\n"
		  "hooks of which plugins run in which process; namespaces and cgroups. Nothing is made, and root is not\n"
		  "needed. What is wrong with flags, profile or plugins is told as run tells it, and ends with 125; what\n"
		  "shows only when the container is made is not: a name that is taken, a command that is not found.\n"
		  "--json prints one object: id (null: made up); background, kept, terminal; command (null: none given),\n"
		  "user, environment; profiles (name, path, inherits_line), what is inherited before its heir; core and\n"
		  "plugins, the latter in the order of their hooks, each with options (key, type, value, given, default,\n"
		  "origins, beaten, computed: by the plugin); off, the plugins that the profile has switched off; timeline\n"
		  "(step, process, hook, plugins); namespaces (name, plugins that ask for it); cgroups (parent, path,\n"
		  "version, controllers). What switched a plugin is in by, what that overrode in instead_of. A place is a\n"
		  "source and a line, null for a flag.",
	  .run = cmd_plan,
	  .makes = true,
	  .also = run_options,
	  OWN(plan_options, plan_flags) },
	{ .name = "check",
	  .arguments = "[FLAGS] [PROFILE...]",
	  .summary = "find the mistakes of profiles, and what their containers can do to the host",
	  .details =
		  "Tell every mistake of each profile, as run would, and what a container of it can do to the host, with a\n"
		  "score from 0.0 (nothing is left open) to 10.0. A profile is found as by --profile, and without one it is\n"
		  "the one that run would take; other flags of run count for each of them. Nothing is changed, and nothing\n"
		  "needs root. What is no mistake, such as a limit that this host can't hold, is told as a warning.\n"
		  "\n"
		  "The score is the sum of the points of what is open (1 is a nuisance, 10 is root on the host) by the sum\n"
		  "of those that the core's own questions have, times ten. What a plugin leaves open counts at most as much\n"
		  "as what it isolates, so that switching an isolation on never raises the score. With a way to be root on\n"
		  "the host, which is something of 10 points, or capabilities without a user namespace for a command that\n"
		  "is root or can become it, the score is at least 7.5. Its words are those of systemd-analyze security:\n"
		  "PERFECT is 0.0, SAFE below 1.0, OK below 5.0, MEDIUM below 7.5, EXPOSED below 9.0, UNSAFE below 10.0,\n"
		  "DANGEROUS 10.0. Of the image nothing is known: a root filesystem with few set-uid programs makes it better.\n"
		  "\n"
		  "The exit status is 0; 1 if there are mistakes or a score is above --max-exposure; 125 if contain failed.\n"
		  "The JSON is an array with an object for each profile: profile, mistakes and advice (arrays of lines),\n"
		  "score (a number, null after mistakes), level, points, possible, open (objects with points, name, plugins,\n"
		  "can and remedy) and closed (points, name, plugins, is). With -q only the last line is shown.",
	  .run = cmd_check,
	  .makes = true,
	  OWN(check_options, check_flags) },
	{ .name = "plugin list",
	  .arguments = "[FLAGS]",
	  .summary = "list the plugins that there are",
	  .details =
		  "List the plugins in each plugin directory, in the order of search: those of --plugin-dir, of the variable\n"
		  "CONTAIN_PLUGIN_PATH, and the installed ones. One that can't be loaded, or is hidden by one of the same name\n"
		  "in an earlier directory, is listed with the reason; the exit status is 0 all the same, as plugin show fails\n"
		  "for it. --json prints an array of objects: name, path, version, summary, api_minor, hidden_by (the path that\n"
		  "is taken instead), error (why it can't be loaded); what is not known is null.",
	  .run = cmd_plugin_list,
	  OWN(plugin_list_options, plugin_list_flags),
	  WORDS(0, 0) },
	{ .name = "plugin show",
	  .arguments = "[FLAGS] PLUGIN...",
	  .summary = "show all that a plugin says of itself",
	  .details =
		  "Show where a plugin is, which interface it was built for, its namespaces, its place in the order, its hooks\n"
		  "with the process that they run in, and its options: a list may be given several times, and what is live\n"
		  "may change while the container runs. PLUGIN may be the path of a file, with a slash in it.\n"
		  "--json prints an array of objects: name, version, summary, path, interface (\"1.0\"), api_minor, struct_size\n"
		  "(of its struct contain_plugin), self_size (of its own), namespaces, needs, after, before, hooks (name,\n"
		  "process: parent, child or any), options (key, type, default, min, max, takes_max, choices, flag, short_flag,\n"
		  "metavar, help, required, live).",
	  .run = cmd_plugin_show,
	  OWN(plugin_show_options, plugin_show_flags),
	  WORDS(1, ANY) },
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
	{ .name = "plugin check",
	  .arguments = "[FLAGS] FILE... [-- RUN-FLAGS]",
	  .summary = "try a plugin, and tell which rules of plugin.h it breaks",
	  .details =
		  "Is the plugin in a file (NAME.so, or the name of one that is installed) trusted, loadable and of this\n"
		  "interface, and are its tables right? Then, as root, it is run in scratch containers of the profile minimal: as\n"
		  "it is; with a fault after each hook; with contain killed after each hook, so that another process tears\n"
		  "down; with teardown twice. What a hook changes in its process, what any ending leaves on the host, and how long\n"
		  "each hook takes is told, and what to do about it. What the plugin needs to run stands behind --, such as\n"
		  "values for its flags, or --profile FILE.\n"
		  "contain does all this in mount, network, IPC and UTS namespaces of its own, where writing to /dev/shm, /etc,\n"
		  "/run, /tmp and /var reaches no file of the host, but on what is mounted beneath them, such as /run/lock; with\n"
		  "--host in those of the host, where files that are left are not seen. It protects from mistakes, not from a\n"
		  "hostile plugin, which is root like any other that is run.\n"
		  "The exit status is 0 if all is well (warnings allowed), 1 if a rule is broken, 125 if contain failed or was\n"
		  "interrupted. --json prints an array of objects: file, name, version, loaded, api_minor, verdict (passed, failed\n"
		  "or unfinished), scenarios (name, outcome: ok, warning, failed or skipped, note), findings (rule, level: error\n"
		  "or warning, hook, scenario, more_scenarios, text, remedy), hooks (hook, process, calls, least_usec,\n"
		  "most_usec).",
	  .run = cmd_plugin_check,
	  OWN(plugin_check_options, plugin_check_flags),
	  WORDS(1, ANY) },
	{ .name = "help",
	  .arguments = "[FLAGS] [COMMAND]",
	  .summary = "show what contain, or a command of it, can do",
	  .details = "Show the commands, or the flags of one; so do -h and --help behind a command.",
	  .run = cmd_help,
	  OWN(help_flag_options, help_flags),
	  WORDS(0, 2) },
	{ .name = "complete",
	  .arguments = "-- WORDS",
	  .summary = "print what the last word of a command line may become, for shells",
	  .details =
		  "Print what may stand in the place of the last of these words, which may be empty; the others are those\n"
		  "before it, without contain itself. Each line is a word, a tab, and what it means; `:files`, `:directories`\n"
		  "or `:commands` alone say that these are possible too, which the shell knows. Nothing is changed, no hook\n"
		  "of a plugin is run, and errors are not told: that is for the scripts of the shells.",
	  .run = cmd_complete },
	{ .name = "version",
	  .arguments = "",
	  .summary = "show the version",
	  .details = "Show the version of contain and of the plugin interface; so does --version.",
	  .run = cmd_version },
	{ .name = NULL },
};
