#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# bats file_tags=host
# shellcheck disable=SC2154,SC2016,SC2030,SC2031,SC2153,SC2317 # variables of bats; scripts of the container in quotes
# --init: a small first process of ours that reaps orphans and passes signals on to the command.
load common
load life

# The first process is ours, and the command is process 2.
is_reaper() {
	same contain-init "$(<"/proc/$INIT/comm")"
}
# It has no child but the command, nor one that has ended and waits for it.
alone() {
	[[ $(wc -w <"/proc/$INIT/task/$INIT/children") == 1 && $(ctl ps --json "$NAME" | jq length) == 2 ]]
}

@test "process 1 is the reaper, and the command its child, in a session of its own" {
	background --init
	is_reaper
	tell_and_hear 'cut -d " " -f 4-6 /proc/2/stat'
	same '1 2 2' "$heard"
	wait_for alone
	same '1 2' "$(ctl ps --json "$NAME" | jq -r '[.[].inside] | sort | join(" ")')"
}

@test "init = yes in the profile, and --init, with run and create" {
	profile '[profile]' 'inherits = default.ini' '[process]' 'init = yes'
	inside --profile "$TMP/test.ini" -- /bin/cat /proc/1/comm
	same contain-init "$output"
	inside --init -- /bin/cat /proc/1/comm
	same contain-init "$output"
	pipes
	made_by create --init --volume "$IO:/mnt" -- /bin/sh -c 'cat /proc/1/comm >/mnt/ready; exit 3'
	good start "$NAME"
	read -r -t "$DEADLINE" word <&"$READY"
	same contain-init "$word"
}

@test "orphans are reaped" {
	background --init
	tell_and_hear 'for i in 1 2 3 4 5 6 7 8 9 10; do (true & true & exec true) & done; wait; echo made'
	same made "$heard"
	wait_for alone
}

@test "TERM, INT, HUP and USR1 reach the command, by kill and by contain in the foreground" {
	local name word
	hold --init
	tell 'for s in INT HUP USR1; do trap "echo got $s >/mnt/ready" $s; done; trap "exit 9" TERM; echo set >/mnt/ready; while :; do sleep 1000 & wait $!; kill $!; done'
	read -r -t "$DEADLINE" word <&"$READY"
	for name in INT HUP USR1; do
		good kill "$NAME" "$name"
		read -r -t "$DEADLINE" word <&"$READY"
		same "got $name" "$word"
		kill -"$name" "$PID"
		read -r -t "$DEADLINE" word <&"$READY"
		same "got $name" "$word"
	done
	kill -TERM "$PID"
	end_of_start
	same 9 "$status"
}

@test "one TERM ends what does not catch it: it is no first process" {
	start --init -- /bin/sleep 1000
	running() { [[ $(listed) == running ]]; }
	wait_for running
	kill -TERM "$PID"
	end_of_start
	same 143 "$status"
	lacks "$(<messages)" 'does not catch'
	made_by run --init -- /bin/sleep 1000
	attempt ctl stop --time 1000 "$NAME"
	same '0 ' "$status $stderr"
	told 'stopped (143)'
}

@test "stop waits for a command that takes its time" {
	local word
	pipes
	for _ in 1 2 3 4 5; do
		made_by run --init --volume "$IO:/mnt" -- /bin/sh -c \
			'trap "sleep 0.1; exit 7" TERM; echo ready >/mnt/ready; while :; do sleep 1000 & wait $!; done'
		read -r -t "$DEADLINE" word <&"$READY"
		attempt ctl stop --time 1000 "$NAME"
		same '0 ' "$status $stderr"
		told 'stopped (7)'
		good delete "$NAME"
	done
}

@test "the exit status is the command's, or 128 and its signal's number" {
	local number
	for number in 0 1 255; do
		attempt contain_run -q --init -- /bin/sh -c "exit $number"
		same "$number " "$status $stderr"
	done
	for number in KILL TERM SEGV; do
		attempt contain_run -q --init -- /bin/sh -c "kill -$number \$\$"
		same "$((128 + $(kill -l "$number"))) " "$status $stderr"
	done
	attempt contain_run -q --init -- nonesuch
	same 127 "$status"
	attempt contain_run -q --init -- /etc
	same 126 "$status"
	own_rootfs
	printf '#!/nonesuch\n' >"$ROOTFS/script"
	chmod +x "$ROOTFS/script"
	attempt contain_run -q --init -- /script
	same 127 "$status"
	has "$stderr" "can't execute '/script'"
}

@test "kill KILL ends the reaper, and with it all" {
	background --init
	good kill "$NAME" KILL
	good wait "$NAME"
	same 137 "$output"
}

@test "the end of the command is that of what it has left" {
	local other
	background --init
	tell_and_hear 'sleep 1000 </dev/null >/dev/null 2>&1 & echo $!'
	other=$(ctl ps --json "$NAME" | jq --argjson inside "$heard" '.[] | select(.inside == $inside).pid')
	! is_dead "$other" || fail 'it has ended'
	tell 'exit 5'
	good wait "$NAME"
	same 5 "$output"
	wait_for is_dead "$other"
}

