#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2154,SC2016,SC2030,SC2031 # variables of bats; scripts of the container in quotes
# Other hosts: cgroup v1 alone, no cgroups, a controller that is missing; and many containers at once. What is mounted is
# only ever changed in a mount namespace of the test's own.
load common
load life

# on_host SCRIPT COMMAND...: the command, after the script has changed what is mounted.
on_host() {
	local script=$1
	shift
	private "$script"$'\nexec "$@"' sh "$@"
}

# Takes away the cgroup2 tree where v1 has the controllers (a host of v1 alone), or all (a host without any).
without_cgroup2() {
	printf 'umount %q\n' "$(cgroup_mount unified)"
}

@test "cgroup v1 alone: limits hold, processes are killed, nothing is left" {
	local script='head -c 200m /dev/zero | tail'
	if [[ $(cgroup_version memory) == 2 ]]; then
		# Pure cgroup2: without it there is nothing at all, and a limit cannot be had.
		refused 'memory|mounted nowhere' on_host "$(without_cgroup2)" "$CONTAIN" --root "$STATE" run --name "$NAME" \
			--rootfs "$ROOTFS" --memory 64M -- /bin/true
		return
	fi
	attempt on_host "$(without_cgroup2)" "$CONTAIN" --root "$STATE" run --name "$NAME" --rootfs "$ROOTFS" --memory 64M \
		--pids 64 -- /bin/sh -c "$script"
	same 137 "$status"
	has "$stderr" 'out-of-memory kill' 64M 'applying cgroup limits: pids=64'
	# Without a pid namespace it is the cgroup through which they are found: the freezer's.
	attempt on_host "$(without_cgroup2)" "$CONTAIN" -q --root "$STATE" run --name "$NAME" --rootfs "$ROOTFS" \
		--disable pidns --disable proc --pids 64 -- /bin/sh -c \
		'for i in 1 2 3 4 5 6 7 8; do (setsid sh -c "while :; do sleep 1000 & wait; done" >/dev/null 2>&1 &); done; exit 4'
	same '4 ' "$status $stderr"
}

@test "cgroup v1 alone: the container is in the freezer, and its view begins there" {
	if [[ $(cgroup_version memory) == 2 ]]; then
		attempt on_host "$(without_cgroup2)" "$CONTAIN" -q --root "$STATE" run --name "$NAME" --rootfs "$ROOTFS" -- /bin/echo ran
		same '0 ran' "$status $output"
		return
	fi
	attempt on_host "$(without_cgroup2)" "$CONTAIN" -q --root "$STATE" run --name "$NAME" --rootfs "$ROOTFS" --memory 64M -- \
		/bin/cat /proc/self/cgroup
	same 0 "$status"
	same '' "$(grep -v ':/$' <<<"$output")"
}

# In the namespace of that host: `c` is contain, `state` what its freezer says.
on_v1() {
	export CONTAIN STATE NAME ROOTFS FREEZER MEMORY
	FREEZER=$(cgroup_mount freezer) MEMORY=$(cgroup_mount memory)
	attempt private "$(without_cgroup2)"'
		c() { "$CONTAIN" -q --root "$STATE" "$@"; }
		state() { cat "$FREEZER/contain-$NAME/freezer.state"; }
		'"$1"
}

@test "cgroup v1 alone: pause and resume by its freezer; exec, update, ps and kill --all" {
	if [[ $(cgroup_version memory) == 2 ]]; then
		attempt on_host "$(without_cgroup2)" "$CONTAIN" -q --root "$STATE" run -d --name "$NAME" --rootfs "$ROOTFS" -- /bin/sleep 1000
		same 0 "$status"
		refused 'no cgroup with a freezer' "$CONTAIN" --root "$STATE" pause "$NAME"
		attempt "$CONTAIN" -q --root "$STATE" delete --force "$NAME"
		same 0 "$status"
		return
	fi
	on_v1 'c run -d --name "$NAME" --rootfs "$ROOTFS" -- /bin/sh -c "sleep 1000 & wait"
		for ((i = 0; i < 500; i++)); do count=$(c ps --json "$NAME" | jq length); ((count < 2)) || break; done; echo "$count"
		state; c pause "$NAME"; state; c state "$NAME" | jq -r .status; c exec "$NAME" /bin/true || echo "exec: $?"
		c update "$NAME" --memory 64M; c resume "$NAME"; state; c exec "$NAME" /bin/echo inside
		cat "$MEMORY/contain-$NAME/memory.limit_in_bytes"
		c kill --all "$NAME" KILL; c wait "$NAME"; c delete "$NAME"; ls "$STATE"'
	same 0 "$status"
	same "$NAME 2 THAWED FROZEN paused exec: 125 THAWED inside 67108864 137" "${output//$'\n'/ }"
	has "$stderr" 'is paused'
}

