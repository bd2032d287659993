#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# bats file_tags=host
# shellcheck disable=SC2154,SC2153,SC2016,SC2119 # variables of bats and of network.bash; scripts of the container in quotes
# What the plugin veth refuses: with one message that says what to do, and nothing left of the attempt.
load common
load life
load network

# refuses WORDS [FLAGS]: a container with these flags; what is on the host is the same after it.
refuses() {
	local words=$1 before
	shift
	before=$(all_of_host)
	refused "$words" contain_run "${VETH[@]}" "$@" -- /bin/true
	same "$before" "$(all_of_host)"
}
all_of_host() {
	on host ip -o link | sed 's/ state .*//'
	on host nft list ruleset
	# A line that was given back is a comment.
	grep -hsv '^#' "/run/contain-veth/$(cookie host)-"*
	return 0
}

@test "addresses that are none, or not in the subnet, or not for a container" {
	local flags
	while read -r flags; do
		# shellcheck disable=SC2086 # flags and words
		refuses "${flags##*[ =]}" $flags
	done <<-'END'
		--ip nonsense
		--ip 10.97.0
		--ip 10.97.0.300
		--ip fd63::1::2
		--ip 10.98.0.1
		--ip fd64::7
		--ip 10.97.0.1
		--ip 10.97.0.0
		--ip 10.97.255.255
		--ip fd63:6f6e:7461:696e::
		--ip fd63:6f6e:7461:696e::1
		--set veth.gateway=10.97
		--set veth.subnet6=none --ip fd63:6f6e:7461:696e::5
	END
	refuses 10.97.0.9 --ip 10.97.0.8 --ip 10.97.0.9
}

@test "subnets that are none, or too small" {
	for subnet in 10.97.0.0 10.97.0.0/33 10.97.0.0/x 10.97.0.0/ /16 nonsense fd00::/64 10.97.0.0/32; do
		refuses "$subnet" --set "veth.subnet=$subnet"
	done
	for subnet in fd00:: fd00::/129 10.0.0.0/8 fd00::/128; do
		refuses "$subnet" --set "veth.subnet6=$subnet"
	done
	refuses subnet --set veth.subnet=none --set veth.subnet6=none
}

@test "names and numbers that the kernel would not take" {
	for name in '' lo a234567890123456 'a b' a/b .. 'a%d'; do
		refuses interface --set "veth.interface=$name"
	done
	for name in a234567890123456 a/b . point-to-point; do
		refuses bridge --set "veth.bridge=$name"
	done
	for mac in nonsense 02:00:00:00:00 02:00:00:00:00:zz 01:00:00:00:00:01 00:00:00:00:00:00 ff:ff:ff:ff:ff:ff; do
		refuses "$mac" --mac "$mac"
	done
	for mtu in 67 65536 x; do refuses mtu --set "veth.mtu=$mtu"; done
	# IPv6 needs 1280 (RFC 8200).
	refuses '1279|1280' --set veth.mtu=1279
	refuses mode --set veth.mode=ring
	for name in 'a b' -a 'a#'; do refuses alias --set "veth.alias=$name"; done
	refuses nonsense --dns nonsense
}

@test "ports that are none" {
	local port
	for port in x 80 :80 80: 0:80 80:0 65536:80 80:65536 80:80/icmp 80:80/ 8000-8002:80-81 8002-8000:80-82 65535-65536:80-81 \
		1.2.3:80:80 '[fd00::1:80:80' fd00::1:80:80 1.2.3.4:80 80:80:80 ' 80:80'; do
		refuses "$port" --publish "$port"
	done
}

