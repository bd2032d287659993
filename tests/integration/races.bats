#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# bats file_tags=host
# shellcheck disable=SC2154,SC2016,SC2034,SC2153,SC2030,SC2031 # variables of bats and of common.bash; scripts of the container in quotes
# Two processes at once on one container: one wins, and the other gets a clear error or finds its work done. Many
# containers at once, and many one after another.
load common
load life

# choose HERE ELSEWHERE: how many times; fewer where all is slow.
choose() {
	times=$1
	[[ ! ${CONTAIN_VM-} && $CONTAIN_BUILD != *sanitize* ]] || times=$2
}

# race A [WORD...] +++ B [WORD...]: two commands of contain, as much at once as it can be. Their exit statuses are in $first and
# $second, what they say in files of these names. Neither may have said more than one error, and that of an exit status 125.
race() {
	local -a a=() pids
	local status
	while [[ $1 != +++ ]]; do a+=("$1") && shift; done
	shift
	if [[ ! ${GATE-} ]]; then
		mkfifo gate
		exec {GATE}<>gate
	fi
	at_gate first "${a[@]}" &
	pids=($!)
	at_gate second "$@" &
	pids+=($!)
	# A line for each.
	printf '\n\n' >&"$GATE"
	first=0 second=0
	wait "${pids[0]}" || first=$?
	wait "${pids[1]}" || second=$?
	ended_well "$first" first
	ended_well "$second" second
}

at_gate() {
	local file=$1 word
	shift
	read -r word <&"$GATE"
	exec "$CONTAIN" -q --root "$STATE" "$@" >"$file.output" 2>"$file" </dev/null 3>&-
}

ended_well() {
	if [[ $1 == 125 ]]; then
		same 1 "$(grep -c '' "$2")"
		file_has "$2" '^\[contain\] error: '
	else
		same '' "$(<"$2")"
	fi
}

# one_of VALUE...: the last is what is found.
one_of() {
	local value
	for value in "${@:1:$#-1}"; do [[ $value != "${*: -1}" ]] || return 0; done
	fail "found ${*: -1} instead of one of ${*:1:$#-1}" "first: $(<first)" "second: $(<second)"
}

made() {
	good "$@" --name "$NAME" --rootfs "$ROOTFS" -- /bin/sleep 1000
}

# Nothing of it is there, or it can be deleted.
over() {
	[[ ! -e $STATE/$NAME ]] || good delete --force "$NAME"
	[[ ! -e $STATE/$NAME ]]
}

@test "run and run with one name: one runs, and the other says that the name is taken" {
	local one pids lost
	choose 10 3
	for ((; times > 0; times--)); do
		pipes
		pids=()
		for one in first second; do
			ctl -q run --name "$NAME" --rootfs "$ROOTFS" --volume "$IO:/mnt" -- /bin/sh -c 'read -r x </mnt/go; exit 7' \
				>"$one.output" 2>"$one" 3>&- </dev/null &
			pids+=($!)
			STARTED+=($!)
		done
		wait_for either_is_dead "${pids[@]}"
		is_dead "${pids[0]}" && lost=0 || lost=1
		echo >&"$GO"
		status=0
		wait "${pids[lost]}" || status=$?
		same 125 "$status"
		status=0
		wait "${pids[1 - lost]}" || status=$?
		same 7 "$status"
		cat first second >both
		ended_well 125 both
		file_has both "'$NAME'"
		exec {READY}>&- {GO}>&-
	done
}
either_is_dead() {
	is_dead "$1" || is_dead "$2"
}

@test "kill and delete --force" {
	choose 10 3
	for ((; times > 0; times--)); do
		made run -d
		race kill "$NAME" KILL +++ delete --force "$NAME"
		one_of 0 125 "$first"
		same 0 "$second"
		[[ ! -e $STATE/$NAME ]]
	done
}

@test "kill and delete: what runs still is not deleted" {
	choose 10 3
	for ((; times > 0; times--)); do
		made run -d
		race kill "$NAME" KILL +++ delete "$NAME"
		one_of 0 125 "$first"
		one_of 0 125 "$second"
		[[ $first == 0 || $second == 0 ]]
		over
	done
}

