#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# bats file_tags=host
# shellcheck disable=SC2154,SC2016,SC2030,SC2031 # variables of bats; scripts of the container in quotes
# The plugin interface, with plugins of our own (plugins/probe.c, plugins/odd.c): order, unwinding, state, trust.
load common

PLUGINS=$HELPERS/plugins

# probed [FLAGS] -- COMMAND
probed() {
	contain_run --plugin-dir "$PLUGINS" "$@"
}

# hooks_of NAME...: which hooks these plugins say were called, in this order.
hooks_are() {
	same "$1" "$(sed -n 's/^\[contain\] \(probe[a-z-]*: [a-z]*_*[a-z]*\)$/\1/p' <<<"$stderr" |
		tr '\n' ',' | sed 's/,$//; s/,/, /g; s/probe-//g')"
}

# bats test_tags=kernel
@test "every hook is called once, in the order of a container's life; teardown in reverse" {
	attempt probed --enable probe-a --enable probe-b -- /bin/true
	same 0 "$status"
	hooks_are 'a: configure, b: configure, a: parent_prepare, b: parent_prepare, a: parent_attach, b: parent_attach, a: child_setup, b: child_setup, a: child_enter, b: child_enter, a: child_seal, b: child_seal, a: parent_started, b: parent_started, a: report, b: report, b: teardown, a: teardown'
	# The namespaces are made between prepare and attach, and the root is switched between setup and enter.
	same 'parent_prepare namespaces parent_attach child_setup pivoting child_enter running' "$(grep -oE \
		'a: parent_prepare|a: parent_attach|a: child_setup|a: child_enter|creating namespaces|pivoting|running' \
		<<<"$stderr" | sed 's/^a: //; s/creating //' | tr '\n' ' ' | sed 's/ $//')"
}

@test "the profile's order counts, and then after and before" {
	attempt probed --enable probe-b --enable probe-a -- /bin/true
	has "$(hooks_are '' 2>&1 || true)" 'b: configure, a: configure'
	attempt probed --enable probe-after-b --enable probe-last --enable probe-b --enable probe-first -- /bin/true
	has "$(hooks_are '' 2>&1 || true)" 'first: configure, b: configure, after-b: configure, last: configure'
	refused 'probe-loop-one|probe-loop-two' probed --enable probe-loop-one --enable probe-loop-two -- /bin/true
}

@test "a hook that fails ends the run, and what was begun is torn down in reverse" {
	local hook
	for hook in configure parent_prepare parent_attach child_setup child_enter child_seal parent_started; do
		attempt probed --enable probe-a --enable probe-b --set "probe-a.fail=$hook" -- /bin/true
		same "125 " "$status $output"
		same "[contain] error: probe-a: told to fail in $hook: Numerical argument out of domain" \
			"$(grep 'error:' <<<"$stderr")"
		lacks "$stderr" "probe-b: $hook" 'container exited'
		case $hook in
		configure) lacks "$stderr" teardown ;;
		parent_prepare) has "$stderr" 'probe-a: teardown'; lacks "$stderr" 'probe-b: teardown' ;;
		*) has "$stderr" $'probe-b: teardown\n[contain] probe-a: state at the end: written by the parent' \
			'probe-a: teardown' ;;
		esac
	done
	# The second one fails: the first one was begun.
	attempt probed --enable probe-a --enable probe-b --set probe-b.fail=parent_prepare -- /bin/true
	same 125 "$status"
	has "$stderr" 'probe-b: teardown' 'probe-a: teardown'
}

@test "a hook that fails without a message still gets one" {
	local hook
	for hook in configure parent_prepare parent_attach child_setup child_enter child_seal parent_started; do
		refused "probe-a: $hook failed without a message: Exchange full" \
			probed --enable probe-a --set "probe-a.mute=$hook" -- /bin/true
	done
}

@test "the command does not run when its last hook fails" {
	attempt probed --volume "$TMP:/mnt" --enable probe-a --set probe-a.fail=child_seal -- /bin/touch /mnt/ran
	same 125 "$status"
	[[ ! -e ran ]]
}

@test "a teardown that fails does not stop the others, and leaves the state on record" {
	attempt probed --enable probe-a --enable probe-b --set probe-b.fail=teardown -- /bin/true
	same 125 "$status"
	has "$stderr" 'error: probe-b: told to fail in teardown' 'probe-a: teardown' 'cleaning up cgroups'
	grep -q '^+probe-b note ' "$STATE/$NAME/record"
	# What the next one needs to know to call them again.
	grep -qE '^\+\. begun (.*\\n)?probe-b\\n' "$STATE/$NAME/record"
	# And nobody else may take the name until then.
	attempt contain_run -- /bin/true
	same 125 "$status"
	has "$stderr" "what was left of the container '$NAME' can't be removed"
	rm -r "${STATE:?}/$NAME"
}

