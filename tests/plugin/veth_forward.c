/* SPDX-License-Identifier: MIT */
#include "veth_parts.h"

#include <linux/sockios.h>
#include <net/if.h>
#include <net/route.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "../../plugins/veth/forward.h"
#include "../../plugins/veth/rules.h"
#include "../../plugins/veth/sysctl.h"

static int value(const char *folder, const char *key)
{
	char text[16];
	int error = sysctl_read(folder, NULL, key, text, sizeof(text));

	return error < 0 ? error : atoi(text);
}

/* A new network namespace has what the first one has, so it is switched off here. */
static int begin(void)
{
	int error = veth_own_network();

	if (error == 0)
		error = sysctl_write("net/ipv4", NULL, "ip_forward", "0");
	if (error == 0)
		error = sysctl_write("net/ipv6/conf/all", NULL, "forwarding", "0");
	return error;
}

#define V4_ON "info: switching net.ipv4.ip_forward on, so that packets of the container are passed on; it stays on\n"
#define V6_ON                                                                                                          \
	"info: switching net.ipv6.conf.all.forwarding on, so that packets of the container are passed on; it stays on\n"

static void it_is_switched_on_once(void **state)
{
	struct contain_ctx *host = fakehost_new();
	struct network network = veth_network();

	(void)state;
	fakehost_needs(begin());
	assert_int_equal(forward_enable(host, network.subnets, true), 0);
	assert_string_equal(fakehost_log(host), V4_ON V6_ON);
	assert_int_equal(value("net/ipv4", "ip_forward"), 1);
	assert_int_equal(value("net/ipv6/conf/all", "forwarding"), 1);
	fakehost_forget(host);
	assert_int_equal(forward_enable(host, network.subnets, true), 0);
	assert_string_equal(fakehost_log(host), "");
	fakehost_free(host);
}

static void a_family_without_a_subnet_is_left(void **state)
{
	struct contain_ctx *host = fakehost_new();
	struct network network = veth_network();

	(void)state;
	fakehost_needs(begin());
	network.subnets[V6] = (struct subnet){ 0 };
	assert_int_equal(forward_enable(host, network.subnets, true), 0);
	assert_string_equal(fakehost_log(host), V4_ON);
	assert_int_equal(value("net/ipv6/conf/all", "forwarding"), 0);
	fakehost_free(host);
}

static void keep_warns(void **state)
{
	struct contain_ctx *host = fakehost_new();
	struct network network = veth_network();

	(void)state;
	fakehost_needs(begin());
	assert_int_equal(forward_enable(host, network.subnets, false), 0);
	assert_non_null(strstr(fakehost_log(host), "warn: packets of the container aren't passed on, as "
						   "net.ipv4.ip_forward is off"));
	assert_non_null(strstr(fakehost_log(host), "warn: packets of the container aren't passed on over IPv6, as "
						   "net.ipv6.conf.all.forwarding is off"));
	assert_int_equal(value("net/ipv4", "ip_forward"), 0);
	assert_int_equal(value("net/ipv6/conf/all", "forwarding"), 0);
	fakehost_free(host);
}

/* As of ip-sysctl: a router does not listen to other routers. */
static void a_default_route_from_a_router_stays(void **state)
{
	struct in6_rtmsg route = { .rtmsg_flags = RTF_UP | RTF_ADDRCONF | RTF_DEFAULT, .rtmsg_metric = 1024 };
	struct ifreq request = { .ifr_name = "test0", .ifr_flags = IFF_UP };
	struct contain_ctx *host = fakehost_new();
	struct network network = veth_network();
	int fd;

	(void)state;
	fakehost_needs(begin());
	fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	/* lo would make it a route that rejects. */
	assert_int_equal(ioctl(fd, SIOCBRADDBR, request.ifr_name), 0);
	assert_int_equal(ioctl(fd, SIOCSIFFLAGS, &request), 0);
	route.rtmsg_ifindex = (int)if_nametoindex(request.ifr_name);
	assert_int_equal(ioctl(fd, SIOCADDRT, &route), 0);
	close(fd);
	assert_int_equal(forward_enable(host, network.subnets, true), 0);
	assert_non_null(strstr(fakehost_log(host), V4_ON "warn: packets of the container aren't passed on over IPv6"));
	assert_non_null(strstr(fakehost_log(host), "net.ipv6.conf.test0.accept_ra to 2"));
	assert_int_equal(value("net/ipv6/conf/all", "forwarding"), 0);
	fakehost_forget(host);
	assert_int_equal(sysctl_write("net/ipv6/conf/test0", NULL, "accept_ra", "2"), 0);
	assert_int_equal(forward_enable(host, network.subnets, true), 0);
	assert_string_equal(fakehost_log(host), V6_ON);
	fakehost_free(host);
}

static void loopback_goes_out_to_one_interface(void **state)
{
	struct contain_ctx *host = fakehost_new();

	(void)state;
	fakehost_needs(begin());
	assert_int_equal(forward_loopback(host, "lo"), 0);
	assert_int_equal(value("net/ipv4/conf/lo", "route_localnet"), 1);
	assert_int_equal(value("net/ipv4/conf/all", "route_localnet"), 0);
	assert_int_equal(forward_loopback(host, "missing0"), -ENOENT);
	assert_non_null(strstr(fakehost_error(host), "net.ipv4.conf.missing0.route_localnet"));
	fakehost_free(host);
}

int veth_forward_tests(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_switched_on_once),
		cmocka_unit_test(a_family_without_a_subnet_is_left),
		cmocka_unit_test(keep_warns),
		cmocka_unit_test(a_default_route_from_a_router_stays),
		cmocka_unit_test(loopback_goes_out_to_one_interface),
	};

	return cmocka_run_group_tests_name("veth.forward", tests, NULL, NULL);
}
