#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# bats file_tags=host
# shellcheck disable=SC2154,SC2153,SC2016,SC2119 # variables of bats and of network.bash; scripts of the container in quotes
# Containers of the plugin veth and the world behind their host: hidden by NAT, kept from what comes from there; and the
# packet filter of the host, in which only a table of ours changes.
load common
load life
load network

# The outside knows the way to the containers: only the rules keep it from them.
routes_to_containers() {
	on outside ip route add 10.97.0.0/16 via "$HOST4"
	on outside ip route add fd63:6f6e:7461:696e::/64 via "$HOST6"
}

# bats test_tags=kernel
@test "to the outside by TCP, UDP and ping, seen there with the host's address, in both families" {
	container a
	serve outside 80
	serve_udp outside 53 "$OUTSIDE4"
	serve_udp outside 53 "$OUTSIDE6"
	same "outside saw $HOST4" "$(fetch a "$OUTSIDE4" 80)"
	same "outside saw $HOST6" "$(fetch a "$OUTSIDE6" 80)"
	same "outside saw $HOST4" "$(ask_udp a "$OUTSIDE4" 53)"
	same "outside saw $HOST6" "$(ask_udp a "$OUTSIDE6" 53)"
	reaches a "$OUTSIDE4"
	reaches a "$OUTSIDE6"
	in_it a "timeout 10 wget -q -O - http://$OUTSIDE4/cgi-bin/who"
	same "outside saw $HOST4" "$output"
}

@test "many bytes go through, in both directions and families" {
	container a
	server outside iperf3 -s -p 5201 >"$TMP/iperf3"
	wait_for listens outside t 5201
	for address in "$OUTSIDE4" "$OUTSIDE6"; do
		for direction in '' -R; do
			on a timeout 60 iperf3 --json --connect-timeout 5000 -n 20M $direction -c "$address" >"$TMP/result" ||
				fail "$(<"$TMP/result")"
			(($(jq .end.sum_received.bytes "$TMP/result") > 1000000))
		done
	done
}

@test "without nat, the outside sees the container's own address, and there is no table" {
	set_on host net.ipv4.ip_forward 1
	set_on host net.ipv6.conf.all.forwarding 1
	container a --set veth.nat=no
	routes_to_containers
	serve outside 80
	same "outside saw $A4" "$(fetch a "$OUTSIDE4" 80)"
	same "outside saw $A6" "$(fetch a "$OUTSIDE6" 80)"
	same '' "$(on host nft list ruleset)"
}

@test "from outside, nobody reaches a container directly" {
	container a
	routes_to_containers
	serve a 80
	serve_udp a 53
	for address in "$A4" "$A6"; do
		has "$(fetch host "$address" 80)" 'a saw'
		no_answer fetch outside "$address" 80
		no_answer ask_udp outside "$address" 53
	done
	# By the other way of the host to its address, as well.
	serve outside 80
	same "outside saw $HOST4" "$(fetch a "$OUTSIDE4" 80)"
}

@test "a container of another bridge is outside, too" {
	container a
	container b --bridge other0 --set veth.subnet=10.98.0.0/24 --set veth.subnet6=fd98::/64
	serve a 80
	serve b 80
	has "$(fetch host 10.98.0.2 80)$(fetch host "$A6" 80)" 'b saw' 'a saw'
	for address in 10.98.0.2 fd98::2; do no_answer fetch a "$address" 80; done
	for address in "$A4" "$A6"; do no_answer fetch b "$address" 80; done
}

@test "what others send through the host is none of our business" {
	new_namespace neighbour
	on host ip -batch - <<-END
		link add lan type veth peer name eth0 netns $NET/neighbour
		link set lan up
		address add 10.60.0.1/24 dev lan
	END
	on neighbour ip -batch - <<-END
		link set eth0 up
		address add 10.60.0.2/24 dev eth0
		route add default via 10.60.0.1
	END
	on outside ip route add 10.60.0.0/24 via "$HOST4"
	container a -p 80:8000
	serve neighbour 80
	serve outside 80
	same 'neighbour saw 192.0.2.2' "$(fetch outside 10.60.0.2 80)"
	same 'outside saw 10.60.0.2' "$(fetch neighbour "$OUTSIDE4" 80)"
}

