#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# bats file_tags=host
# shellcheck disable=SC2154,SC2016,SC2030,SC2031,SC2153,SC2317 # variables of bats; scripts of the container in quotes
# contain exec: one more command, with all that the first process of the container has.
load common
load life

# in_it [FLAGS] COMMAND...: exec in $NAME that succeeds, without messages.
in_it() {
	local flags=()
	while [[ $1 == -* ]]; do
		flags+=("$1")
		shift
		[[ ${flags[-1]} != -[euw] ]] || { flags+=("$1") && shift; }
	done
	good exec "${flags[@]}" "$NAME" "$@"
}

# joined [FLAGS]: an exec whose command waits. $EXEC is contain's process, $JOINED that of the command; leave SCRIPT lets it go.
joined() {
	local word
	mkfifo -m 666 "$IO/joined" "$IO/leave"
	exec {AT}<>"$IO/joined" {LEAVE}<>"$IO/leave"
	env --default-signal "$CONTAIN" -q --root "$STATE" exec "$@" "$NAME" /bin/sh -c \
		'echo ready >/mnt/joined; read -r word </mnt/leave; eval "$word"' >"$TMP/exec.output" 2>"$TMP/exec.messages" 3>&- &
	EXEC=$!
	STARTED+=("$EXEC")
	read -r -t "$DEADLINE" word <&"$AT" || fail "exec did not start:" "$(<"$TMP/exec.messages")" || return 1
	JOINED=$(ctl ps --json "$NAME" | jq --argjson init "$INIT" '.[] | select(.pid != $init and (.command | test("mnt/joined"))).pid')
}
leave() {
	printf '%s\n' "${1-exit 0}" >&"$LEAVE"
	wait_for is_dead "$EXEC"
	status=0
	wait "$EXEC" || status=$?
}

# same_place: the namespaces, root and cgroups of $JOINED are those of $INIT.
same_place() {
	local name
	for name in /proc/"$INIT"/ns/*; do
		name=${name##*/}
		same "$name $(readlink "/proc/$INIT/ns/$name")" "$name $(readlink "/proc/$JOINED/ns/$name")"
	done
	same "$(</proc/"$INIT"/cgroup)" "$(</proc/"$JOINED"/cgroup)"
	[[ /proc/$INIT/root -ef /proc/$JOINED/root ]] || fail 'another root'
	same "$(</proc/"$INIT"/mountinfo)" "$(</proc/"$JOINED"/mountinfo)"
}

# bats test_tags=kernel
@test "all namespaces and cgroups of the first process, with every plugin that makes one" {
	background --enable netns --memory 64M --pids 30 --cpu 50000
	joined
	same_place
	[[ ! /proc/$JOINED/ns/net -ef /proc/self/ns/net ]] || fail 'the network is the host'"'"'s'
	for name in unified memory pids cpu; do
		[[ ! $(cgroup_mount $name) ]] || grep -qx "$JOINED" "$(cgroup_mount $name)/contain-$NAME/cgroup.procs"
	done
	leave
	same 0 "$status"
}

@test "also with the least of plugins, and in the foreground" {
	hold --profile minimal.ini
	IO=$(echo "$TMP"/io.*)
	joined
	same_place
	leave 'exit 3'
	same 3 "$status"
	release
}

# bats test_tags=kernel
@test "without a pid namespace" {
	background --disable pidns
	joined
	same_place
	leave 'exit 4'
	same 4 "$status"
	in_it /bin/hostname
	same "$NAME" "$output"
}

@test "without a mount namespace: the host's files" {
	good run -d --name "$NAME" --disable mountns --disable proc --disable dev -- sleep 1000
	attempt ctl -q exec -w "$TMP" "$NAME" -- sh -c 'readlink /proc/self/ns/mnt /proc/self/ns/uts; pwd; hostname'
	same '0 ' "$status $stderr"
	same "$(readlink /proc/self/ns/mnt)"$'\n'"$(readlink "/proc/$(pid_of)/ns/uts")"$'\n'"$TMP"$'\n'"$NAME" "$output"
}

