#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# bats file_tags=host
# shellcheck disable=SC2154,SC2153,SC2016,SC2119 # variables of bats and of network.bash; scripts of the container in quotes
# The kernel objects that the plugin veth makes on the host: their names, and how long they live; and what it does not touch.
load common
load life
load network

@test "the bridge is made with the first container, marked as ours, and goes with the last one" {
	no_link host contain0
	container a
	same 'bridge contain' "$(link_on host contain0 linkinfo.info_kind) $(link_on host contain0 ifalias)"
	same "$GATEWAY4/16 $GATEWAY6/64" "$(address_of host 4 contain0) $(address_of host 6 contain0)"
	local index
	index=$(link_on host contain0 ifindex)
	container b
	gone a
	same "$index" "$(link_on host contain0 ifindex)"
	reaches b "$GATEWAY4"
	gone b
	no_link host contain0
	same '' "$(left_on host)"
}

@test "a foreground container leaves nothing, however it ends" {
	for script in 'exit 0' 'exit 3' 'kill -9 $$'; do
		attempt contain_run -q "${VETH[@]}" -- /bin/sh -c "$script"
		same '' "$stderr"
		same '' "$(left_on host)"
	done
	attempt contain_run -q "${VETH[@]}" -- /bin/no-such-command
	same 127 "$status"
	same '' "$(left_on host)"
}

@test "the host end: 15 characters, which never are the same, an alias, a MAC address that is no bridge's" {
	local who name names=()
	for who in a b c; do container "$who"; done
	mapfile -t names < <(host_ends)
	same 3 "${#names[@]}"
	[[ ${names[0]} != "${names[1]}" && ${names[1]} != "${names[2]}" && ${names[0]} != "${names[2]}" ]]
	who=(a b c)
	for name in "${names[@]}"; do
		matches "$name" '^ctnb-[a-z2-7]{10}$'
		same "contain $NAME-${who[0]}" "$(link_on host "$name" ifalias)"
		matches "$(link_on host "$name" address)" '^fe:'
		same contain0 "$(link_on host "$name" master)"
		who=("${who[@]:1}")
	done
}

@test "the bridge keeps its MAC address as members come and go" {
	container a
	local mac
	mac=$(link_on host contain0 address)
	# One that is lower than all others: a bridge without an address of its own would take it.
	on host ip link add low type veth peer name low-peer
	on host ip link set low address 02:00:00:00:00:01 master contain0 up
	container b
	same "$mac" "$(link_on host contain0 address)"
	on host ip link del low
	gone a
	same "$mac" "$(link_on host contain0 address)"
}

@test "an interface appears on the host under its final name alone, and is up only as a port of the bridge" {
	server host ip -o monitor link >"$TMP/seen"
	wait_for hears "${SERVERS[-1]}" 0
	inside "${VETH[@]}" -- /bin/true
	wait_for file_has "$TMP/seen" '^Deleted [0-9]*: contain0'
	same '' "$(grep -vE '^(Deleted )?[0-9]+: (contain0|ctnb-[a-z2-7]{10})[@:]' "$TMP/seen")"
	file_has "$TMP/seen" ': ctnb-.*[<,]UP[,>].* master contain0 '
	same '' "$(grep -E ': ctnb-.*[<,]UP[,>]' "$TMP/seen" | grep -v ' master contain0 ')"
}
@test "the MAC address inside is made from the IPv4 address, or is the given one" {
	container a --ip 10.97.1.255
	same 02:63:0a:61:01:ff "$(link_on a eth0 address)"
	container b --mac 06:00:00:00:be:ef
	same 06:00:00:00:be:ef "$(link_on b eth0 address)"
	# Without one it is still one of its own.
	container c --set veth.subnet=none --bridge other0 --set veth.subnet6=fd00:6::/64
	matches "$(link_on c eth0 address)" '^.[26ae]:'
}

