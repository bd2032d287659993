#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# bats file_tags=host
# shellcheck disable=SC2154,SC2030,SC2031 # variables of bats
# contain plugin check: all of our own plugins pass, and plugins/bad.c, which breaks each rule, is found out each time.
load common

BAD=$HELPERS/bad-plugins

# check [FLAGS] FILE...
check() {
	attempt "$CONTAIN" plugin check --time-limit "$DEADLINE" "$@"
}

# found RULE HOOK SCENARIO: among the findings of the JSON in $output; HOOK '-' is none, SCENARIO '*' any.
found() {
	jq -e --arg rule "$1" --arg hook "$2" --arg scenario "$3" 'any(.[].findings[]; .rule == $rule and
		(.hook // "-") == $hook and ($scenario == "*" or .scenario == $scenario))' <<<"$output" >/dev/null ||
		fail "not found: $1 in $2 ($3)" "exit status $status" "$output" "$stderr"
}

# finds WHAT RULE HOOK [SCENARIO]: what bad.so is told to do is found, by that rule's name, in that hook.
finds() {
	check --json "$BAD/bad.so" -- --set bad.live=1 --bad-do "$1"
	same '' "$stderr"
	found "$2" "$3" "${4-*}"
	case $(jq -r --arg rule "$2" 'first(.[].findings[] | select(.rule == $rule)).level' <<<"$output") in
	error) same 1 "$status" ;;
	*) same 0 "$status" ;;
	esac
}

# rules_are RULE...: these and no others were found. Slow is what a busy machine makes of any hook, with sanitizers sooner.
rules_are() {
	same "$*" "$(jq -r '[.[].findings[].rule] | unique - ["slow"] | join(" ")' <<<"$output")"
}

# The host is as it was: nothing that a bad plugin makes is on it.
host_is_clean() {
	local path
	for path in /etc/bad-file /tmp/bad-folder /tmp/contain-check-*; do
		[[ ! -e $path ]] || fail "left on the host: $path" || return 1
	done
}

