/* SPDX-License-Identifier: MIT */
#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lease.h"

#define RESOLV_MOST (64 * 1024)
/* What systemd-resolved(8) has for those who can't reach it at 127.0.0.53. */
#define RESOLVED_CONF "/run/systemd/resolve/resolv.conf"

/* On a loopback address, or one of a link, whose name behind '%' is none inside. */
static bool is_of_the_host(const char *server)
{
	return strncmp(server, "127.", 4) == 0 || strcmp(server, "::1") == 0 || strchr(server, '%');
}

static bool is_word(const char *line, const char *word)
{
	size_t length = strlen(word);

	return strncmp(line, word, length) == 0 && (line[length] == ' ' || line[length] == '\t');
}

/* Whether a line of the host's holds inside. */
static bool is_kept(const char *line, bool own_dns, bool own_search)
{
	if (is_word(line, "nameserver")) {
		const char *server = line + strlen("nameserver");

		return !own_dns && !is_of_the_host(server + strspn(server, " \t"));
	}
	if (is_word(line, "search") || is_word(line, "domain"))
		return !own_search;
	return is_word(line, "options") || is_word(line, "sortlist");
}

int files_resolv_conf(const char *host, const struct contain_list *dns, const struct contain_list *search, char **text)
{
	char *copy = strdup(host), *rest = copy, *line;
	size_t size;
	FILE *out = open_memstream(text, &size);
	bool failed;

	if (!copy || !out) {
		free(copy);
		if (out)
			fclose(out);
		return -ENOMEM;
	}
	while ((line = strsep(&rest, "\n"))) {
		if (is_kept(line, dns->count > 0, search->count > 0))
			fprintf(out, "%s\n", line);
	}
	free(copy);
	for (size_t i = 0; i < search->count; i++)
		fprintf(out, "%s%s", i ? " " : "search ", search->items[i]);
	if (search->count)
		fputc('\n', out);
	for (size_t i = 0; i < dns->count; i++)
		fprintf(out, "nameserver %s\n", dns->items[i]);
	failed = ferror(out);
	return fclose(out) != 0 || failed ? -ENOMEM : 0;
}

/* No more than RESOLV_MOST bytes of it; an empty text if it can't be read. */
static char *read_host(const char *path)
{
	char *text = calloc(1, RESOLV_MOST);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t got = text && fd >= 0 ? read(fd, text, RESOLV_MOST - 1) : 0;

	if (text && got < 0)
		*text = '\0';
	if (fd >= 0)
		close(fd);
	return text;
}

static bool has_server(const char *text)
{
	return is_word(text, "nameserver") || strstr(text, "\nnameserver ") || strstr(text, "\nnameserver\t");
}

static int make_resolv_conf(struct contain_ctx *ctx, const struct veth *veth, char **text)
{
	static const char *const paths[] = { "/etc/resolv.conf", RESOLVED_CONF };
	bool host_has = false;
	int result = 0;

	*text = NULL;
	for (size_t i = 0; i < 2 && result == 0 && !(*text && has_server(*text)); i++) {
		char *host = read_host(paths[i]);

		host_has = host_has || (host && has_server(host));
		/* The second one only if it is there. */
		if (host && (i == 0 || *host)) {
			free(*text);
			*text = NULL;
			result = files_resolv_conf(host, &veth->dns, &veth->dns_search, text);
		}
		result = host ? result : -ENOMEM;
		free(host);
	}
	if (result < 0)
		return contain_fail(ctx, ENOMEM, "can't make /etc/resolv.conf");
	if (!has_server(*text) && host_has)
		contain_warn(ctx,
			     "the name servers of the host's /etc/resolv.conf are on its loopback device, which is "
			     "another one inside: --dns ADDRESS gives one that is reached from there");
	else if (!has_server(*text))
		contain_debug(ctx, "the host's /etc/resolv.conf has no name server: --dns ADDRESS gives one");
	return 0;
}

static int write_file(struct contain_ctx *ctx, const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644), error = 0;
	size_t length = strlen(text);
	ssize_t written;

	if (fd < 0)
		return contain_fail(ctx, errno, "can't write %s", path);
	written = write(fd, text, length);
	if (written != (ssize_t)length)
		error = written < 0 ? errno : ENOSPC;
	close(fd);
	return error ? contain_fail(ctx, error, "can't write %s", path) : 0;
}

/* What the image has at a path is nowhere but in it: the kernel sees to that (openat2(2)). */
static int open_inside(int root, const char *path, int flags)
{
	const struct open_how how = { .flags = (uint64_t)(flags | O_PATH | O_CLOEXEC),
				      .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS };

	return (int)syscall(SYS_openat2, root, path, &how, sizeof(how));
}

