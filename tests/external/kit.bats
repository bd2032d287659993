#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2154,SC2016,SC2030,SC2031,SC2034 # variables of bats, and ours; scripts of the container in quotes
# contain is installed and moved, and somebody writes plugins for it who has nothing else.
load external

@test "an installed tree has all that is needed, and nobody else can write to it" {
	local file
	cd "$PREFIX"
	for file in bin/contain share/man/man{1/contain.1,3/contain-plugin.3,5/contain-profile.5} lib/contain/plugins/mountns.so etc/contain/default.ini include/contain/{plugin,fakehost}.h \
		lib/libcontain_fakehost.a lib/pkgconfig/contain{,-fakehost}.pc lib/cmake/contain/contain-config{,-version}.cmake \
		share/contain/plugin-template/common/README.md; do
		[[ -f $file ]] || fail "$file is missing"
	done
	same '' "$(find . -perm /022 ! -type l)"
	same "$(cd "$CONTAIN_BUILD/lib/contain/plugins" && ls)" "$(ls lib/contain/plugins)"
	# Nothing knows where it was when it was installed, nor where it was built.
	! grep -rlE "$WORLD/first|$CONTAIN_BUILD/(lib|etc|share|include)" --exclude='*.a' . || fail "a path is built in"
}

@test "DESTDIR: the same tree, below it" {
	DESTDIR=$TMP/destdir "$CMAKE" --install "$CONTAIN_BUILD" --prefix /usr/local >/dev/null
	same usr "$(ls destdir)"
	same local "$(ls destdir/usr)"
	diff -r "$PREFIX" destdir/usr/local
}

@test "the prefix /usr: profiles are in /etc, and are found there" {
	DESTDIR=$TMP/destdir "$CMAKE" --install "$CONTAIN_BUILD" --prefix /usr >/dev/null
	same 'etc usr' "$(cd destdir && echo *)"
	same '' "$(find destdir/usr -name '*.ini')"
	diff -r "$PREFIX/etc" destdir/etc
	CONTAIN=$TMP/destdir/usr/bin/contain
	inside_sh 'echo $PPID' --profile minimal
	same 0 "$output"
	# A profile finds its base among the installed ones.
	printf '[profile]\ninherits = minimal.ini\n' >own.ini
	inside --profile ./own.ini -- /bin/true
	refused "there is no profile 'none' in $TMP/destdir/etc/contain" contain_run --profile none -- /bin/true
	has "$("$CONTAIN" complete -- run --profile def)" "default.ini	$TMP/destdir/etc/contain"
	export PKG_CONFIG_PATH=$TMP/destdir/usr/lib/pkgconfig
	[[ $(pkg-config --variable=profiledir contain) -ef destdir/etc/contain ]]
}

@test "a moved tree runs" {
	CONTAIN=$PREFIX/bin/contain
	inside_sh 'echo $PPID; hostname' --hostname moved --memory 64M
	same $'0\nmoved' "$output"
}

@test "a moved tree says where it is, to pkg-config and to CMake" {
	export PKG_CONFIG_PATH=$PREFIX/lib/pkgconfig
	[[ $(pkg-config --variable=prefix contain) -ef $PREFIX ]]
	[[ $(pkg-config --variable=plugindir contain) -ef $PREFIX/lib/contain/plugins ]]
	[[ $(pkg-config --variable=profiledir contain) -ef $PREFIX/etc/contain ]]
	has "$("$PREFIX/bin/contain" --version) " "contain $(pkg-config --modversion contain) "
	mkdir project
	cat >project/CMakeLists.txt <<-'END'
		cmake_minimum_required(VERSION 3.25)
		project(project LANGUAGES C)
		find_package(contain ${WANTED} REQUIRED)
		get_target_property(program contain::contain IMPORTED_LOCATION)
		message("found ${contain_VERSION} ${program} ${CONTAIN_PLUGIN_DIR}")
	END
	attempt clean "$CMAKE" -S project -B project/build -DCMAKE_PREFIX_PATH="$PREFIX" -DWANTED=0.1
	same 0 "$status"
	has "$stderr" "found $(pkg-config --modversion contain) $PREFIX/bin/contain $PREFIX/lib/contain/plugins"
	# What is in PATH is found too.
	attempt clean env PATH="$PREFIX/bin:/usr/bin:/bin" "$CMAKE" -S project -B project/path
	has "$stderr" "$PREFIX/bin/contain"
	attempt clean "$CMAKE" -S project -B project/newer -DCMAKE_PREFIX_PATH="$PREFIX" -DWANTED=99
	[[ $status != 0 ]]
	has "$stderr" 'version "99"'
}

# passes FOLDER: both tests of a folder that contain plugin new has made.
passes() {
	local out
	out=$(clean ctest --test-dir "$1/build" --output-on-failure) || fail "$out" || return 1
	has "$out" '100% tests passed, 0 tests failed out of 2'
	lacks "$out" Skipped
}

