#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# bats file_tags=host
# shellcheck disable=SC2154,SC2153,SC2016,SC2119 # variables of bats and of network.bash; scripts of the container in quotes
# Ports of the host that the plugin veth leads to a container: from where, to where, and what remains of them.
load common
load life
load network

# bats test_tags=kernel
@test "TCP, in both families: from outside, from the host by each of its addresses, from containers" {
	container a -p 8080:80
	container b
	serve a 80
	# The client's address is kept where it can be.
	same 'a saw 192.0.2.2' "$(fetch outside "$HOST4" 8080)"
	same 'a saw 2001:db8::2' "$(fetch outside "$HOST6" 8080)"
	for address in "$HOST4" "$GATEWAY4" 127.0.0.1 127.1.2.3 "$HOST6" "$GATEWAY6"; do
		has "$(fetch host "$address" 8080)" 'a saw '
	done
	for address in "$HOST4" "$GATEWAY4" "$HOST6" "$GATEWAY6"; do
		has "$(fetch b "$address" 8080)" 'a saw '
	done
	# Itself, by the host's address.
	for address in "$HOST4" "$HOST6"; do
		has "$(fetch a "$address" 8080)" 'a saw '
	done
}

@test "UDP, in the same ways" {
	container a -p 5300:53/udp
	container b
	serve_udp a 53
	same 'a saw 192.0.2.2' "$(ask_udp outside "$HOST4" 5300)"
	same 'a saw 2001:db8::2' "$(ask_udp outside "$HOST6" 5300)"
	for address in "$HOST4" "$GATEWAY4" 127.0.0.1 "$HOST6"; do
		has "$(ask_udp host "$address" 5300)" 'a saw '
	done
	for address in "$HOST4" "$HOST6"; do
		has "$(ask_udp b "$address" 5300)" 'a saw '
		has "$(ask_udp a "$address" 5300)" 'a saw '
	done
}

@test "a web server in a container, switched on by --publish alone" {
	mkdir "$TMP/site"
	echo hello >"$TMP/site/index.html"
	good run -d --name "$NAME" --rootfs "$ROOTFS" --publish 8080:80/tcp --volume "$TMP/site:/mnt" -- httpd -f -p 80 -h /mnt
	for address in "$HOST4" "[$HOST6]"; do
		same hello "$(on outside curl -sS --max-time 10 --retry 5 --retry-connrefused "http://$address:8080/")"
	done
}

@test "many bytes to a published port, in both directions and families" {
	container a -p 5201:5201 -p 5201:5201/udp
	server a iperf3 -s -p 5201 >"$TMP/iperf3"
	wait_for listens a t 5201
	for address in "$HOST4" "$HOST6"; do
		for direction in '' -R; do
			on outside timeout 60 iperf3 --json --connect-timeout 5000 -n 10M $direction -c "$address" >"$TMP/result" ||
				fail "$(<"$TMP/result")"
			(($(jq .end.sum_received.bytes "$TMP/result") > 1000000))
		done
		on outside timeout 60 iperf3 --json --connect-timeout 5000 -u -n 2M -b 50M -c "$address" >"$TMP/result" ||
			fail "$(<"$TMP/result")"
		(($(jq '.end.sum.lost_percent | floor' "$TMP/result") < 50))
	done
}

@test "other ports of the host, other protocols, and other hosts' ports of that number are not led away" {
	container a -p 80:8000
	container b
	serve a 8000
	serve host 81
	serve_udp host 80
	serve outside 80
	same 'a saw 192.0.2.2' "$(fetch outside "$HOST4" 80)"
	same 'host saw 192.0.2.2' "$(fetch outside "$HOST4" 81)"
	same 'host saw 2001:db8::2' "$(ask_udp outside "$HOST6" 80)"
	same "outside saw $HOST4" "$(fetch b "$OUTSIDE4" 80)"
	same "outside saw $HOST6" "$(fetch host "$OUTSIDE6" 80)"
	# The container's own port is none of the host's.
	no_answer fetch outside "$HOST4" 8000
}

