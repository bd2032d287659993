#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2154,SC2016,SC2030,SC2031 # variables of bats; scripts of the container in quotes
# How a container ends: exit status, signals, the death of its parent.
load common

@test "the exit status is the command's own" {
	local number
	for number in 0 1 42 125 126 127 255; do
		attempt contain_run -q -- /bin/sh -c "exit $number"
		same "$number " "$status $stderr"
	done
}

@test "128 and the signal's number" {
	hold
	kill -KILL "$INIT"
	end_of_start
	same 137 "$status"
}

@test "a command that is a shell's child and dies of a signal" {
	attempt contain_run -q -- /bin/sh -c '/bin/sh -c "kill -SEGV \$\$"; exit $?'
	same 139 "$status"
}

@test "without pidns the command's own signal is the status" {
	attempt contain_run --disable pidns --disable proc -- /bin/sh -c 'kill -TERM $$'
	same 143 "$status"
	has "$stderr" '[contain] container exited: signal 15 (SIGTERM)'
	attempt contain_run --disable pidns --disable proc --report report -- /bin/sh -c 'kill -ABRT $$'
	same '134 SIGABRT' "$status $(jq -r .signal report)"
}

@test "126: it cannot be executed" {
	own_rootfs
	echo 'echo hello' >"$ROOTFS/not-executable"
	printf '\x7fELF nonsense' >"$ROOTFS/broken"
	: >"$ROOTFS/empty"
	mkfifo -m 755 "$ROOTFS/fifo"
	chmod 755 "$ROOTFS/broken" "$ROOTFS/empty"
	local name
	for name in not-executable broken empty fifo etc; do
		attempt contain_run -q -- "/$name"
		same 126 "$status"
		has "$stderr" "can't execute '/$name'"
	done
	# Not for this user.
	install -m 700 "$ROOTFS/bin/busybox" "$ROOTFS/rootonly"
	attempt contain_run -q --user nobody -- /rootonly true
	same 126 "$status"
	has "$stderr" "can't execute '/rootonly': Permission denied"
	attempt contain_run -q --set process.workdir=/ --volume "$ROOTFS/bin:/mnt:noexec" -- /mnt/busybox true
	same 126 "$status"
}

@test "127: it is not there" {
	own_rootfs
	attempt contain_run -q -- /nonesuch
	same 127 "$status"
	has "$stderr" "[contain] error: command not found: the container has no /nonesuch"
	attempt contain_run -q -- nonesuch
	same 127 "$status"
	has "$stderr" 'command not found' "'nonesuch'" 'PATH=/usr/local/sbin'
	attempt contain_run -q --env PATH=/opt -- sh
	same 127 "$status"
	has "$stderr" 'PATH=/opt'
	attempt contain_run -q -- /etc/passwd/x
	same 127 "$status"
	# The host's programs are none.
	attempt contain_run -q -- "$BATS_TEST_FILENAME"
	same 127 "$status"
	printf '#!/no/such/interpreter\n' >"$ROOTFS/script"
	chmod 755 "$ROOTFS/script"
	attempt contain_run -q -- /script
	same 127 "$status"
	has "$stderr" interpreter
	attempt contain_run -q -- ''
	same 127 "$status"
	# What is not executable in one directory of PATH may be so in the next.
	mkdir "$ROOTFS/first"
	touch "$ROOTFS/first/echo"
	inside --env PATH=/first:/bin -- echo found
	same found "$output"
	attempt contain_run -q --env PATH=/first -- echo
	same 126 "$status"
}

@test "the working directory is no place to look for a command" {
	own_rootfs
	ln -s busybox "$ROOTFS/bin/mine"
	cp "$ROOTFS/bin/busybox" "$ROOTFS/tmp/evil"
	attempt contain_run -q --env PATH=: --workdir /tmp -- evil
	same 127 "$status"
}

@test "a descriptor that the caller left open is no way to a command of the host" {
	local fd
	cp "$ROOTFS/bin/busybox" echo
	exec 7<"$TMP" 8</
	for fd in {3..20}; do
		attempt contain_run -q -- "/proc/self/fd/$fd/echo" reached
		same "127 " "$status $output"
		attempt contain_run -q -- "/proc/self/fd/$fd$TMP/echo" reached
		same "127 " "$status $output"
	done
	exec 7<&- 8<&-
}

@test "TERM to contain reaches a command with a trap" {
	HELD='trap "echo trapped >/mnt/ready; exit 33" TERM' hold
	kill -TERM "$PID"
	read -r -t "$DEADLINE" word <&"$READY"
	same trapped "$word"
	end_of_start
	same 33 "$status"
}

@test "other signals are passed on too" {
	local name
	for name in HUP INT QUIT USR1 USR2 ALRM; do
		HELD="trap 'echo $name >/mnt/ready; exit 5' $name" hold
		kill -s "$name" "$PID"
		read -r -t "$DEADLINE" word <&"$READY"
		same "$name" "$word"
		end_of_start
		same 5 "$status"
	done
}

