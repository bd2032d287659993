#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2154,SC2016,SC2030,SC2031 # variables of bats; scripts of the container in quotes
# What the container sees, and what it is seen as: names, processes, cgroups, namespaces, network.
load common

@test "its own host name; the host's stays" {
	local before=$HOSTNAME
	inside --hostname sandbox -- /bin/hostname
	same sandbox "$output"
	inside -- /bin/hostname
	same "$NAME" "$output"
	inside --set utsns.domainname=example -- /bin/cat /proc/sys/kernel/domainname
	same example "$output"
	same "$before" "$(</proc/sys/kernel/hostname)"
}

@test "ps aux shows the command as PID 1, and nothing of the host" {
	inside -- /bin/ps aux
	mapfile -t lines <<<"$output"
	same 2 "${#lines[@]}"
	matches "${lines[1]}" '^ *1 root +.*ps aux$'
	# As a child of a shell; all that /proc has are these two.
	inside_sh 'echo $$; for p in /proc/[0-9]*; do echo "${p#/proc/}"; done | sort -n | tr "\n" " "'
	matches "$output" $'^1\n1 ([2-9] ?){1,3}$'
}

@test "every path in /proc/self/cgroup is /" {
	inside --memory 64M --cpu 50000 --pids 64 -- /bin/cat /proc/self/cgroup
	same "$(sed 's/:[^:]*$/:\//' /proc/self/cgroup)" "$output"
}

@test "seen from outside it is in its cgroup, in each hierarchy that limits it" {
	local controller
	hold --memory 64M --cpu 50000 --pids 64
	for controller in memory cpu pids unified; do
		[[ $(cgroup_version "$controller") != 0 ]] || continue
		has $'\n'"$(cgroup_file "$controller" cgroup.procs)"$'\n' $'\n'"$INIT"$'\n'
	done
	# No other hierarchy has a cgroup for it.
	same "$(grep -c "/contain-$NAME\$" "/proc/$INIT/cgroup")" "$(for controller in $(
		awk -F: '{ print $2 == "" ? "unified" : $2 }' "/proc/$INIT/cgroup"); do
		[[ ! -d $(cgroup_mount "$controller")/contain-$NAME ]] || echo "$controller"
	done | wc -l)"
	release
	same 0 "$status"
}

@test "ls / is the root file system" {
	inside -- /bin/ls -A /
	same "$(ls -A "$ROOTFS")" "$output"
}

@test "each namespace that is asked for is new, and no other" {
	local kind
	hold --profile default.ini
	for kind in pid uts ipc cgroup mnt net user; do
		case $kind in
		user) same "$(readlink "/proc/self/ns/$kind")" "$(readlink "/proc/$INIT/ns/$kind")" ;;
		*) [[ $(readlink "/proc/self/ns/$kind") != "$(readlink "/proc/$INIT/ns/$kind")" ]] || fail "the same: $kind" ;;
		esac
	done
	release
}

@test "minimal.ini: only pid, uts and mnt" {
	local kind
	hold --profile minimal.ini
	for kind in pid uts mnt ipc cgroup net; do
		case $kind in
		pid | uts | mnt) [[ $(readlink "/proc/self/ns/$kind") != "$(readlink "/proc/$INIT/ns/$kind")" ]] ;;
		*) same "$(readlink "/proc/self/ns/$kind")" "$(readlink "/proc/$INIT/ns/$kind")" ;;
		esac || fail "$kind"
	done
	release
}

@test "netns: a network of its own, where lo is up and nothing else is there" {
	hold
	[[ $(readlink /proc/self/ns/net) != "$(readlink "/proc/$INIT/ns/net")" ]]
	release
	inside_sh 'ls /sys/class/net 2>/dev/null; ip -o addr; ping -c 1 -W 5 127.0.0.1 >/dev/null && echo alive'
	has "$output" 'inet 127.0.0.1/8' alive
	inside -- /bin/cat /proc/net/dev
	same "lo" "$(sed -n 's/^ *\([^ :]*\):.*/\1/p' <<<"$output")"
	# Off: the host's.
	inside --disable netns -- /bin/cat /proc/net/dev
	same "$(sed -n 's/^ *\([^ :]*\):.*/\1/p' /proc/net/dev | sort)" "$(sed -n 's/^ *\([^ :]*\):.*/\1/p' <<<"$output" | sort)"
}