# bats test_tags=kernel
@test "exec and delete --force: what was begun is killed, or is not begun" {
	choose 10 3
	for ((; times > 0; times--)); do
		made run -d
		race exec "$NAME" -- /bin/sleep 1000 +++ delete --force "$NAME"
		one_of 125 137 "$first"
		same 0 "$second"
		[[ ! -e $STATE/$NAME ]]
	done
}

@test "delete and delete" {
	local command
	choose 10 3
	for ((; times > 0; times--)); do
		for command in "run -d" create; do
			# shellcheck disable=SC2086 # words
			made $command
			good kill "$NAME" KILL
			wait_for has_ended
			race delete "$NAME" +++ delete "$NAME"
			one_of 0 125 "$first"
			one_of 0 125 "$second"
			[[ $first == 0 || $second == 0 ]]
			[[ ! -e $STATE/$NAME ]]
			# shellcheck disable=SC2086
			made $command
			race delete --force "$NAME" +++ delete --force "$NAME"
			one_of 0 125 "$first"
			one_of 0 125 "$second"
			[[ $first == 0 || $second == 0 ]]
			[[ ! -e $STATE/$NAME ]]
		done
	done
}
# And whoever takes care of it has done so.
has_ended() {
	[[ $(listed) == stopped* ]] && flock -n "$STATE/$NAME" true
}

@test "start and start: it runs once" {
	choose 10 3
	for ((; times > 0; times--)); do
		made create
		race start "$NAME" +++ start "$NAME"
		same "0 125" "$(printf '%s\n' "$first" "$second" | sort -n | tr '\n' ' ' | sed 's/ $//')"
		same running "$(listed)"
		over
	done
}

@test "start and delete --force" {
	choose 10 3
	for ((; times > 0; times--)); do
		made create
		race start "$NAME" +++ delete --force "$NAME"
		one_of 0 125 "$first"
		one_of 0 125 "$second"
		[[ $second != 0 || ! -e $STATE/$NAME ]]
		over
	done
}

@test "update and update: both hold" {
	choose 10 3
	made run -d
	for ((; times > 0; times--)); do
		race update --memory "$((times + 40))M" "$NAME" +++ update --pids "$((times + 20))" "$NAME"
		same "0 0" "$first $second"
		good inspect "$NAME"
		matches "$output" "\"max\": *\"?$(((times + 40) * 1024 * 1024))"
		matches "$output" "\"max\": *\"?$((times + 20))"
	done
	over
}

@test "gc and the next one of that name" {
	choose 10 3
	for ((; times > 0; times--)); do
		made create
		good kill "$NAME" KILL
		wait_for has_ended
		race gc +++ run --name "$NAME" --rootfs "$ROOTFS" -- /bin/true
		same 0 "$first"
		# While gc is at it, the name is taken.
		one_of 0 125 "$second"
		[[ ! -e $STATE/$NAME ]]
	done
}

@test "gc while containers are made: it takes none of them" {
	local pid
	choose 10 3
	# Again and again, until it is told.
	while [[ ! -e enough ]]; do ctl -q gc || echo "$?" >>failed; done 3>&- &
	pid=$!
	STARTED+=("$pid")
	for ((; times > 0; times--)); do
		made run -d
		same running "$(listed)"
		good delete --force "$NAME"
		made create
		good delete --force "$NAME"
	done
	: >enough
	wait "$pid"
	[[ ! -e failed ]]
}

# ---- many

# Each waits for a line; all are written at once.
together='read -r x </mnt/go; exit 0'
release_all() {
	for ((i = 0; i < times; i++)); do echo; done >&"$GO"
}

all_run() {
	[[ $(ctl list | grep -c ' running ') == "$1" ]]
}

