# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# shellcheck disable=SC2154 # variables of tools/bench, which sources this
# The part of tools/bench that is about veth: what it adds to a run, beside others that do the same. All of it, and of
# bench-throughput.bash, happens in a network namespace of its own; what others keep in /run is not in the host's.

network_root=$state/contain-network
network_podman_cgroups=0 # 1: podman's in the host's tree are from here
network_beside=$tmp/network-beside # lines: a subject, that to which it adds something, and contain's that does the same

inside_network() { nsenter --target "$network_holder" --net -- "$@"; }
inside_both() { nsenter --target "$network_holder" --net --mount -- "$@"; }

# network_namespace MOUNTS: leaves in `made` a process in a new network namespace, and new mounts if that is 1.
network_namespace() {
	local ready=$tmp/network-ready also=()
	((!$1)) || also=(--mount --propagation private)
	rm -f "$ready"
	# shellcheck disable=SC2016 # expanded by the inner shell
	unshare --net "${also[@]}" -- sh -c '
		if [ "$1" = 1 ]; then
			mount -t tmpfs tmpfs /run && mount -t tmpfs tmpfs /dev/shm && mkdir /run/lock || exit
			[ -z "$3" ] || umount "$3" || exit
		fi
		: >"$2" && exec sleep infinity' sh "$1" "$ready" "$(find_unified)" &
	made=$!
	network_helpers+=("$made")
	until [[ -e $ready ]]; do
		kill -0 "$made" 2>/dev/null || die "can't make a network namespace"
		sleep 0.05
	done
}

