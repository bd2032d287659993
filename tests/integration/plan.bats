#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# bats file_tags=host
# shellcheck disable=SC2154,SC2016,SC2030,SC2031 # variables of bats; scripts of jq in quotes
# contain plan: it says what run then does, where all of it comes from, and changes nothing.
load common

PLUGINS=$HELPERS/plugins

# planned [FLAGS] [-- COMMAND]: what run of contain_run is planned to be; succeeds, without messages. In $output.
planned() {
	attempt "$CONTAIN" -q --root "$STATE" plan --name "$NAME" --rootfs "$ROOTFS" "$@"
	[[ $status == 0 && ! $stderr ]] || fail "exit status $status" "output: $output" "messages: $stderr"
}

# json FILTER: of the plan in $output.
json() {
	jq -r "$1" <<<"$output" || fail "no JSON, or no filter: $1" "$output"
}

# option SECTION KEY FILTER: of that option in the plan's JSON.
option() {
	json "((.core[] | select(.section == \"$1\")), (.plugins[] | select(.name == \"$1\"))).options[] | select(.key == \"$2\") | $3"
}

@test "the text: profile, plugins and who switched them, options and where they come from, cgroups, timeline" {
	planned --memory 64M --set cgroup-memory.swap=0 --disable proc -- /bin/sh -c 'echo "x y"'
	matches "$output" $'^profile +default.ini \(.*/etc/contain/default.ini\)\n'
	matches "$output" $'\ncontainer +'"$NAME, in the foreground, without a terminal"$'\n'
	matches "$output" $'\ncommand +/bin/sh -c \'echo "x y"\'\nuser +root\ndirectory +/\n'
	matches "$output" $'\nnamespaces +pid \(pidns\), uts \(utsns\), mnt \(mountns\), .*net \(netns\)\n'
	matches "$output" $'\nPLUGIN +ON BY +FILE\npidns +default.ini:[0-9]+ +'"[^ ]*/lib/contain/plugins/pidns.so"$'\n'
	matches "$output" $'\nOFF +BY\nproc +--disable, on in default.ini:[0-9]+\n'
	matches "$output" $'\nprocess.env +default.ini:[0-9]+ +PATH='
	matches "$output" $'\nprocess.log_size +default +10M\n'
	matches "$output" $'\nmountns.rootfs +--rootfs +'"$ROOTFS"$'\n'
	matches "$output" $'\ncgroup-memory.max +--memory +64M\n'
	matches "$output" $'\ncgroup-memory.high +- +-\n'
	matches "$output" $'\ncgroup-memory.swap +--set cgroup-memory.swap +0\n'
	matches "$output" $'\n/[^\n]*/contain-'"$NAME +(v1|cgroup2) +.*memory \(cgroup-memory\)"
	matches "$output" $'\n │   configure +mountns cgroup-memory cgroup-cpu cgroup-pids netns\n'
	has "$output" " │   reserve the id   $STATE/$NAME" $'\n │        └──► child\n' \
		$'\n │                    execve         /bin/sh -c \'echo "x y"\'\n' $'\n └   teardown'
	! grep -q ' $' <<<"$output" || fail "blanks at the end of a line"
}

