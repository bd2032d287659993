#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2154,SC2016,SC2030,SC2031 # variables of bats; scripts of the container in quotes
# An interactive shell on a terminal. pty.c is the terminal, and the one who types.
load common

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