@test "another name inside, and another MTU on both ends" {
	container a --set veth.interface=lan --set veth.mtu=1400
	same 1400 "$(link_on a lan mtu)"
	same 1400 "$(link_on host "$(host_ends)" mtu)"
	same "$A4/16" "$(address_of a 4 lan)"
	in_it a "ping -q -c 1 -W 5 $GATEWAY4"
	# As long as it may be.
	container b --set veth.interface=a23456789012345
	same "$B4/16" "$(address_of b 4 a23456789012345)"
}

@test "the MTU is the bridge's, if none is given" {
	bridge_of_another
	on host ip link set shared mtu 1380
	container a --bridge shared
	same 1380 "$(link_on a eth0 mtu)"
	on a busybox ping -q -c 1 -W 5 -s 1300 10.50.0.9
}

@test "without --ip and without the bridge's say: 1500" {
	container a
	same 1500 "$(link_on a eth0 mtu)"
	same 1500 "$(link_on host contain0 mtu)"
}

# All that veth could change of it.
of_another() {
	on host ip -j -details address show dev shared | jq -S 'del(..|.tentative?, .operstate?, .hello_timer?, .gc_timer?, .tcn_timer?, .topology_change_timer?, .topology_change?)'
	on host ip -o link show master shared | grep -v ctnb- | sed 's/ qlen.*//'
	on host ip route show dev shared
}

@test "a bridge that exists is used as it is, with its address as gateway, and stays" {
	bridge_of_another
	local before
	before=$(of_another)
	container a --bridge shared
	same '10.50.0.2/24 fd50::2/64' "$(address_of a 4) $(address_of a 6)"
	same '10.50.0.1 fd50::1' "$(gateway_of a 4) $(gateway_of a 6)"
	for address in 10.50.0.1 10.50.0.9 fd50::1 fd50::9; do reaches a "$address"; done
	reaches neighbour 10.50.0.2
	reaches neighbour fd50::2
	container b --bridge shared
	reaches b 10.50.0.2
	gone a
	reaches b 10.50.0.9
	gone b
	same "$before" "$(of_another)"
	reaches neighbour 10.50.0.1
}

@test "a bridge that exists and has no address gets none" {
	on host ip link add shared type bridge
	on host ip link set shared up
	for who in a b; do
		container "$who" --bridge shared --set veth.subnet=10.51.0.0/24 --set veth.subnet6=none --set veth.gateway=none
	done
	reaches b 10.51.0.2
	same '' "$(address_of host 4 shared)$(address_of host 6 shared)"
	gone a
	gone b
	same null "$(link_on host shared ifalias)"
}

@test "a bridge of another whose subnet is none for containers is refused, before anything is leased" {
	on host ip link add shared type bridge
	on host ip link set shared up
	on host ip address add fd50::2/127 dev shared nodad
	refused "the bridge 'shared'|fd50::2/127|too small|subnet6" contain_run --bridge shared "${VETH[@]}" -- /bin/true
	on host ip address flush dev shared
	on host ip address add 10.50.0.1/32 dev shared
	refused "the bridge 'shared'|10.50.0.1/32|too small|subnet" contain_run --bridge shared "${VETH[@]}" -- /bin/true
	same '' "$(left_on host)"
}

@test "our bridge stays if another's interface is its member, and then is no longer ours" {
	container a
	on host ip link add theirs type veth peer name theirs-peer
	on host ip link set theirs master contain0
	gone a
	has_link host theirs
	same "link contain0" "$(left_on host)"
	container b
	reaches b "$GATEWAY4"
	gone b
	has_link host theirs
	on host ip link del contain0
}

@test "two bridges: containers of one do not see those of the other" {
	container a
	container b --bridge other0 --set veth.subnet=10.98.0.0/24 --set veth.subnet6=fd98::/64
	same 10.98.0.2/24 "$(address_of b 4)"
	reaches b 10.98.0.1
	has_link host contain0
	has_link host other0
	gone b
	no_link host other0
	has_link host contain0
	reaches a "$GATEWAY4"
}

