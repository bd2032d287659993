/* SPDX-License-Identifier: MIT */
/*
 * ipcns: System V message queues, semaphores and shared memory, and POSIX message queues of its own, see
 * ipc_namespaces(7). POSIX shared memory is files in /dev/shm: those are isolated by the mount there.
 */
#include <contain/plugin.h>
#include <sched.h>

CONTAIN_PLUGIN(.name = "ipcns", .version = "0.1", .summary = "message queues, semaphores and shared memory of its own",
	       .namespaces = CLONE_NEWIPC)
