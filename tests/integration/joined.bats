#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2154,SC2016 # variables of bats; scripts of the container in quotes
# Namespaces that are there already: contain_namespace_join(), by a plugin of our own (plugins/joins.c).
load common

PLUGINS=$HELPERS/plugins

# Somebody who has namespaces of his own, as $THERE; what is left of him goes with the test.
somewhere() {
	local word
	mkfifo "$TMP/there" "$TMP/leave"
	exec {READY}<>"$TMP/there" {LEAVE}<>"$TMP/leave"
	unshare --net --ipc --uts "$BASH" -c 'echo there >/proc/sys/kernel/hostname; echo $$; read -r _ <"$1"' x "$TMP/leave" \
		>"$TMP/there" 3>&- &
	read -r -t "$DEADLINE" THERE <&"$READY" || fail 'nobody is there' || return 1
	STARTED+=("$THERE")
}
leave() {
	echo >&"$LEAVE"
	wait_for is_dead "$THERE"
}

# joining [FLAGS] -- COMMAND
joining() {
	contain_run --plugin-dir "$PLUGINS" --profile minimal.ini --enable joins-a "$@"
}

ids_of() {
	readlink "/proc/$1/ns/net" "/proc/$1/ns/ipc" "/proc/$1/ns/uts"
}

@test "a container joins namespaces, and what runs in it later is in them too" {
	local own tell
	somewhere
	own=$(ids_of self)
	hold --plugin-dir "$PLUGINS" --profile minimal.ini --disable utsns --enable joins-a --set "joins-a.join=net:/proc/$THERE/ns/net" \
		--set "joins-a.join=ipc:/proc/$THERE/ns/ipc" --set "joins-a.join=uts:/proc/$THERE/ns/uts"
	same "$(ids_of "$THERE")" "$(ids_of "$INIT")"
	has "$(<messages)" 'creating namespaces: pid mnt' 'joining namespaces: uts ipc net' 'joins-a: new net, ipc, uts: 0 0 0'
	same there "$("$CONTAIN" --root "$STATE" exec "$NAME" hostname)"
	tell='for kind in net ipc uts; do readlink /proc/self/ns/$kind; done'
	same "$(ids_of "$THERE")" "$("$CONTAIN" --root "$STATE" exec "$NAME" sh -c "$tell")"
	# Also if it is called from other ones.
	same "$(ids_of "$THERE")" "$(unshare -n -i "$CONTAIN" --root "$STATE" exec "$NAME" sh -c "$tell")"
	has "$("$CONTAIN" --root "$STATE" inspect "$NAME" | tr -d ' \n')" '"namespaces":["pid","mnt"]' '"joined":["uts","ipc","net"]'
	release
	same "$own" "$(ids_of self)"
	leave
}

@test "of the namespace nothing is kept open: it ends with those who are in it" {
	local parents
	somewhere
	hold --plugin-dir "$PLUGINS" --profile minimal.ini --enable joins-a --set "joins-a.join=net:/proc/$THERE/ns/net"
	parents=$(find "/proc/$PID/fd" "/proc/$INIT/fd" -lname 'net:*')
	same '' "$parents"
	release
	leave
}

@test "contain's own namespace may be joined, and stays the one of exec" {
	hold --plugin-dir "$PLUGINS" --profile minimal.ini --enable joins-a --set joins-a.join=net:/proc/self/ns/net
	same "$(readlink /proc/self/ns/net)" "$(readlink "/proc/$INIT/ns/net")"
	same "$(readlink /proc/self/ns/net)" \
		"$(unshare -n "$CONTAIN" --root "$STATE" exec "$NAME" readlink /proc/self/ns/net)"
	release
}

