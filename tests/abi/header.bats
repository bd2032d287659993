#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2030,SC2031,SC2154 # variables of bats
# plugin.h: that it stays what plugins were built with, and compiles for everybody. Nothing here runs contain.
bats_require_minimum_version 1.5.0
export LC_ALL=C
ABI=$CONTAIN_SOURCE/tests/abi
TODAY=$CONTAIN_SOURCE/core/include

# compare AGAINST: what it finds is in $output.
compare() {
	run "$ABI/compare" "$ABI/v1" "$1"
}

# found WORD SED-SCRIPT: with the header broken in this way, compare fails and names the word.
found() {
	mkdir -p "$BATS_TEST_TMPDIR/contain"
	sed -E "$2" "$TODAY/contain/plugin.h" >"$BATS_TEST_TMPDIR/contain/plugin.h"
	if cmp -s "$TODAY/contain/plugin.h" "$BATS_TEST_TMPDIR/contain/plugin.h"; then
		echo "nothing was broken by: $2"
		return 1
	fi
	compare "$BATS_TEST_TMPDIR"
	[[ $status != 0 && $output == *"$1"* ]] || { echo "not found: $2: $output"; return 1; }
}

@test "the frozen header is the one that was promised" {
	cd "$ABI/v1"
	sha256sum --strict -c SHA256SUMS
	grep -q '^#define CONTAIN_API_MINOR 0$' contain/plugin.h
}

@test "today's header only adds to it" {
	compare "$TODAY"
	echo "$output"
	[[ $status == 0 && ! $output ]]
}

@test "found: a member that is removed, moved, inserted, or of another type" {
	found report '/contain_hook \*report;/d'
	found parse '/^	int \(\*parse\)/d'
	found report 's/contain_hook \*update;/X/; s/contain_hook \*report;/contain_hook *update;/; s/X/contain_hook *report;/'
	found summary 's/^	const char \*summary;/	const char *title;\n&/'
	found contain_option.min 's/^	int64_t min, max;/	int32_t min, max;/'
	found int64_t 's/^	int64_t min, max;/	uint64_t min, max;/'
	found flags 's/^	uint32_t flags;/	int32_t flags;/'
	found contain_list 's/^	size_t count;/&\n	size_t room;/'
	found count 's/^	size_t count;/	unsigned count;/'
}

@test "found: a type behind a pointer that is another" {
	found contain_hook 's/^(typedef int contain_hook\(struct contain_ctx \*ctx, void \*self)/\1, int phase/'
	found parse 's/(void \*value, char \*why), size_t why_size\)/\1)/'
}

@test "found: a constant with another value" {
	found CONTAIN_BOOL 's/CONTAIN_BOOL = 1,/CONTAIN_BOOL = 2,/'
	found CONTAIN_SIZE 's/^	CONTAIN_SIZE,/	CONTAIN_TIME,\n&/'
	found CONTAIN_USEC 's/CONTAIN_BYTES = 1, CONTAIN_USEC, /CONTAIN_BYTES = 1, CONTAIN_NSEC, CONTAIN_USEC, /'
	found CONTAIN_LIVE 's/^(#define CONTAIN_LIVE +)2U/\18U/'
	found CONTAIN_UNSET 's/^(#define CONTAIN_UNSET +)INT64_MIN/\1INT64_MAX/'
	found CONTAIN_TARGET_FILE 's/^(#define CONTAIN_TARGET_FILE +)1U/\14U/'
}

@test "found: a function that is gone, or takes or returns something else" {
	found contain_pid '/^pid_t contain_pid\(/d'
	found contain_open 's/^(int contain_open\(.*) int flags,/\1 long flags,/'
	found contain_state_set 's/^(int contain_state_set\(.*)\);/\1, bool keep);/'
	found contain_is_running 's/^bool contain_is_running\(/int64_t contain_is_running(/'
}

@test "what is appended is no difference" {
	mkdir "$BATS_TEST_TMPDIR/contain"
	"$ABI/future" "$TODAY/contain/plugin.h" "$BATS_TEST_TMPDIR/contain/plugin.h"
	compare "$BATS_TEST_TMPDIR"
	echo "$output"
	[[ $status == 0 && ! $output ]]
}

@test "contain exports every function of the frozen header" {
	local name
	cd "$BATS_TEST_TMPDIR"
	nm -D --defined-only "$CONTAIN" | awk '{ print $3 }' >exported
	while read -r name; do
		grep -qx "$name" exported || { echo "$name is not exported"; return 1; }
		grep -qE "^[[:space:]]$name;\$" "$CONTAIN_SOURCE/core/contain.map" || { echo "$name is not in contain.map"; return 1; }
	done < <(grep -oE '\bcontain_[a-z_]+\(' "$ABI/v1/contain/plugin.h" | tr -d '(' | sort -u |
		grep -vxE 'contain_(plugin_v[0-9]+|hook)')
	# tests/lint/symbols has the rest: what today's header declares is exported, and nothing else.
}

# compiles STANDARD COMPILER FLAGS...: the header alone, and macros.c, without a warning.
compiles() {
	local standard=$1 source
	shift
	for source in alone.c "$ABI/macros.c"; do
		echo "$* -std=$standard $source"
		"$@" "-std=$standard" -Wall -Wextra -Wpedantic -Werror -Wshadow -Wpointer-arith -I "$TODAY" -fsyntax-only "$source"
	done
}

@test "the header compiles alone, without warnings: C11, C17, C23 and their GNU kinds, gcc and clang" {
	local compiler standard
	cd "$BATS_TEST_TMPDIR"
	echo '#include <contain/plugin.h>' >alone.c
	for compiler in gcc clang; do
		for standard in c11 c17 c2x gnu11 gnu17 gnu2x; do
			compiles "$standard" "$compiler" -Wstrict-prototypes -Wmissing-prototypes
		done
	done
}

@test "the header compiles alone, without warnings: C++17, C++20, C++23, g++ and clang" {
	local compiler standard
	cd "$BATS_TEST_TMPDIR"
	echo '#include <contain/plugin.h>' >alone.c
	for compiler in g++ clang++; do
		for standard in c++20 c++2b gnu++20; do compiles "$standard" "$compiler" -x c++; done
	done
	# Designated initialisers are an extension in C++17: g++ says so with -Wpedantic of those that the author writes.
	for standard in c++17 gnu++17; do
		compiles "$standard" g++ -x c++ -Wno-c++20-extensions
		compiles "$standard" clang++ -x c++
	done
}

# refused WORD COMPILER FLAGS...: broken.c is not compiled, and the message has the word.
refused() {
	local word=$1
	shift
	run "$@" -I "$TODAY" -fsyntax-only broken.c
	[[ $status != 0 && $output == *"$word"* ]] || { echo "$*: exit status $status: $output"; return 1; }
}

@test "an option whose member has another C type does not compile; nor what C++ can't copy byte by byte" {
	local compiler
	cd "$BATS_TEST_TMPDIR"
	sed 's/int64_t number, size;/int32_t number; int64_t size;/' "$ABI/macros.c" >broken.c
	for compiler in gcc clang; do refused int32_t "$compiler"; done
	for compiler in g++ clang++; do refused 'another C type' "$compiler" -std=c++20 -x c++; done
	sed 's/bool yes;/bool yes; std::string name;/; 1i #include <string>' "$ABI/macros.c" >broken.c
	for compiler in g++ clang++; do refused 'byte by byte' "$compiler" -std=c++20 -x c++; done
}
