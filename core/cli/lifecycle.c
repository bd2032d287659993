/* SPDX-License-Identifier: MIT */
/* contain start, pause, resume, delete and gc: commands that move containers from one state to the next. */
#include <contain/plugin.h>

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/own_flags.h"
#include "cli/show.h"
#include "container/command.h"
#include "container/container.h"

const struct contain_option delete_options[] = { CONTAIN_BOOL_OPTION(struct delete_flags, force, "force",
								     .flag = "force", .short_flag = 'f',
								     .help = "kill it first, if it runs"),
						 CONTAIN_OPTIONS_END };

const struct contain_option gc_options[] = { CONTAIN_BOOL_OPTION(struct gc_flags, stopped, "stopped", .flag = "stopped",
								 .help = "delete also what has ended as it should"),
					     CONTAIN_OPTIONS_END };

static int fail_state(struct container *container, const struct life *life, const char *wanted)
{
	return ctx_fail(&container->ctx, 0, "the container '%s' is %s, not %s", container->ctx.id,
			life_name(life->status), wanted);
}

static int start(struct cli *cli, const char *id)
{
	struct container container;
	struct life life;
	int result;

	cli_open(cli, &container);
	result = container_load(&container, cli->global.root, id,
				CONFIG_PHASE(PHASE_PARENT_STARTED) | CONFIG_PHASE(PHASE_REPORT), LOAD_LOCK);
	if (result == 0 || result == -EBUSY) {
		container_life(&container, &life);
		/* Of one that runs it is no matter who takes care of it. */
		if (life.status != LIFE_CREATED && (result == 0 || life.pid)) {
			container.ctx.failure.err = 0;
			result = fail_state(&container, &life, "created");
		}
	}
	if (result == 0)
		result = container_catch_signals(&container);
	if (result == 0)
		result = container_start(&container);
	if (result < 0 && container.wanted_status != STATUS_FAILED)
		cli->status = container.wanted_status;
	return cli_close(&container, result);
}

int cmd_start(struct cli *cli)
{
	int status = cli_for_each(cli, start);

	/* 126 and 127 are said of one command. */
	return status && cli->status && cli->word_count == 1 ? cli->status : status;
}

static int freeze(struct cli *cli, const char *id, bool frozen)
{
	struct container container;
	struct life life;
	int result;

	cli_open(cli, &container);
	result = container_load(&container, cli->global.root, id, 0, LOAD_RECORD | LOAD_ALIVE);
	if (result == 0) {
		container_life(&container, &life);
		if (life.status != LIFE_RUNNING && life.status != LIFE_PAUSED)
			result = fail_state(&container, &life, "running");
		else
			result = cgroups_freeze(&container.ctx, frozen);
	}
	return cli_close(&container, result);
}

static int pause_one(struct cli *cli, const char *id)
{
	return freeze(cli, id, true);
}

static int resume_one(struct cli *cli, const char *id)
{
	return freeze(cli, id, false);
}

int cmd_pause(struct cli *cli)
{
	return cli_for_each(cli, pause_one);
}

int cmd_resume(struct cli *cli)
{
	return cli_for_each(cli, resume_one);
}

/* Whoever takes care of it now ends when its first process does; it may remove the container itself. */
static int kill_owned(struct cli *cli, const char *id)
{
	struct container container;
	int result;

	cli_open(cli, &container);
	result = container_load(&container, cli->global.root, id, 0, LOAD_RECORD | LOAD_ALIVE);
	if (result == 0) {
		pidfd_send_signal(container.pidfd, SIGKILL, NULL, 0);
		/* What the v1 freezer has stopped dies when it is let go. */
		if (cgroups_are_frozen(&container.ctx.record))
			result = cgroups_freeze(&container.ctx, false);
	} else if (result == -ESRCH || result == -ENOENT) {
		result = 0;
	}
	return cli_close(&container, result);
}

static int undo(struct container *container, bool force)
{
	struct life life;

	container_life(container, &life);
	/* Also one that waits for its start: what is not stopped is not deleted (OCI runtime specification, delete). */
	if (life.pid && !life.abandoned && !force)
		return ctx_fail(&container->ctx, 0, "the container '%s' is %s: stop it first, or delete --force",
				container->ctx.id, life_name(life.status));
	return container_delete(container, false);
}

