#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2154,SC2016,SC2030,SC2031 # variables of bats; scripts of the container in quotes
# Memory, cpu and processes: what the kernel holds, what the limits do, what is reported.
load common

# limit_is WHAT VALUE: from outside, in the file of this machine's cgroup version. Numbers are bytes, or "max".
limit_is() {
	local version file unlimited=max
	case $1 in
	memory | swap | both) version=$(cgroup_version memory) ;;
	cpu | weight) version=$(cgroup_version cpu) ;;
	esac
	case $1$version in
	memory1) file=memory.limit_in_bytes unlimited=9223372036854771712 ;;
	memory2) file=memory.max ;;
	cpu1)
		same "$2" "$(cgroup_file cpu cpu.cfs_quota_us) $(cgroup_file cpu cpu.cfs_period_us)"
		return
		;;
	cpu2)
		same "${2/#-1/max}" "$(cgroup_file cpu cpu.max)"
		return
		;;
	esac
	same "${2/#max/$unlimited}" "$(cgroup_file memory "$file")"
}

# swap_is MEMORY SWAP: v1 has the sum of the two.
swap_is() {
	if [[ $(cgroup_version memory) == 2 ]]; then
		same "$2" "$(cgroup_file memory memory.swap.max)"
	else
		same "$(($1 + $2))" "$(cgroup_file memory memory.memsw.limit_in_bytes)"
	fi
}

@test "--memory: the limit, and no swap beside it" {
	hold --memory 64M
	limit_is memory 67108864
	swap_is 67108864 0
	release
	same 0 "$status"
}

@test "--memory: the units, and max" {
	local text bytes said
	while read -r text bytes said; do
		hold --memory "$text"
		limit_is memory "$bytes"
		release
		has "$(<messages)" $'applying cgroup limits: memory='"$said"$'\n'
	done <<-END
		1G 1073741824 1G
		524288K 536870912 512M
		134217728 134217728 128M
		1T 1099511627776 1T
		max max max
	END
}

@test "swap: what the profile says" {
	hold --memory 64M --set cgroup-memory.swap=32M
	limit_is memory 67108864
	swap_is 67108864 33554432
	release
	if [[ $(cgroup_version memory) == 1 ]]; then
		refused 'swap|memory' contain_run --set cgroup-memory.swap=32M -- /bin/true
	else
		hold --set cgroup-memory.swap=32M
		swap_is 0 33554432
		release
	fi
	# Zero is a value here.
	inside --memory 64M --set cgroup-memory.swap=0 -- /bin/true
}

@test "high, low and oom_group: held on cgroup2; on v1 an error that says why" {
	if [[ $(cgroup_version memory) == 2 ]]; then
		hold --memory 64M --set cgroup-memory.high=48M --set cgroup-memory.low=16M
		same 50331648 "$(cgroup_file memory memory.high)"
		same 16777216 "$(cgroup_file memory memory.low)"
		same 1 "$(cgroup_file memory memory.oom.group)"
		release
		hold --set cgroup-memory.oom_group=no
		same 0 "$(cgroup_file memory memory.oom.group)"
		release
	else
		refused 'cgroup-memory|high|cgroup v1' contain_run --set cgroup-memory.high=48M -- /bin/true
		refused 'cgroup-memory|low|cgroup v1' contain_run --set cgroup-memory.low=48M -- /bin/true
		refused 'cgroup-memory|oom_group|cgroup v1' contain_run --set cgroup-memory.oom_group=yes -- /bin/true
		inside --memory 64M --set cgroup-memory.oom_group=no -- /bin/true
	fi
}

@test "--cpu: quota and period, in each of its forms" {
	local text expected said
	while read -r text expected said; do
		# At one per cent of a cpu things take their time.
		DEADLINE=$((DEADLINE * 5)) hold --cpu "$text"
		limit_is cpu "${expected/,/ }"
		release
		has "$(<messages)" $'applying cgroup limits: cpu='"$said"$'\n'
	done <<-END
		50000 50000,100000 50000
		50000/20000 50000,20000 50000/20000
		0.5 50000,100000 50000
		1.5 150000,100000 150000
		1000 1000,100000 1000
		max -1,100000 max
	END
}

@test "cpu weight" {
	hold --set cgroup-cpu.weight=200
	if [[ $(cgroup_version cpu) == 2 ]]; then
		same 200 "$(cgroup_file cpu cpu.weight)"
	else
		same 2048 "$(cgroup_file cpu cpu.shares)"
	fi
	release
	refused 'weight|1 to 10000' contain_run --set cgroup-cpu.weight=0 -- /bin/true
	refused 'weight|1 to 10000' contain_run --set cgroup-cpu.weight=10001 -- /bin/true
}

