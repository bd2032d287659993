#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# bats file_tags=host
# shellcheck disable=SC2154,SC2016,SC2153 # variables of bats and common.bash; scripts of the container in quotes
# A hook that crashes is told by its plugin and its name, whoever calls it, and nothing is left behind: in the parent a fresh
# image of contain undoes what was done. The plugin is plugins/probe.c, with crash= and how=.
load common
load life

PLUGINS=$HELPERS/plugins

# crashing HOOK [HOW]: flags for a plugin that crashes there, and one beside it that does not; $left is what they make.
crashing() {
	left=$TMP/left
	flags=(--plugin-dir "$PLUGINS" --enable probe-a --enable probe-b --set "probe-b.crash=$1" --set "probe-b.how=${2-segv}"
		--set "probe-b.leave=$left" --set probe-a.quiet=yes --set probe-b.quiet=yes)
}

# What it is called in the message.
signal_of() {
	case $1 in
	abort) echo 'signal 6 (SIGABRT)' ;;
	segv) echo 'signal 11 (SIGSEGV), at address 0x8' ;;
	stack) echo 'signal 11 (SIGSEGV), at address 0x' ;;
	bus) echo 'signal 7 (SIGBUS)' ;;
	ill) echo 'signal 4 (SIGILL)' ;;
	fpe) echo 'signal 8 (SIGFPE)' ;;
	trap) echo 'signal 5 (SIGTRAP)' ;;
	sys) echo 'signal 31 (SIGSYS)' ;;
	esac
}

# nothing_left: of the container and its plugins.
nothing_left() {
	no_cgroups || fail "a cgroup is left"
	[[ ! -e $STATE/$NAME ]] || fail "the state directory is left"
	[[ ! -e $left ]] || fail "what the plugin has made is left"
}

# bats test_tags=kernel
@test "run: every hook, in the child and in the parent" {
	local hook
	for hook in configure parent_prepare parent_attach child_setup child_enter child_seal parent_started report; do
		crashing "$hook"
		refused "probe-b: crashed in $hook: $(signal_of segv)" contain_run --memory 64M "${flags[@]}" -- /bin/true
		nothing_left
	done
}

@test "run: every signal of a crash, and a stack that is used up" {
	local how hook
	for how in abort stack bus ill fpe trap sys; do
		for hook in child_setup parent_prepare; do
			crashing "$hook" "$how"
			refused "probe-b: crashed in $hook: $(signal_of "$how")" contain_run "${flags[@]}" -- /bin/true
			nothing_left
		done
	done
}

@test "the command does not run, or is ended" {
	crashing child_seal
	attempt contain_run -q --volume "$TMP:/mnt" "${flags[@]}" -- /bin/touch /mnt/ran
	same 125 "$status"
	[[ ! -e ran ]]
	mkfifo ready
	crashing parent_started
	# It has begun by then, or not yet; and it would not end by itself.
	refused 'crashed in parent_started' contain_run --volume "$TMP:/mnt" "${flags[@]}" -- /bin/sleep 1000
	nothing_left
}

@test "a teardown that crashes: told once, the others are called, and what it has made stays on record" {
	crashing teardown
	attempt contain_run "${flags[@]}" --set probe-a.quiet=no -- /bin/true
	same 125 "$status"
	same "[contain] error: probe-b: crashed in teardown: $(signal_of segv)" "$(grep 'error: ' <<<"$stderr")"
	has "$stderr" 'probe-a: teardown' 'cleaning up cgroups'
	no_cgroups
	grep -q '^+probe-b left ' "$STATE/$NAME/record"
	# Two that crash: each is told, and that is the end.
	attempt contain_run "${flags[@]}" --name "$NAME-two" --set "probe-b.leave=$TMP/two" --set probe-a.crash=teardown -- /bin/true
	same 125 "$status"
	same $'probe-b\nprobe-a' "$(sed -n 's/^\[contain\] error: \([a-z-]*\): crashed in teardown: .*/\1/p' <<<"$stderr")"
	rm -r "${STATE:?}/$NAME" "$STATE/$NAME-two"
}

@test "delete and gc: one whose teardown crashes keeps nobody else from being removed" {
	local name
	crashing teardown
	good create --name "$NAME" --rootfs "$ROOTFS" "${flags[@]}" -- /bin/true
	for name in "$NAME-0" "$NAME-x"; do good create --name "$name" --rootfs "$ROOTFS" -- /bin/true; done
	refused "probe-b: crashed in teardown" ctl delete --force "$NAME-0" "$NAME" "$NAME-x"
	same "$NAME" "$(ctl list -q)"
	no_cgroups
	refused "probe-b: crashed in teardown" ctl delete --force "$NAME"
	for name in "$NAME-0" "$NAME-x"; do
		good create --name "$name" --rootfs "$ROOTFS" -- /bin/true
		kill -KILL "$(pid_of "$name")"
		wait_for eval "[[ \$(pid_of $name) == 0 ]]"
	done
	refused "probe-b: crashed in teardown" ctl gc
	same "$NAME" "$(ctl list -q)"
	# Nor does a new one of that name run.
	refused "probe-b: crashed in teardown" contain_run -- /bin/true
	rm -r "${STATE:?}/$NAME"
}