@test "a report that fails is a failure, with everything torn down" {
	refused 'probe-a: told to fail in report' probed --enable probe-a --set probe-a.fail=report -- /bin/true
	has "$stderr" 'container exited: exit status 0'
	has "$stderr" 'probe-a: teardown'
}

@test "state and descriptors go from the parent to the child and to the end" {
	attempt probed --enable probe-a -- /bin/true
	has "$stderr" '[contain] probe-a: descriptor: through a pipe; unknown: 1' \
		'in two lines, with a \; gone: 1; late: of parent_attach' \
		'[contain] probe-a: state at the end: written by the parent\x0ain two lines, with a \'
	# Each plugin has its own.
	attempt probed --enable probe-a --enable probe-b -- /bin/true
	has "$stderr" '[contain] probe-a: descriptor: through a pipe' '[contain] probe-b: descriptor: through a pipe'
	refused "probe-child-state: can't save 'note' in child_seal" probed --enable probe-child-state -- /bin/true
}

@test "no descriptor of a plugin reaches the command" {
	mkfifo fifo fifo.at
	attempt probed -q --enable probe-a --set "probe-a.fifo=$TMP/fifo" -- /bin/ls /proc/self/fd
	same $'0\n1\n2\n3' "$output"
}

@test "options: values, defaults, lists, and what configure changes" {
	attempt probed --enable probe-a -- /bin/true
	has "$stderr" 'probe-a: changed: 14, words: 0, level: middle, set: 0 0'
	attempt probed --set probe-a.number=20 --set probe-a.level=high --probe-a-word one --probe-a-word two -- /bin/true
	has "$stderr" 'probe-a: changed: 40, words: 2 two, level: high, set: 1 1'
	refused "number|too large|1 to 100" probed --enable probe-a --set probe-a.number=101 -- /bin/true
	refused "low, middle, high|'hihg'|did you mean" probed --enable probe-a --set probe-a.level=hihg -- /bin/true
	refused "needed|--needed WORD" probed --enable probe-required -- /bin/true
	attempt probed --needed x -- /bin/true
	same 0 "$status"
}

@test "a plugin's variables are in the command's environment, where the user gave none" {
	attempt probed -q --enable probe-a --env FROM_USER=mine -- /usr/bin/env
	has "$output" 'FROM_PLUGIN=from probe-a' 'FROM_USER=mine'
}

@test "figures of a plugin are in the report" {
	attempt probed --enable probe-a --report report -- /bin/true
	has "$stderr" '[contain] probe a things: 3' '[contain] probe a size: n/a'
	same '3 null' "$(jq -r '"\(.probe_a_things) \(.probe_a_size_bytes)"' report)"
}

@test "a flag of a plugin switches it on, wherever the plugin lies" {
	attempt probed --probe-a-word x -- /bin/true
	has "$stderr" 'probe-a: child_setup'
	attempt env CONTAIN_PLUGIN_PATH="$PLUGINS" "$CONTAIN" --root "$STATE" run --name "$NAME" --rootfs "$ROOTFS" \
		--probe-a-word x -- /bin/true
	has "$stderr" 'probe-a: child_setup'
	# With a value that looks like a flag, and behind others of its kind.
	attempt probed --probe-a-word --rootfs --probe-b-word=-- -- /bin/true
	has "$stderr" 'words: 1 --rootfs' 'words: 1 --,'
}

@test "needs: another plugin that is off, or nowhere" {
	refused "probe-needs-a needs probe-a|not in the profile|--enable probe-a" probed --enable probe-needs-a -- /bin/true
	attempt probed --enable probe-needs-a --enable probe-a -- /bin/true
	same 0 "$status"
	refused "proc needs mountns|off" "$CONTAIN" --root "$STATE" run \
		--disable mountns --disable dev -- /bin/true
}

@test "needs: the line of the profile that switches it off, or the plugin on" {
	printf '%s\n' '[profile]' 'inherits = default.ini' '[plugins]' 'probe-needs-a = on' >needs.ini
	refused "./needs.ini:4: plugin probe-needs-a needs probe-a, which is not in the profile" \
		probed --profile ./needs.ini -- /bin/true
	printf '%s\n' 'probe-a = off' >>needs.ini
	refused "./needs.ini:5: plugin probe-needs-a needs probe-a, which is off" probed --profile ./needs.ini -- /bin/true
	refused "--disable: plugin probe-needs-a needs probe-a, which is off" \
		probed --profile ./needs.ini --disable probe-a -- /bin/true
}