@test "the other members of a bridge of another: as before, from outside and to it" {
	bridge_of_another
	set_on host net.ipv4.ip_forward 1
	set_on host net.ipv6.conf.all.forwarding 1
	on neighbour ip route add default via 10.50.0.1
	on neighbour ip route add default via fd50::1
	on outside ip route add 10.50.0.0/24 via "$HOST4"
	on outside ip route add fd50::/64 via "$HOST6"
	serve neighbour 80
	serve outside 80
	container a --bridge shared -p 8080:80
	serve a 80
	same 'neighbour saw 192.0.2.2' "$(fetch outside 10.50.0.9 80)"
	same 'neighbour saw 2001:db8::2' "$(fetch outside fd50::9 80)"
	same 'outside saw 10.50.0.9' "$(fetch neighbour "$OUTSIDE4" 80)"
	same 'outside saw fd50::9' "$(fetch neighbour "$OUTSIDE6" 80)"
	# And the container's packets as on any other bridge.
	same "outside saw $HOST4" "$(fetch a "$OUTSIDE4" 80)"
	same "outside saw $HOST6" "$(fetch a "$OUTSIDE6" 80)"
	same 'a saw 192.0.2.2' "$(fetch outside "$HOST4" 8080)"
	same 'a saw 2001:db8::2' "$(fetch outside "$HOST6" 8080)"
	same 'neighbour saw 10.50.0.2' "$(fetch a 10.50.0.9 80)"
	no_answer fetch outside 10.50.0.2 80
	no_answer fetch outside fd50::2 80
}

@test "on a bridge of another the rules are for all containers, whichever of them came first and needs them" {
	bridge_of_another
	set_on host net.ipv4.ip_forward 1
	set_on host net.ipv6.conf.all.forwarding 1
	on outside ip route add 10.50.0.0/24 via "$HOST4"
	on outside ip route add fd50::/64 via "$HOST6"
	container a --bridge shared --set veth.nat=no
	serve a 80
	same '' "$(on host nft list tables)"
	same 'a saw 192.0.2.2' "$(fetch outside 10.50.0.2 80)"
	container b --bridge shared --set veth.nat=no -p 8080:80
	container c --bridge shared --set veth.nat=no
	serve c 80
	for address in 10.50.0.2 10.50.0.4 fd50::2 fd50::4; do no_answer fetch outside "$address" 80; done
	# Also if somebody removes the table, from the next container on that needs one.
	on host nft delete table inet contain-shared
	same 'c saw 192.0.2.2' "$(fetch outside 10.50.0.4 80)"
	container d --bridge shared --set veth.nat=no -p 8081:80
	for address in 10.50.0.2 10.50.0.4 fd50::2 fd50::4; do no_answer fetch outside "$address" 80; done
	# An address that is nobody's any more is not ours to protect.
	gone c
	lacks "$(on host nft list table inet contain-shared)" 10.50.0.4 fd50::4
	has "$(on host nft list table inet contain-shared)" 10.50.0.2 fd50::2
}

# ---- ip_forward

forwarding() {
	printf '%s %s' "$(sysctl_on host net.ipv4.ip_forward)" "$(sysctl_on host net.ipv6.conf.all.forwarding)"
}

@test "ip_forward is switched on, which is said, once; it stays on" {
	same '0 0' "$(forwarding)"
	attempt contain_run "${VETH[@]}" -- /bin/true
	same 0 "$status"
	has "$stderr" net.ipv4.ip_forward net.ipv6.conf.all.forwarding
	same '1 1' "$(forwarding)"
	attempt contain_run "${VETH[@]}" -- /bin/true
	lacks "$stderr" forward
	same '1 1' "$(forwarding)"
}

@test "only for the families that the network has" {
	inside "${VETH[@]}" --set veth.subnet6=none -- /bin/true
	same '1 0' "$(forwarding)"
}

@test "ip_forward=keep leaves it alone, with a warning where it is off" {
	attempt contain_run "${VETH[@]}" --set veth.ip_forward=keep -- /bin/true
	same 0 "$status"
	has "$stderr" 'warning: ' forward
	same '0 0' "$(forwarding)"
	set_on host net.ipv4.ip_forward 1
	set_on host net.ipv6.conf.all.forwarding 1
	attempt contain_run "${VETH[@]}" --set veth.ip_forward=keep -- /bin/true
	lacks "$stderr" forward
	same '1 1' "$(forwarding)"
}

