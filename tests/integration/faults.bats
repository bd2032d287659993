#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2154,SC2016,SC2030,SC2031 # variables of bats; scripts of the container in quotes
# Bad input and faults: one clear error, exit status 125, and nothing left behind (which teardown looks at).
load common

bare() {
	"$CONTAIN" --root "$STATE" run --name "$NAME" "$@"
}

@test "the root file system: not given, empty, missing, a file, an empty directory, unreadable" {
	refused 'no root filesystem|--rootfs DIR' bare -- /bin/true
	refused 'no root filesystem|--rootfs DIR' bare --rootfs '' -- /bin/true
	refused '/nonesuch|No such file' bare --rootfs /nonesuch -- /bin/true
	touch file
	refused "$TMP/file|directory" bare --rootfs "$TMP/file" -- /bin/true
	mkdir empty
	refused "$TMP/empty|empty" bare --rootfs "$TMP/empty" -- /bin/true
	refused "$TMP/file/x|Not a directory" bare --rootfs "$TMP/file/x" -- /bin/true
	ln -s loop loop
	refused "loop" bare --rootfs loop -- /bin/true
	refused 'File name too long' bare --rootfs "/$(printf 'x%.0s' {1..5000})" -- /bin/true
	[[ ! -e $STATE ]]
}

@test "no command given" {
	refused 'no command given' contain_run
	refused 'no command given' contain_run --
	attempt "$CONTAIN"
	same 125 "$status"
}

@test "a root file system in which nothing can be made: mount points that are missing" {
	own_rootfs
	rmdir "$ROOTFS/proc"
	private 'mount --bind "$1" "$1"; mount -o remount,ro,bind "$1"; "${@:2}" || exit $?' sh "$ROOTFS" \
		"$CONTAIN" -q --root "$STATE" run --name "$NAME" --rootfs "$ROOTFS" -- /bin/true 2>messages && fail "it ran"
	file_has messages "error: .*/proc.*Read-only file system"
	same 1 "$(wc -l <messages)"
}

@test "not root: says what is needed" {
	local copy
	# Where everybody may reach it.
	copy=$(mktemp -d /tmp/contain-it.XXXXXX)
	cp -a "$CONTAIN_BUILD"/{bin,lib,etc} "$copy/"
	chmod 755 "$copy"
	attempt setpriv --reuid 65534 --regid 65534 --clear-groups "$copy/bin/contain" run --rootfs / -- /bin/true
	rm -r "$copy"
	same 125 "$status"
	same 1 "$(grep -c '' <<<"$stderr")"
	has "$stderr" '[contain] error: ' 'needs root' sudo
}

@test "without a capability that it needs: an error that names the step" {
	attempt setpriv --bounding-set -sys_admin --inh-caps -sys_admin "$CONTAIN" -q --root "$STATE" run --name "$NAME" \
		--rootfs "$ROOTFS" -- /bin/true
	same 125 "$status"
	has "$stderr" '[contain] error: ' 'Operation not permitted'
}

@test "the state directory: cannot be made, is a file, belongs to others, can be written by others" {
	touch file
	refused "/nonesuch/x" contain_run --root /nonesuch/x -- /bin/true
	refused "$TMP/file" contain_run --root "$TMP/file" -- /bin/true
	mkdir -m 777 open
	refused "$TMP/open|written by others" contain_run --root "$TMP/open" -- /bin/true
	chmod 755 open
	chown 65534 open
	refused "$TMP/open|another user" contain_run --root "$TMP/open" -- /bin/true
	refused "--root|value" contain_run --root
	same '' "$(ls -A open)"
}

# The state directory on a small file system of its own; a line from it to its end, which must be good whatever happened.
small_disk='
	mkdir -p "$1"; mount -t tmpfs -o "$2" tiny "$1"; chmod 755 "$1"
	if [[ ${fill-} ]]; then head -c 1M /dev/zero >"$1/fill" 2>/dev/null || true; fi
	status=0; "${@:3}" || status=$?
	rest=$(ls -A "$1"); [[ $rest == "" || $rest == fill ]] || echo "left: $rest"
	exit $status'