@test "a port that another container has published, also as part of a range, or on another address" {
	container a -p 8080:80 -p 9000-9009:9000-9009/udp -p 192.0.2.1:7000:7000
	refuses "8080|published" -p 8080:81
	refuses "8080|published" -p 8079-8081:79-81
	refuses "9005|published" -p 9005:1/udp
	refuses "7000|published" -p 192.0.2.1:7000:1
	refuses 8080 -p 8090:90 -p 8080:80
	# Another protocol, another address.
	inside "${VETH[@]}" -p 8080:80/udp -p "$GATEWAY4:7000:7000" -- /bin/true
	# On another network of this host it is the same port.
	refused "8080|published" contain_run --bridge other0 --set veth.subnet=10.98.0.0/24 --set veth.subnet6=none -p 8080:80 -- /bin/true
	gone a
	inside "${VETH[@]}" -p 8080:80 -p 9005:1/udp -p 7000:1 -- /bin/true
}

@test "a port on an address that the host has not, or from where no packet goes to a container" {
	refuses '192.0.2.9|8080' -p 192.0.2.9:8080:80
	refuses '2001:db8::9|8080' -p '[2001:db8::9]:8080:80'
	refuses '::1|8080' -p '[::1]:8080:80'
}

@test "a port twice in one container" {
	refuses 8080 -p 8080:80 -p 8080:81
	refuses 8080 -p 8079-8080:79-80 -p 8080:81
}

@test "a port at which something of the host listens" {
	serve host 8080
	serve_udp host 5300
	refuses '8080|tcp|in use' -p 8080:80
	refuses '8080|tcp|in use' -p 8079-8081:79-81
	refuses '5300|udp|in use' -p 5300:53/udp
	refuses '8080|in use' -p "$HOST4:8080:80"
	inside "${VETH[@]}" -p 8080:80/udp -p 5300:53/tcp -- /bin/true
	# What listens on one address is in the way there alone.
	serve host 127.0.0.1:631
	refuses '631|in use' -p 631:80
	refuses '631|in use' -p 127.0.0.1:631:80
	inside "${VETH[@]}" -p "$HOST4:631:80" -- /bin/true
}

@test "an address that another container has" {
	container a --ip 10.97.0.7 --ip fd63:6f6e:7461:696e::77
	refuses "10.97.0.7|by $NAME-a: give another" --ip 10.97.0.7
	refuses "fd63:6f6e:7461:696e::77|by $NAME-a: give another" --ip fd63:6f6e:7461:696e::77
	gone a
	inside "${VETH[@]}" --ip 10.97.0.7 -- /bin/true
}

@test "a name that another container has" {
	container a --set veth.alias=database
	refuses "database|10.97.0.2" --set veth.alias=database
	refuses "$NAME-a" --set "veth.alias=$NAME-a"
	container b --set veth.alias=web --set veth.alias=cache
	refuses "cache|10.97.0.3" --set veth.alias=cache
	# Not a part of it, and letters are the same in both sizes (RFC 4343).
	refuses "WEB|10.97.0.3" --set veth.alias=WEB
	inside "${VETH[@]}" --set veth.alias=data -- /bin/true
	refuses localhost --set veth.alias=localhost
	# On another network it is free.
	inside --bridge other0 --set veth.subnet=10.98.0.0/24 --set veth.subnet6=none --set veth.alias=database -- /bin/true
}

@test "a full subnet, in either family" {
	local small=(--set veth.subnet=10.98.0.0/29 --set veth.subnet6=none)
	for who in a b c d e; do container "$who" "${small[@]}"; done
	same 10.98.0.6/29 "$(address_of e 4)"
	refuses '10.98.0.0/29|no address' "${small[@]}"
	gone c
	container again "${small[@]}"
	same 10.98.0.4/29 "$(address_of again 4)"
	for who in a b d e again; do gone "$who"; done
	small=(--set veth.subnet=none --set veth.subnet6=fd98::/126)
	for who in a b; do container "$who" "${small[@]}"; done
	refuses 'fd98::/126|no address' "${small[@]}"
}

@test "a link of that name that is no bridge" {
	refuses 'uplink|no bridge' --bridge uplink
	refuses 'lo|no bridge' --bridge lo
}

@test "another subnet on a network that is in use" {
	container a
	refuses '10.98.0.0/24|10.97.0.0/16|contain0' --set veth.subnet=10.98.0.0/24
	refuses 'fd98::/64|fd63:6f6e:7461:696e::/64|contain0' --set veth.subnet6=fd98::/64
}

