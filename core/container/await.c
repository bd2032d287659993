/* SPDX-License-Identifier: MIT */
/* Waiting for a container that another process has made. */
#include "container/container.h"

#include <contain/plugin.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"

#define REAP_MSEC 2000

int container_await_end(struct container *container, int64_t msec)
{
	struct pollfd ended = { .fd = container->pidfd, .events = POLLIN };
	int result;

	do {
		result = poll(&ended, 1, msec > 1000000000 ? 1000000000 : (int)msec);
	} while (result < 0 && errno == EINTR);
	return result < 0 ? ctx_fail(&container->ctx, errno, "can't wait for the container '%s'", container->ctx.id)
			  : result;
}

int container_await_owner(struct container *container)
{
	int result = state_lock(&container->ctx, &container->state, true);

	if (result != -ENOENT)
		return result;
	container->ctx.failure.err = 0;
	return 0;
}

/* <linux/pidfd.h> of Linux 6.15 and later: the beginning of struct pidfd_info, which the kernel fills as far as it
 * goes. */
struct pidfd_info_begin {
	uint64_t mask, cgroup;
	uint32_t pid, tgid, ppid, ruid, rgid, euid, egid, suid, sgid, fsuid, fsgid;
	int32_t exit_code;
};
#define INFO_EXIT (1ULL << 3)
#define GET_INFO  _IOWR(0xff, 11, struct pidfd_info_begin)

/* The wait status of a process that is not our child: -EOPNOTSUPP where the kernel does not keep it. */
static int ask_kernel(int pidfd, int *status)
{
	struct pidfd_info_begin info = { .mask = INFO_EXIT };

	/* It is kept once somebody has reaped the process: POLLHUP, which is never asked for. */
	poll(&(struct pollfd){ .fd = pidfd }, 1, REAP_MSEC);
	if (ioctl(pidfd, GET_INFO, &info) < 0 || !(info.mask & INFO_EXIT))
		return -EOPNOTSUPP;
	*status = info.exit_code;
	return 0;
}

/* With the lock, and for everybody who asks later. */
static void save_exit(struct container *container, const struct life *life)
{
	record_free(&container->ctx.record);
	if (container->state.locked && record_open(&container->ctx.record, container->state.directory, true) == 0)
		container_record_exit(container, life->exit_status, life->signal);
}

int container_await(struct container *container, struct life *life)
{
	/* That we have open is there for us, also when the container has been removed. */
	_cleanup_close_ int record = openat(container->state.directory, RECORD_FILE, O_RDONLY | O_CLOEXEC);
	int result = container->pidfd >= 0 ? container_await_end(container, -1) : 0, status;

	if (result >= 0)
		result = container_await_owner(container);
	if (result < 0)
		return result;
	if (record >= 0) {
		record_free(&container->ctx.record);
		result = record_read(&container->ctx.record, record);
		if (result < 0)
			return ctx_fail(&container->ctx, -result, "can't read the record of '%s'", container->ctx.id);
	}
	container_life(container, life);
	if (!life->exit_known && container->pidfd >= 0 && ask_kernel(container->pidfd, &status) == 0) {
		life->exit_known = true;
		life->signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
		life->exit_status = life->signal ? 128 + life->signal : WEXITSTATUS(status);
		save_exit(container, life);
	}
	return 0;
}
