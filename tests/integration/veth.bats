#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# bats file_tags=host
# shellcheck disable=SC2154,SC2153,SC2016,SC2119 # variables of bats and of network.bash; scripts of the container in quotes
# Whom a container of the plugin veth reaches, and what it finds inside: addresses, routes, names.
load common
load life
load network

# bats test_tags=kernel
@test "containers reach each other, by address and by name, in both families" {
	container a
	container b
	serve b 80
	for address in "$B4" "$B6"; do
		reaches a "$address"
	done
	same "b saw $A4" "$(fetch a "$B4" 80)"
	same "b saw $A6" "$(fetch a "$B6" 80)"
	for family in 4 6; do
		in_it a "ping -$family -q -c 1 -W 5 $NAME-b"
	done
	in_it a "timeout 10 wget -q -O - http://$NAME-b/cgi-bin/who"
	has "$output" 'b saw '
	# The one that came first knows the other, too.
	in_it b "ping -4 -q -c 1 -W 5 $NAME-a && ping -6 -q -c 1 -W 5 $NAME-a"
}

@test "host and container reach each other" {
	container a
	serve a 80
	serve host 80
	same "a saw $GATEWAY4" "$(fetch host "$A4" 80)"
	same "a saw $GATEWAY6" "$(fetch host "$A6" 80)"
	for address in "$GATEWAY4" "$HOST4"; do same "host saw $A4" "$(fetch a "$address" 80)"; done
	for address in "$GATEWAY6" "$HOST6"; do same "host saw $A6" "$(fetch a "$address" 80)"; done
}

@test "the lowest free addresses, the same number in both families; they are free again at once" {
	container a
	container b
	same "$A4/16 $A6/64" "$(address_of a 4) $(address_of a 6)"
	same "$B4/16 $B6/64" "$(address_of b 4) $(address_of b 6)"
	gone a
	container c
	same "$A4/16 $A6/64" "$(address_of c 4) $(address_of c 6)"
	container d
	same "10.97.0.4/16" "$(address_of d 4)"
	# One of another's choice leaves its number out in both families.
	container e --ip 10.97.0.5
	container f
	same "10.97.0.6/16 fd63:6f6e:7461:696e::6/64" "$(address_of f 4) $(address_of f 6)"
}

@test "addresses of one's choice, and a subnet of one's choice" {
	local subnet=(--set veth.subnet=10.5.6.128/25 --set veth.subnet6=fd00:5::/112)
	container a "${subnet[@]}" --ip 10.5.6.200 --ip fd00:5::beef
	same '10.5.6.200/25 fd00:5::beef/112' "$(address_of a 4) $(address_of a 6)"
	container b "${subnet[@]}"
	same '10.5.6.130/25 fd00:5::2/112' "$(address_of b 4) $(address_of b 6)"
	reaches b 10.5.6.200
	reaches b fd00:5::beef
	reaches b 10.5.6.129
	reaches b fd00:5::1
}

@test "one family alone" {
	container a --set veth.subnet6=none
	same "$A4/16 " "$(address_of a 4) $(address_of a 6)"
	same '' "$(gateway_of a 6)"
	reaches a "$GATEWAY4"
	gone a
	container b --set veth.subnet=none
	same " $A6/64" "$(address_of b 4) $(address_of b 6)"
	same '' "$(gateway_of b 4)"
	reaches b "$GATEWAY6"
}

@test "the default route leads to the bridge; to another gateway; nowhere" {
	container a
	same "$GATEWAY4 $GATEWAY6" "$(gateway_of a 4) $(gateway_of a 6)"
	container b --set "veth.gateway=$A4" --set "veth.gateway=$A6"
	same "$A4 $A6" "$(gateway_of b 4) $(gateway_of b 6)"
	same "$A6" "$(on b ip -j -6 route show default | jq -r '.[].gateway')"
	reaches b "$GATEWAY4"
	container c --set veth.gateway=none
	same ' ' "$(gateway_of c 4) $(gateway_of c 6)"
	reaches c "$A4"
}

