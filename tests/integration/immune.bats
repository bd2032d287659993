#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# bats file_tags=host
# shellcheck disable=SC2154,SC2016,SC2030,SC2031,SC2153 # variables of bats; scripts of the container in quotes
# shellcheck disable=SC2034,SC2086 # descriptors that are left open; commands with their flags
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
	weaker=(setpriv "--bounding-set=-sys_ptrace,-checkpoint_restore" "$CONTAIN" -q --root "$STATE")
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
	# The host's file would be busy only for now.
	same 2 "$(grep -c '^kept .*: /memfd:contain' <<<"$output")"
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
	# A sanitizer wants to be the first.
	{
		ldd "$CONTAIN" | grep -o '/[^ ]*lib[a-z]*san[^ ]*' || true
		echo /mnt/preload.so
	} >"$ROOTFS/etc/ld.so.preload"
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
	for fd in {3..9}; do
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
	for fd in {3..6}; do
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
	for fd in {3..9}; do
		for way in "/proc/self/fd/$fd" "/proc/self/fd/$fd/../../../../../..$TMP/program"; do
			attempt contain run --name "$NAME-2" --rootfs "$ROOTFS" -- "$way" look 1
			[[ $status == 12[67] && ! $output ]] || fail "$way: $status: $output"
			attempt contain exec "$NAME" "$way" look 1
			[[ $status == 12[67] && ! $output ]] || fail "$way: $status: $output"
		done
	done
}

# ---- names

# denied WORDS COMMAND...: as refused, of a contain -q, many times.
denied() {
	local words=$1
	shift
	attempt "$@"
	[[ $status == 125 && ! $output && $stderr == "[contain] error: "*"$words"* && $stderr != *$'\n'* ]] ||
		fail "$*" "exit status $status" "output: $output" "messages: $stderr"
}

@test "a name that is a path, empty, or too long, for every command" {
	local name command long flags
	printf -v long '%065d' 0
	# What a path would lead to.
	mkdir -p "$STATE" "$TMP/x"
	chmod 700 "$STATE" "$TMP/x"
	echo bait >"$TMP/x/config"
	for name in ../x "$STATE/../x" '' .. "$long" $'a\nb' x/; do
		for command in state inspect exec kill stop wait logs attach ps stats pause resume update delete start; do
			flags=()
			[[ $command != exec ]] || flags=(true)
			[[ $command != update ]] || flags=(--memory 64M)
			[[ $command != stats ]] || flags=(--no-stream)
			denied "is no name of a container" contain "$command" "$name" "${flags[@]}"
		done
		denied "name" contain run --name "$name" --rootfs "$ROOTFS" -- /bin/true
		denied "name" contain create --name "$name" --rootfs "$ROOTFS" -- /bin/true
		denied "name" contain run -d --name "$name" --rootfs "$ROOTFS" -- /bin/true
	done
	denied "is no name of a container" contain delete --force ../x
	same bait "$(<"$TMP/x/config")"
	same '' "$(ls -A "$STATE")"
}

# ---- mounts and files of the image

@test "volume targets through a directory and a link that change places all the time (CVE-2021-30465)" {
	local link won=0
	own_rootfs
	arm
	mkdir "$TMP/outside" "$TMP/volume"
	touch "$TMP/file"
	for link in "$TMP/outside" "../../../../../../../../../..$TMP/outside" /proc/self/root/"$TMP/outside"; do
		rm -rf "$ROOTFS/data" "$ROOTFS/link" "$TMP/in/stop"
		mkdir "$ROOTFS/data"
		ln -s "$link" "$ROOTFS/link"
		alive "${armed[@]}"
		contain exec "$NAME" /mnt/intruder swap /data /link /mnt >"$TMP/swapping" 3>&- &
		PID=$!
		STARTED+=("$PID")
		wait_for file_has "$TMP/swapping" ready
		for _ in {1..8}; do
			attempt contain run --name "$NAME-2" --rootfs "$ROOTFS" --volume "$TMP/volume:/data/sub" \
				--volume "$TMP/file:/data/file" -- /bin/true
			[[ $status == 0 || $status == 125 ]] || fail "$status: $stderr"
			won=$((won + (status == 0)))
		done
		touch "$TMP/in/stop"
		end_of_start
		contain delete --force "$NAME"
	done
	same '' "$(find "$TMP/outside" "$TMP/volume" -mindepth 1)"
	((won > 0))
}

