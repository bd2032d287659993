#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# bats file_tags=host
# shellcheck disable=SC2154,SC2016,SC2034,SC2153 # variables of bats and of common.bash; scripts in quotes
# The plugin hooks: where each program runs and what it finds, its end in every way, and nothing left of it.
load common
load life

HOST_PHASES='parent_prepare parent_attach child_setup parent_started teardown'

# script NAME LINE...: a program of the host, $TMP/NAME
script() {
	local name=$1
	shift
	printf '%s\n' '#!/bin/sh' "$@" >"$TMP/$name"
	chmod 755 "$TMP/$name"
}

# The same lines for a program of the host, $TMP/look, and of the image, /mnt/look: a file for each phase, $TMP/PHASE.json
# and $TMP/PHASE.facts.
looker() {
	local lines=('cat >"$OUT/$CONTAIN_PHASE.json"' 'exec >"$OUT/$CONTAIN_PHASE.facts"'
		'for ns in pid mnt uts; do readlink /proc/self/ns/$ns; done' 'id -u' 'id -g' 'echo "$CONTAIN_ID"'
		"[ -d '$TMP' ] && echo host || echo image")
	script look "${lines[@]}"
	chmod 777 "$TMP"
	chmod +t "$TMP"
}

facts() {
	cat "$TMP/$1.facts"
}
namespaces() {
	local ns
	for ns in pid mnt uts; do readlink "/proc/$1/ns/$ns"; done
}

# json PHASE FILTER
json() {
	jq -r "$2" "$TMP/$1.json"
}

# gone FILE...: the processes whose pids are in these files.
gone() {
	local file pid
	for file; do
		read -r pid <"$file"
		[[ $pid ]] || fail "no pid in $file" || return 1
		wait_for is_dead "$pid"
	done
}

# runs PROGRAM: a process that has it as an argument.
runs() {
	grep -lsqz "^$1\$" /proc/[0-9]*/cmdline
}

@test "where each program runs, and what it is told" {
	local phase flags=()
	looker
	for phase in $HOST_PHASES; do flags+=(--hook "$phase=OUT=$TMP $TMP/look"); done
	for phase in child_enter child_seal; do flags+=(--hook "$phase=OUT=/out /bin/sh /out/look"); done
	hold --user 1234:2345 --volume "$TMP:/out" "${flags[@]}"
	# On the host, with its namespaces, files and user.
	for phase in parent_prepare parent_attach parent_started; do
		same "$(namespaces self; printf '%s\n' 0 0 "$NAME" host)" "$(facts "$phase")"
	done
	# In the container, with the host's files; with its own; as the command's user.
	same "$(namespaces "$INIT" | sed 2d; printf '%s\n' 0 0 "$NAME" host)" "$(facts child_setup | sed 2d)"
	same "$(namespaces "$INIT"; printf '%s\n' 0 0 "$NAME" image)" "$(facts child_enter)"
	same "$(namespaces "$INIT"; printf '%s\n' 1234 2345 "$NAME" image)" "$(facts child_seal)"
	[[ $(facts child_setup) != *"$(readlink /proc/self/ns/mnt)"* ]] || fail "child_setup is in the host's mount namespace"
	# The state, with the pid by which the host knows the container.
	for phase in parent_attach child_setup child_enter child_seal parent_started; do
		same "$INIT" "$(json "$phase" .pid)"
	done
	same null "$(json parent_prepare .pid)"
	release
	same 0 "$status"
	same 'creating creating creating creating created running stopped' "$(for phase in parent_prepare parent_attach \
		child_setup child_enter child_seal parent_started teardown; do json "$phase" .status; done | xargs)"
	for phase in $HOST_PHASES child_enter child_seal; do
		same "$NAME $STATE/$NAME 1.0.2" "$(json "$phase" '"\(.id) \(.bundle) \(.ociVersion)"')"
	done
	same "$(namespaces self; printf '%s\n' 0 0 "$NAME" host)" "$(facts teardown)"
}

