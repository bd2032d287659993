#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# README.md, followed to the letter: its commands, its profile, its plugin, and what it says that they print. And docs/network.md.

# block LANGUAGE N [PAGE]: the N-th block of code in that language.
block() {
	awk -v want="$1" -v nth="$2" '/^```/ { inside = !inside; if (inside) { here = substr($0, 4) == want && ++seen == nth }
		next } inside && here' "$CONTAIN_SOURCE/${3-README.md}"
}

setup() {
	# What is not ASCII is shown as that.
	export LC_ALL=C
	cd "$BATS_TEST_TMPDIR"
	cp -a "$CONTAIN_ROOTFS" rootfs
	mkdir conf plugins.d
	cp "$CONTAIN_SOURCE"/conf/*.ini conf/
	ln -s "$CONTAIN_SOURCE/core" core
	contain() { "$CONTAIN" --root "$BATS_TEST_TMPDIR/state" "$@"; }
	sudo() { "$@"; }
}

teardown() {
	# What a test that failed has left.
	if [ -d state ]; then
		contain -q list -q | while read -r id; do contain -q delete -f "$id"; done
	fi
}

@test "README: the first example prints what it shows" {
	block console 1 | sed -n 's/^\/ # //p' >script
	block console 1 | grep '^\[contain\]' | sed -E 's/: [0-9.]+(us|ms|s|K|M|)$/: N/' >expected
	command=$(block console 1 | sed -n '1s/^\$ //p')
	eval "$command" <script >out 2>err
	sed -E 's/: [0-9.]+(us|ms|s|K|M|)$/: N/' err >found
	diff -u expected found
	grep -x sandbox out
	grep -E '^ +1 root +/bin/sh$' out
}

@test "README: each of its examples runs" {
	block sh 1 >examples
	[ "$(grep -c '^contain run' examples)" -ge 6 ]
	while read -r line; do
		echo "$line"
		eval "$line" </dev/null
	done <examples
}

# connects: the commands in the file examples do.
connects() {
	[ "$(grep -c "hostname$" examples)" = 2 ]
	# In a network namespace of the test's own. A server that has just been started may not listen yet, so a client asks again.
	CONTAIN=$CONTAIN unshare -n bash -euc '
		contain() { "$CONTAIN" -q --root "$PWD/state" "$@"; }
		sudo() { "$@"; }
		ip link set lo up
		while IFS= read -r line; do
			tries=0
			until eval "$line" </dev/null; do ((++tries < 200)); done
		done <examples' >found
	[ "$(grep -cx web found)" = 3 ]
}

@test "README: its network connects containers, and the host to them" {
	block sh 2 >examples
	connects
}

@test "docs/network.md: its examples connect them too, and its profile is one" {
	block sh 1 docs/network.md >examples
	connects
	grep -q 'inet 10\.97\.0\.2/16' found
	block ini 1 docs/network.md >web.ini
	run contain plan --profile ./web.ini --rootfs ./rootfs -- /bin/true
	[ "$status" -eq 0 ]
	grep -qE '^veth.publish +./web.ini:[0-9]+ +127.0.0.1:8080:80$' <<<"$output"
}

@test "README: its console examples say what they show" {
	# The limit, the wrong value, a life, the mistake in a profile, the plan, the score: each command's output has every line that is shown for it.
	block ini 1 | sed 's/^max  =/mx =/' >strict.ini
	for n in 2 3 4 5 6; do
		block console $n >shown
		while IFS= read -r command; do
			run eval "$command"
			awk -v c="\$ $command" '$0 == c { on = 1; next } /^\$ / { on = 0 } on && $0 != "..."' shown >expected
			while IFS= read -r line; do
				grep -qxF -- "$line" <<<"$output" || { echo "missing: $line"; echo "in: $output"; return 1; }
			done <expected
		done < <(sed -n 's/^\$ //p' shown)
	done
	[ -z "$(contain list -q)" ]
}

@test "README: its profile works" {
	block ini 1 >strict.ini
	run contain run -q --profile ./strict.ini --rootfs ./rootfs -- /bin/sh -c 'id -u; echo $LANG; touch /x 2>&1'
	[ "${lines[0]}" = 65534 ]
	[ "${lines[1]}" = C.UTF-8 ]
	[[ ${lines[2]} == *"Read-only file system"* ]]
}

@test "README: its profile with hooks runs programs" {
	# Under names that are here: what they are called with is kept.
	printf '#!/bin/sh\necho "$CONTAIN_PHASE $# $(cat)" >>%s/called\n' "$BATS_TEST_TMPDIR" >program
	chmod 755 program
	block ini 2 | sed -E "s, /usr/(local/)?bin/[a-z-]+, $BATS_TEST_TMPDIR/program," >hooks.ini
	contain run -q --profile ./hooks.ini --name hooked --rootfs ./rootfs -- /bin/true
	[ "$(awk '{ print $1, $2 }' called)" = $'parent_attach 0\nparent_started 1\nteardown 0' ]
	[ "$(sed 's/^[^{]*//' called | jq -r .id)" = $'hooked\nhooked\nhooked' ]
}

@test "README: its plugin compiles and does what it shows" {
	block c 1 >greeting.c
	# A sanitized contain can't load it under the name cc that the text uses, but any compiler will do.
	cc() { "$CC" -Wall -Wextra -Werror "$@"; }
	block console 7 >shown
	while IFS= read -r command; do
		run eval "$command"
		[ "$status" -eq 0 ]
	done < <(sed -n 's/^\$ //p' shown)
	grep -v '^\$\|^\.\.\.' shown | while IFS= read -r line; do grep -xF -- "$line" <<<"$output"; done
	run contain run --plugin-dir plugins.d --rootfs ./rootfs --greet '' -- /bin/true
	[ "$status" -eq 125 ]
	[[ $output == *"[contain] error: greeting: nothing to say: give --greet TEXT"* ]]
	run contain run --plugin-dir plugins.d --help
	[[ $output == *"--greet TEXT"*"say TEXT before the command runs"* ]]
}

@test "README: every flag of every plugin is in it" {
	run contain run --help
	while read -r flag; do
		grep -qF -- "$flag" "$CONTAIN_SOURCE/README.md" || { echo "$flag is not in README.md"; return 1; }
	done < <(grep -A99 '^Of the plugin' <<<"$output" | grep -oE -- '--[a-z][a-z-]*')
}

@test "README: every command is in it" {
	run contain help
	commands=$(awk '/^Commands:/ { on = 1; next } /^$/ { on = 0 } on { print $1 }' <<<"$output")
	[ "$(wc -l <<<"$commands")" -ge 20 ]
	for command in $commands; do
		[ "$command" != version ] || continue
		grep -qE -- "(\`|contain )$command\\b" "$CONTAIN_SOURCE/README.md" || { echo "$command is not in README.md"; return 1; }
	done
}

@test "README: the JSON of --report has the keys that it shows" {
	block json 1 | grep -oE '"[a-z_]+":' >expected
	contain run -q --rootfs ./rootfs --report report.json -- /bin/true
	grep -oE '"[a-z_]+":' report.json >found
	diff -u expected found
}