@test "two plugins may join the same namespace, but not want different ones" {
	somewhere
	inside --plugin-dir "$PLUGINS" --profile minimal.ini --enable joins-a --enable joins-b \
		--set "joins-a.join=net:/proc/$THERE/ns/net" --set "joins-b.join=net:/proc/$THERE/ns/net" -- /bin/true
	refused 'joins-b: the container can have one net namespace: the plugin joins-a has it join one that is there already, and the plugin joins-b has it join another one' \
		joining --enable joins-b --set "joins-a.join=net:/proc/$THERE/ns/net" --set joins-b.join=net:/proc/self/ns/net -- /bin/true
	refused 'joins-b: the container can have one net namespace: the plugin joins-a has it join one that is there already, and the plugin joins-b wants a new one: switch one' \
		joining --enable joins-b --set "joins-a.join=net:/proc/$THERE/ns/net" --set joins-b.new=net -- /bin/true
	refused 'joins-b: |the plugin joins-a wants a new one, and the plugin joins-b has it join one' \
		joining --enable joins-b --set "joins-b.join=net:/proc/$THERE/ns/net" --set joins-a.new=net -- /bin/true
	# What a plugin says in its table counts too, whatever the order.
	refused 'joins-a: |uts namespace: the plugin utsns wants a new one, and the plugin joins-a has it join one' \
		joining --set "joins-a.join=uts:/proc/$THERE/ns/uts" -- /bin/true
	refused 'joins-a: |the plugin joins-a wants a new one, but also has it join one' \
		joining --set joins-a.new=net --set "joins-a.join=net:/proc/$THERE/ns/net" -- /bin/true
	leave
}

@test "what can't be joined is refused, and the descriptor is taken all the same" {
	local kind
	refused 'joins-a: what is given as a net namespace to join is a uts namespace' \
		joining --set joins-a.join=net:/proc/self/ns/uts -- /bin/true
	refused 'joins-a: what is given as a net namespace to join is no namespace' \
		joining --set joins-a.join=net:/dev/null -- /bin/true
	refused 'joins-a: what is given as a net namespace to join is no namespace' joining --set joins-a.pipe=yes -- /bin/true
	refused "joins-a: can't join a namespace by descriptor 0: Bad file descriptor" \
		joining --set joins-a.standard=yes -- /bin/true
	for kind in pid mnt; do
		refused "joins-a: this contain can't join a namespace of the kind $kind |only net, ipc and uts" \
			joining --set "joins-a.join=$kind:/proc/self/ns/$kind" -- /bin/true
	done
	refused "joins-a: this contain can't join a namespace of the kind ? (0x10000000)" \
		joining --set joins-a.join=user:/proc/self/ns/user -- /bin/true
	refused 'joins-a: a namespace is asked for too late' \
		joining --set joins-a.late=yes --set joins-a.join=net:/proc/self/ns/net -- /bin/true
}

@test "plan shows who joins what, and check counts it only if it is another one than contain's" {
	somewhere
	attempt "$CONTAIN" plan --profile minimal.ini --plugin-dir "$PLUGINS" --enable joins-a --rootfs "$ROOTFS" \
		--set "joins-a.join=net:/proc/$THERE/ns/net" -- /bin/true
	same 0 "$status"
	has "$output" 'joined      net (joins-a)' 'namespaces  pid (pidns), uts (utsns), mnt (mountns)' 'pid uts mnt; joins net'
	attempt "$CONTAIN" plan --json --profile minimal.ini --plugin-dir "$PLUGINS" --enable joins-a --rootfs "$ROOTFS" \
		--set "joins-a.join=net:/proc/$THERE/ns/net" -- /bin/true
	has "$output" '"joined":[{"name":"net","plugins":["joins-a"]}]'
	attempt "$CONTAIN" check minimal.ini --plugin-dir "$PLUGINS" --enable joins-a --rootfs "$ROOTFS" \
		--set "joins-a.join=net:/proc/$THERE/ns/net"
	has "$output" '+ net namespace    it has a network of its own (joins-a)'
	attempt "$CONTAIN" check minimal.ini --plugin-dir "$PLUGINS" --enable joins-a --rootfs "$ROOTFS" \
		--set joins-a.join=net:/proc/self/ns/net
	has "$output" '- net namespace    it reaches'
	leave
}
