#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The least that must work, before the other tests say anything.

@test "contain says its version" {
	run "$CONTAIN" version
	[[ $status == 0 && $output == *[0-9].[0-9]* ]]
}

@test "a command runs in the container, under its host name" {
	run "$CONTAIN" -q run --rootfs "$CONTAIN_ROOTFS" --hostname smoke -- /bin/hostname
	[[ $status == 0 && $output == smoke ]]
}

@test "the command's exit status is that of run" {
	run "$CONTAIN" -q run --rootfs "$CONTAIN_ROOTFS" -- /bin/sh -c 'exit 7'
	[[ $status == 7 ]]
}
