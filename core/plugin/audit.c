/* SPDX-License-Identifier: MIT */
#include "plugin/audit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/file.h"
#include "plugin/roster.h"

/* What some hooks are for: limits of the command, and whoever switches the root goes to the new one on the way. */
static bool may_differ(const struct contain_plugin *api, enum rule rule, enum phase phase)
{
	bool in_child = phase >= PHASE_CHILD_SETUP && phase <= PHASE_CHILD_SEAL;

	return in_child && (rule == RULE_RLIMITS || (rule == RULE_DIRECTORY && api->child_switch));
}

/* What the hook gave to the host is the host's. */
static bool is_hosts(void *user, int fd)
{
	const struct contain_ctx *ctx = user;

	if (fd == ctx->rootfs || fd == ctx->record.fd || fd == ctx->log.fd)
		return true;
	for (size_t i = 0; i < ctx->fd_count; i++) {
		if (ctx->fds[i].fd == fd)
			return true;
	}
	for (size_t i = 0; i < ctx->claim_count; i++) {
		if (ctx->claims[i].fd == fd)
			return true;
	}
	return false;
}

void audit_find(struct audit_page *page, enum rule rule, enum phase phase, const char *format, ...)
{
	unsigned i = atomic_fetch_add(&page->finding_count, 1);
	va_list args;

	if (i >= AUDIT_FINDINGS)
		return;
	page->findings[i].phase = phase;
	va_start(args, format);
	vsnprintf(page->findings[i].detail, AUDIT_DETAIL, format, args);
	va_end(args);
	page->findings[i].rule = rule;
}

static void begin(struct observer *observer, struct contain_ctx *ctx, const struct member *member, enum phase phase)
{
	struct audit *audit = (struct audit *)observer;
	unsigned i;

	audit->call = NULL;
	if (strcmp(member->module->name, audit->page->plugin) != 0)
		return;
	i = atomic_fetch_add(&audit->page->call_count, 1);
	if (i >= AUDIT_CALLS)
		return;
	audit->call = &audit->page->calls[i];
	*audit->call = (struct audit_call){ .phase = phase, .is_child = audit->is_child };
	audit->failed_before = ctx->failure.err != 0;
	surroundings_look(&audit->before, audit->process);
	audit->begun_usec = clock_usec();
}

static void compare(struct audit *audit, struct contain_ctx *ctx, const struct contain_plugin *api, enum phase phase)
{
	struct surroundings after;
	char detail[AUDIT_DETAIL];
	enum rule rule;
	int at = 0;

	surroundings_look(&after, audit->process);
	while ((rule = surroundings_compare(&audit->before, &after, &at, is_hosts, ctx, audit->process, detail,
					    sizeof(detail)))) {
		if (!may_differ(api, rule, phase))
			audit_find(audit->page, rule, phase, "%s", detail);
	}
}

static void judge(struct audit_page *page, const struct audit *audit, const struct contain_ctx *ctx, enum phase phase,
		  int result)
{
	bool told = ctx->failure.err != 0 && !audit->failed_before;

	if (result > 0)
		audit_find(page, RULE_RESULT, phase, "it returned %d", result);
	if (result < 0 && ctx->failure.err == 0)
		audit_find(page, RULE_NO_MESSAGE, phase, "it returned %d (%s) without a message", result,
			   strerror(-result));
	if (result >= 0 && told)
		audit_find(page, RULE_LATE_SUCCESS, phase, "it said '%s', and then returned success",
			   ctx->failure.text);
	if (result < 0 && phase == PHASE_TEARDOWN)
		audit_find(page, page->elsewhere ? RULE_TEARDOWN_ELSEWHERE : RULE_TEARDOWN, phase, "%s",
			   told ? ctx->failure.text : strerror(-result));
}

/* Both times in one process: what the first one closed or freed, the second one finds. */
static void call_again(struct audit *audit, struct contain_ctx *ctx, const struct member *member, enum phase phase)
{
	int result = phase_hook(&member->module->api, phase)(ctx, member->settings.self);

	if (result != 0)
		audit_find(audit->page, RULE_TEARDOWN_TWICE, phase, "the second time: %s",
			   ctx->failure.err ? ctx->failure.text : strerror(-result));
	if (!audit->failed_before)
		ctx->failure.err = 0;
}

static void tell(const struct audit *audit)
{
	if (eventfd_write(audit->event, 1) < 0)
		return;
}