@test "cgroup v1 alone: what is paused can be killed, stopped and deleted by force" {
	if [[ $(cgroup_version memory) == 2 ]]; then return; fi
	on_v1 'for how in "kill $NAME KILL" "stop $NAME" "delete --force $NAME"; do
			c run -d --name "$NAME" --rootfs "$ROOTFS" -- /bin/sh -c "sleep 1000 & sleep 1000" >/dev/null
			c pause "$NAME"; state; c $how
			if [[ $how != delete* ]]; then c wait "$NAME"; c delete "$NAME"; fi
		done; ls "$STATE"'
	same 0 "$status"
	same 'FROZEN 137 FROZEN 137 FROZEN' "${output//$'\n'/ }"
}

@test "no cgroups at all: it runs, as long as no limit is asked for" {
	local none='for mount in $(tac /proc/self/mounts | cut -d " " -f 2,3 | sed -n "s/ cgroup2*$//p"); do umount "$mount"; done'
	attempt on_host "$none" "$CONTAIN" -q --root "$STATE" run --name "$NAME" --rootfs "$ROOTFS" -- /bin/echo ran
	same '0 ran ' "$status $output $stderr"
	refused "cgroup controller 'memory'|mounted nowhere" on_host "$none" "$CONTAIN" --root "$STATE" run --name "$NAME" \
		--rootfs "$ROOTFS" --memory 64M -- /bin/true
	refused "cgroup controller 'cpu'|mounted nowhere" on_host "$none" "$CONTAIN" --root "$STATE" run --name "$NAME" \
		--rootfs "$ROOTFS" --cpu 0.5 -- /bin/true
	refused "cgroup controller 'pids'|mounted nowhere" on_host "$none" "$CONTAIN" --root "$STATE" run --name "$NAME" \
		--rootfs "$ROOTFS" --pids 5 -- /bin/true
	# What the usage report cannot count it says.
	attempt on_host "$none" "$CONTAIN" --root "$STATE" run --name "$NAME" --rootfs "$ROOTFS" -- /bin/true
	has "$stderr" 'peak memory: n/a' 'cpu time: n/a' 'peak processes: n/a' 'wall time: '
	lacks "$stderr" 'cleaning up cgroups'
}

@test "a controller that the host lacks" {
	local mount
	mount=$(cgroup_mount memory)
	if [[ $(cgroup_version memory) == 1 ]]; then
		refused "cgroup controller 'memory'" on_host "umount $mount" "$CONTAIN" --root "$STATE" run --name "$NAME" \
			--rootfs "$ROOTFS" --memory 64M -- /bin/true
		# The others are still there.
		attempt on_host "umount $mount" "$CONTAIN" -q --root "$STATE" run --name "$NAME" --rootfs "$ROOTFS" --pids 64 -- /bin/true
		same 0 "$status"
	else
		# Not delegated: below a cgroup without the controller.
		mkdir "$mount/contain-$NAME-parent" "$mount/contain-$NAME-parent/contain-x"
		refused "cgroup controller 'memory'" contain_run --set "cgroup.parent=/contain-$NAME-parent/contain-x" --memory 64M -- \
			/bin/true
		rmdir "$mount/contain-$NAME-parent/contain-x" "$mount/contain-$NAME-parent"
	fi
}

@test "cgroups that are read-only: an error, and nothing half made" {
	local ro='for mount in $(cut -d " " -f 2,3 /proc/self/mounts | sed -n "s/ cgroup2*$//p"); do mount -o remount,ro,bind "$mount"; done'
	refused 'cgroup|Read-only file system' on_host "$ro" "$CONTAIN" --root "$STATE" run --name "$NAME" --rootfs "$ROOTFS" \
		--memory 64M -- /bin/true
}

