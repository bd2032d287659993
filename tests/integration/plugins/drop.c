/* SPDX-License-Identifier: MIT */
/*
 * A plugin that takes capabilities away in child_seal, as one that hardens would: from the bounding set, and from those that
 * the process has. After all others, and then it may wait, so that those inside can try what they like with a process of
 * ours that is no stronger than they are.
 */
#include <contain/plugin.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

struct drop {
	int kept;
	const char *hold; /* a folder of the container: if it has a fifo `hold`, write a line to `at` and read one from it */
};

/* What docker and podman leave to root. */
static const int usual[] = { CAP_CHOWN,  CAP_DAC_OVERRIDE, CAP_FOWNER,  CAP_FSETID,  CAP_KILL,
			     CAP_SETGID, CAP_SETUID,       CAP_SETPCAP, CAP_MKNOD,   CAP_NET_BIND_SERVICE,
			     CAP_NET_RAW, CAP_SYS_CHROOT,  CAP_AUDIT_WRITE, CAP_SETFCAP };

static const char *const choices[] = { "usual", "none", "all", NULL };
enum { KEEP_USUAL, KEEP_NONE, KEEP_ALL };

static const struct contain_option options[] = {
	CONTAIN_ENUM_OPTION(struct drop, kept, "keep", .initial = "usual", .choices = choices),
	CONTAIN_STRING_OPTION(struct drop, hold, "hold"),
	CONTAIN_OPTIONS_END
};

static bool is_kept(const struct drop *drop, int cap)
{
	for (size_t i = 0; drop->kept == KEEP_USUAL && i < sizeof(usual) / sizeof(*usual); i++)
		if (usual[i] == cap)
			return true;
	return false;
}

static int drop_all(struct contain_ctx *ctx, const struct drop *drop)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];

	if (syscall(SYS_capget, &header, data) < 0)
		return contain_fail(ctx, errno, "can't read the capabilities");
	for (int cap = 0; cap < 64 && prctl(PR_CAPBSET_READ, cap) >= 0; cap++) {
		unsigned bit = 1U << (cap % 32);

		if (is_kept(drop, cap))
			continue;
		if (prctl(PR_CAPBSET_DROP, cap) < 0)
			return contain_fail(ctx, errno, "can't drop capability %d", cap);
		data[cap / 32].effective &= ~bit;
		data[cap / 32].permitted &= ~bit;
		data[cap / 32].inheritable &= ~bit;
	}
	return syscall(SYS_capset, &header, data) < 0 ? contain_fail(ctx, errno, "can't drop capabilities") : 0;
}

static int hold(struct contain_ctx *ctx, const char *folder)
{
	char path[256], line[32];
	int fifo, at;

	snprintf(path, sizeof(path), "%s/hold", folder);
	if (access(path, F_OK) < 0)
		return 0;
	fifo = open(path, O_RDWR | O_CLOEXEC);
	snprintf(path, sizeof(path), "%s/at", folder);
	at = open(path, O_RDWR | O_CLOEXEC);
	/* Its number in here. */
	snprintf(line, sizeof(line), "%d\n", getpid());
	if (fifo < 0 || at < 0 || write(at, line, strlen(line)) < 0 || read(fifo, line, 1) < 0)
		return contain_fail(ctx, errno, "can't wait in %s", folder);
	close(at);
	close(fifo);
	return 0;
}

static int seal(struct contain_ctx *ctx, void *self)
{
	const struct drop *drop = self;
	int error = drop->kept == KEEP_ALL ? 0 : drop_all(ctx, drop);

	return error || !drop->hold ? error : hold(ctx, drop->hold);
}

static const char *const after[] = { "*", NULL };

CONTAIN_PLUGIN(.name = "drop", .version = "1.0", .summary = "takes capabilities away", .after = after, .options = options,
	       .self_size = sizeof(struct drop), .child_seal = seal)
