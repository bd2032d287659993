#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2030,SC2031,SC2154,SC2153,SC2016 # variables of bats and network.bash; scripts of the container in quotes
# docs/examples/macvlan, a network of somebody else's, built against an installed contain: on the host's link `uplink`, at whose
# other end `outside` is (see network.bash).
load external
load ../integration/life
load ../integration/network

eval "install_$(declare -f setup_file)"
setup_file() {
	install_setup_file
	export EXAMPLE=$WORLD/macvlan
	cp -r "$CONTAIN_SOURCE/docs/examples/macvlan" "$EXAMPLE"
	CFLAGS=-Werror build "$EXAMPLE" -DCMAKE_PREFIX_PATH="$PREFIX"
}

eval "network_$(declare -f setup)"
setup() {
	CONTAIN=$PREFIX/bin/contain
	network_setup
	if on host ip link add probe link uplink type macvlan; then on host ip link delete probe; else skip_or_fail 'this kernel has no macvlan'; fi
	MACVLAN=(--plugin-dir "$EXAMPLE/build" --network macvlan --macvlan-parent uplink --macvlan-address)
}

# machine WHO ADDRESS: a container in the background, as `container` of network.bash makes one of veth.
machine() {
	good "${MACVLAN[@]:0:2}" run -d --name "$NAME-$1" --rootfs "$ROOTFS" "${MACVLAN[@]:2}" "$2" -- /bin/sleep 1000
}

@test "macvlan: it exports its one function, and keeps the rules" {
	same contain_plugin_v1 "$(nm -D --defined-only "$EXAMPLE/build/macvlan.so" | awk '{ print $3 }')"
	attempt "$CONTAIN" plugin check --host --json --time-limit "$DEADLINE" "$EXAMPLE/build/macvlan.so" -- \
		--macvlan-parent uplink --macvlan-address 192.0.2.7/24
	same "0 " "$status $stderr"
	same 'parent_attach child_setup check' "$(jq -r '[.[0].hooks[].hook] | join(" ")' <<<"$output")"
	# How long a hook takes is the machine's.
	same '' "$(jq -r '[.[0].findings[].rule] - ["slow"] | join(" ")' <<<"$output")"
}

@test "macvlan: chosen by --network, also without netns, and nobody's beside --network none" {
	for profile in default minimal; do
		inside "${MACVLAN[@]}" 192.0.2.7/24 --profile $profile -- /bin/sh -c 'ip -o link | cut -d" " -f2; ip -o -4 address; ping -q -c 1 192.0.2.2'
		has "$output" $'lo:\neth0@' 'inet 127.0.0.1/8' 'inet 192.0.2.7/24' '1 packets received'
	done
	inside --plugin-dir "$EXAMPLE/build" --network none -- ip -o link
	lacks "$output" eth0
	# Nothing of it is ever on the host.
	lacks "$(on host ip -o -details link)" macvlan
	refused '--macvlan-address belongs to the plugin macvlan, which --network none switches off' contain_run \
		--plugin-dir "$EXAMPLE/build" --macvlan-address 192.0.2.7/24 --network none -- /bin/true
}

@test "macvlan: on a host whose own interface has the name of the one inside" {
	on host ip link add eth0 type veth peer name other
	# Leaks are looked for by ptrace(2), which strace uses itself.
	ASAN_OPTIONS=detect_leaks=0 attempt strace -f -qq -xx -s 256 -o "$TMP/calls" -e trace=sendto "$CONTAIN" --root "$STATE" \
		"${MACVLAN[@]:0:2}" run -q --name "$NAME" --rootfs "$ROOTFS" "${MACVLAN[@]:2}" 192.0.2.7/24 -- ip -o -4 address
	same "0 " "$status $stderr"
	has "$output" 'eth0    inet 192.0.2.7/24'
	# A kernel before 6.15 would refuse the name there, so it is not asked for with the interface.
	grep -F '\x6d\x61\x63\x76\x6c\x61\x6e' "$TMP/calls" >"$TMP/made" # "macvlan"
	lacks "$(<"$TMP/made")" '\x65\x74\x68\x30'                        # "eth0"
}

@test "macvlan: beside veth, whose interface then has another name" {
	local both=("${MACVLAN[@]:0:2}" "${MACVLAN[@]:4}" 192.0.2.7/24 --enable veth)
	refused "veth: another plugin has made an interface 'eth0' inside: give this one another name" contain_run "${both[@]}" -- /bin/true
	inside "${both[@]}" --set veth.interface=eth1 -- ip -o -4 address
	has "$output" 'eth0    inet 192.0.2.7/24' 'eth1    inet 10.97.0.2/16'
}

@test "macvlan: containers of one parent, and who is on its network, reach each other" {
	machine a 192.0.2.7/24
	machine b 192.0.2.8/24
	serve a 80
	same 'a saw 192.0.2.8' "$(fetch b 192.0.2.7 80)"
	same 'a saw 192.0.2.2' "$(fetch outside 192.0.2.7 80)"
	# With a MAC address that is not the host's.
	has "$(on outside ip neigh show 192.0.2.7)" "$(link_on a eth0 address)"
	lacks "$(link_on a eth0 address)" "$(link_on host uplink address)"
	# With its network, which is there as long as somebody is in it.
	kill "${SERVERS[@]}"
	SERVERS=()
	gone a
	wait_for unanswered outside 192.0.2.7
	reaches outside 192.0.2.8
}

unanswered() {
	! on "$1" busybox ping -q -c 1 -W 1 "$2" >/dev/null
}

@test "macvlan: addresses of IPv6" {
	machine a 2001:db8::7/64
	same 2001:db8::7/64 "$(address_of a 6)"
	# It asks first whether somebody else has the address.
	wait_for on a sh -c '! ip -6 address show dev eth0 tentative | grep -q inet6'
	reaches a 2001:db8::2
}

@test "macvlan: what is wrong is told" {
	for address in 192.0.2.7 192.0.2.7/ 192.0.2.7/33 192.0.2.7/0 192.0.2.7/-1 192.0.2.7/24x 192.0.2/24 /24 2001:db8::7/129 nonsense ''; do
		refused "--macvlan-address: '$address': is not ADDRESS/BITS" contain_run "${MACVLAN[@]}" "$address" -- /bin/true
	done
	refused "macvlan: can't find the interface 'nonesuch' (--macvlan-parent): No such device" contain_run "${MACVLAN[@]:0:4}" \
		--macvlan-parent nonesuch --macvlan-address 192.0.2.7/24 -- /bin/true
	refused "macvlan: can't make a macvlan interface on 'lo'" contain_run "${MACVLAN[@]:0:4}" --macvlan-parent lo \
		--macvlan-address 192.0.2.7/24 -- /bin/true
	attempt contain_run "${MACVLAN[@]:0:4}" -- /bin/true
	same 125 "$status"
	has "$stderr" '[macvlan] parent is missing: give --macvlan-parent INTERFACE' '[macvlan] address is missing'
}
