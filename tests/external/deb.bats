#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2154,SC2016,SC2034 # variables of bats, and ours; scripts of the container in quotes
# The Debian package: made, installed, run, removed and purged, in a root of its own, with a database of its own.
load ../integration/common

setup_file() {
	((EUID == 0)) || skip_or_fail "needs root"
	# A umask that must not get into the package.
	(umask 077 && cd "$CONTAIN_BUILD" && cpack -G DEB -B "$BATS_FILE_TMPDIR/deb" >"$BATS_FILE_TMPDIR/log" 2>&1) ||
		fail "$(<"$BATS_FILE_TMPDIR/log")"
}

# The package's file; and $ROOT, where dpkg works. Its dependencies are not installed there.
scratch_root() {
	DEB=$(echo "$BATS_FILE_TMPDIR"/deb/*.deb)
	ROOT=$TMP/root
	mkdir -p "$ROOT"/var/lib/dpkg/{info,updates}
	touch "$ROOT"/var/lib/dpkg/{status,available}
}
in_root() {
	dpkg --root="$ROOT" --log="$TMP/dpkg.log" --force-depends "$@"
}

# All that is in the root, but dpkg's own.
files() {
	(cd "$ROOT" && find . ! -path './var*' | sort)
}

@test "the package says what it is and what it needs" {
	scratch_root
	local version architecture
	read -r _ version _ < <("$CONTAIN" --version)
	architecture=$(dpkg --print-architecture)
	same "contain_${version}_$architecture.deb" "${DEB##*/}"
	same "contain $version $architecture admin optional" "$(dpkg-deb -W \
		--showformat='${Package} ${Version} ${Architecture} ${Section} ${Priority}' "$DEB")"
	# Found in the files (dpkg-shlibdeps), but for the first, which veth loads by itself.
	matches "$(dpkg-deb -f "$DEB" Depends)" '^libnftables1, libc6 \(>= 2\.[0-9]+\), libmnl0 \([^,]*\)$'
	[[ $(dpkg-deb -f "$DEB" Maintainer) && $(dpkg-deb -f "$DEB" Description) ]]
	# Each profile is a conffile, and nothing else is.
	dpkg-deb -I "$DEB" conffiles | sort >marked
	same "$(cd "$PROFILES" && printf '/etc/contain/%s\n' *.ini | sort)" "$(<marked)"
	# All is root's; directories are open, and nobody else can write.
	dpkg-deb -c "$DEB" >content
	same '' "$(awk '$2 != "root/root"' content)"
	same '' "$(awk '/^d/ && $1 != "drwxr-xr-x" || /^-/ && $1 !~ /^-rw[-x]r-[-x]r-[-x]$/' content)"
	same '' "$(awk '$6 !~ /^\.\/((etc|usr)\/|$)/' content)"
}

@test "the package installs, runs, and is removed without a trace" {
	scratch_root
	in_root -i "$DEB"
	CONTAIN=$ROOT/usr/bin/contain
	inside_sh 'echo $PPID; hostname' --hostname packaged --memory 64M
	same $'0\npackaged' "$output"
	inside --profile minimal -- /bin/true
	"$CONTAIN" -q plugin new --language c++ packaged
	[[ -f packaged/packaged.cc ]]
	[[ $(PKG_CONFIG_PATH=$ROOT/usr/lib/pkgconfig pkg-config --variable=profiledir contain) -ef $ROOT/etc/contain ]]
	# dpkg knows every file.
	diff <(dpkg --root="$ROOT" -L contain | sed 's/^/./' | sort) <(files | tail -n +2)
	# Removed, all but the profiles are gone; purged, all.
	in_root -r contain
	same '' "$(files | grep -v '^\.\(/etc\(/contain\(/.*\.ini\)\?\)\?\)\?$')"
	[[ -f $ROOT/etc/contain/default.ini ]]
	in_root -P contain
	same . "$(files)"
}

@test "a profile that was changed stays when the package is installed again" {
	scratch_root
	in_root -i "$DEB"
	echo '; mine' >>"$ROOT/etc/contain/default.ini"
	rm "$ROOT/etc/contain/minimal.ini"
	in_root --force-confold -i "$DEB" </dev/null
	file_has "$ROOT/etc/contain/default.ini" '; mine'
	[[ ! -e $ROOT/etc/contain/minimal.ini ]]
}