@test "many in the foreground at once" {
	local i pids=() began=$EPOCHREALTIME ready
	choose 200 30
	mkdir io
	mkfifo io/go
	exec {GO}<>io/go
	for ((i = 0; i < times; i++)); do
		ctl -q run --name "$NAME-$i" --rootfs "$ROOTFS" --volume "$TMP/io:/mnt" --memory 16M -- /bin/sh -c "$together" 3>&- \
			</dev/null 2>>errors &
		pids+=($!)
		STARTED+=($!)
	done
	DEADLINE=$((DEADLINE * 5)) wait_for all_run "$times"
	ready=$EPOCHREALTIME
	release_all
	for ((i = 0; i < times; i++)); do wait "${pids[i]}" || fail "exit status $?: $(<errors)" || return 1; done
	same '' "$(<errors)"
	same '' "$(ls "$STATE")"
	took "$times in the foreground run after" "$began" "$ready" "and are gone after" "$began" "$EPOCHREALTIME"
}

@test "many in the background at once" {
	local i pids=() began=$EPOCHREALTIME ready
	choose 200 30
	mkdir io
	mkfifo io/go
	exec {GO}<>io/go
	for ((i = 0; i < times; i++)); do
		ctl -q run -d --rm --name "$NAME-$i" --rootfs "$ROOTFS" --volume "$TMP/io:/mnt" -- /bin/sh -c "$together" 3>&- \
			</dev/null >/dev/null 2>>errors &
		pids+=($!)
	done
	for ((i = 0; i < times; i++)); do wait "${pids[i]}" || fail "exit status $?: $(<errors)" || return 1; done
	all_run "$times"
	ready=$EPOCHREALTIME
	release_all
	wait_for no_containers
	same '' "$(<errors)"
	took "$times in the background run after" "$began" "$ready" "and are gone after" "$began" "$EPOCHREALTIME"
}
no_containers() {
	[[ ! $(ctl list -q) ]]
}

# took WORDS FROM TO...: for people, in milliseconds.
took() {
	local line=''
	while (($#)); do
		line+=" $1 $((${3/./} / 1000 - ${2/./} / 1000)) ms"
		shift 3
	done
	echo "#$line" >&3
}

# What a process holds: descriptors, and kilobytes of memory that are its own.
holds() {
	local -a fds=("/proc/$1/fd"/*)
	echo "${#fds[@]} $(awk '/^(Private|Pss)_(Dirty|Anon):/ { sum += $2 } END { print sum }' "/proc/$1/smaps_rollup")"
}

@test "many one after another: nothing grows" {
	local i before after monitor cgroups began=$EPOCHREALTIME
	choose 1000 60
	made run -d
	monitor=$(awk '{ print $4 }' "/proc/$(pid_of)/stat")
	ctl exec "$NAME" -- /bin/true
	before=$(holds "$monitor")
	cgroups=$(our_cgroups)
	for ((i = 0; i < times; i++)); do
		"$CONTAIN" -q --root "$STATE" run --name "$NAME-x" --rootfs "$ROOTFS" -- /bin/true 3>&-
	done
	took "$times one after another took" "$began" "$EPOCHREALTIME"
	for ((i = 0; i < times / 10; i++)); do
		"$CONTAIN" -q --root "$STATE" exec "$NAME" /bin/true 3>&-
		"$CONTAIN" -q --root "$STATE" attach "$NAME" 3>&- </dev/null &
		wait_for attached "$monitor" "${before% *}"
		kill "$!" && wait "$!" || :
	done
	wait_for let_go "$monitor" "${before% *}"
	after=$(holds "$monitor")
	echo "# the monitor holds descriptors, and kB, before: $before, after: $after" >&3
	((${after#* } <= ${before#* } + 256))
	same "$cgroups" "$(our_cgroups)"
	same "$NAME" "$(ls "$STATE")"
	over
}
our_cgroups() {
	host_state | grep "^cgroup .*/contain-$NAME"
}
attached() {
	local -a fds=("/proc/$1/fd"/*)
	((${#fds[@]} > $2))
}
let_go() {
	local -a fds=("/proc/$1/fd"/*)
	((${#fds[@]} == $2))
}
