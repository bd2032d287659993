/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "profile/profile.h"
#include "unit.h"

/* A directory for each test, and the files that it wrote there. */
struct files {
	char directory[32];
	char names[24][32];
	size_t count;
};

static int make_directory(void **state)
{
	struct files *files = calloc(1, sizeof(*files));

	strcpy(files->directory, "/tmp/profile.XXXXXX");
	*state = files;
	return mkdtemp(files->directory) ? 0 : -1;
}

static const char *path_of(const struct files *files, const char *name, char path[96])
{
	snprintf(path, 96, "%s/%s", files->directory, name);
	return path;
}

static int remove_directory(void **state)
{
	struct files *files = *state;
	char path[96];

	while (files->count)
		remove(path_of(files, files->names[--files->count], path));
	rmdir(files->directory);
	free(files);
	return 0;
}

static void remember(struct files *files, const char *name)
{
	assert_true(files->count < COUNT(files->names));
	snprintf(files->names[files->count++], sizeof(files->names[0]), "%s", name);
}

static void put(struct files *files, const char *name, const char *text)
{
	char path[96];
	FILE *file = fopen(path_of(files, name, path), "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	remember(files, name);
}

/* Messages show the name, and paths with the test's directory as "@". */
static int read_profile(struct files *files, const char *name, struct profile *profile, struct text *errors)
{
	_cleanup_text_ struct text told = { 0 };
	char path[96];
	int result = profile_read(profile, path_of(files, name, path), name, NULL, &told);

	for (const char *c = text_peek(&told); *c;) {
		bool directory = !strncmp(c, files->directory, strlen(files->directory));

		text_add_bytes(errors, directory ? "@" : c, 1);
		c += directory ? strlen(files->directory) : 1;
	}
	return result;
}

static void dump(const struct profile *profile, struct text *text)
{
	char place[64];

	for (size_t i = 0; i < profile->switch_count; i++)
		text_printf(text, "%s%s %s\n", origin_text(&profile->switches[i].origin, place, sizeof(place)),
			    profile->switches[i].plugin, profile->switches[i].on ? "on" : "off");
	for (size_t i = 0; i < profile->section_count; i++)
		text_printf(text, "%s[%s]\n", origin_text(&profile->sections[i].origin, place, sizeof(place)),
			    profile->sections[i].section);
	for (size_t i = 0; i < profile->entry_count; i++)
		text_printf(text, "%s%s.%s=%s\n", origin_text(&profile->entries[i].origin, place, sizeof(place)),
			    profile->entries[i].section, profile->entries[i].key, profile->entries[i].value);
}

static void expect(struct files *files, const char *name, int result, const char *profile_text, const char *error_text)
{
	_cleanup_text_ struct text errors = { 0 }, text = { 0 };
	struct profile profile = { 0 };
	int got = read_profile(files, name, &profile, &errors);

	dump(&profile, &text);
	profile_free(&profile);
	assert_string_equal(text_peek(&errors), error_text);
	assert_int_equal(got, result);
	if (profile_text)
		assert_string_equal(text_peek(&text), profile_text);
}

static void one_file(void **state)
{
	struct files *files = *state;

	put(files, "a.ini",
	    "[plugins]\npidns = on\nnetns = off\nproc = yes\n[process]\nenv = A=1\nenv = B=2\n[empty]\n[process]\n");
	expect(files, "a.ini", 0,
	       "a.ini:2: pidns on\na.ini:3: netns off\na.ini:4: proc on\n"
	       "a.ini:5: [process]\na.ini:8: [empty]\n"
	       "a.ini:6: process.env=A=1\na.ini:7: process.env=B=2\n",
	       "");
}

static void in_memory(void **state)
{
	_cleanup_text_ struct text text = { 0 };
	struct profile profile = { 0 };
	char source[] = "--set", plugin[] = "pidns", section[] = "utsns", key[] = "hostname", value[] = "box";

	(void)state;
	assert_null(profile_find_switch(&profile, "pidns"));
	assert_int_equal(profile_add_switch(&profile, plugin, false, (struct origin){ source, 0 }), 0);
	assert_int_equal(profile_add_entry(&profile, section, key, value, (struct origin){ source, 0 }), 0);
	assert_int_equal(profile_add_switch(&profile, "netns", true, (struct origin){ "x", 1 }), 0);
	assert_int_equal(profile_add_switch(&profile, plugin, true, (struct origin){ "y", 2 }), 0);
	/* The strings were copied. */
	source[0] = plugin[0] = section[0] = key[0] = value[0] = '?';
	dump(&profile, &text);
	assert_string_equal(text_peek(&text),
			    "y:2: pidns on\nx:1: netns on\n--set: [utsns]\n--set: utsns.hostname=box\n");
	assert_true(profile_find_switch(&profile, "pidns")->on);
	profile_free(&profile);
	profile_free(&profile);
}

static void many(void **state)
{
	struct profile profile = { 0 };
	char key[16];

	(void)state;
	for (int i = 0; i < 300; i++) {
		snprintf(key, sizeof(key), "k%d", i);
		assert_int_equal(profile_add_entry(&profile, key, key, key, (struct origin){ "x", i + 1 }), 0);
		assert_int_equal(profile_add_switch(&profile, key, true, (struct origin){ "x", i + 1 }), 0);
	}
	assert_int_equal(profile.entry_count, 300);
	assert_int_equal(profile.section_count, 300);
	assert_string_equal(profile.entries[299].value, "k299");
	assert_string_equal(profile.entries[0].value, "k0");
	assert_int_equal(profile_find_switch(&profile, "k150")->origin.line, 151);
	profile_free(&profile);
}

/* The base comes first, wherever the line stands that names it; a switch keeps its place and takes the later value. */
static void inherits(void **state)
{
	struct files *files = *state;

	put(files, "base.ini", "[plugins]\npidns = on\nnetns = on\n[a]\nk = 1\nl = 1\n");
	put(files, "mid.ini", "[profile]\ninherits = base\n[a]\nk = 2\n[b]\n");
	put(files, "top.ini", "[a]\nk = 3\n[plugins]\nproc = on\npidns = off\n[profile]\ninherits = mid.ini\n");
	expect(files, "top.ini", 0,
	       "top.ini:5: pidns off\nbase.ini:3: netns on\ntop.ini:4: proc on\n"
	       "base.ini:4: [a]\nmid.ini:5: [b]\n"
	       "base.ini:5: a.k=1\nbase.ini:6: a.l=1\nmid.ini:4: a.k=2\ntop.ini:2: a.k=3\n",
	       "");
}

/* Names are seen from the inheriting file's directory, and shown so. */
static void inherits_paths(void **state)
{
	struct files *files = *state;
	_cleanup_text_ struct text absolute = { 0 };
	char path[96];

	remember(files, "sub");
	assert_int_equal(mkdir(path_of(files, "sub", path), 0700), 0);
	put(files, "sub/a.ini", "[profile]\ninherits = ../b\n");
	put(files, "b.ini", "[profile]\ninherits = ./sub/c\n");
	put(files, "sub/c", "[c]\nk = v\n");
	expect(files, "sub/a.ini", 0, "sub/.././sub/c:1: [c]\nsub/.././sub/c:2: c.k=v\n", "");
	text_printf(&absolute, "[profile]\ninherits = %s/sub/c\n", files->directory);
	put(files, "d.ini", text_peek(&absolute));
	expect(files, "d.ini", 0, NULL, "");
}

static void suffix_first(void **state)
{
	struct files *files = *state;
	char path[96];

	remember(files, "base");
	assert_int_equal(mkdir(path_of(files, "base", path), 0700), 0);
	put(files, "base.ini", "[x]\n");
	put(files, "a.ini", "[profile]\ninherits = base\n");
	expect(files, "a.ini", 0, "base.ini:1: [x]\n", "");
}

static void loops(void **state)
{
	struct files *files = *state;
	char path[96], other[96];

	put(files, "a.ini", "[profile]\ninherits = b\n");
	put(files, "b.ini", "\n[profile]\ninherits = c\n");
	put(files, "c.ini", "\n\n[profile]\ninherits = a\n");
	put(files, "self.ini", "[profile]\ninherits = ./self.ini\n");
	expect(files, "a.ini", -EINVAL, NULL,
	       "c.ini:4: [profile] inherits: a loop: a.ini -> b.ini -> c.ini -> a.ini\n");
	expect(files, "self.ini", -EINVAL, NULL, "self.ini:2: [profile] inherits: a loop: self.ini -> ./self.ini\n");
	/* By another name the same file. */
	assert_int_equal(symlink(path_of(files, "self.ini", path), path_of(files, "link.ini", other)), 0);
	remember(files, "link.ini");
	expect(files, "link.ini", -EINVAL, NULL, "link.ini:2: [profile] inherits: a loop: link.ini -> ./self.ini\n");
}

static void too_deep(void **state)
{
	struct files *files = *state;

	for (int i = 0; i < 18; i++) {
		char name[16], text[64];

		snprintf(name, sizeof(name), "%d.ini", i);
		snprintf(text, sizeof(text), "[profile]\ninherits = %d\n", i + 1);
		put(files, name, i == 17 ? "[end]\n" : text);
	}
	expect(files, "1.ini", 0, "17.ini:1: [end]\n", "");
	expect(files, "0.ini", -EINVAL, NULL,
	       "16.ini:2: [profile] inherits: more than 16 profiles inherit from each other\n");
}

/* Mistakes of meaning, here and in the base, are told all at once. */
/* What is not beside the file is one of the installed profiles, but only by its name. */
static void inherits_an_installed_one(void **state)
{
	struct files *files = *state;
	_cleanup_text_ struct text errors = { 0 };
	struct profile profile = { 0 };
	char path[96], away[] = "/tmp/contain-profile-XXXXXX", heir[64];
	FILE *file;

	put(files, "base.ini", "[plugins]\nnetns = on\n");
	assert_non_null(mkdtemp(away));
	snprintf(heir, sizeof(heir), "%s/heir.ini", away);
	file = fopen(heir, "w");
	fputs("[profile]\ninherits = base\n", file);
	fclose(file);
	assert_int_equal(profile_read(&profile, heir, "heir.ini", files->directory, &errors), 0);
	assert_string_equal(profile.switches[0].plugin, "netns");
	assert_string_equal(profile.switches[0].origin.source, path_of(files, "base.ini", path));
	profile_free(&profile);
	assert_int_equal(profile_read(&profile, heir, "heir.ini", NULL, &errors), -ENOENT);
	file = fopen(heir, "w");
	fputs("[profile]\ninherits = ./base\n", file);
	fclose(file);
	assert_int_equal(profile_read(&profile, heir, "heir.ini", files->directory, &errors), -ENOENT);
	profile_free(&profile);
	unlink(heir);
	rmdir(away);
}

static void mistakes(void **state)
{
	struct files *files = *state;

	put(files, "base.ini", "[plugins]\nutsns = maybe\n");
	put(files, "a.ini",
	    "[plugins]\npidns = on\nproc = onn\npidns = off\nnetns =\n[profile]\ninherit = x\ninherits =\n"
	    "inherits = base\ninherits = base\n");
	expect(files, "a.ini", 1, NULL,
	       "a.ini:3: [plugins] proc: 'onn' is not on or off\n"
	       "a.ini:4: [plugins] names 'pidns' twice (first in line 2)\n"
	       "a.ini:5: [plugins] netns: '' is not on or off\n"
	       "a.ini:7: [profile] has no key 'inherit' (did you mean 'inherits'?)\n"
	       "a.ini:8: [profile] inherits: the value is empty; name a profile\n"
	       "a.ini:10: [profile] 'inherits' is given twice (first in line 9)\n"
	       "base.ini:2: [plugins] utsns: 'maybe' is not on or off\n");
}

static void syntax(void **state)
{
	struct files *files = *state;

	put(files, "a.ini", "[plugins]\npidns = on\nwhat\nproc = maybe\n");
	put(files, "b.ini", "[profile]\ninherits = a\n[x]\n");
	expect(files, "a.ini", -EINVAL, "", "a.ini:3: 'what' has no '='; write 'key = value'\n");
	expect(files, "b.ini", -EINVAL, NULL, "a.ini:3: 'what' has no '='; write 'key = value'\n");
}

static void unreadable(void **state)
{
	struct files *files = *state;
	char path[96];
	FILE *file;

	put(files, "a.ini", "[x]\n[profile]\ninherits = gone\n");
	remember(files, "dir.ini");
	assert_int_equal(mkdir(path_of(files, "dir.ini", path), 0700), 0);
	remember(files, "fifo.ini");
	assert_int_equal(mkfifo(path_of(files, "fifo.ini", path), 0600), 0);
	put(files, "large.ini", "[x]\n");
	file = fopen(path_of(files, "large.ini", path), "a");
	assert_int_equal(ftruncate(fileno(file), (1 << 20) + 1), 0);
	fclose(file);
	put(files, "b.ini", "[profile]\ninherits = dir\n");
	expect(files, "none.ini", -ENOENT, "", "@/none.ini can't be read: No such file or directory\n");
	expect(files, "a.ini", -ENOENT, NULL,
	       "a.ini:3: [profile] inherits: @/gone.ini can't be read: No such file or directory\n");
	expect(files, "dir.ini", -EISDIR, "", "@/dir.ini can't be read: Is a directory\n");
	expect(files, "b.ini", -EISDIR, NULL, "b.ini:2: [profile] inherits: @/dir.ini can't be read: Is a directory\n");
	expect(files, "fifo.ini", -EINVAL, "", "@/fifo.ini can't be read: it is not a regular file\n");
	expect(files, "large.ini", -EFBIG, "", "@/large.ini can't be read: it is larger than 1 MiB\n");
}

#define WITH_FILES(test) cmocka_unit_test_setup_teardown(test, make_directory, remove_directory)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_FILES(one_file), cmocka_unit_test(in_memory), cmocka_unit_test(many),
		WITH_FILES(inherits), WITH_FILES(inherits_paths),  WITH_FILES(suffix_first),
		WITH_FILES(loops),    WITH_FILES(too_deep),        WITH_FILES(inherits_an_installed_one),
		WITH_FILES(mistakes), WITH_FILES(syntax),          WITH_FILES(unreadable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
