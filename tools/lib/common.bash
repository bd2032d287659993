# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Shared by the scripts in tools/, tests/vm and .ci: messages, the help text, Debian packages.

# What the build needs. gcc only recommends libc6-dev, and recommended packages are left out.
# shellcheck disable=SC2034 # read by the scripts that source this file
build_packages=(gcc libc6-dev cmake ninja-build pkg-config libinih-dev libmnl-dev libnftables-dev busybox-static scdoc)
# What the tests need on top; tests/vm/image copies programs of some of them into the virtual machine.
# shellcheck disable=SC2034
test_packages=(libcmocka-dev bats procps iproute2 strace jq libcap2-bin groff-base man-db zsh fish
	g++ clang abigail-tools dpkg-dev file mount qemu-system-x86 nftables conntrack curl iperf3 netcat-openbsd netbase)

say() { printf '== %s\n' "$*" >&2; }
die() { printf '%s: %s\n' "${0##*/}" "$*" >&2; exit 1; }

# The comment at the top of the script, up to the first line that is none, is its help text.
usage() {
	awk 'NR < 3 { next } /^#/ { sub(/^# ?/, ""); print; next } { exit }' "$0"
}

need_root() {
	((EUID == 0)) || die "needs root: sudo $0"
}

# need_packages NAME...: install those that are missing; apt is not called if there are none.
need_packages() {
	local package missing=()
	command -v dpkg-query >/dev/null || die "this needs Debian 12 or later (or install by hand: $*)"
	for package; do
		[[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) == installed ]] || missing+=("$package")
	done
	((${#missing[@]})) || return 0
	((EUID == 0)) || die "these packages are missing, and only root can install them: ${missing[*]}"
	say "installing ${missing[*]}"
	refresh_packages
	DEBIAN_FRONTEND=noninteractive apt-get -qq -y -o DPkg::Lock::Timeout=300 \
		install --no-install-recommends "${missing[@]}" >&2 </dev/null
}

refresh_packages() {
	# Old lists are better than none: a failing mirror must not stop what could still be installed.
	apt-get -qq -o Acquire::Retries=3 update >&2 </dev/null || say "apt-get update failed, going on with the lists there are"
}
