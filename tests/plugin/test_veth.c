/* SPDX-License-Identifier: MIT */
/* veth: its options, its addresses and its file. What it makes of the kernel's objects is in
 * tests/integration/veth*.bats. */
#include <errno.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../plugins/veth/address.h"
#include "../../plugins/veth/files.h"
#include "../../plugins/veth/hosts_text.h"
#include "fakehost.h"
#include "veth_parts.h"

static struct address address(const char *text)
{
	struct address found;

	assert_int_equal(address_parse(text, &found), 0);
	return found;
}

static struct subnet subnet(const char *text)
{
	struct subnet found;
	char why[160];

	assert_int_equal(subnet_parse(text, &found, why, sizeof(why)), 0);
	return found;
}

static void subnets_are_read(void **state)
{
	static const struct {
		const char *text, *why;
	} bad[] = {
		{ "10.97.0.0", "no subnet" },       { "10.97.0.0/33", "no subnet" },
		{ "10.97.0.0/", "no subnet" },      { "10.97.0.0/-1", "no subnet" },
		{ "fd00::/129", "no subnet" },      { "x/8", "no subnet" },
		{ "10.97.0.0/16x", "no subnet" },   { "10.97.3.1/16", "10.97.0.0/16" },
		{ "fd00::1/64", "fd00::/64" },      { "10.97.0.0/32", "too small" },
		{ "10.97.0.0/31", "too small" },    { "fd00::/128", "too small" },
		{ "10.97.0.0 /16", "no subnet" },   { "0.0.0.0/0", "not for hosts" },
		{ "127.0.0.0/8", "not for hosts" }, { "224.0.0.0/4", "not for hosts" },
		{ "fe80::/64", "not for hosts" },   { "ff00::/8", "not for hosts" },
		{ "::/64", "not for hosts" },       { "::ffff:0:0/96", "not for hosts" },
		{ "::/0", "not for hosts" },        { "0.0.0.0/8", "not for hosts" },
		{ "240.0.0.0/8", "not for hosts" },
	};
	struct subnet found;
	char why[160], text[SUBNET_TEXT_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		assert_int_equal(subnet_parse(bad[i].text, &found, why, sizeof(why)), -EINVAL);
		assert_non_null(strstr(why, bad[i].why));
	}
	found = subnet("fd63:6f6e:7461:696e::/64");
	assert_string_equal(subnet_text(&found, text), "fd63:6f6e:7461:696e::/64");
	found = subnet("none");
	assert_int_equal(found.base.family, 0);
	assert_string_equal(subnet_text(&found, text), "none");
}

static void addresses_are_counted(void **state)
{
	struct subnet small = subnet("10.97.0.8/29"), large = subnet("fd00::/64"), odd = subnet("10.96.0.0/11");
	struct address nth = subnet_nth(&odd, 65536 + 258), other = address("10.97.1.2");
	char text[ADDRESS_TEXT_SIZE];

	(void)state;
	assert_int_equal(subnet_last(&small), 6);
	assert_true(subnet_last(&large) == (UINT64_C(1) << 32) - 1);
	assert_true(address_equal(&nth, &other));
	assert_int_equal(subnet_number(&odd, &nth), 65536 + 258);
	nth = subnet_nth(&large, 258);
	assert_string_equal(address_text(&nth, text), "fd00::102");
	assert_int_equal(subnet_number(&large, &nth), 258);
	nth = address("fd00::1:2:3:4");
	assert_true(subnet_has(&large, &nth));
	assert_true(subnet_number(&large, &nth) == UINT64_MAX);
	nth = address("10.97.0.16");
	assert_false(subnet_has(&small, &nth));
	assert_false(subnet_has(&large, &nth));
	nth = address("10.97.0.15");
	assert_true(subnet_has(&small, &nth));
}

static void subnets_follow_each_other(void **state)
{
	static const char *const pairs[][2] = { { "10.97.0.0/16", "10.98.0.0/16" },
						{ "10.97.0.248/29", "10.97.1.0/29" },
						{ "10.255.0.0/16", "11.0.0.0/16" },
						{ "fd63:6f6e:7461:696e::/64", "fd63:6f6e:7461:696f::/64" } };

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++) {
		struct subnet first = subnet(pairs[i][0]), next = subnet_next(&first), wanted = subnet(pairs[i][1]);

		assert_true(subnet_equal(&next, &wanted));
	}
}

