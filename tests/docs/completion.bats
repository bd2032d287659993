#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Completion: what `contain complete` answers, and what bash, zsh and fish make of it.
bats_require_minimum_version 1.5.0

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	PATH=${CONTAIN%/*}:$PATH
	scripts=$CONTAIN_SOURCE/conf/completion
	unset CONTAIN_PLUGIN_PATH
}

teardown() {
	if [ -d state ]; then
		contain -q --root "$PWD/state" list -q | while read -r id; do contain -q --root "$PWD/state" delete -f "$id"; done
	fi
}

# answer WORD...: the words that are offered, one a line, without what they mean.
answer() {
	"$CONTAIN" complete -- "$@" | cut -f 1
}

# offers WORD... is EXPECTED...: exactly these, in any order.
offers() {
	local words=()
	while [ "$1" != is ]; do
		words+=("$1")
		shift
	done
	shift
	diff -u <((($# == 0)) || printf '%s\n' "$@" | sort) <(answer "${words[@]}" | sort)
}

table() {
	"$CONTAIN" help --format table
}

# ---- the answer -----------------------------------------------------------------------------------------------------

@test "complete: each command, with what it does, and those of two words in two steps" {
	table | awk -F '\t' '$1 == "command" { print $2 "\t" $6 }' >commands
	[ "$(wc -l <commands)" -ge 22 ]
	"$CONTAIN" complete -- '' >first
	while IFS=$'\t' read -r name summary; do
		case $name in
		*' '*)
			grep -q "^${name% *}"$'\t' first
			"$CONTAIN" complete -- "${name% *}" '' | grep -qxF "${name#* }"$'\t'"$summary"
			"$CONTAIN" complete -- help "${name% *}" '' | grep -qxF "${name#* }"$'\t'"$summary"
			;;
		*) grep -qxF "$name"$'\t'"$summary" first ;;
		esac
	done <commands
	[ "$(sort first | uniq -d | wc -l)" -eq 0 ]
	offers ru is run
	offers help ru is run
	offers nonsense '' is
	offers help run '' is
}

@test "complete: the flags of each command" {
	for option in $(table | awk -F '\t' '$1 == "option" && $3 == "global" { print $10 }'); do
		"$CONTAIN" complete -- - | grep -q "^--$option"$'\t'
	done
	table >tables
	while IFS= read -r name; do
		# shellcheck disable=SC2086 # a command may have two words
		{
			answer $name -- >found
			# The last word is a flag that begins; the command's own, those of all, and what its kind has.
			awk -F '\t' -v name="$name" '
			$1 == "command" && $2 == name { kind = $5 }
			$1 == "option" && $10 != "" && ($3 == "global" || ($2 == "command" && $3 == name) ||
				(kind == "makes" && ($3 == "create" || $3 == "process" || $2 == "plugin")) ||
				(kind == "changes" && $2 == "plugin" && $6 ~ /live/)) { print "--" $10 }' tables >expected
			echo --help >>expected
			! "$CONTAIN" help $name | grep -q '^Usage: .*COMMAND \[ARGUMENTS\]' || echo -- >>expected
		}
		echo "$name"
		diff -u <(sort -u expected) <(sort -u found)
	done < <(awk -F '\t' '$1 == "command" { print $2 }' tables)
	offers run --mem is --memory
	offers run -- ls --mem is :files
	offers exec job --mem is :commands
	offers update job --mem is --memory
	answer logs - | grep -qx -- -f
}

@test "complete: flags of plugins by others, wherever these are" {
	mkdir plugins.d
	cat >mark.c <<-'END'
	#include <contain/plugin.h>
	#include <stdlib.h>
	struct mark { int colour; bool loud; };
	static const char *const colours[] = { "red", "green", NULL };
	static const struct contain_option options[] = {
		CONTAIN_ENUM_OPTION(struct mark, colour, "colour", .choices = colours, .flag = "mark-colour", .help = "a colour"),
		CONTAIN_BOOL_OPTION(struct mark, loud, "loud", .help = "no flag"),
		CONTAIN_OPTIONS_END
	};
	static int hook(struct contain_ctx *ctx, void *self) { (void)ctx, (void)self; abort(); }
	CONTAIN_PLUGIN(.name = "mark", .version = "1", .summary = "make a mark", .self_size = sizeof(struct mark),
		       .options = options, .configure = hook, .check = hook)
	END
	"${CC:-cc}" -shared -fPIC -I "$CONTAIN_SOURCE/core/include" -o plugins.d/mark.so mark.c
	offers run --mark is
	offers run --plugin-dir plugins.d --mark is --mark-colour
	offers --plugin-dir=plugins.d run --mark is --mark-colour
	offers run --mark-colour green --plugin-dir plugins.d --mark is --mark-colour
	CONTAIN_PLUGIN_PATH=$PWD/plugins.d offers run --mark is --mark-colour
	offers run --plugin-dir plugins.d --mark-colour '' is red green
	offers run --plugin-dir plugins.d --mark-colour=g is --mark-colour=green
	offers run --plugin-dir plugins.d --enable ma is mark
	offers run --plugin-dir plugins.d --set mark. is mark.colour= mark.loud=
	offers run --plugin-dir plugins.d --set mark.loud= is mark.loud=yes mark.loud=no
	offers run --plugin-dir plugins.d --set=mark.colour=r is --set=mark.colour=red
	"$CONTAIN" complete -- run --plugin-dir plugins.d --mark | grep -qx -- $'--mark-colour\ta colour'
}

@test "complete: values" {
	offers --log-format '' is text json
	offers --log-format=j is --log-format=json
	# shellcheck disable=SC2046 # names without blanks
	offers run --profile '' is $(cd "${CONTAIN%/bin/contain}/etc/contain" && echo *.ini)
	offers run --profile=mini is --profile=minimal.ini
	offers run --profile ./ is :files
	offers run --rootfs '' is :directories
	offers run --rootfs=x is :directories
	offers run --volume /e is :files
	offers run --memory m is max
	offers run --pids m is max
	offers run --enable cgroup-m is cgroup-memory
	offers plugin show cgroup-m is cgroup-memory
	offers plugin show ./ is :files
	offers check mini is minimal.ini
	offers run --set cgroup-memory.o is cgroup-memory.oom_group=
	offers update job --set cgroup-memory.m is cgroup-memory.max=
	offers update job --set mountns. is
	MARKED_VARIABLE=1 offers run --env MARKED_ is MARKED_VARIABLE
	offers run -e X -qd --rm -- '' is :commands
	offers kill job TER is TERM
	offers kill -s TER is TERM
	offers stop --signal=HU is --signal=HUP
	answer run '' | grep -qx -- --memory
	answer run '' | grep -qx -- --
	offers run -- '' is :commands
	offers run -- ls '' is :files
	offers run -d -- '' is :commands
	offers exec job -- '' is :commands
	offers exec -u root job ls '' is :files
	# Only what is typed as a value is one.
	offers run --name '' is
	offers kill job TERM '' is
	offers version '' is
}

@test "complete: containers, by what they can be used for" {
	cp -a "$CONTAIN_ROOTFS" rootfs
	contain --root state -q create --name one --rootfs rootfs -- /bin/sleep 1000
	contain --root state -q create --name two --rootfs rootfs -- /bin/sleep 1000
	contain --root state start two
	contain --root state -q run -d --name three --rootfs rootfs -- /bin/true
	contain --root state wait three
	offers --root state start '' is one
	offers start --root state '' is one
	offers exec --root state '' is two
	offers --root=state ps '' is two
	offers --root state delete '' is one two three
	offers --root state delete t is two three
	offers --root state delete one t is two three
	offers --root state inspect '' is one two three
	offers --root state kill '' is one two
	offers --root state resume '' is
	offers --root state logs one '' is
	"$CONTAIN" complete -- --root state inspect two | grep -qx $'two\trunning'
	contain --root state pause two
	offers --root state resume '' is two
	contain --root state resume two
}

@test "complete: nothing is ever told but the answer" {
	mkdir broken
	echo nonsense >broken/x.so
	for words in '--root' '--root /nonexistent ps' '--root /etc/passwd ps' 'run --plugin-dir /nonexistent --mem' 'run --plugin-dir broken -' \
		'run --nonsense' 'run --profile /nonexistent --mem' '--log /nonexistent/x run --mem' '- - -' '-- -- --' '--= run' \
		'run --=' 'run -eq' 'kill x' "run $(printf '%0500d' 0)" 'run --set .=' 'run --set a.b=' 'complete -- run'; do
		# shellcheck disable=SC2086
		run --separate-stderr "$CONTAIN" complete -- $words ''
		[ "$status" -eq 0 ] && [ -z "$stderr" ] || { echo "$words: $status, $stderr"; return 1; }
		# shellcheck disable=SC2086
		run --separate-stderr "$CONTAIN" complete -- $words
		[ "$status" -eq 0 ] && [ -z "$stderr" ] || { echo "$words: $status, $stderr"; return 1; }
	done
	run --separate-stderr "$CONTAIN" complete
	[ "$status" -eq 0 ] && [ -z "$output$stderr" ]
	# A directory of plugins that is none hides no flags of the core.
	answer run --plugin-dir /nonexistent --prof | grep -qx -- --profile
}

@test "complete: it changes nothing, and starts nothing" {
	[[ $CONTAIN != *sanitize* ]] || export ASAN_OPTIONS=detect_leaks=0
	strace -f -qq -e trace=execve,clone,clone3,fork,vfork,mkdir,mkdirat,unlink,unlinkat,rename,mount,fsopen,openat -o trace \
		"$CONTAIN" complete -- run --mem >out
	grep -q -- --memory out
	[ "$(grep -c 'execve(' trace)" -eq 1 ]
	[ "$(grep -cE '(clone3?|v?fork|mkdir|mkdirat|unlink|unlinkat|rename|mount|fsopen)\(' trace)" -eq 0 ]
	[ "$(grep -cE 'openat.*O_(WRONLY|RDWR|CREAT)' trace)" -eq 0 ]
}

# ---- the shells -----------------------------------------------------------------------------------------------------

# bash_offers LINE: what the function gives to readline, whose words end at = and : too.
bash_offers() {
	bash --norc -c '
		source "$1"
		COMP_LINE=$2 COMP_POINT=${#2} COMP_WORDS=()
		rest=$2 word="^([[:blank:]]*)([^[:blank:]=:]+|[=:]+)"
		while [[ $rest =~ $word ]]; do
			COMP_WORDS+=("${BASH_REMATCH[2]}")
			rest=${rest#"${BASH_REMATCH[0]}"}
		done
		[[ $2 != *" " ]] || COMP_WORDS+=("")
		COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
		function=$(complete -p contain | sed "s/.*-F \([^ ]*\).*/\1/")
		$function contain "" "" 2>err
		printf "%s\n" "${COMPREPLY[@]}"
		[[ ! -s err ]] || { cat err; exit 1; }
	' bash "$scripts/contain.bash" "$1"
}

