#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# bats file_tags=host
# shellcheck disable=SC2154,SC2016,SC2030,SC2031 # variables of bats; scripts of the container in quotes
# Flags of run that are not about limits or volumes.
load common

ids='grep -E "^(Uid|Gid|Groups):" /proc/self/status | tr "\t" " " | sed "s/ *$//"'

# The root file system with users and groups of its own.
users() {
	own_rootfs
	printf '%s\n' 'root:x:0:0:root:/root:/bin/sh' 'broken' '#alice:x:7:7::/:' 'alice:x:1001:1002:Alice:/home/alice:/bin/sh' \
		'nohome:x:1003:1003:::' 'big:x:4294967295:0::/:' >"$ROOTFS/etc/passwd"
	printf '%s\n' 'root:x:0:' 'alice:x:1002:' 'wheel:x:10:alice' 'audio:x:11:bob,alice' 'video:x:12:bob' >"$ROOTFS/etc/group"
}

@test "--user: by name, with the image's group, home and supplementary groups" {
	users
	inside_sh "$ids"'; echo $HOME' --user alice
	same $'Uid: 1001 1001 1001 1001\nGid: 1002 1002 1002 1002\nGroups: 10 11\n/home/alice' "$output"
	inside_sh "$ids"'; echo $HOME' --user 1001
	same $'Uid: 1001 1001 1001 1001\nGid: 1002 1002 1002 1002\nGroups: 10 11\n/home/alice' "$output"
	inside_sh 'echo $HOME' --user nohome
	same / "$output"
}

@test "--user: numbers that the image does not know" {
	users
	inside_sh "$ids" --user 4242
	same $'Uid: 4242 4242 4242 4242\nGid: 0 0 0 0\nGroups:' "$output"
	inside_sh "$ids" -u 4242:4343
	same $'Uid: 4242 4242 4242 4242\nGid: 4343 4343 4343 4343\nGroups:' "$output"
	inside_sh "$ids" --user 4294967294:4294967294
	has "$output" 'Uid: 4294967294 '
	rm "$ROOTFS/etc/passwd" "$ROOTFS/etc/group"
	inside_sh "$ids" --user 5
	has "$output" 'Uid: 5 5 5 5'
}

@test "--user USER:GROUP and --group" {
	users
	inside_sh "$ids" --user alice:video
	has "$output" 'Uid: 1001 ' 'Gid: 12 12'
	inside_sh "$ids" --user alice --group video --group 77
	has "$output" 'Gid: 1002 1002' 'Groups: 10 11 12 77'
	inside_sh "$ids" --group 77
	same $'Uid: 0 0 0 0\nGid: 0 0 0 0\nGroups: 77' "$output"
	inside_sh "$ids"
	same $'Uid: 0 0 0 0\nGid: 0 0 0 0\nGroups:' "$output"
}

# bats test_tags=kernel
@test "--user: no capability is left, and the files of others are closed" {
	inside --user nobody -- /bin/grep -E '^Cap(Inh|Prm|Eff|Amb)' /proc/self/status
	same 4 "$(grep -c 0000000000000000 <<<"$output")"
	attempt contain_run -q --user nobody -- /bin/sh -c 'echo x >/etc/passwd'
	[[ $status != 0 ]]
}

@test "--user: mistakes" {
	local name
	users
	for name in -1 4294967295 4294967296 99999999999999999999 12x; do
		refused "user|$name" contain_run --user "$name" -- /bin/true
		refused "group|$name" contain_run --group "$name" -- /bin/true
		refused "group|$name" contain_run --user "0:$name" -- /bin/true
	done
	refused "user 'bob'|/etc/passwd" contain_run --user bob -- /bin/true
	refused "user '#alice'" contain_run --user '#alice' -- /bin/true
	refused "user 'big'" contain_run --user big -- /bin/true
	refused "group 'none'|/etc/group" contain_run --user alice:none -- /bin/true
	refused "group 'none'" contain_run --group none -- /bin/true
}

@test "--user: an empty name or group is a mistake, not root" {
	users
	refused "user" contain_run --user '' -- /bin/true
	refused "user" contain_run --user ':' -- /bin/true
	refused "user" contain_run --user ':wheel' -- /bin/true
	refused "group" contain_run --user 'alice:' -- /bin/true
}

