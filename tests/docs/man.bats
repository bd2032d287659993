#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The man pages of the build: they say all that contain itself says, and nothing else; their examples run.
bats_require_minimum_version 1.5.0

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	pages=${CONTAIN%/bin/contain}/share/man
	commands=$("$CONTAIN" help --format table | awk -F '\t' '$1 == "command" { print $2 }')
	contain() { "$CONTAIN" --root "$BATS_TEST_TMPDIR/state" "$@"; }
}

teardown() {
	if [ -d state ]; then
		contain -q list -q | while read -r id; do contain -q delete -f "$id"; done
	fi
}

# shown PAGE: as a reader has it, in lines so long that few are broken.
shown() {
	groff -man -Tascii -P-cbou -rLL=900n -rHY=0 "$pages/man${1##*.}/$1"
}

# section PAGE HEADING: what is beneath a heading of either kind, which is its first words or all of it.
section() {
	shown "$1" | awk -v want="$2" '
	/^[A-Z]/ || /^   [^ ]/ { sub(/^ */, ""); on = $0 == want || index($0, want " ") == 1; next }
	on'
}

# man_flags HEADING...: "-e, --env NAME[=VALUE]", one a line.
man_flags() {
	local heading
	for heading; do section contain.1 "$heading"; done | sed -n 's/^ \{7\}\(-.*\)/\1/p' | sort
}

# help_flags [COMMAND]: the same, as contain shows them.
help_flags() {
	# shellcheck disable=SC2086 # a command may have two words
	"$CONTAIN" help $1 | sed -n 's/^  \(   \)\{0,1\} *\(-.*\)$/\2/p' | sed 's/   *.*//' | grep -v -e '^--set [a-z]' -e '^--enable .*, ' | sort
}

# literal PAGE: its literal blocks, a line "%" in front of each.
literal() {
	awk '/^\.nf/ { on = 1; print "%"; getline; next } /^\.fi/ { on = 0 } on' "$pages/man${1##*.}/$1" |
		sed -e 's/\\&//g' -e 's/\\-/-/g' -e "s/\\\\(aq/'/g" -e 's/\\(ti/~/g' -e 's/\\(ha/^/g' -e 's/\\e/\\/g' -e 's/\\\\/\\/g'
}

same_lines() {
	diff -u --label "man page" --label "contain" <(echo "$1") <(echo "$2")
}

@test "man pages: troff has nothing to say about them, and they have a version" {
	for page in contain.1 contain-profile.5 contain-plugin.3; do
		run groff -man -Tutf8 -ww -z "$pages/man${page##*.}/$page"
		[ "$status" -eq 0 ]
		[ -z "$output" ] || { echo "$output"; return 1; }
		shown "$page" | grep -q "^${page%.*}(${page##*.})"
		grep '^\.TH' "$pages/man${page##*.}/$page" | grep -qF "contain $("$CONTAIN" version | awk '{ print $2 }')"
		# Nothing of the source's own language is left.
		run grep -n '^@\|@[a-z]*@' "$pages/man${page##*.}/$page"
		[ "$status" -eq 1 ]
	done
	man -l "$pages/man1/contain.1" | grep -q SYNOPSIS
}

@test "man pages: a source with a mistake makes none" {
	for line in '@commands' '@flags' '@command nonsense' '@command run'; do
		printf 'x(1)\n\n# NAME\n\nx - y\n\n%s\n' "$line" >wrong.scd
		run "$CONTAIN_SOURCE/tools/man-page" "$CONTAIN" wrong.scd made/wrong.1
		[ "$status" -ne 0 ]
		[ -n "$output" ]
		[ ! -e made/wrong.1 ]
	done
}

@test "contain(1): each command, with its arguments and its other name" {
	[ "$(wc -l <<<"$commands")" -ge 22 ]
	same_lines "$(section contain.1 COMMANDS >/dev/null; shown contain.1 | awk '/^[A-Z]/ { on = $0 == "COMMANDS" } on && /^   [^ ]/' |
		sed 's/^ *//; s/ *$//')" \
		"$("$CONTAIN" help --format table | awk -F '\t' '$1 == "command" { print $2 ($4 != "" ? " " $4 : "") }')"
	while read -r command; do
		# shellcheck disable=SC2086 # a command may have two words
		alias=$("$CONTAIN" help $command | sed -n '2s/^ *contain \([a-z]*\).*/\1/p')
		[ -z "$alias" ] || section contain.1 "$command" | grep -qF "contain $alias" || { echo "$command: not '$alias'"; return 1; }
		section contain.1 "$command" | grep -q '[A-Z]' || { echo "$command: no text"; return 1; }
	done <<<"$commands"
}

