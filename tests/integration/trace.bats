#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# bats file_tags=host
# shellcheck disable=SC2154,SC2016,SC2153 # variables of bats and common.bash; scripts of the container and of jq in quotes
# --trace: every hook and every step, in the format that chrome://tracing and Perfetto read, and what it costs.
load common
load life

PLUGINS=$HELPERS/plugins
PROBES=(--plugin-dir "$PLUGINS" --enable probe-a --enable probe-b)

# A trace of whole events, in which what overlaps in a process lies one inside the other, and both processes are named.
valid() {
	jq -e '
		def valid: (.ph == "X" and (.name | type) == "string" and (.cat == "hook" or .cat == "core") and .ts > 0 and .dur >= 0
				and .pid > 0 and .tid == .pid
				and (.cat == "core" or .name == .args.plugin + ": " + .args.phase))
			or (.ph == "M" and (.name | startswith("process_")) and .pid > 0);
		(.traceEvents | all(valid)) and .otherData.lost_spans == 0
		and ([.traceEvents[] | select(.ph == "X").pid] | unique)
			- [.traceEvents[] | select(.name == "process_name").pid] == []
		and ([.traceEvents[] | select(.ph == "X")] | group_by(.pid) | all(
			reduce .[] as $e ({ open: [], good: true, last: 0 };
				# Tenths of a nanosecond are not ours: jq has doubles.
				(.open | map(select(. > $e.ts + 0.0005))) as $open
				| .good = (.good and $e.ts >= .last and ($open | all(. >= $e.ts + $e.dur - 0.002)))
				| .last = $e.ts | .open = $open + [$e.ts + $e.dur])
			| .good))' "$1" >"$TMP/.valid" || fail "no valid trace: $(<"$1")"
}

# names [FILTER]: of the events of the trace that the filter chooses.
names() {
	jq -r ".traceEvents[] | select(.ph == \"X\") | select(${1-true}) | .name" trace
}

# same_lines EXPECTED FOUND: in any order
same_lines() {
	same "$(sort <<<"$1")" "$(sort <<<"$2")"
}

# bats test_tags=kernel
@test "every hook that ran is there once, in the right process, with its result" {
	local hook parent=() child=() mine
	hold --trace trace "${PROBES[@]}"
	release
	same 0 "$status"
	valid trace
	for hook in configure parent_prepare parent_attach parent_started report teardown; do
		parent+=("probe-a: $hook" "probe-b: $hook")
	done
	for hook in child_setup child_enter child_seal; do child+=("probe-a: $hook" "probe-b: $hook"); done
	mine='.cat == "hook" and (.args.plugin | startswith("probe"))'
	same_lines "$(printf '%s\n' "${parent[@]}")" "$(names "$mine and .pid == $PID")"
	same_lines "$(printf '%s\n' "${child[@]}")" "$(names "$mine and .pid == $INIT")"
	same_lines "$(printf '%s\n' "${parent[@]}" "${child[@]}")" "$(names "$mine and .args.result == 0")"
	# They say it themselves.
	same_lines "$(sed -nE 's/^\[contain\] (probe-[ab]: [a-z_]+)$/\1/p' messages)" "$(names "$mine")"
	has "$(names '.args.plugin == "mountns"')" 'mountns: child_switch'
	same "contain (parent) $PID,contain (child) $INIT" \
		"$(jq -r '[.traceEvents[] | select(.name == "process_name") | "\(.args.name) \(.pid)"] | join(",")' trace)"
}

