/* SPDX-License-Identifier: MIT */
/*
 * cgroupns: the container's cgroup is the root of what it sees, in /proc/self/cgroup and in a cgroup mount, see
 * cgroup_namespaces(7). The root is the cgroup that a process is in when it unshares, so the host does that after it
 * has joined the container's cgroups.
 */
#include <contain/plugin.h>
#include <sched.h>

CONTAIN_PLUGIN(.name = "cgroupns", .version = "0.1",
	       .summary = "the container's cgroup is the root of the cgroups it sees", .namespaces = CLONE_NEWCGROUP)