@test "a subnet that the host, or another network of containers, has elsewhere" {
	refuses '192.0.2.0/24|uplink' --set veth.subnet=192.0.2.0/24
	container a
	refused '10.97.0.0/16|contain0' contain_run --bridge other0 --set veth.subnet=10.97.0.0/16 -- /bin/true
	refused 'subnet6|contain0' contain_run --bridge other0 --set veth.subnet6=fd63:6f6e:7461:696e::/64 -- /bin/true
	no_link host other0
}

@test "without root: what is possible and what is not, in one line" {
	chmod 755 "$TMP" "$BATS_RUN_TMPDIR" "$(dirname "$TMP")"
	refused root setpriv --reuid 65534 --regid 65534 --clear-groups "$PLAIN_CONTAIN" --root "$TMP/of-nobody" run --name "$NAME" \
		--rootfs "$ROOTFS" "${VETH[@]}" -- /bin/true
}

@test "a command that fails to start, and a later plugin that fails, leave nothing" {
	for hook in parent_attach child_setup child_enter child_seal; do
		refuses probe-last --plugin-dir "$HELPERS/plugins" --enable probe-last --set probe-last.quiet=yes --set "probe-last.fail=$hook" \
			-p 8080:80
		same '' "$(left_on host)"
	done
}

# Where nothing can be made, also not before the switch of roots, up to which --read-only waits.
run_read_only() {
	private 'mount --bind "$1" "$1"
		mount -o remount,bind,ro "$1"
		exec "${@:2}"' bash "$ROOTFS" "$CONTAIN" --root "$STATE" run -q --name "$NAME" --rootfs "$ROOTFS" "$@" -- /bin/true
}

@test "a root filesystem without /etc/hosts and its like, in which they can't be made: named, with what helps" {
	local file
	own_rootfs
	for file in hosts hostname resolv.conf; do
		touch "$ROOTFS/etc/"{hosts,hostname,resolv.conf}
		rm "$ROOTFS/etc/$file"
		refused "/etc/$file|files = no|Read-only file system" run_read_only "${VETH[@]}"
		ln -s /no/such/file "$ROOTFS/etc/$file"
		refused "/etc/$file|files = no|a link that leads nowhere" contain_run "${VETH[@]}" -- /bin/true
		rm "$ROOTFS/etc/$file"
	done
	run_read_only "${VETH[@]}" --set veth.files=no
	rm -r "$ROOTFS/etc"
	refused '/etc/hosts|files = no' run_read_only "${VETH[@]}"
	mkdir "$ROOTFS/etc"
	touch "$ROOTFS/etc/"{hosts,hostname,resolv.conf}
	run_read_only "${VETH[@]}"
}

@test "a root filesystem without /etc/hosts in which another container makes it at the same moment" {
	local container stopped
	own_rootfs
	rm -f "$ROOTFS/etc/hosts"
	# The child stops when it has seen that there is none. Leaks are looked for by ptrace(2), which strace uses itself.
	ASAN_OPTIONS=detect_leaks=0 strace -f -qq -o "$TMP/calls" -P etc -e trace=mkdirat -e inject=mkdirat:signal=STOP:when=1 \
		"$CONTAIN" --root "$STATE" run -q --name "$NAME" --rootfs "$ROOTFS" "${VETH[@]}" -- /bin/cat /etc/hosts >"$TMP/hosts" 2>"$TMP/stderr" 3>&- &
	container=$!
	wait_for grep -qs 'stopped by SIGSTOP' "$TMP/calls"
	read -r stopped _ <"$TMP/calls"
	touch "$ROOTFS/etc/hosts"
	kill -CONT "$stopped"
	wait "$container" || fail "exit status $?" "$(<"$TMP/stderr")"
	same '' "$(<"$TMP/stderr")"
	has "$(<"$TMP/hosts")" "$A4"
}