@test "an image whose /dev, /dev/pts, /proc or /sys is a link" {
	local place
	for place in dev proc; do
		own_rootfs
		mkdir "$TMP/outside"
		rm -rf "${ROOTFS:?}/$place"
		for link in "$TMP/outside" /tmp ../../../../../../../../tmp /proc/self/root/tmp; do
			ln -sfn "$link" "$ROOTFS/$place"
			refused "/$place|symbolic link" contain run --name "$NAME" --rootfs "$ROOTFS" -- /bin/true
			refused "/$place|symbolic link" contain run -d -t --name "$NAME" --rootfs "$ROOTFS" -- /bin/true
			refused "/$place|symbolic link" contain create --name "$NAME" --rootfs "$ROOTFS" -- /bin/true
		done
		same '' "$(find "$TMP/outside" "$ROOTFS/tmp" -mindepth 1)"
		rm -rf "$ROOTFS" "$TMP/outside"
		ROOTFS=$CONTAIN_ROOTFS
	done
	# These are nothing that contain mounts on, or hidden by what it mounts.
	own_rootfs
	rm -rf "${ROOTFS:?}/sys" "${ROOTFS:?}"/dev/*
	ln -s /tmp "$ROOTFS/sys"
	for place in pts shm mqueue null console ptmx; do ln -s /tmp "$ROOTFS/dev/$place"; done
	inside_sh 'test -c /dev/null && test -c /dev/ptmx && test -d /dev/shm && ! test -L /dev/pts && ls /tmp'
	same '' "$output"
	same '' "$(ls -A "$ROOTFS/tmp")"
}

# on_terminal STEP... -- COMMAND...: contain on a terminal.
on_terminal() {
	attempt "$HELPERS/pty" -t "$DEADLINE" "$@"
	output=${output//$'\r'/}
}

@test "/dev/null and /dev/console replaced from inside are not followed by exec (CVE-2025-31133, CVE-2025-52565)" {
	local trick
	arm
	echo untouched >"$TMP/in/victim"
	chmod 600 "$TMP/in/victim"
	alive "${armed[@]}"
	for trick in 'ln -s /mnt/victim /dev/$d' 'mkfifo /dev/$d' 'mknod /dev/$d c 1 7' 'mkdir /dev/$d' \
		': >/dev/$d; mount -o bind /mnt/victim /dev/$d'; do
		in_it /bin/sh -c 'cd /; for d in null console tty ptmx; do umount /dev/$d 2>/mnt/errors; rm -rf /dev/$d; '"$trick"'; done'
		in_it /bin/sh -c 'echo works'
		same works "$output"
		attempt contain exec -d "$NAME" /bin/true
		same 0 "$status"
		on_terminal '=works' -- "$CONTAIN" --root "$STATE" exec "$NAME" /bin/sh -c 'test -t 0 && echo works'
		same 0 "$status"
	done
	same untouched "$(<"$TMP/in/victim")"
	same 600:0 "$(stat -c %a:%u "$TMP/in/victim")"
}

@test "/dev/pts/ptmx replaced from inside: exec -t takes another terminal, and does nothing to what lies there" {
	local trick
	arm
	echo untouched >"$TMP/in/victim"
	chmod 600 "$TMP/in/victim"
	alive "${armed[@]}"
	for trick in ':' 'ln -s /mnt/victim /dev/pts/ptmx' 'mkfifo /dev/pts/ptmx' 'mknod /dev/pts/ptmx c 1 7' 'mkdir /dev/pts/ptmx' \
		'mknod /dev/pts/ptmx c 5 2' ': >/dev/pts/ptmx; mount -o bind /mnt/victim /dev/pts/ptmx' \
		'rmdir /dev/pts; mkdir -p /mnt/pts; mkfifo /mnt/pts/ptmx; ln -s /mnt/pts /dev/pts'; do
		# Twice, as the last one may have mounted in it.
		in_it /bin/sh -c 'umount /dev/pts/ptmx 2>/mnt/errors; umount /dev/pts 2>/mnt/errors; rm -rf /dev/pts/*; '"$trick"
		on_terminal '=works' -- "$CONTAIN" --root "$STATE" exec -u 1000 "$NAME" /bin/sh -c 'test -t 0 && echo works'
		same 0 "$status"
		lacks "$output" error
	done
	same untouched "$(<"$TMP/in/victim")"
	same 600:0 "$(stat -c %a:%u "$TMP/in/victim")"
}

@test "/proc replaced from inside is nothing that exec needs" {
	own_rootfs
	arm
	alive "${armed[@]}"
	in_it /bin/sh -c 'umount /proc && rmdir /proc 2>/mnt/errors; mount -t tmpfs none /proc 2>/mnt/errors; mkdir -p /proc/self/fd; echo works'
	in_it -u 1000 -w /tmp /bin/sh -c 'echo works'
	same works "$output"
	on_terminal '=works' -- "$CONTAIN" --root "$STATE" exec "$NAME" /bin/sh -c 'test -t 0 && echo works'
	same 0 "$status"
}

# ---- users (CVE-2026-30892)

@test "users and groups that are no numbers, for run, the profile and exec" {
	local user
	own_rootfs
	printf '%s\n' ':x:0:0:::' 'minus:x:-1:0:::' 'last:x:4294967295:0:::' 'next:x:4294967296:0:::' 'gid:x:1:-1:::' 'gid2:x:1:4294967295:::' \
		'space:x: 0:0:::' 'plus:x:+0:0:::' 'none:x::0:::' >"$ROOTFS/etc/passwd"
	printf '%s\n' ':x:0:' 'minus:x:-1:' 'last:x:4294967295:' 'next:x:4294967296:' >"$ROOTFS/etc/group"
	alive
	for user in -1 -0x1 4294967295 4294967296 18446744073709551615 18446744073709551616 99999999999999999999999999 1x 0x0 +0 ' 0' '' : :0 0: \
		0:-1 0:4294967295 0:4294967296 0: 0:minus 0:last 0:next minus last next gid gid2 space plus none nobody-here; do
		denied "" contain run --name "$NAME-2" --rootfs "$ROOTFS" "--user=$user" -- id
		denied "" contain exec "--user=$user" "$NAME" id
	done
	for user in -1 4294967295 minus last ' '; do
		profile "[profile]" "inherits = $PROFILES/default.ini" "[process]" "user = $user"
		[[ $user == ' ' ]] || denied "" contain run --profile "$TMP/test.ini" --name "$NAME-2" --rootfs "$ROOTFS" -- id
		denied "" contain run --name "$NAME-2" --rootfs "$ROOTFS" --group "$user" -- id
	done
}

@test "an /etc/passwd of the image that is a fifo, a device, a way to /proc, huge, or changes meanwhile" {
	# id(1) would look into the file itself.
	local trick uid=(/bin/sh -c 'set -- $(grep Uid: /proc/self/status); echo $2')
	own_rootfs
	arm
	alive "${armed[@]}"
	for trick in 'mkfifo /etc/passwd' 'mkdir /etc/passwd' 'mknod /etc/passwd c 1 5' 'mknod /etc/passwd c 1 9' 'mknod /etc/passwd c 5 2' \
		'ln -s /proc/self/mem /etc/passwd' 'ln -s /proc/self/environ /etc/passwd' 'ln -s /proc/kmsg /etc/passwd' \
		'ln -s /proc/self/exe /etc/passwd' 'ln -s /proc/self/fd/3 /etc/passwd' 'ln -s passwd /etc/passwd' \
		'truncate -s 1024G /etc/passwd' 'mkfifo /mnt/fifo; ln -s /mnt/fifo /etc/passwd'; do
		in_it /bin/sh -c "rm -rf /etc/passwd; $trick"
		denied "" contain exec -u name "$NAME" "${uid[@]}"
		[[ $trick == ln* ]] || denied "" contain run --name "$NAME-2" --rootfs "$ROOTFS" "${armed[@]}" --user name -- "${uid[@]}"
		in_it -u 1000 "${uid[@]}"
		same 1000 "$output"
	done
	in_it /bin/sh -c 'rm -rf /etc/passwd /etc/passwd2; echo "name:x:7:7:::" >/etc/passwd; mkfifo /etc/passwd2'
	contain exec "$NAME" /mnt/intruder swap /etc/passwd /etc/passwd2 /mnt >"$TMP/swapping" 3>&- &
	PID=$!
	STARTED+=("$PID")
	wait_for file_has "$TMP/swapping" ready
	for _ in {1..8}; do
		attempt contain exec -u name "$NAME" "${uid[@]}"
		[[ $status == 125 || $status == 0 && $output == 7 ]] || fail "$status: $output $stderr"
	done
	touch "$TMP/in/stop"
	end_of_start
}

# ---- the command's environment

# bats test_tags=kernel
@test "LD_PRELOAD and its like are the command's alone, for run, the profile, exec and --init" {
	local name flags=() library
	own_rootfs
	arm
	trap_image
	rm "$ROOTFS/etc/ld.so.preload"
	for library in $(ldd /usr/bin/env | grep -o '/[^ ]*'); do
		mkdir -p "$ROOTFS${library%/*}"
		cp -L "$library" "$ROOTFS$library"
	done
	cp /usr/bin/env "$ROOTFS/bin/dynamic"
	# One that would be found among the host's files, too.
	cp "$HELPERS/preload.so" "$TMP/preload.so"
	mkdir -p "$ROOTFS$TMP"
	cp "$HELPERS/preload.so" "$ROOTFS$TMP/"
	for name in LD_PRELOAD LD_AUDIT; do flags+=(-e "$name=$TMP/preload.so"); done
	for name in LD_LIBRARY_PATH GCONV_PATH LOCPATH; do flags+=(-e "$name=$TMP"); done
	flags+=(-e LD_DEBUG=libs -e "LD_DEBUG_OUTPUT=$TMP/debug" -e GLIBC_TUNABLES=x -e MALLOC_CHECK_=3 -e LD_BIND_NOW= -e CONTAIN_PLUGIN_PATH=/tmp)
	attempt contain run --name "$NAME" --rootfs "$ROOTFS" "${flags[@]}" -- /bin/dynamic
	has "$output" "LD_PRELOAD=$TMP/preload.so" "GCONV_PATH=$TMP"
	attempt contain run --name "$NAME" --rootfs "$ROOTFS" "${flags[@]}" --init -- /bin/dynamic
	has "$output" "LD_PRELOAD=$TMP/preload.so"
	profile "[profile]" "inherits = $PROFILES/default.ini" "[process]" "env = LD_PRELOAD=$TMP/preload.so"
	attempt contain run --profile "$TMP/test.ini" --name "$NAME" --rootfs "$ROOTFS" -- /bin/dynamic
	has "$output" "LD_PRELOAD=$TMP/preload.so"
	alive "${flags[@]}"
	attempt contain exec "$NAME" /bin/dynamic
	has "$output" "LD_PRELOAD=$TMP/preload.so"
	attempt contain exec "${flags[@]}" "$NAME" /bin/dynamic
	# The command has loaded it each time; among the host's files, and by us, it never was.
	same 5 "$(grep -c '^/bin/dynamic$' "$ROOTFS$TMP/preload.so.loaded")"
	same 5 "$(grep -c . "$ROOTFS$TMP/preload.so.loaded")"
	same '' "$(find "$TMP" -maxdepth 1 \( -name preload.so.loaded -o -name "debug*" \))"
}

# ---- the terminal, the output

@test "a command without a terminal of its own, and without CAP_SYS_ADMIN, can't type into the caller's" {
	arm
	on_terminal '=pushed' -- "$CONTAIN" -q --root "$STATE" run -T --name "$NAME" --rootfs "$ROOTFS" "${weak[@]}" -- /mnt/intruder push
	same 0 "$status"
	has "$output" 'terminal: as before'
	lacks "$output" got
	alive "${weak[@]}"
	on_terminal '=pushed' -- "$CONTAIN" -q --root "$STATE" exec -T "$NAME" /mnt/intruder push
	same 0 "$status"
	has "$output" 'terminal: as before'
	lacks "$output" got
	# Nor is the terminal that it gets by itself the caller's: what it types there comes to nobody else.
	on_terminal '=pushed' -- "$CONTAIN" -q --root "$STATE" exec "$NAME" /mnt/intruder push
	same 0 "$status"
	has "$output" 'terminal: as before'
}

@test "a log is never longer than it may be, whatever is written" {
	local size
	alive --log-size 64K -- /bin/sh -c 'yes | head -c 600000; yes "" | head -c 100000; head -c 300000 /dev/urandom; head -c 300000 /dev/zero >&2'
	attempt contain wait "$NAME"
	same 0 "$output"
	size=$(du -cb "$STATE/$NAME/"output* | tail -1 | cut -f 1)
	# Twice 64K: a line that does not fit begins a new file.
	((size <= 2 * 65536)) || fail "$size bytes"
	contain logs "$NAME" >"$TMP/logs" 2>&1
	contain delete "$NAME"
}

@test "descriptors that are closed and opened again, garbage on the terminal, input that nobody reads" {
	alive -t -- /bin/sh -c 'head -c 200000 /dev/urandom; exec 0<&- 1>&- 2>&-; exec 0<>/dev/console 1>&0 2>&0; stty -echo; head -c 200000 /dev/urandom; exit 3'
	attempt contain wait "$NAME"
	same 3 "$output"
	contain logs "$NAME" >"$TMP/logs"
	contain delete "$NAME"
	alive -- /bin/sh -c 'exec 1>&- 2>&-; exec sleep 1000'
	in_it /bin/echo works
	same works "$output"
	contain delete --force "$NAME"
	alive -i -- /bin/sh -c 'echo started; exec sleep 1000'
	# As much as no pipe holds; the one who attaches waits, and the others do not.
	head -c 3000000 /dev/zero | contain attach "$NAME" >"$TMP/output" 2>&1 3>&- &
	PID=$!
	STARTED+=("$PID")
	in_it /bin/echo works
	same works "$output"
	contain delete --force "$NAME"
	wait_for is_dead "$PID"
}

@test "processes that outlive the first one and write for ever do not keep the monitor" {
	alive --disable pidns --pids 20 -- /bin/sh -c 'for i in 1 2 3 4 5 6; do yes & yes >&2 & done; exit 3'
	attempt timeout "$DEADLINE" "$CONTAIN" --root "$STATE" wait "$NAME"
	same 3 "$output"
	contain delete "$NAME"
}

# ---- cgroups

@test "a container that has frozen itself is told as paused, and ends" {
	local command
	for command in 'stop -t 0' 'kill --all' 'delete --force'; do
		alive -- /bin/sh -c 'mkdir -p /dev/c; mount -t cgroup2 none /dev/c; mkdir -p /dev/c/below; echo 1 >/dev/c/below/cgroup.freeze
			sleep 1000 & echo $! >/dev/c/below/cgroup.procs; echo 1 >/dev/c/cgroup.freeze; exec sleep 1000'
		is_paused() { [[ $(contain state "$NAME") == *'"paused"'* ]]; }
		wait_for is_paused
		refused 'is paused: resume it first' contain exec "$NAME" /bin/true
		case $command in
		kill*) contain kill --all "$NAME" KILL ;;
		*) contain ${command} "$NAME" ;;
		esac
		is_stopped() { [[ $command == delete* || $(contain state "$NAME") == *'"stopped"'* ]]; }
		wait_for is_stopped
		[[ $command == delete* ]] || contain delete --force "$NAME"
	done
}

@test "a process in a cgroup deeper than a path is long is seen, signalled and ended" {
	arm
	alive "${armed[@]}" -- /bin/sh -c 'mkdir -p /dev/c; mount -t cgroup2 none /dev/c; /mnt/intruder deep /dev/c >/mnt/got & sleep 1000'
	wait_for file_has "$TMP/in/got" ready
	attempt contain ps "$NAME"
	has "$output" '/mnt/intruder deep'
	in_it /bin/echo works
	same works "$output"
	contain kill --all "$NAME" USR1
	is_seen() { [[ $(contain ps "$NAME") == *deep* ]]; }
	wait_for eval '! is_seen'
	contain delete --force "$NAME"
}

@test "a container that takes all processes that it may: exec says so" {
	alive --pids 5 -- /bin/sh -c 'for i in 1 2 3 4; do sleep 1000 & done; wait'
	is_full() { (($(contain ps "$NAME" | grep -c sleep) >= 5)); }
	wait_for is_full
	attempt contain exec "$NAME" /bin/true
	# v1 lets one in that was made outside.
	[[ $status == 0 || $status == 125 && $stderr == "[contain] error: the container '$NAME' has as many processes as it may have" ]] ||
		fail "$status: $stderr"
	contain kill --all "$NAME" KILL
}

# ---- what is shown

@test "control characters in a command, of a process and of its name, reach no terminal" {
	local evil=$'\e[31mred\x9b1m\xc2\x9b1m\x7f\ttab\nline\r' command
	arm
	alive "${armed[@]}" -- /bin/sh -c 'echo started; /mnt/intruder name "$1" >/mnt/got; :' "$evil" "$evil"
	wait_for file_has "$TMP/in/got" ready
	for command in list 'list --json' "ps $NAME" "ps --json $NAME" "state $NAME" "inspect $NAME" "logs -t $NAME"; do
		attempt contain ${command}
		same 0 "$status"
		! LC_ALL=C grep -aqP '[\x00-\x09\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|(?<![\xc2-\xf4\x80-\xbf])[\x80-\xbf]' "$TMP/.output" ||
			fail "$command: $(cat -v "$TMP/.output")"
	done
	attempt contain list
	same 2 "$(wc -l <"$TMP/.output")"
	attempt "$CONTAIN" --root "$STATE" exec "$NAME" "$evil"
	same 127 "$status"
	! LC_ALL=C grep -aqP '[\x00-\x09\x0b-\x1f\x7f]|\xc2[\x80-\x9f]' "$TMP/.stderr" || fail "$(cat -v "$TMP/.stderr")"
}

# ---- an unprivileged user of the host

@test "a --root that another user has put a link at, or owns, or can write to" {
	mkdir -m 700 "$TMP/target" "$TMP/target/x"
	echo bait | tee "$TMP/target/x/config" >"$TMP/target/x/record"
	ln -s target "$TMP/link"
	chown -h 65534 "$TMP/link"
	mkdir -m 700 "$TMP/theirs"
	chown 65534 "$TMP/theirs"
	mkdir "$TMP/open"
	chmod 777 "$TMP/open"
	for root in link link/ link// theirs open; do
		for command in "run --name x --rootfs $ROOTFS -- /bin/true" "create --name y --rootfs $ROOTFS -- /bin/true" 'list -q' gc 'state x' \
			'delete --force x'; do
			denied "$TMP/$root" "$CONTAIN" -q --root "$TMP/$root" ${command}
		done
	done
	same 'config record' "$(cd "$TMP/target/x" && echo *)"
	same '' "$(find "$TMP/theirs" "$TMP/open" -mindepth 1)"
	# Root's own link is followed.
	ln -s state "$TMP/link-of-root"
	mkdir -m 700 "$STATE"
	attempt "$CONTAIN" -q --root "$TMP/link-of-root" run --name "$NAME" --rootfs "$ROOTFS" -- /bin/true
	same 0 "$status"
}

@test "a --root that is no state directory: nothing in it is taken for a container" {
	mkdir -p "$TMP/etc/theirs" "$TMP/etc/mode"
	chmod 700 "$TMP/etc/theirs"
	echo precious | tee "$TMP"/etc/{theirs,mode}/{config,record,output,attach,start,new} >"$TMP/copy"
	chown 65534 "$TMP/etc/theirs"
	chmod 755 "$TMP/etc" "$TMP/etc/mode"
	contain_there() { "$CONTAIN" -q --root "$TMP/etc" "$@"; }
	attempt contain_there gc --stopped
	refused 'no container' contain_there delete --force mode
	refused 'no container' contain_there delete --force theirs
	refused '' contain_there run --name mode --rootfs "$ROOTFS" -- /bin/true
	refused '' contain_there run --name theirs --rootfs "$ROOTFS" -- /bin/true
	same 12 "$(cat "$TMP"/etc/*/* | grep -c precious)"
}