@test "a profile: words in quotes, settings in front, what they write" {
	script say 'printf "<%s>" "$@" "$A" "$B"; echo; echo behind >&2'
	profile "[profile]" "inherits = default.ini" "[plugins]" "hooks = on" "[hooks]" "env = A=all" "timeout = 30" \
		"parent_started = B=\"the second\" $TMP/say one 'two words' --timeout=3" "parent_started = $TMP/say again"
	attempt contain_run --profile ./test.ini --hook "parent_started=--timeout=5 A=own $TMP/say last" -- /bin/true
	same 0 "$status"
	same "[contain] hooks: running $TMP/say (parent_started)
[contain] hooks: $TMP/say: <one><two words><--timeout=3><all><the second>
[contain] hooks: $TMP/say: behind
[contain] hooks: running $TMP/say (parent_started)
[contain] hooks: $TMP/say: <again><all><>
[contain] hooks: $TMP/say: behind
[contain] hooks: running $TMP/say (parent_started)
[contain] hooks: $TMP/say: <last><own><>
[contain] hooks: $TMP/say: behind" "$(grep 'hooks: ' <<<"$stderr")"
	# On with nothing to run.
	inside --enable hooks -- /bin/true
}

@test "mistakes are refused before anything is done" {
	local phase
	script good 'exit 0'
	script bad 'exit 0'
	for phase in $HOST_PHASES; do
		refused "hooks|/nonesuch|No such file|$phase" contain_run --hook "$phase=/nonesuch x" -- /bin/true
		chmod 644 bad
		refused "$TMP/bad is not executable|chmod +x" contain_run --hook "$phase=$TMP/bad" -- /bin/true
		chmod 775 bad
		refused "$TMP/bad can be written by others|chmod go-w" contain_run --hook "$phase=$TMP/bad" -- /bin/true
		chmod 757 bad
		refused "$TMP/bad can be written by others|chmod go-w" contain_run --hook "$phase=$TMP/bad" -- /bin/true
		chmod 755 bad
		chown 65534 bad
		refused "$TMP/bad belongs to another user" contain_run --hook "$phase=$TMP/bad" -- /bin/true
		chown 0 bad
		inside --hook "$phase=$TMP/bad" -- /bin/true
		refused "$phase|'good' is not the absolute path" contain_run --hook "$phase=good" -- /bin/true
		refused "$phase|has a ' without an end" contain_run --hook "$phase=$TMP/good 'x" -- /bin/true
	done
	mkdir -m 777 open
	mv good open/
	refused "$TMP/open can be written by others" contain_run --hook "teardown=$TMP/open/good" -- /bin/true
	ln -s open/good link
	refused "$TMP/open can be written by others" contain_run --hook "teardown=$TMP/link" -- /bin/true
	refused "--hook|must begin with PHASE=|parent_prepare" contain_run --hook "$TMP/bad" -- /bin/true
	profile "[profile]" "inherits = default.ini" "[plugins]" "hooks = on" "[hooks]" "parent_start = $TMP/bad"
	refused "test.ini:6|parent_start|did you mean" contain_run --profile ./test.ini -- /bin/true
}

@test "the programs of who has called sudo, if contain is his" {
	script theirs 'echo theirs'
	chown 1234 theirs
	refused "$TMP/theirs belongs to another user" env SUDO_UID=1234 "$CONTAIN" --root "$STATE" run --name "$NAME" \
		--rootfs "$ROOTFS" --hook "teardown=$TMP/theirs" -- /bin/true
	mkdir -p own/bin own/lib
	cp "$CONTAIN" own/bin/
	cp -r "$CONTAIN_BUILD/etc" own/
	cp -r "$CONTAIN_BUILD/lib/contain" own/lib/
	chmod -R go-w own
	chown 1234 own/bin own/bin/contain
	attempt env SUDO_UID=1234 own/bin/contain --root "$STATE" run --name "$NAME" --rootfs "$ROOTFS" \
		--hook "teardown=$TMP/theirs" -- /bin/true
	same 0 "$status"
	has "$stderr" "hooks: $TMP/theirs: theirs"
	refused "$TMP/theirs belongs to another user" own/bin/contain --root "$STATE" run --name "$NAME" \
		--rootfs "$ROOTFS" --hook "teardown=$TMP/theirs" -- /bin/true
}

