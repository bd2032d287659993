#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# bats file_tags=host
# shellcheck disable=SC2154 # variables of bats
# What contain says, in which order, and where.
load common

# messages_are PATTERN...: the lines of $stderr, one for each pattern.
messages_are() {
	local i
	local -a found
	mapfile -t found <<<"$stderr"
	for ((i = 0; i < $#; i++)); do
		# shellcheck disable=SC2053 # patterns
		[[ ${found[i]-} == ${*:i+1:1} ]] || fail "line $((i + 1)) is not '${*:i+1:1}':" "$stderr" || return 1
	done
	((${#found[@]} == $#)) || fail "${#found[@]} lines instead of $#:" "$stderr"
}

@test "the lines of a run, in the order in which things happen" {
	ln -s "$CONTAIN_ROOTFS" rootfs
	attempt contain_run --rootfs ./rootfs --memory 64M --hostname sandbox -- /bin/sh -c 'hostname'
	same 0 "$status"
	same sandbox "$output"
	messages_are '\[contain] applying cgroup limits: memory=64M' \
		'\[contain] creating namespaces: pid uts mnt ipc cgroup net' \
		'\[contain] setting hostname: sandbox' \
		'\[contain] setting up rootfs: ./rootfs' \
		'\[contain] mounting /proc' \
		'\[contain] pivoting root' \
		'\[contain] running: /bin/sh' \
		'\[contain] container exited: exit status 0' \
		'\[contain] peak memory: *' '\[contain] cpu time: *' '\[contain] peak processes: *' '\[contain] wall time: *' \
		'\[contain] cleaning up cgroups'
}

# bats test_tags=kernel
@test "a line for each limit, before the namespaces" {
	attempt contain_run --memory 128M --cpu 50000 --pids 64 -- /bin/true
	same 0 "$status"
	messages_are '\[contain] applying cgroup limits: memory=128M' '\[contain] applying cgroup limits: cpu=50000' \
		'\[contain] applying cgroup limits: pids=64' '\[contain] creating namespaces: *' '*' '*' '*' '*' '*' '*' \
		'*' '*' '*' '*' '*'
}

@test "only what is made is named: minimal.ini, and netns" {
	attempt contain_run --profile minimal.ini -- /bin/true
	has "$stderr" $'[contain] creating namespaces: pid uts mnt\n'
	lacks "$stderr" 'applying'
	attempt contain_run --profile minimal.ini --enable netns -- /bin/true
	has "$stderr" $'[contain] creating namespaces: pid uts mnt net\n'
}

@test "how the container ended" {
	attempt contain_run -- /bin/sh -c 'exit 3'
	has "$stderr" '[contain] container exited: exit status 3'
	hold
	kill -KILL "$INIT"
	end_of_start
	same 137 "$status"
	has "$(<messages)" '[contain] container exited: signal 9 (SIGKILL)'
}

@test "standard output is the command's alone" {
	attempt contain_run -v -- /bin/echo out
	same out "$output"
	attempt contain_run -q -- /bin/sh -c 'echo err >&2'
	same err "$stderr"
	same '' "$output"
}

@test "-q: errors only" {
	attempt contain_run -q --memory 64M -- /bin/true
	same 0 "$status"
	same '' "$stderr"
	attempt contain_run -q -- /nonesuch
	same 127 "$status"
	messages_are '\[contain] error: *'
}

# table_line PROCESS WHAT: a pattern for the line of -v, with when it began, how long it took, and its bar.
table_line() {
	printf '%s' "\[contain\] $1 +$2 +[0-9]+\.[0-9]{3} +[0-9]+\.[0-9]{3}  \| *[#=:]+ *\|"
}

# bats test_tags=kernel
@test "-v: each hook when it begins, and a table of where the time went" {
	local hook process
	attempt contain_run -v --memory 64M -- /bin/true
	same 0 "$status"
	for hook in 'mountns: configure' 'mountns: parent_prepare' 'mountns: child_setup' 'mountns: child_switch' \
		'proc: child_setup' 'utsns: child_setup' 'dev: child_setup' 'cgroup-memory: configure' \
		'cgroup-memory: parent_prepare' 'cgroup-memory: report' 'cgroup-cpu: report' 'cgroup-pids: report'; do
		process=parent
		[[ $hook != *child* ]] || process=child
		same 1 "$(grep -cx "\[contain\] $hook" <<<"$stderr")"
		same 1 "$(grep -cxE "$(table_line $process "$hook")" <<<"$stderr")"
	done
	# In the order of time, the hooks inside of their phase, and that inside of a step.
	for hook in resolve '  configure' '    mountns: configure' create '  spawn' '    clone' '  wait for the child' start \
		'  wait for execve' command report delete '  remove the cgroups'; do
		same 1 "$(grep -cxE "$(table_line parent "$hook")" <<<"$stderr")"
	done
	for hook in exec configuration 'wait for go' 'set up' 'find the command' 'wait for start' credentials execve; do
		same 1 "$(grep -cxE "$(table_line child "$hook")" <<<"$stderr")"
	done
	sort -c -s -n -k 1,1 <(grep -oE ' +[0-9]+\.[0-9]{3} +[0-9]+\.[0-9]{3}  \|' <<<"$stderr")
	# What it is about: the last lines, and none of it without -v.
	matches "$stderr" $'cleaning up cgroups\n\\[contain\\] process +step'
	attempt contain_run -- /bin/true
	lacks "$stderr" 'child_setup' 'process  ' 'resolve'
}

@test "-v: the table of a run that fails, and where it failed" {
	attempt contain_run -v -- /nonesuch
	same 127 "$status"
	matches "$stderr" 'error: command not found.*process +step'
	matches "$stderr" "$(table_line child 'find the command')"
	lacks "$stderr" 'credentials'
	attempt contain_run -v --memory 4K -- /bin/true
	same 125 "$status"
	matches "$stderr" 'error: .*process +step.*remove the record'
}

@test "-v of a detached one: the caller shows the start, the log gets it all" {
	attempt contain_run -v --log log -d --rm -- /bin/true
	same "0 $NAME" "$status $output"
	wait_for file_has log 'remove the record'
	matches "$(<log)" "$(table_line monitor start)"
	matches "$(<log)" "$(table_line monitor '  teardown')"
	matches "$(<log)" "$(table_line parent resolve)"
}

@test "-v of other commands: their hooks, too" {
	attempt contain_run -q -d -- /bin/true
	attempt "$CONTAIN" --root "$STATE" wait "$NAME"
	attempt "$CONTAIN" --root "$STATE" -v delete "$NAME"
	same 0 "$status"
	matches "$stderr" "$(table_line parent delete)"
}

@test "-v --log-format json: a line for each step, without bars" {
	attempt contain_run -v --log-format json -- /bin/true
	same 0 "$status"
	same 1 "$(jq -r 'select(.level == "debug") | .msg' <<<"$stderr" |
		grep -cxE 'child: mountns: child_switch: at [0-9]+\.[0-9]{3} ms, [0-9]+\.[0-9]{3} ms')"
	lacks "$stderr" '##' 'process  '
}

@test "global flags, before and after the command's name" {
	attempt "$CONTAIN" -q --root "$STATE" run --name "$NAME" --rootfs "$ROOTFS" -- /bin/echo a
	same a "$output"
	same '' "$stderr"
	attempt "$CONTAIN" run --name "$NAME" --rootfs "$ROOTFS" --quiet --root "$STATE" -- /bin/echo b
	same b "$output"
	same '' "$stderr"
	attempt "$CONTAIN" --verbose --root="$STATE" run --name="$NAME" --rootfs="$ROOTFS" -- /bin/true
	has "$stderr" 'child_setup'
	# The words of the command are its own.
	attempt "$CONTAIN" -q --root "$STATE" run --rootfs "$ROOTFS" -- /bin/echo -v --log x -- y
	same '-v --log x -- y' "$output"
	attempt "$CONTAIN" -q --root "$STATE" run --rootfs "$ROOTFS" /bin/echo -v --memory 1M
	same '-v --memory 1M' "$output"
}

@test "--log: messages go to the end of a file, errors to standard error too" {
	echo before >log
	attempt contain_run --log log --memory 64M -- /bin/echo hello
	same hello "$output"
	same '' "$stderr"
	attempt contain_run --log log -- /nonesuch
	same 127 "$status"
	# Who has a log may still look at the terminal to see why.
	same '[contain] error: command not found: the container has no /nonesuch' "$stderr"
	same before "$(head -n 1 log)"
	has "$(<log)" '[contain] applying cgroup limits: memory=64M' '[contain] pivoting root' \
		'[contain] container exited: exit status 0' '[contain] error: command not found: the container has no /nonesuch'
	refused '/nonesuch/log' contain_run --log /nonesuch/log -- /bin/true
	# A full disk stops nobody.
	attempt contain_run --log /dev/full -- /bin/echo hello
	same '0 hello' "$status $output"
}

@test "--log-format json: each line is an object" {
	attempt contain_run --log-format json --log log --memory 64M --hostname sandbox -- /bin/true
	same 0 "$status"
	same '' "$stderr"
	same "$(wc -l <log)" "$(jq -c 'select((.time | fromdateiso8601? // (sub("\\.[0-9]+Z$"; "Z") | fromdateiso8601)) > 0
		and (.level | type) == "string" and (.msg | type) == "string")' log | wc -l)"
	has "$(jq -r '.level + " " + .msg' log)" 'info applying cgroup limits: memory=64M' 'info setting hostname: sandbox'
	# Quotes, backslashes and bytes that are no UTF-8 stay inside of the string.
	attempt contain_run --log-format json -- $'/no"such\\\n\377'
	same 127 "$status"
	same error "$(jq -r 'select(.level == "error") | .level' <<<"$stderr")"
	has "$(jq -r 'select(.level == "error") | .msg' <<<"$stderr")" '/no"such\'
	refused 'text, json|xml' contain_run --log-format xml -- /bin/true
}

@test "what the container's side says reaches the terminal without control characters" {
	attempt contain_run -- $'/no\033[31msuch'
	same 127 "$status"
	lacks "$stderr" $'\033'
	has "$stderr" '/no\x1b[31msuch'
}
