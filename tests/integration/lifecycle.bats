#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# bats file_tags=host
# shellcheck disable=SC2154,SC2016,SC2030,SC2031,SC2153,SC2317 # variables of bats; scripts of the container in quotes
# From create to delete: each command, and what list tells in between.
load common
load life

COMMANDS=(run create start list state inspect exec kill stop wait logs attach ps stats pause resume update delete gc)

# to_start [FLAGS] [-- COMMAND]: a created container whose command, if none is given, makes the file $IO/ran and waits.
to_start() {
	pipes
	made_by create --volume "$IO:/mnt" "$@"
	INIT=$(pid_of)
}
waiter=(-- /bin/sh -c 'echo ready >/mnt/ready; read -r word </mnt/go; eval "$word"')

heard_ready() {
	read -r -t "$DEADLINE" word <&"$READY" || fail 'the command did not start'
}

# ended: the first process is dead.
ended() {
	[[ $(pid_of) == 0 ]]
}

@test "each command has its help, and is in that of contain" {
	local name help
	help=$("$CONTAIN" --help)
	for name in "${COMMANDS[@]}"; do
		attempt "$CONTAIN" "$name" --help
		same '0 ' "$status $stderr"
		has "$output" "Usage: contain $name"
		same "$output" "$("$CONTAIN" help "$name")"
		same "$output" "$("$CONTAIN" --help "$name")"
		matches "$help" "  $name +[a-z]"
	done
	for name in ls rm unpause; do matches "$("$CONTAIN" "$name" --help)" "contain $name "; done
}

@test "a container that is not there, a name that is none: one error that says so" {
	local name
	for name in start state inspect kill stop wait logs attach ps stats pause resume delete; do
		refused "there is no container '$NAME' in $STATE|contain list" ctl "$name" "$NAME"
		refused "'../x' is no name of a container" ctl "$name" ../x
	done
	refused "there is no container '$NAME'" ctl exec "$NAME" -- /bin/true
	refused "there is no container '$NAME'" ctl update "$NAME" --memory 64M
	refused "there is no container '$NAME'" ctl delete --force "$NAME"
	[[ ! -e $STATE ]]
}

@test "too few and too many words, and flags that are unknown: how it is meant" {
	local name
	for name in start state inspect kill stop wait logs attach ps pause resume delete; do
		refused "contain $name|ID" ctl "$name"
	done
	refused 'contain exec|ID' ctl exec "$NAME"
	refused 'no container given|contain update ID FLAGS' ctl update
	for name in state attach logs ps; do refused "'b' is one argument too many" ctl "$name" a b; done
	refused "'c' is one argument too many" ctl kill a TERM c
	refused "'a' is one argument too many" ctl list a
	refused "'a' is one argument too many" ctl gc a
	refused "--jsn|--json" ctl list --jsn
	refused "--forse|--force" ctl delete --forse a
	refused "--time" ctl stop --time soon a
	refused "--time" ctl stop --time -1 a
}

@test "list of nothing: its head alone, no ids, an empty array" {
	good list
	same 1 "$(wc -l <<<"$output")"
	matches "$output" '^ID +PID +STATUS +CREATED +UPTIME +COMMAND$'
	good list -q
	same '' "$output"
	good ls --json
	same '[]' "$(jq -c . <<<"$output")"
}

# ---- create and start

# bats test_tags=kernel
@test "create: all is set up, and the command waits for start; no process of contain stays" {
	local word parent
	to_start --memory 64M "${waiter[@]}"
	told created
	same 64M "$(numfmt --to=iec "$(ctl inspect "$NAME" | jq '.profile.plugins[] | select(.name == "cgroup-memory").options.max')")"
	same 1 "$(ctl ps --json "$NAME" | jq length)"
	read -r parent < <(sed -n 's/^PPid:\t//p' "/proc/$INIT/status")
	[[ ! /proc/$parent/exe -ef $CONTAIN ]] || fail 'contain still runs'
	good start "$NAME"
	same '' "$output"
	heard_ready
	told running
	same "$INIT" "$(pid_of)"
	read -r parent < <(sed -n 's/^PPid:\t//p' "/proc/$INIT/status")
	[[ ! /proc/$parent/exe -ef $CONTAIN ]] || fail 'contain still runs'
	tell 'exit 3'
	wait_for ended
	# Nobody of ours saw it.
	told 'stopped (?)'
	good delete "$NAME"
	same '' "$(ctl list -q)"
}

