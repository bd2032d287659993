/*
 * @NAME@: a plugin of contain. While there is a container, its process id is in the file DIRECTORY/ID.pid.
 *
 * That is little, but it has what most plugins have: an option, something that is made on the host, and a teardown that
 * removes it, however the container ended. Change it into what you need. All that the host offers is in
 * <contain/plugin.h>, which says for each function in which hooks it may be called.
 */
#include <contain/plugin.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

/*
 * The host fills this in from the table of options, and gives it to each hook, in each process anew. No hook parses
 * text, and there are no global variables: they would not reach the other processes.
 */
struct @IDENT@_options {
	const char *directory;
};

/* A wrong value is refused before anything is done. For this, nothing but the text may be looked at. */
static int check_directory(const char *text, void *value, char *why, size_t why_size)
{
	(void)value;
	if (*text == '/')
		return 0;
	snprintf(why, why_size, "must begin with a slash");
	return -EINVAL;
}

/*
 * From this come the profile's "[@NAME@] directory = DIR", the flag --@NAME@-directory, its line in --help and in the
 * completion of shells. A flag may belong to one plugin alone, so it begins with the plugin's name.
 */
static const struct contain_option options[] = {
	CONTAIN_STRING_OPTION(struct @IDENT@_options, directory, "directory", .initial = "/run",
			      .flag = "@NAME@-directory", .metavar = "DIR",
			      .help = "write the container's process id to DIR/ID.pid", .parse = check_directory),
	CONTAIN_OPTIONS_END,
};

/*
 * In the parent, before there is a child. What will be made is recorded first: if contain is killed between the two,
 * another process finds here what to remove.
 */
static int record_file(struct contain_ctx *ctx, void *self)
{
	const struct @IDENT@_options *given = self;
	char path[PATH_MAX];
	int n = snprintf(path, sizeof(path), "%s/%s.pid", given->directory, contain_id(ctx));

	if (n >= (int)sizeof(path))
		return contain_fail(ctx, ENAMETOOLONG, "can't write the process id to %s", given->directory);
	return contain_state_set(ctx, "file", path);
}

/* In the parent, when the child exists and waits. */
static int write_file(struct contain_ctx *ctx, void *self)
{
	const char *path = contain_state_get(ctx, "file");
	/* A file of this name is this container's, also an old one; a link is somebody else's trick. */
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644);
	int written = fd < 0 ? -1 : dprintf(fd, "%d\n", contain_pid(ctx));
	int error = errno;

	(void)self;
	if (fd >= 0)
		close(fd);
	if (written < 0)
		return contain_fail(ctx, error, "can't write the process id to %s", path);
	contain_debug(ctx, "wrote the process id to %s", path);
	return 0;
}

/*
 * At the end. It may run in any process, and from the saved state alone: after half a set-up, when nothing was made
 * yet, and once more after it has done its work. Only what could not be undone is an error; then it is tried again
 * later.
 */
static int remove_file(struct contain_ctx *ctx, void *self)
{
	const char *path = contain_state_get(ctx, "file");

	(void)self;
	if (path && unlink(path) < 0 && errno != ENOENT)
		return contain_fail(ctx, errno, "can't remove %s", path);
	return 0;
}

CONTAIN_PLUGIN(.name = "@NAME@", .version = "0.1", .summary = "the container's process id in a file",
	       .self_size = sizeof(struct @IDENT@_options), .options = options, .parent_prepare = record_file,
	       .parent_attach = write_file, .teardown = remove_file)
