#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What only the virtual machine can show (tests/vm).

@test "on the initramfs, where pivot_root cannot work, run says so" {
	[[ ${CONTAIN_VM-} ]] || skip "in the virtual machine only"
	[[ $(</run/initramfs-attempt.status) == 125 ]]
	grep -E 'initramfs' /run/initramfs-attempt.stderr
}

@test "the machine has cgroup2 alone" {
	[[ ${CONTAIN_VM-} ]] || skip "in the virtual machine only"
	run awk '$3 ~ /^cgroup/ { print $3, $2 }' /proc/self/mounts
	[[ $output == "cgroup2 /sys/fs/cgroup" ]]
	grep -qw memory /sys/fs/cgroup/cgroup.controllers
}
