#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# bats file_tags=host
# shellcheck disable=SC2154,SC2016,SC2030,SC2031 # variables of bats; scripts of the container in quotes
# What runs in containers and what they use: ps, stats, and list as JSON and for users.
load common
load life

# ---- ps

# A second process; its number inside is $heard.
sleeper() {
	tell_and_hear 'sleep 1000 >/dev/null 2>&1 </dev/null & echo $!'
	# Not the shell any more that has made it.
	wait_for sleeps
}
sleeps() {
	[[ $(ctl ps "$NAME") == *'s  sleep 1000'* ]]
}

# bats test_tags=kernel
@test "ps: the processes of the container, by their numbers outside and inside" {
	local rows
	background
	sleeper
	good ps "$NAME"
	mapfile -t rows <<<"$output"
	same 3 "${#rows[@]}"
	matches "${rows[0]}" '^ +PID +INSIDE +UID +S +TIME +COMMAND$'
	matches "${rows[1]}" "^ +$INIT +1 +0 +[A-Z] +[0-9.]+s +/bin/sh -c "
	matches "${rows[2]}" "^ +[0-9]+ +$heard +0 +[A-Z] +[0-9.]+s +sleep 1000$"
}

@test "ps --json: valid, with the user, state and cpu time of each" {
	local pid
	background --user nobody
	sleeper
	good ps --json "$NAME"
	pid=$(jq '.[] | select(.inside == 1).pid' <<<"$output")
	same "$INIT" "$pid"
	jq -e --argjson inside "$heard" 'length == 2 and all(.[]; .uid == 65534 and (.state | test("^[A-Z]$")) and .cpu_time_usec >= 0) and
		(.[] | select(.inside == $inside).command | endswith("sleep 1000"))' <<<"$output" || fail "$output"
}

@test "ps: a command with quotes and newlines is one row, and valid JSON" {
	local script=$'sleep 1000 # "a\\b"\n:'
	background
	good exec -d "$NAME" -- /bin/sh -c "$script"
	wait_for sleeps
	good ps --json "$NAME"
	same 1 "$(jq '[.[] | select(.command | contains("sleep 1000 # \"a\\b\""))] | length' <<<"$output")"
	good ps "$NAME"
	# The head, the first process, the shell, and its sleep.
	same 4 "$(wc -l <<<"$output")"
	same 4 "$(grep -cE '^ +(PID|[0-9]+) ' <<<"$output")"
}

@test "ps: also without a pid namespace, of a created and of a paused container, and not of a stopped one" {
	background --disable pidns --disable proc
	good ps --json "$NAME"
	same "$INIT $INIT" "$(jq -r '.[0] | "\(.pid) \(.inside)"' <<<"$output")"
	good pause "$NAME"
	good ps --json "$NAME"
	same 1 "$(jq length <<<"$output")"
	good resume "$NAME"
	good stop "$NAME"
	refused "'$NAME' is not running" ctl ps "$NAME"
	good delete "$NAME"
	made_by create -- /bin/true
	good ps --json "$NAME"
	same "$(pid_of) 1" "$(jq -r '.[0] | "\(.pid) \(.inside)"' <<<"$output")"
}

@test "ps: an exec and what it has started belong to it" {
	background
	good exec -d "$NAME" -- /bin/sh -c 'sleep 1000 & sleep 1001'
	all_there() {
		local rows
		rows=$(ctl ps "$NAME")
		[[ $rows == *'s  sleep 1000'* && $rows == *'s  sleep 1001'* ]]
	}
	wait_for all_there
	same 3 "$(ctl ps --json "$NAME" | jq length)"
}

# ---- stats

@test "stats --no-stream: a row for each that runs" {
	local rows other=$NAME-other
	background --memory 64M --pids 20
	good run -d --name "$other" --rootfs "$ROOTFS" -- /bin/sleep 1000
	good create --name "$NAME-created" --rootfs "$ROOTFS" -- /bin/true
	good run -d --name "$NAME-ended" --rootfs "$ROOTFS" -- /bin/true
	good wait "$NAME-ended"
	good stats --no-stream
	same 4 "$(wc -l <<<"$output")"
	matches "$(head -n 1 <<<"$output")" '^ID +CPU +MEMORY / LIMIT +PIDS / LIMIT +IO READ / WRITTEN$'
	matches "$(grep "^$NAME " <<<"$output")" "^$NAME +[0-9.]+% +[0-9.]+[KM] / 64M +1 / 20 +[0-9.]+[KMB]? / [0-9.]+[KMB]?$"
	matches "$(grep "^$other" <<<"$output")" "[0-9]% +[0-9.]+[KM] / max +1 / max "
	lacks "$output" ended
}