static int fail_apart(struct cli *cli, const char *id)
{
	log_line(&cli->log, LOG_ERROR, "can't remove the container '%s' in a process of its own: %s", id,
		 strerror(errno));
	return -EAGAIN;
}

/* In a process of its own, which ends if a hook crashes: that keeps nobody else from being removed. */
static int apart(struct cli *cli, const char *id, int (*one)(struct cli *cli, const char *id))
{
	const pid_t us = getpid();
	pid_t pid, ended;
	int status;

	/* Ignored, as a caller may have left it, it would vanish before it is waited for (waitpid(2)). */
	signal(SIGCHLD, SIG_DFL);
	pid = fork();
	if (pid < 0)
		return fail_apart(cli, id);
	if (pid == 0) {
		/* Whoever kills us stops what we do; if that has just happened, nobody has armed it for us. */
		if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || (errno = ESRCH, getppid() != us))
			fail_apart(cli, id), _exit(STATUS_FAILED);
		_exit(one(cli, id) < 0 ? STATUS_FAILED : 0);
	}
	do {
		ended = waitpid(pid, &status, 0);
	} while (ended < 0 && errno == EINTR);
	if (ended < 0)
		return fail_apart(cli, id);
	return status == 0 ? 0 : -EIO;
}

static int delete_one(struct cli *cli, const char *id)
{
	const struct delete_flags *flags = cli->own.self;
	struct container container;
	unsigned load = LOAD_LOCK | LOAD_UNDO;
	int result;

	cli_open(cli, &container);
	result = container_load(&container, cli->global.root, id, CONFIG_PHASE(PHASE_TEARDOWN), load);
	if (result == -EBUSY && flags->force) {
		container_free(&container);
		result = kill_owned(cli, id);
		if (result < 0)
			return result;
		cli_open(cli, &container);
		result = container_load(&container, cli->global.root, id, CONFIG_PHASE(PHASE_TEARDOWN),
					load | LOAD_WAIT);
		/* That one has removed it. */
		if (result == -ENOENT) {
			container_free(&container);
			return 0;
		}
	}
	if (result == 0) {
		result = undo(&container, flags->force);
		/* Else each failure was told. */
		if (result < 0 && !container.ctx.failure.err) {
			container_free(&container);
			return result;
		}
	}
	return cli_close(&container, result);
}

static int delete_apart(struct cli *cli, const char *id)
{
	return cli->word_count > 1 ? apart(cli, id, delete_one) : delete_one(cli, id);
}

int cmd_delete(struct cli *cli)
{
	return cli_for_each(cli, delete_apart);
}

/* Of one that has ended and was kept. */
static int delete_stopped(struct cli *cli, const char *id)
{
	struct container container;
	struct life life;
	int result;

	cli_open(cli, &container);
	result = container_load(&container, cli->global.root, id, CONFIG_PHASE(PHASE_TEARDOWN), LOAD_LOCK | LOAD_UNDO);
	if (result == 0) {
		container_life(&container, &life);
		if (life.status == LIFE_STOPPED)
			result = container_delete(&container, false);
	}
	/* Somebody else is busy with it, or was quicker. */
	if (result == -EBUSY || result == -ENOENT)
		container.ctx.failure.err = result = 0;
	if (result < 0 && container.ctx.failure.err)
		ctx_log_failure(&container.ctx);
	container_free(&container);
	return result;
}

/* One that fails keeps nobody else from being removed: it is counted. */
static int collect_one(struct cli *cli, const char *id)
{
	const struct gc_flags *flags = cli->own.self;
	struct container container;
	int result;

	cli_open(cli, &container);
	result = cli_close(&container, container_collect(cli->global.root, id, true, &container));
	return result == 0 && flags->stopped ? delete_stopped(cli, id) : result;
}

static int collect_apart(struct cli *cli, const char *id, void *user)
{
	size_t *failures = user;

	*failures += apart(cli, id, collect_one) < 0;
	return 0;
}

int cmd_gc(struct cli *cli)
{
	int result = cli_read_words(cli, true);
	size_t failures = 0;

	if (result != 0)
		return result < 0 ? STATUS_FAILED : 0;
	return show_each(cli, collect_apart, &failures) < 0 || failures > 0 ? STATUS_FAILED : 0;
}