@test "a flag of two plugins: the one that is on has it; else nobody guesses" {
	local both='--probe-last-word is a flag of two plugins, probe-last and probe-same'
	attempt probed --enable probe-same --probe-last-word x -- /bin/true
	same 0 "$status"
	has "$stderr" 'probe-same: changed: 14, words: 1 x'
	lacks "$stderr" 'probe-last: configure'
	refused "$both|--set probe-last.words=VALUE" probed --enable probe-last --enable probe-same --probe-last-word x -- /bin/true
	refused "$both" probed --probe-last-word x -- /bin/true
	printf '%s\n' '[profile]' 'inherits = default.ini' '[plugins]' 'probe-last = on' 'probe-same = on' >two.ini
	refused "$both" probed --profile ./two.ini --probe-last-word x -- /bin/true
	attempt probed --profile ./two.ini --disable probe-last --probe-last-word x -- /bin/true
	same 0 "$status"
	# As long as nobody uses the flag, they get along.
	attempt probed --profile ./two.ini --set probe-last.words=1 --set probe-same.words=2 -- /bin/true
	same 0 "$status"
	has "$stderr" 'probe-last: changed: 14, words: 1 1' 'probe-same: changed: 14, words: 1 2'
}

@test "only one plugin may switch the root" {
	refused "mountns|probe-switch|switch the root" probed --enable probe-switch -- /bin/true
}

@test "plugins for another interface are refused, by name and reason" {
	refused 'odd-no-entry|has no contain_plugin_v1()|CONTAIN_PLUGIN' probed --enable odd-no-entry -- /bin/true
	refused 'odd-next-major|built for interface 2|this contain has interface 1' probed --enable odd-next-major -- /bin/true
	refused 'odd-null|CONTAIN_PLUGIN' probed --enable odd-null -- /bin/true
	refused 'odd-missing-symbol|calls contain_later_function(), which this contain (interface 1.|newer' probed --enable odd-missing-symbol -- /bin/true
	refused 'odd-misnamed|another name' probed --enable odd-misnamed -- /bin/true
	refused 'odd-small-self|self_size' probed --enable odd-small-self -- /bin/true
	refused 'odd-option-flag|flag|newer' probed --enable odd-option-flag -- /bin/true
	refused 'odd-newer-hook|hook|newer' probed --enable odd-newer-hook -- /bin/true
	refused 'odd-newer-option|option|newer' probed --enable odd-newer-option -- /bin/true
	refused 'odd-other-symbol|nothing defines '"'nobody_has_this'" probed --enable odd-other-symbol -- /bin/true
	has "$stderr" 'link the plugin with the library'
	echo 'no library' >text.so
	refused 'text|text.so' contain_run --plugin-dir "$TMP" --enable text -- /bin/true
}

@test "a newer plugin that uses nothing new is taken" {
	attempt probed --enable odd-newer --set odd-newer.number=5 -- /bin/true
	same 0 "$status"
	has "$stderr" 'odd-newer: configure'
}

# ---- trust

# A plugin directory of its own.
own_plugins() {
	mkdir own
	cp "$PLUGINS/probe.so" own/
	chmod 755 own own/probe.so
}
own_run() {
	contain_run --plugin-dir "$TMP/own" --enable probe "$@" -- /bin/true
}

@test "trust: a plugin that others can write is refused" {
	own_plugins
	attempt own_run
	same 0 "$status"
	chmod g+w own/probe.so
	refused "probe|own/probe.so|can be written by others" own_run
	chmod 757 own/probe.so
	refused "probe|own/probe.so|can be written by others" own_run
}

@test "trust: a plugin of another user is refused" {
	own_plugins
	chown 65534 own/probe.so
	refused "probe|own/probe.so|another user" own_run
}

@test "trust: so are the directories, all the way up" {
	own_plugins
	chmod 777 own
	refused "own can be written by others" own_run
	chmod 1777 own
	attempt own_run
	same 0 "$status"
	chmod 755 own
	chown 65534 own
	refused "own belongs to another user" own_run
	chown 0 own
	mkdir -m 777 up
	mv own up/
	refused "up can be written by others" contain_run --plugin-dir "$TMP/up/own" --enable probe -- /bin/true
	refused "up can be written by others" env CONTAIN_PLUGIN_PATH="$TMP/up/own" "$CONTAIN" --root "$STATE" run \
		--rootfs "$ROOTFS" --enable probe -- /bin/true
}

