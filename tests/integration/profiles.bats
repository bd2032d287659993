#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# bats file_tags=host
# shellcheck disable=SC2154,SC2016 # variables of bats; scripts of the container in quotes
# --profile: what it says is done, and each mistake is told with file and line.
load common

# A profile that runs, with more lines below.
good() {
	profile '[plugins]' 'pidns = on' 'utsns = on' 'mountns = on' 'proc = on' '' "$@"
}

with_profile() {
	contain_run --profile "$TMP/test.ini" "$@" -- /bin/true
}

# all_refused LINE...: ends with 125, with just these errors, in this order (each with $TMP/test.ini: in front).
all_refused() {
	local line
	attempt with_profile
	same "125 " "$status $output"
	for line; do printf '[contain] error: %s:%s\n' "$TMP/test.ini" "$line"; done >expected
	diff expected - <<<"$stderr" || fail "$stderr"
}

@test "an installed profile by its name, with or without its ending; else a path" {
	inside --profile minimal -- /bin/true
	inside --profile minimal.ini -- /bin/true
	good '[utsns]' 'hostname = from-profile'
	inside --profile "$TMP/test.ini" -- /bin/hostname
	same from-profile "$output"
	inside --profile ./test.ini -- /bin/hostname
	same from-profile "$output"
	# A file that somebody has put into the current directory is none.
	refused "'test.ini'|--profile ./test.ini" contain_run --profile test.ini -- /bin/true
	cp test.ini minimal.ini
	inside --profile minimal.ini -- /bin/hostname
	same "$NAME" "$output"
	refused "'nosuch'" contain_run --profile nosuch -- /bin/true
	refused "$TMP/nosuch.ini|No such file" contain_run --profile "$TMP/nosuch.ini" -- /bin/true
	refused "directory" contain_run --profile "$TMP/" -- /bin/true
	mkfifo fifo
	refused "not a regular file" contain_run --profile "$TMP/fifo" -- /bin/true
}

@test "everything from the profile; the command line beats it, and lists add up" {
	profile '[plugins]' 'pidns = yes' 'utsns = true' 'mountns = 1' 'proc = on' 'netns = off' '' \
		'[process]' 'env = A=1' 'env = B=1' 'workdir = /usr' 'user = nobody' \
		'[mountns]' "rootfs = $ROOTFS" 'read_only = yes' '[utsns]' 'hostname = p' \
		'[cgroup-memory]' 'max = 64M'
	script='echo $A$B$C; pwd; hostname; grep ^Uid /proc/self/status; (echo x >/tmp/x) 2>&1; ls -d /sys/fs 2>&1'
	attempt "$CONTAIN" -q --root "$STATE" run --name "$NAME" --profile ./test.ini --env C=3 -- /bin/sh -c "$script"
	has "$output" $'113\n/usr\np\nUid:\t65534' 'Read-only'
	attempt "$CONTAIN" -q --root "$STATE" run --name "$NAME" --profile ./test.ini --env B=2 --workdir / --hostname c \
		--user root --read-only=no -- /bin/sh -c "echo \$A\$B; pwd; hostname; echo x >/tmp/x && rm /tmp/x"
	same $'12\n/\nc' "$output"
	# Values of a plugin that is not switched on are checked, and nothing more.
	attempt contain_run --profile ./test.ini -- /bin/true
	same 0 "$status"
	lacks "$stderr" memory=
	attempt contain_run --profile ./test.ini --enable cgroup-memory -- /bin/true
	has "$stderr" memory=64M
}

@test "the plugins act in the profile's order" {
	profile '[plugins]' 'mountns = on' 'proc = on' 'utsns = on' 'pidns = on'
	attempt with_profile
	same 0 "$status"
	same 'setting up rootfs,mounting /proc,setting hostname,' "$(grep -oE 'setting up rootfs|mounting /proc|setting hostname' \
		<<<"$stderr" | tr '\n' ',')"
	profile '[plugins]' 'proc = on' 'utsns = on' 'mountns = on' 'pidns = on'
	attempt with_profile
	same 'setting hostname,setting up rootfs,mounting /proc,' "$(grep -oE 'setting up rootfs|mounting /proc|setting hostname' \
		<<<"$stderr" | tr '\n' ',')"
}

@test "inherits: later beats earlier, from the directory of the heir" {
	mkdir base
	printf '%s\n' '[plugins]' 'pidns = on' 'mountns = on' 'proc = on' 'utsns = on' 'ipcns = on' '[utsns]' 'hostname = base' \
		'[process]' 'env = A=base' 'env = B=base' >base/one.ini
	printf '%s\n' '[profile]' 'inherits = one.ini' '[process]' 'env = B=two' >base/two.ini
	printf '%s\n' '[profile]' 'inherits = base/two' '[plugins]' 'ipcns = off' '[process]' 'env = C=three' >three.ini
	# shellcheck disable=SC2016
	inside --profile ./three.ini -- /bin/sh -c 'hostname; echo $A $B $C; readlink /proc/self/ns/ipc'
	same $'base\nbase two three\n'"$(readlink /proc/self/ns/ipc)" "$output"
	printf '%s\n' '[profile]' 'inherits = three.ini' '[utsns]' 'hostname = heir' '[process]' 'env =' 'env = D=1' >four.ini
	inside --profile ./four.ini -- /bin/hostname
	same heir "$output"
	inside --profile ./four.ini -- /usr/bin/env
	same $'D=1\nHOME=/root' "$(sort <<<"$output")"
}