@test "at the first command all is there: lo and eth0 are up, alone, and no address is tentative" {
	inside_sh "ping -q -c 1 -W 1 $GATEWAY6 && ping -q -c 1 -W 1 $GATEWAY4" "${VETH[@]}"
	inside_sh 'ip -o link' "${VETH[@]}"
	matches "$output" $'^1: lo: <[^>]*[<,]UP[,>].*\n[0-9]+: eth0[@:].*<[^>]*[<,]UP[,>]'
	same 2 "$(grep -c '' <<<"$output")"
	inside_sh 'cut -d" " -f5 /proc/net/if_inet6' "${VETH[@]}"
	[[ $output ]]
	# IFA_F_TENTATIVE and IFA_F_DADFAILED of linux/if_addr.h
	for flags in $output; do ((!(0x$flags & 0x48))) || fail "flags of an address: $flags"; done
}

@test "a container that says to be a router is believed neither by the others nor by the host (CVE-2020-10749)" {
	# One that would believe it: it shows when all have heard.
	new_namespace listener
	container a
	container b
	on host ip link add listener type veth peer name eth0 netns "$NET/listener"
	on host ip link set listener master contain0 up
	on listener ip address add fe80::1/64 dev eth0 nodad
	on listener ip link set eth0 up
	wait_for hears_of_router
	same "$GATEWAY6" "$(gateway_of a 6)"
	same 2001:db8::2 "$(gateway_of host 6)"
	on host ip link del listener
}
hears_of_router() {
	on b "$HELPERS/advertise" eth0
	[[ $(gateway_of listener 6) ]]
}

@test "exec finds the same network and the same files" {
	container a --ip 10.97.0.77
	in_it a 'ip -4 -o address show dev eth0; cat /etc/hosts; cat /etc/hostname'
	has "$output" 10.97.0.77/16 "$NAME-a"
	in_it a "ping -q -c 1 -W 5 $GATEWAY4"
}

@test "inside, /etc/hosts has localhost and all containers of the network, as they come and go" {
	container a
	in_it a 'cat /etc/hosts'
	matches "$output" '127\.0\.0\.1[[:blank:]]+localhost'
	matches "$output" '::1[[:blank:]]+localhost'
	matches "$output" $'\n'"${A4}[[:blank:]]+$NAME-a"
	matches "$output" $'\n'"${A6}[[:blank:]]+$NAME-a"
	lacks "$output" "$NAME-b"
	container b --set veth.alias=database --set veth.alias=db.example
	for name in "$NAME-b" database db.example; do
		in_it a "ping -4 -q -c 1 -W 5 $name && ping -6 -q -c 1 -W 5 $name"
	done
	gone b
	# Comments have no names in them.
	in_it a 'grep -v "^#" /etc/hosts'
	lacks "$output" "$NAME-b" database
	has "$output" "$NAME-a" localhost
}

@test "who is on another network is not in /etc/hosts" {
	container a
	container b --bridge other0 --set veth.subnet=10.98.0.0/24 --set veth.subnet6=none
	in_it a 'cat /etc/hosts'
	lacks "$output" "$NAME-b"
	in_it b 'cat /etc/hosts'
	lacks "$output" "$NAME-a"
	has "$output" "10.98.0.2"
}

@test "the host name of the container is its id, also in /etc/hostname" {
	inside_sh 'hostname; cat /etc/hostname' "${VETH[@]}"
	same "$NAME"$'\n'"$NAME" "$output"
	inside_sh 'hostname; cat /etc/hostname' "${VETH[@]}" --hostname box
	same $'box\nbox' "$output"
}

# with_resolv LINE... -- COMMAND...: on a host that has these lines in /etc/resolv.conf
with_resolv() {
	: >"$TMP/resolv.conf"
	while [[ $1 != -- ]]; do echo "$1" >>"$TMP/resolv.conf" && shift; done
	private 'mount --bind "$1" "$(readlink -f /etc/resolv.conf)"; shift; exec "$@"' sh "$TMP/resolv.conf" "${@:2}"
}

@test "/etc/resolv.conf is the host's, without name servers on its loopback" {
	with_resolv 'nameserver 127.0.0.53' 'nameserver 192.0.2.53' 'nameserver ::1' 'nameserver 2001:db8::53' 'search one.example two.example' \
		'options ndots:3' -- "$CONTAIN" -q --root "$STATE" run --name "$NAME" --rootfs "$ROOTFS" "${VETH[@]}" -- /bin/cat /etc/resolv.conf >found
	has "$(<found)" 'nameserver 192.0.2.53' 'nameserver 2001:db8::53' 'search one.example two.example' 'options ndots:3'
	lacks "$(<found)" 127.0.0.53 'nameserver ::1'
}