@test "on one address of the host" {
	on host ip address add 192.0.2.10/24 dev uplink
	on host ip address add 2001:db8::10/64 dev uplink nodad
	container a -p 192.0.2.10:8080:80 -p '[2001:db8::10]:8080:80'
	container b -p 192.0.2.1:8080:80
	serve a 80
	serve b 80
	same 'a saw 192.0.2.2' "$(fetch outside 192.0.2.10 8080)"
	same 'b saw 192.0.2.2' "$(fetch outside 192.0.2.1 8080)"
	same 'a saw 2001:db8::2' "$(fetch outside 2001:db8::10 8080)"
	has "$(fetch host 192.0.2.10 8080)" 'a saw '
	no_answer fetch outside "$HOST6" 8080
	no_answer fetch host 127.0.0.1 8080
}

@test "on one address and on all: the former comes first, in whatever order they came" {
	container a -p 8080:80
	container b -p "$HOST4:8080:80" -p "$HOST4:8081:80"
	container c -p 8081:80
	for who in a b c; do serve "$who" 80; done
	same 'b saw 192.0.2.2' "$(fetch outside "$HOST4" 8080)"
	same 'a saw 2001:db8::2' "$(fetch outside "$HOST6" 8080)"
	same 'b saw 192.0.2.2' "$(fetch outside "$HOST4" 8081)"
	same 'c saw 2001:db8::2' "$(fetch outside "$HOST6" 8081)"
	gone b
	same 'a saw 192.0.2.2' "$(fetch outside "$HOST4" 8080)"
}

@test "on 127.0.0.1: for the host alone" {
	container a -p 127.0.0.1:8080:80
	container b
	serve a 80
	has "$(fetch host 127.0.0.1 8080)" 'a saw '
	no_answer fetch host "$HOST4" 8080
	no_answer fetch outside "$HOST4" 8080
	no_answer fetch b "$GATEWAY4" 8080
	# An outside that says that 127.0.0.1 were behind the host.
	loopback_of_host outside "$HOST4"
	no_answer fetch outside 127.0.0.1 8080
}

# loopback_of_host WHO GATEWAY: it sends to the host what is for 127.0.0.1.
loopback_of_host() {
	set_on "$1" net.ipv4.conf.all.route_localnet 1
	on "$1" ip address del 127.0.0.1/8 dev lo
	on "$1" ip route add 127.0.0.1/32 via "$2"
}

@test "what listens on the host's 127.0.0.1 is for the host alone (CVE-2020-8558)" {
	container a -p 8080:80
	serve host 127.0.0.1:631
	serve_udp host 631 127.0.0.1
	same 'host saw 127.0.0.1' "$(fetch host 127.0.0.1 631)"
	loopback_of_host a "$GATEWAY4"
	loopback_of_host outside "$HOST4"
	for who in a outside; do
		no_answer fetch "$who" 127.0.0.1 631
		no_answer ask_udp "$who" 127.0.0.1 631
	done
}

@test "ranges, of the same length on both sides" {
	container a -p 8000-8002:90-92 -p 9000-9001:9000-9001/udp
	for port in 90 91 92; do serve a "$port"; done
	serve_udp a 9001
	for port in 8000 8001 8002; do same 'a saw 192.0.2.2' "$(fetch outside "$HOST4" "$port")"; done
	same 'a saw 2001:db8::2' "$(ask_udp outside "$HOST6" 9001)"
	no_answer fetch outside "$HOST4" 8003
	no_answer fetch outside "$HOST4" 7999
	# Not all to the first one.
	kill "${SERVERS[1]}"
	wait_for is_dead "${SERVERS[1]}"
	no_answer fetch outside "$HOST4" 8001
	same 'a saw 192.0.2.2' "$(fetch outside "$HOST4" 8002)"
}

@test "SCTP is published, too" {
	container a -p 132:133/sctp
	has "$(on host nft list table inet "$TABLE")" 'sctp . 132 : 10.97.0.2 . 133'
}

@test "only the families that the container has an address of" {
	container a --set veth.subnet6=none -p 8080:80
	serve a 80
	same 'a saw 192.0.2.2' "$(fetch outside "$HOST4" 8080)"
	no_answer fetch outside "$HOST6" 8080
}

