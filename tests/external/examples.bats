#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2030,SC2031,SC2154,SC2016 # variables of bats; scripts of the container in quotes
# The plugins of docs/examples, built against an installed contain and nothing else: what each of them does.
load external
load ../integration/life

eval "install_$(declare -f setup_file)"
setup_file() {
	local name
	install_setup_file
	export EXAMPLES=$WORLD/examples
	mkdir "$EXAMPLES"
	for name in every-hook cpp io-limit; do
		cp -r "$CONTAIN_SOURCE/docs/examples/$name" "$EXAMPLES/"
		CFLAGS=-Werror CXXFLAGS=-Werror build "$EXAMPLES/$name" -DCMAKE_PREFIX_PATH="$PREFIX"
	done
}

eval "common_$(declare -f setup)"
setup() {
	CONTAIN=$PREFIX/bin/contain
	common_setup
}

# with EXAMPLE [FLAGS] -- COMMAND
with() {
	local example=$1
	shift
	contain_run --plugin-dir "$EXAMPLES/$example/build" "$@"
}

# ctl of life.bash that succeeds, with the plugins of an example.
good_with() {
	local example=$1
	shift
	good --plugin-dir "$EXAMPLES/$example/build" "$@"
}

@test "each is built, and exports its one function" {
	local file
	for file in every-hook/build/notice.so every-hook/build/plain-root.so cpp/build/hosts.so io-limit/build/io-limit.so; do
		same contain_plugin_v1 "$(nm -D --defined-only "$EXAMPLES/$file" | awk '{ print $3 }')"
	done
	# What of them is a test needs nothing but the fake host.
	clean ctest --test-dir "$EXAMPLES/io-limit/build" --output-on-failure
}

# ---- every-hook

@test "notice: the file, what is mounted, the environment, and what the seal sets" {
	own_rootfs
	attempt with every-hook --notice 'back at noon' --set notice.nice=7 --set notice.oom_score_adj=600 --set notice.scratch=128K \
		--report report -- /bin/sh -c 'echo $NOTICE; cat $NOTICE; cat /proc/self/oom_score_adj; cut -d" " -f19 /proc/self/stat
		grep -E " /run/(notice|scratch) " /proc/mounts; echo x 2>&1 >/run/notice'
	has "$output" $'/run/notice\nback at noon\n600\n7\n' 'Read-only file system'
	matches "$output" ' /run/notice [a-z0-9]+ ro,nosuid,nodev,noexec'
	matches "$output" 'tmpfs /run/scratch tmpfs rw,nosuid,nodev,[a-z,]*size=128k'
	has "$stderr" '[contain] setting up notice: /run/notice' '[contain] notice size: 13'
	same 13 "$(jq .notice_size_bytes report)"
	no_notices
}

# no_notices: nothing of this container's is left in /run.
# shellcheck disable=SC2153 # NAME is of setup
no_notices() {
	same '' "$(compgen -G "/run/contain-notice-$NAME-*" || :)"
}

@test "notice: options are checked, and what a volume lies over is told" {
	own_rootfs
	refused '--notice|more than one line' with every-hook --notice $'a\nb' -- /bin/true
	refused 'target|absolute path' with every-hook --notice a --set notice.target=run/x -- /bin/true
	refused 'notice: there is no notice for /x: give --notice TEXT' with every-hook --enable notice --set notice.target=/x -- /bin/true
	echo other >other
	refused 'notice: /run/notice is not the notice: a volume lies over it' with every-hook --notice a \
		--volume "$TMP/other:/run/notice" -- /bin/true
	no_notices
	inside --plugin-dir "$EXAMPLES/every-hook/build" --enable notice -- /bin/sh -c 'ls /run; echo "[$NOTICE]"'
	same '[]' "${output##*$'\n'}"
}

