#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# bats file_tags=host
# Every system call that contain makes from main() on, in each of its processes, fails once: with ENOSPC, ENOMEM, EPERM
# and EINTR. No hang, no crash; the command succeeds, or fails as it should; nothing is left but what the failed call was
# to undo, and gc removes that. Which calls there are is measured first.
#
# Every call of run fails with each error; of other commands, where much is the same, each with one or two of them, and where
# all is slow, some do. CONTAIN_INJECT_STEP=1 leaves nothing out, which takes a quarter of an hour.
load common
load inject

ERRORS=(ENOSPC ENOMEM EPERM EINTR)

@test "run with limits" {
	choose_step 1 23 61
	sweep run_with_limits judge_failed "${ERRORS[@]}"
}

@test "run -d, wait, delete" {
	choose_step 3 31 61
	sweep run_detached_and_delete judge_failed "${ERRORS[@]}"
}

@test "create, start, delete" {
	choose_step 3 31 61
	sweep create_start_delete judge_failed "${ERRORS[@]}"
}

@test "exec" {
	choose_step 3 23 61
	sweep exec_in_running judge_failed "${ERRORS[@]}"
}

@test "list, state, ps, logs" {
	choose_step 5 31 61
	sweep look_at judge_failed "${ERRORS[@]}"
}

@test "pause, resume, update, kill" {
	choose_step 5 31 61
	sweep change judge_failed "${ERRORS[@]}"
}

@test "gc" {
	choose_step 3 23 61
	sweep collect judge_failed "${ERRORS[@]}"
}

@test "a page that the kernel holds for a moment: copy and configuration are sealed a little later" {
	local scenario=run_with_limits name=$NAME root=$TMP/root0 base=$TMP/w0 cgroups commands expected process call nth about count=0
	choose_step 1 1 1
	find_cgroups
	measure
	"$scenario"
	# The first one for each, should the kernel do so just now.
	while read -r process call nth about; do
		attempt "$HELPERS/inject" "$TMP/out" "$DEADLINE" "$process:$call:$nth:EBUSY" "${commands[@]}" </dev/null
		same "0 hello" "$status $output"
		has "$(<"$TMP/out")" "injected 0 $about"
		((++count))
	done < <(grep '^0 fcntl .*memfd:' "$TMP/calls" | sort -u -k 4)
	same 2 "$count"
}