@test "disk full: the state directory has no room" {
	export fill=1
	refused "No space left" private "$small_disk" sh "$STATE" size=16k "$CONTAIN" --root "$STATE" run --name "$NAME" \
		--rootfs "$ROOTFS" --memory 64M -- /bin/true
}

@test "disk full: no room for the next file, wherever that happens" {
	local inodes ran=
	for inodes in 2 3 4 5 6 7; do
		attempt private "$small_disk" sh "$STATE" "size=64k,nr_inodes=$inodes" "$CONTAIN" -q --root "$STATE" run \
			--name "$NAME" --rootfs "$ROOTFS" --memory 64M -- /bin/true
		same '' "$output"
		if [[ $status == 0 ]]; then
			ran=1
			break
		fi
		same "125 1" "$status $(grep -c '' <<<"$stderr")"
		has "$stderr" '[contain] error: ' "$STATE" 'No space left'
	done
	[[ $ran ]]
	((inodes > 2))
}

@test "disk full: room for a little, and then a little more" {
	local pages ran=
	for pages in 1 2 3 4 8; do
		attempt private "$small_disk" sh "$STATE" "size=$((pages * 4))k" "$CONTAIN" -q --root "$STATE" run \
			--name "$NAME" --rootfs "$ROOTFS" --memory 64M -- /bin/true
		same '' "$output"
		if [[ $status == 0 ]]; then
			ran=1
			break
		fi
		same "125 1" "$status $(grep -c '' <<<"$stderr")"
		has "$stderr" 'No space left'
	done
	[[ $ran ]]
}

@test "too few descriptors: an error, wherever they end" {
	local most ran=
	for most in 4 5 6 7 8 9 10 12 14 16 18 20 24 28 32; do
		attempt bash -c 'ulimit -n "$1"; exec "${@:2}"' sh "$most" "$CONTAIN" -q --root "$STATE" run --name "$NAME" \
			--rootfs "$ROOTFS" --memory 64M -- /bin/true 3>&-
		if [[ $status == 0 ]]; then
			ran=1
			break
		fi
		# The dynamic loader itself says it with 127.
		[[ $status == 125 || $status == 127 ]] || fail "exit status $status with $most: $stderr" || return 1
		[[ $stderr ]] || fail "no message with $most" || return 1
	done
	[[ $ran ]]
}

@test "an executable that was copied elsewhere, without its plugins" {
	mkdir bin
	cp "$CONTAIN" bin/
	attempt bin/contain run --rootfs "$ROOTFS" -- /bin/true
	same 125 "$status"
	has "$stderr" "[contain] error: " "default.ini" "$TMP/etc/contain"
	profile '[plugins]' 'mountns = on'
	refused "'mountns'|searched" bin/contain run --profile ./test.ini -- /bin/true
}

@test "an installed tree works from wherever it lies" {
	mkdir installed
	cp -a "$CONTAIN_BUILD"/{bin,lib,etc} installed/
	attempt installed/bin/contain -q --root "$STATE" run --name "$NAME" --rootfs "$ROOTFS" -- /bin/echo moved
	same '0 moved' "$status $output"
	ln -s "$TMP/installed/bin/contain" link
	attempt ./link -q --root "$STATE" run --name "$NAME" --rootfs "$ROOTFS" -- /bin/echo linked
	same '0 linked' "$status $output"
}

@test "the executable of the host cannot be reached from inside: /proc/1/exe of a hook is a sealed copy" {
	hold_in child_enter -- /bin/true
	[[ ! /proc/$INIT/exe -ef $CONTAIN ]]
	# Nobody can write to it.
	refuses_writing() { ! (: >>"/proc/$INIT/exe") 2>/dev/null; }
	refuses_writing
	proceed
	same 0 "$status"
}

@test "re-executing contain by hand does nothing" {
	attempt "$CONTAIN" child 0 1 </dev/null
	[[ $status != 0 ]]
	attempt "$CONTAIN" child 7 8
	[[ $status != 0 ]]
}