@test "contain plugin new: what it makes in C builds and passes" {
	new my-pid
	same 'CMakeLists.txt README.md command.c my-pid.bats my-pid.c test_my_pid.c' "$(cd my-pid && echo *)"
	! grep -rnE '@[A-Z]+@|IDENT' my-pid ||
		fail "words are left"
	build my-pid -DCMAKE_C_FLAGS=-Werror
	passes my-pid
	same 'contain_plugin_v1' "$(nm -D --defined-only my-pid/build/my-pid.so | cut -d' ' -f3)"
	# And by hand.
	CONTAIN=$PREFIX/bin/contain
	mkdir files
	attempt contain_run -v --plugin-dir my-pid/build --my-pid-directory "$TMP/files" -- /bin/true
	same 0 "$status"
	has "$stderr" "wrote the process id to $TMP/files/$NAME.pid"
	same '' "$(ls files)"
}

@test "contain plugin new: what it makes in C++ builds and passes, also under a name that CMake keeps for itself" {
	new --language c++ test
	[[ -f test/test.cc && ! -e test/test.c ]]
	build test -DCMAKE_CXX_FLAGS=-Werror
	passes test
	same 'contain_plugin_v1' "$(nm -D --defined-only test/build/test.so | cut -d' ' -f3)"
}

@test "its tests fail when the plugin is broken" {
	new broken
	sed -i 's/unlink(path)/access(path, F_OK)/' broken/broken.c
	build broken
	attempt clean ctest --test-dir broken/build
	[[ $status != 0 ]]
	has "$output" '2 tests failed out of 2'
}

@test "a user without root makes and tests one, and is told what was left out" {
	local home=$WORLD/home
	mkdir "$home"
	chown 65534 "$home"
	cd "$home"
	user() { CONTAIN_MUST_WORK=${MUST-} clean setpriv --reuid 65534 --regid 65534 --clear-groups "$@"; }
	user "$PREFIX/bin/contain" -q plugin new mine
	user "$CMAKE" -S mine -B mine/build
	user "$CMAKE" --build mine/build
	attempt user ctest --test-dir mine/build -V
	same 0 "$status"
	has "$output" '100% tests passed' '# skip containers need root: sudo ctest --test-dir build' 'containers.mine (Skipped)'
	# Where nothing may be left out it is a failure.
	MUST=1
	attempt user ctest --test-dir mine/build
	[[ $status != 0 ]]
	# root runs what the user has built, which contain would not load from there.
	passes mine
}

@test "an installed plugin is found without a word of where it is" {
	cp -a "$PREFIX" own
	own/bin/contain -q plugin new found
	build found
	clean "$CMAKE" --install found/build
	[[ -f own/lib/contain/plugins/found.so ]]
	CONTAIN=$TMP/own/bin/contain
	mkdir files
	attempt contain_run --found-directory "$TMP/files" -v -- /bin/true
	same 0 "$status"
	has "$stderr" 'wrote the process id'
	# Elsewhere, and below another root.
	build found -DCONTAIN_PLUGIN_DIR="$TMP/elsewhere"
	clean env DESTDIR="$TMP/destdir" "$CMAKE" --install found/build
	[[ -f destdir$TMP/elsewhere/found.so && ! -e elsewhere ]]
}

@test "without CMake: a compiler and pkg-config are enough" {
	export PKG_CONFIG_PATH=$PREFIX/lib/pkgconfig
	local cflags libs
	read -ra cflags < <(pkg-config --cflags contain)
	read -ra libs < <(pkg-config --cflags --libs contain-fakehost cmocka)
	new alone
	"$CC" -Wall -Wextra -Werror -shared -fPIC "${cflags[@]}" -o alone.so alone/alone.c
	"$CC" -Wall -Wextra -Werror -o test-alone alone/test_alone.c alone/alone.c "${libs[@]}"
	./test-alone
	mkdir plugins files
	mv alone.so plugins/
	CONTAIN=$PREFIX/bin/contain
	attempt contain_run --plugin-dir plugins --alone-directory "$TMP/files" -v -- /bin/true
	same 0 "$status"
	has "$stderr" 'wrote the process id'
}

@test "the fake host in C++, with and without sanitizers" {
	export PKG_CONFIG_PATH=$PREFIX/lib/pkgconfig
	local libs sanitizers
	read -ra libs < <(pkg-config --cflags --libs contain-fakehost)
	for sanitizers in '' -fsanitize=address,undefined; do
		c++ -std=c++20 -Wall -Wextra -Werror ${sanitizers:+"$sanitizers"} -o counter "$BATS_TEST_DIRNAME/counter.cc" "${libs[@]}"
		./counter
	done
}

@test "the fake host brings no other names into a test" {
	local library=$PREFIX/lib/libcontain_fakehost.a
	same '' "$(nm -g --defined-only "$library" | awk 'NF == 3 && $3 !~ /^(contain|fakehost)_/')"
	# And needs libc alone: no sanitizer, no inih.
	lacks "$(nm -u "$library")" san_ ini_
	# All that a plugin may call is there.
	same "$(grep -oE '\bcontain_[a-z_]+;' "$CONTAIN_SOURCE/core/contain.map" | tr -d ';' | sort)" \
		"$(nm -g --defined-only "$library" | awk '$3 ~ /^contain_/ { print $3 }' | sort)"
}