@test "notice: changes while it runs, by another contain; the seal is in front of exec, too" {
	own_rootfs
	background --plugin-dir "$EXAMPLES/every-hook/build" --notice 'back at noon' --set notice.nice=3
	tell_and_hear 'cat /run/notice'
	same 'back at noon' "$heard"
	# All of the old one is gone, which is longer.
	good_with every-hook update "$NAME" --notice 'at one'
	tell_and_hear 'echo $(cat /run/notice)'
	same 'at one' "$heard"
	good_with every-hook stats --no-stream --json "$NAME"
	same 7 "$(jq '.[0].notice_size_bytes' <<<"$output")"
	good_with every-hook exec "$NAME" -- /bin/sh -c 'cut -d" " -f19 /proc/self/stat; echo "[$NOTICE]"'
	same 3 "${output%%$'\n'*}"
	refused 'notice|writable' ctl --plugin-dir "$EXAMPLES/every-hook/build" update "$NAME" --set notice.writable=yes
	good delete --force "$NAME"
	no_notices
}

@test "notice: whoever comes after a contain that was killed removes the directory" {
	own_rootfs
	hold --plugin-dir "$EXAMPLES/every-hook/build" --notice one
	[[ $(compgen -G "/run/contain-notice-$NAME-*") ]]
	kill -KILL "$PID"
	wait_for is_dead "$PID"
	wait_for is_dead "$INIT"
	[[ $(compgen -G "/run/contain-notice-$NAME-*") ]]
	good gc
	no_notices
}

@test "plain-root: the root is switched without mountns" {
	attempt "$CONTAIN" --root "$STATE" run --name "$NAME" --plugin-dir "$EXAMPLES/every-hook/build" --disable mountns --disable proc \
		--disable dev --plain-root "$ROOTFS" -- /bin/sh -c 'echo "has $(ls /)"; cd ..; pwd; mount 2>&1'
	has "$output" 'has bin' $'\n/\n'
	lacks "$output" boot
	refused 'mountns|plain-root|switch the root' with every-hook --plain-root "$ROOTFS" -- /bin/true
}

# ---- cpp

@test "hosts: /etc/hosts of the container, made in C++" {
	own_rootfs
	echo 'of the image' >"$ROOTFS/etc/hosts"
	inside --plugin-dir "$EXAMPLES/cpp/build" --add-host db:10.0.0.7 --add-host six:fe80::1 -- /bin/cat /etc/hosts
	same "$(printf '127.0.0.1\tlocalhost\n::1\tlocalhost\n127.0.1.1\t%s\n10.0.0.7\tdb\nfe80::1\tsix' "$NAME")" "$output"
	same 'of the image' "$(<"$ROOTFS/etc/hosts")"
	inside --plugin-dir "$EXAMPLES/cpp/build" --enable hosts -- /bin/cat /etc/hosts
	same 'of the image' "$output"
}

@test "hosts: an exception is a message" {
	own_rootfs
	refused '--add-host|is not NAME:ADDRESS' with cpp --add-host db -- /bin/true
	refused '--add-host|no IPv4 or IPv6 address' with cpp --add-host db:10.0.0 -- /bin/true
	refused "--add-host|has a name that is not of letters" with cpp --add-host 'a b:10.0.0.1' -- /bin/true
	# One of contain's functions fails in the child, and throws.
	rm -r "${ROOTFS:?}/etc"
	echo x >"$ROOTFS/etc"
	refused 'hosts: |/etc/hosts' with cpp --add-host db:10.0.0.7 -- /bin/true
}

# ---- io-limit

# find_controller: $IO is its name here, blkio or io.
find_controller() {
	IO=io
	[[ $(cgroup_version blkio) != 1 ]] || IO=blkio
	[[ $(cgroup_version $IO) != 0 ]] || skip_or_fail 'there is no cgroup controller for io'
}

# limits_of DISK: what the kernel has on record for it, rbps, wbps, riops and wiops; "-" is no limit.
limits_of() {
	local word line text=''
	local -A files=([rbps]=read_bps [wbps]=write_bps [riops]=read_iops [wiops]=write_iops)
	for word in rbps wbps riops wiops; do
		if [[ $IO == io ]]; then
			line=$(cgroup_file io io.max | sed -nE "s/^$1 .*\\b$word=([0-9]+).*/\\1/p")
		else
			line=$(cgroup_file blkio "blkio.throttle.${files[$word]}_device" | sed -nE "s/^$1 ([0-9]+)\$/\\1/p")
		fi
		text+=" ${line:--}"
	done
	echo "${text# }"
}