@test "the exit status: the command's, 128 and its signal's number, 127, 126, 125" {
	local begun
	background
	in_it /bin/true
	for begun in 1 42 255; do
		attempt ctl -q exec "$NAME" /bin/sh -c "exit $begun"
		same "$begun " "$status $stderr"
	done
	attempt ctl -q exec "$NAME" -- /bin/sh -c 'kill -KILL $$'
	same '137 ' "$status $stderr"
	attempt ctl -q exec "$NAME" -- /bin/sh -c 'kill -TERM $$'
	same '143 ' "$status $stderr"
	attempt ctl -q exec "$NAME" nonesuch
	same 127 "$status"
	has "$stderr" "[contain] error: command not found: 'nonesuch'" PATH=
	attempt ctl -q exec "$NAME" /bin/nonesuch
	same 127 "$status"
	attempt ctl -q exec "$NAME" /etc
	same 126 "$status"
	has "$stderr" "[contain] error: can't execute '/etc'"
	refused 'working directory|/nonesuch' ctl exec -w /nonesuch "$NAME" /bin/true
	refused "no user 'nonesuch'" ctl exec -u nonesuch "$NAME" /bin/true
	refused '--tty and --no-tty' ctl exec -t -T "$NAME" /bin/true
	refused '--tty and --detach' ctl exec -t -d "$NAME" /bin/true
	refused '-e' ctl exec -e =b "$NAME" /bin/true
	told running
}

# bats test_tags=kernel
@test "into a container that is created, paused, stopped or not there" {
	made_by create -- /bin/true
	refused "'$NAME' is created, not running" ctl exec "$NAME" /bin/true
	good delete -f "$NAME"
	background
	good pause "$NAME"
	refused "'$NAME' is paused: resume it first" ctl exec "$NAME" /bin/true
	good resume "$NAME"
	good stop "$NAME"
	refused "'$NAME' is not running" ctl exec "$NAME" /bin/true
	refused "no container '$NAME-none'" ctl exec "$NAME-none" /bin/true
}

@test "standard input, output and errors are the caller's" {
	background
	# Without -q: no messages but errors.
	attempt ctl exec "$NAME" /bin/sh -c 'cat; echo error >&2' <<<'a line'
	same '0 a line error' "$status $output $stderr"
	same 300000 "$(head -c 300000 /dev/zero | ctl -q exec "$NAME" cat | wc -c)"
}

@test "-e adds to the environment of the container, or passes one on" {
	background --env A=1 --env B=2
	in_it /usr/bin/env
	has "$output" A=1 B=2 PATH= HOME=/root
	export C=passed
	in_it -e B=3 -e C -e D= /usr/bin/env
	same $'A=1\nB=3\nC=passed\nD=\nHOME=/root\nPATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' "$(sort <<<"$output")"
	attempt ctl -q exec -e PATH=/nonesuch "$NAME" true
	same 127 "$status"
	has "$stderr" PATH=/nonesuch
}

@test "-w: the working directory, which is else that of the container" {
	background --workdir /tmp
	in_it /bin/pwd
	same /tmp "$output"
	in_it -w /etc /bin/pwd
	same /etc "$output"
	refused "-w|'etc'|not absolute" ctl exec -w etc "$NAME" /bin/pwd
}

@test "-u: the user, who is else that of the container" {
	background --user nobody --group 100
	tell_and_hear id
	in_it id
	same "$heard" "$output"
	has "$output" 'uid=65534(nobody)' 100
	in_it -u root /bin/sh -c 'id -u; id -g; id -G; echo $HOME'
	same '0 0 0 /root' "${output//$'\n'/ }"
	in_it -u 1234:5 /bin/sh -c 'id -u; id -g; id -G; grep -E "^Cap(Eff|Prm|Amb)" /proc/self/status | cut -f 2'
	same '1234 5 5 0000000000000000 0000000000000000 0000000000000000' "${output//$'\n'/ }"
}

@test "-d: does not wait, and the output goes nowhere" {
	local word
	background
	mkfifo -m 666 "$IO/joined"
	exec {AT}<>"$IO/joined"
	good exec -d "$NAME" -- /bin/sh -c 'echo noise; for i in 0 1 2; do readlink /proc/$$/fd/$i; done | sort -u >/mnt/joined
		echo ready >/mnt/joined; read -r word </mnt/go'
	same '' "$output"
	read -r -t "$DEADLINE" word <&"$AT"
	same /dev/null "$word"
	read -r -t "$DEADLINE" word <&"$AT"
	same ready "$word"
	same 2 "$(ctl ps --json "$NAME" | jq length)"
	attempt ctl -q exec -d "$NAME" nonesuch
	same 127 "$status"
	refused 'working directory' ctl exec -d -w /nonesuch "$NAME" /bin/true
	# It ends with the container.
	good stop "$NAME"
}

@test "exec -d in \$(...) returns at once" {
	background
	same '' "$(ctl -q exec -d "$NAME" /bin/sleep 1000 2>&1)"
	same 2 "$(ctl ps --json "$NAME" | jq length)"
}

# Of /proc/PID/status what a seal may change.
rights() {
	grep -E '^(Cap...|NoNewPrivs|Seccomp|SigBlk|SigIgn):' "/proc/$1/status"
}

