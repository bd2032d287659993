#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# bats file_tags=host
# shellcheck disable=SC2154,SC2016,SC2030,SC2031,SC2153,SC2317 # variables of bats; scripts of the container in quotes
# Containers in the background: run -d and its monitor, logs, attach.
load common
load life

# monitor: the pid of the container's monitor.
monitor() {
	sed -n 's/^PPid:\t//p' "/proc/$(pid_of)/status"
}

# in_background COMMAND...: as $PID; its output is in $TMP/output.
in_background() {
	env --default-signal "$CONTAIN" --root "$STATE" "$@" >"$TMP/output" 2>"$TMP/messages" 3>&- &
	PID=$!
	STARTED+=("$PID")
}

typed() {
	attempt "$HELPERS/pty" -t "$DEADLINE" "$@"
	output=${output//$'\r'/}
	output=${output//$'\033[6n'/}
}

# noisy [FLAGS]: a held command that has its standard output and error also at 5 and 6, for tell_and_hear.
noisy() {
	FIRST='exec 5>&1 6>&2' background "$@"
}

# attached PID: it has a pipe from the monitor.
attached() {
	local theirs link
	theirs=$(readlink "/proc/$(monitor)/fd/"*)
	for link in $(readlink "/proc/$1/fd/"* 2>/dev/null); do
		[[ $link != pipe:* || $'\n'$theirs$'\n' != *$'\n'"$link"$'\n'* ]] || return 0
	done
	return 1
}

# ---- run -d

@test "run -d prints the id when the command runs, and returns" {
	local word
	pipes
	good run -d --rootfs "$ROOTFS" --volume "$IO:/mnt" -- /bin/sh -c 'echo ready >/mnt/ready; read -r word </mnt/go'
	matches "$output" '^[0-9a-f]{12}$'
	same "$output" "$(ctl list -q)"
	same running "$(listed "$output")"
	read -r -t "$DEADLINE" word <&"$READY"
	same ready "$word"
}

@test "\$(contain run -d ...) returns at once, whatever the command has open" {
	local id
	id=$(ctl -q run -d --name "$NAME" --rootfs "$ROOTFS" -- /bin/sh -c 'sleep 1000' 2>&1)
	same "$NAME" "$id"
	told running
}

@test "a lock that the caller holds by an open file is not held by the monitor" {
	exec 9>lock
	flock 9
	made_by run -- /bin/sleep 1000
	exec 9>&-
	flock -n lock true
}

@test "the monitor has the caller's terminal, directory and output no more" {
	local monitor fd
	made_by run -- /bin/sleep 1000
	monitor=$(monitor)
	[[ /proc/$monitor/exe -ef $CONTAIN ]]
	# Which it does when it has told its caller that the command runs; the directory last.
	left() { [[ $(readlink "/proc/$monitor/cwd") == / ]]; }
	wait_for left
	same / "$(readlink "/proc/$monitor/cwd")"
	for fd in 0 1 2; do same /dev/null "$(readlink "/proc/$monitor/fd/$fd")"; done
	# A session of its own.
	same "$monitor" "$(sed 's/.*) //' "/proc/$monitor/stat" | cut -d ' ' -f 4)"
}

@test "run -d that fails says so, and leaves nothing" {
	attempt ctl -q run -d --name "$NAME" --rootfs "$ROOTFS" -- nonesuch
	same '127 ' "$status $output"
	has "$stderr" "command not found: 'nonesuch'"
	attempt ctl -q run -d --name "$NAME" --rootfs "$ROOTFS" -- /etc
	same '126 ' "$status $output"
	refused 'memory limit of 4K' ctl run -q -d --name "$NAME" --rootfs "$ROOTFS" --memory 4K -- /bin/true
	refused 'root filesystem' ctl run -d --name "$NAME" --rootfs /nonesuch -- /bin/true
	same '' "$(ctl list -q)"
}

# bats test_tags=kernel
@test "the monitor records the exit status, and cleans up; the state stays until delete" {
	background --memory 64M
	tell 'exit 11'
	good wait "$NAME"
	same 11 "$output"
	told 'stopped (11)'
	no_cgroups || fail 'cgroups are left'
	ctl inspect "$NAME" | jq -e '.usage.peak_memory_bytes > 0 and .usage.cpu_time_usec > 0' || fail "$(ctl inspect "$NAME")"
	good delete "$NAME"
	same '' "$(ctl list -q)"
}

@test "--rm: nothing is left when it has ended; wait still tells how" {
	background --rm
	in_background wait "$NAME"
	wait_for is_at "$PID"
	tell 'exit 12'
	wait "$PID"
	same 12 "$(<output)"
	same '' "$(ctl list -q)"
	no_cgroups || fail 'cgroups are left'
}

@test "--rm and -i in the foreground are what is so anyway" {
	attempt ctl -q run --rm -i --name "$NAME" --rootfs "$ROOTFS" -- /bin/cat <<<'a line'
	same '0 a line ' "$status $output $stderr"
	same '' "$(ctl list -q)"
	refused '--tty and --no-tty' ctl run -t -T --name "$NAME" --rootfs "$ROOTFS" -- /bin/true
}

@test "--report with -d: is written when the container ends" {
	background --report "$TMP/report"
	[[ ! -s report ]]
	tell 'exit 13'
	good wait "$NAME"
	same "$NAME 13 null" "$(jq -r '"\(.id) \(.exit_status) \(.signal)"' report)"
}

@test "--log with -d: what the monitor says at the end goes there" {
	attempt ctl run -d --log "$TMP/log" --name "$NAME" --rootfs "$ROOTFS" -- /bin/sh -c 'exit 14'
	same "0 $NAME " "$status $output $stderr"
	good wait "$NAME"
	file_has log 'container exited: exit status 14'
}

@test "signals to the caller's group do not reach the container" {
	local word
	pipes
	setsid bash -c '"$@" >output; kill -INT 0; kill -HUP 0' sh "$CONTAIN" -q --root "$STATE" run -d --name "$NAME" \
		--rootfs "$ROOTFS" --volume "$IO:/mnt" -- /bin/sh -c 'trap "exit 1" INT HUP; echo ready >/mnt/ready; read -r word </mnt/go' || :
	same "$NAME" "$(<output)"
	read -r -t "$DEADLINE" word <&"$READY"
	told running
}

@test "an ended command's other processes end with it, also without a pid namespace" {
	local other
	background --disable pidns --disable proc
	tell_and_hear 'sleep 1000 </dev/null >/dev/null 2>&1 & echo $!'
	other=$heard
	tell 'exit 0'
	good wait "$NAME"
	wait_for is_dead "$other"
	told 'stopped (0)'
}

@test "the monitor passes a TERM on" {
	local word
	pipes
	made_by run --volume "$IO:/mnt" -- /bin/sh -c 'trap "exit 15" TERM; echo ready >/mnt/ready; while :; do sleep 1000 & wait $!; done'
	read -r -t "$DEADLINE" word <&"$READY"
	kill -TERM "$(monitor)"
	good wait "$NAME"
	same 15 "$output"
}

# ---- the monitor is killed

# bats test_tags=kernel
@test "the monitor is killed: the container runs on, and what can be known is told" {
	local monitor
	background --memory 64M
	monitor=$(monitor)
	kill -KILL "$monitor"
	wait_for is_dead "$monitor"
	told running
	same true "$(ctl inspect "$NAME" | jq .detached)"
	good exec "$NAME" /bin/echo here
	same here "$output"
	refused 'no monitor' ctl attach "$NAME"
	good gc
	told running
	good pause "$NAME"
	told paused
	good resume "$NAME"
	tell 'exit 3'
	ended() { [[ $(pid_of) == 0 ]]; }
	wait_for ended
	told 'stopped (?)'
	attempt ctl gc
	same 0 "$status"
	has "$stderr" "removing what was left of the container '$NAME'"
	same '' "$(ctl list -q)"
	no_cgroups || fail 'cgroups are left'
}

@test "the monitor is killed: stop and delete do what it would have done" {
	background --memory 64M
	kill -KILL "$(monitor)"
	good stop "$NAME"
	told 'stopped (?)'
	good delete "$NAME"
	no_cgroups || fail 'cgroups are left'
	background --rm
	kill -KILL "$(monitor)"
	good delete --force "$NAME"
	same '' "$(ctl list -q)"
	no_cgroups || fail 'cgroups are left'
}

# ---- logs

# bats test_tags=kernel
@test "logs: standard output and errors, apart" {
	made_by run -- /bin/sh -c 'echo one; echo two >&2; printf three; exit 0'
	good wait "$NAME"
	attempt ctl logs "$NAME"
	same 0 "$status"
	same $'one\nthree' "$output"
	same two "$stderr"
	# Without a newline behind, as it was written.
	same 9 "$(ctl logs "$NAME" 2>/dev/null | wc -c)"
}

@test "logs: bytes are what was written, with nul and without newlines" {
	background
	tell 'head -c 100000 /dev/zero; echo; printf "\\001\\377"; exit 0'
	good wait "$NAME"
	same "$({ head -c 100000 /dev/zero; printf '\n\001\377'; } | sha256sum)" "$(ctl logs "$NAME" | sha256sum)"
}

@test "logs -t: each line with its time in UTC" {
	local now lines
	made_by run -- /bin/sh -c 'echo one; echo two'
	good wait "$NAME"
	mapfile -t lines < <(ctl logs -t "$NAME")
	same 2 "${#lines[@]}"
	matches "${lines[0]}" '^20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9:]{8}\.[0-9]+Z one$'
	now=$(date +%s)
	((now - $(date -d "${lines[1]%% *}" +%s) < DEADLINE)) || fail "${lines[1]}"
	[[ ! ${lines[0]%% *} > ${lines[1]%% *} ]]
}

@test "logs --tail: the last lines alone" {
	made_by run -- /bin/sh -c 'for i in 1 2 3 4 5; do echo $i; done'
	good wait "$NAME"
	same $'4\n5' "$(ctl logs --tail 2 "$NAME")"
	same 5 "$(ctl logs -n 1 "$NAME")"
	same '' "$(ctl logs -n 0 "$NAME")"
	same $'1\n2\n3\n4\n5' "$(ctl logs -n 100 "$NAME")"
	refused "--tail|'x'" ctl logs --tail x "$NAME"
	refused "--tail|'-1'" ctl logs --tail -1 "$NAME"
}

@test "logs -f: what is there, what comes, and then the end" {
	noisy
	tell_and_hear 'echo first >&6; echo second >&5; echo done'
	in_background logs -f "$NAME"
	wait_for file_has output second
	! is_dead "$PID" || fail 'it has ended'
	tell_and_hear 'echo third >&5; echo done'
	wait_for file_has output third
	tell 'echo fourth; exit 0'
	end_of_start
	same 0 "$status"
	same $'second\nthird\nfourth' "$(<output)"
	# Of one that has ended it is as without.
	same $'second\nthird\nfourth' "$(ctl logs -f "$NAME" 2>/dev/null)"
}

@test "logs -f of one that is removed when it ends" {
	noisy --rm
	in_background logs -f "$NAME"
	tell_and_hear 'echo first >&5; echo done'
	wait_for file_has output first
	tell 'echo last; exit 0'
	end_of_start
	same '0 first last' "$status $(tr '\n' ' ' <output | sed 's/ $//')"
}

@test "logs: rotated at --log-size, and the newest are there" {
	local last
	background --log-size 4K
	tell 'i=0; while [ $i -lt 500 ]; do echo "line $i"; i=$((i + 1)); done; exit 0'
	good wait "$NAME"
	[[ -s $STATE/$NAME/output.1 ]]
	(($(stat -c %s "$STATE/$NAME/output") <= 4096 && $(stat -c %s "$STATE/$NAME/output.1") <= 4096))
	same 600 "$(stat -c %a "$STATE/$NAME/output")"
	attempt ctl logs "$NAME"
	last=$(tail -n 1 <<<"$output")
	same 'line 499' "$last"
	# Without a gap.
	same "$(seq -f 'line %g' $((500 - $(wc -l <<<"$output"))) 499)" "$output"
	same $'line 498\nline 499' "$(ctl logs -n 2 "$NAME")"
}

@test "logs -f goes on over a rotation" {
	noisy --log-size 4K
	in_background logs -f "$NAME"
	for part in 0 1 2 3 4 5; do
		tell_and_hear "i=0; while [ \$i -lt 40 ]; do echo \"line \$(($part * 40 + i))\"; i=\$((i + 1)); done >&5; echo done"
		wait_for file_has output "line $((part * 40 + 39))"
	done
	tell 'exit 0'
	end_of_start
	same "$(seq -f 'line %g' 0 239)" "$(<output)"
}

@test "logs of one in the foreground, and of a created one: there are none" {
	hold
	refused 'output|not kept|run -d' ctl logs "$NAME"
	release
	made_by create -- /bin/true
	refused 'output|not kept' ctl logs "$NAME"
}

# ---- attach

@test "attach: output and errors from now on, and the exit status of the container" {
	noisy
	in_background -q attach "$NAME"
	wait_for attached "$PID"
	tell_and_hear 'echo out >&5; echo err >&6; echo done'
	wait_for file_has output out
	wait_for file_has messages err
	tell 'exit 17'
	end_of_start
	same '17 out err' "$status $(<output) $(<messages)"
}

@test "attach -i: standard input reaches the command, from one after the other" {
	local word
	background -i
	tell 'while read -r word; do echo "got $word" >/mnt/ready; [ "$word" != end ] || exit 18; done; echo eof >/mnt/ready'
	echo one | ctl -q attach "$NAME" >/dev/null 3>&- &
	PID=$!
	STARTED+=("$PID")
	read -r -t "$DEADLINE" word <&"$READY"
	same 'got one' "$word"
	told running
	attempt ctl -q attach "$NAME" <<<$'two\nend'
	same 18 "$status"
	for expected in 'got two' 'got end'; do
		read -r -t "$DEADLINE" word <&"$READY"
		same "$expected" "$word"
	done
	wait_for is_dead "$PID"
}

@test "without -i the command's standard input is /dev/null" {
	background
	tell_and_hear 'readlink /proc/1/fd/0'
	same /dev/null "$heard"
	tell 'cat; exit 19'
	attempt ctl -q wait "$NAME"
	same 19 "$output"
}

@test "attach to a terminal: Ctrl-P Ctrl-Q leaves it, and the next one comes back to it" {
	made_by run -t --env 'PS1=ready> ' -- /bin/sh
	typed '+\n' '=ready> ' '+stty size; tty\n' '=33 101' '=/dev/pts/0' '=ready> ' '+x=kept\n' '=ready> ' '+\x10\x11' -- \
		"$CONTAIN" --root "$STATE" attach "$NAME"
	same 0 "$status"
	has "$output" "detached from '$NAME', which runs on" 'terminal: as before'
	told running
	typed '+\n' '=ready> ' '+echo "x is $x"\n' '=x is kept' '=ready> ' '+exit 20\n' -- "$CONTAIN" -q --root "$STATE" attach "$NAME"
	same 20 "$status"
	has "$output" 'terminal: as before'
	told 'stopped (20)'
	has "$(ctl logs "$NAME")" 'x is kept'
}

# Until attach has taken the terminal, what is typed is for its own line discipline; so the command answers first.
@test "attach to a terminal: Ctrl-P alone is the command's, also when Ctrl-Q comes later" {
	made_by run -t -- /bin/sh -c 'read -r x; stty raw -echo; echo ready; dd bs=1 count=3 2>/dev/null | od -An -tx1; exit 21'
	typed '+\n' '=ready' '+\x10' '+a' '+\x11' '=10 61 11' -- "$CONTAIN" -q --root "$STATE" attach "$NAME"
	same 21 "$status"
	has "$output" 'terminal: as before'
}

@test "attach to a terminal: Ctrl-C is the command's" {
	made_by run -t -- /bin/sh -c 'trap "echo caught; exit 22" INT; read -r x; echo ready; while :; do sleep 1; done'
	typed '+\n' '=ready' '+\x03' '=caught' -- "$CONTAIN" -q --root "$STATE" attach "$NAME"
	same 22 "$status"
}

@test "attach ends by TERM and HUP, with the terminal as before, and the container runs on" {
	local name
	made_by run -t --env 'PS1=ready> ' -- /bin/sh
	for name in TERM HUP; do
		typed '+\n' '=ready> ' "!$name" -- "$CONTAIN" -q --root "$STATE" attach "$NAME"
		same $((128 + $(kill -l "$name"))) "$status"
		has "$output" 'terminal: as before'
	done
	told running
}

@test "attach to a terminal: the window's size, and its changes" {
	made_by run -t -- /bin/sh -c 'trap "s=\$(stty size); echo \$s; [ \"\$s\" != \"44 55\" ] || exit 25" WINCH
		read -r x; stty size; echo ready; while :; do sleep 1000 & wait $!; done'
	typed '+\n' '=33 101' '=ready' '@44x55' '=44 55' -- "$CONTAIN" -q --root "$STATE" attach "$NAME"
	same 25 "$status"
}

@test "attach to what has no monitor: created, foreground, stopped" {
	made_by create -- /bin/true
	refused "run -d" ctl attach "$NAME"
	good delete -f "$NAME"
	hold
	refused "run -d" ctl attach "$NAME"
	release
	made_by run -- /bin/true
	good wait "$NAME"
	refused "'$NAME' is stopped" ctl attach "$NAME"
}

@test "several attach at once: each hears all" {
	local i pids=()
	background
	for i in 1 2 3; do
		"$CONTAIN" -q --root "$STATE" attach "$NAME" >"output.$i" </dev/null 3>&- &
		pids+=("$!")
		STARTED+=("$!")
	done
	for i in "${pids[@]}"; do wait_for attached "$i"; done
	tell 'echo for all; exit 23'
	for i in 1 2 3; do
		status=0
		wait "${pids[i - 1]}" || status=$?
		same "23 for all" "$status $(<"output.$i")"
	done
}

@test "who attaches and is killed, or stops to read, does not disturb the container" {
	noisy
	in_background -q attach "$NAME"
	wait_for attached "$PID"
	kill -STOP "$PID"
	tell_and_hear 'head -c 3000000 /dev/zero >&5; echo done'
	same 'done' "$heard"
	kill -KILL "$PID"
	tell 'exit 24'
	good wait "$NAME"
	same 24 "$output"
}
