# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# shellcheck disable=SC2154 # variables of bats
# Shared by these tests: one installed tree for all tests of a file, which has been moved since.
#
# CONTAIN_SOURCE, CC and CMAKE are given by CTest beside what tests/integration/common.bash wants. The tree is $PREFIX,
# below $WORLD, which anybody may enter; each test has a copy of its own if it changes it.
load ../integration/common
export CC=${CC:-cc} CMAKE=${CMAKE:-cmake} CMAKE_GENERATOR=Ninja
CONTAIN_SOURCE=${CONTAIN_SOURCE:-$BATS_TEST_DIRNAME/../..}

setup_file() {
	((EUID == 0)) || skip_or_fail "needs root"
	umask 022
	WORLD=$(mktemp -d /tmp/contain-external.XXXXXX)
	export WORLD PREFIX=$WORLD/moved
	chmod 755 "$WORLD"
	"$CMAKE" --install "$CONTAIN_BUILD" --prefix "$WORLD/first" >/dev/null
	mv "$WORLD/first" "$PREFIX"
}

teardown_file() {
	[[ ! ${WORLD-} ]] || rm -r --one-file-system "$WORLD"
}

# clean COMMAND...: as from the shell of somebody who knows nothing of these tests and this bats.
clean() {
	# bats puts a folder of its own into PATH, from where it can't be started.
	env -i PATH="${PATH//"$BATS_LIBEXEC:"/}" HOME=/nonexistent LC_ALL=C CC="$CC" CMAKE_GENERATOR="$CMAKE_GENERATOR" \
		CONTAIN_MUST_WORK="${CONTAIN_MUST_WORK-}" "$@" 3>&-
}

# build FOLDER [CMAKE-ARGUMENT...]
build() {
	local folder=$1
	shift
	clean "$CMAKE" -S "$folder" -B "$folder/build" "$@"
	clean "$CMAKE" --build "$folder/build"
}

# new [FLAGS] NAME: contain plugin new of the installed one, in the current directory.
new() {
	"$PREFIX/bin/contain" -q plugin new "$@"
}