@test "what the caller ignores stays ignored, as by nohup" {
	(
		trap '' HUP
		exec env --ignore-signal=HUP "$CONTAIN" --root "$STATE" run --name "$NAME" --rootfs "$ROOTFS" --volume "$TMP:/mnt" -- \
			/bin/sh -c 'echo started >/mnt/started; while [ ! -e /mnt/go ]; do usleep 10000; done; exit 4' 3>&-
	) &
	PID=$!
	STARTED+=("$PID")
	wait_for file_has started started
	kill -HUP "$PID"
	touch go
	end_of_start
	same 4 "$status"
}

@test "a first process that does not catch TERM: the second one within two seconds kills" {
	hold
	kill -TERM "$PID"
	wait_for file_has messages 'does not catch SIGTERM'
	is_dead "$INIT" && fail "dead already"
	kill -TERM "$PID"
	end_of_start
	same 137 "$status"
	file_has messages 'killing the container'
	file_has messages 'cleaning up cgroups'
}

@test "without pidns the first TERM ends the command" {
	hold --disable pidns --disable proc
	kill -TERM "$PID"
	end_of_start
	same 143 "$status"
}

@test "a reader of the messages who leaves does not end contain before its work is done" {
	mkfifo pipe ready go
	exec {reader}<>pipe {ready}<>ready {go}<>go
	"$CONTAIN" --root "$STATE" run --name "$NAME" --rootfs "$ROOTFS" --volume "$TMP:/mnt" -v -- \
		/bin/sh -c 'echo >/mnt/ready; read -r x </mnt/go; exit 6' 2>pipe 3>&- {reader}<&- &
	PID=$!
	STARTED+=("$PID")
	read -r -t "$DEADLINE" <&"$ready"
	exec {reader}<&-
	echo >&"$go"
	end_of_start
	same 6 "$status"
}

@test "processes that the command leaves behind are killed" {
	hold
	tell_and_hear 'sleep 1000 >/dev/null & (setsid sleep 1000 >/dev/null &) ; echo running'
	local kids
	mapfile -t kids < <(cgroup_file unified cgroup.procs)
	((${#kids[@]} == 3))
	release 'exit 0'
	same 0 "$status"
	for kid in "${kids[@]}"; do is_dead "$kid"; done
}

@test "SIGINT before the command runs undoes everything" {
	local hook
	for hook in parent_attach child_setup child_enter child_seal; do
		hold_in "$hook" --memory 64M -- /bin/true
		kill -INT "$PID"
		# A hook of the parent is not interrupted.
		[[ $hook != parent_attach ]] || echo >fifo
		end_of_start
		same 130 "$status"
		file_has messages 'interrupted by SIGINT'
	done
}

# ---- the parent is killed

# killed_parent [PATTERN]: what a SIGKILL of contain leaves: nothing that runs, and nothing that the record does not name.
# Removes it, as `gc` will.
killed_parent() {
	local place
	local -a recorded
	kill -KILL "$PID" 2>/dev/null || true
	wait_for is_dead "$PID"
	if [[ ${INIT-} ]]; then wait_for is_dead "$INIT"; fi
	[[ -f $STATE/$NAME/record ]] || { fail "no record"; return 1; }
	mapfile -t recorded < <(sed -n 's/^+\. cgroups //p' "$STATE/$NAME/record" | tail -n 1 | sed 's/\\n/\n/g' | sed '/^$/d')
	for place in $(awk '$3 ~ /^cgroup/ { print $2 }' /proc/self/mounts); do
		place=$place/contain-$NAME
		[[ -d $place ]] || continue
		[[ " ${recorded[*]} " == *" $place "* ]] || fail "not on record: $place" || return 1
		wait_for no_processes "$place"
	done
	for place in "${recorded[@]}"; do
		# Where a first process was killed, the kernel may still be busy with it.
		[[ ! -d $place ]] || wait_for rmdir "$place"
	done
	rm -r "${STATE:?}/$NAME"
}
@test "SIGKILL of the parent: the container dies with it, and what is left is on record" {
	hold --memory 64M --cpu 50000 --pids 64
	tell_and_hear 'sleep 1000 >/dev/null & (setsid sleep 1000 >/dev/null &); echo running'
	killed_parent
}

@test "SIGKILL of the parent, while the command is another user" {
	hold --user nobody
	killed_parent
}

@test "SIGKILL of the parent in the middle of each hook" {
	local hook
	for hook in parent_prepare parent_attach child_setup child_enter child_seal; do
		hold_in "$hook" --memory 64M --pids 64 -- /bin/true
		[[ $hook == parent_prepare || $INIT ]]
		killed_parent
	done
}

@test "the name of a container whose parent was killed is free again: what it left is removed first" {
	hold --memory 64M
	kill -KILL "$PID"
	wait_for is_dead "$PID"
	attempt contain_run -- /bin/echo again
	same '0 again' "$status $output"
	has "$stderr" "removing what was left of the container '$NAME'"
	is_dead "$INIT"
}

@test "SIGSTOP and SIGCONT of contain leave the command alone" {
	hold
	kill -STOP "$PID"
	tell_and_hear 'echo alive'
	same alive "$heard"
	kill -CONT "$PID"
	release 'exit 8'
	same 8 "$status"
}