# In a fresh network namespace each container of veth is the first on its bridge: with NAT it makes the bridge's rules, which is
# slow, and done once in the life of a bridge.
# bats test_tags=kernel
@test "all of our own plugins pass, without a warning" {
	check --json "$CONTAIN_BUILD"/lib/contain/plugins/*.so -- --set veth.nat=no
	rules_are
	same "0 " "$status $stderr"
	same "$(basename -s .so "$CONTAIN_BUILD"/lib/contain/plugins/*.so)" "$(jq -r '.[].name' <<<"$output")"
	# Each has been alive.
	same true "$(jq 'all(.[]; .verdict == "passed" and any(.scenarios[]; .name == "a plain run" and .outcome == "ok"))' \
		<<<"$output")"
	host_is_clean
}

@test "veth passes with NAT and published ports: slow, where it makes the rules, and nothing else" {
	check --json veth -- --publish 8080:80
	same "0 " "$status $stderr"
	same passed "$(jq -r '.[0].verdict' <<<"$output")"
	rules_are
	host_is_clean
}

@test "every hook is tried with a fault and a kill after it, in the process where it runs" {
	check --json "$BAD/bad.so"
	same "0 check" "$status $(jq -r '[.[0].hooks[] | select(.calls == 1).hook] | join(" ")' <<<"$output")"
	has "$output" 'without update: give a value that may change'
	check --json "$BAD/bad.so" -- --set bad.live=1
	same "0 " "$status $stderr"
	rules_are
	same 'file and tables,a plain run,teardown twice in a row' "$(jq -r '[.[0].scenarios[:3][].name] | join(",")' <<<"$output")"
	local hook hooks='configure parent_prepare parent_attach child_setup child_enter child_seal parent_started report'
	for hook in $hooks; do
		same 'ok ok' "$(jq -r --arg hook "$hook" '[.[0].scenarios[] | select(.name == "a fault after " + $hook or
			.name == "killed after " + $hook).outcome] | join(" ")' <<<"$output")"
	done
	same ok "$(jq -r '.[0].scenarios[] | select(.name == "killed after teardown").outcome' <<<"$output")"
	same 'child child child' "$(jq -r '[.[0].hooks[] | select(.hook | startswith("child")).process] | join(" ")' <<<"$output")"
	# Called in all three lives, and never more than once in each.
	same true "$(jq '.[0].hooks[0].calls == (.[0].scenarios | length) - 1' <<<"$output")"
	same 'update check' "$(jq -r '[.[0].hooks[] | select(.calls == 1).hook] | join(" ")' <<<"$output")"
	host_is_clean
}

@test "a trace of the same run keeps nobody from seeing its hooks" {
	check --json "$BAD/bad.so" -- -v --bad-do leak-parent
	same "1 " "$status $stderr"
	rules_are descriptor-leak
	found descriptor-leak parent_prepare 'a plain run'
	check --json "$BAD/bad.so" -- -v --bad-do leak-child
	rules_are descriptor-leak
	found descriptor-leak child_enter 'a plain run'
}

@test "rules about a hook's own process" {
	finds leak-parent descriptor-leak parent_prepare 'a plain run'
	has "$output" 'stays open: /'
	finds leak-child descriptor-leak child_enter 'a plain run'
	finds close descriptor-closed parent_prepare
	finds output standard-descriptors parent_started
	finds mask signal-mask parent_prepare
	has "$output" 'SIGUSR1 is no longer blocked'
	finds handler signal-handlers child_setup
	finds thread thread parent_attach
	rules_are thread
	finds umask umask child_enter
	finds directory directory parent_prepare
	finds environment environment parent_prepare
	finds rlimits rlimits parent_prepare
	finds alarm timer child_seal
}

@test "rules about what a hook returns, and how long it takes" {
	finds positive result parent_attach 'a plain run'
	finds silent no-message child_setup || true
	found run child_setup 'a plain run'
	finds late late-success parent_prepare
	has "$output" 'this is a failure'
	finds slow slow parent_prepare
	same true "$(jq '.[0].hooks[] | select(.hook == "parent_prepare") | .least_usec >= 15000 and .most_usec >= .least_usec' <<<"$output")"
}

# bats test_tags=kernel
@test "what is left is told, is not on the host, and is gone" {
	local process
	finds mount left-mount -
	has "$output" '/mnt (tmpfs)'
	finds cgroup left-cgroup -
	finds link left-link -
	finds file left-file -
	has "$output" '/etc/bad-file'
	: >/tmp/bad-victim
	finds removes left-file -
	[[ -e /tmp/bad-victim ]] || fail 'the host lost a file'
	rm /tmp/bad-victim
	finds memory left-ipc -
	finds queue left-ipc -
	finds name left-name -
	finds process left-process -
	found child-process parent_started 'a plain run'
	process=$(jq -r 'first(.[0].findings[] | select(.rule == "left-process")).text' <<<"$output")
	[[ $process =~ ^process\ ([0-9]+) ]] || fail "$process"
	is_dead "${BASH_REMATCH[1]}"
	finds daemon left-process -
	rules_are left-process
	host_is_clean
}

@test "rules about teardown, configure, report, check and update" {
	finds configure configure-touches configure 'a fault after configure'
	rules_are configure-touches
	finds teardown teardown teardown 'a plain run'
	found left-state - 'a plain run'
	finds elsewhere teardown-elsewhere teardown 'killed after parent_prepare'
	same false "$(jq 'any(.[0].findings[]; .rule == "teardown")' <<<"$output")"
	finds twice teardown-twice teardown 'teardown twice in a row'
	finds half teardown teardown 'a fault after parent_prepare'
	finds report report-changes report 'a plain run'
	finds check report-changes report 'a plain run'
	finds update update update 'a plain run'
	host_is_clean
}

# bats test_tags=kernel
@test "a crash or a hang is a finding, and the checker goes on" {
	[[ $CONTAIN_BUILD != *sanitize* ]] || export ASAN_OPTIONS=handle_segv=0
	finds crash-parent crash parent_attach 'a plain run'
	finds crash-child crash child_enter 'a plain run'
	DEADLINE=1
	finds hang-parent hang parent_started 'a plain run'
	finds hang-child hang child_seal 'a plain run'
	# With a status that says that all is well.
	check --json "$BAD/load/bad-exit.so"
	found crash - 'file and tables'
	same 1 "$status"
	check --json "$BAD/load/bad-load.so" "$BAD/bad.so"
	found crash - 'file and tables'
	same 'failed passed' "$(jq -r '[.[].verdict] | join(" ")' <<<"$output")"
	same 1 "$status"
	host_is_clean
}

@test "rules about the file and its tables" {
	check --json "$BAD/bad-tables.so"
	local rule
	for rule in summary version help metavar flag-clash default needs order; do found "$rule" - 'file and tables'; done
	has "$output" '--hostname is a flag of the plugin utsns' '--name is a flag of contain itself' "'many' is not a number" \
		"'nonesuch'" "'nobody'" 'ends with a full stop'
	check --json "$BAD/bad-live.so"
	found live - 'file and tables'
	check --json "$BAD/bad-symbols.so"
	found one-symbol - 'file and tables'
	has "$output" bad_helper
	check --json "$BAD/bad-link.so"
	found executable-stack - 'file and tables'
	found search-path - 'file and tables'
}

@test "what can't be loaded or trusted is not tried, and the message of any run is the finding's" {
	local name
	for name in no-entry next-major null missing-symbol misnamed small-self option-flag newer-hook newer-option; do
		check --json "$HELPERS/plugins/odd-$name.so"
		found load - 'file and tables'
		same '1 1' "$status $(jq '.[0].scenarios | length' <<<"$output")"
	done
	check --json "$HELPERS/plugins/odd-newer.so"
	same 0 "$status"
	cp "$BAD/bad.so" bad.so
	chmod 666 bad.so
	check bad.so
	same 1 "$status"
	has "$output" "error: trust: $TMP/bad.so can be written by others: chmod go-w it"
	cp "$BAD/bad.so" Bad.so
	check Bad.so
	has "$output" 'error: load: its file is not called NAME.so'
}

@test "what the plugin needs to run stands behind --" {
	check "$HELPERS/plugins/probe-required.so"
	same 1 "$status"
	has "$output" 'error: run: [probe-required] needed is missing: give --needed WORD' \
		'contain plugin check FILE -- --flag VALUE' "of the host's network, with --host" 'other endings' 'skipped (the plain run has to work first)'
	check -q "$HELPERS/plugins/probe-required.so" -- --needed word
	same 0 "$status"
	lacks "$output" error:
	# And the plugins that it needs are switched on.
	check "$HELPERS/plugins/probe-needs-a.so"
	same 0 "$status"
}

@test "a namespace that is joined is the host's to close" {
	check --json netns -- --network "/proc/$$/ns/net"
	same "0 " "$status $stderr"
	rules_are
	check --json "$HELPERS/plugins/joins-a.so" -- --set "joins-a.join=net:/proc/$$/ns/net" --set "joins-a.join=ipc:/proc/$$/ns/ipc"
	same "0 " "$status $stderr"
	# Its options say nothing of themselves.
	rules_are help
}

@test "words for people: each group, the remedy, a table of hooks, the verdict; -q: findings alone" {
	check utsns
	same 0 "$status"
	matches "$output" "^$CONTAIN_BUILD/lib/contain/plugins/utsns.so: utsns [0-9.]+, interface 1\.[0-9]+: a host name of its own"
	matches "$output" $'\n  a plain run +ok\n'
	matches "$output" $'\n  child_setup +child +3 +[0-9.]+[um]?s +[0-9.]+[um]?s\n'
	matches "$output" $'\n  passed: 0 errors, 0 warnings$'
	check -q utsns
	same "0 " "$status $output"
	check -q "$BAD/bad.so" -- --bad-do leak-parent
	has "$output" 'error: descriptor-leak in parent_prepare: descriptor' 'contain_fd_pass()' 'FAILED: 1 error, 0 warnings'
	lacks "$output" ' ok' HOOK
}

@test "without root the file and its tables are checked, and it is said what is not" {
	chmod 755 "$TMP"
	attempt setpriv --reuid 65534 --regid 65534 --clear-groups "$CONTAIN" plugin check utsns
	same 0 "$status"
	has "$output" 'scratch containers' 'skipped (they need root: run it with sudo' 'passed what was tried'
}

@test "with --host it is in the host's own namespaces, and still cleans up" {
	check --host --json "$BAD/bad.so"
	same 0 "$status"
	same 0 "$(jq '.[0].findings | length' <<<"$output")"
	host_is_clean
}

@test "a file that is not there, and a wrong word, are failures of the call" {
	refused "can't find the plugin|nonesuch.so" "$CONTAIN" plugin check ./nonesuch.so
	refused 'there is no installed plugin|nonesuch' "$CONTAIN" plugin check nonesuch
	refused 'too few arguments|contain plugin check' "$CONTAIN" plugin check
	# The others are checked all the same.
	check --json ./nonesuch.so "$BAD/load/bad-exit.so"
	same '125 bad-exit' "$status $(jq -r '.[].name' <<<"$output")"
	refused 'unknown flag --jsn|--json' "$CONTAIN" plugin check --jsn utsns
}

@test "a signal ends it, and nothing stays" {
	env --default-signal "$CONTAIN" plugin check --time-limit 3600 "$BAD/bad.so" -- --bad-do hang-parent >output 2>messages 3>&- &
	PID=$!
	STARTED+=("$PID")
	# Its children are the scratch container's: one that has come to its hook waits there.
	hangs() {
		local child
		for child in $(<"/proc/$PID/task/$PID/children"); do
			[[ $(<"/proc/$child/task/$child/children") && $(<"/proc/$child/wchan") == *pause* ]] && return
		done
		return 1
	} 2>/dev/null
	wait_for hangs
	kill -TERM "$PID"
	wait_for is_dead "$PID"
	status=0
	wait "$PID" || status=$?
	same 125 "$status"
	host_is_clean
}
