#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# bats file_tags=host
# shellcheck disable=SC2034,SC2154 # variables of inject.bash, and of bats
# Every system call of a run with the plugin veth fails, or the process is killed there, as in inject.bats and killed.bats: what
# is left after gc is nothing, neither in the kernel nor in files. In a network namespace, and with a /run, of the test's own.
load common
load inject

# in_a_namespace SCRIPT: with the functions of inject.bash, one worker, and the network's objects among what is left.
in_a_namespace() {
	TMP=$TMP ROOTFS=$ROOTFS NAME=$NAME STATE=$STATE unshare -nm --propagation private bash -uo pipefail -c '
		mount -t tmpfs tmpfs /run
		bats_require_minimum_version() { :; }
		source common.bash
		source inject.bash
		nproc() { echo 1; }
		eval "files_and_$(declare -f look)"
		look() {
			local place line
			files_and_look
			for place in /run/contain-veth/*; do [[ ! -e $place ]] || left+=("$place"); done
			while read -r line _; do
				[[ $line != ct* && $line != contain* ]] || left+=("interface $line")
			done </proc/net/dev
			[[ ! $(nft list tables) ]] || left+=("$(nft list tables)")
		}
		# Each step of a teardown may be the one that fails; gc goes on.
		UNDO=.
		run_with_veth() {
			chain run --name "$name" --rootfs "$ROOTFS" --enable veth --publish 8080:80 -- /bin/echo hello
			printf -v expected "hello\n"
		}
		ip link set lo up
		'"$1"
}


@test "a system call of run with veth fails: nothing is left after gc" {
	cd "$BATS_TEST_DIRNAME"
	in_a_namespace 'choose_step 29 97 211; sweep run_with_veth judge_failed ENOSPC ENOMEM EPERM EINTR'
}

@test "SIGKILL at a system call of run with veth: nothing is left after gc" {
	cd "$BATS_TEST_DIRNAME"
	in_a_namespace 'choose_step 17 41 211; sweep run_with_veth judge_killed KILL'
}
