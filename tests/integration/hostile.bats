#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What a command, or a caller, does that wants contain to hang, to show the host, or to leave something behind.
load common

@test "a directory as a standard descriptor is refused: it would be a way to the host's files" {
	for fd in 0 1 2; do
		if ((fd == 2)); then
			# Where the message goes then, nobody knows.
			attempt "$BASH" -c '"$@" 2</' - "$CONTAIN" --root "$STATE" run --name "$NAME" --rootfs "$ROOTFS" -- /bin/true
			same 125 "$status"
		else
			refused "descriptor $fd is a directory" "$BASH" -c 'fd=$1; shift; eval "exec $fd</"; exec "$@"' - "$fd" \
				"$CONTAIN" --root "$STATE" run --name "$NAME" --rootfs "$ROOTFS" -- /bin/true
		fi
	done
}

@test "cgroups below the container's own: hidden, and deeper than there are descriptors" {
	local type=cgroup options='-o memory'
	if [[ $(cgroup_version memory) == 2 ]]; then type=cgroup2 options=''; fi
	inside_sh "mkdir /tmp/m && mount -t $type $options m /tmp/m && cd /tmp/m && mkdir .hidden ..hidden plain &&
		for i in \$(seq 300); do mkdir d && cd d || exit; done; cd /; umount -l /tmp/m; rmdir /tmp/m"
}

@test "as many, with few descriptors to remove them" {
	local type=cgroup options='-o memory'
	if [[ $(cgroup_version memory) == 2 ]]; then type=cgroup2 options=''; fi
	ulimit -n 64
	inside_sh "mkdir /tmp/m && mount -t $type $options m /tmp/m && cd /tmp/m &&
		for i in \$(seq 150); do mkdir d && cd d || exit; done; cd /; umount -l /tmp/m; rmdir /tmp/m"
}

@test "a process that traces the command and stays: contain does not wait for it" {
	attempt contain_run -q --disable pidns --volume "$HELPERS/tracer:/tracer" -- /tracer
	rmdir "$ROOTFS/tracer" 2>/dev/null || rm -f "$ROOTFS/tracer"
	same '5 ' "$status $stderr"
}

@test "the same in a pid namespace of its own" {
	attempt contain_run -q --volume "$HELPERS/tracer:/tracer" -- /tracer
	rm -f "$ROOTFS/tracer"
	same '5 ' "$status $stderr"
}

@test "no file may grow: contain fails as it should, and is not killed by the signal for that" {
	status=0
	(ulimit -f 0 && contain_run -- /bin/true 2>"$TMP/messages") || status=$?
	same 125 "$status"
	status=0
	(ulimit -f 0 && contain_run --memory 64Q -- /bin/true 2>"$TMP/messages") || status=$?
	same 125 "$status"
}

@test "a log that nobody reads does not keep contain from its work" {
	mkfifo "$TMP/full"
	exec 8<>"$TMP/full"
	# Until no more goes in.
	dd if=/dev/zero of="$TMP/full" bs=4096 oflag=nonblock 2>/dev/null || true
	status=0
	contain_run -v -- /bin/sh -c 'exit 3' 2>&8 || status=$?
	exec 8>&-
	same 3 "$status"
}
