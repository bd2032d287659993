#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2154,SC2016,SC2030,SC2031 # variables of bats; scripts of the container in quotes
# Every system call that contain makes from main() on, in each of its processes, fails once: with ENOSPC, ENOMEM, EPERM
# and EINTR. No hang, no crash; the command succeeds, or fails as it should; nothing is left but what the failed call was
# to undo, and gc removes that. Which calls there are is measured first, by the same helper (inject.c).
#
# CONTAIN_INJECT_STEP=K tries one of K.
load common

ERRORS=(ENOSPC ENOMEM EPERM EINTR)
LIMITS=(--memory 64M --pids 64 --cpu 50000)

# Undoing itself: signals, removals, and what cgroups are emptied by. It may be tried again by gc.
UNDO='^(unlinkat|rmdir|kill|pidfd_send_signal)\(|/(cgroup\.kill|cgroup\.procs|freezer\.state)\)$'

setup_file() {
	# Leaks are looked for by ptrace(2), which the helper uses itself.
	export ASAN_OPTIONS=detect_leaks=0${ASAN_OPTIONS:+:$ASAN_OPTIONS}
	if [[ ! ${CONTAIN_INJECT_STEP-} ]]; then
		CONTAIN_INJECT_STEP=1
		[[ $CONTAIN_BUILD != *sanitize* ]] || CONTAIN_INJECT_STEP=23
		[[ ! ${CONTAIN_VM-} ]] || CONTAIN_INJECT_STEP=41
	fi
	export CONTAIN_INJECT_STEP
}

# contain with this worker's state directory and container: no other worker's list grows by it.
own() {
	"$CONTAIN" -q --root "$root" "$@" 3>&-
}

# chain WORD...: the commands to try, "+++" between; the words of contain alone.
chain() {
	local word begin=1
	commands=()
	for word; do
		[[ ! $begin ]] || commands+=("$CONTAIN" --root "$root")
		begin=''
		commands+=("$word")
		[[ $word != +++ ]] || begin=1
	done
}

# What there is of this worker's container, in $left.
look() {
	local place
	left=()
	for place in "$root/$name" "${cgroups[@]/%//contain-$name}"; do
		[[ ! -e $place ]] || left+=("$place")
	done
}

