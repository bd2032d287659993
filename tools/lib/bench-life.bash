# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# shellcheck disable=SC2154 # variables of tools/bench, which sources this
# The part of tools/bench that is about containers which live on: exec, create and start, list, a monitor's memory.

life_root=$state/contain

# life_bundle NAME COMMAND...: a bundle like the default profile without limits, with that command.
life_bundle() {
	local name=$1 words
	shift
	bundle "$name" default ''
	words=$(printf ',"%s"' "$@")
	sed -i "s|\"args\": \[[^]]*\]|\"args\": [${words#,}]|; s|contain-bench-$$|contain-bench-$$-$name|" "$tmp/$name/config.json"
}

# life_print TITLE FILE: medians, and contain divided by each.
life_print() {
	printf '\n%s\n%-16s %9s %9s %9s %9s %9s\n' "$1" program 'median us' p10 p90 cpu 'contain /'
	awk -F '\t' '{ name[NR] = $1; line[NR] = sprintf("%9.0f %9.0f %9.0f %9.0f", $2, $3, $4, $5); median[$1] = $2 }
		END { for (i = 1; i <= NR; i++)
			printf "%-16s %s %9s\n", name[i], line[i], name[i] == "contain" ? "-" : sprintf("%.2f", median["contain"] / median[name[i]]) }' "$2"
}

# life_measure NAME TITLE <SUBJECTS
life_measure() {
	"$bench/timer" "$runs" "$tmp/$1.json" >"$tmp/$1.life" 2> >(tee -a "$tmp/errors" >&2) || exit 1
	life_print "$2" "$tmp/$1.life"
}

# The other runtimes that are here, with the process whose mount namespace they run in.
life_others() {
	local runtime
	for runtime in crun runc; do
		type "$runtime" >/dev/null 2>&1 || continue
		mkdir -p "$state/$runtime"
		printf '%s %s\n' $runtime "$([[ $runtime == crun ]] && echo "$holder" || echo 0)"
	done
}

life_exec() {
	local runtime namespace
	"$contain" -q --root "$life_root" run -d --name bench-exec --rootfs "$tmp/rootfs" -- /bin/sleep 100000 >/dev/null
	life_bundle exec /bin/sleep 100000
	while read -r runtime namespace; do
		inside "$runtime" --root "$state/$runtime" run --detach --bundle "$tmp/exec" contain-bench </dev/null >/dev/null 2>&1
	done < <(life_others)
	{
		subject contain 0 "$contain" -q --root "$life_root" exec -T bench-exec /bin/true
		while read -r runtime namespace; do
			subject "$runtime" "$namespace" "$(type -P "$runtime")" --root "$state/$runtime" exec contain-bench /bin/true
		done < <(life_others)
	} | life_measure exec 'exec of /bin/true in a running container'
	"$contain" -q --root "$life_root" delete --force bench-exec
	while read -r runtime namespace; do
		inside "$runtime" --root "$state/$runtime" delete --force contain-bench
	done < <(life_others)
}

# One shell each, so that it costs all of them the same.
life_create() {
	local runtime namespace script
	life_bundle create /bin/true
	{
		script="c='$contain -q --root $life_root'; \$c create --name bench-create --rootfs '$tmp/rootfs' -- /bin/true"
		subject contain 0 /bin/sh -c "$script && \$c start bench-create && \$c delete --force bench-create"
		while read -r runtime namespace; do
			script="c='$(type -P "$runtime") --root $state/$runtime'; \$c create --bundle '$tmp/create' contain-bench"
			subject "$runtime" "$namespace" /bin/sh -c "$script && \$c start contain-bench && \$c delete --force contain-bench"
		done < <(life_others)
	} | life_measure create 'create, start and delete, with a shell in between'
}

# life_list N
life_list() {
	local i runtime namespace many=$life_root-many
	say "list: making $1 containers"
	for ((i = 0; i < $1; i++)); do
		"$contain" -q --root "$many" create --name "bench-$i" --rootfs "$tmp/rootfs" -- /bin/true >/dev/null </dev/null
	done
	{
		subject contain 0 "$contain" --root "$many" list
		subject 'contain (none)' 0 "$contain" --root "$life_root" list
	} | runs=$((runs < 20 ? runs : 20)) life_measure list "list with $1 containers"
	"$contain" --root "$many" list -q | xargs -r "$contain" -q --root "$many" delete --force
	rmdir "$many"
}

# What one more detached container costs in memory, beside its own processes.
life_monitor() {
	local monitor first
	"$contain" -q --root "$life_root" run -d --name bench-monitor --rootfs "$tmp/rootfs" -- /bin/sleep 100000 >/dev/null
	first=$("$contain" --root "$life_root" state bench-monitor | sed 's/.*"pid":\([0-9]*\).*/\1/')
	monitor=$(sed 's/.*) [A-Z] \([0-9]*\) .*/\1/' "/proc/$first/stat")
	printf '\nmemory that the monitor of a detached container keeps\n'
	awk '/^(Rss|Pss|Private_Dirty|Private_Clean):/ { printf "%-16s %6d kB\n", $1, $2 }' "/proc/$monitor/smaps_rollup"
	"$contain" -q --root "$life_root" delete --force bench-monitor
}

life() {
	[[ $contain ]] || return 0
	mkdir -p "$life_root"
	life_exec
	life_create
	life_list "$containers"
	life_monitor
}
