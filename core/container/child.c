/* SPDX-License-Identifier: MIT */
#include "container/child.h"

#include <contain/plugin.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/kernel.h"
#include "base/trace.h"
#include "container/channel.h"
#include "container/command.h"
#include "plugin/audit.h"

#define CONFIG_MOST (64 * 1024 * 1024)

static void write_line(void *user, enum log_level level, const char *text)
{
	struct child *child = user;
	int fd = ctx_get_fd(&child->ctx, "", LINES_FD);
	char line[LINE_SIZE];
	size_t length;

	length = (size_t)snprintf(line, sizeof(line) - 1, "%d%s", level, text);
	length = length < sizeof(line) - 2 ? length : sizeof(line) - 2;
	for (size_t i = 0; i < length; i++)
		line[i] = line[i] == '\n' ? ' ' : line[i];
	line[length] = '\n';
	if (fd >= 0 && write(fd, line, length + 1) < 0)
		return;
}

void child_send_failure(struct child *child)
{
	const struct failure *failure = &child->ctx.failure;
	struct message message = { .type = MESSAGE_FAILURE,
				   .number = failure->err,
				   .phase = failure->phase,
				   .status = (uint32_t)child->status };

	memcpy(message.plugin, failure->plugin, sizeof(message.plugin));
	memcpy(message.text, failure->text, sizeof(message.text));
	channel_send(child->channel, &message, -1);
}

/*
 * In a signal handler. What the plugin has done before is undone by the parent. Before the _exit() the address
 * sanitizer would ask libc for our thread's stack, which after go_on_inside() it can't tell.
 */
__attribute__((no_sanitize("address"))) static void crashed(struct contain_ctx *ctx, const struct crash *crash)
{
	const struct child *child = (const struct child *)ctx;
	struct message message = { .type = MESSAGE_FAILURE, .phase = crash->phase, .status = STATUS_FAILED };

	memcpy(message.plugin, crash->plugin, strnlen(crash->plugin, sizeof(message.plugin) - 1));
	memcpy(message.text, crash->text, sizeof(crash->text));
	channel_send(child->channel, &message, -1);
	_exit(STATUS_FAILED);
}

/* Wait for the parent's word. Its end is the only other thing that comes: then nobody wants a container any more. */
static int await(struct child *child, enum message_type wanted)
{
	trace_scope(child->ctx.trace, wanted == MESSAGE_GO ? "wait for go" : "wait for start");
	struct message message;
	int result = channel_receive(child->channel, &message, NULL);

	if (result == 1 && message.type == wanted) {
		child->ctx.pid = message.number;
		return 0;
	}
	return ctx_fail(&child->ctx, EPIPE, "the parent is gone");
}

static int run_phase(struct child *child, enum phase phase)
{
	/* If this process is killed now, its name tells the parent where. */
	prctl(PR_SET_NAME, phase_name(phase));
	return phase_run(&child->ctx, &child->config.roster, phase);
}

static int read_configuration(struct child *child, int config)
{
	struct contain_ctx *ctx = &child->ctx;
	trace_scope(ctx->trace, "configuration");
	int seals = fcntl(config, F_GET_SEALS), result;
	size_t length;
	char *bytes;

	/* Anybody can give these words to contain; what they get is what they could do themselves, but no surprise. */
	if (seals < 0 || !(seals & F_SEAL_WRITE) || lseek(config, 0, SEEK_SET) < 0)
		return ctx_fail(ctx, EBADMSG, "can't read the configuration");
	result = file_read_all(config, CONFIG_MOST, &bytes, &length);
	close(config);
	if (result < 0)
		return ctx_fail(ctx, -result, "can't read the configuration");
	result = config_read(ctx, &child->config, bytes, length, CONFIG_CHILD, false);
	ctx->running = child->config.mode.joining;
	return result;
}

/*
 * The caller's session keyring holds his keys, and possession is all that reading them takes (keyrings(7)): a new one.
 * A kernel without keys, or a filter around us that forbids the call, has none to share.
 */
