/* SPDX-License-Identifier: MIT */
#include "plugin/crash.h"

#include <contain/plugin.h>

#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#include "plugin/ctx.h"
#include "plugin/roster.h"

#define STACK_SIZE (64 * 1024)

static const struct {
	int number;
	const char *name;
	bool at_address; /* si_addr means something (sigaction(2)) */
} crashes[] = { { SIGSEGV, "SIGSEGV", true }, { SIGBUS, "SIGBUS", true },    { SIGILL, "SIGILL", true },
		{ SIGFPE, "SIGFPE", true },   { SIGABRT, "SIGABRT", false }, { SIGTRAP, "SIGTRAP", false },
		{ SIGSYS, "SIGSYS", false } };
#define CRASHES (sizeof(crashes) / sizeof(*crashes))

/*
 * A signal handler is given nothing to find its context by: whose hook runs, NULL: none; and in which process. In
 * memory of its own, which is zero after a fork (MADV_WIPEONFORK): a process that a hook makes may crash as it likes.
 * It is not ours, and must not act for the one that waits for it.
 */
struct watched {
	struct contain_ctx *volatile ctx;
	volatile pid_t process;
	/*
	 * The handlers', as a hook may have used up the other one; more than any processor's registers need. A static
	 * array would be one more mapping at each start of the executable.
	 */
	char stack[STACK_SIZE] __attribute__((aligned(16)));
};

static struct watched *watched;
static bool installed;

void crash_spare(sigset_t *set)
{
	for (size_t i = 0; i < CRASHES; i++)
		sigdelset(set, crashes[i].number);
}

static char *number_text(uintptr_t number, unsigned base, char text[24])
{
	char *at = text + 23;

	*at = '\0';
	do {
		*--at = "0123456789abcdef"[number % base];
		number /= base;
	} while (number > 0);
	return at;
}

char *crash_number(long number, char text[24])
{
	char *at = number_text((uintptr_t)(number < 0 ? -number : number), 10, text);

	if (number < 0)
		*--at = '-';
	return at;
}

/* Behind what is there; what does not fit is left out. */
static void add(char text[CRASH_TEXT], const char *more)
{
	size_t length = strnlen(text, CRASH_TEXT - 1), room = CRASH_TEXT - 1 - length, n = strnlen(more, room);

	memcpy(text + length, more, n);
	text[length + n] = '\0';
}

static void describe(struct crash *crash, int number, const siginfo_t *info)
{
	char digits[24];

	crash->text[0] = '\0';
	add(crash->text, "crashed in ");
	add(crash->text, phase_name(crash->phase));
	add(crash->text, ": signal ");
	add(crash->text, crash_number(number, digits));
	for (size_t i = 0; i < CRASHES; i++) {
		if (crashes[i].number != number)
			continue;
		add(crash->text, " (");
		add(crash->text, crashes[i].name);
		add(crash->text, ")");
		/* One that was sent by raise(3) has none. */
		if (crashes[i].at_address && info->si_code > 0) {
			add(crash->text, ", at address 0x");
			add(crash->text, number_text((uintptr_t)info->si_addr, 16, digits));
		}
	}
}

static void die_of(int number)
{
	const struct sigaction fresh = { .sa_handler = SIG_DFL };

	sigaction(number, &fresh, NULL);
	/* Pending until this handler returns. */
	raise(number);
}

static void handle(int number, siginfo_t *info, void *context)
{
	struct contain_ctx *ctx = watched->ctx;
	sigset_t *mask = &((ucontext_t *)context)->uc_sigmask;
	struct crash crash;

	if (info->si_code <= 0 && info->si_pid != getpid()) {
		/* Somebody sent it. Where others are blocked, to be read from a descriptor, it becomes one of them. */
		if (!sigismember(mask, SIGUSR1)) {
			die_of(number);
			return;
		}
		sigaddset(mask, number);
		kill(getpid(), number);
		return;
	}
	/* Another process: one of vfork(2), which shares all memory. */
	if (!ctx || !ctx->member || watched->process != getpid()) {
		die_of(number);
		return;
	}
	watched->ctx = NULL;
	crash.plugin = ctx->member->module->name;
	crash.phase = ctx->phase;
	describe(&crash, number, info);
	ctx->crashed(ctx, &crash);
	_exit(1);
}

static void install(void)
{
	struct sigaction action = { .sa_sigaction = handle, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESTART };
	void *page = mmap(NULL, sizeof(*watched), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	installed = true;
	if (page == MAP_FAILED || madvise(page, sizeof(*watched), MADV_WIPEONFORK) < 0)
		return;
	watched = page;
	if (sigaltstack(&(stack_t){ .ss_sp = watched->stack, .ss_size = STACK_SIZE }, NULL) < 0)
		action.sa_flags &= ~SA_ONSTACK;
	for (size_t i = 0; i < CRASHES; i++)
		sigaction(crashes[i].number, &action, NULL);
}

void crash_watch(struct contain_ctx *ctx)
{
	if (ctx && !ctx->crashed)
		return;
	if (ctx && !installed)
		install();
	if (!watched)
		return;
	/* The first hook of this process; a fork of ours, such as the monitor of run -d, is another one. */
	if (ctx && !watched->process)
		watched->process = getpid();
	watched->ctx = ctx;
}