/* An empty file in /etc of the image, which may lack both. 0 or an errno: EEXIST is a link that leads nowhere. */
static int make_empty(int root, const char *name)
{
	int etc, fd, error;

	if (mkdirat(root, "etc", 0755) < 0 && errno != EEXIST)
		return errno;
	etc = open_inside(root, "etc", O_DIRECTORY);
	if (etc < 0)
		return errno;
	fd = openat(etc, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
	error = fd < 0 ? errno : 0;
	if (fd >= 0)
		close(fd);
	close(etc);
	return error;
}

/*
 * There must be something to mount on. contain_mount_fd() would make it too, but does not know what helps if that can't
 * be, such as on a root filesystem that is read-only.
 */
static int make_target(struct contain_ctx *ctx, const char *target)
{
	int root = contain_rootfs(ctx), fd, error;

	if (root < 0)
		return root;
	fd = open_inside(root, target, 0);
	if (fd >= 0)
		close(fd);
	if (fd >= 0 || errno != ENOENT)
		return 0;
	error = make_empty(root, strrchr(target, '/') + 1);
	/* Somebody else may have made it meanwhile: another container with this root filesystem. */
	fd = error == EEXIST ? open_inside(root, target, 0) : -1;
	if (fd >= 0)
		close(fd);
	if (fd >= 0 || error == 0)
		return 0;
	return contain_fail(ctx, error == EEXIST ? 0 : error,
			    "can't mount on %s of the root filesystem, which %s: make an empty file there, or set "
			    "files = no in [veth]%s",
			    target, error == EEXIST ? "is a link that leads nowhere" : "has no such file",
			    error == EEXIST ? "" : "; it can't be made from here");
}

/* Show a file of the host there, where nobody inside writes to it. */
static int show(struct contain_ctx *ctx, const char *path, const char *target)
{
	struct mount_attr attr = {
		.attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC,
		.propagation = MS_PRIVATE,
	};
	int mount, result = make_target(ctx, target);

	if (result < 0)
		return result;
	mount = open_tree(AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_SYMLINK_NOFOLLOW);
	if (mount < 0)
		return contain_fail(ctx, errno, "can't take the file %s", path);
	if (mount_setattr(mount, "", AT_EMPTY_PATH, &attr, sizeof(attr)) < 0)
		result = contain_fail(ctx, errno, "can't make %s read-only", path);
	else
		result = contain_mount_fd(ctx, mount, target, CONTAIN_TARGET_FILE);
	close(mount);
	return result;
}

static void name_files(const char *link, char folder[64], char hostname[96], char resolv[96])
{
	snprintf(folder, 64, LEASE_FOLDER "/%s", link);
	snprintf(hostname, 96, "%s/hostname", folder);
	snprintf(resolv, 96, "%s/resolv.conf", folder);
}

static int write_files(struct contain_ctx *ctx, const struct veth *veth, const char *hostname, const char *resolv)
{
	char name[HOST_NAME_MAX + 2] = "", *text;
	int result = make_resolv_conf(ctx, veth, &text);

	if (result == 0)
		result = write_file(ctx, resolv, text);
	free(text);
	/* As utsns has set it before, or the host's. */
	if (result == 0 && gethostname(name, sizeof(name) - 1) < 0)
		return contain_fail(ctx, errno, "can't get the hostname");
	strcat(name, "\n");
	return result == 0 ? write_file(ctx, hostname, name) : result;
}

int files_mount(struct contain_ctx *ctx, const struct veth *veth)
{
	char folder[64], hostname[96], resolv[96];
	int result;

	name_files(veth->chosen.link, folder, hostname, resolv);
	if (mkdir(folder, 0755) < 0)
		return contain_fail(ctx, errno, "can't make %s", folder);
	result = write_files(ctx, veth, hostname, resolv);
	if (result == 0)
		result = show(ctx, veth->chosen.hosts, "/etc/hosts");
	if (result == 0)
		result = show(ctx, hostname, "/etc/hostname");
	return result < 0 ? result : show(ctx, resolv, "/etc/resolv.conf");
}

int files_remove(struct contain_ctx *ctx, const char *link)
{
	char folder[64], hostname[96], resolv[96];

	name_files(link, folder, hostname, resolv);
	unlink(hostname);
	unlink(resolv);
	return rmdir(folder) < 0 && errno != ENOENT ? contain_fail(ctx, errno, "can't remove %s", folder) : 0;
}
