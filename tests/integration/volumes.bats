#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2154,SC2016,SC2030,SC2031 # variables of bats; scripts of the container in quotes
# --volume
load common

setup_volume() {
	mkdir data
	echo hello >data/file
}

@test "a directory, to read and write" {
	setup_volume
	inside_sh 'cat /mnt/file; echo new >/mnt/new' --volume "$TMP/data:/mnt"
	same hello "$output"
	same new "$(<data/new)"
}

@test "./ is the current directory; the mount point is made" {
	setup_volume
	own_rootfs
	inside --volume ./data:/a/b/c -- /bin/cat /a/b/c/file
	same hello "$output"
	[[ -d $ROOTFS/a/b/c ]]
	same '' "$(ls -A "$ROOTFS/a/b/c")"
}

@test "a file, on one that is there or is made" {
	setup_volume
	own_rootfs
	inside_sh 'cat /etc/hostname /x/y' --volume "$TMP/data/file:/etc/hostname:ro" --volume "$TMP/data/file:/x/y"
	same $'hello\nhello' "$output"
	[[ -f $ROOTFS/x/y && ! -s $ROOTFS/x/y ]]
	refused "$ROOTFS/bin/busybox" contain_run --volume "$ROOTFS/bin/busybox/x:/mnt" -- /bin/true
}

@test "ro is read-only, for what is mounted below too" {
	setup_volume
	mkdir data/below
	private '
		mount -t tmpfs below "$1/below"
		touch "$1/below/f"
		"${@:2}" --volume "$1:/mnt:ro" -- /bin/sh -c "
			for f in /mnt/file /mnt/new /mnt/below/f /mnt/below/new; do
				if (echo x >\$f) 2>/dev/null; then echo written: \$f; fi
			done
			if mount -o remount,rw,bind /mnt 2>/dev/null; then echo remounted; fi
			cat /mnt/file"
	' sh "$TMP/data" "$CONTAIN" -q --root "$STATE" run --name "$NAME" --rootfs "$ROOTFS" >found || fail "$(<found)"
	# Who is root inside can remount: that is the hardening plugins\' matter.
	lacks "$(<found)" written
	has "$(<found)" hello
	same hello "$(<data/file)"
}

@test "nosuid, nodev, noexec" {
	setup_volume
	cp "$ROOTFS/bin/busybox" data/id
	mknod data/null c 1 3
	inside_sh '/mnt/id -u; echo x >/mnt/null; echo ok' --volume "$TMP/data:/mnt"
	same $'0\nok' "$output"
	inside_sh '(/mnt/id -u) 2>&1; (echo x >/mnt/null) 2>&1; grep " /mnt " /proc/self/mounts' \
		--volume "$TMP/data:/mnt:nosuid,nodev,noexec"
	matches "$output" $'Permission denied.*\n.*Permission denied.*\n.*rw,nosuid,nodev,noexec'
	inside --volume "$TMP/data:/mnt:nodev" -- /mnt/id -u
	same 0 "$output"
}

@test "what is mounted below a volume comes along" {
	setup_volume
	mkdir data/below
	attempt private 'mount -t tmpfs below "$1/below"; echo deep >"$1/below/f"; "${@:2}" --volume "$1:/mnt" -- /bin/cat /mnt/below/f' \
		sh "$TMP/data" "$CONTAIN" -q --root "$STATE" run --name "$NAME" --rootfs "$ROOTFS"
	same '0 deep' "$status $output"
}

@test "one volume on another, in the order given; on /dev and /proc too" {
	setup_volume
	mkdir other
	echo other >other/file
	mkdir data/sub
	inside_sh 'cat /mnt/file /mnt/sub/file' --volume "$TMP/data:/mnt" --volume "$TMP/other:/mnt/sub"
	same $'hello\nother' "$output"
	inside --volume /dev/zero:/dev/mine -- /bin/sh -c 'head -c 2 /dev/mine | wc -c; stat -c %t:%T /dev/mine'
	same $'2\n1:5' "$output"
	inside --volume "$TMP/data/file:/proc/uptime:ro" -- /bin/cat /proc/uptime
	same hello "$output"
}

@test "a link of the image that points outside stays inside the root" {
	setup_volume
	own_rootfs
	mkdir outside
	ln -s "$TMP/outside" "$ROOTFS/absolute"
	ln -s "../../../../../../../../../../..$TMP/outside" "$ROOTFS/relative"
	# What it would lead to inside is not there.
	refused "/absolute/made" contain_run --volume "$TMP/data:/absolute/made" -- /bin/true
	same '' "$(ls -A outside)"
	mkdir -p "$ROOTFS$TMP/outside"
	for link in absolute relative; do
		inside_sh "cat /$link/made/file $TMP/outside/made/file" --volume "$TMP/data:/$link/made"
		same $'hello\nhello' "$output"
		same '' "$(ls -A outside)"
		[[ -d $ROOTFS$TMP/outside/made ]]
	done
	# A file volume onto a link.
	echo untouched >outside/target
	ln -s "$TMP/outside/target" "$ROOTFS/link"
	echo image >"$ROOTFS$TMP/outside/target"
	inside --volume "$TMP/data/file:/link" -- /bin/cat /link
	same hello "$output"
	same untouched "$(<outside/target)"
	# A link of /proc's leads nowhere else either.
	attempt contain_run -q --volume "$TMP/data:/proc/self/root/mnt" -- /bin/true
	same target "$(ls -A outside)"
}

@test "a link on the host's side is followed: it is the caller's" {
	setup_volume
	ln -s data link
	inside --volume "$TMP/link:/mnt" -- /bin/cat /mnt/file
	same hello "$output"
}

@test "mistakes, each in its words" {
	setup_volume
	refused "--volume|no host path" contain_run --volume :/x -- /bin/true
	refused "--volume|no ':'" contain_run --volume /x -- /bin/true
	refused "--volume|no container path" contain_run --volume /x: -- /bin/true
	refused "--volume|absolute" contain_run --volume "$TMP/data:x" -- /bin/true
	refused "--volume|absolute|./" contain_run --volume data:/x -- /bin/true
	refused "--volume|'..'|container path" contain_run --volume "$TMP/data:/mnt/../x" -- /bin/true
	refused "--volume|'..'|host path" contain_run --volume "$TMP/../data:/mnt" -- /bin/true
	refused "--volume|root itself" contain_run --volume "$TMP/data:/" -- /bin/true
	refused "--volume|root itself" contain_run --volume "$TMP/data:/./" -- /bin/true
	refused "--volume|ro, rw, nosuid" contain_run --volume "$TMP/data:/mnt:readonly" -- /bin/true
	refused "--volume|ro, rw, nosuid" contain_run --volume "$TMP/data:/mnt:ro," -- /bin/true
	refused "--volume|both ro and rw" contain_run --volume "$TMP/data:/mnt:ro,rw" -- /bin/true
	refused "volume|$TMP/none|No such file" contain_run --volume "$TMP/none:/mnt" -- /bin/true
	# A directory cannot lie on a file, nor a file on a directory.
	refused "/etc/passwd" contain_run --volume "$TMP/data:/etc/passwd" -- /bin/true
	refused "/mnt" contain_run --volume "$TMP/data/file:/mnt" -- /bin/true
	same hello "$(<data/file)"
}

@test "a read-only root file system needs the mount points to be there" {
	setup_volume
	inside --read-only --volume "$TMP/data:/mnt" -- /bin/cat /mnt/file
	same hello "$output"
}