static int leave_keyring(struct contain_ctx *ctx)
{
	if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL) >= 0 || errno == ENOSYS || errno == EPERM ||
	    errno == EACCES)
		return 0;
	return ctx_fail(ctx, errno, "can't leave the caller's session keyring");
}

/* The record as the parent left it when it said go. */
static int read_record(struct contain_ctx *ctx)
{
	int fd = ctx_get_fd(ctx, "", RECORD_FILE);
	int result = fd < 0 ? fd : record_read(&ctx->record, fd);

	return result < 0 ? ctx_fail(ctx, -result, "can't read the saved state") : 0;
}

static int set_up(struct child *child)
{
	struct contain_ctx *ctx = &child->ctx;
	trace_scope(ctx->trace, child->config.mode.joining ? "join" : "set up");
	int result = read_record(ctx);

	if (result == 0)
		result = leave_keyring(ctx);
	if (result == 0 && child->config.mode.joining)
		return child_join(child);
	/* Now that we are in our cgroups they become the roots of the view (cgroup_namespaces(7)). */
	if (result == 0 && (ctx->namespaces & CLONE_NEWCGROUP) && unshare(CLONE_NEWCGROUP) < 0)
		result = ctx_fail(ctx, errno, "can't make a cgroup namespace");
	for (enum phase phase = PHASE_CHILD_SETUP; result == 0 && phase <= PHASE_CHILD_ENTER; phase++) {
		/* As soon as the container's files are at /: hooks may want to show it (contain_terminal()). */
		if (phase == PHASE_CHILD_ENTER && child->config.mode.terminal)
			result = child_open_terminal(child);
		if (result == 0)
			result = run_phase(child, phase);
	}
	return result;
}

/* All that can still be wrong with the command is found before anyone is told that the container is there. */
static int find_command(struct child *child)
{
	struct contain_ctx *ctx = &child->ctx;
	struct config *config = &child->config;
	trace_scope(ctx->trace, "find the command");
	int result = user_find(ctx, &config->process, &child->user);

	if (result < 0)
		return result;
	child->environment = process_environment(ctx, config->environment, child->user.home);
	if (!child->environment)
		return ctx_fail(ctx, ENOMEM, "can't make the environment");
	result = command_enter_directory(ctx, config->process.workdir ? config->process.workdir : "/");
	return result < 0 ? result
			  : command_find(ctx, config->argv[0], child->environment, &child->path, &child->status);
}

/* Whether this process ends with its parent: not once it is to outlive it. */
static int tie_to_parent(struct child *child, bool tied)
{
	if (prctl(PR_SET_PDEATHSIG, tied ? SIGKILL : 0) < 0)
		return ctx_fail(&child->ctx, errno, "can't tie the command to its parent");
	return 0;
}

/*
 * No way to our memory and descriptors (CVE-2016-9962) for who is in the container that we join. A change of
 * credentials sets it to the sysctl fs.suid_dumpable, which may be 1 (proc_sys_fs(5)): then once more.
 */
static int hide_memory(struct contain_ctx *ctx)
{
	return prctl(PR_SET_DUMPABLE, 0) < 0 ? ctx_fail(ctx, errno, "can't hide our own memory") : 0;
}

static int become_user(struct child *child)
{
	struct contain_ctx *ctx = &child->ctx;
	trace_scope(ctx->trace, "credentials");
	int result = child_place_terminal(child);

	if (result == 0)
		result = user_become(ctx, &child->user);
	return result == 0 ? hide_memory(ctx) : result;
}

static int execute(struct child *child)
{
	const struct message message = { .type = MESSAGE_EXEC };
	struct contain_ctx *ctx = &child->ctx;
	trace_scope(ctx->trace, "execve");

	/* execve resolves the path with all of them open, and what closes on exec closes later. */
	ctx_close_fds(ctx);
	cleanup_close(&ctx->rootfs);
	ctx->rootfs = -1;
	if (channel_send(child->channel, &message, -1) < 0)
		return ctx_fail(ctx, EPIPE, "the parent is gone");
	return child_execute(child, child->config.process.init && !child->config.mode.joining);
}