static void the_head_is_read_as_written(void **state)
{
	const struct address gateways[FAMILIES] = { address("10.97.0.1"), address("fd00::1") };
	struct head head = { .subnets = { subnet("10.97.0.0/16"), subnet("fd00::/64") },
			     .nat = true,
			     .bridge = { .bytes = { 2, 1, 2, 3, 4, 0xff }, .given = true } },
		    found;
	char text[HEAD_SIZE];

	(void)state;
	head_write(text, "contain0", &head, gateways);
	assert_non_null(strstr(text, "\n10.97.0.1\thost.contain.internal\n"));
	assert_int_equal(head_read(text, &found), 0);
	assert_true(subnet_equal(&found.subnets[V4], &head.subnets[V4]));
	assert_true(subnet_equal(&found.subnets[V6], &head.subnets[V6]));
	assert_true(found.nat && found.bridge.given);
	assert_memory_equal(found.bridge.bytes, head.bridge.bytes, MAC_SIZE);
	head.nat = head.bridge.given = false;
	head.subnets[V6].base.family = 0;
	head_write(text, "123456789012345", &head, (const struct address[FAMILIES]){ { 0 } });
	assert_int_equal(head_read(text, &found), 0);
	assert_false(found.nat || found.bridge.given || found.subnets[V6].base.family);
	assert_int_equal(head_read("127.0.0.1 localhost\n", &found), -EINVAL);
	assert_int_equal(head_read("", &found), -EINVAL);
}

static const char leases[] = "# contain network contain0 10.97.0.0/29 fd00::/64 nat -\n"
			     "127.0.0.1\tlocalhost\n"
			     "10.97.0.1\thost.contain.internal\n"
			     "10.97.0.2\tweb www # ctnb-aaaaaaaaaa\n"
			     "#0.97.0.3\tgone # ctnb-bbbbbbbbbb\n"
			     "fd00::3\tsix # ctnb-cccccccccc\n"
			     "10.97.0.4\tDB   # ctnb-dddddddddd      \n";

static void leases_are_found(void **state)
{
	struct address wanted = address("10.97.0.4");
	struct host_line line;

	(void)state;
	assert_int_equal(hosts_count_leases(leases), 3);
	assert_true(hosts_find_address(leases, &wanted, &line));
	assert_true(host_line_has_token(&line, "ctnb-dddddddddd"));
	assert_false(host_line_has_token(&line, "ctnb-ddddddddd"));
	wanted = address("10.97.0.3");
	assert_false(hosts_find_address(leases, &wanted, &line));
	assert_true(hosts_find_name(leases, "www", &line));
	assert_true(hosts_find_name(leases, "db", &line));
	assert_true(hosts_find_name(leases, "localhost", &line));
	assert_false(hosts_find_name(leases, "gone", &line));
	assert_false(hosts_find_name(leases, "ww", &line));
	assert_false(hosts_find_name(leases, "ctnb-aaaaaaaaaa", &line));
}

static void the_lowest_free_number_is_chosen(void **state)
{
	struct subnet both[FAMILIES] = { subnet("10.97.0.0/29"), subnet("fd00::/64") };
	struct subnet four[FAMILIES] = { both[V4] }, six[FAMILIES] = { [V6] = both[V6] };
	const struct address gateway = address("10.97.0.1");
	_Alignas(8) char full[1024];
	size_t n;

	(void)state;
	assert_int_equal(hosts_free_number(leases, four, &gateway, 1), 3);
	/* .2 and .4 are taken in one family, ::3 in the other. */
	assert_int_equal(hosts_free_number(leases, both, &gateway, 1), 5);
	assert_int_equal(hosts_free_number(leases, six, &gateway, 1), 1);
	n = (size_t)snprintf(full, sizeof(full), "%s", leases);
	for (int i = 3; i <= 6; i++)
		n += (size_t)snprintf(full + n, sizeof(full) - n, "10.97.0.%d\tn%d # ctnb-e\n", i, i);
	assert_int_equal(hosts_free_number(full, four, &gateway, 1), 0);
	assert_int_equal(hosts_free_number("", four, NULL, 0), 1);
}

static void resolv_conf_holds_inside(void **state)
{
	static const char host[] = "# comment\n"
				   "nameserver 127.0.0.53\n"
				   "nameserver 192.0.2.1\n"
				   "nameserver\t::1\n"
				   "nameserver fe80::1%eth0\n"
				   "search example.org\n"
				   "options edns0\n"
				   "nonsense\n";
	static const char *const servers[] = { "192.0.2.7", "2001:db8::7" }, *const domains[] = { "a.test", "b.test" };
	const struct contain_list none = { 0 }, dns = { servers, 2 }, search = { domains, 2 };
	char *text;

	(void)state;
	assert_int_equal(files_resolv_conf(host, &none, &none, &text), 0);
	assert_string_equal(text, "nameserver 192.0.2.1\nsearch example.org\noptions edns0\n");
	free(text);
	assert_int_equal(files_resolv_conf(host, &dns, &search, &text), 0);
	assert_string_equal(text,
			    "options edns0\nsearch a.test b.test\nnameserver 192.0.2.7\nnameserver 2001:db8::7\n");
	free(text);
}

