#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2154 # variables of bats
# contain plugin new: what it refuses, and that it leaves nothing when it fails.
load external

# new_refused WORDS ARGUMENT...
new_refused() {
	local words=$1
	shift
	refused "$words" "$PREFIX/bin/contain" plugin new "$@"
}

@test "a name that a plugin can't have is refused, and nothing is made" {
	local name
	for name in '' Upper 1st -a _a a_b a.b a/b ../a 'a b' 'a
b' ä "$(printf 'a%.0s' {1..33})"; do
		new_refused "can't be the name of a plugin|begins with a letter|32" -- "$name"
	done
	same '' "$(ls)"
	new_refused 'too few arguments: contain plugin new'
	new_refused "'two' is one argument too many" one two
	new_refused 'language|c, c++' --language rust one
	same '' "$(ls)"
}

@test "what is there is never overwritten" {
	mkdir folder
	echo precious >folder/folder.c
	echo precious >file
	ln -s /nonexistent/target link
	local name
	for name in folder file link; do
		new_refused "can't make the folder '$name': File exists|choose another name" "$name"
	done
	same 'file folder link' "$(echo *)"
	same 'precious precious' "$(cat file folder/* | tr '\n' ' ' | sed 's/ $//')"
	[[ -L link && ! -e /nonexistent ]]
	# Also what it has made itself.
	new once
	new_refused 'File exists' once
}

@test "a directory that can't be written is told" {
	mkdir -m 555 closed
	private "mount --bind -o ro closed closed; cd closed
		! '$PREFIX/bin/contain' plugin new one 2>../messages"
	has "$(<messages)" "can't make the folder 'one': Read-only file system"
}

@test "when the disk is full nothing is left" {
	mkdir small
	# Room for some of the files.
	private "mount -t tmpfs -o size=16k,mode=755 none small; cd small
		status=0
		'$PREFIX/bin/contain' plugin new one 2>../messages || status=\$?
		[[ \$status == 125 && ! \$(ls -A) ]]"
	has "$(<messages)" 'error: ' 'No space left on device'
	same 1 "$(wc -l <messages)"
}

@test "without templates nothing is made" {
	mkdir -p bare/bin
	cp "$PREFIX/bin/contain" bare/bin/
	refused "can't read the templates in '$TMP/bare/share/contain/plugin-template/common'|cmake --install" \
		bare/bin/contain plugin new one
	# Half of them.
	mkdir -p bare/share/contain
	cp -r "$PREFIX/share/contain/plugin-template" bare/share/contain/
	rm -r bare/share/contain/plugin-template/c
	refused "plugin-template/c'" bare/bin/contain plugin new one
	same bare "$(echo *)"
	bare/bin/contain -q plugin new --language c++ two
	[[ -f two/two.cc ]]
}

@test "names that are something else in C, or the longest, compile" {
	local name
	for name in int main a x- a--b "$(printf 'a%.0s' {1..32})"; do
		new "$name"
		"$CC" -fsyntax-only -Wall -Wextra -Werror -I "$PREFIX/include" "$name"/*.c
		rm -r "$name"
		new --language c++ "$name"
		c++ -std=c++20 -fsyntax-only -Wall -Wextra -Werror -I "$PREFIX/include" "$name/$name.cc"
		rm -r "$name"
	done
}

@test "the name of a plugin that is there already gets a warning" {
	attempt "$PREFIX/bin/contain" plugin new pidns
	same 0 "$status"
	has "$stderr" "warning: there is a plugin 'pidns' already"
	attempt "$PREFIX/bin/contain" plugin new another
	lacks "$stderr" warning
	has "$stderr" 'made the folder another; next: cmake -S another -B another/build'
}

@test "the files are as the umask has it" {
	(umask 027 && new masked)
	same 'masked 750' "$(stat -c '%n %a' masked)"
	same 640 "$(stat -c %a masked/* | sort -u)"
}
