/*
 * @NAME@: a plugin of contain. While there is a container, its process id is in the file DIRECTORY/ID.pid.
 *
 * That is little, but it has what most plugins have: an option, something that is made on the host, and a teardown that
 * removes it, however the container ended. Change it into what you need. All that the host offers is in
 * <contain/plugin.h>, which says for each function in which hooks it may be called.
 */
#include <contain/plugin.h>

#include <cerrno>
#include <cstdio>
#include <exception>
#include <new>
#include <string>

#include <fcntl.h>
#include <unistd.h>

namespace
{

/*
 * The host fills this in from the table of options, and gives it to each hook, in each process anew, byte by byte: so
 * it is a plain struct, without constructors, and there are no global objects either.
 */
struct @IDENT@_options {
	const char *directory;
};

/* A wrong value is refused before anything is done. For this, nothing but the text may be looked at. */
int check_directory(const char *text, void *, char *why, size_t why_size)
{
	if (*text == '/')
		return 0;
	std::snprintf(why, why_size, "must begin with a slash");
	return -EINVAL;
}

/*
 * From this come the profile's "[@NAME@] directory = DIR", the flag --@NAME@-directory, its line in --help and in the
 * completion of shells. A flag may belong to one plugin alone, so it begins with the plugin's name.
 */
const contain_option options[] = {
	CONTAIN_STRING_OPTION(@IDENT@_options, directory, "directory", .initial = "/run", .flag = "@NAME@-directory",
			      .metavar = "DIR", .help = "write the container's process id to DIR/ID.pid",
			      .parse = check_directory),
	CONTAIN_OPTIONS_END,
};

/* The host is C: no exception may leave a hook. */
template <int (*work)(contain_ctx *, const @IDENT@_options &)> int hook(contain_ctx *ctx, void *self) noexcept
{
	try {
		return work(ctx, *static_cast<const @IDENT@_options *>(self));
	} catch (const std::bad_alloc &) {
		return contain_fail(ctx, ENOMEM, "can't go on");
	} catch (const std::exception &error) {
		return contain_fail(ctx, 0, "%s", error.what());
	}
}

class file
{
      public:
	/* A file of this name is this container's, also an old one; a link is somebody else's trick. */
	explicit file(const char *path) : fd_(open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644))
	{
	}
	~file()
	{
		if (fd_ >= 0)
			close(fd_);
	}
	file(const file &) = delete;
	file &operator=(const file &) = delete;

	/* False with errno. */
	bool write(const std::string &text) const
	{
		return fd_ >= 0 && ::write(fd_, text.data(), text.size()) == static_cast<ssize_t>(text.size());
	}

      private:
	int fd_;
};

/*
 * In the parent, before there is a child. What will be made is recorded first: if contain is killed between the two,
 * another process finds here what to remove.
 */
int record_file(contain_ctx *ctx, const @IDENT@_options &given)
{
	const std::string path = std::string(given.directory) + "/" + contain_id(ctx) + ".pid";

	return contain_state_set(ctx, "file", path.c_str());
}

/* In the parent, when the child exists and waits. */
int write_file(contain_ctx *ctx, const @IDENT@_options &)
{
	const char *path = contain_state_get(ctx, "file");
	const file out(path);

	if (!out.write(std::to_string(contain_pid(ctx)) + "\n"))
		return contain_fail(ctx, errno, "can't write the process id to %s", path);
	contain_debug(ctx, "wrote the process id to %s", path);
	return 0;
}

/*
 * At the end. It may run in any process, and from the saved state alone: after half a set-up, when nothing was made
 * yet, and once more after it has done its work. Only what could not be undone is an error; then it is tried again
 * later.
 */
int remove_file(contain_ctx *ctx, const @IDENT@_options &)
{
	const char *path = contain_state_get(ctx, "file");

	if (path && unlink(path) < 0 && errno != ENOENT)
		return contain_fail(ctx, errno, "can't remove %s", path);
	return 0;
}

} // namespace

CONTAIN_PLUGIN(.name = "@NAME@", .version = "0.1", .summary = "the container's process id in a file",
	       .self_size = sizeof(@IDENT@_options), .options = options, .parent_prepare = hook<record_file>,
	       .parent_attach = hook<write_file>, .teardown = hook<remove_file>)