@test "the steps of the core make the whole time explicable" {
	local step
	attempt contain_run -q --trace trace --memory 64M -- /bin/true
	same 0 "$status"
	valid trace
	for step in 'flags, profile, plugins' resolve 'load plugins' configure create reserve save cgroups parent_prepare spawn \
		'seal the configuration' 'copy the executable' clone parent_attach 'wait for the child' start 'wait for execve' \
		parent_started command report delete kill teardown 'remove the cgroups' 'remove the record'; do
		has "$(names '.cat == "core"')" "$step"
	done
	for step in birth exec configuration 'load plugins' 'wait for go' 'set up' child_setup child_switch child_enter \
		'find the command' 'wait for start' credentials child_seal execve; do
		same 1 "$(jq --arg step "$step" '[.traceEvents[] | select(.name == "process_name" and (.args.name | test("child"))).pid] as [$child]
			| [.traceEvents[] | select(.ph == "X" and .pid == $child and .name == $step)] | length' trace)"
	done
	# The outermost steps have nine tenths of it at least.
	jq -e '[.traceEvents[] | select(.ph == "X")] | .[0].pid as $parent | map(select(.pid == $parent)) | (.[0].ts) as $first
		| (map(.ts + .dur) | max) as $last | reduce .[] as $e ({ at: $first, sum: 0 };
			if $e.ts >= .at then .sum += $e.dur | .at = $e.ts + $e.dur else . end)
		| .sum > 0.9 * ($last - $first)' trace >/dev/null || fail "$(<trace)"
	# The child's execve lasts until the command runs.
	jq -e '[.traceEvents[] | select(.name == "execve")] as [$child] | [.traceEvents[] | select(.name == "wait for execve")] as [$parent]
		| $child.dur > 0 and $child.ts + $child.dur <= $parent.ts + $parent.dur' trace >/dev/null || fail "$(<trace)"
}

@test "a run that fails has one too: where, and with which result" {
	attempt contain_run -q --trace trace "${PROBES[@]}" --set probe-b.fail=child_enter -- /bin/true
	same 125 "$status"
	valid trace
	same 'probe-b: child_enter -5' "$(jq -r '.traceEvents[] | select(.args.result != null and .args.result < 0) | "\(.name) \(.args.result)"' trace)"
	has "$(names)" 'probe-b: teardown' 'remove the record'
	lacks "$(names)" 'child_seal' 'parent_started'
	attempt contain_run -q --trace trace "${PROBES[@]}" --set probe-a.fail=configure -- /bin/true
	same 125 "$status"
	same 'probe-a: configure -5' "$(jq -r '.traceEvents[] | select(.args.result != null and .args.result < 0) | "\(.name) \(.args.result)"' trace)"
	attempt contain_run -q --trace trace -- /nonesuch
	same 127 "$status"
	valid trace
	has "$(names)" 'find the command'
	# Mistakes of the command line leave nothing to look at, but a file that is none of another run's.
	attempt contain_run -q --trace trace --set utsns.nonesuch=1 -- /bin/true
	same 125 "$status"
	valid trace
	same 'flags, profile, plugins' "$(names 'true' | head -n 1)"
	lacks "$(names)" create
}

@test "a crash, in the child and in the parent: the hook did not return" {
	local hook
	for hook in child_setup parent_prepare report teardown; do
		attempt contain_run -q --trace trace "${PROBES[@]}" --set "probe-b.crash=$hook" -- /bin/true
		same 125 "$status"
		valid trace
		same "probe-b: $hook" "$(jq -r '.traceEvents[] | select(.cat == "hook" and .args.result == null) | .name' trace)"
		has "$(names)" 'probe-a: teardown' 'remove the cgroups'
		rm -rf "${STATE:?}/$NAME"
	done
}

@test "the file: for its owner alone, written as a whole, and no link" {
	umask 022
	echo old >trace
	chmod 600 trace
	attempt contain_run -q --trace trace -- /bin/cat /proc/self/status
	valid trace
	rm trace
	hold -q --trace trace
	# Nothing is in it before the end.
	same '600 0' "$(stat -c '%a %s' trace)"
	release
	valid trace
	attempt contain_run -q --trace - -- /bin/true
	same 0 "$status"
	valid .output
	refused "/nonesuch/trace|can't write the trace" contain_run --trace /nonesuch/trace -- /bin/true
	ln -s elsewhere link
	refused 'link|symbolic link|name the file itself' contain_run --trace link -- /bin/true
	[[ ! -e elsewhere ]]
	attempt contain_run -q --trace /dev/full -- /bin/echo hello
	same '125 hello' "$status $output"
	has "$stderr" "can't write the trace: No space left"
}