@test "a host that has its IPv6 default route from a router keeps it: forwarding would end that" {
	on host ip -6 route del default
	set_on host net.ipv6.conf.uplink.accept_ra 1
	on outside ip address add fe80::1/64 dev eth0 nodad
	wait_for hears_of_router
	attempt contain_run "${VETH[@]}" -- /bin/true
	same 0 "$status"
	has "$stderr" 'warning: ' accept_ra
	same '1 0' "$(forwarding)"
	set_on host net.ipv6.conf.uplink.accept_ra 2
	attempt contain_run "${VETH[@]}" -- /bin/true
	lacks "$stderr" accept_ra
	same '1 1' "$(forwarding)"
}

hears_of_router() {
	on outside "$HELPERS/advertise" eth0
	[[ $(gateway_of host 6) ]]
}

# ---- the packet filter

# Tables of others, with what tables have, and handles with gaps.
others() {
	on host nft -f - <<-'END'
		table inet filter {
			set blocked { type ipv4_addr; flags interval; elements = { 203.0.113.0/24 } }
			map verdicts { type inet_service : verdict; elements = { 9 : drop } }
			chain input {
				type filter hook input priority 0; policy accept;
				tcp dport 1 drop comment "of another"
				ip saddr @blocked drop
				tcp dport vmap @verdicts
			}
			chain forward { type filter hook forward priority 0; policy accept; ct state invalid drop; }
		}
		table ip nat {
			chain POSTROUTING { type nat hook postrouting priority srcnat; policy accept; ip daddr 203.0.113.1 masquerade; }
		}
		table ip contain-contain0 { chain one { }; }
		table inet contain-of-another { chain one { }; }
		table arp a { chain one { }; }
		table bridge b { chain one { type filter hook forward priority 0; policy accept; }; }
	END
	on host nft delete rule inet filter input handle "$(on host nft -a list chain inet filter input | sed -n 's/.*dport 1 .*# handle //p')"
}

# rules [FLAGS of nft]: all rules of the host but those of our table.
rules() {
	on host nft "$@" list ruleset | awk -v ours="table inet $TABLE {" '
		index($0, ours) == 1 { skip = 1 }
		!skip
		/^}/ { skip = 0 }'
}

@test "the rules of others stay the same byte by byte, with their handles" {
	others
	local text json mine
	text=$(on host nft -a list ruleset)
	json=$(on host nft -j list ruleset)
	container a -p 8080:80 -p 53:53/udp
	same "$text" "$(rules -a)"
	# What others make in the meantime stays as well.
	on host nft add table ip late
	on host nft add chain ip late one
	mine=$(rules -a)
	container b -p 8081:80
	same "$mine" "$(rules -a)"
	gone a
	same "$mine" "$(rules -a)"
	gone b
	same "$mine" "$(on host nft -a list ruleset)"
	on host nft delete table ip late
	same "$text" "$(on host nft -a list ruleset)"
	same "$json" "$(on host nft -j list ruleset)"
}

@test "whoever watches the packet filter sees changes of our table alone" {
	others
	server host nft monitor >"$TMP/changes"
	wait_for hears "${SERVERS[-1]}" 12
	inside "${VETH[@]}" -p 8080:80 -p 53:53/udp -- /bin/true
	wait_for file_has "$TMP/changes" "^delete table inet $TABLE\$"
	same '' "$(grep -vE "^# |^(add|delete|insert|create|destroy) [a-z]+ inet $TABLE( |\$)|^[[:space:]}]" "$TMP/changes")"
}

@test "one table for a network, made with its first container, gone with its last" {
	container a
	same "table inet $TABLE" "$(on host nft list tables)"
	container b --bridge other0 --set veth.subnet=10.98.0.0/24 --set veth.subnet6=none
	same "table inet $TABLE"$'\n''table inet contain-other0' "$(on host nft list tables | sort)"
	container c
	gone a
	gone b
	same "table inet $TABLE" "$(on host nft list tables)"
	serve outside 80
	same "outside saw $HOST4" "$(fetch c "$OUTSIDE4" 80)"
	gone c
	same '' "$(on host nft list ruleset)"
}

@test "a container that publishes, on a network whose first one has neither nat nor ports" {
	container a --set veth.nat=no
	same '' "$(on host nft list tables)"
	container b --set veth.nat=no -p 8080:80
	serve b 80
	same 'b saw 192.0.2.2' "$(fetch outside "$HOST4" 8080)"
	gone b
	gone a
	same '' "$(on host nft list tables)"
}

@test "a table of another life of the network, whose file somebody has removed, holds for no container" {
	# Also of none that wants no rules.
	on host nft add table inet "$TABLE"
	container a --set veth.nat=no
	same '' "$(on host nft list tables)"
}
