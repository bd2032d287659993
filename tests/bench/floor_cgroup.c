// SPDX-License-Identifier: MIT
/* The cgroups of one container: found in mountinfo, made, limited, read, removed. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "floor.h"

static const char *const controllers_v1[] = { "memory", "cpu", "cpuacct", "pids" };

struct setting {
	const char *controller, *file, *value;
	bool optional; /* a kernel without swap accounting has no such file */
};

static const struct setting limits_v1[] = {
	{ "memory", "memory.limit_in_bytes", "67108864", false },
	{ "memory", "memory.memsw.limit_in_bytes", "67108864", true },
	{ "cpu", "cpu.cfs_period_us", "100000", false },
	{ "cpu", "cpu.cfs_quota_us", "50000", false },
	{ "pids", "pids.max", "64", false },
};

static const struct setting limits_v2[] = {
	{ NULL, "memory.max", "67108864", false }, { NULL, "memory.swap.max", "0", true },
	{ NULL, "memory.oom.group", "1", false },  { NULL, "cpu.max", "50000 100000", false },
	{ NULL, "pids.max", "64", false },
};

static const struct setting usage_v1[] = {
	{ "memory", "memory.max_usage_in_bytes", NULL, false },
	{ "memory", "memory.oom_control", NULL, false },
	{ "cpuacct", "cpuacct.usage", NULL, false },
	{ "cpu", "cpu.stat", NULL, false },
	{ "pids", "pids.peak", NULL, true },
};

static const struct setting usage_v2[] = {
	{ NULL, "memory.peak", NULL, true },
	{ NULL, "memory.events", NULL, false },
	{ NULL, "cpu.stat", NULL, false },
	{ NULL, "pids.peak", NULL, true },
};

static bool has_word(const char *list, const char *word)
{
	size_t length = strlen(word);

	for (const char *at = list; (at = strstr(at, word)); at += length)
		if ((at == list || at[-1] == ',') && (!at[length] || at[length] == ','))
			return true;
	return false;
}

