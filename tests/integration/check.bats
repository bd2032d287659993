#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# bats file_tags=host
# shellcheck disable=SC2154,SC2016 # variables of bats; scripts of the container in quotes
# contain check: the mistakes of profiles, in the words of run; how exposed a container of them is; and that what it says
# of one is true.
load common

check() {
	"$CONTAIN" --root "$STATE" check --plugin-dir "$HELPERS/plugins" "$@"
}

# checked STATUS ARGUMENTS...
checked() {
	local expected=$1
	shift
	attempt check "$@"
	[[ $status == "$expected" ]] || fail "exit status $status instead of $expected" "$output" "$stderr"
}

# json FILTER ARGUMENTS...: what it says of the (first) profile, by jq.
json() {
	local filter=$1
	shift
	attempt check --json "$@"
	jq -r ".[0] | $filter" <<<"$output"
}

# is_open NAME ARGUMENTS...: prints true or false.
is_open() {
	local name=$1
	shift
	json "([.open[], .closed[]] | map(.name) | index(\"$name\")) as \$any | if \$any == null then \"unknown\" else
		(.open | map(.name) | index(\"$name\")) != null end" "$@"
}

# A profile with all that there is, and with what says that it protects from the rest.
best() {
	profile '[plugins]' 'pidns = on' 'utsns = on' 'mountns = on' 'ipcns = on' 'cgroupns = on' 'netns = on' 'dev = on' \
		'cgroup-memory = on' 'cgroup-cpu = on' 'cgroup-pids = on' 'guard = on' '[process]' 'user = nobody' \
		'[mountns]' "rootfs = $ROOTFS" 'read_only = yes' '[cgroup-memory]' 'max = 64M' '[cgroup-cpu]' 'quota = 0.5' \
		'[cgroup-pids]' 'max = 64'
}

@test "check: the installed profiles have no mistakes, and are told to be exposed" {
	local file
	for file in "$PROFILES"/*.ini; do
		checked 0 "$file"
		has "$output" "-> Overall exposure level for $file: " EXPOSED
		lacks "$stderr" error:
	done
	# By name, with nothing, and as run would find it.
	checked 0 minimal
	has "$output" 'exposure level for minimal: '
	checked 0
	has "$output" 'exposure level for default.ini: '
	checked 0 --profile minimal
	has "$output" 'exposure level for minimal: '
	refused '--profile|minimal' check --profile default minimal
}

@test "check: mistakes are those of run, all at once, in the same words and order; exit status 1" {
	profile '[plugins]' 'pidns = on' 'utsnz = on' 'mountns = on' 'proc = maybe' '' \
		'[utsns]' 'hostnam = x' 'hostname = a b' '[cgroup-memry]' 'max = 1' '[cgroup-memory]' 'max = 0' \
		'[process]' 'usr = x' 'env = =x'
	attempt contain_run --plugin-dir "$HELPERS/plugins" --profile ./test.ini -- /bin/true
	same 125 "$status"
	told=$stderr
	checked 1 ./test.ini
	same "$told" "$stderr"
	same 8 "$(grep -c error: <<<"$stderr")"
	same '-> ./test.ini was not assessed, as there is a mistake' "$output"
	same "${told//'[contain] error: '/}" "$(json '.mistakes[]' ./test.ini)"
	same null "$(json .score ./test.ini)"
	# Of syntax, and files that are not there: each profile is looked at.
	printf '%s\n' 'nonsense' >bad.ini
	checked 1 ./bad.ini ./nosuch.ini nosuch default
	has "$stderr" ./bad.ini:1: './nosuch.ini can'"'"'t be read' "no profile 'nosuch'"
	has "$output" 'level for default: '
	attempt check --json ./bad.ini default
	same '1 0' "$(jq -r 'map(.mistakes | length) | join(" ")' <<<"$output")"
}

@test "check: flags as those of run, before and behind the profiles" {
	same false "$(is_open 'net namespace' default)"
	same true "$(is_open 'net namespace' --disable netns default)"
	same true "$(is_open 'net namespace' default --network host)"
	same true "$(is_open 'uts namespace' default --disable utsns)"
	same true "$(is_open cgroup-memory default)"
	same false "$(is_open user -u nobody default)"
	same true "$(is_open log default --log-size max)"
	json . default --memory 64M >found
	lacks "$(jq -c '.open[]' found)" cgroup-memory
	checked 1 default --memory 64Q
	has "$stderr" "--memory: '64Q'"
	checked 1 default --enable utsns --disable utsns
	refused "--memry|did you mean '--memory'" "$CONTAIN" check default --memry 5
	refused '--max-exposure|10.1' check default --max-exposure 10.1
	refused '--max-exposure' check default --max-exposure
	# Whose a flag is, each profile says: of two plugins it is that of the one that is on.
	printf '%s\n' '[profile]' 'inherits = default.ini' '[plugins]' 'probe-same = on' >one.ini
	attempt check -q --probe-last-word x ./one.ini default
	same 1 "$status"
	has "$output" 'level for ./one.ini: ' 'default was not assessed'
	has "$stderr" 'error: --probe-last-word is a flag of two plugins'
	# Behind "--" nothing is a flag.
	checked 1 -- --json
	has "$stderr" "no profile '--json'"
	attempt check --help
	same 0 "$status"
	has "$output" 'contain check [FLAGS] [PROFILE...]' --max-exposure --memory
}

@test "check: each isolation that is switched on lowers the score" {
	local plugin before now
	profile '[plugins]'
	before=$(json '.score * 10' ./test.ini)
	same 100 "$(json '.score * 10' ./test.ini --log-size max)"
	for plugin in pidns utsns mountns ipcns cgroupns netns cgroup-memory cgroup-cpu cgroup-pids guard; do
		echo "$plugin = on" >>test.ini
		now=$(json '.score * 10' ./test.ini)
		# At the end of the scale, and with limits that are none, it stays.
		((now <= before)) || fail "$plugin: $now after $before"
		before=$now
	done
	((now < 50))
}

@test "check: with everything closed it is near 0, and a way out is told whatever else is closed" {
	best
	checked 0 ./test.ini
	matches "$output" 'level for ./test.ini: 0\.[1-9] SAFE'
	same '' "$stderr"
	open='user namespace,time namespace'
	# A kernel may be without.
	[[ $(cgroup_version io)$(cgroup_version blkio) != 00 ]] || open='user namespace,io limit,time namespace'
	same "$open" "$(json '.open | map(.name) | join(",")' ./test.ini)"
	# Something that a plugin leaves open, and the worst of it.
	checked 0 ./test.ini --set guard.expose=2
	has "$output" '- guard ' 'it can do ?[31m things: in a: b ' '-> do not'
	same 'it can do \u001b[31m things: in a: b|do not' \
		"$(json '.open[] | select(.name == "guard") | .can + "|" + .remedy | tojson[1:-1]' ./test.ini --set guard.expose=2)"
	checked 0 ./test.ini --set guard.expose=10
	has "$output" 'a way to be root on the host' '7.5 EXPOSED'
	# Under another name, as /var/run often is one.
	ln -s /run services
	checked 0 ./test.ini --volume ./services:/run
	has "$output" "the host's" ' 7.5 EXPOSED'
	# Without what says that it protects.
	checked 0 ./test.ini --disable guard
	has "$output" 'a way to be root on the host' '7.5 EXPOSED'
}

@test "check: --max-exposure gives 1 if a score is above" {
	best
	checked 0 --max-exposure 1 ./test.ini
	score=$(json .score ./test.ini)
	checked 0 --max-exposure "$score" ./test.ini
	checked 1 --max-exposure 0.5 ./test.ini
	has "$stderr" "./test.ini: its exposure of $score is above --max-exposure 0.5"
	checked 1 --max-exposure 5.0 ./test.ini default
	lacks "$stderr" 'test.ini: its exposure'
	has "$stderr" 'default: its exposure of'
	checked 0 --max-exposure 10 ./test.ini default
	checked 1 --json --max-exposure 0 ./test.ini
	same "$score" "$(jq '.[0].score' <<<"$output")"
}

@test "check: advice is no mistake" {
	printf '%s\n' '[plugins]' 'mountns = on' '[process]' 'env = A=1' 'env = B=1' '[cgroup-pids]' 'max = 5' '[mountns]' \
		"rootfs = $TMP/nosuch" 'read_only = no' >base.ini
	profile '[profile]' 'inherits = base.ini' '[process]' 'env =' '[mountns]' 'read_only = yes'
	checked 0 ./test.ini
	same "[contain] warning: ./base.ini:7: [cgroup-pids] max counts for nothing, as the plugin is off: switch it on, or leave the value out
[contain] warning: ./base.ini:4: [process] env = A=1 counts for nothing: ./test.ini:4 empties it
[contain] warning: ./base.ini:5: [process] env = B=1 counts for nothing: ./test.ini:4 empties it
[contain] warning: ./base.ini:10: [mountns] read_only = no counts for nothing: ./test.ini:6 beats it
[contain] warning: mountns: can't open the root filesystem $TMP/nosuch: No such file or directory" "$stderr"
	same "${stderr//'[contain] warning: '/}" "$(json '.advice[]' ./test.ini)"
	# What it is for is assessed all the same.
	same false "$(is_open filesystem ./test.ini)"
	profile '[plugins]' 'pidns = on'
	checked 0 ./test.ini
	has "$stderr" 'warning: no plugin that is on switches the root'
	same true "$(is_open filesystem ./test.ini)"
	checked 0 ./test.ini --disable pidns --init
	has "$stderr" 'warning: [process] init (--init) needs a pid namespace'
	# Quietly.
	checked 0 -q ./test.ini
	same '' "$stderr"
	same 1 "$(grep -c '' <<<"$output")"
}

@test "check: a plugin that refuses hides no other; one that can't be asked is a mistake" {
	best
	checked 0 ./test.ini --set guard.refuse=yes
	has "$stderr" 'warning: guard: told to refuse: Operation not permitted'
	same false "$(is_open seccomp ./test.ini --set guard.refuse=yes)"
	same true "$(is_open 'io limit' ./test.ini --set guard.refuse=yes)"
	checked 1 ./test.ini --set guard.fail=yes
	has "$stderr" 'error: guard: told to fail'
	checked 1 ./test.ini --set guard.expose=11
	has "$stderr" 'error: guard: an exposure has 1 to 10 points'
	# What it says meanwhile is of no interest, but with -v.
	lacks "$stderr" 'nobody asked for'
	checked 0 ./test.ini -v
	has "$stderr" 'nobody asked for'
}

@test "check: changes nothing" {
	best
	# The leak checker does not work under strace.
	[[ $CONTAIN_BUILD != *sanitize* ]] || export ASAN_OPTIONS=detect_leaks=0
	strace -f -o trace "$CONTAIN" --root "$STATE" check --plugin-dir "$HELPERS/plugins" --volume "$TMP:/mnt" ./test.ini \
		default >/dev/null 2>&1
	# It has looked, and written its text.
	file_has trace '"\./test.ini", O_RDONLY'
	file_has trace 'write(1, '
	calls='mkdir|mknod|unlink|rename|link|symlink|chmod|chown|mount|umount|open_tree|move_mount|fsopen|clone|fork|vfork'
	calls+='|unshare|setns|kill|socket|bind|truncate|utime|setxattr|memfd_create|sethostname'
	same '' "$(grep -E "O_(WRONLY|RDWR|CREAT|TMPFILE)|^[0-9]+ +f?($calls)[a-z0-9_]*\(" trace || true)"
	same '' "$(grep -E '^[0-9]+ +p?write[v0-9]*\(' trace | grep -v 'write([12], ' || true)"
	[[ ! -e $STATE ]]
}

@test "check: needs no root" {
	local copy
	# Where everybody may reach it.
	copy=$(mktemp -d /tmp/contain-it.XXXXXX)
	cp -a "$CONTAIN_BUILD"/{bin,lib,etc} "$copy/"
	chmod 755 "$copy"
	attempt setpriv --reuid 65534 --regid 65534 --clear-groups "$copy/bin/contain" check default
	rm -r "$copy"
	same 0 "$status"
	has "$output" 'Overall exposure level for default: '
	lacks "$stderr" error:
}

# What it says of a container is so. (What harms nothing of it: the rest is in the man pages that it names.)
# bats test_tags=kernel
@test "check: what it says of the default profile is true" {
	local device pattern major minor kind
	pattern=$(</proc/sys/kernel/core_pattern)
	same true "$(is_open proc default)"
	inside_sh 'cat /proc/sys/kernel/core_pattern >/tmp/p && cat /tmp/p >/proc/sys/kernel/core_pattern && rm /tmp/p'
	same "$pattern" "$(</proc/sys/kernel/core_pattern)"
	# A device of the host: its first disk, or a terminal where there is none.
	same true "$(is_open devices default)"
	device=$(find /dev -maxdepth 1 -type b -printf '%f\n' | sort | head -1)
	if [[ $device ]]; then
		read -r major minor < <(stat -c '%Hr %Lr' "/dev/$device")
		inside_sh "mknod /dev/disk b $major $minor && : </dev/disk"
	fi
	same true "$(is_open capabilities default)"
	inside -- /bin/grep CapBnd /proc/self/status
	same "$(grep CapBnd /proc/self/status)" "$output"
	same true "$(is_open no_new_privs default)"
	inside -- /bin/grep NoNewPrivs /proc/self/status
	matches "$output" '0$'
	same true "$(is_open seccomp default)"
	inside -- /bin/grep Seccomp: /proc/self/status
	same "$(grep Seccomp: /proc/self/status)" "$output"
	same true "$(is_open users default)"
	inside -- /bin/cat /proc/self/uid_map
	same "$(tr -s ' ' </proc/self/uid_map)" "$(tr -s ' ' <<<"$output")"
	for kind in pid uts mnt ipc cgroup net user time; do
		[[ -e /proc/self/ns/$kind ]] || continue
		inside -- /bin/readlink "/proc/self/ns/$kind"
		if [[ $output == "$(readlink "/proc/self/ns/$kind")" ]]; then
			same true "$(is_open "$kind namespace" default)"
		else
			same false "$(is_open "$kind namespace" default)"
		fi
	done
}