@test "the cpu limit holds: a tenth of a cpu takes ten times as long" {
	# 0.15 s of cpu time from here on, at 0.1 cpus: more than a second, as the first period's part may be had at once.
	inside --cpu 10000 --report report -- /bin/sh -c 'read -r begin _ </proc/self/schedstat
		while read -r used _ </proc/self/schedstat && [ $((used - begin)) -lt 150000000 ]; do :; done'
	jq -e '.cpu_time_usec >= 150000 and .wall_time_usec >= 900000' report || fail "$(<report)"
}

@test "--pids: the limit" {
	hold --pids 64
	same 64 "$(cgroup_file pids pids.max)"
	release
	hold --pids max
	same max "$(cgroup_file pids pids.max)"
	release
	inside --pids 1 -- /bin/true
}

@test "--pids 64: a hundred sleeps fail inside and harm nothing outside" {
	attempt contain_run -q --pids 64 --report report -- /bin/sh -c 'for i in $(seq 1 100); do sleep 100 & done; echo all'
	[[ $status != 0 ]]
	lacks "$output" all
	has "$stderr" "can't fork"
	same 64 "$(jq .peak_processes report)"
	# Meanwhile others can fork.
	hold --pids 4
	tell_and_hear '(for i in $(seq 1 100); do sleep 100 & done) 2>/dev/null; echo full'
	same full "$heard"
	/bin/true
	# The shell that could not fork is gone.
	same 3 "$(cgroup_file pids pids.current)"
	release
}

@test "out of memory: 137, and a message that names it and the limit" {
	attempt contain_run --memory 64M --report report -- /bin/sh -c 'head -c 200m /dev/zero | tail'
	same 137 "$status"
	matches "$stderr" $'\[contain\] warning: .*out-of-memory kill.*memory limit of 64M'
	has "$stderr" '[contain] container exited: '
	jq -e '.oom_kills >= 1 and .peak_memory_bytes <= 67108864 and .peak_memory_bytes > 33554432' report || fail "$(<report)"
	# Not a word of it where nothing of the kind happened.
	attempt contain_run --memory 64M -- /bin/sh -c 'exit 137'
	same 137 "$status"
	lacks "$stderr" 'out-of-memory'
}

@test "out of memory in one process of many: cgroup2 kills them together, as oom_group says" {
	local script='(head -c 200m /dev/zero | tail) >/dev/null 2>&1; echo survived'
	attempt contain_run -q --memory 64M -- /bin/sh -c "$script"
	if [[ $(cgroup_version memory) == 2 ]]; then
		same '137 ' "$status $output"
		attempt contain_run -q --memory 64M --set cgroup-memory.oom_group=no -- /bin/sh -c "$script"
	fi
	same '0 survived' "$status $output"
}

@test "a memory limit too small to start: 125, and the message says so" {
	local limit
	for limit in 4K 64K; do
		refused "start|memory limit of $limit" contain_run --memory "$limit" -- /bin/true
	done
}

@test "the limits hold before the child exists" {
	hold_in parent_prepare --memory 64M --cpu 50000 --pids 64 -- /bin/true
	same '' "$(<"/proc/$PID/task/$PID/children")"
	limit_is memory 67108864
	swap_is 67108864 0
	limit_is cpu '50000 100000'
	same 64 "$(cgroup_file pids pids.max)"
	same '' "$(cgroup_file memory cgroup.procs)"
	proceed
	same 0 "$status"
}