static void bad_values_are_named(void **state)
{
	static const struct {
		const char *line, *why;
	} bad[] = {
		{ "mode = macvlan", "bridge" },
		{ "bridge = 1234567890123456", "15 characters" },
		{ "bridge = a/b", "15 characters" },
		{ "bridge = point-to-point", "is the name of a mode" },
		{ "interface = lo", "loopback" },
		{ "interface = ..", "15 characters" },
		{ "interface = a%d", "15 characters" },
		{ "subnet = fd00::/64", "subnet6" },
		{ "subnet6 = 10.0.0.0/8", "is a subnet of IPv4" },
		{ "address = 10.97.0.256", "no address" },
		{ "gateway = nowhere", "no address" },
		{ "mac = 02:00:00:00:00", "no MAC" },
		{ "mac = 02:00:00:00:00:001", "no MAC" },
		{ "mac = 01:00:5e:00:00:01", "one station" },
		{ "mac = 00:00:00:00:00:00", "one station" },
		{ "mtu = 67", "68" },
		{ "alias = a b", "is no name" },
		{ "alias = .a", "is no name" },
		{ "dns = localhost", "no address" },
		{ "publish = 80", "80" },
	};
	struct contain_ctx *host = fakehost_new();

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		assert_int_equal(fakehost_options(host, bad[i].line), -EINVAL);
		if (!strstr(fakehost_errors(host), bad[i].why))
			fail_msg("%s: %s", bad[i].line, fakehost_errors(host));
	}
	fakehost_free(host);
}

static void values_that_contradict_are_refused(void **state)
{
	static const struct {
		const char *lines, *why;
	} bad[] = {
		{ "address = 10.97.0.2\naddress = 10.97.0.3", "second one of its family" },
		{ "gateway = none\ngateway = 10.97.0.3", "give it alone" },
		{ "subnet = none\nsubnet6 = none", "both none" },
		{ "mtu = 1000", "1280" },
		{ "mode = point-to-point\nbridge = contain0", "the bridge 'contain0' is given" },
		{ "files = no\ndns = 192.0.2.53", "dns is given for /etc/resolv.conf" },
		{ "dns_search = example.org\nfiles = no", "dns_search is given" },
	};
	static const char *const good[] = { "mode = point-to-point",
					    "files = no\nalias = a\ndns =", "bridge = contain0" };

	(void)state;
	fakehost_needs(fakehost_unshare(CLONE_NEWNET));
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct contain_ctx *host = fakehost_new();

		assert_int_equal(fakehost_options(host, bad[i].lines), 0);
		assert_true(fakehost_run(host, configure) < 0);
		if (!strstr(fakehost_error(host), bad[i].why))
			fail_msg("%s: %s", bad[i].lines, fakehost_error(host));
		fakehost_free(host);
	}
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		struct contain_ctx *host = fakehost_new();

		assert_int_equal(fakehost_options(host, good[i]), 0);
		assert_int_equal(fakehost_run(host, configure), 0);
		fakehost_free(host);
	}
}

static void nothing_begun_is_nothing_to_undo(void **state)
{
	struct contain_ctx *host = fakehost_new();

	(void)state;
	assert_int_equal(fakehost_options(host, ""), 0);
	assert_int_equal(fakehost_run(host, teardown), 0);
	assert_string_equal(fakehost_log(host), "");
	fakehost_free(host);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(subnets_are_read),
		cmocka_unit_test(addresses_are_counted),
		cmocka_unit_test(subnets_follow_each_other),
		cmocka_unit_test(the_head_is_read_as_written),
		cmocka_unit_test(leases_are_found),
		cmocka_unit_test(the_lowest_free_number_is_chosen),
		cmocka_unit_test(resolv_conf_holds_inside),
		cmocka_unit_test(bad_values_are_named),
		cmocka_unit_test(values_that_contradict_are_refused),
		cmocka_unit_test(nothing_begun_is_nothing_to_undo),
	};

	return cmocka_run_group_tests_name("veth", tests, NULL, NULL) + veth_publish_tests() + veth_rules_tests() +
	       veth_conntrack_tests() + veth_forward_tests();
}
