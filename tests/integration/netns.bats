#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2154,SC2016 # variables of bats; scripts of the container in quotes
# The network of a container that is connected to nothing: a new one, the host's, or one that is there already.
load common

eval "common_$(declare -f teardown)"
teardown() {
	[[ ! ${PLACE-} ]] || forget
	common_teardown
}

# A network namespace with a name, as `ip netns add` makes it, whose lo is down, and a device in it.
named() {
	local word
	PLACE=/run/netns/$NAME
	mkdir -p /run/netns
	mkfifo "$TMP/there" "$TMP/leave"
	exec {READY}<>"$TMP/there" {LEAVE}<>"$TMP/leave"
	unshare --net "$BASH" -c 'ip link add it0 type veth peer name it1; ip link set it0 up; echo $$; read -r _ <"$1"' x "$TMP/leave" \
		>"$TMP/there" 3>&- &
	STARTED+=($!)
	read -r -t "$DEADLINE" THERE <&"$READY" || fail 'nobody is there' || return 1
	touch "$PLACE"
	mount --bind "/proc/$THERE/ns/net" "$PLACE"
	ID=$(readlink "/proc/$THERE/ns/net")
	echo >&"$LEAVE"
	wait_for is_dead "$THERE"
}
forget() {
	! mountpoint -q "$PLACE" || umount "$PLACE"
	rm -f "$PLACE"
}

# network_is ID [FLAGS]: of the command.
network_is() {
	local id=$1
	shift
	inside "$@" -- /bin/readlink /proc/self/ns/net
	same "$id" "$output"
}

@test "netns: default.ini isolates, and minimal.ini does not" {
	local own
	own=$(readlink /proc/self/ns/net)
	network_is "$own" --profile minimal.ini
	inside --profile minimal.ini --network none -- /bin/readlink /proc/self/ns/net
	[[ $output == net:* && $output != "$own" ]]
	inside -- /bin/readlink /proc/self/ns/net
	[[ $output == net:* && $output != "$own" ]]
	inside_sh 'tail -n +3 /proc/net/dev | cut -d: -f1 | tr -d " "; ping -c 1 -W 5 127.0.0.1 >/dev/null && echo alive'
	same $'lo\nalive' "$output"
}

@test "netns: --network host is the host's network, also where a new one is the profile's" {
	local own
	own=$(readlink /proc/self/ns/net)
	network_is "$own" --network host
	network_is "$own" --network=host --profile minimal.ini
	network_is "$own" --set netns.network=host
	network_is "$own" --network /proc/self/ns/net
	hold --network host
	lacks "$(<messages)" joining ' net'
	same "$own" "$(unshare -n "$CONTAIN" --root "$STATE" exec "$NAME" readlink /proc/self/ns/net)"
	has "$("$CONTAIN" --root "$STATE" inspect "$NAME" | tr -d ' \n')" '"joined":["net"]'
	release
}

# mapped COMMAND: as root of a user namespace, whose ids are the same, without a right to what is outside.
mapped() {
	local child own
	mkfifo "$TMP/mapped" "$TMP/go"
	exec {MAPPED}<>"$TMP/mapped" {GO}<>"$TMP/go"
	unshare --user --mount "$BASH" -c 'echo $$ >"$1/mapped"; read -r _ <"$1/go"; shift; exec "$@"' x "$TMP" "$@" 3>&- &
	own=$!
	STARTED+=("$own")
	read -r -t "$DEADLINE" child <&"$MAPPED" || fail 'nobody is there' || return 1
	echo 0 0 65536 >"/proc/$child/uid_map"
	echo 0 0 65536 >"/proc/$child/gid_map"
	echo >&"$GO"
	wait "$own"
}

@test "netns: exec needs no right to the host's network if it is in it" {
	attempt mapped "$BASH" -c '
		"$@" run -d --name "${0%%:*}" --rootfs "${0#*:}" --network host -- /bin/sleep 1000
		"$@" exec "${0%%:*}" readlink /proc/self/ns/net
		"$@" delete --force "${0%%:*}"' "$NAME:$ROOTFS" "$CONTAIN" -q --root "$STATE"
	same 0 "$status" || fail "$stderr" || return 1
	same "$NAME"$'\n'"$(readlink /proc/self/ns/net)" "$output"
}

@test "netns: --network NAME joins one that is there, and leaves it as it is" {
	named
	hold --network "$NAME"
	same "$ID" "$(readlink "/proc/$INIT/ns/net")"
	has "$(<messages)" 'creating namespaces: pid uts mnt ipc cgroup' 'joining namespaces: net'
	# It has its devices, and its lo is down.
	same $'it0\nit1\nlo' "$("$CONTAIN" --root "$STATE" exec "$NAME" sh -c 'tail -n +3 /proc/net/dev | cut -d: -f1 | tr -d " " | sort')"
	attempt "$CONTAIN" --root "$STATE" exec "$NAME" ping -c 1 -W 5 127.0.0.1
	[[ $status != 0 ]]
	release
	# By its path, also through links that are root's, and after that it is still there.
	network_is "$ID" --network "$PLACE"
	ln -s "$PLACE" link
	network_is "$ID" --network ./link
	ln -s /run/netns folder
	network_is "$ID" --network "$TMP/folder/$NAME"
	network_is "$ID" --network "$NAME" --profile minimal.ini
	mountpoint -q "$PLACE"
}