@test "capabilities are those of the first process, which a seal took some from" {
	background --plugin-dir "$HELPERS/plugins" --enable drop
	[[ $(rights "$INIT") != "$(rights self)" ]] || fail 'the first process has all capabilities'
	joined
	same "$(rights "$INIT")" "$(rights "$JOINED")"
	leave
}

@test "as root of a container whose user is another: sealed as that one was" {
	background --plugin-dir "$HELPERS/plugins" --enable drop --set drop.keep=none --user nobody
	joined -u root
	same "$(sed -n 's/^CapBnd:\t//p' "/proc/$INIT/status")" "$(sed -n 's/^CapBnd:\t//p' "/proc/$JOINED/status")"
	same 0000000000000000 "$(sed -n 's/^CapEff:\t//p' "/proc/$JOINED/status")"
	leave
}

@test "seal hooks run, and no others" {
	background --plugin-dir "$HELPERS/plugins" --enable probe
	attempt ctl exec "$NAME" /bin/true
	same 0 "$status"
	same '[contain] probe: child_seal' "$stderr"
	attempt ctl exec -d "$NAME" /bin/true
	same '[contain] probe: child_seal' "$stderr"
}

@test "a seal hook that fails: no command, and the container runs on" {
	background --plugin-dir "$HELPERS/plugins" --enable probe --set probe.quiet=yes --set probe.fail=child_late
	# From now on it means the hook.
	sed -i 's/child_late/child_seal/' "$STATE/$NAME/config"
	refused 'probe: told to fail in child_seal' ctl exec "$NAME" /bin/touch "/mnt/ran"
	[[ ! -e $IO/ran ]]
	refused 'probe: told to fail in child_seal' ctl exec -d "$NAME" /bin/touch "/mnt/ran"
	told running
}

@test "clean: descriptors 0, 1 and 2 alone, signals, umask, a session" {
	background
	umask 077
	exec 7</etc/passwd 8</
	attempt nohup env --ignore-signal=HUP,PIPE,USR1 "$CONTAIN" -q --root "$STATE" exec "$NAME" /bin/sh -c \
		'for f in /proc/$$/fd/*; do echo ${f##*/}; done; umask; grep -E "^Sig(Blk|Ign|Cgt)" /proc/self/status | cut -f 2; cut -d " " -f 1,5,6 /proc/$$/stat'
	umask 022
	same 0 "$status"
	has "${output//$'\n'/ }" '0 1 2 ' ' 0022 0000000000000000 0000000000000000 0000000000000000 '
	# Without a terminal: a session of its own.
	matches "$(tail -n 1 <<<"$output")" '^([0-9]+) \1 \1$'
}

@test "signals are passed on to the command of exec alone" {
	background
	joined
	printf '%s\n' 'trap "exit 9" USR1; trap "exit 8" TERM; echo set >/mnt/joined; while :; do sleep 1000 & wait $!; done' >&"$LEAVE"
	read -r -t "$DEADLINE" word <&"$AT"
	kill -TERM "$EXEC"
	wait_for is_dead "$EXEC"
	status=0
	wait "$EXEC" || status=$?
	same 8 "$status"
	told running
}

@test "the end of the container is that of the command" {
	background
	joined
	tell 'exit 0'
	wait_for is_dead "$EXEC"
	status=0
	wait "$EXEC" || status=$?
	same 137 "$status"
	good wait "$NAME"
	same 0 "$output"
}

@test "exec itself is killed: so is its command, and the container runs on" {
	background
	joined
	kill -KILL "$EXEC"
	wait_for is_dead "$JOINED"
	wait "$EXEC" || :
	told running
	in_it /bin/echo still here
	same 'still here' "$output"
}

# bats test_tags=kernel
@test "an exec that runs counts for the limits of the container" {
	background --memory 32M
	attempt ctl -q exec "$NAME" /bin/sh -c 'head -c 100m /dev/zero | tail | wc -c'
	[[ $status != 0 || $output == 0 ]] || fail "no limit: $output"
}

@test "many at once: each has its exit status" {
	local i pids=()
	background --pids 100
	for i in 1 2 3 4 5 6 7 8; do
		ctl -q exec "$NAME" /bin/sh -c "exit $i" 3>&- &
		pids+=("$!")
	done
	for i in 1 2 3 4 5 6 7 8; do
		status=0
		wait "${pids[i - 1]}" || status=$?
		same "$i" "$status"
	done
	told running
	same 1 "$(ctl ps --json "$NAME" | jq length)"
}

@test "flags of exec end at the container's name; -- is allowed behind it" {
	background
	in_it /bin/echo -e --env x
	same '--env x' "$output"
	good exec "$NAME" -- /bin/echo a
	same a "$output"
	good exec -- "$NAME" /bin/echo b
	same b "$output"
}