@test "a program that fails ends the run; in teardown it is a warning" {
	local phase
	script fails 'echo some words' 'echo what is wrong' 'exit 3'
	script undo 'echo undone'
	for phase in parent_prepare parent_attach child_setup parent_started; do
		refused "hooks: the program of $phase failed: $TMP/fails ended with exit status 3; its last line: what is wrong" \
			contain_run --hook "$phase=$TMP/fails" --hook "$phase=/bin/echo never" --hook "teardown=$TMP/undo" -- /bin/true
		has "$stderr" "hooks: $TMP/undo: undone"
		lacks "$stderr" never
	done
	for phase in child_enter child_seal; do
		refused "hooks: the program of $phase failed: /bin/sh was killed by signal 11 (SIGSEGV); its last line: inside" \
			contain_run --hook "$phase=/bin/sh -c 'echo inside; kill -SEGV \$\$'" --hook "teardown=$TMP/undo" \
			--volume "$TMP:/mnt" -- /bin/touch /mnt/ran
		has "$stderr" "hooks: $TMP/undo: undone"
		refused "the program of $phase failed: /nonesuch can't be executed: the container has no such file" \
			contain_run --hook "$phase=/nonesuch" -- /bin/true
		refused "the program of $phase failed: /etc/passwd can't be executed: Permission denied" \
			contain_run --hook "$phase=/etc/passwd" -- /bin/true
	done
	[[ ! -e ran ]] || fail "the command ran"
	attempt contain_run --hook "teardown=$TMP/fails" --hook "teardown=$TMP/undo" -- /bin/sh -c 'exit 7'
	same 7 "$status"
	has "$stderr" "warning: hooks: the program of teardown failed: $TMP/fails ended with exit status 3; its last line: what is wrong" \
		"hooks: $TMP/undo: undone"
}

@test "a time limit, in each phase" {
	local phase
	script slow 'echo $$ >"$OUT/pid"; sleep 1000 & echo $! >"$OUT/other"; wait'
	for phase in parent_prepare parent_attach child_setup parent_started; do
		rm -f pid other
		refused "the program of $phase failed: $TMP/slow was killed, as it did not end within 1 s|--timeout=SECONDS" \
			contain_run --hook "$phase=--timeout=1 OUT=$TMP $TMP/slow" -- /bin/true
		# In another pid namespace these are other numbers.
		[[ $phase == child_setup ]] || gone pid other
		! runs "$TMP/slow" || fail "it still runs"
	done
	for phase in child_enter child_seal; do
		refused "the program of $phase failed: /bin/sh was killed, as it did not end within 1 s" \
			contain_run --set hooks.timeout=1 --hook "$phase=/bin/sh -c 'sleep 1000 & wait'" -- /bin/true
	done
	attempt contain_run --set hooks.timeout=1 --hook "teardown=OUT=$TMP $TMP/slow" -- /bin/true
	same 0 "$status"
	has "$stderr" "warning: hooks: the program of teardown failed: $TMP/slow was killed, as it did not end within 1 s"
	gone pid other
}

@test "what a program leaves in its process group ends with it, also in the container" {
	script leaves 'sleep 1000 & echo $! >"$OUT/left"'
	inside --hook "parent_started=OUT=$TMP $TMP/leaves" -- /bin/true
	gone left
	# Without a zombie for the command to wait for.
	inside --hook "child_enter=/bin/sh -c 'sleep 1000 & sleep 1000 &'" -- /bin/sh -c 'ls -d /proc/[0-9]*'
	same /proc/1 "$output"
}

# started_in PHASE FLAGS -- COMMAND: contain waits for a program of that phase, $TMP/waits, whose pids are in $TMP/pids.
waiter() {
	local word
	[[ -p at ]] || mkfifo at
	exec {AT}<>"$TMP/at"
	# The shell is the program, and what it waits for another process of it.
	script waits 'sleep 1000 &' 'echo $$ >"$OUT/first"; echo $! >"$OUT/second"' 'echo here >"$OUT/at"' wait
	start "$@"
	read -r -t "$DEADLINE" word <&"$AT" || fail "the program did not run:" "$(<messages)"
}

@test "SIGKILL to contain while a program runs: it ends too, and gc runs the teardown, once" {
	local phase
	script undo 'echo undone >>"$OUT/undone"'
	for phase in parent_prepare parent_attach child_setup parent_started; do
		rm -f undone
		waiter --hook "$phase=OUT=$TMP $TMP/waits" --hook "teardown=OUT=$TMP $TMP/undo" -- /bin/sleep 1000
		INIT=$(first_process)
		kill -KILL "$PID"
		wait_for is_dead "$PID"
		[[ $phase == child_setup ]] || gone first second
		[[ ! $INIT ]] || wait_for is_dead "$INIT"
		! runs "$TMP/waits" || fail "$phase: it still runs"
		[[ ! -e undone ]] || fail "$phase: undone by whom?"
		attempt ctl -q gc
		same 0 "$status"
		same undone "$(<undone)"
		[[ ! -e $STATE/$NAME ]] || fail "$phase: gc has left it"
		attempt ctl -q gc
		same undone "$(<undone)"
	done
}