@test "create prints the id alone, and makes one up" {
	attempt ctl create --rootfs "$ROOTFS" -- /bin/true
	same 0 "$status"
	matches "$output" '^[0-9a-f]{12}$'
	same "$output" "$(ctl list -q)"
	has "$stderr" 'pivoting root'
	lacks "$stderr" 'running: '
}

@test "the command has the standard input and output of create" {
	echo 'a line' >input
	ctl -q create --name "$NAME" --rootfs "$ROOTFS" -- /bin/sh -c 'cat; echo error >&2; exit 1' <input >output 2>error
	same "$NAME" "$(<output)"
	ctl -q start "$NAME" </dev/null
	wait_for file_has error error
	same "$NAME"$'\na line' "$(<output)"
}

@test "a command that is not there is found by create, one whose interpreter is not there by start" {
	attempt ctl -q create --name "$NAME" --rootfs "$ROOTFS" -- nonesuch
	same 127 "$status"
	has "$stderr" "command not found: 'nonesuch'"
	attempt ctl -q create --name "$NAME" --rootfs "$ROOTFS" -- /etc
	same 126 "$status"
	has "$stderr" "can't execute '/etc'"
	same '' "$(ctl list -q)"
	own_rootfs
	printf '#!/nonesuch\n' >"$ROOTFS/script"
	printf 'no program' >"$ROOTFS/noise"
	chmod +x "$ROOTFS/script" "$ROOTFS/noise"
	made_by create -- /script
	attempt ctl -q start "$NAME"
	same 127 "$status"
	has "$stderr" "can't execute '/script'" interpreter
	wait_for ended
	same stopped "$(ctl state "$NAME" | jq -r .status)"
	good delete "$NAME"
	made_by create -- /noise
	attempt ctl -q start "$NAME"
	same 126 "$status"
	has "$stderr" "can't execute '/noise'"
	good delete --force "$NAME"
}

@test "start: of one that runs, and of one that has stopped" {
	background
	refused "'$NAME' is running, not created" ctl start "$NAME"
	tell 'exit 0'
	good wait "$NAME"
	refused "'$NAME' is stopped, not created" ctl start "$NAME"
}

@test "start of several: each has its turn, also behind one that fails" {
	to_start "${waiter[@]}"
	attempt ctl -q start "$NAME-none" "$NAME"
	same 125 "$status"
	heard_ready
	told running
}

@test "a failing hook of start ends the container, and delete removes it" {
	made_by create --plugin-dir "$HELPERS/plugins" --enable probe --set probe.quiet=yes --set probe.fail=child_seal -- /bin/true
	attempt ctl -q start "$NAME"
	same 125 "$status"
	has "$stderr" 'probe: told to fail in child_seal'
	wait_for ended
	good delete "$NAME"
}

@test "a name that is in use: by a created one, a running one, a stopped one" {
	local name_in_use=(contain_run -- /bin/true)
	made_by create -- /bin/true
	refused "$NAME" "${name_in_use[@]}"
	refused "$NAME" ctl create --name "$NAME" --rootfs "$ROOTFS" -- /bin/true
	told created
	good delete -f "$NAME"
	background
	refused "$NAME" "${name_in_use[@]}"
	told running
	tell 'exit 4'
	good wait "$NAME"
	refused "$NAME" "${name_in_use[@]}"
	told 'stopped (4)'
	good delete "$NAME"
	inside -- /bin/true
}

# ---- list, state, inspect

@test "the status, from running to stopped, as every command tells it" {
	background
	told running
	good pause "$NAME"
	told paused
	good resume "$NAME"
	told running
	tell 'exit 3'
	good wait "$NAME"
	same 3 "$output"
	told 'stopped (3)'
}

@test "list tells also what runs in the foreground, and then no more" {
	hold
	told running
	same "$INIT" "$(pid_of)"
	same "$NAME" "$(ctl list -q)"
	release
	same '' "$(ctl list -q)"
}