@test "bash: completes by what contain answers" {
	mkdir -p rooms/one
	touch rooms/file
	[ "$(bash_offers 'contain run --mem')" = --memory ]
	[ "$(bash_offers 'contain run --rm --mem')" = --memory ]
	bash_offers 'contain ' | grep -qx run
	[ "$(bash_offers 'contain kill job HU')" = HUP ]
	[ "$(bash_offers 'contain run --profile=def')" = default.ini ]
	[ "$(bash_offers 'contain run --log-format=' | sort)" = $'json\ntext' ]
	[ "$(bash_offers 'contain run --log-format ' | sort)" = $'json\ntext' ]
	[ "$(bash_offers 'contain run --rootfs roo')" = rooms ]
	[ "$(bash_offers 'contain run --rootfs=rooms/')" = rooms/one ]
	[ "$(bash_offers 'contain run --report rooms/' | sort)" = $'rooms/file\nrooms/one' ]
	[ "$(bash_offers 'contain run --set cgroup-memory.oom_group=y')" = yes ]
	[ "$(bash_offers 'contain run --set cgroup-memory.oo')" = cgroup-memory.oom_group= ]
	bash_offers 'contain run -- /bin/l' | grep -qx /bin/ls
	[ "$(bash_offers 'contain run -- ls roo')" = rooms ]
	# The program that was typed, by its path, is the one that is asked.
	[ "$(bash_offers "$CONTAIN run --mem")" = --memory ]
	# In the middle of a line, what is behind the cursor does not count.
	run bash --norc -c 'source "$1"; COMP_LINE="contain run --mem -- ls" COMP_POINT=17 COMP_WORDS=(contain run --mem -- ls) COMP_CWORD=2
		_contain_complete; echo "${COMPREPLY[@]}"' bash "$scripts/contain.bash"
	[ "$output" = --memory ]
}

