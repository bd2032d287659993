/* SPDX-License-Identifier: MIT */
/* utsns: host name and NIS domain name of its own, see uts_namespaces(7). */
#include <contain/plugin.h>
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct utsns {
	const char *hostname;
	const char *domainname;
};

/*
 * 64 bytes is the kernel's limit (__NEW_UTS_LEN), and it takes any byte; what would break prompts and logs is refused.
 */
static int check_name(const char *text, void *value, char *why, size_t why_size)
{
	size_t length = strlen(text);

	(void)value;
	if (length == 0 || length > 64) {
		snprintf(why, why_size, "%s", length == 0 ? "empty" : "longer than 64 bytes");
		return -EINVAL;
	}
	for (const char *c = text; *c; c++) {
		if ((unsigned char)*c <= ' ' || *c == 0x7f || *c == '/') {
			snprintf(why, why_size, "must not have a space, a slash or a control character in it");
			return -EINVAL;
		}
	}
	return 0;
}

static const struct contain_option options[] = {
	CONTAIN_STRING_OPTION(struct utsns, hostname, "hostname", .flag = "hostname", .metavar = "NAME",
			      .help = "host name inside; the container's id if not given", .parse = check_name),
	CONTAIN_STRING_OPTION(struct utsns, domainname, "domainname", .metavar = "NAME",
			      .help = "NIS domain name inside", .parse = check_name),
	CONTAIN_OPTIONS_END,
};

static int set_names(struct contain_ctx *ctx, void *self)
{
	const struct utsns *utsns = self;
	const char *hostname = utsns->hostname ? utsns->hostname : contain_id(ctx);

	contain_info(ctx, "setting hostname: %s", hostname);
	if (sethostname(hostname, strlen(hostname)) < 0)
		return contain_fail(ctx, errno, "can't set the hostname to '%s'", hostname);
	if (utsns->domainname && setdomainname(utsns->domainname, strlen(utsns->domainname)) < 0)
		return contain_fail(ctx, errno, "can't set the domain name to '%s'", utsns->domainname);
	return 0;
}

CONTAIN_PLUGIN(.name = "utsns", .version = "0.1", .summary = "a host name of its own", .namespaces = CLONE_NEWUTS,
	       .self_size = sizeof(struct utsns), .options = options, .child_setup = set_names)