@test "/proc with hidden processes, and without it" {
	# A new instance: options given to the host's would be the host's.
	attempt on_host 'mount -t proc -o hidepid=2 proc /proc' "$CONTAIN" -q --root "$STATE" run --name "$NAME" \
		--rootfs "$ROOTFS" -- /bin/echo ran
	same '0 ran' "$status $output"
	attempt on_host 'umount -l /proc' "$CONTAIN" --root "$STATE" run --name "$NAME" --rootfs "$ROOTFS" -- /bin/true
	# The leak checker of a sanitizer build cannot do without it, and has an exit status of its own.
	[[ $status == 125 || $stderr == *LeakSanitizer* ]]
	has "$stderr" '[contain] error: ' '/proc'
}

@test "from inside a chroot: the true root cannot be reached" {
	own_rootfs
	mkdir -p "$ROOTFS/c" "$ROOTFS/image/bin" "$ROOTFS/image/proc" "$ROOTFS/image/dev" "$ROOTFS/lib64" "$ROOTFS/usr/lib"
	cp "$ROOTFS/bin/busybox" "$ROOTFS/image/bin/sh"
	cp -a "$CONTAIN_BUILD"/{bin,lib,etc} "$ROOTFS/c/"
	local library
	for library in $(ldd "$CONTAIN" "$CONTAIN_BUILD"/lib/contain/plugins/*.so | grep -oE '/[^ ]+\.so[^ ]*' | sort -u); do
		[[ $library != "$CONTAIN_BUILD"/* ]] || continue
		mkdir -p "$ROOTFS${library%/*}"
		cp -L "$library" "$ROOTFS$library"
	done
	attempt private 'mount -t proc proc "$1/proc"; mount --rbind /sys "$1/sys"; mount --bind /dev "$1/dev"; exec chroot "$1" "${@:2}"' \
		sh "$ROOTFS" /c/bin/contain -q --root /run/state run --name "$NAME" --rootfs /image -- \
		/bin/sh -c 'cd ../../..; echo *; cd -P /proc/1/root; cd -P ..; echo *'
	same '0 ' "$status $stderr"
	same $'bin dev proc\nbin dev proc' "$output"
	rmdir "$ROOTFS/run/state"
}

@test "fifty at once: all run, none disturbs another, nothing is left" {
	local i failed=
	local -a pids
	for i in {1..50}; do
		"$CONTAIN" -q --root "$STATE" run --name "$NAME-$i" --rootfs "$ROOTFS" --memory 64M --pids 16 --hostname "h$i" -- \
			/bin/sh -c 'hostname; cat /proc/self/cgroup | grep -v ":/$"; ps | wc -l' >"out.$i" 2>"err.$i" 3>&- &
		pids[i]=$!
		STARTED+=("$!")
	done
	for i in {1..50}; do
		status=0
		wait "${pids[i]}" || status=$?
		[[ $status == 0 && ! -s err.$i && $(<"out.$i") =~ ^h$i$'\n'[3-4]$ ]] || failed+="$i ($status): $(cat "out.$i" "err.$i")"$'\n'
	done
	[[ ! $failed ]] || fail "$failed"
}

@test "the same name, twenty at once: one gets it at a time, and nobody loses" {
	local i ran=0
	local -a pids
	for i in {1..20}; do
		"$CONTAIN" -q --root "$STATE" run --name "$NAME" --rootfs "$ROOTFS" --pids 16 -- /bin/true 2>"err.$i" 3>&- &
		pids[i]=$!
		STARTED+=("$!")
	done
	for i in {1..20}; do
		status=0
		wait "${pids[i]}" || status=$?
		if [[ $status == 0 ]]; then
			ran=$((ran + 1))
			[[ ! -s err.$i ]] || fail "$(<"err.$i")"
		else
			same 125 "$status"
			has "$(<"err.$i")" "$NAME" '--name'
		fi
	done
	((ran >= 1))
	inside -- /bin/true
}

@test "an older kernel is told so, before anything is made" {
	refused 'contain needs 5.15 or later' setarch "$(uname -m)" --uname-2.6 \
		"$CONTAIN" --root "$STATE" run --name "$NAME" --rootfs "$ROOTFS" -- /bin/true
	[[ ! -e $STATE ]]
}
