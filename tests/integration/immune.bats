#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2154,SC2016,SC2030,SC2031 # variables of bats; scripts of the container in quotes
# What a hostile root in a container, a hostile image and an unprivileged user of the host may try. Where a root with all
# capabilities would win by right, they are dropped (plugins/drop.c), from the process of ours that he tries it with too.
load common

eval "common_$(declare -f teardown)"
teardown() {
	local id
	[[ ! -d ${STATE-} ]] || for id in $("$CONTAIN" --root "$STATE" list -q); do
		"$CONTAIN" -q --root "$STATE" delete --force "$id" || true
	done
	[[ ! ${OPEN_TO_ALL-} ]] || rm -rf --one-file-system "$OPEN_TO_ALL"
	common_teardown
}

# A folder of the container, /mnt, with what the intruder needs.
arm() {
	mkdir -m 777 "$TMP/in"
	cp "$HELPERS/intruder" "$HELPERS/preload.so" "$TMP/in/"
	armed=(--volume "$TMP/in:/mnt")
	weak=("${armed[@]}" --plugin-dir "$HELPERS/plugins" --enable drop --set drop.hold=/mnt)
}

# alive [FLAGS] [-- COMMAND]: a container in the background.
alive() {
	[[ " $* " == *' -- '* ]] || set -- "$@" -- /bin/sleep 1000
	attempt "$CONTAIN" -q --root "$STATE" run -d --name "$NAME" --rootfs "$ROOTFS" "$@"
	[[ $status == 0 && ! $stderr ]] || fail "exit status $status" "messages: $stderr"
}

contain() {
	"$CONTAIN" -q --root "$STATE" "$@"
}

# in_it [FLAGS OF EXEC --] COMMAND...: succeeds, without messages.
in_it() {
	local flags=()
	while [[ $1 == -* ]]; do
		flags+=("$1")
		[[ $1 != -[uwe] ]] || { flags+=("$2") && shift; }
		shift
	done
	attempt contain exec "${flags[@]}" "$NAME" "$@"
	[[ $status == 0 && ! $stderr ]] || fail "exit status $status" "output: $output" "messages: $stderr"
}

# joining [FLAGS]: an exec that waits in child_seal. Its number in the container is $JOINER; go_on lets it go on.
joining() {
	rm -f "$TMP/in/hold" "$TMP/in/at"
	mkfifo -m 666 "$TMP/in/hold" "$TMP/in/at"
	exec {HOLD}<>"$TMP/in/hold" {AT}<>"$TMP/in/at"
	contain exec "$@" "$NAME" /bin/true >"$TMP/output" 2>"$TMP/messages" 3>&- &
	PID=$!
	STARTED+=("$PID")
	read -r -t "$DEADLINE" JOINER <&"$AT" || fail "did not reach child_seal:" "$(<"$TMP/messages")"
	# Only that one.
	rm "$TMP/in/hold"
}
go_on() {
	echo >&"$HOLD"
	end_of_start
}

# A contain of our own, which may be destroyed.
own_contain() {
	mkdir "$TMP/prefix"
	cp -a "$CONTAIN_BUILD"/{bin,lib,etc} "$TMP/prefix/"
	CONTAIN=$TMP/prefix/bin/contain
	BEFORE_ATTACK=$(sums)
}
sums() {
	find "$TMP/prefix" "$HELPERS/plugins" -type f -exec sha256sum {} + | sort
}

# ---- the process that joins (CVE-2016-9962)

@test "a root without CAP_SYS_PTRACE sees nothing of the process that joins, nor of a user's" {
	arm
	alive "${weak[@]}"
	joining
	in_it /mnt/intruder look "$JOINER"
	same looked "$output"
	in_it -u 1000 /mnt/intruder look "$JOINER"
	same looked "$output"
	go_on
	same 0 "$status"
	joining -u 1000
	in_it /mnt/intruder look "$JOINER"
	same looked "$output"
	go_on
	same 0 "$status"
}

