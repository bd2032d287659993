/* SPDX-License-Identifier: MIT */
#include "program.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U
#endif
#define SEALS        (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)
#define SEAL_TRIES   20
#define LINE_MOST    500         /* bytes of a line that are told */
#define TOLD_MOST    (16 * 1024) /* in all, where each line counts this much more: */
#define LINE_COST    64
#define LEFT_MOST    (64 * 1024) /* what a pipe holds, pipe(7) */
#define GRACE_MSEC   2000
#define _cleanup_fd_ __attribute__((cleanup(close_fd)))

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* What a program writes, cut into lines. */
struct output {
	struct contain_ctx *ctx;
	const char *path;
	int fd;
	char line[LINE_MOST + 1], last[LINE_MOST + 1];
	size_t length, told;
};

/*
 * A file, as a program that does not read would leave us waiting at a pipe; sealed, as more than one process has it.
 * F_SEAL_WRITE may find a page that the kernel itself holds for a moment (memfd_wait_for_pins() in mm/memfd.c).
 */
static int make_input(const char *text)
{
	int fd = memfd_create("state", MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL);
	size_t length = strlen(text);
	int tries = SEAL_TRIES, sealed = -1;

	/* Before Linux 6.3. */
	if (fd < 0 && errno == EINVAL)
		fd = memfd_create("state", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd < 0)
		return -errno;
	errno = 0;
	/* With its end, for read(1) of a shell. */
	if (dprintf(fd, "%s\n", text) == (int)length + 1 && lseek(fd, 0, SEEK_SET) == 0)
		while ((sealed = fcntl(fd, F_ADD_SEALS, SEALS)) < 0 && errno == EBUSY && --tries)
			;
	if (sealed < 0) {
		/* A write that was cut short has no reason of its own. */
		int error = errno ? errno : EIO;

		close(fd);
		return -error;
	}
	return fd;
}

static void end_line(struct output *output)
{
	size_t cost = output->length + LINE_COST;

	if (output->length == 0)
		return;
	output->line[output->length] = '\0';
	memcpy(output->last, output->line, output->length + 1);
	output->length = 0;
	if (output->told > TOLD_MOST)
		return;
	output->told += cost;
	if (output->told > TOLD_MOST)
		contain_info(output->ctx, "hooks: %s: writes more, which is not shown", output->path);
	else
		contain_info(output->ctx, "hooks: %s: %s", output->path, output->line);
}

/* Some of what there is; how much, 0 at the end. */
static size_t read_some(struct output *output)
{
	char bytes[4096];
	ssize_t n = read(output->fd, bytes, sizeof(bytes));

	for (ssize_t i = 0; i < n; i++) {
		if (bytes[i] == '\n')
			end_line(output);
		else if (output->length < LINE_MOST)
			output->line[output->length++] = bytes[i] ? bytes[i] : ' ';
	}
	return n > 0 ? (size_t)n : 0;
}

/*
 * The supervisor's word. It keeps the time, but a program of the image, as root, can stop it: so we do not wait for it
 * much longer.
 */
static struct outcome listen_to(struct output *output, int result, int64_t seconds)
{
	struct pollfd fds[] = { { .fd = result, .events = POLLIN }, { .fd = output->fd, .events = POLLIN } };
	struct outcome outcome = { TIMED_OUT, 0 };
	struct timespec now;
	int64_t end, left;

