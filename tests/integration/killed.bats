#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# bats file_tags=host
# shellcheck disable=SC2154,SC2034,SC2153,SC2030,SC2031 # variables of bats and of inject.bash
# SIGKILL to a process of ours, at any moment: list tells the truth, the name can be used again at once, and gc brings the
# host back to what it was. First in the middle of each hook, where the plugin probe waits and has left files on the host,
# so that a teardown by gc is seen; then at every system call.
load common
load life
load inject

# The hooks of what a failed test leaves wait once more, when it is deleted.
eval "delete_and_$(declare -f teardown)"
teardown() {
	local place fifo
	if [[ -p ${TMP-}/fifo ]]; then
		exec {fifo}<>"$TMP/fifo"
		for place in "$STATE"/*; do echo; done >&"$fifo"
	fi
	delete_and_teardown
}

# probe HOOK [PLUGIN]: from now on containers wait in this hook. Its flags are in $probe; $name and so on are for inject.bash.
probe() {
	local option plugin=${2-probe-last}
	hook=$1 name=$NAME root=$STATE base=$TMP/x wrong=''
	find_cgroups
	rm -f fifo fifo.at
	mkfifo fifo fifo.at
	exec {AT}<>fifo.at {FIFO}<>fifo
	probe=(--plugin-dir "$HELPERS/plugins" --enable "$plugin")
	for option in "hold=$hook" "fifo=$TMP/fifo" "leave=$TMP/left" quiet=yes; do probe+=(--set "$plugin.$option"); done
}

# background COMMAND...: of contain, as $PID. new COMMAND...: one that makes a container.
background() {
	"$CONTAIN" --root "$STATE" "$@" >"$TMP/output" 2>"$TMP/messages" </dev/null 3>&- &
	PID=$!
	STARTED+=("$PID")
}
new() {
	local command=$1
	shift
	alone=''
	case $command in
	detached) command=run && set -- -d "$@" ;;
	create) alone=1 ;;
	esac
	background "$command" --name "$NAME" --rootfs "$ROOTFS" "${probe[@]}" "${LIMITS[@]}" "$@"
}

# Until the hook waits. $INIT is the first process, if there is one.
reached() {
	local word
	read -r -t "$DEADLINE" word <&"$AT" || fail "$hook was not reached:" "$(<"$TMP/messages")" || return 1
	INIT=''
	[[ ! -e $STATE/$NAME/record ]] || INIT=$(first_process)
}
go_on() {
	echo >&"$FIFO"
}

# The process that the one of this pid has made, which is the monitor.
child_of() {
	local stat line
	for stat in /proc/[0-9]*/stat; do
		read -r line 2>/dev/null <"$stat" || continue
		[[ ${line##*) } != ?" $1 "* ]] || { stat=${stat#/proc/} && echo "${stat%/stat}" && return; }
	done
}

# killed PID...: and they are dead.
killed() {
	local pid
	kill -KILL "$@"
	for pid; do wait_for is_dead "$pid"; done
}

# What lost() is to try; where all is slow, each hook is tried once.
ways() {
	if [[ ${CONTAIN_VM-} || $CONTAIN_BUILD == *sanitize* ]]; then echo by-turns; else echo gc again; fi
}

# The container dies with the one who was killed, and `gc`, or the next one of that name, removes what is left.
lost() {
	[[ ! $INIT ]] || wait_for is_dead "$INIT"
	check_list
	[[ $hook == configure || $list == *'"abandoned":true'* ]] || wrong+=" not abandoned: $list"
	# That is the case in which the teardown by gc has something to do.
	[[ $hook == configure || $hook == teardown || -e left/parent_prepare ]] || wrong+=" the plugin has left nothing"
	[[ $hook != teardown ]] || go_on
	if [[ $1 == gc || ($1 == by-turns && $((++turn % 2)) == 0) ]]; then
		own gc || wrong+=" gc fails"
	else
		use_again
	fi
	nothing_left
}

# The container runs on without us, whatever gc is asked; until it is deleted.
runs_on() {
	is_dead "$INIT" && fail "$hook: the container did not survive"
	check_list
	[[ $list == *'"status":"running"'*'"abandoned":false'* ]] || wrong+=" list: $list"
	own gc
	is_dead "$INIT" && fail "$hook: gc has killed it"
	refused "'$NAME' already" own run --name "$NAME" --rootfs "$ROOTFS" -- /bin/true
	own delete --force "$NAME"
	nothing_left
}

nothing_left() {
	look
	((!${#left[@]})) || wrong+=" left: ${left[*]}"
	[[ ! -e left ]] || wrong+=" left: files of the plugin"
	[[ ! $wrong ]] || fail "$hook:$wrong" || return 1
	exec {AT}>&- {FIFO}>&-
}

@test "run, in each hook" {
	for after in $(ways); do
		for hook in configure parent_prepare parent_attach child_setup child_enter child_seal parent_started report teardown; do
			probe "$hook"
			new run -- /bin/true
			reached
			killed "$PID"
			lost "$after"
		done
	done
}

@test "run, in the hook that switches the root" {
	probe child_switch probe-switch
	background run --name "$NAME" "${probe[@]}" "${LIMITS[@]}" --disable mountns --disable proc --disable dev -- /bin/true
	reached
	killed "$PID"
	lost gc
}

@test "run: its child, in each hook in which there is one: an error, and nothing to collect" {
	for hook in parent_attach child_setup child_enter child_seal; do
		probe "$hook"
		new run -- /bin/true
		reached
		killed "$INIT"
		[[ $hook != parent* ]] || go_on
		end_of_start
		same 125 "$status"
		file_has messages 'error: .*killed by signal 9 (SIGKILL)'
		[[ $hook == parent* ]] || file_has messages "in $hook"
		nothing_left
	done
}

# bats test_tags=kernel
@test "run: the command" {
	probe configure
	go_on
	new run -- /bin/sleep 1000
	wait_for file_has "$STATE/$NAME/record" '+. started'
	INIT=$(first_process)
	# That is on record just before the command runs.
	wait_for file_has "/proc/$INIT/cmdline" sleep
	killed "$INIT"
	end_of_start
	same 137 "$status"
	nothing_left
}

@test "run -d: the one who was called, before he knows that it runs: it does not" {
	for hook in configure parent_prepare parent_attach child_setup child_enter child_seal parent_started; do
		probe "$hook"
		new detached -- /bin/sleep 1000
		reached
		killed "$PID"
		check_list
		go_on
		[[ $hook == configure ]] || wait_for file_has messages 'the caller is gone'
		[[ ! -e $STATE/$NAME ]] || wait_for file_gone "$STATE/$NAME"
		nothing_left
	done
}
file_gone() {
	[[ ! -e $1 ]]
}

@test "run -d: the monitor, while the container is made or undone" {
	for after in $(ways); do
		for hook in parent_prepare parent_attach child_setup child_enter report teardown; do
			probe "$hook"
			new detached -- /bin/true
			reached
			# By then the one who was called has gone, and left it to pid 1.
			monitor=$(child_of "$PID")
			[[ $monitor ]] || monitor=$(monitor_of "$NAME")
			killed "$monitor"
			end_of_start
			[[ $hook == report || $hook == teardown ]] || same 125 "$status"
			[[ $hook == report || $hook == teardown ]] || file_has messages 'error: the monitor .* was killed'
			lost "$after"
		done
	done
}

# The contain with this name as an argument.
monitor_of() {
	local file
	local -a words
	for file in /proc/[0-9]*/cmdline; do
		mapfile -d '' -t words 2>/dev/null <"$file" || continue
		[[ ${words[0]-} != "$CONTAIN" || " ${words[*]} " != *" $1 "* ]] || { file=${file#/proc/} && echo "${file%/cmdline}" && return; }
	done
}

@test "run -d: the monitor, as the command begins: it runs on" {
	probe parent_started
	new detached -- /bin/sleep 1000
	reached
	killed "$(child_of "$PID")"
	end_of_start
	same 125 "$status"
	runs_on
}

# bats test_tags=kernel
@test "run -d: the monitor, while the command runs: it runs on" {
	probe configure
	go_on
	new detached -- /bin/sleep 1000
	end_of_start
	same "0 $NAME" "$status $(<output)"
	INIT=$(first_process)
	killed "$(monitor_of "$NAME")"
	runs_on
}

@test "run -d: the monitor, while the command is about to: it does not run without a start that was told" {
	probe child_seal
	new detached -- /bin/sleep 1000
	reached
	killed "$(child_of "$PID")"
	check_list
	go_on
	lost gc
}

@test "create, in each hook" {
	for after in $(ways); do
		for hook in configure parent_prepare parent_attach child_setup child_enter; do
			probe "$hook"
			new create -- /bin/true
			reached
			killed "$PID"
			lost "$after"
		done
	done
}

@test "create: its child" {
	for hook in parent_attach child_setup child_enter; do
		probe "$hook"
		new create -- /bin/true
		reached
		killed "$INIT"
		[[ $hook != parent* ]] || go_on
		end_of_start
		same 125 "$status"
		nothing_left
	done
}

@test "a created container that is killed" {
	probe child_seal
	new create -- /bin/true
	end_of_start
	for after in $(ways); do
		INIT=$(first_process)
		killed "$INIT"
		lost "$after"
		probe child_seal
		new create -- /bin/true
		end_of_start
	done
	own delete --force "$NAME"
	nothing_left
}

@test "start, before the command runs: it does not" {
	for after in $(ways); do
		probe child_seal
		new create -- /bin/sleep 1000
		end_of_start
		background start "$NAME"
		reached
		killed "$PID"
		check_list
		go_on
		lost "$after"
	done
}

@test "start, once the command runs: it runs on" {
	probe parent_started
	new create -- /bin/sleep 1000
	end_of_start
	background start "$NAME"
	reached
	killed "$PID"
	runs_on
}

@test "start: the first process meanwhile" {
	probe child_seal
	new create -- /bin/sleep 1000
	end_of_start
	background start "$NAME"
	reached
	killed "$INIT"
	end_of_start
	same 125 "$status"
	file_has messages 'error: the container did not start: its process ended in \(child_seal\|start\)'
	lost gc
}

@test "exec, and its child: the container runs on, and nothing of them stays in it" {
	local procs who
	# The hook finds its fifo by the same path.
	own_rootfs
	probe child_seal
	new detached --volume "$TMP:$TMP" -- /bin/sleep 1000
	reached
	go_on
	end_of_start
	same 0 "$status"
	INIT=$(first_process)
	procs=$(cgroup_mount pids)/contain-$NAME/cgroup.procs
	for who in parent child; do
		background exec "$NAME" -- /bin/sleep 1000
		read -r -t "$DEADLINE" <&"$AT"
		if [[ $who == parent ]]; then
			killed "$PID"
		else
			# The process that has entered leaves it to another to go on.
			wait_for two_in "$procs"
			killed "$(grep -v "^$INIT\$" "$procs")"
			end_of_start
			same 125 "$status"
			file_has messages 'error: .*killed by signal 9 (SIGKILL) in child_seal'
		fi
		wait_for file_is "$procs" "$INIT"
	done
	runs_on
}
two_in() {
	(($(grep -c '' "$1") == 2))
}
file_is() {
	[[ $(<"$1") == "$2" ]]
}

@test "delete, in its teardown" {
	for after in $(ways); do
		probe teardown
		new create -- /bin/true
		end_of_start
		INIT=$(first_process)
		background delete --force "$NAME"
		read -r -t "$DEADLINE" <&"$AT"
		killed "$PID"
		lost "$after"
	done
}

@test "gc, in its teardown" {
	local worker
	for after in $(ways); do
		probe teardown
		new create -- /bin/true
		end_of_start
		INIT=$(first_process)
		killed "$INIT"
		background gc
		read -r -t "$DEADLINE" <&"$AT"
		# It takes each container in a process of its own, which dies with it.
		worker=$(child_of "$PID")
		killed "$PID"
		wait_for is_dead "$worker"
		lost "$after"
	done
}

@test "stop, while it waits: the container runs on" {
	probe configure
	go_on
	new detached -- /bin/sh -c 'trap : TERM; while :; do read -r x; done </dev/zero'
	end_of_start
	INIT=$(first_process)
	# Not before it catches TERM, bit 14 (proc_pid_status(5)): stop kills what does not.
	wait_for file_has "/proc/$INIT/status" '^SigCgt:.*[4-7c-f]...$'
	background stop --time 1000 "$NAME"
	wait_for file_has "/proc/$PID/syscall" '^7 \|^73 '
	killed "$PID"
	runs_on
}

@test "at every system call: run" {
	choose_step 3 23 41
	sweep run_with_limits judge_killed KILL
}

@test "at every system call: run -d, wait, delete" {
	choose_step 3 23 41
	sweep run_detached_and_delete judge_killed KILL
}

@test "at every system call: create, start, delete" {
	choose_step 3 23 41
	sweep create_start_delete judge_killed KILL
}

@test "at every system call: exec" {
	choose_step 3 23 41
	sweep exec_in_running judge_killed KILL
}

@test "at every system call: pause, resume, update, kill" {
	choose_step 5 31 61
	sweep change judge_killed KILL
}

@test "at every system call: gc" {
	choose_step 3 23 41
	sweep collect judge_killed KILL
}