# bats test_tags=kernel
@test "--user: /etc/passwd of the image cannot make contain wait, or leave the root" {
	own_rootfs
	rm "$ROOTFS/etc/passwd"
	mkfifo "$ROOTFS/etc/passwd"
	refused '/etc/passwd|regular file' contain_run --user alice -- /bin/true
	rm "$ROOTFS/etc/passwd"
	ln -s /dev/zero "$ROOTFS/etc/passwd"
	refused '/etc/passwd' contain_run --user alice -- /bin/true
	ln -sf "$TMP/secret" "$ROOTFS/etc/passwd"
	echo 'alice:x:1:1::/:' >secret
	refused "user 'alice'" contain_run --user alice -- /bin/true
	rm "$ROOTFS/etc/passwd"
	head -c 3M /dev/zero | tr '\0' x >"$ROOTFS/etc/passwd"
	refused '/etc/passwd' contain_run --user alice -- /bin/true
}

@test "--workdir" {
	inside --workdir /usr/bin -- /bin/pwd
	same /usr/bin "$output"
	inside -w /usr/../etc -- /bin/pwd
	same /etc "$output"
	refused "/nonesuch|No such file" contain_run --workdir /nonesuch -- /bin/true
	refused "/etc/passwd|Not a directory" contain_run --workdir /etc/passwd -- /bin/true
	refused "--workdir|absolute" contain_run --workdir etc -- /bin/true
}

# bats test_tags=kernel
@test "--workdir cannot be a directory of the host, by a descriptor that the caller left open" {
	local fd
	exec 7</ 8<"$TMP"
	for fd in {3..20}; do
		attempt contain_run -q --workdir "/proc/self/fd/$fd" -- /bin/stat -c %d:%i . ..
		# One of contain's own may be the root of the container.
		if [[ $status == 0 ]]; then
			same "$(stat -L -c $'%d:%i\n%d:%i' "$ROOTFS")" "$output"
		else
			same 125 "$status"
			has "$stderr" 'working directory'
		fi
	done
	exec 7<&- 8<&-
}

@test "--workdir: found with the rights of contain, entered by the user" {
	own_rootfs
	mkdir -m 700 "$ROOTFS/secret"
	attempt contain_run -q --user nobody --workdir /secret -- /bin/sh -c 'ls'
	[[ $status != 0 ]]
}

@test "--env: a value, none, an empty one, one of the caller; the last one wins" {
	export FROM_OUTSIDE='a b=c'
	inside --env KEY=VALUE -e EMPTY= --env FROM_OUTSIDE --env NOT_SET_ANYWHERE --env KEY2='x=y z' -- /usr/bin/env
	has $'\n'"$output"$'\n' $'\nKEY=VALUE\n' $'\nEMPTY=\n' $'\nFROM_OUTSIDE=a b=c\n' $'\nKEY2=x=y z\n' $'\nPATH='
	lacks "$output" NOT_SET_ANYWHERE
	inside --env A=1 --env A=2 --env PATH=/bin --env HOME=/h -- /usr/bin/env
	same $'A=2\nHOME=/h\nPATH=/bin' "$(sort <<<"$output")"
	refused "--env|no name" contain_run --env =x -- /bin/true
	inside --env PATH=/usr/bin:/bin -- env
	has "$output" PATH=/usr/bin:/bin
}

@test "--env '' empties the list of the profile" {
	inside --env '' --env ONLY=1 -- /usr/bin/env
	same $'HOME=/root\nONLY=1' "$(sort <<<"$output")"
	# And a command without a slash is looked for in the usual places.
	inside --env '' -- env
}

@test "--name" {
	NAME=$NAME.x_y-Z
	hold
	[[ -d $STATE/$NAME ]]
	release
	same 0 "$status"
	local name
	for name in '' . .. -x _x a/b ../x 'a b' "$(printf 'x%.0s' {1..65})" $'a\nb' ä; do
		refused "--name" contain_run --name "$name" -- /bin/true
	done
	inside --name "$NAME$(printf 'x%.0s' {1..64} | head -c $((64 - ${#NAME})))" -- /bin/true
}

@test "--name of a container that runs is refused, and does not disturb it" {
	hold
	refused "'$NAME'|already" contain_run -- /bin/true
	# Nor by a state directory that does not know of it, as the cgroups are there.
	refused "contain-$NAME|--name" contain_run --root "$TMP/other" -- /bin/true
	is_dead "$INIT" && fail "the first one has died"
	release 'exit 9'
	same 9 "$status"
	rmdir "$TMP/other"
}

