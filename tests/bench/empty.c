// SPDX-License-Identifier: MIT
/* A plugin of nothing: what remains is the cost of its loading. */
__attribute__((visibility("default"))) const void *contain_plugin_v1(void);

const void *contain_plugin_v1(void)
{
	return 0;
}
