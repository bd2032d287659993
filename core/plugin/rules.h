/* SPDX-License-Identifier: MIT */
/* The rules of contain/plugin.h that a program can see kept or broken, each with what to do about it. */
#pragma once

enum rule {
	RULE_NONE,
	/* the file */
	RULE_TRUST,
	RULE_LOAD,
	RULE_ONE_SYMBOL,
	RULE_STACK,
	RULE_RELOCATION,
	RULE_SEARCH_PATH,
	RULE_HOST_LIBRARY,
	/* its tables */
	RULE_SUMMARY,
	RULE_VERSION,
	RULE_HELP,
	RULE_METAVAR,
	RULE_FLAG_CLASH,
	RULE_NEEDS,
	RULE_ORDER,
	RULE_DEFAULT,
	RULE_LIVE,
	/* around each hook, in its own process */
	RULE_DESCRIPTOR_LEAK,
	RULE_DESCRIPTOR_CLOSED,
	RULE_STANDARD_DESCRIPTORS,
	RULE_SIGNAL_MASK,
	RULE_SIGNAL_HANDLERS,
	RULE_THREAD,
	RULE_CHILD_PROCESS,
	RULE_UMASK,
	RULE_DIRECTORY,
	RULE_ENVIRONMENT,
	RULE_RLIMITS,
	RULE_TIMER,
	RULE_RESULT,
	RULE_NO_MESSAGE,
	RULE_LATE_SUCCESS,
	RULE_SLOW,
	/* a life, and its end */
	RULE_RUN,
	RULE_CRASH,
	RULE_HANG,
	RULE_CONFIGURE_TOUCHES,
	RULE_REPORT_CHANGES,
	RULE_UPDATE,
	RULE_TEARDOWN,
	RULE_TEARDOWN_ELSEWHERE,
	RULE_TEARDOWN_TWICE,
	RULE_LEFT_MOUNT,
	RULE_LEFT_CGROUP,
	RULE_LEFT_LINK,
	RULE_LEFT_PROCESS,
	RULE_LEFT_FILE,
	RULE_LEFT_IPC,
	RULE_LEFT_NAME,
	RULE_LEFT_STATE,
	RULE_COUNT,
};

enum rule_level { RULE_WARNING, RULE_ERROR };

/* "descriptor-leak": stable, for programs. */
const char *rule_name(enum rule rule);

/* An error breaks something; a warning is style, or a doubt. */
enum rule_level rule_level(enum rule rule);

/* What its author does about it, in one line without a full stop; "" where the finding itself says so. */
const char *rule_remedy(enum rule rule);
