#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2154,SC2016,SC2030,SC2031 # variables of bats; scripts of the container in quotes
# Plugins that were built with the frozen plugin.h, and with one to come, run by today's contain.
load ../integration/common
load ../integration/life

PLUGINS=$CONTAIN_BUILD/tests/abi/plugins

# everything [FLAGS] -- COMMAND
everything() {
	contain_run --plugin-dir "$PLUGINS" --disable ipcns --abi-text hello "$@"
}

# says LINE...: the messages of the plugin have each, whole.
says() {
	local line
	for line; do grep -qxF -- "[contain] abi-everything: $line" <<<"$stderr" || fail "no '$line' in: $stderr"; done
}

@test "1.0: every type of option, with defaults, flags, a range and parse functions" {
	own_rootfs
	attempt everything -- /bin/true
	same 0 "$status"
	says 'configure: no, number -9223372036854775808, size 64K, level middle, text hello, 0 words, span 0 to 0' 'configure: given: 0 0'
	attempt everything -Y --abi-number 500 --set abi-everything.size=3M --set abi-everything.level=high \
		--set abi-everything.words=one --set abi-everything.words=two --set abi-everything.span=3-14 -- /bin/true
	same 0 "$status"
	says 'configure: yes, number 500, size 3M, level high, text hello, 2 words, span 3 to 14' 'configure: given: 1 1' 'child_seal: two'
	refused 'number|1000' everything --abi-number 1001 -- /bin/true
	refused 'span|not FROM-TO' everything --set abi-everything.span=x -- /bin/true
	refused 'words|a bad word' everything --set abi-everything.words=bad -- /bin/true
	refused "level|low, middle, high" everything --set abi-everything.level=lwo -- /bin/true
	refused '--abi-text' contain_run --plugin-dir "$PLUGINS" --disable ipcns --abi-yes -- /bin/true
	refused 'abi-everything needs mountns|off' "$CONTAIN" --root "$STATE" run --name "$NAME" --plugin-dir "$PLUGINS" \
		--disable mountns --disable proc --disable dev --abi-text hello -- /bin/true
}

@test "1.0: every hook is called, in order, and every function does what it did" {
	local hooks
	own_rootfs
	attempt everything -v -Y --network host --abi-number 500 --report report -- /bin/sh -c \
		'echo $ABI_PARENT $ABI_CHILD; cat /abi/mounted/file; stat -c %a /abi/mounted/file; readlink /proc/self/ns/ipc
		ls /abi; grep " /abi" /proc/mounts'
	same 0 "$status"
	hooks=$(sed -nE 's/^\[contain\] abi-everything: ([a-z_]+): .*/\1/p' <<<"$stderr" | uniq | tr '\n' ' ')
	same 'configure parent_prepare parent_attach child_setup child_enter child_seal parent_started report teardown ' "$hooks"
	has "$stderr" 'abi-everything: a doubt' 'abi-everything: a detail'
	says "parent_prepare: id $NAME, no pid: 1, new ipc and no net: 1 1, pids in cgroup v$(cgroup_version pids): 500, files: 1 1, doubled: 1000" \
		'child_setup: through a pipe, no other: 1, state: written by the parent, root: 1, doubled: 1000' \
		'child_enter: terminal: none' 'child_seal: none' "parent_started: $NAME" 'teardown: written by the parent'
	grep -qE 'abi-everything: parent_attach: pid [1-9][0-9]*$' <<<"$stderr"
	has "$output" 'hello middle' 'written in child_setup' 640 'ipc:[' inner link mounted
	lacks "$output" "$(readlink /proc/self/ns/ipc)"
	matches "$output" 'tmpfs /abi tmpfs rw,noexec,[a-z,]*size=64k,mode=755'
	matches "$output" 'tmpfs /abi/mounted tmpfs rw,nosuid,nodev,'
	has "$stderr" "it was asked to say 'hello'" '[contain] abi everything size: 64K' '[contain] abi everything time: 1.5ms' \
		'[contain] abi everything limit: max' '[contain] abi everything unknown: n/a'
	same '65536 1500 0 null' "$(jq -r '"\(.abi_everything_size_bytes) \(.abi_everything_time_usec) \(.abi_everything_running) \(.abi_everything_unknown)"' report)"
	attempt everything -- /bin/true
	has "$stderr" 'abi-everything: a doubt'
	lacks "$stderr" 'a detail'
}

@test "1.0: a failure in the parent and in the child is told with the plugin's message" {
	refused "abi-everything: told to fail with 'configure': No data available" everything --abi-text configure -- /bin/true
	own_rootfs
	refused "abi-everything: told to fail with 'child_enter': No data available" everything --abi-text child_enter -- /bin/true
	has "$stderr" 'abi-everything: teardown: written by the parent'
}

@test "1.0: the terminal, figures of a running container, and update" {
	own_rootfs
	attempt "$HELPERS/pty" -t "$DEADLINE" -- "$CONTAIN" --root "$STATE" run --name "$NAME" --rootfs "$ROOTFS" \
		--plugin-dir "$PLUGINS" --disable ipcns --abi-text hello -- /bin/true
	same 0 "$status"
	has "$output" 'abi-everything: child_enter: terminal: yes'
	background --plugin-dir "$PLUGINS" --disable ipcns --abi-text hello --abi-number 100
	same 100 "$(cgroup_file pids pids.max)"
	good --plugin-dir "$PLUGINS" stats --no-stream --json "$NAME"
	same 1 "$(jq '.[0].abi_everything_running' <<<"$output")"
	attempt ctl --plugin-dir "$PLUGINS" update "$NAME" --abi-number max
	same 0 "$status"
	says 'update: number 9223372036854775807'
	same max "$(cgroup_file pids pids.max)"
	refused "text can't change" ctl --plugin-dir "$PLUGINS" update "$NAME" --abi-text x
}

@test "1.0: a plugin may be the one that sets and switches the root" {
	attempt "$CONTAIN" --root "$STATE" run --name "$NAME" --plugin-dir "$PLUGINS" --profile minimal.ini --disable mountns \
		--disable proc --disable dev --abi-root "$ROOTFS" -- /bin/sh -c 'echo inside $(ls /)'
	same 0 "$status"
	has "$output" 'inside bin'
	lacks "$output" boot
	has "$stderr" 'abi-switch: child_switch'
	refused 'mountns|abi-switch|switch the root' contain_run --plugin-dir "$PLUGINS" --abi-root "$ROOTFS" -- /bin/true
}

# future WHAT [FLAGS] -- COMMAND
future() {
	local what=$1
	shift
	contain_run --plugin-dir "$PLUGINS" --enable "abi-future-$what" "$@"
}

@test "a plugin of a newer plugin.h that uses nothing new runs" {
	attempt future nothing --set abi-future-nothing.number=5 --set abi-future-nothing.text=word -- /bin/true
	same 0 "$status"
	# In both processes.
	same 2 "$(grep -cxF '[contain] abi-future-nothing: 5 word' <<<"$stderr")"
}

@test "one that uses something new is refused, with what it is" {
	refused 'abi-future-hook|a hook|newer' future hook -- /bin/true
	refused 'abi-future-flag|flag of an option|newer' future flag -- /bin/true
	refused 'abi-future-member|member of an option|newer' future member -- /bin/true
	refused 'abi-future-type|option|type|newer' future type -- /bin/true
	refused 'abi-future-function|contain_later|newer' future function -- /bin/true
	lacks "$stderr" 'abi-future-function: -'
}