@test "mistakes in numbers, each in its words" {
	refused "--memory|empty" contain_run --memory '' -- /bin/true
	refused "--memory|'-1'|negative" contain_run --memory -1 -- /bin/true
	refused "--memory|'-64M'|negative" contain_run --memory=-64M -- /bin/true
	refused "--memory|'lots'|not a number" contain_run --memory lots -- /bin/true
	refused "--memory|'64MB'|'B' behind the number" contain_run --memory 64MB -- /bin/true
	refused "--memory|'64 M'|behind the number" contain_run --memory '64 M' -- /bin/true
	refused "--memory|'1.5G'|behind the number" contain_run --memory 1.5G -- /bin/true
	refused "--memory|'99999999999999999999'|too large" contain_run --memory 99999999999999999999 -- /bin/true
	refused "--memory|'9999999T'|too large" contain_run --memory 9999999T -- /bin/true
	refused "--memory|'0'|zero" contain_run --memory 0 -- /bin/true
	refused "--memory|'0K'|zero" contain_run --memory 0K -- /bin/true
	refused "--cpu|empty" contain_run --cpu '' -- /bin/true
	refused "--cpu|'-1'|negative" contain_run --cpu -1 -- /bin/true
	refused "--cpu|'x'|not a number" contain_run --cpu x -- /bin/true
	refused "--cpu|'0'|zero" contain_run --cpu 0 -- /bin/true
	refused "--cpu|'0.0'|zero" contain_run --cpu 0.0 -- /bin/true
	refused "--cpu|'2'|too small|2.0" contain_run --cpu 2 -- /bin/true
	refused "--cpu|'0.001'|too small" contain_run --cpu 0.001 -- /bin/true
	refused "--cpu|'50000x'|behind" contain_run --cpu 50000x -- /bin/true
	refused "--cpu|'50000/'|period" contain_run --cpu 50000/ -- /bin/true
	refused "--cpu|'50000/999'|period" contain_run --cpu 50000/999 -- /bin/true
	refused "--cpu|'50000/1000001'|period" contain_run --cpu 50000/1000001 -- /bin/true
	refused "--cpu|'0.5/100000'|period" contain_run --cpu 0.5/100000 -- /bin/true
	refused "--cpu|too large" contain_run --cpu 99999999999999999999 -- /bin/true
	refused "--pids|empty" contain_run --pids '' -- /bin/true
	refused "--pids|'0'|zero" contain_run --pids 0 -- /bin/true
	refused "--pids|'-5'|negative" contain_run --pids -5 -- /bin/true
	refused "--pids|'x'|not a number" contain_run --pids x -- /bin/true
	refused "--pids|'5x'|'x' behind" contain_run --pids 5x -- /bin/true
	refused "--pids|too large" contain_run --pids 99999999999999999999 -- /bin/true
	refused "--pids|too large" contain_run --pids 4194305 -- /bin/true
}

@test "[cgroup] parent: another place, which has to exist" {
	local mount parent=contain-$NAME-parent controller
	if [[ $(cgroup_version memory) == 2 ]]; then
		refused "$parent|parent" contain_run --set "cgroup.parent=/$parent" --memory 64M -- /bin/true
	fi
	refused "'..'" contain_run --set cgroup.parent=../x -- /bin/true
	mkdir "$(cgroup_mount unified)/$parent"
	for controller in memory cpuacct cpu pids freezer; do
		mount=$(cgroup_mount "$controller")
		[[ ! $mount || -d $mount/$parent ]] || mkdir "$mount/$parent"
	done
	hold --set "cgroup.parent=/$parent" --memory 64M
	[[ -d $(cgroup_mount memory)/$parent/contain-$NAME && ! -e $(cgroup_mount memory)/contain-$NAME ]]
	has "$(<"/proc/$INIT/cgroup")" "/$parent/contain-$NAME"
	release
	same 0 "$status"
	for mount in $(awk '$3 ~ /^cgroup/ { print $2 }' /proc/self/mounts); do
		[[ ! -d $mount/$parent ]] || rmdir "$mount/$parent"
	done
}

@test "[cgroup] parent with processes in it: cgroup2 says no, and contain names what is in the way" {
	local mount parent=contain-$NAME-parent other
	mount=$(cgroup_mount pids)
	mkdir "$mount/$parent"
	sleep 1000 3>&- &
	other=$!
	echo "$other" >"$mount/$parent/cgroup.procs"
	if [[ $(cgroup_version pids) == 2 ]]; then
		echo +pids >"$mount/cgroup.subtree_control"
		refused "$parent|busy|processes" contain_run --set "cgroup.parent=/$parent" --pids 8 -- /bin/true
	else
		mkdir "$(cgroup_mount unified)/$parent" "$(cgroup_mount cpuacct)/$parent" "$(cgroup_mount cpu)/$parent"
		inside --set "cgroup.parent=/$parent" --disable cgroup-memory --pids 8 -- /bin/true
		rmdir "$(cgroup_mount unified)/$parent" "$(cgroup_mount cpuacct)/$parent" "$(cgroup_mount cpu)/$parent"
	fi
	# It is nobody's but ours, and was not moved.
	same "$other" "$(<"$mount/$parent/cgroup.procs")"
	kill "$other"
	# A process that is dying is in it for a moment longer than it is listed.
	wait_for rmdir "$mount/$parent"
}

@test "a cgroup that is there already is somebody else's: refused, and left alone" {
	local place
	place=$(cgroup_mount pids)/contain-$NAME
	mkdir "$place"
	refused "contain-$NAME|--name" contain_run --pids 8 -- /bin/true
	[[ -d $place ]]
	rmdir "$place"
	inside --pids 8 -- /bin/true
}

@test "cgroups that the container makes below its own are removed with it" {
	local mount
	mount=$(cgroup_mount pids)
	hold --pids 64
	mkdir "$mount/contain-$NAME/below"
	mkdir "$mount/contain-$NAME/below/deeper"
	tell_and_hear 'sleep 1000 >/dev/null & echo running'
	release
	same 0 "$status"
}