@test "create, start and exec: each its own part" {
	good create --trace trace --name "$NAME" --rootfs "$ROOTFS" "${PROBES[@]}" -- /bin/sleep 1000
	valid trace
	has "$(names)" 'probe-a: child_enter' 'find the command' 'probe-b: parent_attach'
	lacks ",$(names | paste -sd ,)," child_seal teardown ,command,
	good start "$NAME"
	good exec --trace trace "$NAME" /bin/echo hello
	same hello "$output"
	valid trace
	same_lines $'probe-a: child_seal\nprobe-b: child_seal' "$(names '.cat == "hook"')"
	has "$(names)" flags load spawn join credentials execve command
	# Who enters the pid namespace is another process than who was made.
	same 'contain (parent),contain (child),contain (child, inside)' \
		"$(jq -r '[.traceEvents[] | select(.name == "process_name").args.name] | join(",")' trace)"
	same 3 "$(jq '[.traceEvents[] | select(.ph == "X").pid] | unique | length' trace)"
	# The one inside fails before it is known outside.
	ASAN_OPTIONS=detect_leaks=0 attempt strace -f -qq -o strace -e inject=clone3:delay_exit=200000 \
		"$CONTAIN" --root "$STATE" exec --trace trace "$NAME" /nonesuch
	same 127 "$status"
	valid trace
	refused 'it is a symbolic link|name the file itself' ctl exec --trace /proc/self/exe "$NAME" /bin/true
}

@test "run -d: written when it has ended" {
	background --trace trace
	same 0 "$(stat -c %s trace)"
	tell 'exit 0'
	good wait "$NAME"
	wait_for test -s trace
	valid trace
	has "$(jq -r '.traceEvents[] | select(.name == "process_name").args.name' trace)" '(parent)' '(monitor)' '(child)'
	has "$(names)" resolve create command report 'keep the record'
	# One that fails has it when its caller knows.
	attempt contain_run -q -d --trace failed --name "$NAME-f" -- /nonesuch
	same 127 "$status"
	wait_for test -s failed
	valid failed
}

# bats test_tags=kernel
@test "nothing of it reaches the container: no descriptor, no memory, also with an init of ours" {
	local flags
	for flags in --init=no --init; do
		hold -q --trace trace "$flags"
		! grep contain-trace "/proc/$INIT/maps" || fail "mapped in the first process"
		! readlink "/proc/$INIT/fd/"* | grep contain-trace || fail "a descriptor in the first process"
		tell_and_hear 'ls /proc/self/fd | wc -l; cat /proc/self/maps >&2'
		lacks "$(<messages)" contain-trace
		release
		valid trace
	done
}

# calls FLAGS...: how many system calls a run makes, but those for more or less memory, those that wait as often as the
# machine lets them, and the clock, which has a test of its own.
calls() {
	# Leaks are looked for by ptrace(2), which strace uses itself.
	ASAN_OPTIONS=detect_leaks=0 strace -f -qq -o strace -e 'trace=!brk,mmap,munmap,mremap,madvise,poll,futex,recvmsg,read,sysinfo,clock_gettime' \
		"$CONTAIN" -q --root "$STATE" run --name "$NAME" --rootfs "$ROOTFS" "$@" -- /bin/true
	grep -cE '^[0-9]+ +[a-z_0-9]+\(' strace
}

# bats test_tags=kernel
@test "what it costs: no system call for a hook, and none at all without it" {
	local one three
	one=(--plugin-dir "$PLUGINS" --enable probe-a --set probe-a.quiet=yes)
	three=("${one[@]}" --enable probe-b --set probe-b.quiet=yes --enable probe-last --set probe-last.quiet=yes)
	local off1 off3 on1 on3
	off1=$(calls "${one[@]}")
	! grep contain-trace strace || fail "without --trace"
	on1=$(calls --trace trace "${one[@]}")
	off3=$(calls "${three[@]}")
	on3=$(calls --trace trace "${three[@]}")
	((off3 > off1)) || fail "$off1, and with two more plugins $off3"
	# Two plugins more, with nine hooks each, and not one call more for them.
	same "$((on1 - off1))" "$((on3 - off3))"
	((on1 - off1 < 40)) || fail "$off1 without, $on1 with it"
	valid trace
}

@test "what it costs: the clock is read without a system call" {
	# Some have to be asked for it, and the sanitizers do so anyway.
	[[ $CONTAIN_BUILD != *sanitize* && $(</sys/devices/system/clocksource/clocksource0/current_clocksource) == @(tsc|kvm-clock|arch_sys_counter) ]] ||
		return 0
	ASAN_OPTIONS=detect_leaks=0 strace -f -qq -o strace "$CONTAIN" -q --root "$STATE" run --name "$NAME" --rootfs "$ROOTFS" \
		--trace trace -- /bin/true
	valid trace
	grep -q memfd_create strace
	! grep clock_gettime strace || fail "the clock costs a system call"
}
