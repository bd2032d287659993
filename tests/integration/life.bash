# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154,SC2016,SC2119,SC2120 # variables of bats and of common.bash; scripts in quotes; optional words
# For the tests of containers that live on without a process of the test's: loaded after common.bash.

# A test that fails leaves its containers to this.
eval "check_and_$(declare -f teardown)"
teardown() {
	[[ ${TMP-} ]] || return 0
	delete_all
	check_and_teardown
}

delete_all() {
	local place
	for place in "$STATE"/*; do
		[[ ! -d $place ]] || "$CONTAIN" -q --root "$STATE" delete --force "${place##*/}" 3>&- || :
	done
}

# ctl COMMAND...: contain, with the state directory of this test.
ctl() {
	"$CONTAIN" --root "$STATE" "$@"
}

# ctl that succeeds, and says nothing on standard error; its output is in $output.
good() {
	attempt ctl -q "$@"
	[[ $status == 0 && ! $stderr ]] || fail "contain $*: exit status $status" "output: $output" "messages: $stderr"
}

# made_by COMMAND [FLAGS] -- ARGUMENTS: create or run -d makes the container $NAME.
made_by() {
	local command=$1
	shift
	[[ $command != run ]] || set -- -d "$@"
	good "$command" --name "$NAME" --rootfs "$ROOTFS" "$@"
	same "$NAME" "$output"
}

# Where the container and the test talk: /mnt inside. $READY and $GO are as common.bash has them.
pipes() {
	IO=$(mktemp -d "$TMP/io.XXXX")
	chmod 777 "$IO"
	mkfifo -m 666 "$IO/ready" "$IO/go"
	exec {READY}<>"$IO/ready" {GO}<>"$IO/go"
}

# background [FLAGS]: as hold, with run -d. FIRST may be set to what the command's shell does before.
background() {
	local word
	pipes
	made_by run --volume "$IO:/mnt" "$@" -- /bin/sh -c "${FIRST:-:}; "'echo ready >/mnt/ready; read -r word </mnt/go; eval "$word"'
	read -r -t "$DEADLINE" word <&"$READY" || fail "the container did not start" || return 1
	INIT=$(pid_of)
}

# pid_of [NAME]: its first process, 0 if it has ended.
pid_of() {
	ctl state "${1-$NAME}" | jq .pid
}

# What list says of a container: "running", "stopped (0)".
listed() {
	ctl list | awk -v name="${1-$NAME}" '$1 == name { print $3 ($4 ~ /^\(/ ? " " $4 : "") }'
}

# told STATUS: all that tell the status of the container say this one; "stopped (3)" has the exit status.
told() {
	local known='' word=${1%% *} exit=null
	[[ $1 != *\(* ]] || known=${1##*\(} known=${known%\)}
	[[ $known != [0-9]* ]] || exit=$known
	same "$1" "$(listed)"
	same "$word" "$(ctl state "$NAME" | jq -r .status)"
	same "$word $exit" "$(ctl inspect "$NAME" | jq -r '"\(.status) \(.exit_status)"')"
	same "$word $exit" "$(ctl list --json | jq -r --arg id "$NAME" '.[] | select(.id == $id) | "\(.status) \(.exit_status)"')"
	if [[ $word == stopped ]]; then
		same 0 "$(pid_of)"
	else
		! is_dead "$(pid_of)" || fail "$word, and its first process is dead"
	fi
}

# no_cgroups: the container has none in any hierarchy.
no_cgroups() {
	local controller mount
	for controller in unified memory cpu cpuacct pids freezer; do
		mount=$(cgroup_mount "$controller")
		[[ ! $mount || ! -e $mount/contain-$NAME ]] || return 1
	done
}

# is_at PID: this process of ours waits for the container, whose record it has read.
is_at() {
	local links
	links=$(readlink "/proc/$1/fd/"* 2>/dev/null)
	[[ $links == *pidfd* && $links == *"$STATE/$NAME/record"* ]]
}
