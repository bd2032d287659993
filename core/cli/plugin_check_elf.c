/* SPDX-License-Identifier: MIT */
/* What an ELF file shows (elf(5)). The loader has accepted it, but each offset is checked all the same. */
#include <contain/plugin.h>

#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "cli/plugin_check.h"

#define FILE_MOST  (256 * 1024 * 1024)
#define ENTRY      "contain_plugin_v1"
#define NAMES_MOST 4

struct elf {
	const char *bytes;
	size_t length;
};

/* `count` things of `size` bytes, NULL if they are not all in the file. */
static const void *at(const struct elf *elf, uint64_t offset, uint64_t count, uint64_t size)
{
	uint64_t length;

	if (__builtin_mul_overflow(count, size, &length) || offset > elf->length || length > elf->length - offset ||
	    offset % _Alignof(ElfW(Word)) != 0)
		return NULL;
	return elf->bytes + offset;
}

static const char *string_at(const struct elf *elf, const ElfW(Shdr) * strings, uint64_t offset)
{
	uint64_t start;

	if (offset >= strings->sh_size || __builtin_add_overflow(strings->sh_offset, offset, &start) ||
	    start >= elf->length)
		return "?";
	return memchr(elf->bytes + start, '\0', elf->length - start) ? elf->bytes + start : "?";
}

/* Sanitizers and the start files of the C library add some of their own. */
static bool is_toolchains(const char *name)
{
	static const char *const begins[] = { "__asan_", "__ubsan_", "__odr_asan", "__lsan_", "__sanitizer", "__gcov" };

	for (size_t i = 0; i < sizeof(begins) / sizeof(*begins); i++) {
		if (strncmp(name, begins[i], strlen(begins[i])) == 0)
			return true;
	}
	return strcmp(name, "_init") == 0 || strcmp(name, "_fini") == 0;
}

/* A weak one is what C++ makes for each inline function: it can't be avoided. */
static bool is_exported(const ElfW(Sym) * symbol)
{
	int visibility = ELF64_ST_VISIBILITY(symbol->st_other);

	return symbol->st_shndx != SHN_UNDEF && symbol->st_shndx != SHN_ABS &&
	       ELF64_ST_BIND(symbol->st_info) == STB_GLOBAL &&
	       (visibility == STV_DEFAULT || visibility == STV_PROTECTED);
}

static void check_symbols(struct audit_page *page, const struct elf *elf, const ElfW(Shdr) * table,
			  const ElfW(Shdr) * strings)
{
	size_t count = table->sh_size / sizeof(ElfW(Sym)), others = 0;
	const ElfW(Sym) *symbols = at(elf, table->sh_offset, count, sizeof(*symbols));
	_cleanup_text_ struct text names = { 0 };

	for (size_t i = 0; symbols && i < count; i++) {
		const char *name = string_at(elf, strings, symbols[i].st_name);

		if (!is_exported(&symbols[i]) || strcmp(name, ENTRY) == 0 || is_toolchains(name))
			continue;
		if (others++ < NAMES_MOST)
			text_printf(&names, " %s", name);
	}
	if (others > 0)
		audit_find(page, RULE_ONE_SYMBOL, PHASE_NONE, "it exports more than " ENTRY ":%s%s", text_peek(&names),
			   others > NAMES_MOST ? ", ..." : "");
}

static bool is_ours(const char *library)
{
	return strncmp(library, "libcontain", 10) == 0 || strncmp(library, "contain", 7) == 0;
}

static void check_dynamic(struct audit_page *page, const struct elf *elf, const ElfW(Shdr) * table,
			  const ElfW(Shdr) * strings)
{
	size_t count = table->sh_size / sizeof(ElfW(Dyn));
	const ElfW(Dyn) *entries = at(elf, table->sh_offset, count, sizeof(*entries));

	for (size_t i = 0; entries && i < count && entries[i].d_tag != DT_NULL; i++) {
		const ElfW(Dyn) *entry = &entries[i];

		if (entry->d_tag == DT_NEEDED && is_ours(string_at(elf, strings, entry->d_un.d_val)))
			audit_find(page, RULE_HOST_LIBRARY, PHASE_NONE, "it is linked with %s",
				   string_at(elf, strings, entry->d_un.d_val));
		if (entry->d_tag == DT_RPATH || entry->d_tag == DT_RUNPATH)
			audit_find(page, RULE_SEARCH_PATH, PHASE_NONE, "its libraries are looked for in %s first",
				   string_at(elf, strings, entry->d_un.d_val));
		if (entry->d_tag == DT_TEXTREL || (entry->d_tag == DT_FLAGS && entry->d_un.d_val & DF_TEXTREL))
			audit_find(page, RULE_RELOCATION, PHASE_NONE, "its code is written to when it is loaded");
	}
}

/* Without the header, the kernel and the loader make the stack of the whole process executable. */
static void check_stack(struct audit_page *page, const ElfW(Phdr) * segments, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (segments[i].p_type == PT_GNU_STACK && !(segments[i].p_flags & PF_X))
			return;
	}
	audit_find(page, RULE_STACK, PHASE_NONE, "it asks for an executable stack");
}

void check_elf(struct audit_page *page, const char *path)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	_cleanup_free_ char *bytes = NULL;
	struct elf elf = { 0 };
	const ElfW(Ehdr) * header;
	const ElfW(Shdr) * sections;
	const ElfW(Phdr) * segments;

	if (fd < 0 || file_read_all(fd, FILE_MOST, &bytes, &elf.length) < 0)
		return;
	elf.bytes = bytes;
	header = at(&elf, 0, 1, sizeof(*header));
	if (!header || memcmp(header->e_ident, ELFMAG, SELFMAG) != 0)
		return;
	segments = at(&elf, header->e_phoff, header->e_phnum, sizeof(*segments));
	sections = at(&elf, header->e_shoff, header->e_shnum, sizeof(*sections));
	if (segments)
		check_stack(page, segments, header->e_phnum);
	for (size_t i = 0; sections && i < header->e_shnum; i++) {
		const ElfW(Shdr) *one = &sections[i];

		if (one->sh_link >= header->e_shnum)
			continue;
		if (one->sh_type == SHT_DYNSYM)
			check_symbols(page, &elf, one, &sections[one->sh_link]);
		if (one->sh_type == SHT_DYNAMIC)
			check_dynamic(page, &elf, one, &sections[one->sh_link]);
	}
}
