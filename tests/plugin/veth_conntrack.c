/* SPDX-License-Identifier: MIT */
#include "veth_parts.h"

#include <unistd.h>

#include "../../plugins/veth/conntrack.h"
#include "../../plugins/veth/rules.h"

/* How many connections the kernel remembers, -1 if it does not say. */
static int count(void)
{
	FILE *file = fopen("/proc/sys/net/netfilter/nf_conntrack_count", "re");
	int number = -1;

	if (file) {
		if (fscanf(file, "%d", &number) != 1)
			number = -1;
		fclose(file);
	}
	return number;
}

/* The rules make the kernel remember; lo has all of 127.0.0.0/8. */
static struct contain_ctx *begin(void)
{
	struct contain_ctx *host = fakehost_new();
	struct network network = veth_network();

	assert_int_equal(rules_make(host, &network), 0);
	return host;
}

static int forget(struct contain_ctx *host, const char *text)
{
	struct address addresses[FAMILIES] = { 0 };

	assert_int_equal(address_parse(text, &addresses[V4]), 0);
	return conntrack_forget(host, addresses);
}

static int forget_port(struct contain_ctx *host, const char *text)
{
	struct port port;
	char why[160];

	assert_int_equal(port_parse(text, &port, why, sizeof(why)), 0);
	return conntrack_forget_ports(host, &port, 1);
}

static void many_of_an_address(struct contain_ctx *host, int many)
{
	for (int i = 0; i < many; i++)
		veth_connect(SOCK_DGRAM, "127.0.0.2", (uint16_t)(1000 + i));
	veth_connect(SOCK_DGRAM, "127.0.0.3", 7777);
	assert_int_equal(count(), many + 1);
	assert_int_equal(forget(host, "127.0.0.4"), 0);
	assert_int_equal(count(), many + 1);
	/* Answered by it; more than one message of netlink has room for. */
	assert_int_equal(forget(host, "127.0.0.2"), 0);
	assert_int_equal(count(), 1);
	/* Begun by it. */
	assert_int_equal(forget(host, "127.0.0.1"), 0);
	assert_int_equal(count(), 0);
}

static void an_address_is_forgotten(void **state)
{
	struct contain_ctx *host;

	(void)state;
	fakehost_needs(veth_own_network());
	fakehost_needs(count());
	host = begin();
	assert_int_equal(forget(host, "127.0.0.2"), 0);
	many_of_an_address(host, 200);
	many_of_an_address(host, 1200); /* so many that it asks another way */
	assert_string_equal(fakehost_log(host), "");
	fakehost_free(host);
}

static void what_was_led_to_an_address_is_forgotten(void **state)
{
	struct address addresses[FAMILIES] = { 0 };
	struct contain_ctx *host;
	struct port port;
	char why[160];

	(void)state;
	fakehost_needs(veth_own_network());
	fakehost_needs(count());
	host = begin();
	assert_int_equal(address_parse("127.0.1.2", &addresses[V4]), 0);
	assert_int_equal(port_parse("53:53/udp", &port, why, sizeof(why)), 0);
	assert_int_equal(rules_publish(host, "test0", &port, 1, addresses), 0);
	veth_connect(SOCK_DGRAM, "127.0.0.1", 53);
	assert_int_equal(count(), 1);
	assert_int_equal(conntrack_forget(host, addresses), 0);
	assert_int_equal(count(), 0);
	/* The same of a port. */
	veth_connect(SOCK_DGRAM, "127.0.0.1", 53);
	assert_int_equal(conntrack_forget_ports(host, &port, 1), 0);
	assert_int_equal(count(), 0);
	fakehost_free(host);
}

static void ports_are_forgotten(void **state)
{
	struct contain_ctx *host;

	(void)state;
	fakehost_needs(veth_own_network());
	fakehost_needs(count());
	host = begin();
	veth_connect(SOCK_DGRAM, "127.0.0.2", 7777);
	veth_connect(SOCK_DGRAM, "127.0.0.2", 7779);
	veth_connect(SOCK_STREAM, "127.0.0.2", 7777);
	int before = count();
	assert_true(before >= 2);
	assert_int_equal(forget_port(host, "7777:80"), 0);
	assert_int_equal(forget_port(host, "7770-7776:80-86/udp"), 0);
	assert_int_equal(forget_port(host, "127.0.0.1:7777:80/udp"), 0);
	assert_int_equal(count(), before);
	assert_int_equal(forget_port(host, "127.0.0.2:7777:80/udp"), 0);
	assert_int_equal(count(), before - 1);
	assert_int_equal(forget_port(host, "0.0.0.0:7770-7779:80-89/udp"), 0);
	assert_int_equal(count(), before - 2);
	fakehost_free(host);
}

int veth_conntrack_tests(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_address_is_forgotten),
		cmocka_unit_test(what_was_led_to_an_address_is_forgotten),
		cmocka_unit_test(ports_are_forgotten),
	};

	return cmocka_run_group_tests_name("veth.conntrack", tests, NULL, NULL);
}