# bats test_tags=kernel
@test "stats --json: plausible figures, within the limits" {
	background --memory 64M --pids 20
	# 16 MiB that stay, and a process that uses the cpu.
	tell_and_hear 'head -c 16777216 /dev/zero >/dev/shm/some; while :; do :; done >/dev/null 2>&1 </dev/null & echo on'
	good stats --no-stream --json "$NAME"
	jq -e --arg id "$NAME" 'length == 1 and (.[0] | .id == $id and .memory_limit_bytes == 67108864 and .memory_bytes > 16000000 and
		.memory_bytes <= 67108864 and .peak_memory_bytes >= 16000000 and .oom_kills == 0 and .processes == 2 and
		.processes_limit == 20 and .cpu_percent > 2 and .cpu_percent < 300 and .cpu_time_usec > 10000 and
		.io_read_bytes >= 0 and .io_written_bytes >= 0)' <<<"$output" || fail "$output"
}

@test "stats: what is not limited has no number for it, and update changes it" {
	background
	good inspect "$NAME"
	same '"max" "max"' "$(jq -c '.usage | .memory_limit_bytes, .processes_limit' <<<"$output" | paste -sd ' ')"
	good update "$NAME" --memory 32M --pids 10
	good inspect "$NAME"
	same '33554432 10' "$(jq -r '.usage | "\(.memory_limit_bytes) \(.processes_limit)"' <<<"$output")"
}

@test "stats --json: a line each time, until the last of those that were given has ended" {
	background
	env --default-signal "$CONTAIN" --root "$STATE" stats --json "$NAME" >output 2>messages 3>&- &
	PID=$!
	STARTED+=("$PID")
	lines() { (($(wc -l <output) >= 2)); }
	wait_for lines
	tell 'exit 0'
	end_of_start
	same 0 "$status"
	jq -e --arg id "$NAME" '.[0].id == $id' output >/dev/null
	same '' "$(<messages)"
}

@test "stats: of none, of one that is not there, and of one that has stopped" {
	good stats --no-stream --json
	same '[]' "$output"
	refused "no container '$NAME'" ctl stats --no-stream "$NAME"
	made_by run -- /bin/true
	good wait "$NAME"
	refused "'$NAME' is not running" ctl stats --no-stream --json "$NAME"
}

# bats test_tags=kernel
@test "what was used is known after the end, without what was used then" {
	background --memory 64M
	tell 'head -c 8388608 /dev/zero | tail -c 8388608 | wc -c >/dev/null; exit 0'
	good wait "$NAME"
	ctl inspect "$NAME" | jq -e '.usage | .peak_memory_bytes > 8000000 and .cpu_time_usec > 0 and .wall_time_usec > 0 and
		(has("memory_bytes") | not)' || fail "$(ctl inspect "$NAME")"
}

# ---- list, for programs and users

@test "list --json is valid in each state, with names that need care" {
	local words=$'a "quoted"\tword\\ \x01 \xff ü'
	good create --name "$NAME-0" --rootfs "$ROOTFS" -- /bin/true "$words"
	good run -d --name "$NAME-1" --rootfs "$ROOTFS" -- /bin/sh -c 'exit 7' "$words"
	good wait "$NAME-1"
	background
	good list --json
	same 'created null,stopped 7,running null' "$(jq -r 'sort_by(.id) | [.[1], .[2], .[0] | "\(.status) \(.exit_status)"] | join(",")' <<<"$output")"
	has "$(jq -r --arg id "$NAME-0" '.[] | select(.id == $id).command[1]' <<<"$output")" 'a "quoted"' 'word\ ' ü
}

@test "list of a user: his own state directory, and not the system's" {
	local copy runtime
	# Where everybody may reach it.
	copy=$(mktemp -d /tmp/contain-it.XXXXXX)
	cp -a "$CONTAIN_BUILD"/{bin,lib,etc} "$copy/"
	runtime=$copy/runtime
	mkdir -m 700 "$runtime"
	chown 65534:65534 "$runtime"
	chmod 755 "$copy"
	as_user() { attempt setpriv --reuid 65534 --regid 65534 --clear-groups env "XDG_RUNTIME_DIR=$runtime" "$copy/bin/contain" "$@"; }
	as_user list --json
	same '0 [] ' "$status $(jq -c . <<<"$output") $stderr"
	as_user state "$NAME"
	rm -r "$copy"
	same 125 "$status"
	has "$stderr" "no container '$NAME' in $runtime/contain"
}

@test "list with --root, before and after its name; a root that is not there has none" {
	made_by create -- /bin/true
	same "$NAME" "$("$CONTAIN" list -q --root "$STATE")"
	same "$NAME" "$("$CONTAIN" --root="$STATE" list -q)"
	same '' "$("$CONTAIN" --root "$TMP/none" list -q)"
	[[ ! -e none ]]
}