# bats test_tags=kernel
@test "point to point" {
	container a --set veth.mode=point-to-point -p 8080:80
	container b --set veth.mode=point-to-point
	serve a 80
	same 'a saw 192.0.2.2' "$(fetch outside "$HOST4" 8080)"
	same 'a saw 2001:db8::2' "$(fetch outside "$HOST6" 8080)"
	has "$(fetch host 127.0.0.1 8080)" 'a saw '
	has "$(fetch b "$HOST4" 8080)" 'a saw '
	on outside ip route add 10.97.0.0/16 via "$HOST4"
	serve a 81
	no_answer fetch outside "$A4" 81
}

# ---- after it

@test "a port is free again at once, and leads nowhere in between" {
	container a -p 8080:80
	serve a 80
	same 'a saw 192.0.2.2' "$(fetch outside "$HOST4" 8080)"
	gone a
	no_answer fetch outside "$HOST4" 8080
	serve host 8080
	same 'host saw 192.0.2.2' "$(fetch outside "$HOST4" 8080)"
	kill "${SERVERS[-1]}"
	wait_for is_dead "${SERVERS[-1]}"
	container b -p 8080:80
	serve b 80
	same 'b saw 192.0.2.2' "$(fetch outside "$HOST4" 8080)"
}

@test "a client that goes on sending UDP reaches the container that has the port now" {
	container a --ip 10.97.0.5 --ip fd63:6f6e:7461:696e::5 -p 5300:53/udp
	container other # so that the bridge stays
	serve_udp a 53
	# From one port, as then it is one connection for conntrack.
	same 'a saw 192.0.2.2' "$(ask_udp outside "$HOST4" 5300 -p 40000)"
	same 'a saw 2001:db8::2' "$(ask_udp outside "$HOST6" 5300 -p 40000)"
	has "$(connections)" 10.97.0.5
	gone a
	lacks "$(connections)" 10.97.0.5 'fd63:6f6e:7461:696e::5 '
	# While there is none it goes on, and the host answers that nobody listens, which is remembered as well.
	no_answer ask_udp outside "$HOST4" 5300 -p 40000
	container b --ip 10.97.0.6 -p 5300:53/udp
	serve_udp b 53
	same 'b saw 192.0.2.2' "$(ask_udp outside "$HOST4" 5300 -p 40000)"
	same 'b saw 2001:db8::2' "$(ask_udp outside "$HOST6" 5300 -p 40000)"
}

# What the host remembers, of both families.
connections() {
	on host conntrack -L -f ipv4 2>/dev/null
	on host conntrack -L -f ipv6 2>/dev/null
}

@test "a connection of a container that is gone is forgotten, and those of others are not" {
	container a
	container b
	server outside nc -n -l -k 7000
	wait_for listens outside t 7000
	mkfifo "$TMP/open"
	exec {OPEN}<>"$TMP/open"
	for who in a b; do
		server "$who" nc -n -w 30 "$OUTSIDE4" 7000 <"$TMP/open"
	done
	wait_for both_connected
	gone a
	lacks "$(connections)" "src=$A4 "
	has "$(connections)" "src=$B4 "
	exec {OPEN}>&-
}
both_connected() {
	[[ $(connections) == *ESTABLISHED*"src=$A4 "* && $(connections) == *ESTABLISHED*"src=$B4 "* ]]
}

@test "who has talked to the last one with an address talks to the next one with it, at once" {
	container c
	container a --ip 10.97.0.9 --ip fd63:6f6e:7461:696e::9 --mac 02:00:00:00:00:0a
	for address in 10.97.0.9 fd63:6f6e:7461:696e::9; do
		reaches c "$address"
		reaches host "$address"
	done
	gone a
	container b --ip 10.97.0.9 --ip fd63:6f6e:7461:696e::9 --mac 02:00:00:00:00:0b
	for address in 10.97.0.9 fd63:6f6e:7461:696e::9; do
		reaches host "$address"
		reaches c "$address"
	done
}