static int act(struct audit *audit, struct contain_ctx *ctx, const struct member *member, enum phase phase)
{
	enum audit_act what = audit->page->act;

	/* Once: the next process goes on as usual. */
	audit->page->act = AUDIT_WATCH;
	if (what == AUDIT_TWICE)
		call_again(audit, ctx, member, phase);
	if (what == AUDIT_FAIL) {
		ctx->failure.err = 0;
		return contain_fail(ctx, ECANCELED, "the fault after %s", phase_name(phase));
	}
	if (what == AUDIT_STOP) {
		tell(audit);
		for (;;)
			pause();
	}
	return 0;
}

static int end(struct observer *observer, struct contain_ctx *ctx, const struct member *member, enum phase phase,
	       int result)
{
	struct audit *audit = (struct audit *)observer;
	struct audit_page *page = audit->page;
	int64_t now = clock_usec();

	if (!audit->call)
		return result;
	audit->call->usec = now - audit->begun_usec;
	audit->call->result = result;
	audit->call->ended = true;
	compare(audit, ctx, &member->module->api, phase);
	judge(page, audit, ctx, phase, result);
	/* Where another process waits for it, and not in the middle of what else it waits for. */
	if (phase == PHASE_PARENT_STARTED && page->act == AUDIT_WATCH)
		tell(audit);
	return result == 0 && page->act != AUDIT_WATCH && page->phase == phase ? act(audit, ctx, member, phase)
									       : result;
}

static void observe(struct audit *audit, struct contain_ctx *ctx)
{
	audit->observer = (struct observer){ begin, end, ctx->observer };
	ctx->observer = &audit->observer;
	audit->process = open("/proc/self", O_PATH | O_DIRECTORY | O_CLOEXEC);
}

static int map(struct audit *audit)
{
	void *page = mmap(NULL, sizeof(*audit->page), PROT_READ | PROT_WRITE, MAP_SHARED, audit->memory, 0);

	if (page == MAP_FAILED)
		return -errno;
	audit->page = page;
	return 0;
}

int audit_init(struct audit *audit, const char *plugin)
{
	*audit = (struct audit){ .process = -1, .event = -1 };
	audit->memory = file_memory("contain-audit", false);
	if (audit->memory < 0)
		return audit->memory;
	if (ftruncate(audit->memory, sizeof(*audit->page)) < 0 ||
	    fcntl(audit->memory, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) < 0)
		return -errno;
	audit->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (audit->event < 0)
		return -errno;
	if (map(audit) < 0)
		return -errno;
	snprintf(audit->page->plugin, sizeof(audit->page->plugin), "%s", plugin);
	return 0;
}

void audit_free(struct audit *audit)
{
	if (audit->page)
		munmap(audit->page, sizeof(*audit->page));
	audit->page = NULL;
	cleanup_close(&audit->memory);
	cleanup_close(&audit->event);
	cleanup_close(&audit->process);
	audit->memory = audit->event = audit->process = -1;
}

void audit_reset(struct audit *audit, enum audit_act act, enum phase phase)
{
	struct audit_page *page = audit->page;
	char plugin[PLUGIN_NAME_SIZE];
	eventfd_t ignored;

	memcpy(plugin, page->plugin, sizeof(plugin));
	memset(page, 0, sizeof(*page));
	memcpy(page->plugin, plugin, sizeof(plugin));
	page->act = act;
	page->phase = phase;
	while (eventfd_read(audit->event, &ignored) == 0)
		;
}

static int pass(struct contain_ctx *ctx, const char *name, int fd)
{
	int copy = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);

	if (copy < 0)
		return -errno;
	return ctx_add_fd(ctx, "", name, copy);
}

int audit_attach(struct audit *audit, struct contain_ctx *ctx, bool to_child)
{
	int result = 0;

	observe(audit, ctx);
	if (to_child)
		result = pass(ctx, AUDIT_FD, audit->memory);
	if (result == 0 && to_child)
		result = pass(ctx, AUDIT_EVENT_FD, audit->event);
	if (result < 0)
		return contain_fail(ctx, -result, "can't audit the child");
	return 0;
}

int audit_join(struct contain_ctx *ctx)
{
	int memory = ctx_get_fd(ctx, "", AUDIT_FD), result;
	struct audit *audit;

	if (memory < 0)
		return 0;
	/* Lives as long as this process is ours. */
	audit = calloc(1, sizeof(*audit));
	if (!audit)
		return contain_fail(ctx, ENOMEM, "can't audit the child");
	*audit = (struct audit){ .memory = memory, .event = ctx_get_fd(ctx, "", AUDIT_EVENT_FD), .is_child = true };
	result = map(audit);
	if (result < 0) {
		free(audit);
		return contain_fail(ctx, -result, "can't audit the child");
	}
	observe(audit, ctx);
	/* Closed with the others, before the command. */
	return audit->process < 0 ? 0 : ctx_add_fd(ctx, "", AUDIT_SELF_FD, audit->process);
}
