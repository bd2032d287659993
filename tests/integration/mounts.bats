#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2154,SC2016,SC2030,SC2031 # variables of bats; scripts of the container in quotes
# The container's files: its mount table, /dev, and what it cannot reach.
load common

# mount_table FILE: a line for each mount, sorted: POINT OPTIONS PROPAGATION TYPE. (Options that differ from host to host
# are left out.)
mount_table() {
	local line tail point options tags
	while read -r line; do
		tail=${line#* - }
		read -r _ _ _ _ point options tags <<<"${line% - *}"
		options=${options/,relatime/}
		printf '%s %s %s %s\n' "$point" "$options" "${tags:--}" "${tail%% *}"
	done <"$1" | sort
}

@test "the mount table has just these mounts, with these flags, and all are private" {
	hold
	# The volume is hold's own.
	mount_table "/proc/$INIT/mountinfo" | grep -v '^/mnt ' >table
	release
	sed "1s/ [^ ]*$/ TYPE/" table >found
	printf '%s\n' '/ rw - TYPE' '/dev rw,nosuid - tmpfs' '/dev/mqueue rw,nosuid,nodev,noexec - mqueue' \
		'/dev/pts rw,nosuid,noexec - devpts' '/dev/shm rw,nosuid,nodev,noexec - tmpfs' \
		'/proc rw,nosuid,nodev,noexec - proc' >expected
	diff expected found
}

@test "minimal.ini: the root and /proc alone" {
	hold --profile minimal.ini
	same $'/\n/mnt\n/proc' "$(mount_table "/proc/$INIT/mountinfo" | cut -d ' ' -f 1)"
	release
}

@test "mqueue only with an IPC namespace of its own" {
	inside --disable ipcns -- /bin/cat /proc/self/mountinfo
	lacks "$output" mqueue
	has "$output" ' /dev/shm '
}

@test "the old root is gone: no mount, and no way up" {
	local inode
	inode=$(stat -L -c %i "$ROOTFS")
	inside_sh 'cd ..; cd ../../../..; pwd; stat -c %i . /.. /proc/1/root/..'
	same "/"$'\n'"$inode"$'\n'"$inode"$'\n'"$inode" "$output"
	# A chroot of root's own would be left by this; a pivoted root is not.
	inside_sh 'mkdir -p /tmp/jail/bin && cp /bin/busybox /tmp/jail/bin/sh && chroot /tmp/jail /bin/sh -c "cd ..; cd ..; pwd"; rm -r /tmp/jail'
	same / "$output"
}

@test "the container may mount, and the host does not see it" {
	hold
	tell_and_hear 'mount -t tmpfs over /opt && mkdir /opt/seen && echo mounted'
	same mounted "$heard"
	[[ ! -e $ROOTFS/opt/seen ]]
	lacks "$(</proc/self/mountinfo)" "$ROOTFS/opt"
	release
}

@test "a shared root file system of the host stays as it was" {
	private '
		mount -t tmpfs over "$1"; mount --make-shared "$1"; cp -a "$2/." "$1"
		before=$(cat /proc/self/mountinfo)
		"${@:3}" --rootfs "$1" -- /bin/sh -c "mount -t tmpfs x /opt; ! grep -q shared: /proc/self/mountinfo"
		[[ $(cat /proc/self/mountinfo) == "$before" ]]
	' sh "$(mkdir shared && realpath shared)" "$ROOTFS" "$CONTAIN" -q --root "$STATE" run --name "$NAME"
}

@test "what is mounted below the root file system is there, and read-only with it" {
	local script='
		mount -t tmpfs below "$1/opt"; echo hello >"$1/opt/file"
		"${@:2}" --rootfs "$1" -- /bin/sh -c "cat /opt/file; echo x >/opt/new && rm /opt/new && echo writable"
		"${@:2}" --rootfs "$1" --read-only -- /bin/sh -c "cat /opt/file; (echo x >/opt/new) 2>&1 || true"
	'
	own_rootfs
	attempt private "$script" sh "$ROOTFS" "$CONTAIN" -q --root "$STATE" run --name "$NAME"
	same 0 "$status"
	same $'hello\nwritable\nhello' "$(head -n 3 <<<"$output")"
	has "$(tail -n 1 <<<"$output")" 'Read-only file system'
}

@test "--rootfs / is the host's own root" {
	echo here >marker
	attempt "$CONTAIN" -q --root "$STATE" run --name "$NAME" --rootfs / -- /bin/sh -c "cat '$TMP/marker'; echo \$\$"
	same $'here\n1' "$output"
	lacks "$(</proc/self/mountinfo)" "$NAME"
}

@test "a root file system in the current directory, by a relative path" {
	cd "$ROOTFS"
	inside --rootfs . -- /bin/ls -A /
	same "$(ls -A "$ROOTFS")" "$output"
}

@test "an image cannot lead the mounts astray: /proc or /dev as a link, or as a file" {
	local name
	own_rootfs
	mkdir outside
	for name in proc dev; do
		rmdir "$ROOTFS/$name"
		ln -s "$TMP/outside" "$ROOTFS/$name"
		refused "/$name" contain_run -- /bin/true
		rm "$ROOTFS/$name"
		ln -s tmp "$ROOTFS/$name"
		refused "/$name|symbolic link" contain_run -- /bin/true
		rm "$ROOTFS/$name"
		touch "$ROOTFS/$name"
		refused "/$name" contain_run -- /bin/true
		rm "$ROOTFS/$name"
		# Missing, it is made.
		inside -- /bin/true
		[[ -d $ROOTFS/$name && ! -L $ROOTFS/$name ]]
	done
	same '' "$(ls -A outside)"
}

@test "a run leaves the root file system as it was" {
	own_rootfs
	find "$ROOTFS" -printf '%p %y %m %U %G %s %T@\n' | sort >before
	inside --volume "$TMP:/mnt" --memory 64M -- /bin/true
	inside --read-only -- /bin/true
	find "$ROOTFS" -printf '%p %y %m %U %G %s %T@\n' | sort >after
	diff before after
}

@test "--read-only: nothing can be written but in /dev, and /proc is still there" {
	inside_sh '(echo x >/file) 2>&1; (mkdir /etc/x) 2>&1; touch /dev/shm/x && echo shm; echo $$ >/dev/null && cat /proc/self/comm' --read-only
	matches "$output" $'Read-only.*\n.*Read-only.*\nshm\ncat$'
	[[ ! -e $ROOTFS/file && ! -e $ROOTFS/etc/x ]]
	inside --set mountns.read_only=yes -- /bin/cat /proc/self/mounts
	matches "$output" $'(^|\n)[^ ]+ / [^ ]+ ro'
}

# ---- /dev

@test "the devices are the kernel's, and work" {
	inside_sh 'for d in null zero full random urandom tty; do stat -c "%n %F %t:%T %a" /dev/$d; done'
	same '/dev/null character special file 1:3 666
/dev/zero character special file 1:5 666
/dev/full character special file 1:7 666
/dev/random character special file 1:8 666
/dev/urandom character special file 1:9 666
/dev/tty character special file 5:0 666' "$output"
	inside_sh 'echo x >/dev/null && head -c 4 /dev/zero | od -An -tx1; head -c 8 /dev/urandom | wc -c; (echo x >/dev/full) 2>&1 || true'
	has "$output" '00 00 00 00' 8 'No space left'
	# And nothing else is there.
	inside -- /bin/ls -A /dev
	same 'fd full mqueue null ptmx pts random shm stderr stdin stdout tty urandom zero' "$(tr '\n' ' ' <<<"$output" | sed 's/ $//')"
}

@test "the links of /dev work" {
	# Through pipes: opening /dev/stdout opens a file once more, at its beginning.
	run_piped() {
		echo input | contain_run -q -- /bin/sh -c \
			'cat /dev/stdin; echo out >/dev/stdout; echo err >/dev/stderr; echo x >/dev/fd/1' 2> >(cat >"$TMP/err") | cat
	}
	attempt run_piped
	same $'input\nout\nx' "$output"
	wait_for file_has "$TMP/err" '^err$'
	inside_sh 'readlink /dev/ptmx'
	same pts/ptmx "$output"
}

@test "pts is a new instance, where a terminal can be opened" {
	inside_sh 'ls /dev/pts; stat -c "%a" /dev/pts/ptmx; script -qc "tty; exit 3" /dev/null </dev/null; ls /dev/pts' || true
	lacks "$output" $'\n0\n'
	has "$output" ptmx 666
	inside_sh 'exec 5<>/dev/ptmx; ls /dev/pts | tr "\n" " "; stat -c "%a %g" /dev/pts/0'
	same $'0 ptmx 620 5' "$output"
}

@test "/dev/shm: everyone may write, of a size that can be set" {
	inside_sh 'stat -c %a /dev/shm; df -k /dev/shm | tail -n 1 | tr -s " " | cut -d " " -f 2'
	same $'1777\n65536' "$output"
	inside --set dev.shm_size=1M -- /bin/df -k /dev/shm
	has "$output" ' 1024 '
	inside --user nobody -- /bin/sh -c 'echo x >/dev/shm/f && cat /dev/shm/f'
	same x "$output"
}

@test "nodes are bound from the host where mknod is not allowed" {
	# As in a container without that capability.
	attempt setpriv --bounding-set -mknod "$CONTAIN" -q --root "$STATE" run --name "$NAME" --rootfs "$ROOTFS" -- \
		/bin/sh -c 'echo x >/dev/null; stat -c "%n %F %t:%T" /dev/null /dev/tty; cut -d " " -f 5 /proc/self/mountinfo | grep -c ^/dev/'
	same $'0\n/dev/null character special file 1:3\n/dev/tty character special file 5:0\n9' "$status"$'\n'"$output"
}