@test "where a value comes from: inherited, overridden, set, given by a flag, default; lists add up, or are emptied" {
	mkdir base
	printf '%s\n' '[plugins]' 'utsns = on' 'pidns = off' 'mountns = on' '[utsns]' 'hostname = base' '[process]' 'env = A=base' \
		'env = B=base' '[cgroup-memory]' 'max = 32M' >base/base.ini
	printf '%s\n' '[profile]' 'inherits = base/base.ini' '[process]' 'env =' 'env = C=middle' '[mountns]' 'volume =' >middle.ini
	profile '[profile]' 'inherits = middle.ini' '[plugins]' 'pidns = on' 'cgroup-memory = off' '[utsns]' 'hostname = heir'
	planned --json --profile ./test.ini --env D=flag --set utsns.hostname=set --memory 64M
	same './base/base.ini null,./middle.ini 2,./test.ini 2' \
		"$(json '[.profiles[] | "\(.name) \(.inherits_line)"] | join(",")')"
	same '["set",true,null]' "$(option utsns hostname '[.value, .given, .default] | tostring')"
	same '[{"source":"--set utsns.hostname","line":null,"value":"set"}]' "$(option utsns hostname '.origins | tostring')"
	same './base/base.ini:6 base,./test.ini:7 heir' \
		"$(option utsns hostname '[.beaten[] | "\(.source):\(.line) \(.value)"] | join(",")')"
	same 'C=middle D=flag' "$(option process env '.value | join(" ")')"
	same './middle.ini:5 C=middle,--env:null D=flag' \
		"$(option process env '[.origins[] | "\(.source):\(.line) \(.value)"] | join(",")')"
	same 'A=base B=base' "$(option process env '[.beaten[].value] | join(" ")')"
	same '[] true' "$(option mountns volume '"\(.value) \(.given)"')"
	same '67108864 --memory 32M' "$(option cgroup-memory max '"\(.value) \(.origins[0].source) \(.beaten[0].value)"')"
	same '10485760 false 10M []' "$(option process log_size '"\(.value) \(.given) \(.default) \(.origins)"')"
	same 'null false null' "$(option process user '"\(.value) \(.given) \(.default)"')"
	# Who switched it: on again, on by a flag, on from the beginning.
	same './test.ini:4 true ./base/base.ini:3 false' "$(json '.plugins[] | select(.name == "pidns") |
		"\(.by.source):\(.by.line) \(.by.on) \(.instead_of.source):\(.instead_of.line) \(.instead_of.on)"')"
	same '--memory ./test.ini:5' "$(json '.plugins[] | select(.name == "cgroup-memory") | "\(.by.source) \(.instead_of.source):\(.instead_of.line)"')"
	same './base/base.ini:2 null' "$(json '.plugins[] | select(.name == "utsns") | "\(.by.source):\(.by.line) \(.instead_of)"')"
	# The same for people.
	planned --profile ./test.ini --env D=flag --set utsns.hostname=set
	has "$output" $'profile     ./test.ini, inherits in line 2 from\n            ./middle.ini, inherits in line 2 from\n            ./base/base.ini\n'
	matches "$output" $'\nprocess.env +./middle.ini:5 +C=middle\n +--env +D=flag \(instead of A=base, ./base/base.ini:8; B=base, ./base/base.ini:9\)\n'
	matches "$output" $'\nmountns.volume +./middle.ini:7 +none\n'
	matches "$output" $'\nutsns.hostname +--set utsns.hostname +set \(instead of base, ./base/base.ini:6; heir, ./test.ini:7\)\n'
	matches "$output" $'\nOFF +BY\ncgroup-memory +./test.ini:5\n'
	planned --profile ./test.ini --memory 64M
	matches "$output" $'\ncgroup-memory +--memory, off in ./test.ini:5 +/'
	# A flag of a plugin that is on says nothing new of why.
	planned --json --hostname flag --disable netns
	same default.ini "$(json '.plugins[] | select(.name == "utsns") | .by.source')"
	same '["netns"]' "$(json '[.off[].name] | tostring')"
}

@test "the hooks are those that run calls, in that order, of plugins of other people too" {
	local flags=(--plugin-dir "$PLUGINS" --enable probe-after-b --enable probe-last --enable probe-b --enable probe-first)
	planned --json "${flags[@]}"
	json '.timeline[] | .step as $hook | .plugins[] | select(startswith("probe")) | "\(.): \($hook)"' >expected
	(($(wc -l <expected) == 4 * 9)) || fail "$(<expected)"
	same "$PLUGINS/probe-b.so 1.0" "$(json '.plugins[] | select(.name == "probe-b") | "\(.path) \(.version)"')"
	# In the child it is what stands between go and the end of it, in the parent all else.
	same 'unshare child_setup child_switch child_enter credentials child_seal execve' \
		"$(json '[.timeline[] | select(.process == "child").step] | join(" ")')"
	same 'configure parent_prepare parent_attach parent_started report teardown' \
		"$(json '[.timeline[] | select(.hook and .process == "parent").step] | join(" ")')"
	attempt contain_run "${flags[@]}" -- /bin/true
	same 0 "$status"
	sed -n 's/^\[contain\] \(probe[a-z-]*: [a-z_]*\)$/\1/p' <<<"$stderr" | diff expected - || fail "run calls others"
}

