// SPDX-License-Identifier: MIT
// A plugin in C++ and its test against the fake host in one file: the header of the fake host is good for C++.
#include <contain/fakehost.h>

#include <cerrno>
#include <cstdio>
#include <string>

namespace
{

struct counter {
	int64_t most;
};

const contain_option options[] = {
	CONTAIN_INT_OPTION(counter, most, "most", .initial = "8", .min = 1, .help = "most of them"),
	CONTAIN_OPTIONS_END,
};

int configure(contain_ctx *ctx, void *)
{
	return contain_cgroup_use(ctx, "pids");
}

int limit(contain_ctx *ctx, void *self)
{
	const auto most = std::to_string(static_cast<counter *>(self)->most);

	return contain_cgroup_write(ctx, "pids", "pids.max", most.c_str());
}

/* What the true host does not allow, as it is too late, was not asked for, or can't be. */
int set_late(contain_ctx *ctx, void *)
{
	return contain_setenv(ctx, "LATE", "1");
}

int limit_other(contain_ctx *ctx, void *)
{
	return contain_cgroup_write(ctx, "memory", "memory.max", "1M");
}

int report(contain_ctx *ctx, void *)
{
	return contain_report(ctx, "No key", 1, CONTAIN_COUNT);
}

/* And what it does. */
int look(contain_ctx *ctx, void *)
{
	return contain_cgroup_version(ctx, "pids") == 2 ? 0 : contain_fail(ctx, 0, "no pids");
}

int failures;

void check(bool good, const char *what)
{
	if (!good) {
		std::printf("not so: %s\n", what);
		failures++;
	}
}
#define CHECK(WHAT) check(WHAT, #WHAT)

} // namespace

CONTAIN_PLUGIN(.name = "counter", .version = "1", .summary = "count", .self_size = sizeof(counter), .options = options,
	       .configure = configure, .parent_prepare = limit, .parent_attach = set_late,
	       .parent_started = limit_other, .report = report, .check = look)

int main()
{
	contain_ctx *host = fakehost_new();

	fakehost_cgroup(host, "pids", 2, "pids.max=max", "pids.current=1");
	fakehost_cgroup(host, "memory", 2, "memory.max=max");
	CHECK(fakehost_options(host, "most = 0") == -EINVAL);
	CHECK(std::string(fakehost_errors(host)).find("most") != std::string::npos);
	CHECK(fakehost_options(host, "most = 12") == 0);
	CHECK(fakehost_run(host, configure) == 0);
	CHECK(fakehost_run(host, parent_prepare) == 0);
	CHECK(std::string(fakehost_file(host, "pids", "pids.max")) == "12");
	CHECK(std::string(fakehost_log(host)) == "cgroup use pids\ncgroup pids/pids.max = 12\n");
	CHECK(fakehost_run(host, parent_attach) == -EPERM);
	CHECK(fakehost_run(host, parent_started) == -ENOENT);
	CHECK(fakehost_run(host, report) == -EINVAL);
	CHECK(fakehost_run(host, check) == 0);
	fakehost_break(host, "contain_cgroup_write", EACCES);
	CHECK(fakehost_run(host, parent_prepare) == -EACCES);
	CHECK(fakehost_run(host, teardown) == -ENOSYS);
	fakehost_free(host);
	return failures != 0;
}