@test "a host all of whose name servers are on its loopback: that there is none inside is told" {
	resolv_of() {
		local -a lines=()
		while [[ $1 != -- ]]; do lines+=("$1") && shift; done
		# What systemd-resolved may have on this machine is not there, either.
		attempt with_resolv "${lines[@]}" -- sh -c '[ ! -d /run/systemd/resolve ] || mount -t tmpfs none /run/systemd/resolve; exec "$@"' sh \
			"$CONTAIN" --root "$STATE" run --name "$NAME" --rootfs "$ROOTFS" "${VETH[@]}" "${@:2}" -- /bin/cat /etc/resolv.conf
		same 0 "$status"
	}
	resolv_of 'nameserver 127.0.0.1' 'nameserver ::1' --
	same '' "$output"
	has "$stderr" "warning: the name servers of the host's /etc/resolv.conf are on its loopback" '--dns ADDRESS gives one'
	resolv_of 'nameserver 127.0.0.1' -- --dns 192.0.2.53
	same 'nameserver 192.0.2.53' "$output"
	lacks "$stderr" warning:
	resolv_of 'options ndots:3' --
	lacks "$stderr" warning:
}

@test "name servers and domains of one's choice instead" {
	with_resolv 'nameserver 192.0.2.53' 'search one.example' -- "$CONTAIN" -q --root "$STATE" run --name "$NAME" --rootfs "$ROOTFS" \
		"${VETH[@]}" --dns 198.51.100.53 --dns 2001:db8:1::53 --dns-search three.example -- /bin/cat /etc/resolv.conf >found
	same 'nameserver 198.51.100.53
nameserver 2001:db8:1::53
search three.example' "$(grep -E '^(nameserver|search)' found | sort)"
}

@test "a container asks the name server that it has been given" {
	# What comes to port 53 is a question for that name (RFC 1035: each part with its length before it).
	server outside nc -n -u -l -W 1 198.51.100.1 53 >"$TMP/question"
	wait_for listens outside u 53
	container a --dns 198.51.100.1
	attempt ctl exec "$NAME-a" /bin/sh -c 'timeout 1 nslookup -type=a nowhere.example'
	wait_for grep -aq 'nowhere.example' "$TMP/question"
}

@test "the files are read-only, and the image's own stay as they are; files=no leaves them visible" {
	own_rootfs
	echo 192.0.2.99 of-the-image >"$ROOTFS/etc/hosts"
	echo nameserver 192.0.2.98 >"$ROOTFS/etc/resolv.conf"
	inside_sh 'for f in hosts resolv.conf hostname; do (echo x >>/etc/$f) 2>/dev/null && echo "$f is writable"; done; cat /etc/hosts' "${VETH[@]}"
	lacks "$output" of-the-image writable
	same '192.0.2.99 of-the-image' "$(<"$ROOTFS/etc/hosts")"
	inside_sh 'cat /etc/hosts /etc/resolv.conf; hostname' "${VETH[@]}" --set veth.files=no
	same $'192.0.2.99 of-the-image\nnameserver 192.0.2.98\n'"$NAME" "$output"
}

@test "an image without /etc, and one whose files in /etc are links out of it" {
	own_rootfs
	rm -r "${ROOTFS:?}/etc"
	inside_sh 'cat /etc/hosts /etc/hostname' "${VETH[@]}"
	has "$output" "$NAME"
	rm -r "${ROOTFS:?}/etc"
	mkdir "$ROOTFS/etc"
	for file in hosts resolv.conf hostname; do
		echo "of the host" >"$TMP/victim.$file"
		ln -s "$TMP/victim.$file" "$ROOTFS/etc/$file"
	done
	attempt contain_run -q "${VETH[@]}" -- /bin/cat /etc/hosts
	for file in hosts resolv.conf hostname; do same 'of the host' "$(<"$TMP/victim.$file")"; done
}
