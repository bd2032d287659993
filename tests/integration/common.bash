# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154,SC2016,SC2119,SC2120 # variables of bats, and ours for the tests; scripts in quotes
# Shared by all tests: how to run contain, how to wait, and the look at the machine before and after each test.
#
# CONTAIN, CONTAIN_BUILD and CONTAIN_ROOTFS are given by CTest and by tests/vm. Each test has a folder of its own, $TMP,
# a state directory in it, $STATE, and a container name, $NAME. Nothing here or in a test sleeps to wait for an event.
bats_require_minimum_version 1.5.0
export LC_ALL=C
PROFILES=$CONTAIN_BUILD/etc/contain
HELPERS=$CONTAIN_BUILD/tests/integration
DEADLINE=${CONTAIN_DEADLINE:-40} # seconds: for what takes milliseconds, on a slow and busy machine

# On a developer's machine a test may be left out; where everything must work, it fails.
skip_or_fail() {
	[[ ! ${CONTAIN_MUST_WORK-} ]] || fail "$1"
	skip "$1"
}

fail() {
	printf '%s\n' "$@" >&2
	return 1
}

# same EXPECTED FOUND
same() {
	[[ $1 == "$2" ]] || fail "expected: $1" "found:    $2"
}

# has TEXT PART...: TEXT has each PART in it. lacks TEXT PART...: none of them.
has() {
	local part text=$1
	shift
	for part; do [[ $text == *"$part"* ]] || fail "'$part' is missing in: $text" || return 1; done
}
lacks() {
	local part text=$1
	shift
	for part; do [[ $text != *"$part"* ]] || fail "'$part' should not be in: $text" || return 1; done
}

# matches TEXT REGEX
matches() {
	[[ $1 =~ $2 ]] || fail "does not match '$2': $1"
}

# wait_for COMMAND...: until it succeeds.
wait_for() {
	local end=$((SECONDS + DEADLINE))
	until "$@"; do
		((SECONDS < end)) || fail "waited $DEADLINE seconds in vain for: $*" || return 1
		sleep 0.02
	done
}