static int write_file(int dir, const char *file, const char *value)
{
	int fd = openat(dir, file, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	ssize_t written = write(fd, value, strlen(value));
	int err = written < 0 ? -errno : 0;
	close(fd);
	return err;
}

static int make_one(struct floor_cgroups *cgroups, const char *controller, const char *hierarchy)
{
	struct floor_cgroup *cgroup = &cgroups->at[cgroups->count];

	cgroup->controller = controller;
	cgroup->parent = open(hierarchy, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (cgroup->parent < 0)
		return floor_fail("open %s", hierarchy);
	if (mkdirat(cgroup->parent, cgroups->name, 0755) < 0)
		return floor_fail("mkdir %s/%s", hierarchy, cgroups->name);
	cgroups->count++;
	cgroup->dir = openat(cgroup->parent, cgroups->name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (cgroup->dir < 0)
		return floor_fail("open %s/%s", hierarchy, cgroups->name);
	if (!controller)
		return 0;
	cgroup->tasks = openat(cgroup->dir, "tasks", O_WRONLY | O_CLOEXEC);
	if (cgroup->tasks < 0)
		return floor_fail("open %s/%s/tasks", hierarchy, cgroups->name);
	return 0;
}

/* One line of mountinfo: "36 35 98:0 / PATH opts - TYPE source super-options". */
static int visit_mount(struct floor_cgroups *cgroups, char *line, bool controllers)
{
	char *tail = strstr(line, " - "), *path = line;

	if (!tail || strncmp(tail + 3, "cgroup", 6))
		return 0;
	*tail = '\0';
	for (int i = 0; i < 4 && path; i++)
		path = strchr(path, ' ') ? strchr(path, ' ') + 1 : NULL;
	if (!path || !strchr(path, ' '))
		return 0;
	*strchr(path, ' ') = '\0';
	if (cgroups->count == FLOOR_CGROUPS)
		return 0;
	if (tail[9] == '2')
		return make_one(cgroups, NULL, path);
	if (!controllers)
		return 0;
	const char *options = strrchr(tail + 3, ' ') + 1;
	for (size_t i = 0; i < sizeof controllers_v1 / sizeof *controllers_v1; i++) {
		if (!has_word(options, controllers_v1[i]))
			continue;
		cgroups->v2_alone = false;
		int err = make_one(cgroups, controllers_v1[i], path);
		if (err)
			return err == -EEXIST ? 0 : err; /* two controllers on one hierarchy */
	}
	return 0;
}

static int find_dir(const struct floor_cgroups *cgroups, const char *controller)
{
	for (size_t i = 0; i < cgroups->count; i++) {
		const char *its = cgroups->at[i].controller;
		if (its == controller || (its && controller && !strcmp(its, controller)))
			return cgroups->at[i].dir;
	}
	return -1;
}

static int apply(const struct floor_cgroups *cgroups, const struct setting *settings, size_t count)
{
	for (const struct setting *s = settings; s < settings + count; s++) {
		int err = write_file(find_dir(cgroups, s->controller), s->file, s->value);
		if (err && !(s->optional && err == -ENOENT)) {
			errno = -err;
			return floor_fail("write %s to %s", s->value, s->file);
		}
	}
	return 0;
}

static ssize_t read_mounts(char *text, size_t size)
{
	int fd = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return floor_fail("open /proc/self/mountinfo");
	size_t length = 0;
	ssize_t got;
	while (length < size - 1 && (got = read(fd, text + length, size - 1 - length)) > 0)
		length += (size_t)got;
	close(fd);
	text[length] = '\0';
	return (ssize_t)length;
}

int floor_cgroups_make(struct floor_cgroups *cgroups, bool controllers, bool limits)
{
	char text[16384], *rest = text, *line;

	snprintf(cgroups->name, sizeof cgroups->name, "contain-floor-%d", getpid());
	cgroups->v2_alone = true;
	if (read_mounts(text, sizeof text) < 0)
		return -EIO;
	while ((line = strsep(&rest, "\n"))) {
		int err = visit_mount(cgroups, line, controllers);
		if (err)
			return err;
	}
	if (!controllers)
		return 0;
	if (cgroups->v2_alone && cgroups->count) {
		int err = write_file(cgroups->at[0].parent, "cgroup.subtree_control", "+memory +cpu +pids");
		if (err) {
			errno = -err;
			return floor_fail("enable controllers in cgroup.subtree_control");
		}
	}
	if (!limits)
		return 0;
	return cgroups->v2_alone ? apply(cgroups, limits_v2, sizeof limits_v2 / sizeof *limits_v2)
				 : apply(cgroups, limits_v1, sizeof limits_v1 / sizeof *limits_v1);
}

void floor_cgroups_usage(const struct floor_cgroups *cgroups)
{
	const struct setting *usage = cgroups->v2_alone ? usage_v2 : usage_v1;
	size_t count = cgroups->v2_alone ? sizeof usage_v2 / sizeof *usage_v2 : sizeof usage_v1 / sizeof *usage_v1;
	char text[1024];

	for (const struct setting *s = usage; s < usage + count; s++) {
		int dir = find_dir(cgroups, s->controller);
		int fd = dir < 0 ? -1 : openat(dir, s->file, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			continue;
		if (read(fd, text, sizeof text) < 0)
			floor_fail("read %s", s->file);
		close(fd);
	}
}

int floor_cgroups_remove(struct floor_cgroups *cgroups)
{
	int err = 0;

	while (cgroups->count) {
		struct floor_cgroup *cgroup = &cgroups->at[--cgroups->count];
		if (unlinkat(cgroup->parent, cgroups->name, AT_REMOVEDIR) < 0)
			err = floor_fail("rmdir %s (%s)", cgroups->name,
					 cgroup->controller ? cgroup->controller : "cgroup2");
	}
	return err;
}
