#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2154,SC2016,SC2030,SC2031 # variables of bats; scripts of the container in quotes
# An interactive shell on a terminal. pty.c is the terminal, and the one who types.
load common
load life

# typed STEP... -- COMMAND...
typed() {
	attempt "$HELPERS/pty" -t "$DEADLINE" "$@"
	output=${output//$'\r'/}
	# The shell asks where the cursor is.
	output=${output//$'\033[6n'/}
}

setup_shell() {
	shell=("$CONTAIN" -q --root "$STATE" run --name "$NAME" --rootfs "$ROOTFS" --env 'PS1=ready> ')
}

@test "a shell on the terminal: it is one, with job control, of the right size" {
	setup_shell
	typed '=ready> ' '+stty size; test -t 0 && echo is a""tty\n' '=33 101' '=is atty' '=ready> ' \
		'+sleep 1000 &\n' '=ready> ' '+jobs\n' '=Running' '=ready> ' '+kill %1; wait; echo $((40 + 2))\n' '=42' '=ready> ' \
		'+exit 7\n' -- "${shell[@]}" -- /bin/sh
	same 7 "$status"
	lacks "$output" "can't access tty" 'job control turned off'
	has "$output" 'terminal: as before'
}

# What runs in the foreground says so itself, so that the keys come when it has the terminal.
busy='sh -c "trap \"echo cau\"ght\"; exit 3\" INT; echo r\"\"uns; while :; do sleep 1; done"'

@test "Ctrl-C interrupts the child of the shell, and neither the shell nor contain" {
	setup_shell
	typed '=ready> ' "+$busy\n" '=runs' '+\x03' '=caught' '=ready> ' '+echo "status"" $?"\n' '=status 3' '=ready> ' \
		'+exit 5\n' -- "${shell[@]}" -- /bin/sh
	same 5 "$status"
	has "$output" 'terminal: as before'
}

@test "Ctrl-Z stops a job, and fg brings it back" {
	setup_shell
	typed '=ready> ' '+sh -c "echo r\"\"uns; exec cat"\n' '=runs' '+echo me\n' '=echo me' '=echo me' '+\x1a' '=Stopped' \
		'=ready> ' '+fg\n' '=exec cat' '+again\n' '=again' '=again' '+\x04' '=ready> ' '+exit 0\n' -- "${shell[@]}" -- /bin/sh
	same 0 "$status"
}

@test "Ctrl-C with no shell in between goes to the command alone" {
	setup_shell
	typed '=runs' '+\x03' '=caught' -- "${shell[@]}" -- /bin/sh -c \
		'trap "echo caught; exit 3" INT; echo runs; while :; do sleep 1; done'
	same 3 "$status"
}

@test "the terminal is as before, also when the command left it raw, and when it was killed" {
	setup_shell
	typed '=raw' -- "${shell[@]}" -- /bin/sh -c 'stty raw -echo; echo raw; exit 6'
	same 6 "$status"
	has "$output" 'terminal: as before'
	typed '=raw' -- "${shell[@]}" --memory 32M -- /bin/sh -c 'stty raw -echo; echo raw; head -c 200m /dev/zero | tail'
	same 137 "$status"
	has "$output" 'terminal: as before'
}

@test "started by an interactive shell, which gets its terminal back" {
	setup_shell
	typed '=host> ' "+$(printf '%q ' "${shell[@]}" -- /bin/sh)\n" '=ready> ' '+echo in""side\n' '=inside' '=ready> ' '+exit 9\n' \
		'=host> ' '+echo "status"" $?"\n' '=status 9' '=host> ' '+sh -c "echo still a""live"\n' '=still alive' '=host> ' \
		'+exit 4\n' -- env PS1='host> ' bash --norc --noprofile -i
	same 4 "$status"
}

@test "a script that ran contain reads from the terminal afterwards" {
	setup_shell
	typed '=ready> ' '+exit 3\n' '=then?' '+a word\n' '=got a word after 3' -- \
		bash -c '"$@"; status=$?; echo "then?"; read -r word; echo "got $word after $status"' sh "${shell[@]}" -- /bin/sh
	same 0 "$status"
}

@test "without a terminal the command is in a session of its own" {
	inside -- /bin/sh -c 'cut -d " " -f 5,6,7 /proc/1/stat'
	same '1 1 0' "$output"
}

# Its end is typed as Ctrl-D, which a shell must not miss because it came before it has set up its terminal.
@test "standard input that ends is the end for what runs on a terminal of its own" {
	setup_shell
	for _ in 1 2 3; do
		attempt timeout -s KILL "$DEADLINE" "${shell[@]}" -t --env LANG=C.UTF-8 -- /bin/sh </dev/null
		same 0 "$status"
	done
	attempt timeout -s KILL "$DEADLINE" "${shell[@]}" -t -- /bin/sh <<<'sleep 1; exit 3'
	same 3 "$status"
	# What is typed is shown, too, and comes twice.
	attempt timeout -s KILL "$DEADLINE" "${shell[@]}" -t -- /bin/cat <<<'a line'
	same 0 "$status"
	same $'a line\r\na line\r' "$output"
	printf 'half a line' >"$TMP/half"
	attempt timeout -s KILL "$DEADLINE" "${shell[@]}" -t -- /bin/sh -c 'cat; echo .' <"$TMP/half"
	same 0 "$status"
	has "$output" $'half a line.\r'
}

# ---- whose terminal

@test "on a terminal the command has one of its own, also by its name and as the console" {
	setup_shell
	typed -- "${shell[@]}" -- /bin/sh -c 'tty; stat -c %t:%T /dev/console $(tty) | uniq | wc -l; stty size </dev/console
		echo to the console >/dev/console; echo to tty >/dev/tty; cut -d " " -f 5-8 /proc/1/stat; stat -c "%U %a" $(tty)'
	same 0 "$status"
	# A pts of devpts has the number 136:0 (88:0); and the command's group is in its foreground.
	same $'/dev/pts/0\n1\n33 101\nto the console\nto tty\n1 1 34816 1\nroot 620\n\nterminal: as before' "$output"
}

@test "it is the user's" {
	setup_shell
	typed -- "${shell[@]}" --user nobody -- /bin/sh -c 'stat -c "%U %a" $(tty); echo on >$(tty)'
	same $'nobody 620\non\n\nterminal: as before' "$output"
}

@test "-T: no terminal of its own, a session of its own, and no controlling terminal" {
	setup_shell
	typed -- "${shell[@]}" -T -- /bin/sh -c 'cut -d " " -f 5-7 /proc/1/stat; echo x 2>&1 >/dev/tty || echo none; [ -e /dev/console ] || echo no console'
	same 0 "$status"
	has "$output" '1 1 0' none 'no console' 'terminal: as before'
}

@test "with the input or the output not on the terminal the command gets none, unless -t is given" {
	setup_shell
	typed -- bash -c '"$@" </dev/null' sh "${shell[@]}" -- /bin/sh -c 'tty; cut -d " " -f 7 /proc/1/stat'
	has "$output" $'not a tty\n0\n'
	typed -- bash -c '"$@" | cat' sh "${shell[@]}" -- /bin/sh -c 'cut -d " " -f 7 /proc/1/stat; test -t 1 || echo none'
	has "$output" $'0\nnone\n'
	typed -- bash -c '"$@" | cat' sh "${shell[@]}" -t -- /bin/sh -c 'tty; test -t 1 && echo one'
	has "$output" $'/dev/pts/0\none\n'
	has "$output" 'terminal: as before'
}

@test "-t without any terminal: the command has one" {
	setup_shell
	attempt "${shell[@]}" -t -- /bin/sh -c 'tty; echo error >&2; exit 5' </dev/null
	same '5 ' "$status $stderr"
	same $'/dev/pts/0\r\nerror\r' "$output"
}

@test "without a devpts in the container it is one of the host's, with job control but without a name" {
	setup_shell
	typed -- "${shell[@]}" --profile minimal.ini -- /bin/sh -c 'tty; stty size; cut -d " " -f 5-6 /proc/1/stat; cut -d " " -f 7,8 /proc/1/stat'
	same 0 "$status"
	matches "$output" $'^not a tty\n33 101\n1 1\n3[45][0-9]{3} 1\n'
	has "$output" 'terminal: as before'
	typed '=ready> ' '+sleep 1000 &\n' '=ready> ' '+jobs\n' '=Running' '=ready> ' '+kill %1; wait; exit 3\n' -- \
		"${shell[@]}" --profile minimal.ini -- /bin/sh
	same 3 "$status"
	lacks "$output" "can't access tty"
}

@test "the window's size, and its changes" {
	setup_shell
	typed '=33 101' '@44x55' '=44 55' -- "${shell[@]}" -- /bin/sh -c 'trap "s=\$(stty size); echo \$s; [ \"\$s\" != \"44 55\" ] || exit 8" WINCH; stty size
		while :; do sleep 1000 & wait $!; done'
	same 8 "$status"
}

@test "much output comes whole, and in its order" {
	setup_shell
	typed -- "${shell[@]}" -- seq 1 20000
	[[ $output == "$(seq 1 20000; printf '\nterminal: as before')" ]] || fail "$(tail -n 5 <<<"$output")"
}

# ---- signals

# cat says that it runs: what was typed comes twice.
@test "Ctrl-C twice at a first process that does not catch it" {
	setup_shell
	shell=("$CONTAIN" "${shell[@]:2}")
	typed '+typed\n' '=typed' '=typed' '+\x03' '=does not catch SIGINT; once more' '+\x03' -- "${shell[@]}" -- /bin/cat
	same 137 "$status"
	has "$output" 'SIGINT came twice' 'terminal: as before'
}

@test "TERM and HUP to contain are the command's, and the terminal is as before" {
	local name
	setup_shell
	for name in TERM HUP; do
		typed '=runs' "!$name" -- "${shell[@]}" -- /bin/sh -c \
			'trap "stty raw; exit 3" TERM; trap "stty raw; exit 4" HUP; echo runs; while :; do sleep 1000 & wait $!; done'
		same "$([[ $name == TERM ]] && echo 3 || echo 4)" "$status"
		has "$output" 'terminal: as before'
	done
}

@test "TERM twice to contain kills what does not catch it, and the terminal is as before" {
	setup_shell
	shell=("$CONTAIN" "${shell[@]:2}")
	typed '+typed\n' '=typed' '=typed' '!TERM' '=does not catch SIGTERM; once more' '!TERM' -- "${shell[@]}" -- /bin/cat
	same 137 "$status"
	has "$output" 'terminal: as before'
}

@test "the terminal goes away: a shell ends, and the container with it" {
	local pid contain
	setup_shell
	mkfifo -m 666 ready
	exec {READY}<>ready
	"$HELPERS/pty" -t 1000 '=never comes' -- "${shell[@]}" --volume "$TMP/ready:/ready" -- /bin/sh -c \
		'echo runs >/ready; exec sh' >/dev/null 2>&1 3>&- &
	pid=$!
	STARTED+=("$pid")
	read -r -t "$DEADLINE" _ <&"$READY"
	contain=$(pgrep -P "$pid")
	kill -KILL "$pid"
	wait_for is_dead "$contain"
	wait "$pid" || :
	same '' "$(ctl list -q)"
}

# ---- exec

@test "exec on a terminal: a terminal of the container's, of the right size, that is the command's alone" {
	background
	typed -- "$CONTAIN" -q --root "$STATE" exec "$NAME" /bin/sh -c 'tty; stty size; cut -d " " -f 7 /proc/$$/stat; echo on >/dev/tty; exit 6'
	same 6 "$status"
	same $'/dev/pts/0\n33 101\n34816\non\n\nterminal: as before' "$output"
	typed -- "$CONTAIN" -q --root "$STATE" exec -T "$NAME" /bin/sh -c 'cut -d " " -f 7 /proc/$$/stat; echo x 2>/dev/null >/dev/tty || echo none'
	same $'0\nnone\n\nterminal: as before' "$output"
}

@test "exec -it: a shell, with job control, Ctrl-C, and the window's size" {
	background
	typed '=exec> ' '+sleep 1000 &\n' '=exec> ' '+jobs\n' '=Running' '=exec> ' "+$busy\n" '=runs' '+\x03' '=caught' '=exec> ' '@20x30' \
		'+until [ "$(stty size)" = "20 30" ]; do sleep 0.1; done; echo si""zed\n' '=sized' '=exec> ' '+kill %1; wait; exit 7\n' -- \
		"$CONTAIN" -q --root "$STATE" exec -it -e 'PS1=exec> ' "$NAME" /bin/sh
	same 7 "$status"
	has "$output" 'terminal: as before'
	lacks "$output" "can't access tty"
	told running
}

@test "exec -t: TERM and HUP to contain are the command's, and its end gives the terminal back" {
	local name
	background
	for name in TERM HUP; do
		typed '=runs' "!$name" -- "$CONTAIN" -q --root "$STATE" exec "$NAME" /bin/sh -c \
			'trap "stty raw; exit 3" TERM; trap "stty raw; exit 4" HUP; echo runs; while :; do sleep 1000 & wait $!; done'
		same "$([[ $name == TERM ]] && echo 3 || echo 4)" "$status"
		has "$output" 'terminal: as before'
	done
	typed '=raw' -- "$CONTAIN" -q --root "$STATE" exec "$NAME" /bin/sh -c 'stty raw -echo; echo raw; kill -KILL $$'
	same 137 "$status"
	has "$output" 'terminal: as before'
}

@test "exec -t beside a container that has a terminal: each has its own" {
	made_by run -t -- /bin/sh -c 'tty; read -r word'
	typed -- "$CONTAIN" -q --root "$STATE" exec "$NAME" tty
	has "$output" /dev/pts/1
	said() { [[ $(ctl logs "$NAME") == */dev/pts/0* ]]; }
	wait_for said
	attempt ctl -q exec -t "$NAME" tty </dev/null
	same $'0 /dev/pts/1\r' "$status $output"
}

@test "exec -t without a devpts in the container" {
	good run -d --profile minimal.ini --name "$NAME" --rootfs "$ROOTFS" -- /bin/sleep 1000
	typed '+a line\n' '=a line' '=a line' '+\x04' -- "$CONTAIN" -q --root "$STATE" exec "$NAME" /bin/cat
	same 0 "$status"
	has "$output" 'terminal: as before'
}

@test "the container ends under an exec: the terminal is as before" {
	background
	# Raw, and nobody there any more who would set it back but contain.
	typed '=runs' '+x' -- "$CONTAIN" -q --root "$STATE" exec "$NAME" /bin/sh -c \
		'stty raw -echo; echo runs; dd bs=1 count=1 >/dev/null 2>&1; echo "exit 3" >/mnt/go; exec sleep 1000'
	same 137 "$status"
	has "$output" 'terminal: as before'
	good wait "$NAME"
	same 3 "$output"
}

@test "the terminal goes away: also a first process that does not catch HUP ends" {
	setup_shell
	typed '=runs' '!HUP' -- "${shell[@]}" -- /bin/sh -c 'echo runs; exec sleep 1000'
	same 137 "$status"
	has "$output" 'terminal: as before'
}