	clock_gettime(CLOCK_MONOTONIC, &now);
	left = seconds * 1000 + GRACE_MSEC;
	end = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000 + left;
	while (left > 0) {
		int ready = poll(fds, 2, (int)left);

		if (ready > 0 && fds[0].revents) {
			if (read(result, &outcome, sizeof(outcome)) != sizeof(outcome))
				outcome = (struct outcome){ LOST, 0 };
			break;
		}
		/* What a daemon of it closes first is no end of the program. */
		if (ready > 0 && fds[1].revents && read_some(output) == 0)
			fds[1].fd = -1;
		clock_gettime(CLOCK_MONOTONIC, &now);
		left = end - ((int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000);
	}
	/* A daemon of it may have the pipe still, and write for ever. */
	for (size_t all = 0, n = 1; n > 0 && all < LEFT_MOST; all += n)
		n = read_some(output);
	end_line(output);
	return outcome;
}

static int explain(const struct program *program, struct outcome outcome, const char *last, char why[WHY_SIZE])
{
	const char *path = program->command->path, *signal, *mark = *last ? "; its last line: " : "";
	int error = outcome.value;

	switch (outcome.how) {
	case EXITED:
		if (outcome.value == 0)
			return 0;
		snprintf(why, WHY_SIZE, "%s ended with exit status %d%s%s", path, outcome.value, mark, last);
		return -EIO;
	case KILLED:
		signal = sigabbrev_np(outcome.value);
		snprintf(why, WHY_SIZE, "%s was killed by signal %d (SIG%s)%s%s", path, outcome.value,
			 signal ? signal : "RTMIN+", mark, last);
		return -EIO;
	case TIMED_OUT:
		snprintf(why, WHY_SIZE,
			 "%s was killed, as it did not end within %lld s (--timeout=SECONDS before its path gives it "
			 "more)%s%s",
			 path, (long long)program->timeout, mark, last);
		return -ETIMEDOUT;
	case NOT_EXECUTED:
		if (error == ENOENT)
			snprintf(why, WHY_SIZE,
				 "%s can't be executed: %s has no such file, or none that its first line names", path,
				 program->of_image ? "the container" : "the host");
		else
			snprintf(why, WHY_SIZE, "%s can't be executed: %s", path, strerror(error));
		return -error;
	case LOST:
		snprintf(why, WHY_SIZE, "%s: what watched over it was killed", path);
		return -EIO;
	default:
		snprintf(why, WHY_SIZE, "%s can't be started: %s%s", path, strerror(error),
			 error == EAGAIN ? " (in a container it needs two, of those that --pids allows)" : "");
		return -error;
	}
}

static int fail(const struct program *program, int error, char why[WHY_SIZE])
{
	return explain(program, (struct outcome){ NOT_STARTED, error }, "", why);
}

int program_run(struct contain_ctx *ctx, const struct program *program, char why[WHY_SIZE])
{
	_cleanup_fd_ int input = make_input(program->input), owner = pidfd_open(getpid(), 0);
	int out[2] = { -1, -1 }, told[2] = { -1, -1 };
	_cleanup_fd_ int from_program = -1, to_us = -1, from_supervisor = -1, outcome_end = -1;
	struct output output = { .ctx = ctx, .path = program->command->path };
	struct outcome outcome;
	pid_t supervisor;

	if (input < 0 || owner < 0)
		return fail(program, input < 0 ? -input : errno, why);
	if (pipe2(out, O_CLOEXEC | O_NONBLOCK) < 0)
		return fail(program, errno, why);
	from_program = output.fd = out[0], to_us = out[1];
	if (pipe2(told, O_CLOEXEC) < 0)
		return fail(program, errno, why);
	from_supervisor = told[0], outcome_end = told[1];
	/* Our end alone does not wait: a program expects that its own does. */
	if (fcntl(to_us, F_SETFL, 0) < 0)
		return fail(program, errno, why);
	supervisor = fork();
	if (supervisor < 0)
		return fail(program, errno, why);
	if (supervisor == 0)
		supervise(program, input, to_us, outcome_end, owner);
	close_fd(&to_us);
	close_fd(&outcome_end);
	outcome = listen_to(&output, from_supervisor, program->timeout);
	/* It has nothing left to do, and might have been stopped. */
	kill(supervisor, SIGKILL);
	while (waitpid(supervisor, NULL, 0) < 0 && errno == EINTR)
		;
	return explain(program, outcome, output.last, why);
}