@test "contain(1): the flags of each command" {
	plugins=$("$CONTAIN" help --format table | awk -F '\t' '$1 == "plugin" { print $2 }')
	while read -r command; do
		echo "$command"
		kind=$("$CONTAIN" help --format table | awk -F '\t' -v name="$command" '$1 == "command" && $2 == name { print $5 }')
		case $kind in
		makes)
			section contain.1 "$command" | grep -q 'FLAGS OF A CONTAINER and FLAGS OF PLUGINS'
			# shellcheck disable=SC2086
			found=$(man_flags "$command" 'FLAGS OF A CONTAINER' 'FLAGS OF EVERY COMMAND' $plugins)
			;;
		changes) continue ;; # its own are those beside what it may change, which the next test has
		*) found=$(man_flags "$command") ;;
		esac
		same_lines "$found" "$(help_flags "$command")"
	done <<<"$commands"
	same_lines "$(man_flags 'FLAGS OF EVERY COMMAND')" "$(help_flags)"
	# The test itself looks at something.
	[ "$(help_flags run | wc -l)" -ge 20 ]
	help_flags exec | grep -qx -- '-d, --detach'
	man_flags update | grep -qx -- '--set PLUGIN.KEY=VALUE'
}

@test "man pages: no flag in what was written by hand that there is not" {
	while read -r command; do
		# shellcheck disable=SC2086
		"$CONTAIN" help $command
	done <<<"$commands" >known
	"$CONTAIN" help >>known
	cat "$CONTAIN_SOURCE"/docs/contain.1.scd "$CONTAIN_SOURCE"/docs/contain-profile.5.scd |
		grep -oE -- '(^|[ "(,*])--?[a-zA-Z][a-z-]*' | grep -oE -- '--?[a-zA-Z].*' | sort -u >said
	while read -r flag; do
		case $flag in
		-h | --help | --version | -c | -p) continue ;; # of contain itself; of programs in an example
		--timeout | --argv) continue ;;               # of the line of a program in [hooks]
		esac
		grep -qE -- "(^|[ ,])$flag([ ,=]|\$)" known || { echo "there is no $flag"; return 1; }
	done <said
	[ "$(wc -l <said)" -ge 30 ]
}

@test "contain(1): its examples run, one after the other" {
	cp -a "$CONTAIN_ROOTFS" rootfs
	literal contain.1 | grep -v '^%$' >session
	[ "$(grep -c '^contain ' session)" -ge 30 ]
	run grep -v "^contain " session
	[ "$status" -eq 1 ]
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
		'contain wait three') [ "$(cat out)" = 137 ] ;;
		'contain update job '*pids*) contain inspect job | jq -e '[.profile.plugins[].options.max] | contains([134217728, 64])' ;;
		'contain complete '*) grep -q '^minimal.ini' out ;;
		esac
		# What is in the state directory has a name there.
		if [ -d state/job ]; then
			for file in state/job/*; do
				section contain.1 FILES | grep -qE "^ +([a-z.]+, )*\b${file##*/}(,.*)?\$" || { echo "$file is not told"; return 1; }
			done
		fi
	done <session
	[ -z "$(contain list -q)" ]
}

@test "contain-profile(5): each key of the core and of each plugin, with its default" {
	"$CONTAIN" help --format table | awk -F '\t' '$1 == "option" && ($2 == "plugin" || $3 == "process" || $3 == "cgroup")' >options
	[ "$(wc -l <options)" -ge 20 ]
	while IFS= read -r line; do
		IFS=$'\x1f' read -r _ _ table key _ _ initial _ <<<"${line//$'\t'/$'\x1f'}"
		section contain-profile.5 "[$table]" | awk -v key="$key" '/^       [^ ]/ { on = $1 == key && $2 == "=" } on' >said
		[ -s said ] || { echo "[$table] $key is not told"; return 1; }
		[ -z "$initial" ] || grep -qF "default $initial" said || { echo "[$table] $key: not its default"; cat said; return 1; }
	done <options
	grep -q 'default yes' <(section contain-profile.5 '[cgroup-memory]')
	# As many as there are, and no more.
	same_lines "$(shown contain-profile.5 | awk '/^[A-Z]/ { on = /^(THE CORE.S SECTIONS|SECTIONS OF PLUGINS)$/ } on' | grep -cE '^ {7}[a-z0-9_]+ = ')" \
		"$(wc -l <options)"
}

