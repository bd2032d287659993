# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # variables of bats, of common.bash, and of those who call
# For the tests that go through every system call of contain, by the helper inject.c: loaded after common.bash.
#
# Several failures are tried at once, by one worker for each cpu. A worker has a container, $name, a state directory,
# $root, in which nothing else is, and files, $base.*; `commands` is what it tries, `expected` a pattern of what they print.
#
# CONTAIN_INJECT_STEP=K tries one of K. (Odd, so that none of four errors is left out.)

LIMITS=(--memory 64M --pids 64 --cpu 50000)

# Signals, removals, and what cgroups are emptied by: these undo. gc may try again.
UNDO='^(unlinkat|rmdir|kill|pidfd_send_signal)\(|/(cgroup\.kill|cgroup\.procs|freezer\.state)\)$'

# choose_step HERE SANITIZED VM: how many to leave out. Sanitizers are three times slower, the machine ten times.
choose_step() {
	# Leaks are looked for by ptrace(2), which the helper uses itself.
	export ASAN_OPTIONS=detect_leaks=0${ASAN_OPTIONS:+:$ASAN_OPTIONS}
	step=${CONTAIN_INJECT_STEP:-$1}
	[[ ${CONTAIN_INJECT_STEP-} || $CONTAIN_BUILD != *sanitize* ]] || step=$2
	[[ ${CONTAIN_INJECT_STEP-} || ! ${CONTAIN_VM-} ]] || step=$3
}

# Where cgroups are mounted, in $cgroups.
find_cgroups() {
	mapfile -t cgroups < <(awk '$3 ~ /^cgroup/ { print $2 }' /proc/self/mounts)
}

# contain with this worker's state directory.
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

# ---- scenarios: they set `commands`, `expected`, and what is to be done before each try, `prepare`; `alone`: what is made
# is to live without a process of contain

run_with_limits() {
	chain run --name "$name" --rootfs "$ROOTFS" "${LIMITS[@]}" -- /bin/echo hello
	expected=$'hello\n'
}

run_detached_and_delete() {
	chain run -d --name "$name" --rootfs "$ROOTFS" "${LIMITS[@]}" -- /bin/echo hello +++ wait "$name" +++ delete "$name"
	expected=$name$'\n0\n'
}

create_start_delete() {
	alone=1
	chain create --name "$name" --rootfs "$ROOTFS" "${LIMITS[@]}" -- /bin/sleep 1000 +++ start "$name" +++ \
		delete --force "$name"
	expected=$name$'\n'
}

exec_in_running() {
	prepare=runs
	chain exec "$name" -- /bin/echo hello
	expected=$'hello\n'
}

look_at() {
	prepare=runs
	chain list --json +++ state "$name" +++ ps "$name" +++ logs "$name"
	expected='*'
}

change() {
	prepare=runs
	chain pause "$name" +++ resume "$name" +++ update --memory 32M --pids 32 "$name" +++ kill "$name" CONT
}

collect() {
	prepare=left_behind
	chain gc
}

# One container for all that look at it or change it.
runs() {
	[[ -e $root/$name ]] || own run -d --name "$name" --rootfs "$ROOTFS" "${LIMITS[@]}" -- /bin/sleep 1000 >"$base.id"
	first=$(<"${cgroups[0]}/contain-$name/cgroup.procs")
}

# What a killed process of ours has left.
left_behind() {
	own create --name "$name" --rootfs "$ROOTFS" "${LIMITS[@]}" -- /bin/true >"$base.id" || return
	first=$(<"${cgroups[0]}/contain-$name/cgroup.procs")
	kill -KILL "$first"
	until is_dead "$first"; do :; done
}

# ---- what came of it; each mistake is added to $wrong

# What there is of this worker's container, in $left.
look() {
	local place
	left=()
	for place in "$root/$name" "${cgroups[@]/%//contain-$name}"; do
		[[ ! -e $place ]] || left+=("$place")
	done
}