# A process that has ended, also if nobody has reaped it.
is_dead() {
	local stat
	read -r stat 2>/dev/null <"/proc/$1/stat" || return 0
	stat=${stat##*) }
	[[ $stat == [ZX]* ]]
}

file_has() {
	grep -q -- "$2" "$1" 2>/dev/null
}

# ---- the cgroups of this machine

# cgroup_mount CONTROLLER: where its hierarchy is mounted; "unified" is the cgroup2 tree. Nothing if it is nowhere.
cgroup_mount() {
	local line tail point options
	while read -r line; do
		tail=${line#* - }
		read -r _ _ _ _ point _ <<<"$line"
		if [[ $tail == "cgroup2 "* ]]; then
			[[ $1 == unified ]] || grep -qsw "$1" "$point/cgroup.controllers" || continue
		elif [[ $tail == "cgroup "* ]]; then
			options=${tail##* }
			[[ ,$options, == *,$1,* ]] || continue
		else
			continue
		fi
		printf '%s\n' "$point"
		return
	done </proc/self/mountinfo
}

# 1, 2, or 0 for nowhere.
cgroup_version() {
	local mount
	mount=$(cgroup_mount "$1")
	if [[ ! $mount ]]; then
		echo 0
	elif [[ -e $mount/cgroup.controllers ]]; then
		echo 2
	else
		echo 1
	fi
}

# cgroup_file CONTROLLER FILE [NAME]: what it holds for the container.
cgroup_file() {
	cat "$(cgroup_mount "$1")/contain-${3-$NAME}/$2"
}

# no_processes CGROUP
no_processes() {
	[[ ! $(<"$1/cgroup.procs") ]]
}

# ---- the machine before and after

# A line for each thing that a container could leave behind. To be called in a subshell. It is done twice for each test, so
# it starts no process, and does without the trap with which bats follows each command.
host_state() {
	trap - DEBUG
	local line point place comm tail
	while read -r line; do
		printf 'mount %s\n' "$line"
		tail=${line#* - }
		if [[ $tail == cgroup* ]]; then
			read -r _ _ _ _ point _ <<<"$line"
			for place in "$point"/contain-* "$point"/contain-*/contain-*; do
				[[ ! -d $place ]] || printf 'cgroup %s\n' "$place"
			done
		fi
	done </proc/self/mountinfo
	for place in /run/contain/*; do [[ ! -e $place ]] || printf 'state %s\n' "$place"; done
	for place in /run/contain-veth{,/*}; do [[ ! -e $place ]] || printf 'lease %s\n' "$place"; done
	for place in /sys/class/net/*; do printf 'link %s\n' "$place"; done
	for place in /proc/[0-9]*; do
		# Those of the kernel have none.
		[[ -e $place/exe ]] || continue
		comm=''
		{ read -r comm <"$place/comm"; } 2>/dev/null || continue
		if [[ $comm == contain || $place/exe -ef $CONTAIN || $place/exe -ef $ROOTFS/bin/busybox ]]; then
			is_dead "${place#/proc/}" || printf 'process %s %s\n' "${place#/proc/}" "$comm"
		fi
	done
	printf 'hostname %s\n' "$(</proc/sys/kernel/hostname)"
}

# Into left: what is there now and was not before, and what has gone that nobody may touch.
compare_host() {
	local line
	local -A before=() now=()
	while IFS= read -r line; do before[$line]=1; done <<<"$BEFORE"
	left=()
	while IFS= read -r line; do
		now[$line]=1
		[[ ${before[$line]-} ]] || left["new: $line"]=1
	done < <(host_state)
	for line in "${!before[@]}"; do
		case $line in
		mount* | link* | hostname*) [[ ${now[$line]-} ]] || left["gone: $line"]=1 ;;
		esac
	done
}

# What bears this test's name must be gone at once. Others may use this machine too, and what is theirs comes and goes:
# so of the rest only what stays for long is held against contain.
check_host() {
	local line end=$((SECONDS + 20))
	local -A left=() stays=()
	local first=1
	while [[ $(host_state) != "$BEFORE" ]]; do
		compare_host
		for line in "${!left[@]}"; do
			[[ $line != *"$NAME"* && $line != *"$TMP"* ]] || fail "left behind: $line" || return 1
			[[ ! $first ]] || stays[$line]=1
		done
		for line in "${!stays[@]}"; do [[ ${left[$line]-} ]] || unset "stays[$line]"; done
		first=''
		((${#stays[@]})) || break
		((SECONDS < end)) || fail "left behind:" "${!stays[@]}" || return 1
		sleep 0.05
	done
	for line in "$STATE"/*; do [[ ! -e $line ]] || fail "left behind: $line" || return 1; done
}

setup() {
	((EUID == 0)) || skip_or_fail "needs root"
	TMP=$BATS_TEST_TMPDIR
	ROOTFS=$CONTAIN_ROOTFS
	STATE=$TMP/state
	# Letters in it, so that it is part of no other number in the system.
	NAME=it$BASHPID-$BATS_TEST_NUMBER
	STARTED=()
	unset "${!CONTAIN_PLUGIN@}"
	BEFORE=$(host_state)
	cd "$TMP" || return
}

teardown() {
	local pid end
	[[ ${TMP-} ]] || return 0
	for pid in "${STARTED[@]}"; do
		# Only what a failed test left running.
		if ! is_dead "$pid"; then
			printf 'still running: %s\n' "$pid" >&2
			end=$((SECONDS + DEADLINE))
			# Twice is meant.
			until is_dead "$pid" || ((SECONDS > end)); do
				kill -TERM "$pid" 2>/dev/null
				sleep 0.5
			done
			is_dead "$pid" || kill -KILL "$pid"
		fi
	done
	cd / || return
	check_host
}

# ---- running contain

# contain_run [FLAGS] -- COMMAND
contain_run() {
	"$CONTAIN" --root "$STATE" run --name "$NAME" --rootfs "$ROOTFS" "$@"
}

# attempt COMMAND...: its exit status, output and messages are in $status, $output and $stderr.
attempt() {
	status=0
	"$@" >"$TMP/.output" 2>"$TMP/.stderr" 3>&- || status=$?
	output=$(<"$TMP/.output")
	stderr=$(<"$TMP/.stderr")
	# bash tells of a job that was killed whenever it notices.
	[[ $stderr != *': line '* ]] || stderr=$(sed -E '/: line [0-9]+: +[0-9]+ (Killed|Terminated|Hangup) /d' "$TMP/.stderr")
}

# inside [FLAGS] -- COMMAND: succeeds, without messages; what it prints is in $output.
inside() {
	attempt contain_run -q "$@"
	[[ $status == 0 && ! $stderr ]] || fail "exit status $status" "output: $output" "messages: $stderr"
}

# inside_sh SCRIPT [FLAGS]
inside_sh() {
	local script=$1
	shift
	inside "$@" -- /bin/sh -c "$script"
}

# refused WORDS COMMAND...: contain ends with 125 and one error, of one line, that has each of the words (split at '|').
refused() {
	local -a words errors
	IFS='|' read -r -a words <<<"$1"
	shift
	attempt "$@"
	[[ $status == 125 ]] || fail "exit status $status instead of 125" "output: $output" "messages: $stderr" || return 1
	mapfile -t errors < <(grep '^\[contain\] error: ' <<<"$stderr")
	((${#errors[@]} == 1)) || fail "${#errors[@]} errors instead of one:" "$stderr" || return 1
	! grep -qv '^\[contain\] ' <<<"$stderr" || fail "other lines: $stderr" || return 1
	[[ ! $output ]] || fail "output: $output" || return 1
	has "${errors[0]}" "${words[@]}"
}

# start [FLAGS] -- COMMAND: in the background, as $PID; output and messages are kept in files of these names.
start() {
	# A shell lets what it starts in the background ignore INT and QUIT, and what is ignored stays so.
	env --default-signal "$CONTAIN" --root "$STATE" run --name "$NAME" --rootfs "$ROOTFS" "$@" >"$TMP/output" 2>"$TMP/messages" 3>&- &
	PID=$!
	STARTED+=("$PID")
}

# hold [FLAGS]: start a container whose command waits for release, and return when it runs. Its first process is $INIT.
# HELD may be set to what the command's shell does before.
hold() {
	local word io
	io=$(mktemp -d "$TMP/io.XXXX")
	chmod 777 "$io"
	mkfifo -m 666 "$io/ready" "$io/go"
	exec {READY}<>"$io/ready" {GO}<>"$io/go"
	start --volume "$io:/mnt" "$@" -- /bin/sh -c "${HELD:-:}; "'echo ready >/mnt/ready; read -r word </mnt/go; eval "$word"'
	read -r -t "$DEADLINE" word <&"$READY" || fail "the container did not start:" "$(<"$TMP/messages")" || return 1
	INIT=$(first_process)
}

# tell SCRIPT: what the held command does next.
tell() {
	printf '%s\n' "$1" >&"$GO"
}

# tell_and_hear SCRIPT: a line of what it does, its first, is in $heard; then the command is held again.
tell_and_hear() {
	tell "{ $1; } >/mnt/ready; "'read -r word </mnt/go; eval "$word"'
	read -r -t "$DEADLINE" heard <&"$READY" || fail "no answer to: $1"
}

# release [SCRIPT]: the held command does it and ends; the exit status of contain is $status.
release() {
	tell "${1-exit 0}"
	end_of_start
}

end_of_start() {
	wait_for is_dead "$PID"
	status=0
	wait "$PID" || status=$?
}

# hold_in HOOK [FLAGS]: start a container that waits in this hook of the last plugin, probe-last; proceed lets it go on.
hold_in() {
	local word hook=$1
	shift
	[[ -e $TMP/fifo ]] || mkfifo "$TMP/fifo" "$TMP/fifo.at"
	exec {AT}<>"$TMP/fifo.at"
	start --plugin-dir "$HELPERS/plugins" --enable probe-last --set probe-last.quiet=yes --set "probe-last.hold=$hook" \
		--set "probe-last.fifo=$TMP/fifo" "$@"
	read -r -t "$DEADLINE" word <&"$AT" || fail "did not reach $hook:" "$(<"$TMP/messages")" || return 1
	INIT=$(first_process)
}
proceed() {
	echo >"$TMP/fifo"
	end_of_start
}

# first_process [NAME]: the pid of the container's first process, from its record.
first_process() {
	sed -n 's/^+\. pid \([0-9]*\) .*/\1/p' "$STATE/${1-$NAME}/record"
}

# A copy of the root file system, to be changed: from now on it is $ROOTFS.
own_rootfs() {
	cp -a "$CONTAIN_ROOTFS" "$TMP/rootfs"
	ROOTFS=$TMP/rootfs
}

# profile LINE...: a profile of these lines, $TMP/test.ini
profile() {
	printf '%s\n' "$@" >"$TMP/test.ini"
}

# private COMMAND...: bash runs these lines in a mount namespace of its own, so that it may change what is mounted.
private() {
	unshare -m --propagation private bash -euo pipefail -c "$@"
}