@test "list: a command is shown without control characters, and not at any length" {
	local row
	made_by create -- /bin/true $'a\nb\033[31m' "$(printf 'x%.0s' {1..200})"
	good list
	same 2 "$(wc -l <<<"$output")"
	row=$(tail -n 1 <<<"$output")
	matches "$row" "^$NAME +$(pid_of) +created +20[0-9-]+ [0-9:]+ +- +/bin/true"
	lacks "$output" $'\033'
	((${#row} < 160)) || fail "too long: $row"
	same $'a\nb\033[31m' "$(ctl list --json | jq -r '.[0].command[1]')"
}

@test "list --json: times, and what is not known is null" {
	background
	ctl list --json | jq -e '.[0] | (.created | test("^20.*Z$")) and (.started >= .created) and .ended == null and
		.exit_status == null and .command[0] == "/bin/sh" and .abandoned == false and .pid > 0' || fail "$(ctl list --json)"
	tell 'exit 0'
	good wait "$NAME"
	ctl list --json | jq -e '.[0] | .ended >= .started and .exit_status == 0 and .pid == 0' || fail "$(ctl list --json)"
}

@test "state is that of the OCI runtime specification" {
	made_by create -- /bin/true
	ctl state "$NAME" | jq -e --arg id "$NAME" '(.ociVersion | test("^1\\.")) and .id == $id and .status == "created" and
		.pid > 0 and (.bundle | startswith("/"))' || fail "$(ctl state "$NAME")"
}

@test "inspect: the resolved profile, the command, its namespaces and cgroups" {
	local json cgroup
	background --memory 64M --env A=b --hostname here
	good inspect "$NAME"
	json=$output
	same '/bin/sh A=b here 67108864 true' "$(jq -r '[.command[0], (.environment[] | select(. == "A=b")),
		(.profile.plugins[] | select(.name == "utsns").options.hostname, select(.name == "cgroup-memory").options.max),
		.detached] | map(tostring) | join(" ")' <<<"$json")"
	same 'pid uts mnt ipc cgroup net' "$(jq -r '.namespaces | join(" ")' <<<"$json")"
	while read -r cgroup; do
		has "$(<"$cgroup/cgroup.procs")" "$INIT"
	done < <(jq -r '.cgroups[]' <<<"$json")
	jq -e '.usage.memory_bytes > 0 and .usage.memory_limit_bytes == 67108864 and .usage.cpu_time_usec > 0' <<<"$json" || fail "$json"
}

@test "a plugin that others can write to by now is not loaded again, and no descriptor is taken for another" {
	local dir=$TMP/plugins
	mkdir "$dir"
	cp "$HELPERS/plugins/probe.so" "$dir"
	# For the variable the configuration is saved once more, with the descriptors that were passed by then.
	made_by run --plugin-dir "$dir" --enable probe --set probe.quiet=yes --set probe.early=bird -- /bin/sleep 1000
	good exec "$NAME" /bin/sh -c 'echo $EARLY'
	same bird "$output"
	chmod g+w "$dir/probe.so"
	refused 'probe|can be written by others' ctl inspect "$NAME"
	# Leaks are looked for by ptrace(2), which strace uses itself.
	ASAN_OPTIONS=detect_leaks=0 refused 'probe|can be written by others' strace -f -o "$TMP/calls" "$CONTAIN" --root "$STATE" inspect "$NAME"
	! grep 'EBADF' "$TMP/calls" || fail "a descriptor was closed twice"
	chmod g-w "$dir/probe.so"
	good inspect "$NAME"
}

@test "inspect of several, one of which is not there" {
	made_by create -- /bin/true
	attempt ctl inspect "$NAME" "$NAME-none"
	same 125 "$status"
	same "$NAME" "$(jq -r .id <<<"$output")"
	has "$stderr" "no container '$NAME-none'"
}

# ---- kill, stop, wait

# A command that says which signals come, and ends at TERM with 9.
trapper='for s in HUP INT USR1 USR2 RTMIN; do trap "echo $s >/mnt/ready" $s; done; trap "exit 9" TERM; echo ready >/mnt/ready
	while :; do sleep 1000 & wait $!; kill $! 2>/dev/null; done'

@test "kill: a signal by its name, number or flag; TERM if none is given" {
	local word
	pipes
	made_by run --volume "$IO:/mnt" -- /bin/sh -c "$trapper"
	heard_ready
	sent() {
		good kill "$NAME" "${@:2}"
		read -r -t "$DEADLINE" word <&"$READY" || fail "nothing came of: ${*:2}"
		same "$1" "$word"
	}
	sent USR1 USR1
	sent USR2 SIGUSR2
	sent INT int
	sent HUP 1
	sent USR1 --signal USR1
	sent USR2 -s 12
	told running
	good kill "$NAME"
	good wait "$NAME"
	same 9 "$output"
	refused "'$NAME' is not running" ctl kill "$NAME"
	refused "'$NAME' is not running" ctl kill --all "$NAME" KILL
}

@test "kill: what is no signal, and of one that is not there" {
	background
	for word in NONE 0 -1 65 999 SIG '' RTMIN+99 9x; do refused "'$word' is no signal" ctl kill "$NAME" -- "$word"; done
	refused 'is no signal' ctl kill --signal NONE "$NAME"
	told running
}

@test "kill KILL ends it, and wait knows the signal" {
	background
	good kill "$NAME" KILL
	good wait "$NAME"
	same 137 "$output"
	told 'stopped (137)'
}

# bats test_tags=kernel
@test "kill --all: each process gets the signal" {
	local word
	FIRST='for i in 1 2; do (trap "echo gone >/mnt/ready; exit" TERM; echo up >/mnt/ready; while :; do sleep 1; done) & done'
	pipes
	made_by run --volume "$IO:/mnt" -- /bin/sh -c "trap 'wait; exit 5' TERM; $FIRST; wait; wait"
	for word in 1 2; do read -r -t "$DEADLINE" word <&"$READY" || fail 'not up'; done
	good kill --all "$NAME"
	for _ in 1 2; do
		read -r -t "$DEADLINE" word <&"$READY"
		same gone "$word"
	done
	good wait "$NAME"
	same 5 "$output"
}

# bats test_tags=kernel
@test "kill --all KILL, also where the command has no pid namespace" {
	local other
	background --disable pidns --disable proc
	tell_and_hear 'sleep 1000 </dev/null >/dev/null 2>&1 & echo $!'
	other=$heard
	! is_dead "$other" || fail 'it has ended'
	good kill --all "$NAME" KILL
	good wait "$NAME"
	same 137 "$output"
	wait_for is_dead "$other"
}

@test "stop: asks by TERM, and waits for the end" {
	local word
	pipes
	made_by run --volume "$IO:/mnt" -- /bin/sh -c "$trapper"
	heard_ready
	good stop "$NAME"
	told 'stopped (9)'
	# Once more is what it is already.
	good stop "$NAME"
}

@test "stop: at once if the command does not catch the signal" {
	made_by run -- /bin/sleep 1000
	attempt timeout "$DEADLINE" "$CONTAIN" --root "$STATE" stop --time 1000 "$NAME"
	same 0 "$status"
	has "$stderr" "'$NAME' does not catch the signal"
	told 'stopped (137)'
}

# bats test_tags=kernel
@test "stop: kills what does not end in time" {
	local word
	pipes
	made_by run --volume "$IO:/mnt" -- /bin/sh -c \
		'trap "echo asked >/mnt/ready" TERM; echo ready >/mnt/ready; while :; do sleep 1000 & wait $!; done'
	heard_ready
	good stop --time "$([[ ! ${CONTAIN_VM-} ]] && echo 1 || echo 5)" "$NAME"
	read -r -t "$DEADLINE" word <&"$READY"
	same asked "$word"
	told 'stopped (137)'
}

@test "stop: what cleans up is not killed because it catches the signal no more" {
	local word
	pipes
	made_by run --volume "$IO:/mnt" -- /bin/sh -c \
		'trap "trap - TERM; echo cleaning >/mnt/ready; read -r word </mnt/go; exit 8" TERM; echo ready >/mnt/ready
		while :; do sleep 1000 & wait $!; done'
	heard_ready
	good_stop() { good stop --time 1000 "$NAME"; }
	good_stop &
	STARTED+=("$!")
	read -r -t "$DEADLINE" word <&"$READY"
	same cleaning "$word"
	tell on
	wait "$!"
	told 'stopped (8)'
}

@test "stop: by another signal" {
	local word
	pipes
	made_by run --volume "$IO:/mnt" -- /bin/sh -c 'trap "exit 6" USR1; echo ready >/mnt/ready; while :; do sleep 1000 & wait $!; done'
	heard_ready
	good stop --signal USR1 --time 1000 "$NAME"
	told 'stopped (6)'
	refused '--signal|is no signal' ctl stop --signal NONE "$NAME"
}

@test "stop: of one that is only created, and of several" {
	made_by create -- /bin/true
	attempt timeout "$DEADLINE" "$CONTAIN" -q --root "$STATE" stop --time 1000 "$NAME-none" "$NAME"
	same 125 "$status"
	has "$stderr" "no container '$NAME-none'"
	told 'stopped (?)'
}

@test "stop returns when the teardown is done" {
	background --memory 64M
	good stop "$NAME"
	no_cgroups || fail 'cgroups are left'
}

# bats test_tags=kernel
@test "wait waits, and prints the exit status of each" {
	local pid
	background
	"$CONTAIN" --root "$STATE" wait "$NAME" "$NAME" >waited 3>&- &
	pid=$!
	STARTED+=("$pid")
	wait_for is_at "$pid"
	! is_dead "$pid" || fail 'it has ended'
	tell 'exit 42'
	wait "$pid"
	same $'42\n42' "$(<waited)"
	good wait "$NAME"
	same 42 "$output"
}

@test "wait for one in the foreground, whose state is gone when it has ended" {
	local pid
	hold
	"$CONTAIN" --root "$STATE" wait "$NAME" >waited 3>&- &
	pid=$!
	STARTED+=("$pid")
	wait_for is_at "$pid"
	release 'exit 7'
	wait "$pid"
	same '7 7' "$status $(<waited)"
}

# ---- pause, resume, update

# frozen: the kernel says so of the container.
frozen() {
	local mount
	mount=$(cgroup_mount unified)
	if [[ $mount ]]; then
		grep -q '^frozen 1$' "$mount/contain-$NAME/cgroup.events"
	else
		[[ $(cgroup_file freezer freezer.state) == FROZEN ]]
	fi
}

# bats test_tags=kernel
@test "pause: nothing of it runs; resume: it goes on" {
	background
	good pause "$NAME"
	frozen || fail 'not frozen when pause has returned'
	told paused
	tell 'echo on >/mnt/ready; exit 3'
	# Twice is what it is already.
	good pause "$NAME"
	refused "'$NAME' is paused|resume" ctl exec "$NAME" -- /bin/true
	refused "'$NAME' is paused|stop it first|--force" ctl delete "$NAME"
	frozen
	good unpause "$NAME"
	read -r -t "$DEADLINE" word <&"$READY"
	same on "$word"
	good wait "$NAME"
	same 3 "$output"
	refused "'$NAME' is not running" ctl pause "$NAME"
	refused "'$NAME' is not running" ctl resume "$NAME"
}

@test "resume of one that is not paused is no error; of one that is created it is" {
	background
	good resume "$NAME"
	told running
	good delete --force "$NAME"
	made_by create -- /bin/true
	refused "'$NAME' is created, not running" ctl pause "$NAME"
	refused "'$NAME' is created, not running" ctl resume "$NAME"
}

# bats test_tags=kernel
@test "a paused container can be killed, stopped, and deleted by force" {
	local word
	background
	good pause "$NAME"
	good kill "$NAME" KILL
	good wait "$NAME"
	same 137 "$output"
	good delete "$NAME"
	pipes
	made_by run --volume "$IO:/mnt" -- /bin/sh -c "$trapper"
	heard_ready
	good pause "$NAME"
	good stop "$NAME"
	told 'stopped (9)'
	good delete "$NAME"
	background
	good pause "$NAME"
	good delete --force "$NAME"
	same '' "$(ctl list -q)"
}

@test "a container in the foreground can be paused and go on" {
	hold
	good pause "$NAME"
	told paused
	good resume "$NAME"
	release 'exit 2'
	same 2 "$status"
}

memory_limit() {
	if [[ $(cgroup_version memory) == 2 ]]; then
		cgroup_file memory memory.max
	else
		cgroup_file memory memory.limit_in_bytes
	fi
}

# bats test_tags=kernel
@test "update: limits change while it runs, and inspect tells the new ones" {
	background --memory 64M --pids 100 --cpu 50000
	good update "$NAME" --memory 32M --pids 50
	same '33554432 50' "$(memory_limit) $(cgroup_file pids pids.max)"
	good update --memory 128M "$NAME"
	same 134217728 "$(memory_limit)"
	good update "$NAME" --set cgroup-pids.max=max --cpu 0.25
	same max "$(cgroup_file pids pids.max)"
	if [[ $(cgroup_version cpu) == 2 ]]; then
		same '25000 100000' "$(cgroup_file cpu cpu.max)"
	else
		same 25000 "$(cgroup_file cpu cpu.cfs_quota_us)"
	fi
	same 134217728 "$(ctl inspect "$NAME" | jq '.profile.plugins[] | select(.name == "cgroup-memory").options.max')"
	same 134217728 "$(ctl inspect "$NAME" | jq .usage.memory_limit_bytes)"
}

# bats test_tags=kernel
@test "update: a limit that was not there before" {
	background
	good update "$NAME" --memory 64M
	same 67108864 "$(memory_limit)"
	good update "$NAME" --pids 30
	same 30 "$(cgroup_file pids pids.max)"
}

# bats test_tags=kernel
@test "update: mistakes are told, and nothing has changed" {
	background --memory 64M --pids 100 --hostname here
	refused 'nothing to change|--memory' ctl update "$NAME"
	refused "--memory|64Q" ctl update "$NAME" --memory 64Q
	refused "hostname can't change while the container runs" ctl update "$NAME" --hostname there
	refused "rootfs can't change while the container runs" ctl update "$NAME" --set mountns.rootfs=/
	refused "no plugin 'hooks'" ctl update "$NAME" --set hooks.x=1
	refused "no key 'mx'|max" ctl update "$NAME" --set cgroup-memory.mx=1
	refused "--memry|--memory" ctl update "$NAME" --memry 32M
	refused "'x' is one argument too many" ctl update "$NAME" x --memory 32M
	# The first of them holds for a moment.
	attempt ctl -q update "$NAME" --pids 50 --memory 4K
	same 125 "$status"
	same '67108864 100' "$(memory_limit) $(cgroup_file pids pids.max)"
	same '67108864 100' "$(ctl inspect "$NAME" | jq -r '[.profile.plugins[].options.max // empty] | join(" ")')"
}

@test "update: of a paused one, of a created one, and not of a stopped one" {
	background --pids 100
	good pause "$NAME"
	good update "$NAME" --pids 90
	same 90 "$(cgroup_file pids pids.max)"
	good resume "$NAME"
	good stop "$NAME"
	refused "'$NAME' is not running" ctl update "$NAME" --pids 80
	good delete "$NAME"
	made_by create --pids 100 -- /bin/true
	good update "$NAME" --pids 90
	same 90 "$(cgroup_file pids pids.max)"
}

@test "update: the report of one in the foreground has the figures that hold" {
	hold --memory 64M --report "$TMP/report"
	good update "$NAME" --memory 128M
	release 'head -c 80m /dev/zero | tail | wc -c >/dev/null'
	same 0 "$status"
	jq -e '.oom_kills == 0' report
}

# ---- delete, gc

# bats test_tags=kernel
@test "delete: not what runs, unless by force" {
	background
	refused "'$NAME' is running|stop it first|--force" ctl delete "$NAME"
	told running
	good delete --force "$NAME"
	same '' "$(ctl list -q)"
	is_dead "$INIT"
	no_cgroups || fail 'cgroups are left'
}

@test "delete: one that is created only by force" {
	made_by create -- /bin/true
	INIT=$(pid_of)
	refused "'$NAME' is created|--force" ctl delete "$NAME"
	told created
	good delete -f "$NAME"
	is_dead "$INIT"
	same '' "$(ctl list -q)"
}

@test "delete --force of one in the foreground: its contain ends as if it was killed" {
	hold
	good delete --force "$NAME"
	same '' "$(ctl list -q)"
	end_of_start
	same 137 "$status"
}

@test "delete of several: each has its turn" {
	made_by run -- /bin/true
	good wait "$NAME"
	attempt ctl rm "$NAME-none" "$NAME"
	same 125 "$status"
	has "$stderr" "no container '$NAME-none'"
	same '' "$(ctl list -q)"
}

@test "gc: nothing of what lives or was kept; --stopped also what was kept" {
	background
	good gc
	good gc --stopped
	told running
	tell 'exit 1'
	good wait "$NAME"
	good gc
	told 'stopped (1)'
	good gc --stopped
	same '' "$(ctl list -q)"
	made_by create -- /bin/true
	good gc --stopped
	told created
}

# bats test_tags=kernel
@test "gc: what a killed contain has left" {
	hold --memory 64M --disable pidns --disable proc
	kill -KILL "$PID"
	wait_for is_dead "$PID"
	# Without a pid namespace the command lives on, or dies with its parent; in any case nobody takes care of it.
	attempt ctl gc
	same 0 "$status"
	has "$stderr" "removing what was left of the container '$NAME'"
	same '' "$(ctl list -q)"
	wait_for is_dead "$INIT"
	no_cgroups || fail 'cgroups are left'
}

@test "gc: a created one that was started and has ended, which nobody saw" {
	made_by create -- /bin/true
	good start "$NAME"
	wait_for ended
	told 'stopped (?)'
	good gc
	same '' "$(ctl list -q)"
}
