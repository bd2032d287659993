/* SPDX-License-Identifier: MIT */
/*
 * pidns: the command is process 1 of a pid namespace of its own, see pid_namespaces(7). It neither sees nor signals the
 * host's processes, and when it ends the kernel kills all others of the namespace.
 */
#include <contain/plugin.h>
#include <sched.h>

CONTAIN_PLUGIN(.name = "pidns", .version = "0.1", .summary = "process ids of its own: the command is process 1",
	       .namespaces = CLONE_NEWPID)