# The disks of this machine, MAJOR:MINOR each.
disks() {
	cat /sys/block/*/dev
}

@test "io-limit: the limits are those of the kernel, and change while it runs" {
	local disk
	find_controller
	disk=$(disks | head -n 1)
	[[ $disk ]] || skip_or_fail 'there is no disk'
	background --plugin-dir "$EXAMPLES/io-limit/build" --io-read-bps "$disk:10M" --io-write-bps "$disk:1K" --io-write-bps "$disk:3M" \
		--io-read-iops "$disk:100" --set "io-limit.write_iops=$disk:200"
	same '10485760 3145728 100 200' "$(limits_of "$disk")"
	good_with io-limit update "$NAME" --io-read-bps "$disk:20M" --io-write-iops "$disk:max"
	same '20971520 3145728 100 -' "$(limits_of "$disk")"
	refused 'io-limit: there is no block device 4095:0' ctl --plugin-dir "$EXAMPLES/io-limit/build" update "$NAME" --io-read-bps 4095:0:1M
	same '20971520 3145728 100 -' "$(limits_of "$disk")"
}

@test "io-limit: what is no disk is told" {
	refused '--io-read-bps|is not DEVICE:RATE' with io-limit --io-read-bps /dev/vda -- /bin/true
	refused "io-limit: can't look at the device /dev/nonesuch" with io-limit --io-read-bps /dev/nonesuch:1M -- /bin/true
	refused 'io-limit: /dev/null is no block device' with io-limit --io-write-iops /dev/null:1 -- /bin/true
}

# A disk of a file, with a partition. What is made of it goes in any case.
make_partition() {
	truncate -s 4M disk
	LOOP=$(losetup --find --show disk) || skip_or_fail 'there is no loop device'
	addpart "$LOOP" 1 2048 4096 || skip_or_fail "can't make a partition"
	wait_for test -e "/sys/class/block/${LOOP##*/}p1/dev"
	PARTITION=$(<"/sys/class/block/${LOOP##*/}p1/dev")
}
eval "life_$(declare -f teardown)"
teardown() {
	if [[ ${LOOP-} ]]; then
		delpart "$LOOP" 1
		losetup --detach "$LOOP"
	fi
	life_teardown
}

@test "io-limit: a partition is refused, as the kernel does, and its disk named" {
	make_partition
	refused "io-limit: $PARTITION is a partition|whole disks alone: give $LOOP" with io-limit --io-read-bps "$PARTITION:1M" -- /bin/true
	inside --plugin-dir "$EXAMPLES/io-limit/build" --io-read-bps "$LOOP:1M" -- /bin/true
}

# read_in [FLAGS]: hundredths of a second that a container takes to read 2 MiB of a file, past the page cache.
read_in() {
	inside --volume "$TMP/data:/mnt" --plugin-dir "$EXAMPLES/io-limit/build" "$@" -- /bin/sh -c \
		'read -r a b </proc/uptime; dd if=/mnt/file of=/dev/null bs=128k count=16 iflag=direct 2>/dev/null || exit 1
		read -r c b </proc/uptime; echo "$c $a"'
	# 1234.56 1233.00
	read -r after before <<<"${output//./}"
	echo $((after - before))
}

@test "io-limit: a container reads no faster than it may" {
	local disk partition free limited
	find_controller
	mkdir data
	dd if=/dev/zero of=data/file bs=1M count=2 conv=fsync 2>/dev/null
	disk=$(stat -c '%Hd:%Ld' data/file)
	if [[ -e /sys/dev/block/$disk/partition ]]; then
		partition=$(readlink -f "/sys/dev/block/$disk")
		disk=$(<"${partition%/*}/dev")
	fi
	# tmpfs, overlayfs and btrfs are of no disk; what the kernel has on record was seen above.
	[[ -e /sys/dev/block/$disk ]] || skip_or_fail "$TMP is on no disk"
	free=$(read_in --io-read-bps "$disk:max")
	limited=$(read_in --io-read-bps "$disk:2M")
	echo "without a limit: $free, with 2M a second: $limited (in 10 ms)"
	# It is 100; a busy machine only makes it more.
	((limited >= 70)) || fail "too fast: $limited, without a limit $free"
	((free < limited)) || fail "no slower than without a limit: $limited, $free"
}