# What is wrong after `inject` has run, in $wrong. Starts no process.
judge() {
	local error line about printed
	wrong=''
	read -r result command about <"$base.out" || { wrong="the helper says nothing"; return; }
	what=$about
	IFS= read -r -d '' printed <"$base.stdout"
	mapfile -t error <"$base.stderr"
	case $result in
	injected | missed) ;;
	*) wrong=$result ;;
	esac
	case $status in
	0)
		# shellcheck disable=SC2053 # it may be a pattern
		[[ $printed == $expected ]] || wrong+=" succeeded, but printed '$printed'"
		;;
	125 | 126 | 127)
		for line in "${error[@]}"; do [[ $line == '[contain] '* ]] || wrong+=" says '$line'"; done
		[[ ${error[*]} == *'[contain] error: '* ]] || wrong+=" exit status $status without an error"
		;;
	*) wrong+=" exit status $status" ;;
	esac
	look
	# What stays when the first command fails has to be an undo that failed; later and `kept` ones found it there.
	if [[ ! $kept ]] && ((${#left[@]})) && { ((status == 0)) || { ((command == 0)) && [[ ! $undoing && ! $about =~ $UNDO ]]; }; }; then
		wrong+=" left: ${left[*]}"
	fi
}

# What is left is removed by gc; a container that was made, by delete.
clean() {
	local error
	((${#left[@]})) || return 0
	if ((command == 0)); then
		error=$(own gc 2>&1) || wrong+=" gc: $error"
	else
		error=$(own delete --force "$name" 2>&1) || wrong+=" delete: $error"
	fi
	look
	((${#left[@]})) || return 0
	wrong+=" still there: ${left[*]}"
	# For the sake of those that follow.
	own delete --force "$name"
}

# worker NUMBER: its part of $TMP/jobs.
worker() {
	local number=$1 name=$NAME-$1 root=$TMP/root$1 base=$TMP/w$1 job error wrong what status result command left commands
	local count=0 first=''
	# Without bats' looks at each line.
	set +eET
	trap - DEBUG ERR
	"$scenario"
	while read -r job; do
		((count++ % workers == number)) || continue
		if [[ ${prepare-} ]]; then "$prepare" || echo "$job: can't prepare" >>"$base.wrong"; fi
		status=0
		"$HELPERS/inject" "$base.out" "$DEADLINE" "$job" "${commands[@]}" >"$base.stdout" 2>"$base.stderr" </dev/null || status=$?
		judge
		"$tidy"
		[[ ! $wrong ]] || printf '%s %s: %s; it said: %s\n' "$job" "$what" "$wrong" \
			"$(tail -n 2 "$base.stderr" | tr '\n' ' ')" >>"$base.wrong"
	done <"$TMP/jobs"
	[[ ! $kept ]] || own delete --force "$name" || echo "can't delete the container" >>"$base.wrong"
}

# sweep SCENARIO: a function that sets `commands`, `expected` what they print, and perhaps `prepare` and `tidy`.
sweep() {
	local scenario=$1 workers number pids=() prepare='' tidy=clean expected='' kept='' undoing='' first='' count=0 each=0 process call nth error
	local name=$NAME-0 root=$TMP/root0 base=$TMP/w0 commands wrong left command=0 status=0
	local cgroups=() printed
	# As cgroup hierarchies are mounted nobody else's.
	mapfile -t cgroups < <(awk '$3 ~ /^cgroup/ { print $2 }' /proc/self/mounts)
	workers=$(nproc)
	"$scenario"
	[[ ! $prepare ]] || "$prepare"
	"$HELPERS/inject" "$TMP/calls" "$DEADLINE" list "${commands[@]}" >"$base.stdout" 2>"$base.stderr" </dev/null ||
		fail "exit status $? of: ${commands[*]}" "$(<"$base.stderr")"
	IFS= read -r -d '' printed <"$base.stdout" || [[ $printed == $expected ]] || fail "printed: $printed"
	look
	"$tidy"
	while read -r process call nth _; do
		for error in "${ERRORS[@]}"; do
			((each++ % CONTAIN_INJECT_STEP)) || { printf '%s:%s:%s:%s\n' "$process" "$call" "$nth" "$error"; ((++count)); }
		done
	done <"$TMP/calls" >"$TMP/jobs"
	[[ ! $kept ]] || own delete --force "$name"
	((count > 0))
	for ((number = 0; number < workers; number++)); do
		worker "$number" 3>&- &
		pids+=($!)
	done
	wait "${pids[@]}"
	echo "$scenario: $(wc -l <"$TMP/calls") calls, $count failures tried" >&3
	! cat "$TMP"/w*.wrong 2>/dev/null | head -n 20 | grep . || fail "$(cat "$TMP"/w*.wrong | wc -l) failures were not taken as they should"
}

# ---- the table

run_with_limits() {
	chain run --name "$name" --rootfs "$ROOTFS" "${LIMITS[@]}" -- /bin/echo hello
	expected=$'hello\n'
}

@test "run with limits" {
	sweep run_with_limits
}

run_detached_and_delete() {
	chain run -d --name "$name" --rootfs "$ROOTFS" "${LIMITS[@]}" -- /bin/echo hello +++ wait "$name" +++ delete "$name"
	expected=$name$'\n0\n'
}

@test "run -d, wait, delete" {
	sweep run_detached_and_delete
}

create_start_delete() {
	chain create --name "$name" --rootfs "$ROOTFS" "${LIMITS[@]}" -- /bin/sleep 1000 +++ start "$name" +++ \
		delete --force "$name"
	expected=$name$'\n'
}

@test "create, start, delete" {
	sweep create_start_delete
}

# One container for all that look at it or change it, for each worker.
runs() {
	[[ -e $root/$name ]] || own run -d --name "$name" --rootfs "$ROOTFS" "${LIMITS[@]}" -- /bin/sleep 1000 >"$base.id"
	first=$(<"${cgroups[0]}/contain-$name/cgroup.procs")
}

# It runs on, and alone.
runs_still() {
	[[ ${first-} && $(<"${cgroups[0]}/contain-$name/cgroup.procs") == "$first" ]] || wrong+=" processes: $(<"${cgroups[0]}/contain-$name/cgroup.procs")"
	[[ $(own list --json) == *'"status":"running"'* ]] || wrong+=" list: $(own list --json)"
}

exec_in_running() {
	prepare=runs tidy=runs_still kept=1
	chain exec "$name" -- /bin/echo hello
	expected=$'hello\n'
}

@test "exec" {
	sweep exec_in_running
}

# ---- looking and changing

look_at() {
	prepare=runs tidy=runs_still kept=1
	chain list --json +++ state "$name" +++ ps "$name" +++ logs "$name"
	expected='*'
}

@test "list, state, ps, logs" {
	sweep look_at
}

# A pause whose end we did not see may have been one.
runs_again() {
	((status == 0)) || own resume "$name" || wrong+=" can't be resumed"
	runs_still
}

change() {
	prepare=runs tidy=runs_again kept=1
	chain pause "$name" +++ resume "$name" +++ update --memory 32M --pids 32 "$name" +++ kill "$name" CONT
}

@test "pause, resume, update, kill" {
	sweep change
}

# What a killed process of ours has left.
left_behind() {
	own create --name "$name" --rootfs "$ROOTFS" "${LIMITS[@]}" -- /bin/true >"$base.id" || return
	first=$(<"${cgroups[0]}/contain-$name/cgroup.procs")
	kill -KILL "$first"
	until is_dead "$first"; do :; done
}

collect() {
	prepare=left_behind undoing=1
	chain gc
}

@test "gc" {
	sweep collect
}