# in_zsh LINE: the line that an interactive zsh makes of it at the tab key.
in_zsh() {
	timeout 60 zsh -f "$CONTAIN_SOURCE/tests/docs/complete.zsh" "$scripts" "$1" | tr -d '\r' | tee -a zsh.log | sed -n 's/.*line: <\(.*\)>.*/\1/p'
}

@test "zsh: completes by what contain answers" {
	mkdir -p rooms/one
	[ "$(in_zsh 'contain run --mem')" = 'contain run --memory ' ]
	[ "$(in_zsh 'contain kill job HU')" = 'contain kill job HUP ' ]
	[ "$(in_zsh 'contain run --profile=def')" = 'contain run --profile=default.ini ' ]
	[ "$(in_zsh 'contain run --rootfs=roo')" = 'contain run --rootfs=rooms/' ]
	[ "$(in_zsh 'contain run --rootfs rooms/o')" = 'contain run --rootfs rooms/one/' ]
	[ "$(in_zsh 'contain run --set cgroup-memory.oo')" = 'contain run --set cgroup-memory.oom_group=' ]
	[ "$(in_zsh 'contain run -- /bin/unam')" = 'contain run -- /bin/uname ' ]
	# Several are listed, with what they mean.
	in_zsh 'contain run --log'
	grep -q -- '--log-format  -- how messages are written' zsh.log
}