network_finish() {
	((!network_holder)) || inside_network "$contain" --root "$network_root" list -q |
		inside_network xargs -r "$contain" -q --root "$network_root" delete --force || true
	kill "${network_helpers[@]}" 2>/dev/null || true
	wait "${network_helpers[@]}" 2>/dev/null || true
	network_helpers=() network_holder=0
	((!network_podman_cgroups)) || rmdir /sys/fs/cgroup/*/libpod_parent{/conmon,} 2>/dev/null || true
}

# ---- who is compared: "subject" lines for the timer, and what belongs beside what

# network_subject NAME ADDS-TO BESIDE NAMESPACE-PID PROGRAM ARGUMENT...
network_subject() {
	printf '%s\t%s\t%s\n' "$1" "$2" "$3" >>"$network_beside"
	subject "$1" "${@:4}"
}

# The veth of a network without packet filter and files: all that is left is in the floor too.
network_bare=(--enable veth --bridge bench-bare --set veth.subnet=10.95.0.0/16 --set veth.subnet6=fd63:6f6e:7461:6965::/64
	--set veth.nat=no --set veth.files=no)

network_run() { # NAME ADDS-TO FLAG...
	network_subject "$1" "$2" "$1" 0 "$contain" -q --root "$network_root" run --profile "$build/etc/contain/minimal.ini" \
		--rootfs "$tmp/rootfs" "${@:3}" -- /bin/true
}

# network_ours BRIDGE: the bridge of the floor
network_ours() {
	local floor=("$bench/floor" --minimal)
	network_run netns '' --enable netns
	network_run veth netns --enable veth
	network_run veth+publish netns --enable veth --publish 18080:80
	network_run veth-bare netns "${network_bare[@]}"
	network_subject 'floor netns' '' '' 0 "${floor[@]}" --netns "$tmp/rootfs" /bin/true
	network_subject 'floor veth' 'floor netns' veth-bare 0 "${floor[@]}" --veth "$1" "$tmp/rootfs" /bin/true
	[[ $1 != bench-there ]] ||
		network_subject 'floor veth, left' 'floor netns' '' 0 "${floor[@]}" --veth "$1" --leave "$tmp/rootfs" /bin/true
}

# network_config PORTS ADDRESS6 ADDRESS4: for netavark, a container and its network, with both families as contain's.
network_config() {
	local subnets='{"subnet": "10.98.0.0/16", "gateway": "10.98.0.1"},'
	subnets+='{"subnet": "fd63:6f6e:7461:6962::/64", "gateway": "fd63:6f6e:7461:6962::1"}'
	cat <<-END
		{"container_id": "bench$3", "container_name": "bench$3", "port_mappings": $1,
		 "networks": {"bench": {"static_ips": ["$3", "$2"], "aliases": [], "interface_name": "eth0"}},
		 "network_info": {"bench": {"name": "bench", "driver": "bridge", "network_interface": "bench-netavark",
		  "id": "be7c000000000000000000000000000000000000000000000000000000000000", "subnets": [$subnets],
		  "ipv6_enabled": true, "internal": false, "dns_enabled": false, "ipam_options": {"driver": "host-local"}}}}
	END
}

# Called as podman would: with a namespace that is there.
network_netavark() {
	local program=/usr/lib/podman/netavark namespace=/proc/$network_target/ns/net name script
	local ports='[{"host_ip": "", "container_port": 80, "host_port": 18080, "range": 1, "protocol": "tcp"}]'
	[[ -x $program ]] || return 0
	network_config null fd63:6f6e:7461:6962::2 10.98.0.2 >"$tmp/netavark.json"
	network_config "$ports" fd63:6f6e:7461:6962::2 10.98.0.2 >"$tmp/netavark+publish.json"
	network_config null fd63:6f6e:7461:6962::3 10.98.0.3 >"$tmp/netavark-holder.json"
	for name in netavark netavark+publish; do
		script="c='$program --config /run/netavark --file $tmp/$name.json'"
		script+="; \$c setup $namespace && exec \$c teardown $namespace"
		network_subject $name sh "veth${name#netavark}" "$network_holder" /bin/sh -c "$script"
	done
}

network_cni() {
	local dir script
	for dir in /usr/lib/cni /opt/cni/bin; do [[ ! -x $dir/bridge ]] || break; done
	[[ -x $dir/bridge && -x $dir/host-local ]] || return 0
	cat >"$tmp/cni.json" <<-END
		{"cniVersion": "0.4.0", "name": "bench", "type": "bridge", "bridge": "bench-cni", "isGateway": true, "ipMasq": true,
		 "ipam": {"type": "host-local", "dataDir": "/run/cni", "routes": [{"dst": "0.0.0.0/0"}, {"dst": "::/0"}],
		  "ranges": [[{"subnet": "10.99.0.0/16"}], [{"subnet": "fd63:6f6e:7461:6963::/64"}]]}}
	END
	script="export CNI_CONTAINERID=bench CNI_IFNAME=eth0 CNI_PATH=$dir CNI_NETNS=/proc/$network_target/ns/net"
	script+="; CNI_COMMAND=ADD $dir/bridge <$tmp/cni.json && CNI_COMMAND=DEL exec $dir/bridge <$tmp/cni.json"
	network_subject 'cni bridge' sh veth "$network_holder" /bin/sh -c "$script"
}

# The only one here that makes the container too. Its limits are within ours, which it would else raise to its own.
network_podman() {
	local program flags
	program=$(type -P podman) || return 0
	flags=(--root /run/podman --runroot /run/podman-run --tmpdir /run/podman-tmp --network-config-dir /run/podman-networks
		--storage-driver vfs --cgroup-manager cgroupfs --events-backend none run --rm --ulimit nofile=1000:1000
		--ulimit nproc=1000:1000)
	network_subject podman '' '' "$network_holder" "$program" "${flags[@]}" --network none --rootfs "$tmp/rootfs" /bin/true
	network_subject 'podman bridge' podman veth "$network_holder" "$program" "${flags[@]}" --network bridge \
		--rootfs "$tmp/rootfs" /bin/true
}

# network_others KIND: contain again, and those that work; one that does not is named, and left out.
network_others() {
	local line words
	network_run netns '' --enable netns
	network_run veth netns --enable veth
	network_run veth+publish netns --enable veth --publish 18080:80
	network_subject sh '' '' 0 /bin/sh -c :
	{
		network_netavark
		if [[ $1 == there ]]; then network_cni; else network_podman; fi # CNI leaves its bridge
	} | while IFS= read -r line; do
		IFS=$'\t' read -ra words <<<"$line"
		if inside_both timeout 30 "${words[@]:2}" </dev/null >/dev/null 2>"$tmp/network-error"; then
			printf '%s\n' "$line"
		else
			say "${words[0]} does not work here: $(head -n 1 "$tmp/network-error")"
		fi
	done
}

# ---- measure, compare

# network_compare NAME: a line each, "name median p10 p90 cpu adds cpu-added of-contain". What is added is the median of
# the differences of runs of one round, which a change of the machine's speed touches less than that of two medians.
network_compare() {
	awk -F '\t' '
		function median(list, count,    i, j, x) {
			for (i = 2; i <= count; i++) {
				x = list[i]
				for (j = i - 1; j > 0 && list[j] > x; j--) list[j + 1] = list[j]
				list[j + 1] = x
			}
			return list[int(count / 2) + 1]
		}
		function numbers(text, list) { sub(/.*\[/, "", text); return split(text, list, ", ") }
		function added(name, what,    own, base, i, n) {
			n = numbers(run[name, what], own)
			numbers(run[base_of[name], what], base)
			for (i = 1; i <= n; i++) own[i] -= base[i]
			return median(own, n)
		}
		FILENAME == ARGV[1] { base_of[$1] = $2; like[$1] = $3; next }
		FILENAME == ARGV[2] { names[++count] = $1; shown[$1] = $2 "\t" $3 "\t" $4 "\t" $5; next }
		split($0, part, "\"") > 4 { split($0, field, "]"); run[part[4], 1] = field[1]; run[part[4], 2] = field[2] }
		END {
			for (i = 1; i <= count; i++) if (base_of[names[i]]) {
				adds[names[i]] = added(names[i], 1)
				adds_cpu[names[i]] = added(names[i], 2)
			}
			for (i = 1; i <= count; i++) {
				n = names[i]
				other = like[n] != n && (like[n] in adds) ? sprintf("%.2f", adds[like[n]] / adds[n]) : "-"
				printf "%s\t%s\t%s\t%s\t%s\n", n, shown[n], (n in adds) ? adds[n] : "-", (n in adds) ? adds_cpu[n] : "-", other
			}
		}' "$network_beside" "$tmp/$1" "$tmp/$1.json"
}

# network_measure NAME RUNS <SUBJECTS: $tmp/NAME.compared
network_measure() {
	inside_network "$bench/timer" "$2" "$tmp/$1.json" >"$tmp/$1" 2> >(tee -a "$tmp/errors" >&2) || exit 1
	network_compare "$1" >"$tmp/$1.compared"
}

# network_print TITLE KIND: the two groups, each with contain's own numbers beside which the others were measured.
network_print() {
	printf '\n%s\n%-20s %9s %9s %9s %9s %9s %9s %9s  %s\n' "$1" program 'median us' p10 p90 cpu adds 'adds cpu' 'contain /' bar
	awk -F '\t' -v bars="$(network_bars "$2" | tr '\n' '\t')" '
		BEGIN { n = split(bars, word, "\t"); for (i = 1; i < n; i += 3) bar[word[i]] = word[i + 2] }
		{
			printf "%-20s %9.0f %9.0f %9.0f %9.0f", seen[$1]++ ? "(" $1 " again)" : $1, $2, $3, $4, $5
			printf $6 == "-" ? " %9s %9s" : " %9.0f %9.0f", $6, $7
			verdict = $1 in bar ? sprintf("<= %s %s", bar[$1], $8 + 0 <= bar[$1] + 0 ? "ok" : "MISSED") : ""
			printf " %9s  %s\n", $8, verdict
		}' "$tmp/network-$2.compared" "$tmp/network-$2-others.compared"
}

# network_bars KIND: as bars of tools/bench: a line each, "OTHER RATIO BAR", by tabs, and what is missed has status 1.
network_bars() {
	awk -F '\t' -v kind="$1" '
		BEGIN {
			bar["floor veth"] = kind == "first" ? 2.60 : 2.00
			# Most of what contain adds is the wait for the removal of the pair, which is as long as it is,
			# whatever the processor (the floor has it too): between 0.10 and 0.39 was seen.
			bar["netavark"] = bar["netavark+publish"] = bar["cni bridge"] = 0.50
		}
		$1 in bar { printf "%s\t%s\t%.2f\n", $1, $8, bar[$1]; missed += $8 > bar[$1] }
		END { exit missed > 0 }' "$tmp/network-$1.compared" "$tmp/network-$1-others.compared"
}

# network_starts KIND: "there": somebody else keeps each bridge; "first": each run makes and removes it.
network_starts() {
	local title='as the first and last user of the bridge'
	: >"$network_beside"
	network_ours "bench-$1" >"$tmp/network-subjects-ours"
	network_others "$1" >"$tmp/network-subjects"
	if [[ $1 == there ]]; then
		title='with a bridge that is there'
		! grep -q ^netavark "$tmp/network-subjects" || inside_both /usr/lib/podman/netavark --config /run/netavark \
			--file "$tmp/netavark-holder.json" setup "/proc/$network_second/ns/net" >/dev/null
	fi
	network_both "$1"
	if [[ $check ]] && ! network_bars "$1" >/dev/null; then
		say "veth misses a bar, measuring it again"
		network_both "$1"
	fi
	network_bars "$1" >/dev/null || missed+=("veth-$1")
	network_print "veth: a run of /bin/true $title" "$1"
}

# The others take so long that fewer runs have to do.
network_both() {
	network_measure "network-$1" $((runs < 3 ? 1 : runs / 3)) <"$tmp/network-subjects-ours"
	network_measure "network-$1-others" $((runs < 125 ? 5 : runs / 25)) <"$tmp/network-subjects"
}

network_keep() { # NAME FLAG...
	inside_network "$contain" -q --root "$network_root" run -d --name "$1" --profile "$build/etc/contain/minimal.ini" \
		--rootfs "$tmp/rootfs" "${@:2}" -- /bin/sleep 100000 >/dev/null
}

network() {
	local made
	compgen -G '/sys/fs/cgroup/*/libpod_parent' >/dev/null || network_podman_cgroups=1
	[[ $contain && -e $build/lib/contain/plugins/veth.so ]] || { say "no plugin veth, it is left out"; return 0; }
	type ip >/dev/null 2>&1 || { say "no ip (package iproute2), veth is left out"; return 0; }
	mkdir -p "$network_root"
	network_namespace 1
	network_holder=$made
	inside_network ip link set lo up
	network_namespace 0
	network_target=$made
	network_namespace 0
	network_second=$made
	network_starts first
	inside_network ip link add bench-there type bridge
	inside_network ip address add 10.96.0.1/16 dev bench-there
	inside_network ip link set bench-there up
	network_keep bench-holder --enable veth
	network_keep bench-bare "${network_bare[@]}"
	network_starts there
	network_throughput
	network_finish
}