static int start(struct child *child)
{
	struct contain_ctx *ctx = &child->ctx;
	int result = become_user(child);
	char byte;

	/*
	 * A change of credentials disarms it (prctl(2)); a parent that died before this is seen by the channel's end.
	 */
	if (result == 0)
		result = tie_to_parent(child, !child->config.mode.detached);
	if (result < 0)
		return result;
	if (recv(child->channel, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0)
		return ctx_fail(ctx, EPIPE, "the parent is gone");
	result = run_phase(child, PHASE_CHILD_SEAL);
	if (result == 0)
		result = user_settle(ctx, &child->user);
	return result < 0 ? result : execute(child);
}

/* Lines of who starts us go where he reads them. */
static void take_lines(struct child *child, int lines)
{
	int fd = ctx_get_fd(&child->ctx, "", LINES_FD);

	if (lines >= 0 && fd >= 0)
		dup3(lines, fd, O_CLOEXEC);
	if (lines >= 0)
		close(lines);
}

/*
 * Nothing of ours has to run meanwhile. Whoever comes in and leaves without the word, as he was killed or only looked
 * whether somebody is here, changes nothing.
 */
static int wait_at_door(struct child *child, int door)
{
	trace_scope(child->ctx.trace, "wait for start");

	for (;;) {
		struct message message;
		int lines;

		cleanup_close(&child->channel);
		child->channel = channel_accept(door);
		if (child->channel < 0)
			return ctx_fail(&child->ctx, -child->channel, "can't wait for the start");
		if (channel_receive(child->channel, &message, &lines) == 1 && message.type == MESSAGE_START) {
			take_lines(child, lines);
			return 0;
		}
		cleanup_close(&lines);
	}
}

/* All is set up. */
static int await_start(struct child *child)
{
	const struct message message = { .type = MESSAGE_CREATED };
	int door = ctx_get_fd(&child->ctx, "", DOOR_FD), result = 0;

	if (child->config.mode.detached)
		result = tie_to_parent(child, false);
	if (result < 0)
		return result;
	result = channel_send(child->channel, &message, -1);
	if (result < 0)
		return ctx_fail(&child->ctx, -result, "can't speak to the parent");
	return door >= 0 ? wait_at_door(child, door) : await(child, MESSAGE_START);
}

static int live(struct child *child, int config)
{
	int result;

	/* The few that the parent kept open for us go no further than here. */
	if (kernel_close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC) < 0)
		return ctx_fail(&child->ctx, errno, "can't close what the caller left open");
	result = hide_memory(&child->ctx);
	if (result == 0)
		result = read_configuration(child, config);
	if (result == 0)
		result = audit_join(&child->ctx);
	if (result == 0 && !child->config.mode.joining)
		result = await(child, MESSAGE_GO);
	if (result == 0)
		result = set_up(child);
	if (result == 0)
		result = find_command(child);
	if (result == 0 && !child->config.mode.joining)
		result = await_start(child);
	return result < 0 ? result : start(child);
}

/* Nobody inside can get at it: the descriptor is closed, and execve(2) leaves no mapping. */
static void take_trace(struct child *child, int trace)
{
	child->tracing = trace < 0 ? NULL : tracing_attach(trace);
	if (trace >= 0)
		close(trace);
	if (!child->tracing)
		return;
	ctx_trace(&child->ctx, &child->tracing->child);
	/* The exec that began us. */
	trace_end(child->ctx.trace);
}

int child_main(int config, int channel, int trace)
{
	struct child child = { .channel = channel, .status = STATUS_FAILED, .terminal = -1 };

	umask(0);
	prctl(PR_SET_NAME, phase_name(PHASE_NONE));
	ctx_init(&child.ctx);
	child.ctx.crashed = crashed;
	take_trace(&child, trace);
	child.ctx.log.sink = write_line;
	child.ctx.log.sink_user = &child;
	if (live(&child, config) < 0)
		child_send_failure(&child);
	return child.status;
}
