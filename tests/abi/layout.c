/* SPDX-License-Identifier: MIT */
/*
 * The numbers that are in a plugin once it is compiled, a line each: compiled with the frozen header and with today's,
 * it says the same. Whole structs are not among them, as these may grow at their end.
 */
#include <contain/plugin.h>
#include <stdio.h>

#define MEMBER(S, M)                                                                                                   \
	{                                                                                                              \
#S "." #M, offsetof(struct S, M), sizeof(((struct S *)0)->M)                                           \
	}
static const struct {
	const char *name;
	size_t offset, size;
} members[] = {
	MEMBER(contain_list, items),
	MEMBER(contain_list, count),
	MEMBER(contain_option, key),
	MEMBER(contain_option, type),
	MEMBER(contain_option, offset),
	MEMBER(contain_option, size),
	MEMBER(contain_option, flags),
	MEMBER(contain_option, initial),
	MEMBER(contain_option, min),
	MEMBER(contain_option, max),
	MEMBER(contain_option, choices),
	MEMBER(contain_option, flag),
	MEMBER(contain_option, short_flag),
	MEMBER(contain_option, metavar),
	MEMBER(contain_option, help),
	MEMBER(contain_option, parse),
	MEMBER(contain_plugin, struct_size),
	MEMBER(contain_plugin, option_size),
	MEMBER(contain_plugin, api_minor),
	MEMBER(contain_plugin, reserved),
	MEMBER(contain_plugin, name),
	MEMBER(contain_plugin, version),
	MEMBER(contain_plugin, summary),
	MEMBER(contain_plugin, needs),
	MEMBER(contain_plugin, after),
	MEMBER(contain_plugin, before),
	MEMBER(contain_plugin, namespaces),
	MEMBER(contain_plugin, self_size),
	MEMBER(contain_plugin, options),
	MEMBER(contain_plugin, configure),
	MEMBER(contain_plugin, parent_prepare),
	MEMBER(contain_plugin, parent_attach),
	MEMBER(contain_plugin, child_setup),
	MEMBER(contain_plugin, child_switch),
	MEMBER(contain_plugin, child_enter),
	MEMBER(contain_plugin, child_seal),
	MEMBER(contain_plugin, parent_started),
	MEMBER(contain_plugin, update),
	MEMBER(contain_plugin, report),
	MEMBER(contain_plugin, teardown),
};

#define VALUE(V)                                                                                                       \
	{                                                                                                              \
#V, (long long)(V)                                                                                     \
	}
static const struct {
	const char *name;
	long long value;
} values[] = {
	VALUE(CONTAIN_BOOL),        VALUE(CONTAIN_INT),
	VALUE(CONTAIN_SIZE),        VALUE(CONTAIN_ENUM),
	VALUE(CONTAIN_STRING),      VALUE(CONTAIN_LIST),
	VALUE(CONTAIN_CUSTOM),      VALUE(CONTAIN_UNSET),
	VALUE(CONTAIN_MAX),         VALUE(CONTAIN_REQUIRED),
	VALUE(CONTAIN_LIVE),        VALUE(CONTAIN_OR_MAX),
	VALUE(CONTAIN_TARGET_FILE), VALUE(CONTAIN_TARGET_NOFOLLOW),
	VALUE(CONTAIN_BYTES),       VALUE(CONTAIN_USEC),
	VALUE(CONTAIN_COUNT),
};

int main(void)
{
	for (size_t i = 0; i < sizeof(members) / sizeof(*members); i++)
		printf("%s: offset %zu, size %zu\n", members[i].name, members[i].offset, members[i].size);
	for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++)
		printf("%s: %lld\n", values[i].name, values[i].value);
	/* This one is a member of plugins' structs: it may not grow at all. */
	printf("struct contain_list: size %zu\n", sizeof(struct contain_list));
	return 0;
}
