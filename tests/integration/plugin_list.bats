#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# bats file_tags=host
# shellcheck disable=SC2154,SC2016 # variables of bats; scripts of jq in quotes
# contain plugin list and plugin show: what there is to run, where it is, and what it says of itself.
load common

PLUGINS=$HELPERS/plugins
INSTALLED=$(readlink -f "$CONTAIN_BUILD/lib/contain/plugins")

# listed [FLAGS]: succeeds without messages; $output.
listed() {
	attempt "$CONTAIN" plugin list "$@"
	[[ $status == 0 && ! $stderr ]] || fail "exit status $status" "output: $output" "messages: $stderr"
}
shown() {
	attempt "$CONTAIN" plugin show "$@"
	[[ $status == 0 && ! $stderr ]] || fail "exit status $status" "output: $output" "messages: $stderr"
}

json() {
	jq -r "$1" <<<"$output" || fail "no JSON, or no filter: $1" "$output"
}

# The number of the interface behind this contain's.
next_minor() {
	echo $(($("$CONTAIN" version | sed 's/.*interface 1\.\([0-9]*\).*/\1/') + 1))
}

# plugins DIRECTORY NAME...: a directory with these of the test's plugins.
plugins() {
	local name dir=$TMP/$1
	shift
	mkdir -p "$dir"
	for name; do cp "$PLUGINS/$name.so" "$dir/"; done
}

@test "list: every installed plugin, with version and summary, by name" {
	listed
	same "$INSTALLED:" "$(head -n 1 <<<"$output")"
	find "$INSTALLED" -name '*.so' -printf '%f\n' | sed 's/\.so$//' | sort >expected
	tail -n +2 <<<"$output" | awk '{ print $1 }' | diff expected - || fail "$output"
	matches "$output" $'\n  utsns +[0-9.]+ +a host name of its own(\n|$)'
	! grep -q ' $' <<<"$output" || fail "blanks at the end of a line"
	listed --json
	json '.[].name' | diff expected - || fail "$output"
	same "$INSTALLED/utsns.so a host name of its own null null" \
		"$(json '.[] | select(.name == "utsns") | "\(.path) \(.summary) \(.hidden_by) \(.error)"')"
	jq -e 'all(.version != null and .api_minor != null and (keys | length) == 8)' <<<"$output" || fail "$output"
}

@test "list: the directories in the order of search; what is hidden, and by what" {
	plugins one probe probe-a
	plugins two probe probe-b
	CONTAIN_PLUGIN_PATH=$TMP/two listed --plugin-dir "$TMP/one" --plugin-dir "$TMP/one"
	same "$TMP/one:,$TMP/two:,$INSTALLED:" "$(grep ':$' <<<"$output" | paste -sd,)"
	matches "$output" "$TMP/one:"$'\n  probe +1.0 +says which hook is called\n  probe-a +1.0 +says which hook is called\n\n'
	matches "$output" "$TMP/two:"$'\n  probe +- +hidden by '"$TMP/one/probe.so"$'\n  probe-b +1.0 +says'
	CONTAIN_PLUGIN_PATH=$TMP/two listed --plugin-dir "$TMP/one" --json
	same "$TMP/one/probe.so null,$TMP/two/probe.so $TMP/one/probe.so" \
		"$(json '[.[] | select(.name == "probe") | "\(.path) \(.hidden_by)"] | join(",")')"
	same 'null null' "$(json '.[] | select(.hidden_by) | "\(.version) \(.error)"')"
	# What is hidden is not what run takes.
	attempt env CONTAIN_PLUGIN_PATH="$TMP/two" "$CONTAIN" plan --json --rootfs "$ROOTFS" --plugin-dir "$TMP/one" --enable probe
	same "$TMP/one/probe.so" "$(json '.plugins[] | select(.name == "probe").path')"
}

@test "list: what can't be used is there with its reason, and fails nothing" {
	plugins odd probe odd-null odd-missing-symbol odd-misnamed odd-newer
	cp "$PLUGINS/probe.so" odd/probe-open.so
	chmod go+w odd/probe-open.so
	cp "$PLUGINS/probe.so" odd/My_Probe.so
	echo text >odd/text.so
	touch odd/no-plugin.txt odd/.so
	listed --plugin-dir "$TMP/odd"
	matches "$output" $'\n  odd-null +- +can\'t be used: is not made by CONTAIN_PLUGIN'
	matches "$output" $'\n  odd-missing-symbol +- +can\'t be used: .*contain_later_function'
	matches "$output" $'\n  odd-newer +9 +from the future\n'
	matches "$output" $'\n  probe-open +- +can\'t be used: .*'"$TMP/odd/probe-open.so can be written by others"
	matches "$output" $'\n  My_Probe +- +can\'t be used: .*a-z'
	matches "$output" $'\n  text +- +can\'t be used: '
	lacks "$output" no-plugin
	listed --plugin-dir "$TMP/odd" --json
	same 'My_Probe odd-misnamed odd-missing-symbol odd-null probe-open text' "$(json '[.[] | select(.error).name] | join(" ")')"
	same null "$(json '.[] | select(.name == "odd-null").version')"
	same "$(next_minor)" "$(json '.[] | select(.name == "odd-newer").api_minor')"
	refused "--plugin-dir|$TMP/nosuch" "$CONTAIN" plugin list --plugin-dir "$TMP/nosuch"
	refused 'one argument too many' "$CONTAIN" plugin list mountns
}