@test "the same user sees nothing of his own process that joins" {
	arm
	alive "${weak[@]}" --user 1000 --set drop.keep=none
	joining
	in_it /mnt/intruder look "$JOINER"
	same looked "$output"
	go_on
	same 0 "$status"
	# The attempt is a real one: a process that is not ours has all of this.
	in_it /mnt/intruder look 1
	has "$output" 'got /proc/1/exe' 'got /proc/1/environ' 'got /proc/1/root/' 'got /proc/1/fd/0' 'got /proc/1/maps'
}

@test "the first process of ours that stays, --init, is as closed" {
	arm
	alive "${weak[@]}" --init
	in_it /mnt/intruder look 1
	same looked "$output"
	in_it -u 1000 /mnt/intruder look 1
	same looked "$output"
	# Nor has it the command's environment, for who may look.
	same '' "$(tr '\0' '\n' <"/proc/$(first_process)/environ")"
}

@test "who shares a pid namespace with the first process sees nothing of it before its execve" {
	local name=$NAME first
	arm
	joiner_fifos() { mkfifo -m 666 "$TMP/in/hold" "$TMP/in/at" && exec {HOLD}<>"$TMP/in/hold" {AT}<>"$TMP/in/at"; }
	NAME=$name-other alive "${weak[@]}" --disable pidns
	joiner_fifos
	start "${weak[@]}" --disable pidns -- /bin/true
	read -r -t "$DEADLINE" first <&"$AT"
	rm "$TMP/in/hold"
	NAME=$name-other in_it /mnt/intruder look "$first"
	same looked "$output"
	go_on
	same 0 "$status"
}

@test "the process that joins leaves no core" {
	arm
	ulimit -c unlimited
	alive "${weak[@]}" --workdir /mnt
	joining -w /mnt
	# Held back, like all others, until just before the execve.
	in_it /bin/kill -ABRT "$JOINER"
	go_on
	same 134 "$status"
	joining -w /mnt
	in_it /bin/kill -KILL "$JOINER"
	end_of_start
	same 125 "$status"
	has "$(<"$TMP/messages")" 'the command did not start' SIGKILL child_seal
	same '' "$(find "$TMP/in" -name 'core*')"
}

@test "a process that lies in wait for those that join gets none of them, from their birth on" {
	local weaker
	arm
	# Ours has no capability that the intruder has not.
	weaker=(setpriv --bounding-set=-sys_ptrace,-checkpoint_restore "$CONTAIN" -q --root "$STATE")
	attempt "${weaker[@]}" run -d --name "$NAME" --rootfs "$ROOTFS" "${armed[@]}" -- \
		/bin/sh -c '/mnt/intruder ambush /mnt >/mnt/got; sleep 1000'
	same 0 "$status"
	wait_for file_has "$TMP/in/got" ready
	for _ in {1..10}; do
		attempt "${weaker[@]}" exec "$NAME" /bin/true
		same 0 "$status"
	done
	touch "$TMP/in/stop"
	wait_for file_has "$TMP/in/got" '^seen'
	lacks "$(<"$TMP/in/got")" got
	matches "$(<"$TMP/in/got")" 'seen [1-9]'
}

# ---- our executable and the plugins (CVE-2019-5736)

@test "a root with all capabilities can't overwrite contain through the process that joins, or --init" {
	own_contain
	arm
	alive "${weak[@]}" --set drop.keep=all --init
	joining
	in_it /mnt/intruder overwrite "/proc/$JOINER/exe" /proc/1/exe
	lacks "$output" got
	same 2 "$(grep -c ^kept <<<"$output")"
	go_on
	same 0 "$status"
	same "$BEFORE_ATTACK" "$(sums)"
}

# An image in which contain, started as a command, is given a library of the image (/etc/ld.so.preload).
trap_image() {
	local library
	own_rootfs
	for library in $(ldd "$CONTAIN" | grep -o '/[^ ]*'); do
		mkdir -p "$ROOTFS${library%/*}"
		cp -L "$library" "$ROOTFS$library"
	done
	echo /mnt/preload.so >"$ROOTFS/etc/ld.so.preload"
	printf '#!/proc/self/exe\n' >"$ROOTFS/bin/bad"
	chmod 755 "$ROOTFS/bin/bad"
}

