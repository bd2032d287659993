/* SPDX-License-Identifier: MIT */
#include "fakehost_private.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/wire.h"

struct pair *pair_find(struct pair *list, const char *key)
{
	for (; list; list = list->next)
		if (strcmp(list->key, key) == 0)
			return list;
	return NULL;
}

void pair_put(struct pair **list, const char *key, const char *text, int64_t number)
{
	struct pair *pair = pair_find(*list, key);

	if (!pair) {
		pair = calloc(1, sizeof(*pair));
		pair->key = strdup(key);
		pair->next = *list;
		*list = pair;
	}
	free(pair->text);
	pair->text = text ? strdup(text) : NULL;
	pair->number = number;
}

static void drop(struct pair **list)
{
	while (*list) {
		struct pair *pair = *list;

		*list = pair->next;
		free(pair->key);
		free(pair->text);
		free(pair);
	}
}

char *cgroup_key(char text[256], const char *controller, const char *file)
{
	snprintf(text, 256, "%s/%s", controller, file);
	return text;
}

struct contain_ctx *fakehost_new(void)
{
	struct contain_ctx *host = calloc(1, sizeof(*host));
	char place[] = "/tmp/fakehost.XXXXXX";

	host->plugin = contain_plugin_v1();
	host->phase = OUTSIDE;
	host->terminal = -1;
	host->id = strdup("test-container");
	host->namespaces = host->plugin->namespaces;
	host->trash = strdup(mkdtemp(place) ? place : "/nonexistent");
	if (asprintf(&host->root, "%s/root", host->trash) < 0 || mkdir(host->root, 0755) < 0)
		perror(host->trash);
	host->rootfs = open(host->root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	fakehost_options(host, "");
	return host;
}

static int delete (const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

void fakehost_free(struct contain_ctx *host)
{
	settings_free(&host->settings);
	settings_free(&host->child);
	settings_free(&host->once);
	text_free(&host->errors);
	text_free(&host->log);
	text_free(&host->error);
	text_free(&host->json);
	for (struct pair *fd = host->fds; fd; fd = fd->next)
		close((int)fd->number);
	struct pair **lists[] = { &host->state,  &host->fds,    &host->files, &host->versions,
				  &host->broken, &host->mounts, &host->used };
	for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++)
		drop(lists[i]);
	close(host->rootfs);
	nftw(host->trash, delete, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
	free(host->trash);
	free(host->root);
	free(host->id);
	free(host);
}

static void settings_begin(struct contain_ctx *host, struct settings *settings)
{
	settings_free(settings);
	*settings = (struct settings){ .section = host->plugin->name,
				       .options = host->plugin->options,
				       .self_size = host->plugin->self_size };
}

static int add_line(struct profile *profile, const char *section, char *line, int number)
{
	struct origin origin = { .source = "options", .line = number };
	char *value = strchr(line, '=');
	size_t key = strcspn(line, " =");

	if (!*line || !value)
		return *line ? -EINVAL : 0;
	value += 1 + strspn(value + 1, " ");
	line[key] = '\0';
	return profile_add_entry(profile, section, line, value, origin);
}

int fakehost_options(struct contain_ctx *host, const char *lines)
{
	_cleanup_free_ char *copy = strdup(lines);
	struct profile profile = { 0 };
	char *rest = copy, *line;
	int error = 0;

	text_free(&host->errors);
	settings_begin(host, &host->settings);
	settings_free(&host->child);
	for (int number = 1; !error && (line = strsep(&rest, "\n")); number++)
		error = add_line(&profile, host->plugin->name, line, number);
	if (!error)
		error = settings_fill(&host->settings, &profile, &host->errors);
	profile_free(&profile);
	return error;
}

const char *fakehost_errors(struct contain_ctx *host)
{
	return text_peek(&host->errors);
}

/* Over to another process: what does not survive that is not there. */
static void *copy_self(struct contain_ctx *host, struct settings *to)
{
	struct wire out = { 0 };

	settings_begin(host, to);
	settings_write(&host->settings, &out);
	struct wire in = { .bytes = out.bytes, .length = out.length };
	int error = out.error ? out.error : settings_read(to, &in);
	wire_free(&out);
	if (error)
		fprintf(stderr, "fakehost: settings: %s\n", strerror(-error));
	return to->self;
}

int fakehost_call(struct contain_ctx *host, size_t offset)
{
	contain_hook *hook = *(contain_hook *const *)((const char *)host->plugin + offset);
	void *self = host->settings.self;
	int result;

	if (!hook)
		return -ENOSYS;
	host->phase = (enum phase)PHASE(offset);
	host->configured |= host->phase == CONFIGURE;
	if (BIT(host->phase) & CHILD)
		self = host->child.self ? host->child.self : copy_self(host, &host->child);
	else if (BIT(host->phase) & OTHER)
		self = copy_self(host, &host->once);
	result = hook(host, self);
	if (result > 0)
		result = contain_fail(host, 0, "the hook returned %d: a hook returns 0 or a negative errno", result);
	host->phase = OUTSIDE;
	return result;
}

const char *fakehost_log(struct contain_ctx *host)
{
	return text_peek(&host->log);
}

const char *fakehost_error(struct contain_ctx *host)
{
	return text_peek(&host->error);
}

void fakehost_forget(struct contain_ctx *host)
{
	text_free(&host->log);
	text_free(&host->error);
}

void fakehost_id(struct contain_ctx *host, const char *id)
{
	free(host->id);
	host->id = strdup(id);
}

void fakehost_pid(struct contain_ctx *host, pid_t pid)
{
	host->pid = pid;
}

void fakehost_running(struct contain_ctx *host, bool running)
{
	host->running = running;
}

void fakehost_terminal(struct contain_ctx *host, int fd)
{
	host->terminal = fd;
}

void fakehost_namespaces(struct contain_ctx *host, uint64_t flags)
{
	host->namespaces |= flags;
}

void fakehost_cgroup_files(struct contain_ctx *host, const char *controller, int version, const char *const *files)
{
	char key[256];

	pair_put(&host->versions, controller, NULL, version);
	for (; *files; files++) {
		_cleanup_free_ char *name = strdup(*files);
		char *text = strchrnul(name, '=');

		if (*text)
			*text++ = '\0';
		pair_put(&host->files, cgroup_key(key, controller, name), text, 0);
	}
}

const char *fakehost_file(struct contain_ctx *host, const char *controller, const char *file)
{
	char key[256];
	struct pair *pair = pair_find(host->files, cgroup_key(key, controller, file));

	return pair ? pair->text : NULL;
}

void fakehost_break(struct contain_ctx *host, const char *function, int error)
{
	pair_put(&host->broken, function, NULL, error);
}

const char *fakehost_root(struct contain_ctx *host)
{
	return host->root;
}

static int write_map(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	int error = fd < 0 || write(fd, text, strlen(text)) < 0 ? -errno : 0;

	if (fd >= 0)
		close(fd);
	return error;
}

int fakehost_unshare(uint64_t namespaces)
{
	unsigned uid = geteuid(), gid = getegid();
	char text[64];
	int error = 0;

	if (uid != 0)
		namespaces |= CLONE_NEWUSER;
	if (unshare((int)namespaces) < 0)
		return -errno;
	if (namespaces & CLONE_NEWUSER) {
		error = write_map("/proc/self/setgroups", "deny");
		snprintf(text, sizeof(text), "0 %u 1", uid);
		error = error ? error : write_map("/proc/self/uid_map", text);
		snprintf(text, sizeof(text), "0 %u 1", gid);
		error = error ? error : write_map("/proc/self/gid_map", text);
	}
	if (!error && namespaces & CLONE_NEWNS && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		error = -errno;
	return error;
}