# bats test_tags=kernel
@test "trust: a link is judged by what it leads to" {
	own_plugins
	mkdir -m 777 bad
	mv own/probe.so bad/
	ln -s ../bad/probe.so own/probe.so
	refused "bad can be written by others" own_run
	# Also behind a good plugin of the same directory.
	cp "$PLUGINS/probe-a.so" own/
	refused "bad can be written by others" contain_run --plugin-dir "$TMP/own" --enable probe-a --enable probe -- /bin/true
	chmod 755 bad
	attempt own_run
	same 0 "$status"
	ln -sf /nonesuch own/probe.so
	refused probe own_run
	rm own/probe.so
	mkdir own/probe.so
	refused "own/probe.so" own_run
}

@test "trust: the code of a plugin that is refused does not run, not even for its flags" {
	own_plugins
	chmod o+w own/probe.so
	refused "--probe-word" contain_run --plugin-dir "$TMP/own" --probe-word x -- /bin/true || {
		# Told by the plugin's name, or by the flag that nobody has.
		same 125 "$status"
		has "$stderr" "own/probe.so can be written by others"
	}
	lacks "$stderr" 'probe: configure'
}

@test "plugin directories: one that is not there, an empty CONTAIN_PLUGIN_PATH, names that lead elsewhere" {
	refused "--plugin-dir|/nonesuch" contain_run --plugin-dir /nonesuch -- /bin/true
	refused "CONTAIN_PLUGIN_PATH|/nonesuch" env CONTAIN_PLUGIN_PATH=/nonesuch "$CONTAIN" --root "$STATE" run \
		--rootfs "$ROOTFS" -- /bin/true
	attempt env CONTAIN_PLUGIN_PATH= "$CONTAIN" -q --root "$STATE" run --name "$NAME" --rootfs "$ROOTFS" -- /bin/true
	same 0 "$status"
	own_plugins
	refused "'../own/probe'" contain_run --plugin-dir "$PLUGINS" --enable ../own/probe -- /bin/true
	refused "'$TMP/own/probe'" contain_run --enable "$TMP/own/probe" -- /bin/true
}

# ---- switching plugins

@test "--enable, --disable, and what belongs to a plugin that is off" {
	inside --disable utsns -- /bin/hostname
	same "$(</proc/sys/kernel/hostname)" "$output"
	refused "--hostname|utsns|--disable" contain_run --disable utsns --hostname x -- /bin/true
	refused "--memory|cgroup-memory|--disable" contain_run --disable cgroup-memory --memory 64M -- /bin/true
	refused "--enable|--disable|netns" contain_run --enable netns --disable netns -- /bin/true
	refused "'nosuch'" contain_run --enable nosuch -- /bin/true
	refused "'nosuch'" contain_run --disable nosuch -- /bin/true
	refused "'netn'|did you mean 'netns'" contain_run --enable netn -- /bin/true
}

@test "--set: any value of a profile" {
	inside --set utsns.hostname=a --set utsns.hostname=b=c -- /bin/hostname
	same b=c "$output"
	inside --set process.user=nobody -- /bin/sh -c 'grep ^Uid /proc/self/status'
	has "$output" 65534
	refused "[utsns]|'hostnam'|did you mean 'hostname'" contain_run --set utsns.hostnam=x -- /bin/true
	refused "'utsn'|did you mean 'utsns'" contain_run --set utsn.hostname=x -- /bin/true
	refused "--set|PLUGIN.KEY=VALUE" contain_run --set utsns -- /bin/true
	refused "--set|PLUGIN.KEY=VALUE" contain_run --set utsns.hostname -- /bin/true
	refused "--set|PLUGIN.KEY=VALUE" contain_run --set hostname=x.y -- /bin/true
	refused "is zero" contain_run --set cgroup-memory.max=0 -- /bin/true
}

@test "unknown flags and commands, with suggestions" {
	refused "--memry|did you mean '--memory'" contain_run --memry 64M -- /bin/true
	refused "--xyzzyx" contain_run --xyzzyx -- /bin/true
	lacks "$stderr" 'did you mean'
	refused "-Z" contain_run -Z -- /bin/true
	refused "'rnu'|did you mean 'run'" "$CONTAIN" rnu
	refused "--quite|did you mean '--quiet'" "$CONTAIN" --quite run
}
