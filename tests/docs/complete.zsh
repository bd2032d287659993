# SPDX-License-Identifier: MIT
# zsh -f complete.zsh FUNCTIONS LINE: what an interactive zsh makes of LINE and the tab key, "line: " and the line, and
# before it what it has listed. FUNCTIONS is the directory of _contain.
zmodload zsh/zpty || exit 3
zpty inner zsh -f -i
{
	zpty -w inner "PS1= PS2= COLUMNS=300 LINES=100 TERM=dumb; fpath=(${(q)1} \$fpath); autoload -Uz compinit && compinit -D -u"
	zpty -w inner "dump() { print -r -- \"line: <\$BUFFER>\" >\$TTY; zle kill-whole-line; }; zle -N dump; bindkey '^I' complete-word '^Xd' dump"
	zpty -w inner "setopt no_beep no_always_last_prompt; LISTMAX=500; zstyle ':completion:*' list-prompt ''; print -r -- rea''dy"
	zpty -r inner seen '*ready*' || exit 3
	zpty -w -n inner "$2"$'\t'$'\C-Xd'
	zpty -r inner seen '*line: <*>*' || exit 3
	print -r -- "$seen"
} always {
	zpty -d inner
}
