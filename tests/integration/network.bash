# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2153,SC2154,SC2016 # variables of bats and of common.bash; scripts in quotes
# For the tests of networks: loaded after common.bash and life.bash. Each test has two network namespaces of its own, which
# $NET/host and $NET/outside keep; contain runs in the first. No packet leaves them and those of the containers:
#
#   container a                host                          outside
#   eth0 ── ctnb-… ── contain0        uplink ── eth0               lo
#   10.97.0.2         10.97.0.1    192.0.2.1    192.0.2.2    198.51.100.1
#   fd63:…::2         fd63:…::1  2001:db8::1    2001:db8::2  2001:db8:1::1
GATEWAY4=10.97.0.1 GATEWAY6=fd63:6f6e:7461:696e::1
A4=10.97.0.2 A6=fd63:6f6e:7461:696e::2 # what the first container gets
B4=10.97.0.3 B6=fd63:6f6e:7461:696e::3 # and the second
HOST4=192.0.2.1 HOST6=2001:db8::1
OUTSIDE4=198.51.100.1 OUTSIDE6=2001:db8:1::1
VETH=(--network veth)
TABLE=contain-contain0

eval "plain_$(declare -f setup)"
setup() {
	plain_setup
	NET=$TMP/net
	SERVERS=()
	mkdir "$NET"
	new_namespace host
	new_namespace outside
	on outside ip -batch - <<-END
		link set lo up
		link add eth0 type veth peer name uplink netns $NET/host
		link set eth0 up
		address add 192.0.2.2/24 dev eth0
		address add 2001:db8::2/64 dev eth0 nodad
		address add $OUTSIDE4/32 dev lo
		address add $OUTSIDE6/128 dev lo
	END
	on host ip -batch - <<-END
		link set lo up
		link set uplink up
		address add $HOST4/24 dev uplink
		address add $HOST6/64 dev uplink nodad
		route add default via 192.0.2.2
		route add default via 2001:db8::2
	END
	# What a new namespace has is the machine's.
	set_on host net.ipv4.ip_forward 0
	set_on host net.ipv6.conf.all.forwarding 0
	# From now on contain runs on the host of this picture, by whatever function.
	printf '#!/bin/sh\nexec nsenter --net=%q -- %q "$@"\n' "$NET/host" "$CONTAIN" >"$TMP/contain"
	chmod +x "$TMP/contain"
	PLAIN_CONTAIN=$CONTAIN CONTAIN=$TMP/contain
}