@test "show: the file, the interface, namespaces, order, hooks by process, options" {
	shown mountns
	same "mountns 0.1: mounts and a root filesystem of its own" "$(head -n 1 <<<"$output")"
	matches "$output" $'\n  file +'"$INSTALLED/mountns.so"$'\n  interface +1.[0-9]+\n  namespaces +mnt\n'
	matches "$output" $'\n  hooks in the parent +configure parent_prepare[a-z_ ]*\n  hooks in the child +child_setup child_switch\n'
	matches "$output" $'\n  OPTION +TYPE +DEFAULT +FLAG\n  rootfs +string +- +--rootfs DIR +'
	matches "$output" $'\n  read_only +bool +- +--read-only +'
	shown --plugin-dir "$PLUGINS" probe-required probe-needs-a probe-last probe-first
	matches "$output" $'\n  number +int +7 +- +\(1 to 100\)\n'
	matches "$output" $'\n  level +enum +middle +- +\(low, middle, high\)\n'
	matches "$output" $'\n  needed +string +- +--needed WORD +must be given \(required\)\n'
	matches "$output" $'\n  needs +probe-a\n'
	matches "$output" $'\n  after +\\*\n'
	matches "$output" $'\n  before +\\*\n'
	matches "$output" $'\n  hooks in any process +update report teardown\n'
	lacks "$stderr" 'probe-needs-a: configure'
}

@test "show --json: everything of each option, hook and rule of order" {
	shown --json cgroup-pids --plugin-dir "$PLUGINS" probe-required probe-after-b
	same 'cgroup-pids probe-required probe-after-b' "$(json '[.[].name] | join(" ")')"
	same '{"key":"max","type":"int","default":null,"min":1,"max":4194304,"takes_max":true,"choices":null,"flag":"pids"}' \
		"$(json '.[0].options[0] | {key, type, default, min, max, takes_max, choices, flag} | tostring')"
	same true "$(json '.[0].options[0].live')"
	same '["low","middle","high"] middle' "$(json '.[1].options[] | select(.key == "level") | "\(.choices) \(.default)"')"
	same 'needed WORD true false' "$(json '.[1].options[] | select(.required) | "\(.flag) \(.metavar) \(.required) \(.live)"')"
	same '["probe-b"] [] []' "$(json '.[2] | "\(.after) \(.before) \(.needs)"')"
	same 'configure:parent parent_prepare:parent parent_attach:parent child_setup:child child_enter:child child_seal:child parent_started:parent update:any report:any teardown:any' \
		"$(json '[.[2].hooks[] | "\(.name):\(.process)"] | join(" ")')"
	same "$PLUGINS/probe-after-b.so 1.0" "$(json '.[2] | "\(.path) \(.version)"')"
	jq -e 'all(.interface == "1.\(.api_minor)" and .self_size > 0 and .struct_size >= 160)' <<<"$output" || fail "$output"
	shown --json --plugin-dir "$PLUGINS" odd-newer
	same "1.$(next_minor)" "$(json '.[0].interface')"
	shown --json pidns
	same '["pid"] []' "$(json '.[0] | "\(.namespaces) \(.options)"')"
}

@test "show: a file by its path; one that can't be shown hides no other" {
	plugins here probe
	shown --json ./here/probe.so "$TMP/here/probe.so"
	same "$TMP/here/probe.so probe,$TMP/here/probe.so probe" "$(json '[.[] | "\(.path) \(.name)"] | join(",")')"
	refused "there is no plugin 'mountsn'|did you mean 'mountns'" "$CONTAIN" plugin show mountsn
	refused "./nosuch.so|No such file" "$CONTAIN" plugin show ./nosuch.so
	cp here/probe.so here/Probe.so
	refused "./here/Probe.so|can't be a plugin|a-z, 0-9 and -" "$CONTAIN" plugin show ./here/Probe.so
	touch here/probe
	refused "./here/probe|can't be a plugin|NAME.so" "$CONTAIN" plugin show ./here/probe
	refused 'odd-null|CONTAIN_PLUGIN' "$CONTAIN" plugin show "$PLUGINS/odd-null.so"
	chmod go+w here/probe.so
	refused "probe is not trusted|$TMP/here/probe.so can be written by others" "$CONTAIN" plugin show ./here/probe.so
	refused 'too few arguments' "$CONTAIN" plugin show
	attempt "$CONTAIN" plugin show --json nosuch utsns
	same 125 "$status"
	same utsns "$(json '.[].name')"
	has "$stderr" "there is no plugin 'nosuch'"
}