# The container of `runs` does so, and alone.
check_runs() {
	local processes end=$((SECONDS + DEADLINE))
	# A pause that did not tell of its success may have been one.
	((status == 0)) || own resume "$name" || wrong+=" can't be resumed"
	until
		processes=$(<"${cgroups[0]}/contain-$name/cgroup.procs")
		[[ $first && $processes == "$first" ]] || ((SECONDS > end))
	do :; done
	[[ $first && $processes == "$first" ]] || wrong+=" processes: $processes"
	[[ $(own list --json) == *'"status":"running"'* ]] || wrong+=" list: $(own list --json)"
}

# After a call that failed: success, or one of our exit statuses and an error.
judge_failed() {
	local line printed messages
	IFS= read -r -d '' printed <"$base.stdout"
	mapfile -t messages <"$base.stderr"
	case $status in
	0)
		# shellcheck disable=SC2053 # a pattern
		[[ $printed == $expected ]] || wrong+=" succeeded, but printed '$printed'"
		;;
	125 | 126 | 127)
		for line in "${messages[@]}"; do [[ $line == '[contain] '* ]] || wrong+=" says '$line'"; done
		[[ ${messages[*]} == *'[contain] error: '* ]] || wrong+=" exit status $status without an error"
		;;
	*) wrong+=" exit status $status" ;;
	esac
	if [[ $prepare == runs ]]; then
		check_runs
		return
	fi
	look
	((${#left[@]})) || return 0
	# The first command makes the container. Others found it, and leave it when they fail.
	if ((status == 0)) || { ((command == 0)) && [[ ! $prepare && ! $about =~ $UNDO ]]; }; then wrong+=" left: ${left[*]}"; fi
	if ((command == 0)); then
		own gc 2>"$base.cleaning" || wrong+=" gc: $(<"$base.cleaning")"
	else
		own delete --force "$name" 2>"$base.cleaning" || wrong+=" delete: $(<"$base.cleaning")"
	fi
}

# The first process of the container, if it is on record and lives, in $alive.
find_alive() {
	local line pid='' start stat
	alive=''
	[[ -e $root/$name/record ]] || return 0
	while IFS= read -r line; do
		[[ $line != '+. pid '* ]] || read -r _ _ pid start <<<"$line"
	done <"$root/$name/record"
	[[ $pid ]] && read -r stat 2>/dev/null <"/proc/$pid/stat" || return 0
	read -r -a stat <<<"${stat##*) }"
	# proc_pid_stat(5): fields 3 and 22.
	[[ ${stat[0]} == [ZX] || ${stat[19]} != "$start" ]] || alive=$pid
}

# Whether `list` says what is so; what it says is in $list.
check_list() {
	local before
	while
		find_alive
		before=$alive
		list=$(own list --json 2>&1) || wrong+=" list fails:"
		find_alive
		[[ $alive != "$before" ]]
	do :; done
	if [[ ! -e $root/$name ]]; then
		[[ $list != *'"id"'* ]] || wrong+=" list has what is not there: $list"
	elif [[ $alive ]]; then
		[[ $list =~ \"pid\":$alive,\"status\":\"(creating|created|running|paused)\" ]] || wrong+=" $alive lives, but list: $list"
	else
		[[ $list == *'"pid":0,"status":"stopped"'* || $list == *'"pid":0,"status":"creating"'*'"abandoned":false'* ]] || wrong+=" it has ended, but list: $list"
	fi
}

# After a kill: list tells the truth, what was left is removed by gc, or by the next one of that name, by turns.
judge_killed() {
	if [[ $prepare == runs ]]; then
		check_runs
		return
	fi
	check_list
	look
	if [[ $list == *'"abandoned":false'* ]]; then
		own delete --force "$name" 2>"$base.cleaning" || wrong+=" delete: $(<"$base.cleaning")"
	elif ((tried % 2)); then
		own gc 2>"$base.cleaning" || wrong+=" gc: $(<"$base.cleaning")"
	else
		use_again
	fi
}

# The name is free for the next one at once; that of a container that was to run alone, and did, when it is deleted.
use_again() {
	local printed
	if [[ $alone && $list == *'"started":"'* ]]; then
		own delete "$name" 2>"$base.cleaning" || wrong+=" delete: $(<"$base.cleaning")"
	fi
	printed=$(own run --name "$name" --rootfs "$ROOTFS" -- /bin/echo again 2>"$base.cleaning")
	[[ $printed == again ]] || wrong+=" again: $printed $(<"$base.cleaning")"
}

# ---- all of them

# try JOB: a failure, PROCESS:CALL:NTH:WHAT.
try() {
	local job=$1 wrong='' what result command about status=0 left list alive
	if [[ $prepare ]]; then "$prepare" || wrong+=" can't prepare"; fi
	"$HELPERS/inject" "$base.out" "$DEADLINE" "$job" "${commands[@]}" >"$base.stdout" 2>"$base.stderr" </dev/null || status=$?
	read -r result command about <"$base.out" || wrong+=" the helper says nothing"
	[[ $result == injected || $result == missed ]] || wrong+=" $result"
	"$judge"
	if [[ $prepare != runs ]]; then
		look
		((!${#left[@]})) || wrong+=" still there: ${left[*]}"
		# For the sake of those that follow.
		((!${#left[@]})) || own delete --force "$name"
	fi
	((++tried))
	[[ ! $wrong ]] || printf '%s %s:%s; it said: %s\n' "$job" "$about" "$wrong" "$(tail -n 2 "$base.stderr" | tr '\n' ' ')" >>"$base.wrong"
}

# worker NUMBER: its part of $TMP/jobs.
worker() {
	local name=$NAME-$1 root=$TMP/root$1 base=$TMP/w$1 count=0 tried=0 first='' commands expected='' prepare='' alone='' job
	# Without bats' looks at each line.
	set +eET
	trap - DEBUG ERR
	"$scenario"
	while read -r job; do
		((count++ % workers != $1)) || try "$job"
	done <"$TMP/jobs"
	[[ $prepare != runs ]] || own delete --force "$name" || echo "can't delete the container" >>"$base.wrong"
}

# measure: the calls that the scenario makes, in $TMP/calls, by one run in which none fails.
measure() {
	local name=$NAME-m root=$TMP/rootm base=$TMP/wm first='' commands expected='' prepare='' alone='' printed left
	"$scenario"
	if [[ $prepare ]]; then "$prepare"; fi
	"$HELPERS/inject" "$TMP/calls" "$DEADLINE" list "${commands[@]}" >"$base.stdout" 2>"$base.stderr" </dev/null ||
		fail "exit status $? of: ${commands[*]}" "$(<"$base.stderr")" || return 1
	# shellcheck disable=SC2053 # a pattern
	IFS= read -r -d '' printed <"$base.stdout" || [[ $printed == $expected ]] || fail "printed: $printed" || return 1
	[[ $prepare != runs ]] || own delete --force "$name"
	look
	((!${#left[@]})) || fail "left: ${left[*]}"
}

# sweep SCENARIO JUDGE WHAT...: each call of the scenario fails with each of WHAT (an error, or KILL).
sweep() {
	local scenario=$1 judge=$2 workers number pids=() each=0 process call nth what cgroups count
	shift 2
	find_cgroups
	workers=$(nproc)
	measure
	while read -r process call nth _; do
		# Sanitizers end the process when they get no memory, or are not told of the stack for signals.
		[[ $CONTAIN_BUILD != *sanitize* || $call != @(mmap|munmap|mprotect|mremap|madvise|sigaltstack) ]] || continue
		for what; do
			((each++ % step)) || printf '%s:%s:%s:%s\n' "$process" "$call" "$nth" "$what"
		done
	done <"$TMP/calls" >"$TMP/jobs"
	for ((number = 0; number < workers; number++)); do
		worker "$number" 3>&- &
		pids+=($!)
	done
	wait "${pids[@]}"
	count=$(grep -c '' "$TMP/jobs")
	echo "# $scenario: $(grep -c '' "$TMP/calls") calls, $count times something was done to one" >&3
	((count > 0))
	if compgen -G "$TMP/w*.wrong" >/dev/null; then
		head -n 10 "$TMP"/w*.wrong >&2
		fail "$(cat "$TMP"/w*.wrong | grep -c '') times it went wrong"
	fi
}
