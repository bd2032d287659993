#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# bats file_tags=host
# shellcheck disable=SC2154,SC2153,SC2016,SC2119 # variables of bats and of network.bash; scripts of the container in quotes
# What the plugin veth has made goes away whatever happens: SIGKILL, somebody who removes parts of it, many at once.
load common
load life
load network

# killed_in HOOK: contain is killed there, with all that veth has made by then.
killed_in() {
	hold_in "$1" "${VETH[@]}" -p 8080:80 -p 5300:53/udp -- /bin/true
	kill -KILL "$PID"
	wait_for is_dead "$PID"
	[[ ! $INIT ]] || wait_for is_dead "$INIT"
	exec {AT}>&-
	rm -f "$TMP/fifo" "$TMP/fifo.at"
}

@test "SIGKILL in each hook, and gc: links, bridge, rules and leases are gone" {
	for hook in parent_prepare parent_attach child_setup child_enter child_seal parent_started report; do
		killed_in "$hook"
		[[ $hook == parent_prepare || $(left_on host) == *"link contain0"*"$TABLE"*/run/contain-veth/* ]] ||
			fail "$hook: nothing was there"
		good gc
		same "$hook: " "$hook: $(left_on host)"
	done
}

@test "SIGKILL in each hook, and the next one of that name, with the same ports and address" {
	for hook in parent_prepare parent_attach child_enter parent_started report; do
		killed_in "$hook"
		inside "${VETH[@]}" -p 8080:80 -p 5300:53/udp --ip "$A4" -- /bin/true
		same "$hook: " "$hook: $(left_on host)"
	done
}

@test "SIGKILL in each hook, beside a container that stays as it was" {
	container a -p 9090:90
	serve a 90
	local before
	before=$(left_on host)
	for hook in parent_prepare parent_attach child_enter parent_started; do
		killed_in "$hook"
		good gc
		same "$before" "$(left_on host)"
		same 'a saw 192.0.2.2' "$(fetch outside "$HOST4" 9090)"
	done
}

@test "kill -9 to all of it at once, first process and contain, and gc" {
	container a -p 8080:80
	kill -KILL "$(first_process "$NAME-a")"
	wait_for gone_by_itself
	good delete --force "$NAME-a"
	same '' "$(left_on host)"
}
gone_by_itself() {
	[[ $(listed "$NAME-a") != running ]]
}

@test "the end of a container undoes its network, before it is deleted" {
	good run -d --name "$NAME-a" --rootfs "$ROOTFS" "${VETH[@]}" -p 8080:80 -- /bin/true
	good wait "$NAME-a"
	wait_for nothing_on_host
	good delete "$NAME-a"
}
nothing_on_host() {
	[[ ! $(left_on host) ]]
}

@test "somebody else removes the bridge, the table, an interface: deleting still works" {
	for culprit in 'ip link del contain0' "nft delete table inet $TABLE" 'nft flush ruleset' 'ip link del HOST-END' \
		"sh -c 'ip link del contain0; nft flush ruleset'"; do
		container a -p 8080:80
		culprit=${culprit/HOST-END/$(host_ends)}
		eval "on host $culprit"
		gone a
		same "$culprit: " "$culprit: $(left_on host)"
		inside "${VETH[@]}" -p 8080:80 -- /bin/true
	done
}

@test "the table was removed by somebody else while containers run: the next one makes it anew" {
	container a
	on host nft flush ruleset
	container b -p 8080:80
	serve b 80
	serve outside 80
	same 'b saw 192.0.2.2' "$(fetch outside "$HOST4" 8080)"
	same "outside saw $HOST4" "$(fetch b "$OUTSIDE4" 80)"
}

@test "the host's network is gone before its container is deleted" {
	new_namespace other
	on other ip link set lo up
	on other "$PLAIN_CONTAIN" -q --root "$STATE" run -d --name "$NAME-a" --rootfs "$ROOTFS" "${VETH[@]}" -p 8080:80 -- /bin/sleep 1000 3>&-
	local lease
	lease=/run/contain-veth/$(cookie other)-contain0
	[[ -e $lease ]]
	# Another one of the same kind, with the same address, on the host from which the first is deleted.
	container b -p 8080:80
	serve b 80
	gone a
	[[ ! -e $lease ]]
	same 'b saw 192.0.2.2' "$(fetch outside "$HOST4" 8080)"
	same "$A4/16" "$(address_of b 4)"
	has "$(<"$(lease_file)")" "$NAME-b"
	reaches b "$GATEWAY4"
}

@test "fifty containers on one bridge at once" {
	local count=50 i pids=()
	[[ $CONTAIN_BUILD != *sanitize* ]] || count=20
	for ((i = 0; i < count; i++)); do
		"$CONTAIN" -q --root "$STATE" run -d --name "$NAME-$i" --rootfs "$ROOTFS" "${VETH[@]}" -p "$((8000 + i)):80" -- \
			/bin/sleep 1000 >/dev/null 2>"$TMP/messages.$i" 3>&- &
		pids+=($!)
	done
	for ((i = 0; i < count; i++)); do wait "${pids[i]}" || fail "container $i: $(<"$TMP/messages.$i")"; done
	# Each has what the others have not, and none was left out.
	for ((i = 0; i < count; i++)); do printf '%s %s\n' "$(address_of "$i" 4)" "$(address_of "$i" 6)"; done | sort >found
	same "$(for ((i = 2; i < count + 2; i++)); do printf '10.97.0.%d/16 fd63:6f6e:7461:696e::%x/64\n' "$i" "$i"; done | sort)" "$(<found)"
	same "$count" "$(host_ends | sort -u | grep -c '')"
	reaches 0 "$(address_of "$((count - 1))" 4 | cut -d/ -f1)"
	serve 7 80
	same '7 saw 192.0.2.2' "$(fetch outside "$HOST4" 8007)"
	in_it 3 "ping -4 -q -c 1 -W 5 $NAME-$((count - 2)) && ping -6 -q -c 1 -W 5 $NAME-$((count - 2))"
	pids=()
	for ((i = 0; i < count; i++)); do
		ctl -q delete --force "$NAME-$i" 3>&- &
		pids+=($!)
	done
	for i in "${pids[@]}"; do wait "$i"; done
	same '' "$(left_on host)"
}

@test "first and last users at once, again and again: the bridge and the table are there whenever they are needed" {
	local times=15 i pids
	[[ $CONTAIN_BUILD != *sanitize* ]] || times=4
	serve host 80
	for (( ; times > 0; times--)); do
		pids=()
		for i in 1 2 3; do
			"$CONTAIN" -q --root "$STATE" run --name "$NAME-$i" --rootfs "$ROOTFS" "${VETH[@]}" -p "800$i:80" -- \
				/bin/sh -c "timeout 10 wget -q -O /dev/null http://$GATEWAY4/cgi-bin/who" 2>"$TMP/messages.$i" 3>&- &
			pids+=($!)
		done
		for i in 1 2 3; do wait "${pids[i - 1]}" || fail "container $i: $(<"$TMP/messages.$i")"; done
	done
	same '' "$(left_on host)"
}
