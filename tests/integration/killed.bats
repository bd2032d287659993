#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# SIGKILL to a process of ours, at any moment: list tells the truth, the name can be used again at once, and gc brings the
# host back to what it was.
load common
load inject

@test "at every system call: run" {
	choose_step 2 13 23
	sweep run_with_limits judge_killed KILL
}

@test "at every system call: run -d, wait, delete" {
	choose_step 2 13 23
	sweep run_detached_and_delete judge_killed KILL
}

@test "at every system call: create, start, delete" {
	choose_step 2 13 23
	sweep create_start_delete judge_killed KILL
}

@test "at every system call: exec" {
	choose_step 2 13 23
	sweep exec_in_running judge_killed KILL
}

@test "at every system call: pause, resume, update, kill" {
	choose_step 5 13 23
	sweep change judge_killed KILL
}

@test "at every system call: gc" {
	choose_step 2 13 23
	sweep collect judge_killed KILL
}