@test "ipcns: System V objects are its own" {
	local id
	id=$(ipcmk -M 4096 | sed 's/.*: //')
	inside -- /bin/cat /proc/sysvipc/shm
	ipcrm -m "$id"
	same 1 "$(wc -l <<<"$output")"
}

@test "without pidns the command has a pid of the host, and is killed all the same" {
	hold --disable pidns --disable proc
	same "$(readlink /proc/self/ns/pid)" "$(readlink "/proc/$INIT/ns/pid")"
	# A child that nobody waits for, in a session of its own.
	release 'setsid sleep 1000 & exit 5'
	same 5 "$status"
}

# ---- a clean start

@test "no descriptor but 0, 1 and 2, whatever the caller leaves open" {
	exec 7</etc/passwd 9<>/dev/null
	# (Of a shell that makes no pipe: it would have that for a moment.)
	inside_sh 'ls /proc/1/fd; :'
	same $'0\n1\n2' "$output"
	inside -- /bin/ls /proc/self/fd
	same $'0\n1\n2\n3' "$output"
	hold
	exec 7<&- 9<&-
	# The shell itself has more.
	tell 'exec sleep 1000'
	wait_for file_has "/proc/$INIT/cmdline" sleep
	same '0 1 2 ' "$(ls "/proc/$INIT/fd" | tr '\n' ' ')"
	kill -KILL "$INIT"
	end_of_start
}

@test "closed standard descriptors do not become something else" {
	attempt contain_run -q -- /bin/sh -c 'echo out; echo err >&2' <&-
	same '0 out err' "$status $output $stderr"
	"$CONTAIN" -q --root "$STATE" run --name "$NAME" --rootfs "$ROOTFS" -- /bin/true <&- >&- 2>&-
}

@test "umask 022, also from a caller with another" {
	umask 077
	inside_sh 'umask; echo >/tmp/f-$$; stat -c %a /tmp/f-$$; rm /tmp/f-$$'
	same $'0022\n644' "$output"
	umask 0
	inside_sh 'umask'
	same 0022 "$output"
}

@test "no signal is blocked or ignored, whatever the caller ignores" {
	inside -- /bin/grep -E '^Sig(Blk|Ign|Cgt|Pnd)' /proc/self/status
	same 4 "$(grep -c 0000000000000000 <<<"$output")"
	run_ignoring() (
		trap '' HUP INT QUIT PIPE TERM USR1 CHLD TSTP TTOU
		contain_run -q -- /bin/grep -E '^Sig(Blk|Ign|Cgt|Pnd)' /proc/self/status
	)
	attempt run_ignoring
	same "0 4" "$status $(grep -c 0000000000000000 <<<"$output")"
}

@test "a short environment, and nothing of the caller's" {
	export SECRET_OF_THE_HOST=1 LD_LIBRARY_PATH=/nonesuch
	inside -- /usr/bin/env
	same $'HOME=/root\nPATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' "$(sort <<<"$output")"
	unset LD_LIBRARY_PATH
	# Nor in what the kernel shows of the first process.
	hold
	lacks "$(tr '\0' '\n' <"/proc/$INIT/environ")" SECRET
	release
}

@test "nothing of contain is left in the command: parent-death signal aside, it is a fresh program" {
	inside_sh 'cat /proc/1/comm; tr "\0" " " </proc/1/cmdline; ls -l /proc/1/exe'
	has "$output" $'sh\n' '/bin/busybox'
	lacks "$output" memfd
	inside -- /bin/grep -E '^(NoNewPrivs|Seccomp):' /proc/self/status
	inside -- /bin/cat /proc/self/oom_score_adj
	same "$(</proc/self/oom_score_adj)" "$output"
	inside -- /bin/sh -c 'ulimit -n'
	same "$(ulimit -n)" "$output"
}

@test "the working directory is the root" {
	inside -- /bin/pwd
	same / "$output"
}