@test "without --name the names are made up, and differ" {
	local -a names
	attempt "$CONTAIN" -q --root "$STATE" run --rootfs "$ROOTFS" -- /bin/hostname
	names=("$output")
	attempt "$CONTAIN" -q --root "$STATE" run --rootfs "$ROOTFS" -- /bin/hostname
	matches "$output" '^[0-9a-f]{12}$'
	[[ $output != "${names[0]}" ]]
}

@test "--hostname: mistakes" {
	local name
	for name in '' 'a b' 'a/b' $'a\nb' "$(printf 'x%.0s' {1..65})"; do
		refused "--hostname" contain_run --hostname "$name" -- /bin/true
	done
	inside --hostname "$(printf 'x%.0s' {1..64})" -- /bin/hostname
	same 64 "${#output}"
}

@test "--report: JSON, with the units in the names" {
	inside --report report --memory 64M --pids 8 -- /bin/sh -c 'i=0; while [ $i -lt 20000 ]; do i=$((i + 1)); done; /bin/true'
	jq -e --arg name "$NAME" '.id == $name and .exit_status == 0 and .signal == null
		and (.peak_memory_bytes > 100000 and .peak_memory_bytes < 67108864)
		and (.cpu_time_usec > 1000) and (.wall_time_usec > 1000) and (.peak_processes | . >= 1 and . <= 8)
		and .oom_kills == 0' report || fail "$(<report)"
	attempt contain_run -q --report report -- /bin/sh -c 'exit 3'
	same '3 3' "$status $(jq .exit_status report)"
	refused "/nonesuch/report|No such file" contain_run --report /nonesuch/report -- /bin/true
	attempt contain_run -q --report /dev/stdout -- /bin/true
	jq -e .wall_time_usec <<<"$output"
	# It could not be written: that is a failure, and still nothing stays.
	attempt contain_run -q --report /dev/full -- /bin/true
	same 125 "$status"
	has "$stderr" report 'No space'
}

@test "--report: a run that failed is told in it, so that an older report is not taken for this one's" {
	echo old >report
	attempt contain_run -q --report report --memory 4K -- /bin/true
	same 125 "$status"
	same 125 "$(jq .exit_status report)"
	has "$(jq -r .error report)" 'the memory limit of 4K is too small'
	attempt contain_run -q --report report -- /nonesuch
	same '127 127' "$status $(jq .exit_status report)"
	# Nothing was begun: nothing is written.
	echo old >report
	attempt contain_run -q --report report --memory 4Q -- /bin/true
	same '125 old' "$status $(<report)"
	attempt contain_run -q --report - -- /bin/echo hello
	same 0 "$(tail -n 1 <<<"$output" | jq .exit_status)"
	mkfifo fifo
	refused "can't write the report fifo" contain_run --report fifo -- /bin/true
}

@test "the report for people: a line each" {
	attempt contain_run --memory 64M -- /bin/true
	matches "$stderr" $'\n\[contain\] peak memory: [0-9.]+[KM]\n'
	matches "$stderr" $'\n\[contain\] cpu time: [0-9.]+(us|ms|s)\n'
	matches "$stderr" $'\n\[contain\] peak processes: [0-9]+\n'
	matches "$stderr" $'\n\[contain\] wall time: [0-9.]+(us|ms|s)\n'
}

@test "a flag with its value in one word or two; the last one counts" {
	inside --hostname=a --hostname b -- /bin/hostname
	same b "$output"
	inside -unobody -- /bin/sh -c 'grep ^Uid /proc/self/status'
	has "$output" 65534
	refused "--hostname|value" contain_run --hostname
	inside --read-only=no --workdir /tmp -- /bin/sh -c 'echo x >f && rm f'
}

@test "--help shows the flags of the core and of each plugin" {
	local flag
	attempt "$CONTAIN" run --help
	same "0 " "$status $stderr"
	for flag in profile name enable disable set report env user workdir root log verbose plugin-dir memory cpu pids rootfs \
		read-only volume hostname; do
		has "$output" " --$flag"
	done
	attempt "$CONTAIN" --help
	has "$output" run version
	attempt "$CONTAIN" help run
	has "$output" --memory
}
