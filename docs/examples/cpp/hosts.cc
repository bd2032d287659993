/* SPDX-License-Identifier: MIT */
/*
 * hosts: an /etc/hosts of the container's own, made of --add-host NAME:ADDRESS. A plugin in C++:
 *
 * - C++20, as plugin.h is used by designated initialisers, which C++ has since then; the members in declared order.
 * - No exception leaves a hook: C is above it, where it would end the process. So each is made by hook<...>, below.
 * - The struct that the options fill is zeroed and copied byte by byte: a plain one, with no std::string in it
 *   (plugin.h refuses to compile else). The class that works is made of it in the hook, and ends with the hook.
 * - No global object with a constructor: the plugin is loaded in every process, and nothing global is carried over.
 * - Nothing is loaded once the root is switched, so no std::locale, std::regex or name look-up in the child's hooks.
 */
#include <contain/plugin.h>

#include <arpa/inet.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <exception>
#include <new>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace
{

/* What was said with contain_fail() already; the hook returns its number. */
struct Failed {
	int error;
};

/* A negative result of a host's function is a failure that has its message. */
int checked(int result)
{
	if (result < 0)
		throw Failed{ result };
	return result;
}

/* The C function that contain calls, made of one that may throw. */
template <void (*body)(contain_ctx *, void *)> int hook(contain_ctx *ctx, void *self) noexcept
{
	try {
		body(ctx, self);
		return 0;
	} catch (const Failed &failed) {
		return failed.error;
	} catch (const std::bad_alloc &) {
		return contain_fail(ctx, ENOMEM, "can't make /etc/hosts");
	} catch (const std::exception &exception) {
		return contain_fail(ctx, 0, "can't make /etc/hosts: %s", exception.what());
	}
}

class Descriptor
{
      public:
	explicit Descriptor(int fd) : fd_(fd)
	{
	}
	~Descriptor()
	{
		close(fd_);
	}
	Descriptor(const Descriptor &) = delete;
	Descriptor &operator=(const Descriptor &) = delete;
	int get() const
	{
		return fd_;
	}

      private:
	int fd_;
};

/* "NAME:ADDRESS", where the address may have colons too. */
struct Entry {
	std::string name, address;

	explicit Entry(std::string_view text)
	{
		constexpr std::string_view letters =
			"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_";
		const auto colon = text.find(':');
		unsigned char binary[16];

		if (colon == text.npos || colon == 0)
			throw std::invalid_argument("is not NAME:ADDRESS, such as db:10.0.0.7");
		name = text.substr(0, colon);
		address = text.substr(colon + 1);
		if (name.find_first_not_of(letters) != name.npos)
			throw std::invalid_argument("has a name that is not of letters, digits, '.', '-' and '_'");
		if (inet_pton(AF_INET, address.c_str(), binary) != 1 &&
		    inet_pton(AF_INET6, address.c_str(), binary) != 1)
			throw std::invalid_argument("has no IPv4 or IPv6 address behind the first ':'");
	}
};

/* Plain: contain fills it. */
struct Options {
	contain_list entries;
};

/* The work, in a class of its own: it borrows the options for the time of the hook. */
class Hosts
{
      public:
	explicit Hosts(const Options &options) : items_(options.entries.items, options.entries.count)
	{
	}
	bool empty() const
	{
		return items_.empty();
	}
	std::string text(std::string_view own_name) const
	{
		std::string text = "127.0.0.1\tlocalhost\n::1\tlocalhost\n127.0.1.1\t";

		text.append(own_name).append("\n");
		for (const char *item : items_) {
			const Entry entry(item);

			text.append(entry.address).append("\t").append(entry.name).append("\n");
		}
		return text;
	}

      private:
	std::span<const char *const> items_;
};

/* Called by contain as well, and no hook: the reason goes into `why`. */
int parse(const char *text, void *, char *why, size_t why_size) noexcept
{
	try {
		Entry entry(text);
		return 0;
	} catch (const std::exception &exception) {
		snprintf(why, why_size, "%s", exception.what());
		return -EINVAL;
	}
}

/* A file of a small tmpfs, attached over /etc/hosts as well: the image keeps its own. */
void mount_hosts(contain_ctx *ctx, void *self)
{
	const Hosts hosts(*static_cast<const Options *>(self));

	if (hosts.empty())
		return;
	const std::string text = hosts.text(contain_id(ctx));
	checked(contain_mount(ctx, "tmpfs", "/run/hosts", "size=1M,mode=755", MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV, 0));
	const Descriptor file(checked(contain_open(ctx, "/run/hosts/hosts", O_RDWR | O_CREAT | O_EXCL, 0644)));

	if (write(file.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()))
		throw Failed{ contain_fail(ctx, errno, "can't write the new /etc/hosts") };
	const Descriptor mount(open_tree(file.get(), "", AT_EMPTY_PATH | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC));
	if (mount.get() < 0)
		throw Failed{ contain_fail(ctx, errno, "can't take the new /etc/hosts") };
	contain_info(ctx, "mounting /etc/hosts: %zu bytes", text.size());
	checked(contain_mount_fd(ctx, mount.get(), "/etc/hosts", CONTAIN_TARGET_FILE));
}

const contain_option options[] = {
	CONTAIN_LIST_OPTION(Options, entries, "add", .flag = "add-host", .metavar = "NAME:ADDRESS",
			    .help = "a host that the container knows by this name", .parse = parse),
	CONTAIN_OPTIONS_END,
};

const char *const needs[] = { "mountns", nullptr };

} // namespace

CONTAIN_PLUGIN(.name = "hosts", .version = "1.0", .summary = "an /etc/hosts of its own", .needs = needs,
	       .self_size = sizeof(Options), .options = options, .child_setup = hook<mount_hosts>)
