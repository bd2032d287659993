/* SPDX-License-Identifier: MIT */
/* The flags of single commands: one struct and one table each, which is in the command's own file. */
#pragma once

#include <contain/plugin.h>

struct run_flags {
	bool detach, remove, interactive;
	bool terminal, no_terminal;
	const char *report;
};
struct list_flags {
	bool quiet, json;
};
struct exec_flags {
	bool detach, interactive, terminal, no_terminal;
	struct contain_list env;
	const char *user, *workdir, *trace;
};
struct kill_flags {
	bool all;
	const char *signal;
};
struct stop_flags {
	const char *signal;
	int64_t seconds;
};
struct logs_flags {
	bool follow, times;
	int64_t tail;
};
struct ps_flags {
	bool json;
};
struct stats_flags {
	bool once, json;
};
struct update_flags {
	struct contain_list set;
};
struct check_flags {
	bool json;
	struct exposure_limit {
		int tenths;
	} most;
};
struct delete_flags {
	bool force;
};
struct gc_flags {
	bool stopped;
};
struct plan_flags {
	bool json;
};
struct plugin_list_flags {
	bool json;
};
struct plugin_show_flags {
	bool json;
};
struct plugin_new_flags {
	int language;
};
struct help_flags {
	int format;
};
struct plugin_check_flags {
	bool json, host;
	int64_t seconds;
};

extern const struct contain_option run_options[], list_options[], exec_options[], kill_options[], stop_options[],
	logs_options[], ps_options[], stats_options[], update_options[], delete_options[], gc_options[], plan_options[],
	plugin_list_options[], plugin_show_options[], plugin_new_options[], plugin_check_options[], help_flag_options[],
	check_options[];

/* "9", "KILL", "SIGKILL", "kill", "RTMIN+3": for .parse of an option, which wants the check alone. */
int check_signal(const char *text, void *value, char *why, size_t why_size);