@test "a command that is /proc/self/exe, or a script for it, gets a copy of contain that can't be overwritten" {
	local command
	own_contain
	arm
	trap_image
	for command in /proc/self/exe /bin/bad; do
		attempt contain run --name "$NAME" --rootfs "$ROOTFS" "${armed[@]}" -- "$command"
		has "$output" 'kept /proc/self/fd/'
		attempt contain run --name "$NAME" --rootfs "$ROOTFS" "${armed[@]}" --init -- "$command"
		has "$output" 'kept /proc/self/fd/'
	done
	alive "${armed[@]}"
	for command in /proc/self/exe /bin/bad; do
		attempt contain exec "$NAME" "$command"
		has "$output" 'kept /proc/self/fd/'
	done
	# All of them were our copy.
	same 6 "$(grep -c . "$TMP/in/preload.so.loaded")"
	same '' "$(grep -v '^/memfd:contain' "$TMP/in/preload.so.loaded")"
	same "$BEFORE_ATTACK" "$(sums)"
}

# ---- descriptors and working directories (CVE-2024-21626)

@test "what the caller left open is not there, for run, create and exec" {
	exec {LEAKED}</ {LEAKED_TOO}<"$TMP"
	inside -- /bin/ls /proc/self/fd
	# 3 is the directory that ls reads.
	same $'0\n1\n2\n3' "$output"
	contain create --name "$NAME" --rootfs "$ROOTFS" -- /bin/sh -c 'ls -l /proc/1/fd; sleep 1000' >"$TMP/created" 2>&1 3>&-
	contain start "$NAME"
	wait_for file_has "$TMP/created" ' 2 -> '
	same 3 "$(grep -c -e '->' "$TMP/created")"
	in_it /bin/ls /proc/self/fd
	same $'0\n1\n2\n3' "$output"
}

# No way to the host from a directory or command that is one of our descriptors.
try_descriptors() {
	local fd way up=../../../../../../../../../../../..
	for fd in {3..14}; do
		for way in "/proc/self/fd/$fd" "/proc/self/fd/$fd/.."; do
			attempt "$@" -w "$way" -- /bin/cat "$up$TMP/secret" "$up/contain-secret"
			lacks "$output$stderr" 'the host'
			[[ $status == 125 || $status == 1 ]] || fail "$way: $status: $stderr"
		done
	done
}

@test "/proc/self/fd/N is no working directory outside of the root, for run, the profile, create and exec" {
	local fd
	exec {LEAKED}</ {LEAKED_TOO}<"$TMP"
	echo 'of the host' >"$TMP/secret"
	run_it() { contain_run -q "$@"; }
	try_descriptors run_it
	for fd in {3..14}; do
		profile "[profile]" "inherits = $PROFILES/default.ini" "[process]" "workdir = /proc/self/fd/$fd"
		attempt contain_run -q --profile "$TMP/test.ini" -- /bin/cat "../../../../../../..$TMP/secret"
		lacks "$output" 'the host'
		attempt contain create --name "$NAME" --rootfs "$ROOTFS" -w "/proc/self/fd/$fd" -- /bin/cat "../../../../../../..$TMP/secret"
		[[ $status != 0 ]] || contain start "$NAME" >/dev/null
		attempt contain delete --force "$NAME"
	done
	alive
	exec_it() { # -w WAY -- COMMAND
		local way=$2
		shift 3
		contain exec -w "$way" "$NAME" "$@"
	}
	try_descriptors exec_it
}

@test "/proc/self/fd/N is no command, nor a way to one of the host" {
	local fd way
	exec {LEAKED}</ {LEAKED_TOO}<"$TMP" {LEAKED_PROGRAM}<"$HELPERS/intruder"
	cp "$HELPERS/intruder" "$TMP/program"
	alive
	for fd in {3..14}; do
		for way in "/proc/self/fd/$fd" "/proc/self/fd/$fd/../../../../../..$TMP/program"; do
			attempt contain run --name "$NAME-2" --rootfs "$ROOTFS" -- "$way" look 1
			[[ $status == 12[67] && ! $output ]] || fail "$way: $status: $output"
			attempt contain exec "$NAME" "$way" look 1
			[[ $status == 12[67] && ! $output ]] || fail "$way: $status: $output"
		done
	done
}
