#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# bats file_tags=host
# shellcheck disable=SC2154 # variables of bats
# Plugins that are alternatives (chosen_by): --color red and --color blue are two, and another plugin has the flag itself.
load common

# with FOLDER[,FOLDER...] [FLAGS] -- COMMAND: with the plugins of these folders.
with() {
	local folder
	local -a flags=()
	for folder in ${1//,/ }; do flags+=(--plugin-dir "$HELPERS/choice-plugins/$folder"); done
	shift
	contain_run "${flags[@]}" --profile "${PROFILE-minimal.ini}" "$@"
}

# said FOLDERS EXPECTED [FLAGS]: what the plugins that are on say.
said() {
	local folders=$1 expected=$2
	shift 2
	attempt with "$folders" "$@" -- /bin/true
	same 0 "$status" || fail "$stderr" || return 1
	same "$expected" "$(sed -n 's/^\[contain\] \([a-z]*: \(color\|shade\) .*\)/\1/p' <<<"$stderr" | paste -sd, -)"
}

@test "a value of a flag that no plugin has switches the plugin on that is chosen by it" {
	said some 'red: shade none' --color red
	said some 'blue: shade none' --color=blue
	said some 'blue: shade none' --color red --color blue
	said some ''
}

@test "a value that nobody is chosen by is an error, which lists those that there are" {
	refused "--color: no plugin is chosen by 'rad' (did you mean 'red'?); there is: blue, red" with some --color rad -- /bin/true
	refused "--color: no plugin is chosen by 'Red' (did you mean 'red'?)" with some --color Red -- /bin/true
	refused "--color: no plugin is chosen by ''; there is" with some --color= -- /bin/true
	refused "unknown flag --colour (did you mean '--color'?)" with some --colour red -- /bin/true
	refused 'unknown flag --color' with plain,some --colorful red -- /bin/true
	refused '--color wants a value' with some --color
}

@test "a mistake with one such flag is told once, whatever the others choose" {
	local words count
	for words in '--shape rund --color red' '--color red --shape rund' '--color rad --shape round --color red --shape rund'; do
		# shellcheck disable=SC2086 # words
		attempt with some,other $words -- /bin/true
		count=$(grep -c "no plugin is chosen by 'rund'" <<<"$stderr")
		same 1 "$count" || fail "$words: $stderr" || return 1
	done
	said some,other 'round: shade none,blue: shade none' --color red --shape round --color blue
}

@test "a plugin that has the flag itself gets all other values, and only these" {
	said some,plain 'color: color green' --color green
	said some,plain 'color: color Red' --color Red
	said some,plain 'red: shade none' --color red
	said some,plain 'color: color red' --set color.color=red --enable color
	said some,plain 'color: color green' --color red --color green
	said some,plain 'red: shade none' --color green --color red
}

@test "a flag that two of them have is the one's that was chosen" {
	said some 'red: shade dark' --color red --shade dark
	said some 'blue: shade dark' --shade dark --color blue
	refused '--shade is a flag of two plugins, blue and red' with some --shade dark -- /bin/true
}

@test "who is on in the profile is switched off if another value is given" {
	printf '%s\n' '[profile]' 'inherits = minimal' '[plugins]' 'red = on' '[red]' 'shade = light' >on.ini
	PROFILE=./on.ini
	said some,plain 'red: shade light'
	said some,plain 'red: shade light' --color red
	said some,plain 'blue: shade none' --color blue
	said some,plain 'blue: shade dark' --color blue --shade dark
	said some,plain 'color: color green' --color green
	attempt "$CONTAIN" plan --plugin-dir "$HELPERS/choice-plugins/some" --profile ./on.ini --rootfs "$ROOTFS" --color blue
	matches "$output" $'\n'' *blue +--color blue +'
	matches "$output" $'\n'' *red +--color blue, on in ./on.ini:4'
}

@test "what the profile gives as the flag's value counts no more if a plugin is chosen instead" {
	printf '%s\n' '[profile]' 'inherits = minimal' '[plugins]' 'color = on' '[color]' 'color = pale' >value.ini
	PROFILE=./value.ini
	said some,plain 'color: color pale'
	said some,plain 'color: color green' --color green
	said some,plain 'color: color none,red: shade none' --color red
}

@test "to ask for what another value switches off is an error that names both" {
	refused '--shade belongs to the plugin blue, which --color green switches off: give one of the two' \
		with some,plain --disable red --shade x --color green -- /bin/true
	refused '--enable blue: --color green switches that plugin off: give one of the two' \
		with some,plain --enable blue --color green -- /bin/true
	refused '--enable blue: --color red switches that plugin off: give one of the two' \
		with some --enable blue --color red -- /bin/true
	refused '--color red chooses the plugin red, which --disable switches off: give one of the two' \
		with some --disable red --color red -- /bin/true
}

@test "two that are chosen by the same are an error, until one is switched off" {
	refused '--color red chooses two plugins, crimson and red: --disable one of them' with some,more --color red -- /bin/true
	said some,more 'crimson: shade none' --color red --disable red
	said some,more 'blue: shade none' --color blue
}

@test "if the one that is meant can't be loaded, that is told, and its value is nobody else's" {
	local folders
	for folders in some,broken plain,broken; do
		refused "--color grey: who is chosen by that can't be used: plugin grey: |calls contain_later_function()" \
			with "$folders" --color grey -- /bin/true
	done
	said plain,broken 'color: color black' --color black
	said some,broken 'red: shade none' --color red
}

@test "a chosen_by of another form is refused" {
	local name count=0
	for name in "$HELPERS"/choice-plugins/wrong/*.so; do
		name=$(basename "$name" .so)
		refused "plugin $name: |its chosen_by is " with wrong --enable "$name" -- /bin/true
		count=$((count + 1))
	done
	same 7 "$count"
	attempt "$CONTAIN" plugin check "$HELPERS/choice-plugins/core/core.so"
	has "$output$stderr" 'it is chosen by --name, which is a flag of contain itself'
}

@test "it is seen in help, plugin show, plugin list and completion" {
	local some=(--plugin-dir "$HELPERS/choice-plugins/some") plain=(--plugin-dir "$HELPERS/choice-plugins/plain")
	has "$("$CONTAIN" help run "${some[@]}")" $'Of the plugin red (is red):\n      --color red             switch it on, and others off' \
		$'\n      --shade WORD '
	has "$("$CONTAIN" help --format table "${some[@]}")" $'plugin\tred\t1.0\tis red\tcolor=red\n'
	matches "$("$CONTAIN" plugin show red "${some[@]}")" 'chosen by +--color red'
	has "$("$CONTAIN" plugin show --json red "${some[@]}")" '"chosen_by":"color=red"'
	has "$("$CONTAIN" plugin show --json utsns)" '"chosen_by":null'
	has "$("$CONTAIN" plugin list "${some[@]}")" 'is red (--color red)'
	has "$("$CONTAIN" plugin list --json "${some[@]}")" '"chosen_by":"color=red"' '"chosen_by":null'
	same $'blue\tis blue\nred\tis red' "$("$CONTAIN" complete -- run "${some[@]}" --color '')"
	same $'red\tis red' "$("$CONTAIN" complete -- run "${some[@]}" "${plain[@]}" --color r)"
	same $'--color=red\tis red' "$("$CONTAIN" complete -- run "${some[@]}" --color=r)"
	same $'--color\tchoose one of several plugins' "$("$CONTAIN" complete -- run "${some[@]}" --colo)"
	same $'--color\twhat is said' "$("$CONTAIN" complete -- run "${some[@]}" "${plain[@]}" --colo)"
	same '' "$("$CONTAIN" complete -- stop "${some[@]}" --color '')"
}
