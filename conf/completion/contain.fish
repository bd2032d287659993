# SPDX-License-Identifier: MIT
# Completion of contain for fish: contain itself knows what there is, flags of plugins by others included.

function __contain_complete
    set -l words (commandline -opc)
    set -l word (commandline -ct)
    set -l program (string replace -r '^~/' "$HOME/" -- $words[1])
    type -q -- "$program"; or set program contain
    for line in ($program complete -- $words[2..-1] "$word" 2>/dev/null </dev/null)
        # A flag's value may follow it in the same word: --root=DIR.
        set -l prefix (string match -r -- '^--[^=]*=' "$word")
        set -l path (string replace -r -- '^--[^=]*=' '' "$word")
        switch $line
            case :files
                printf '%s\n' "$prefix"(__fish_complete_path "$path")
            case :directories
                printf '%s\n' "$prefix"(__fish_complete_directories "$path" '')
            case :commands
                complete -C "$path"
            case '*'
                printf '%s\n' $line
        end
    end
end

complete -c contain -f -a '(__contain_complete)'
