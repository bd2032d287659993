#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# docs/contain.1: it says all that `contain help` says, and nothing else; it is a man page; its examples run.
bats_require_minimum_version 1.5.0

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	PAGE=$CONTAIN_SOURCE/docs/contain.1
	commands=$("$CONTAIN" help | awk '/^Commands:/ { on = 1; next } /^$/ { on = 0 } on { print $1 }')
	contain() { "$CONTAIN" --root "$BATS_TEST_TMPDIR/state" "$@"; }
}

teardown() {
	if [ -d state ]; then
		contain -q list -q | while read -r id; do contain -q delete -f "$id"; done
	fi
}

# The page as plain lines: each macro, and its arguments as they are joined in print.
plain() {
	awk '
	{ gsub(/\\f[A-Z]/, ""); gsub(/\\&/, ""); gsub(/\\-/, "-"); gsub(/\\\(aq/, "\047"); gsub(/\\e/, "\\") }
	/^\.[A-Z]+ / {
		macro = $1
		rest = substr($0, length(macro) + 2)
		joined = ""
		while (length(rest)) {
			if (match(rest, /^ *"[^"]*"/)) { part = substr(rest, 1, RLENGTH); rest = substr(rest, RLENGTH + 1)
				sub(/^ *"/, "", part); sub(/"$/, "", part) }
			else { match(rest, /^ *[^ ]*/); part = substr(rest, 1, RLENGTH); rest = substr(rest, RLENGTH + 1)
				sub(/^ */, "", part) }
			joined = joined (joined != "" && macro ~ /^\.(B|I|SS|SH)$/ ? " " : "") part
		}
		print macro, joined
		next
	}
	{ print }' "$PAGE"
}

# section HEADING: the lines beneath .SS or .SH HEADING, which is its first word or all of it.
section() {
	plain | awk -v want="$1" '/^\.S[SH] / { on = substr($0, 5) == want || $2 == want; next } on'
}

# man_flags HEADING...: "-e, --env NAME[=VALUE]", one a line.
man_flags() {
	local heading
	for heading; do section "$heading"; done | awk 'tag { sub(/^\.[A-Z]+ /, ""); if (/^-/) print } { tag = /^\.TP/ }' | sort
}

# help_flags [COMMAND]: the same, as contain shows them; those of plugins are told by `contain run --help` alone.
help_flags() {
	"$CONTAIN" help "$@" | sed -n '/^Of /q; s/^  \(   \)\{0,1\} *\(-.*\)$/\2/p' | sed 's/   *.*//' | sort
}

same_lines() {
	diff -u --label "man page" --label "contain help" <(echo "$1") <(echo "$2")
}

@test "man page: each command, with its arguments and its other name" {
	[ "$(wc -l <<<"$commands")" -ge 20 ]
	# Headings of commands are not all in capitals.
	same_lines "$(plain | sed -n 's/^\.SS \([a-z][a-z]*\).*/\1/p' | sort)" "$(sort <<<"$commands")"
	for command in $commands; do
		usage=$("$CONTAIN" help "$command" | sed -n '1s/^Usage: contain //p')
		plain | grep -qxF ".SS $usage" || { echo "no heading '$usage'"; return 1; }
		alias=$("$CONTAIN" help "$command" | sed -n '2s/^ *contain \([a-z]*\).*/\1/p')
		[ -z "$alias" ] || section "$command" | grep -qF "contain $alias" || { echo "$command: not '$alias'"; return 1; }
	done
}

@test "man page: the flags of each command" {
	for command in $commands; do
		echo "$command"
		case $command in
		run) found=$(man_flags run create 'FLAGS OF EVERY COMMAND') ;;
		create) found=$(man_flags create 'FLAGS OF EVERY COMMAND') ;;
		*) found=$(man_flags "$command") ;;
		esac
		same_lines "$found" "$(help_flags "$command")"
	done
	same_lines "$(man_flags 'FLAGS OF EVERY COMMAND')" "$(help_flags)"
	# The test itself looks at something.
	[ "$(help_flags run | wc -l)" -ge 20 ]
	help_flags exec | grep -qx -- '-d, --detach'
}

@test "man page: no flag in its text that there is not" {
	"$CONTAIN" run --help >known
	for command in $commands; do "$CONTAIN" help "$command"; done >>known
	plain | grep -oE -- '(^|[ "(,])--?[a-zA-Z][a-z-]*' | grep -oE -- '--?[a-zA-Z].*' | sort -u >said
	while read -r flag; do
		case $flag in
		-h | --help | --version | -c) continue ;; # of contain itself; of the shell in an example
		esac
		grep -qE -- "(^|[ ,])$flag([ ,=]|\$)" known || { echo "there is no $flag"; return 1; }
	done <said
	[ "$(wc -l <said)" -ge 40 ]
}

@test "man page: troff has nothing to say about it" {
	run groff -man -Tutf8 -ww -z "$PAGE"
	[ "$status" -eq 0 ]
	[ -z "$output" ] || { echo "$output"; return 1; }
	groff -man -Tascii -P-c "$PAGE" >shown
	grep -q '^CONTAIN(1)' shown
	# The version that it is of.
	plain | grep -F "contain $("$CONTAIN" version | awk '{ print $2 }')" | grep -q '^\.TH'
}

@test "man page: its examples run, one after the other" {
	cp -a "$CONTAIN_ROOTFS" rootfs
	plain | awk '/^\.EX/ { on = 1; next } /^\.EE/ { on = 0 } on' >session
	[ "$(grep -c '^contain ' session)" -ge 30 ]
	[ -z "$(grep -v '^contain ' session)" ]
	while IFS= read -r line; do
		echo "$ $line"
		eval "$line" </dev/null >out 2>err || { echo "exit status $?"; cat out err; return 1; }
		case $line in
		'contain run '*'echo hello') [ "$(cat out)" = hello ] ;;
		'contain run -d --name job '*) [ "$(cat out)" = job ] ;;
		'contain state job') jq -e '.status == "running"' out ;;
		'contain inspect job two') [ "$(jq -r .id out)" = $'job\ntwo' ] ;;
		'contain exec -u nobody '*) grep -q '^uid=65534' out && grep -qx /tmp out ;;
		'contain logs job') [ -s out ] ;;
		'contain ps job') grep -q 'sleep 1' out ;;
		'contain pause job') contain state job | jq -e '.status == "paused"' ;;
		'contain wait job') [ "$(cat out)" = 143 ] ;;
		'contain update job '*pids*) contain inspect job | jq -e '[.profile.plugins[].options.max] | contains([134217728, 64])' ;;
		esac
		# What is in the state directory has a name there.
		if [ -d state/job ]; then
			for file in state/job/*; do
				section FILES | grep -qE "^\.IR? .*\b${file##*/}( |,|\$)" || { echo "$file is not told"; return 1; }
			done
		fi
	done <session
	[ -z "$(contain list -q)" ]
}