@test "networks that are given no subnet have the next free ones, whatever their mode" {
	container a
	container b --bridge other0
	container c --set veth.mode=point-to-point
	same "$A4/16" "$(address_of a 4)"
	same 10.98.0.2/16 "$(address_of b 4)"
	has "$(address_of c 4)" 10.99.0.2/
	for who in a b c; do
		reaches "$who" "$(gateway_of "$who" 4)"
		reaches "$who" "$(gateway_of "$who" 6)"
		reaches host "$(address_of "$who" 4 | cut -d/ -f1)"
		reaches host "$(address_of "$who" 6 | cut -d/ -f1)"
	done
	same 3 "$(for who in a b c; do address_of "$who" 6; done | sort -u | grep -c '')"
	gone a
	container d
	same "$A4/16" "$(address_of d 4)"
	container e --bridge other0
	same 10.98.0.3/16 "$(address_of e 4)"
}

@test "networks that begin at the same moment do not get one subnet" {
	local runs=() pid n
	for n in 0 1 2 3 4 5 6 7 p; do
		"$CONTAIN" --root "$STATE" run -q -d --name "$NAME-$n" --rootfs "$ROOTFS" "${VETH[@]}" \
			$([[ $n != p ]] && echo "--bridge=other$n" || echo --set=veth.mode=point-to-point) -- /bin/sleep 1000 3>&- &
		runs+=($!)
	done
	for pid in "${runs[@]}"; do wait "$pid"; done
	on host ip -j address | jq -r '.[] | select(.ifname | test("^(other|ctnp-)")) | .addr_info[] |
		select(.scope == "global") | .local' >"$TMP/addresses"
	same 18 "$(wc -l <"$TMP/addresses")"
	same '' "$(sort "$TMP/addresses" | uniq -d)"
	for n in 0 1 2 3 4 5 6 7 p; do gone "$n"; done
	same '' "$(ls "/run/contain-veth/$(cookie host)-"* "/run/contain-veth/lock-"* 2>/dev/null)"
}

@test "point to point: an interface of its own on the host, and no bridge" {
	container a --set veth.mode=point-to-point
	container b --set veth.mode=point-to-point
	local name names=()
	mapfile -t names < <(host_ends)
	same 2 "${#names[@]}"
	for name in "${names[@]}"; do
		matches "$name" '^ctnp-[a-z2-7]{10}$'
		matches "$(link_on host "$name" ifalias)" "^contain $NAME-[ab]\$"
	done
	same '' "$(on host ip -o link show type bridge)"
	has "$(address_of a 4)" "$A4/"
	has "$(address_of b 4)" "$B4/"
	serve a 80
	serve host 80
	for address in "$A4" "$A6"; do has "$(fetch host "$address" 80)" 'a saw '; done
	for address in "$HOST4" "$HOST6"; do has "$(fetch b "$address" 80)" 'host saw '; done
	in_it b 'cat /etc/hosts; ip route'
	has "$output" "$NAME-b"
	serve outside 80
	same "outside saw $HOST4" "$(fetch a "$OUTSIDE4" 80)"
	same "outside saw $HOST6" "$(fetch a "$OUTSIDE6" 80)"
	gone a
	same "${names[1]}" "$(host_ends)"
	reaches b "$HOST4"
	gone b
	same '' "$(left_on host)"
}

@test "two hosts: their leases and bridges have nothing to do with each other" {
	new_namespace other
	on other ip link set lo up
	container a
	on other "$PLAIN_CONTAIN" -q --root "$STATE" run -d --name "$NAME-b" --rootfs "$ROOTFS" "${VETH[@]}" -- /bin/sleep 1000 3>&-
	same "$A4/16" "$(address_of b 4)"
	same "$A4/16" "$(address_of a 4)"
	in_it a 'cat /etc/hosts'
	lacks "$output" "$NAME-b"
	on other "$PLAIN_CONTAIN" -q --root "$STATE" delete --force "$NAME-b" 3>&-
	no_link other contain0
	has_link host contain0
	reaches a "$GATEWAY4"
}
