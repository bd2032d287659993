#!/usr/bin/env bats
# Integration test: containers with the plugin. CTest gives CONTAIN, the program, PLUGIN, the plugin's file, and COMMAND,
# a static program that does nothing.
bats_require_minimum_version 1.5.0

setup() {
	if ((EUID != 0)); then
		# Where CONTAIN_MUST_WORK is set, as in continuous integration, nothing is left out.
		[[ ! ${CONTAIN_MUST_WORK-} ]] || { echo "containers need root"; return 1; }
		skip "containers need root: sudo ctest --test-dir build"
	fi
	cd "$BATS_TEST_TMPDIR" || return
	# A plugin is loaded only from where nobody else can write; with sudo the build is somebody else's.
	install -D -m 644 "$PLUGIN" plugins/@NAME@.so
	# A root file system, with all that it needs.
	install -D "$COMMAND" rootfs/command
	mkdir files
	ID=@NAME@-$BASHPID-$BATS_TEST_NUMBER
}

# What a test that failed has left.
teardown() {
	if [[ -d ${BATS_TEST_TMPDIR-}/state/${ID-} ]]; then contain delete -f "$ID"; fi
}

contain() {
	"$CONTAIN" --root "$BATS_TEST_TMPDIR/state" --plugin-dir "$BATS_TEST_TMPDIR/plugins" "$@" 3>&-
}

@test "the file is there as long as the container" {
	contain create --name "$ID" --rootfs rootfs --@NAME@-directory "$PWD/files" -- /command >output
	# It is a true process, and contain's own word for it is the same.
	[ -d "/proc/$(<"files/$ID.pid")" ]
	contain state "$ID" | grep -E "\"pid\": *$(<"files/$ID.pid")\\b"
	contain delete -f "$ID"
	[ -z "$(ls files)" ]
}

@test "nothing is left when the command has ended" {
	contain run --name "$ID" --rootfs rootfs --@NAME@-directory "$PWD/files" -- /command
	[ -z "$(ls files)" ]
}

@test "nothing is left by a run that fails" {
	run contain run --name "$ID" --rootfs rootfs --@NAME@-directory "$PWD/files" -- /missing
	[ "$status" -eq 127 ]
	[ -z "$(ls files)" ]
}

@test "a directory that is not there is told" {
	run contain run --name "$ID" --rootfs rootfs --@NAME@-directory "$PWD/none" -- /command
	[ "$status" -eq 125 ]
	[[ $output == *"@NAME@: can't write the process id to $PWD/none/$ID.pid: No such file or directory"* ]]
}