# in_fish LINE: what fish offers, with what it means behind a tab.
in_fish() {
	# shellcheck disable=SC2016 # fish expands them
	HOME=$BATS_TEST_TMPDIR fish --no-config -c 'source $argv[1]; complete -C $argv[2]' "$scripts/contain.fish" "$1"
}

@test "fish: completes by what contain answers" {
	mkdir -p rooms/one
	touch rooms/file
	[ "$(in_fish 'contain run --mem')" = $'--memory\tmost memory, such as 64M, or max' ]
	in_fish 'contain ru' | grep -qx $'run\trun a command in a container, and wait for its end'
	in_fish 'contain kill job HU' | grep -q '^HUP'
	in_fish 'contain run --profile=def' | grep -q '^--profile=default.ini'
	in_fish 'contain run --rootfs roo' | grep -q '^rooms/'
	in_fish 'contain run --rootfs=rooms/' | grep -q '^--rootfs=rooms/one/'
	[ "$(in_fish 'contain run --rootfs rooms/f' | wc -l)" -eq 0 ]
	in_fish 'contain run --report rooms/f' | grep -q '^rooms/file'
	[ "$(in_fish 'contain run --log-format ' | cut -f 1 | sort)" = $'json\ntext' ]
	in_fish 'contain run -- /bin/unam' | grep -q '^/bin/uname'
	[ "$(in_fish 'contain version ')" = '' ]
}

@test "completion: installed where the shells look" {
	DESTDIR=$PWD/root cmake --install "$CONTAIN_BUILD" --prefix /usr >/dev/null
	cmp root/usr/share/bash-completion/completions/contain "$scripts/contain.bash"
	cmp root/usr/share/zsh/site-functions/_contain "$scripts/_contain"
	cmp root/usr/share/fish/vendor_completions.d/contain.fish "$scripts/contain.fish"
	for page in man1/contain.1 man3/contain-plugin.3 man5/contain-profile.5; do
		cmp "root/usr/share/man/$page" "$CONTAIN_BUILD/share/man/$page"
	done
}