@test "netns: background containers keep the network that they have joined" {
	named
	attempt "$CONTAIN" --root "$STATE" run -d --name "$NAME" --rootfs "$ROOTFS" --network "$NAME" -- /bin/sleep 1000
	same 0 "$status"
	# Its name goes, the namespace stays as long as somebody is in it.
	forget
	same "$ID" "$("$CONTAIN" --root "$STATE" exec "$NAME" readlink /proc/self/ns/net)"
	attempt "$CONTAIN" --root "$STATE" delete --force "$NAME"
	same 0 "$status"
}

@test "netns: what is no network namespace is refused, with what would be one" {
	named
	refused "netns: there is no network namespace 'nonesuch-$NAME' in /run/netns (there is: |$NAME|\`ip netns add NAME\` makes one|--network veth, in a profile [plugins] veth = on" \
		contain_run --network "nonesuch-$NAME" -- /bin/true
	refused "--network: '..': not none, host, a name of /run/netns or the path" contain_run --network .. -- /bin/true
	refused "--network: '': not none" contain_run --network= -- /bin/true
	refused "netns: can't open the network namespace './nonesuch': No such file or directory" contain_run --network ./nonesuch -- /bin/true
	refused "netns: '/etc/passwd' is no namespace: |/proc/PID/ns/net" contain_run --network /etc/passwd -- /bin/true
	refused 'netns: what is given as a net namespace to join is a uts namespace' contain_run --network /proc/self/ns/uts -- /bin/true
	# One that was unmounted, as after a start of the machine.
	umount "$PLACE"
	refused "netns: what is left in /run/netns/$NAME is no namespace any more: \`ip netns delete $NAME\` removes it" \
		contain_run --network "$NAME" -- /bin/true
	# It is not opened, which would wait for somebody else.
	mkfifo fifo
	refused "netns: './fifo' is no namespace" timeout 20 "$CONTAIN" --root "$STATE" run --name "$NAME" --rootfs "$ROOTFS" \
		--network ./fifo -- /bin/true
}

@test "netns: a link of another user is not followed" {
	mkdir -m 777 theirs
	ln -s /proc/self/ns/net theirs/net
	ln -s /proc/self/ns theirs/folder
	chown -h 4242 theirs/net theirs/folder
	for name in net folder/net; do
		refused "netns: '${name%/*}' on the way to the network namespace is a link of user 4242" \
			contain_run --network "$TMP/theirs/$name" -- /bin/true
	done
}

@test "netns: a plugin that wants a new network can't have it with one that is there" {
	local joins=(--plugin-dir "$HELPERS/plugins" --enable joins-a --set joins-a.new=net)
	inside "${joins[@]}" -- /bin/true
	refused 'the container can have one net namespace: the plugin |netns|has it join one that is there already|joins-a|wants a new one' \
		contain_run "${joins[@]}" --network host -- /bin/true
	refused 'the container can have one net namespace|netns|joins-a' \
		contain_run "${joins[@]}" --network /proc/self/ns/net -- /bin/true
}

@test "netns: plan, check and completion know of it" {
	named
	attempt "$CONTAIN" plan --rootfs "$ROOTFS" --network "$NAME" -- /bin/true
	matches "$output" $'\n''joined +net \(netns\)'
	matches "$output" $'\n'"netns.network +--network +$NAME"$'\n'
	lacks "$(sed -n '/^namespaces/p' <<<"$output")" netns
	attempt "$CONTAIN" check default.ini
	has "$output" '+ net namespace    it has a network of its own (netns)'
	attempt "$CONTAIN" check default.ini --network host
	has "$output" '- net namespace    it reaches' '-> let netns make one'
	attempt "$CONTAIN" check minimal.ini
	has "$output" '-> switch on netns'
	attempt "$CONTAIN" check default.ini --network "$NAME"
	has "$output" "it shares the network of $NAME with whoever else is in it"
	has "$("$CONTAIN" complete -- run --network '')" $'none\t\n' $'host\t\n' $'\n''veth'$'\t'
}

@test "netns: root without a capability that it takes is told so" {
	refused "netns: can't bring the network device lo up, which takes the capability CAP_NET_ADMIN|Operation not permitted" \
		setpriv --bounding-set -net_admin "$CONTAIN" --root "$STATE" run --name "$NAME" --rootfs "$ROOTFS" -- /bin/true
	attempt setpriv --bounding-set -net_admin "$CONTAIN" --root "$STATE" run --name "$NAME" --rootfs "$ROOTFS" --network host -- /bin/true
	same 0 "$status"
	refused "can't make the namespaces uts net: each takes the capability CAP_SYS_ADMIN|Operation not permitted" \
		setpriv --bounding-set -sys_admin "$CONTAIN" --root "$STATE" run --name "$NAME" --profile minimal.ini --disable mountns \
		--disable proc --disable pidns --network none -- /bin/true
}

@test "netns: without a namespace a refusal speaks of none" {
	ASAN_OPTIONS=detect_leaks=0 refused "error: can't make the container's first process: Operation not permitted" \
		strace -f -qq -o strace -e trace=clone3 \
		-e inject=clone3:error=EPERM "$CONTAIN" --root "$STATE" run --name "$NAME" --profile minimal.ini \
		--disable mountns --disable proc --disable pidns --disable utsns -- /bin/true
}
