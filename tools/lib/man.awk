# SPDX-License-Identifier: MIT
# For tools/man-page: `contain help --format table`, and then the source of a man page, which is printed with its tables.
BEGIN { FS = "\t"; table_file = ARGV[1] }

# ---- the tables ----------------------------------------------------------------------------------------------------

FILENAME == table_file && $1 == "command" {
	name = commands[++command_count] = $2
	alias[name] = $3
	arguments[name] = $4
	kind[name] = $5
	text[name] = $7 != "" ? $7 : toupper(substr($6, 1, 1)) substr($6, 2) "."
	gsub(/\036/, "\n", text[name])
	next
}
FILENAME == table_file && $1 == "plugin" {
	plugins[++plugin_count] = $2
	plugin_version[$2] = $3
	plugin_summary[$2] = $4
	plugin_chosen[$2] = $5
	next
}
FILENAME == table_file {
	at = $2 SUBSEP $3
	n = ++option_count[at]
	at = at SUBSEP n
	key[at] = $4; type[at] = $5; marks[at] = $6; initial[at] = $7; range[at] = $8; choices[at] = $9
	flag[at] = $10; letter[at] = $11; metavar[at] = $12; help[at] = $13
	next
}

# ---- the source, all of it, as what it says of commands may stand anywhere ------------------------------------------

/^@command / {
	about = substr($0, 10)
	if (!(about in text)) fail("there is no command '" about "'")
	where = "within"
	next
}
/^@behind$/ { where = "behind"; next }
/^@end$/ { about = ""; next }
about != "" { extra[about, where] = extra[about, where] $0 "\n"; next }
{ source[++source_count] = $0 }

END {
	if (failed) exit 1
	if (about != "") fail("@command " about " has no @end")
	for (i = 1; i <= source_count && !failed; i++)
		source_line(source[i])
	exit failed
}

function fail(why) {
	print "tools/man-page: " FILENAME ": " why > "/dev/stderr"
	failed = 1
	exit 1
}

function source_line(line,  words) {
	gsub(/@version@/, version, line)
	split(line, words, /[ @]/)
	if (line == "@commands@") print_commands()
	else if (line ~ /^@flags [a-z]+@$/) print_flags("core", words[3])
	else if (line ~ /^@keys [a-z]+@$/) print_keys("core", words[3])
	else if (line == "@plugin-flags@") print_plugins(0)
	else if (line == "@plugin-keys@") print_plugins(1)
	else if (line ~ /^@/) fail("not understood: " line)
	else print line
}

# ---- text of contain in the language of scdoc(5) ---------------------------------------------------------------------

function escape(words) {
	gsub(/[\\*_`]/, "\\\\&", words)
	return words
}

# In bold: what stands in `...`, and each flag.
function prose(words,  done, part) {
	while (match(words, /`[^`]+`|(^|[ ("\/])--?[a-zA-Z][a-zA-Z-]*/)) {
		part = substr(words, RSTART, RLENGTH)
		done = done escape(substr(words, 1, RSTART - 1))
		words = substr(words, RSTART + RLENGTH)
		if (part ~ /^`/) {
			done = done "*" escape(substr(part, 2, length(part) - 2)) "*"
		} else {
			if (part !~ /^-/) {
				done = done substr(part, 1, 1)
				part = substr(part, 2)
			}
			done = done "*" part "*"
		}
	}
	return done escape(words)
}

# A line of its own must not be taken for a list or a heading.
function line_start(words) {
	return words ~ /^[-#.|\[\]]/ ? "\\" words : words
}

function print_text(words,  lines, count, i, indented) {
	count = split(words, lines, "\n")
	for (i = 1; i <= count; i++) {
		indented = lines[i] ~ /^[ \t]/
		sub(/^[ \t]+/, "", lines[i])
		# Each indented line stays one.
		print line_start(prose(lines[i])) (indented && i < count && lines[i + 1] != "" ? "++" : "")
	}
	print ""
}

# ---- options ---------------------------------------------------------------------------------------------------------

function value_name(at) {
	return metavar[at] != "" ? metavar[at] : "VALUE"
}

function flag_line(at) {
	return (letter[at] != "" ? "*-" letter[at] "*, " : "") "*--" flag[at] "*" \
		(type[at] == "bool" ? "" : " _" escape(value_name(at)) "_")
}

function print_flags(scope, table,  n, at) {
	for (n = 1; n <= option_count[scope, table]; n++) {
		at = scope SUBSEP table SUBSEP n
		if (flag[at] == "")
			continue
		print flag_line(at)
		print "\t" line_start(prose(help[at]))
		print ""
	}
}

function describe(at,  words) {
	words = type_words(at)
	if (choices[at] != "") words = words ": " escape(choices[at])
	if (range[at] != "") words = words ", " escape(range[at])
	if (initial[at] != "") words = words "; default *" escape(initial[at]) "*"
	else if (marks[at] ~ /required/) words = words "; must be given"
	if (flag[at] != "") words = words "; flag " flag_line(at)
	if (marks[at] ~ /live/) words = words "; may change while the container runs"
	return words
}

function type_words(at) {
	return type[at] == "custom" ? "own form" : type[at] == "int" ? "number" : type[at] == "enum" ? "one of" : type[at]
}

function print_keys(scope, table,  n, at) {
	for (n = 1; n <= option_count[scope, table]; n++) {
		at = scope SUBSEP table SUBSEP n
		print "*" escape(key[at]) "* = " escape(type[at] == "bool" ? "yes|no" : value_name(at))
		print "\t" line_start(prose(help[at])) "++"
		print describe(at)
		print ""
	}
}

# ---- commands and plugins --------------------------------------------------------------------------------------------

function print_commands(  i, name) {
	for (i = 1; i <= command_count; i++) {
		name = commands[i]
		print "## " name (arguments[name] != "" ? " " arguments[name] : "")
		print ""
		print_text(text[name])
		if (alias[name] != "") print "*contain " alias[name] "* is the same.\n"
		if ((name, "within") in extra) print extra[name, "within"]
		print_flags("command", name)
		if (kind[name] == "makes")
			print "All flags of *FLAGS OF A CONTAINER* and *FLAGS OF PLUGINS* too.\n"
		if ((name, "behind") in extra) print extra[name, "behind"]
	}
}

function chosen_flag(chosen,  parts) {
	split(chosen, parts, "=")
	return "*--" parts[1] " " parts[2] "*"
}

function print_chosen(chosen) {
	if (chosen == "") return
	print chosen_flag(chosen)
	print "\tswitch it on; every other value of this flag switches it off"
	print ""
}

function print_plugins(keys,  i, name, n, any) {
	for (i = 1; i <= plugin_count; i++) {
		name = plugins[i]
		any = keys || plugin_chosen[name] != ""
		for (n = 1; n <= option_count["plugin", name]; n++)
			if (flag["plugin", name, n] != "") any = 1
		if (!any)
			continue
		print "## " (keys ? "[" name "]" : name)
		print ""
		print toupper(substr(plugin_summary[name], 1, 1)) prose(substr(plugin_summary[name], 2)) "."
		print ""
		if (keys && plugin_chosen[name] != "") print "Chosen by " chosen_flag(plugin_chosen[name]) ".\n"
		if (keys && !option_count["plugin", name]) print "It has no keys.\n"
		else if (keys) print_keys("plugin", name)
		else {
			print_chosen(plugin_chosen[name])
			print_flags("plugin", name)
		}
	}
}