# bats test_tags=kernel
@test "namespaces and cgroups are those that run makes" {
	planned --json --memory 64M
	json '[.namespaces[].name] | "[contain] creating namespaces: \(join(" "))"' >expected
	json '.cgroups[].path' | sort >cgroups
	hold --memory 64M
	grep -qxFf expected messages || fail "$(<expected)" "$(<messages)"
	"$CONTAIN" --root "$STATE" inspect "$NAME" | jq -r '.cgroups[]' | sort | diff cgroups - || fail "other cgroups"
	same "$(cgroup_version memory) cgroup-memory" "$(json '.cgroups[] | .version as $v | .controllers[] |
		select(.name == "memory") | "\($v) \(.plugins | join(" "))"')"
	release
	same 0 "$status"
	# A name that is made up is none, and nor is its cgroup.
	attempt "$CONTAIN" plan --json --rootfs "$ROOTFS"
	same 'null true' "$(json '"\(.id) \([.cgroups[].path] == [.cgroups[] | null])"')"
	same "$(dirname "$(head -n 1 cgroups)")" "$(json '[.cgroups[].parent] | sort | .[0]')"
}

@test "what a plugin asks for, and sets, in configure" {
	planned --json --plugin-dir "$PLUGINS" --disable netns --enable probe-asks --set probe-asks.number=20 --set probe-asks.quiet=yes
	same 'utsns probe-asks' "$(json '.namespaces[] | select(.name == "uts").plugins | join(" ")')"
	same probe-asks "$(json '.namespaces[] | select(.name == "net").plugins | join(" ")')"
	same 'cgroup-pids probe-asks' "$(json '.cgroups[].controllers[] | select(.name == "pids").plugins | join(" ")')"
	same '42 true 20' "$(option probe-asks number '"\(.value) \(.computed) \(.origins[0].value)"')"
	same false "$(option probe-asks level .computed)"
	planned --plugin-dir "$PLUGINS" --enable probe-asks --set probe-asks.quiet=yes
	matches "$output" $'\nprobe-asks.number +the plugin +42\n'
	matches "$output" $'\nprobe-asks.level +default +middle\n'
}

@test "it takes run's own flags, and shows what they make of it" {
	planned --json -d --rm -t --user nobody --env A=1 -- /bin/echo one 'two words'
	same "$NAME true false true nobody" "$(json '"\(.id) \(.background) \(.kept) \(.terminal) \(.user)"')"
	same '["/bin/echo","one","two words"]' "$(json '.command | tostring')"
	has "$(json '.environment | tostring')" '"A=1"' '"TERM='
	has "$(json '[.timeline[].step] | tostring')" '"open terminal","child_enter"'
	planned --json -d --report "$TMP/report"
	same 'null true true false root' "$(json '"\(.command) \(.background) \(.kept) \(.terminal) \(.user)"')"
	[[ ! -e report ]]
	planned -d -t
	matches "$output" $'\ncontainer +'"$NAME"', in the background, on a terminal of its own, kept until it is deleted'
	matches "$output" $'\ncommand +none given\n'
	attempt "$CONTAIN" plan --rootfs "$ROOTFS"
	matches "$output" $'\ncontainer +an ID that is made up, in the foreground'
	has "$output" 'contain-ID'
}

# mistaken [FLAGS]: run ends with 125 and these messages, and so does plan.
mistaken() {
	local messages
	attempt contain_run "$@" -- /bin/true
	same "125 " "$status $output"
	messages=$stderr
	attempt "$CONTAIN" --root "$STATE" plan --name "$NAME" --rootfs "$ROOTFS" "$@" -- /bin/true
	same "125 " "$status $output"
	same "${messages//contain run --help/contain plan --help}" "$stderr"
	[[ $stderr ]] || fail "no message"
}

