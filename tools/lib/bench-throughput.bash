# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# shellcheck disable=SC2154 # variables of tools/bench and bench-network.bash
# The part of tools/bench --network that is about throughput: contain's pair beside one that was made by hand.

# network_serve PID: iperf3 listens in that process's network namespace.
network_serve() {
	nsenter --target "$1" --net -- iperf3 --server >/dev/null 2>&1 &
	network_helpers+=($!)
	until grep -q ':1451 [0:]* 0A' "/proc/$1/net/tcp6"; do # 5201, LISTEN
		kill -0 $! 2>/dev/null || die "iperf3 does not listen"
		sleep 0.05
	done
}

network_by_hand() {
	inside_network ip link add bench-hand type bridge
	inside_network ip address add 10.94.0.1/16 dev bench-hand
	inside_network ip link set bench-hand up
	inside_network ip link add bench-pair master bench-hand type veth peer name eth0 netns "$network_target"
	inside_network ip link set bench-pair up
	nsenter --target "$network_target" --net -- ip address add 10.94.0.2/16 dev eth0
	nsenter --target "$network_target" --net -- ip link set eth0 up
}

# Between the host's end, which is the bridge, and the container; each pair is measured in turn.
network_throughput() {
	local first way name turn address rate reverse seconds=2 turns=3 pids=() names=(by-hand veth veth-bare)
	type iperf3 >/dev/null 2>&1 || { say "no iperf3, throughput is left out"; return 0; }
	[[ ! $quick ]] || seconds=1 turns=2
	network_by_hand
	pids=("$network_target")
	for name in bench-holder bench-bare; do
		first=$("$contain" --root "$network_root" state $name | sed 's/.*"pid":\([0-9]*\).*/\1/')
		pids+=("$first")
	done
	for first in "${pids[@]}"; do network_serve "$first"; done
	for way in in out; do
		reverse=()
		[[ $way == in ]] || reverse=(--reverse)
		: >"$tmp/network-$way"
		for ((turn = 0; turn < turns; turn++)); do
			for ((first = 0; first < ${#names[@]}; first++)); do
				address=$(nsenter --target "${pids[first]}" --net -- ip -4 -oneline address show dev eth0)
				address=${address#*inet } address=${address%%/*}
				rate=$(inside_network iperf3 --client "$address" --time $seconds --format m "${reverse[@]}" |
					awk '/receiver/ { for (i = 2; i <= NF; i++) if ($i == "Mbits/sec") print $(i - 1) }')
				printf '%s\t%s\t%s\n' $turn "${names[first]}" "${rate:?no rate of iperf3}" >>"$tmp/network-$way"
			done
		done
	done
	printf '\nveth: TCP, best of %d runs of %d s, and the median of the ratios of one turn\n' $turns $seconds
	printf '%-18s %15s %9s %15s %9s\n' pair 'to it, Mbit/s' '/ by-hand' 'from it, Mbit/s' '/ by-hand'
	for name in "${names[@]}"; do
		printf '%-18s' "$name"
		for way in in out; do
			awk -F '\t' -v name="$name" '{ rate[$1, $2] = $3; if ($2 == name && $3 > best) best = $3; turns = $1 + 1 }
				END { for (i = 0; i < turns; i++) print rate[i, name] / rate[i, "by-hand"], best }' "$tmp/network-$way" |
				sort -n | awk '{ line[NR] = $1; best = $2 } END { printf " %15.0f %9.2f", best, line[int(NR / 2) + 1] }'
		done
		printf '\n'
	done
}