@test "contain-profile(5): its profiles work, and its mistakes are told" {
	cp -a "$CONTAIN_ROOTFS" rootfs
	literal contain-profile.5 | awk '/^%$/ { file = ""; next } file == "" { file = /^; / ? $2 : "session" } { print >file }'
	[ -f small.ini ] && [ -f wrong.ini ] && [ -f hooks.ini ]
	# Programs of names that are here.
	sed -i "s,/usr/local/bin/announce,/bin/true," hooks.ini
	contain run -q --profile ./hooks.ini --rootfs ./rootfs -- /bin/true
	ran=0 status=0
	while IFS= read -r line; do
		case $line in
		'contain '*)
			echo "$ $line"
			eval "$line" </dev/null >out 2>err || { cat out err; return 1; }
			case $line in
			*/bin/hostname) grep -qx sandbox out ;;
			*TZ=UTC*) grep -qx 'UTC C.UTF-8' out ;;
			esac
			ran=$((ran + 1))
			;;
		'$ contain '*)
			eval "${line#\$ }" </dev/null >out 2>&1 && return 1
			;;
		*) grep -qF -- "${line%...}" out || { echo "not told: $line"; cat out; return 1; } ;;
		esac
	done <session
	[ "$ran" -ge 4 ]
}

# names: what of the interface somebody who reads the page should find, one a line.
names() {
	local header=$CONTAIN_SOURCE/core/include/contain/plugin.h
	sed -n 's/^\t\(contain_[a-z_]*\);$/\1/p' "$CONTAIN_SOURCE/core/contain.map"
	sed -n 's/^\tcontain_hook \*\([a-z_]*\);.*/\1/p' "$header"
	sed -n 's/^#define \(CONTAIN_[A-Z_]*[A-Z]\)\((\| \).*/\1/p' "$header" | sed '/^CONTAIN_PLUGIN_H$/d'
	sed -n '/^enum /,/^}/s/.*\b\(CONTAIN_[A-Z]*\)\b.*/\1/p' "$header"
	# The members of the structs.
	sed -n '/^struct contain_\(option\|plugin\) {/,/^};/p' "$header" | sed 's|/\*.*||; s/\[.*\]//' |
		grep -oE '[a-z_]+(, [*a-z_]+)*;' | tr -d ' *;' | tr , '\n'
}

@test "contain-plugin(3): each function, hook, macro and member, and none that there is not" {
	shown contain-plugin.3 >page
	names | sort -u >known
	[ "$(wc -l <known)" -ge 80 ]
	for name in contain_fail teardown CONTAIN_LIST_OPTION CONTAIN_COUNT api_minor short_flag; do grep -qx "$name" known; done
	while read -r name; do
		grep -qw -- "$name" page || { echo "$name is not told"; return 1; }
	done <known
	grep -owE 'contain_[a-z0-9_]+|CONTAIN_[A-Z_]+' page | sort -u >said
	while read -r name; do
		case $name in
		# Of CMake, of the environment, and to come.
		contain_add_plugin | contain_add_plugin_test | CONTAIN_PLUGIN_PATH | contain_plugin_v2) continue ;;
		esac
		grep -qw -- "$name" "$CONTAIN_SOURCE/core/include/contain/plugin.h" || { echo "there is no $name"; return 1; }
	done <said
	[ "$(wc -l <said)" -ge 50 ]
}

@test "contain-plugin(3): its plugin is built and runs" {
	cp -a "$CONTAIN_ROOTFS" rootfs
	literal contain-plugin.3 | awk '/^%$/ { n++; next } { print >("block" n) }'
	mv block1 greeting.c
	"${CC:-cc}" -Wall -Wextra -Werror -shared -fPIC -I "$CONTAIN_SOURCE/core/include" -o greeting.so greeting.c
	while IFS= read -r line; do
		eval "$line" </dev/null
	done <block2
	run contain run --plugin-dir . --rootfs ./rootfs --greet '' -- /bin/true
	[ "$status" -eq 125 ]
}