@test "a command that is stopped has not ended" {
	background --init
	tell 'kill -STOP $$; echo on >/mnt/ready; exit 6'
	stopped() { [[ $(ctl ps --json "$NAME" | jq -r '.[] | select(.inside == 2).state') == T ]]; }
	wait_for stopped
	told running
	good kill --all "$NAME" CONT
	read -r -t "$DEADLINE" word <&"$READY"
	same on "$word"
	good wait "$NAME"
	same 6 "$output"
}

@test "it holds no descriptor: a pipe ends when the command closes it" {
	background --init
	same '' "$(ls "/proc/$INIT/fd")"
	good delete -f "$NAME"
	pipes
	mkfifo pipe
	exec {PIPE}<>pipe
	"$CONTAIN" -q --root "$STATE" create --init --name "$NAME" --rootfs "$ROOTFS" --volume "$IO:/mnt" -- \
		/bin/sh -c 'exec >/dev/null 2>&1; echo ready >/mnt/ready; read -r word </mnt/go' </dev/null >pipe 2>/dev/null 3>&-
	"$CONTAIN" -q --root "$STATE" start "$NAME"
	read -r -t "$DEADLINE" _ <&"$READY"
	# Our own is the last that could be written to.
	exec {END}<pipe {PIPE}>&-
	timeout "$DEADLINE" cat <&"$END" >whole
	same "$NAME" "$(<whole)"
	same running "$(ctl state "$NAME" | jq -r .status)"
}

@test "its executable is not the host's file" {
	background --init
	[[ ! /proc/$INIT/exe -ef $CONTAIN ]]
	has "$(readlink "/proc/$INIT/exe")" memfd
	tell_and_hear 'echo x 2>&1 >/proc/1/exe; [ -w /proc/1/exe ] && echo writable || echo sealed'
	has "$heard" /proc/1/exe
	cmp "$CONTAIN" "/proc/$INIT/exe"
}

@test "it is sealed like the command" {
	background --init --plugin-dir "$HELPERS/plugins" --enable drop --user nobody
	local command
	command=$(ctl ps --json "$NAME" | jq '.[] | select(.inside == 2).pid')
	rights() { grep -E '^(Uid|Gid|Groups|Cap...|NoNewPrivs|Seccomp):' "/proc/$1/status"; }
	same "$(rights "$command")" "$(rights "$INIT")"
	[[ $(sed -n 's/^CapBnd:\t//p' "/proc/$INIT/status") != $(sed -n 's/^CapBnd:\t//p' /proc/self/status) ]]
	same '65534 65534 65534 65534' "$(sed -n 's/^Uid:\t//p' "/proc/$INIT/status" | tr '\t' ' ')"
}

@test "its environment and arguments tell nothing of the host" {
	SECRET=word hold --init
	same '' "$(tr '\0' '\n' <"/proc/$INIT/environ" 2>/dev/null)"
	release
}

@test "exec in a container with --init: the same namespaces, and its orphans are reaped too" {
	background --init
	good exec "$NAME" /bin/sh -c 'readlink /proc/self/ns/pid; (sleep 0.1 &) ; exit 0' </dev/null
	same "$(readlink "/proc/$INIT/ns/pid")" "$output"
	wait_for alone
	told running
}

@test "needs a pid namespace" {
	refused '--init|pid namespace' contain_run --init --disable pidns -- /bin/true
	refused '--init|pid namespace' ctl run -d --name "$NAME" --rootfs "$ROOTFS" --init --disable pidns -- /bin/true
	[[ ! -e $STATE/$NAME ]]
}

@test "pause and resume of a container with --init" {
	background --init
	good pause "$NAME"
	told paused
	good resume "$NAME"
	tell 'exit 8'
	good wait "$NAME"
	same 8 "$output"
}

@test "on a terminal: job control, Ctrl-C, and the end" {
	local cat='sh -c "echo r\"\"uns; exec cat"\n'
	attempt "$HELPERS/pty" -t "$DEADLINE" '=ready> ' '+tty; cat /proc/1/comm\n' '=/dev/pts/0' '=contain-init' '=ready> ' "+$cat" \
		'=runs' '+\x03' '=ready> ' "+$cat" '=runs' '+\x1a' '=Stopped' '=ready> ' \
		'+fg\n' '=exec cat' '+again\n' '=again' '=again' '+\x03' '=ready> ' '+exit 9\n' -- \
		"$CONTAIN" -q --root "$STATE" run --init --name "$NAME" --rootfs "$ROOTFS" --env 'PS1=ready> ' -- /bin/sh
	same 9 "$status"
	has "$output" 'terminal: as before'
	# And once is enough for what does not catch it.
	attempt "$HELPERS/pty" -t "$DEADLINE" '+x\n' '=x' '=x' '+\x03' -- \
		"$CONTAIN" -q --root "$STATE" run --init --name "$NAME" --rootfs "$ROOTFS" -- /bin/cat
	same 130 "$status"
}