# The containers go first, while their host is there; all that veth has made there must have gone with them.
eval "plain_$(declare -f teardown)"
teardown() {
	local left='' name
	[[ ${TMP-} ]] || return 0
	delete_all
	((!${#SERVERS[@]})) || kill "${SERVERS[@]}" 2>/dev/null || :
	[[ ! -e ${NET-}/host ]] || left=$(left_on host)
	for name in "${NET-}"/*; do [[ ! -e $name ]] || umount "$name"; done
	plain_teardown || return
	[[ ! $left ]] || fail "left behind on the host:" "$left"
}

# new_namespace NAME
new_namespace() {
	touch "$NET/$1"
	unshare --net="$NET/$1" true
}

# What veth has made there: interfaces, bridges, tables of nft, leases.
left_on() {
	on "$1" ip -j -details link |
		jq -r '.[] | select((.ifname | test("^ctn[bp]-")) or (.ifalias // "" | test("^contain\\b"))) | "link \(.ifname)"'
	on "$1" nft list tables | grep -x "table inet \($TABLE\|contain-point-to-point\)"
	ls -d "/run/contain-veth/$(cookie "$1")-"* 2>/dev/null
	grep -sl "$NAME" /run/contain-veth/ctn*/hostname
	return 0
}

# on PLACE COMMAND...: in the network of host, outside, or that container; with the test's own files.
on() {
	nsenter --net="$(network_of "$1")" -- "${@:2}"
}
network_of() {
	if [[ -e $NET/$1 ]]; then echo "$NET/$1"; else echo "/proc/$(first_process "$NAME-$1")/ns/net"; fi
}

# set_on PLACE SYSCTL VALUE, and what it is.
set_on() {
	on "$1" sysctl -qw "$2=$3"
}
sysctl_on() {
	on "$1" sysctl -n "$2"
}

# The number of its network namespace, which no other one has had.
cookie() {
	on "$1" "$HELPERS/cookie"
}

# The leases of a network of the host, which are the hosts file of its containers.
lease_file() {
	printf '/run/contain-veth/%s-%s\n' "$(cookie host)" "${1-contain0}"
}

# container WHO [FLAGS]: runs in the background as $NAME-WHO until it is deleted. gone WHO deletes it.
container() {
	local who=$1
	shift
	good run -d --name "$NAME-$who" --rootfs "$ROOTFS" "${VETH[@]}" "$@" -- /bin/sleep 1000
}
gone() {
	good delete --force "$NAME-$1"
}

# in_it WHO SCRIPT: its own shell does it, by exec; what it prints is in $output.
in_it() {
	good exec "$NAME-$1" /bin/sh -c "$2"
}

# address_of WHO FAMILY [INTERFACE]: "10.97.0.2/16"
address_of() {
	on "$1" ip -j "-$2" address show dev "${3-eth0}" scope global |
		jq -r '.[].addr_info[] | select(.local) | "\(.local)/\(.prefixlen)"'
}

# gateway_of WHO FAMILY: where its default route leads.
gateway_of() {
	on "$1" ip -j "-$2" route show default | jq -r '.[].gateway'
}

# link_on PLACE INTERFACE KEY: of what `ip -details link` tells.
link_on() {
	on "$1" ip -j -details link show dev "$2" | jq -r ".[].$3"
}
has_link() {
	on "$1" ip link show dev "$2" >/dev/null 2>&1
}
no_link() {
	! has_link "$@" || fail "$1 has an interface $2"
}

# The host ends of containers, in the order in which they were made.
host_ends() {
	on host ip -j link | jq -r '.[].ifname | select(test("^ctn[bp]-"))'
}

# bridge_of_another: `shared`, with addresses, and a member, which is a third namespace of the test: 10.50.0.9, fd50::9
bridge_of_another() {
	new_namespace neighbour
	on host ip -batch - <<-END
		link add shared type bridge
		link add member type veth peer name eth0 netns $NET/neighbour
		link set member master shared up
		address add 10.50.0.1/24 dev shared
		address add fd50::1/64 dev shared nodad
		link set shared up
	END
	on neighbour ip -batch - <<-END
		link set eth0 up
		address add 10.50.0.9/24 dev eth0
		address add fd50::9/64 dev eth0 nodad
	END
}

# ---- servers, clients

# serve WHO [ADDRESS:]PORT: a web server. Each fetch from it says who has answered, and whom that has seen.
serve() {
	local www=$TMP/www/$1
	if [[ ! -d $www ]]; then
		mkdir -p "$www/cgi-bin"
		cat >"$www/cgi-bin/who" <<-END
			#!/bin/sh
			printf 'Content-Type: text/plain\n\n'
			echo "$1 saw \$REMOTE_ADDR" | sed 's/\[::ffff:\(.*\)\]/\1/; s/[][]//g'
		END
		chmod +x "$www/cgi-bin/who"
	fi
	server "$1" busybox httpd -f -p "$2" -h "$www"
	wait_for listens "$1" t "$2"
}

# serve_udp WHO PORT [ADDRESS]: one that answers so each packet.
serve_udp() {
	server "$1" "$HELPERS/answer" "${3-::}" "$2" "$1"
	wait_for listens "$1" u "$2"
}

# server WHO COMMAND...: in the background, as the last of SERVERS, until the test ends.
server() {
	nsenter --net="$(network_of "$1")" -- "${@:2}" <&0 3>&- &
	SERVERS+=($!)
}

# hears PID PROTOCOL: this process listens to messages of netlink (0: rtnetlink, 12: netfilter).
hears() {
	awk -v pid="$1" -v protocol="$2" '$2 == protocol && $3 == pid && $4 != "00000000" { found = 1 } END { exit !found }' \
		"/proc/$1/net/netlink"
}

listens() {
	[[ $(on "$1" ss -H "-l${2}n" "sport = :${3##*:}") ]]
}

# fetch FROM ADDRESS PORT: "WHO saw ADDRESS"
fetch() {
	local address=$2
	[[ $2 != *:* ]] || address="[$2]"
	on "$1" curl -sS --noproxy '*' --max-time "${PATIENCE-10}" "http://$address:$3/cgi-bin/who"
}

# ask_udp FROM ADDRESS PORT [FLAGS of nc]: the same.
ask_udp() {
	on "$1" nc -n -u -w "${PATIENCE-10}" -W 1 "${@:4}" "$2" "$3" <<<question
}

# no_answer fetch|ask_udp FROM ADDRESS PORT: within a second, where an answer takes a millisecond.
no_answer() {
	local answer
	! answer=$(PATIENCE=1 "$@" 2>/dev/null) || [[ ! $answer ]] || fail "answered: $*: $answer"
}

# reaches FROM ADDRESS: the first ping is answered.
reaches() {
	on "$1" busybox ping -q -c 1 -W 5 "$2" >/dev/null || fail "$1 does not reach $2"
}