@test "SIGKILL to contain while a program of the image runs" {
	local phase
	for phase in child_enter child_seal; do
		waiter --volume "$TMP:/mnt" --hook "$phase=OUT=/mnt /bin/sh /mnt/waits" -- /bin/true
		INIT=$(first_process)
		kill -KILL "$PID"
		wait_for is_dead "$PID"
		wait_for is_dead "$INIT"
		wait_for no_processes "$(cgroup_mount pids)/contain-$NAME"
		good gc
	done
}

@test "SIGKILL to contain while a teardown runs: gc calls that one once more, and none that had its turn" {
	local hooks=(--hook "teardown=OUT=$TMP $TMP/first-one" --hook "teardown=OUT=$TMP $TMP/waits")
	script first-one 'echo first >>"$OUT/undone"'
	waiter "${hooks[@]}" -- /bin/true
	kill -KILL "$PID"
	wait_for is_dead "$PID"
	gone first second
	same first "$(<undone)"
	script waits 'echo second >>"$OUT/undone"'
	good gc
	same $'first\nsecond' "$(<undone)"
}

@test "a container that stays: start runs those of its phases, exec none, delete the teardown, once" {
	script note 'echo "$CONTAIN_PHASE" >>"$OUT/notes"'
	local phase flags=()
	for phase in $HOST_PHASES; do flags+=(--hook "$phase=OUT=$TMP $TMP/note"); done
	for phase in child_enter child_seal; do flags+=(--hook "$phase=OUT=/mnt /bin/sh /mnt/note"); done
	made_by create "${flags[@]}" --volume "$TMP:/mnt" -- /bin/sleep 1000
	same 'parent_prepare parent_attach child_setup child_enter' "$(xargs <notes)"
	: >notes
	good start "$NAME"
	same 'child_seal parent_started' "$(xargs <notes)"
	: >notes
	good exec "$NAME" /bin/echo inside
	same "inside " "$output $(<notes)"
	good delete --force "$NAME"
	same teardown "$(<notes)"
	# With a monitor, which is the one who undoes it; delete finds it done.
	: >notes
	made_by run "${flags[@]}" --volume "$TMP:/mnt" -- /bin/true
	good wait "$NAME"
	same teardown "$(tail -n 1 notes)"
	good delete "$NAME"
	same 'parent_prepare parent_attach child_setup child_enter child_seal parent_started teardown' "$(xargs <notes)"
}

# ---- an image that is hostile

@test "much output: a part is shown, and the run goes on" {
	local phase
	for phase in child_enter child_seal; do
		attempt contain_run --hook "$phase=/bin/sh -c 'yes some words | head -c 10000000; echo; echo the end'" -- /bin/echo ran
		same "0 ran" "$status $output"
		has "$stderr" 'hooks: /bin/sh: some words' 'hooks: /bin/sh: writes more, which is not shown'
		((${#stderr} < 200000)) || fail "${#stderr} bytes of messages"
		# No line without its end, and no control character for the terminal.
		attempt contain_run --hook "$phase=/bin/sh -c 'head -c 10000000 /dev/zero; printf \"\\033[2J\"'" -- /bin/echo ran
		same "0 ran" "$status $output"
		((${#stderr} < 10000)) || fail "${#stderr} bytes of messages"
		lacks "$stderr" $'\033'
	done
}

@test "a program of the image can't look into our process, nor stop its time" {
	local phase
	# Numbers of descriptors and addresses may be seen, but neither what is behind them.
	script tries 'for pid in 1 $SUPERVISOR; do' 'readlink /proc/$pid/exe && echo "exe of $pid"' \
		'for fd in /proc/$pid/fd/*; do readlink $fd && echo "link of $fd"; done' \
		'(: </proc/$pid/mem) && echo "memory of $pid"' 'done 2>/dev/null; true'
	chmod 755 "$TMP"
	for phase in child_enter child_seal; do
		attempt contain_run --volume "$TMP:/mnt" --hook "$phase=/bin/sh -c 'SUPERVISOR=\$PPID /bin/sh /mnt/tries; echo tried'" -- /bin/true
		same 0 "$status"
		has "$stderr" ': tried'
		lacks "$stderr" 'exe of' 'link of' 'memory of'
		refused "the program of $phase failed: /bin/sh was killed, as it did not end within 1 s" contain_run \
			--hook "$phase=--timeout=1 /bin/sh -c 'kill -STOP \$PPID; while :; do sleep 1000; done'" -- /bin/true
	done
}

@test "a program of the image counts among the container's processes" {
	refused "the program of child_enter failed|can't be started|--pids" contain_run --pids 2 \
		--hook "child_enter=/bin/true" -- /bin/true
	inside --pids 3 --hook "child_enter=/bin/true" -- /bin/true
}