@test "create, and start, which undoes as little as after any other failure" {
	crashing parent_attach
	refused 'probe-b: crashed in parent_attach' ctl create --name "$NAME" --rootfs "$ROOTFS" "${flags[@]}" -- /bin/true
	nothing_left
	crashing parent_started
	good create --name "$NAME" --rootfs "$ROOTFS" "${flags[@]}" -- /bin/sleep 1000
	refused 'probe-b: crashed in parent_started' ctl start "$NAME"
	same running "$(listed)"
	good delete --force "$NAME"
	crashing child_seal
	good create --name "$NAME" --rootfs "$ROOTFS" "${flags[@]}" -- /bin/sleep 1000
	refused 'probe-b: crashed in child_seal' ctl start "$NAME"
	good delete "$NAME"
	nothing_left
}

@test "run -d: its caller is told" {
	local hook
	for hook in parent_prepare child_enter parent_started; do
		crashing "$hook"
		refused "probe-b: crashed in $hook" contain_run -d "${flags[@]}" -- /bin/sleep 1000
		nothing_left
	done
	# Later there is nobody to tell but the log; how it ended is kept.
	crashing report
	background --log log "${flags[@]}"
	tell 'exit 3'
	good wait "$NAME"
	same 3 "$output"
	wait_for file_has log 'probe-b: crashed in report'
	wait_for test ! -e "$left"
	told 'stopped (3)'
	good delete "$NAME"
}

@test "exec: a hook of the process that joins; the container runs on" {
	crashing nowhere
	background "${flags[@]}"
	good update "$NAME" --set probe-b.crash=child_seal
	refused 'probe-b: crashed in child_seal' ctl exec "$NAME" /bin/true
	told running
	good delete --force "$NAME"
}

@test "update and stats: the container runs on, with what is on record" {
	crashing nowhere
	background "${flags[@]}"
	refused 'probe-b: crashed in update' ctl update "$NAME" --set probe-b.crash=update
	told running
	good update "$NAME" --set probe-b.crash=report
	refused 'probe-b: crashed in report' ctl stats --no-stream "$NAME"
	refused 'probe-b: crashed in report' ctl inspect "$NAME"
	same running "$(listed)"
	good delete --force "$NAME"
	nothing_left
}

@test "in the format of the log, in the log, and in the report" {
	crashing parent_attach
	attempt contain_run --log-format json "${flags[@]}" -- /bin/true
	same "error probe-b: crashed in parent_attach: $(signal_of segv)" "$(jq -r 'select(.level == "error") | "\(.level) \(.msg)"' <<<"$stderr")"
	echo before >log
	attempt contain_run -q --log log --report report "${flags[@]}" -- /bin/true
	same "[contain] error: probe-b: crashed in parent_attach: $(signal_of segv)" "$stderr"
	same $'before\n'"$stderr" "$(<log)"
	same "125 crashed in parent_attach: $(signal_of segv)" "$(jq -r '"\(.exit_status) \(.error)"' report)"
	attempt contain_run -v "${flags[@]}" -- /bin/true
	matches "$stderr" 'probe-b: parent_attach \(did not return\)'
	nothing_left
	# A report that is written by then stays.
	crashing teardown
	attempt contain_run -q --report report "${flags[@]}" -- /bin/true
	same '125 0' "$status $(jq -r .exit_status report)"
	rm -r "${STATE:?}/$NAME"
}

@test "a signal of that kind that somebody sends is the command's, as any other" {
	local word
	pipes
	start -q --volume "$IO:/mnt" --enable probe-a --plugin-dir "$PLUGINS" --set probe-a.quiet=yes -- /bin/sh -c \
		'for s in ABRT SEGV SYS TRAP; do trap "echo $s >/mnt/ready" $s; done; trap "exit 4" TERM; echo ready >/mnt/ready
		while :; do sleep 1000 & wait $!; kill $! 2>/dev/null; done'
	read -r -t "$DEADLINE" word <&"$READY"
	# The second one, too.
	for word in ABRT SEGV SYS TRAP ABRT SEGV; do
		kill "-$word" "$PID"
		read -r -t "$DEADLINE" heard <&"$READY" || fail "$word did not arrive"
		same "$word" "$heard"
	done
	kill -TERM "$PID"
	end_of_start
	same 4 "$status"
}

@test "the command has no handler of ours, and no signal is blocked or ignored" {
	inside --plugin-dir "$PLUGINS" --enable probe-a --set probe-a.quiet=yes -- /bin/grep -E '^Sig(Blk|Ign|Cgt)' /proc/self/status
	same 'SigBlk:0000000000000000 SigIgn:0000000000000000 SigCgt:0000000000000000' "$(tr -d '\t' <<<"$output" | paste -sd ' ')"
}

@test "one that somebody sends to the child in a hook is no crash" {
	# A first process of a pid namespace has no use for it, once it is the command.
	hold_in child_enter -- /bin/true
	kill -SEGV "$INIT"
	proceed
	same 0 "$status"
	lacks "$(<"$TMP/messages")" crashed
}
