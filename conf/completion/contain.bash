# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Completion of contain for bash, 4.4 or later: contain itself knows what there is, flags of plugins by others included.

_contain_complete() {
	local line=${COMP_LINE:0:COMP_POINT} program=${COMP_WORDS[0]} word trimmed prefix='' directive='' candidate i
	local -a words=() answer=()

	# Readline takes = and : for ends of words; what stands together in the line is one word again.
	for ((i = 0; i <= COMP_CWORD; i++)); do
		word=${COMP_WORDS[i]}
		trimmed=${line#"${line%%[![:blank:]]*}"}
		((i < COMP_CWORD)) || word=$trimmed
		if [[ $trimmed == "$line" ]] && ((${#words[@]})); then
			words[-1]+=$word
		else
			words+=("$word")
		fi
		line=${trimmed#"$word"}
	done
	# Only what is behind the last of them is replaced.
	word=${words[-1]}
	if ((${#words[@]} == 1)); then return; fi
	if [[ $word == *[=:]* ]]; then prefix=${word%"${word##*[=:]}"}; fi
	[[ $COMP_WORDBREAKS == *[=:]* ]] || prefix=''

	# shellcheck disable=SC2088 # as it was typed
	if [[ $program == '~/'* ]]; then program=$HOME/${program#'~/'}; fi
	if ! type -P -- "$program" >/dev/null; then program=contain; fi
	mapfile -t answer < <("$program" complete -- "${words[@]:1}" 2>/dev/null </dev/null)
	COMPREPLY=()
	for candidate in "${answer[@]}"; do
		if [[ $candidate == :* ]]; then
			directive=$candidate
			continue
		fi
		candidate=${candidate%%$'\t'*}
		COMPREPLY+=("${candidate#"$prefix"}")
	done
	# A value goes on behind its =.
	if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *= ]]; then compopt -o nospace 2>/dev/null; fi
	[[ ! $directive ]] || compopt -o filenames 2>/dev/null
	# A flag's value may follow it in the same word: --root=DIR.
	if [[ $word == --*=* ]]; then word=${word#*=}; fi
	case $directive in
	:files) mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -f -- "$word") ;;
	:directories) mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -d -- "$word") ;;
	:commands) mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -c -- "$word" | sort -u) ;;
	esac
}
complete -F _contain_complete contain