@test "each mistake that run tells is told in the same words" {
	profile '[plugins]' 'mountns = on' 'nosuch = on' '[mountns]' 'rotfs = x' '[cgroup-memory]' 'max = 64Q'
	mistaken --profile ./test.ini
	same 3 "$(grep -c "error: ./test.ini:" <<<"$stderr")"
	mistaken --profile ./nosuch.ini
	mistaken --memroy 64M
	mistaken --memory 64Q
	mistaken --memory 64M --disable cgroup-memory
	mistaken --rootfs "$TMP/nosuch"
	mistaken --tty --no-tty
	mistaken --name /
	mistaken --init --disable pidns
	mistaken --plugin-dir "$PLUGINS" --enable probe-needs-a
	mistaken --plugin-dir "$PLUGINS" --enable probe-loop-one --enable probe-loop-two
	mistaken --plugin-dir "$PLUGINS" --enable probe-required
	mistaken --plugin-dir "$PLUGINS" --enable odd-null
	mistaken --plugin-dir "$PLUGINS" --enable probe-a --set probe-a.quiet=yes --set probe-a.fail=configure
	mistaken --set cgroup.parent=/no/such/cgroup
}

@test "nothing changes: no file is made, nothing mounted, no process started, nothing written but the plan" {
	local before calls='^[0-9]+ +(mkdir|mknod|rmdir|unlink|rename|link|symlink|chmod|chown|fchmod|fchown|truncate|ftruncate|creat|mount|umount|move_mount|open_tree|fsopen|fsmount|pivot_root|chroot|unshare|setns|clone|fork|vfork|execveat|kill|tgkill|pidfd|memfd|socket|bind|connect|sethostname|setdomainname|setuid|setgid|setgroups|setresuid|setresgid|prctl|capset|mq_|shm|sem|msg|bpf|perf_event|keyctl|add_key|utime|ioctl\(.*SET)'
	before=$(host_state)
	# Leaks are looked for by a thread of its own.
	ASAN_OPTIONS=detect_leaks=0 planned --json --memory 64M --enable netns --volume "$TMP:/mnt" -- /bin/true
	ASAN_OPTIONS=detect_leaks=0 attempt strace -f -o "$TMP/calls" "$CONTAIN" --root "$STATE" plan --name "$NAME" \
		--rootfs "$ROOTFS" --memory 64M --enable netns --volume "$TMP:/mnt" -- /bin/true
	same "0 " "$status $stderr"
	same "$before" "$(host_state)"
	[[ ! -e $STATE ]] || fail "there is a state directory"
	# The sanitizers' own doings aside.
	[[ $CONTAIN_BUILD == *sanitize* ]] || ! grep -E "$calls" "$TMP/calls" || fail "it does more than to look"
	! grep -E '(open|openat|openat2)\(.*O_(WRONLY|RDWR|CREAT|TRUNC)' "$TMP/calls" || fail "it opens files to write"
	! grep -E '^[0-9]+ +(write|writev|pwrite64|sendmsg|sendto)\(' "$TMP/calls" | grep -v ' write([12], ' ||
		fail "it writes to others"
	[[ $(grep -c ' execve(' "$TMP/calls") == 1 ]]
}

@test "nobody need be root, nor have a command" {
	local copy
	# Where everybody may reach it.
	copy=$(mktemp -d /tmp/contain-it.XXXXXX)
	cp -a "$CONTAIN_BUILD"/{bin,lib,etc} "$copy/"
	mkdir -p "$copy/rootfs/bin"
	chmod 755 "$copy" "$copy/rootfs"
	attempt setpriv --reuid 65534 --regid 65534 --clear-groups env -u XDG_RUNTIME_DIR "$copy/bin/contain" plan --json \
		--rootfs "$copy/rootfs" --memory 64M
	rm -r "$copy"
	same "0 " "$status $stderr"
	same "$copy/rootfs" "$(option mountns rootfs .value)"
}

@test "values are shown without what a terminal would act upon" {
	planned --env $'A=\e[31m' --hostname $'h\xff' -- /bin/echo $'\e]0;x\a'
	! grep -qP '[\x00-\x09\x0b-\x1f\x7f]' <<<"$output" || fail "control characters"
	has "$output" 'A=?[31m' 'h?'
	planned --json --env $'A=\e[31m' -- /bin/echo $'\e]0;x\a'
	same $'A=\e[31m' "$(option process env '.value[1]')"
}