@test "XDG_RUNTIME_DIR: nothing to root, and another user's is refused" {
	# Below $TMP nobody else may look.
	OPEN_TO_ALL=$(mktemp -d /dev/contain-test.XXXXXX)
	chmod 755 "$OPEN_TO_ALL"
	cp -a "$CONTAIN_BUILD"/{bin,lib,etc} "$OPEN_TO_ALL/"
	mkdir -m 755 "$OPEN_TO_ALL/run" "$OPEN_TO_ALL/run/contain" "$OPEN_TO_ALL/own"
	chown 65534 "$OPEN_TO_ALL/own"
	as_user() { setpriv --reuid 65534 --regid 65534 --clear-groups env "$@"; }
	refused "$OPEN_TO_ALL/run/contain|another user" as_user XDG_RUNTIME_DIR="$OPEN_TO_ALL/run" "$OPEN_TO_ALL/bin/contain" list -q
	refused "$OPEN_TO_ALL/run/contain|another user" as_user XDG_RUNTIME_DIR="$OPEN_TO_ALL/run" "$OPEN_TO_ALL/bin/contain" gc
	attempt as_user XDG_RUNTIME_DIR="$OPEN_TO_ALL/own" "$OPEN_TO_ALL/bin/contain" list -q
	same 0 "$status"
	# Root's is where it always is.
	mkdir -m 700 "$OPEN_TO_ALL/own/contain" "$OPEN_TO_ALL/own/contain/x"
	attempt env XDG_RUNTIME_DIR="$OPEN_TO_ALL/own" "$CONTAIN" list -q
	same 0 "$status"
	[[ $'\n'$output$'\n' != *$'\nx\n'* ]]
}
