#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# bats file_tags=host
# shellcheck disable=SC2154,SC2153,SC2016,SC2119 # variables of bats and of network.bash; scripts of the container in quotes
# What a container does to the plugin veth and its files, and what others on the machine do.
load common
load life
load network

@test "whoever locks /etc/hosts inside stops no other container" {
	container a
	exec 9<"/proc/$(first_process "$NAME-a")/root/etc/hosts"
	flock --exclusive 9
	attempt timeout -s KILL 20 "$CONTAIN" run -q --name "$NAME-b" --rootfs "$ROOTFS" "${VETH[@]}" -- /bin/true
	same 0 "$status"
	gone a
	exec 9<&-
	same '' "$(left_on host)"
}

@test "no user of the host can hold up networks that begin, by a lock on the folder of leases" {
	container a
	! setpriv --reuid=65534 --clear-groups flock --nonblock /run/contain-veth true || fail "it can be locked"
	# Also where the folder is from before.
	chmod 755 /run/contain-veth
	container b --bridge other0
	! setpriv --reuid=65534 --clear-groups flock --nonblock /run/contain-veth true || fail "it can be locked"
	in_it a 'cat /etc/hosts /etc/resolv.conf /etc/hostname'
}

@test "everybody inside reads /etc/hosts, also if the umask is 077" {
	umask 077
	attempt contain_run -q "${VETH[@]}" -- /bin/stat -c %a /etc/hosts /etc/hostname /etc/resolv.conf
	umask 022
	same $'644\n644\n644' "$output"
}

@test "a link that leads nowhere, in place of the leases' folder, is an error and no endless loop" {
	attempt private 'mount -t tmpfs tmpfs /run
		ln -s /no/such/folder /run/contain-veth
		timeout -s KILL 20 "$@"' bash "$CONTAIN" --root "$STATE" run -q --rootfs "$ROOTFS" "${VETH[@]}" -- /bin/true
	same 125 "$status"
	has "$stderr" "can't open and lock /run/contain-veth/"
}