@test "inherits: loops, and files that are missing, name who wanted them" {
	printf '%s\n' '[profile]' 'inherits = test.ini' >other.ini
	profile '[profile]' 'inherits = other.ini'
	refused "$TMP/other.ini:2: |loop|test.ini" with_profile
	profile '[profile]' 'inherits = test.ini'
	refused "$TMP/test.ini:2: |loop" with_profile
	profile '[profile]' '' 'inherits = nosuch.ini'
	refused "$TMP/test.ini:3: [profile] inherits: |nosuch.ini|No such file" with_profile
	# A mistake in the base is told with the base's name.
	printf '%s\n' '[plugins]' 'pidns = maybe' >base.ini
	profile '[profile]' 'inherits = base.ini' '[plugins]' 'utsns = perhaps'
	attempt with_profile
	has "$stderr" "$TMP/base.ini:2: [plugins] pidns: 'maybe'" "$TMP/test.ini:4: [plugins] utsns: 'perhaps'"
}

@test "mistakes of syntax, each with its line" {
	good 'nonsense'
	refused "$TMP/test.ini:7: |'nonsense' has no '='" with_profile
	good '[utsns'
	refused "$TMP/test.ini:7: |no ']'" with_profile
	good '[utsns] x'
	refused "$TMP/test.ini:7: |behind ']'" with_profile
	good '[]'
	refused "$TMP/test.ini:7: |no name" with_profile
	good '[ut sns]'
	refused "$TMP/test.ini:7: |space" with_profile
	good '[utsns]' 'hostname : x'
	refused "$TMP/test.ini:8: |':'|key = value" with_profile
	good '[utsns]' ' hostname = x'
	refused "$TMP/test.ini:8: |indented" with_profile
	good '[utsns]' '= x'
	refused "$TMP/test.ini:8: |no key" with_profile
	good '[utsns]' 'hostname = x ; a comment'
	refused "$TMP/test.ini:8: |comment|line of its own" with_profile
	good '[utsns]' "hostname = $(printf 'x%.0s' {1..300})"
	refused "$TMP/test.ini:8: |long" with_profile
	good '[utsns]' $'hostname = a\001b'
	refused "$TMP/test.ini:8: |control character" with_profile
	profile 'hostname = x' '[utsns]'
	refused "$TMP/test.ini:1: |before the first" with_profile
	printf '[utsns]\nhostname = a\0b\n' >test.ini
	refused "$TMP/test.ini:2: |NUL" with_profile
	# Lines of any length that are comments, CRLF, a byte order mark, no newline at the end: no mistakes.
	good "; $(printf 'x%.0s' {1..3000})" '# y' '' '[utsns]' 'hostname = fine'
	sed -i 's/$/\r/; 1s/^/\xef\xbb\xbf/' test.ini
	truncate -s -2 test.ini
	inside --profile ./test.ini -- /bin/hostname
	same fine "$output"
}

@test "mistakes of meaning, all at once, with lines and suggestions" {
	profile '[plugins]' 'pidns = on' 'utsnz = on' 'mountns = on' 'pidns = off' 'proc = maybe' '' \
		'[utsns]' 'hostnam = x' 'hostname = a' 'hostname = b' '[cgroup-memry]' 'max = 1' '[cgroup-memory]' 'max = 0' \
		'limt = 5' '[process]' 'usr = x' 'env = =x'
	attempt with_profile
	same 125 "$status"
	# What stands in [plugins] is wrong already for the reader, the rest for the plugins.
	has "$stderr" "$TMP/test.ini:5: [plugins] names 'pidns' twice (first in line 2)" \
		"$TMP/test.ini:6: [plugins] proc: 'maybe' is not on or off"
	sed -i '6d; 5d' test.ini
	attempt with_profile
	same 125 "$status"
	has "$stderr" "$TMP/test.ini:3: there is no plugin 'utsnz' (did you mean 'utsns'?)" \
		"$TMP/test.ini:7: [utsns] has no key 'hostnam' (did you mean 'hostname'?)" \
		"$TMP/test.ini:9: [utsns] 'hostname' is given twice (first in line 8)" \
		"$TMP/test.ini:10: there is no section or plugin 'cgroup-memry' (did you mean 'cgroup-memory'?)" \
		"$TMP/test.ini:13: [cgroup-memory] max: '0' is zero" \
		"$TMP/test.ini:14: [cgroup-memory] has no key 'limt'" \
		"$TMP/test.ini:16: [process] has no key 'usr' (did you mean 'user'?)" \
		"$TMP/test.ini:17: [process] env: "
	same 8 "$(grep -c '' <<<"$stderr")"
}

@test "a section of a plugin that is off is checked too, and an empty section as well" {
	good '[netns]' '[nosuch]'
	refused "$TMP/test.ini:8: |'nosuch'" with_profile
	good '[cgroup-pids]' 'max = -1'
	refused "$TMP/test.ini:8: [cgroup-pids] max: |negative" with_profile
	good '[profile]' 'inherit = x'
	refused "$TMP/test.ini:8: [profile] has no key 'inherit' (did you mean 'inherits'?)" with_profile
}

@test "an error of one profile ends with one message" {
	good '[utsns]' 'hostname = a b'
	all_refused "8: [utsns] hostname: 'a b': must not have a space, a slash or a control character in it"
}

# bats test_tags=kernel
@test "the profiles that are installed run" {
	local file count=0
	for file in "$PROFILES"/*.ini; do
		attempt contain_run --profile "$file" -- /bin/true
		same 0 "$status"
		count=$((count + 1))
	done
	((count >= 2))
}
