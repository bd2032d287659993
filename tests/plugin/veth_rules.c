/* SPDX-License-Identifier: MIT */
/* The true kernel makes the table, and libnftables reads it: what is written by netlink is what an admin sees. */
#include "veth_parts.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <nftables/libnftables.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../plugins/veth/lease.h"
#include "../../plugins/veth/rules.h"
#include "../../plugins/veth/rules_text.h"

/* What nft answers, to be freed; NULL if it fails. */
static char *nft(const char *command)
{
	void *library = dlopen("libnftables.so.1", RTLD_NOW | RTLD_LOCAL);
	char *answer = NULL;

	assert_non_null(library);
	__typeof__(&nft_ctx_new) new = (__typeof__(&nft_ctx_new))dlsym(library, "nft_ctx_new");
	__typeof__(&nft_ctx_free) release = (__typeof__(&nft_ctx_free))dlsym(library, "nft_ctx_free");
	__typeof__(&nft_run_cmd_from_buffer) run =
		(__typeof__(&nft_run_cmd_from_buffer))dlsym(library, "nft_run_cmd_from_buffer");
	__typeof__(&nft_ctx_buffer_output) buffer =
		(__typeof__(&nft_ctx_buffer_output))dlsym(library, "nft_ctx_buffer_output");
	__typeof__(&nft_ctx_buffer_error) buffer_error =
		(__typeof__(&nft_ctx_buffer_error))dlsym(library, "nft_ctx_buffer_error");
	__typeof__(&nft_ctx_get_output_buffer) output =
		(__typeof__(&nft_ctx_get_output_buffer))dlsym(library, "nft_ctx_get_output_buffer");
	struct nft_ctx *context = new (NFT_CTX_DEFAULT);
	assert_int_equal(buffer(context), 0);
	assert_int_equal(buffer_error(context), 0);
	if (run(context, command) == 0)
		answer = strdup(output(context));
	release(context);
	dlclose(library);
	return answer;
}

/* Whether a map or a set of the test's table has such an element; with "" whether it has any. */
static bool has_in(const char *kind, const char *name, const char *element)
{
	char command[64], *answer;
	bool found;

	snprintf(command, sizeof(command), "list %s inet contain-test0 %s", kind, name);
	answer = nft(command);
	assert_non_null(answer);
	found = strstr(answer, "elements") && strstr(answer, element);
	free(answer);
	return found;
}

static bool has(const char *map, const char *element)
{
	return has_in("map", map, element);
}

struct given {
	struct contain_ctx *host;
	struct port ports[4];
	size_t count;
	struct address addresses[FAMILIES];
};

static struct given given(const char *v4, const char *v6)
{
	struct given given = { .host = fakehost_new() };

	if (v4)
		assert_int_equal(address_parse(v4, &given.addresses[V4]), 0);
	if (v6)
		assert_int_equal(address_parse(v6, &given.addresses[V6]), 0);
	return given;
}

static void port(struct given *given, const char *text)
{
	char why[160];

	assert_int_equal(port_parse(text, &given->ports[given->count++], why, sizeof(why)), 0);
}

static int publish(struct given *given)
{
	fakehost_forget(given->host);
	return rules_publish(given->host, "test0", given->ports, given->count, given->addresses);
}

static int unpublish(struct given *given)
{
	return rules_unpublish(given->host, "test0", given->ports, given->count, given->addresses);
}

static void make(struct contain_ctx *host)
{
	struct network network = veth_network();

	fakehost_needs(veth_own_network());
	assert_int_equal(rules_make(host, &network), 0);
	assert_string_equal(fakehost_log(host), "");
}

static void text_has_what_the_network_needs(void **state)
{
	struct network network = veth_network();
	char *text = rules_text(&network);

	(void)state;
	assert_non_null(strstr(text, "oifname != \"test0\" ip saddr 10.97.0.0/16 masquerade"));
	assert_non_null(strstr(text, "oifname != \"test0\" ip6 saddr fd63::/64 masquerade"));
	assert_non_null(strstr(text, "oifname \"test0\" ip saddr 10.97.0.0/16 ct status dnat masquerade"));
	assert_non_null(strstr(text, "iifname \"test0\" ip saddr != 0.0.0.0 fib saddr . iif oif missing counter drop"));
	assert_null(strchr(text, '$'));
	free(text);

	/* Who else is on a bridge of somebody else is let alone. */
	network.shared = true;
	text = rules_text(&network);
	assert_null(strstr(text, "missing counter drop"));
	assert_non_null(strstr(text, "ip daddr @members4 counter drop"));
	assert_non_null(strstr(text, "iifname \"test0\" ip daddr 127.0.0.0/8 counter drop"));
	free(text);

	network = (struct network){ .name = "point-to-point", .links = "ctnp-*", .subnets[V4] = network.subnets[V4] };
	text = rules_text(&network);
	assert_non_null(strstr(text, "table inet contain-point-to-point {"));
	assert_non_null(strstr(text, "iifname \"ctnp-*\" ip daddr 127.0.0.0/8"));
	assert_null(strstr(text, "oifname != \"ctnp-*\" ip saddr"));
	assert_null(strstr(text, "ip6 saddr fd"));
	free(text);
}

static void names_that_nft_would_read_otherwise_are_refused(void **state)
{
	static const char *const bad[] = { "", "a b", "a\"b", "a;b", "a{", "a*", "a\nb", "br@0" };
	struct contain_ctx *host = fakehost_new();
	struct network network = veth_network();

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		network.name = bad[i];
		assert_null(rules_text(&network));
		network.name = "test0";
		network.links = i == 5 ? "*" : bad[i];
		if (strcmp(bad[i], "a*") != 0)
			assert_null(rules_text(&network));
		network.links = "test0";
	}
	fakehost_needs(veth_own_network());
	network.name = "a b";
	assert_int_equal(rules_make(host, &network), -EINVAL);
	assert_non_null(strstr(fakehost_error(host), "'a b'"));
	fakehost_free(host);
}

static void a_table_is_made_once_and_removed(void **state)
{
	struct contain_ctx *host = fakehost_new();
	struct network network = veth_network();
	char *first, *second;

	(void)state;
	make(host);
	first = nft("list ruleset");
	assert_non_null(strstr(first, "table inet contain-test0 {"));
	assert_int_equal(rules_make(host, &network), 0);
	second = nft("list ruleset");
	assert_string_equal(first, second);
	free(first);
	free(second);
	free(nft("add table inet other"));
	assert_int_equal(rules_remove(host, "test0"), 0);
	assert_int_equal(rules_remove(host, "test0"), 0);
	first = nft("list tables");
	assert_string_equal(first, "table inet other\n");
	free(first);
	assert_string_equal(fakehost_log(host), "");
	fakehost_free(host);
}

static void members_come_and_go(void **state)
{
	struct given one = given("10.97.0.2", "fd63::2"), two = given("10.97.0.3", NULL);
	struct network network = veth_network();

	(void)state;
	fakehost_needs(veth_own_network());
	/* Without the table there is nothing to join, and nothing to part from. */
	assert_int_equal(rules_find("test0"), -ENOENT);
	assert_int_equal(rules_join(one.host, "test0", one.addresses, FAMILIES), -ENOENT);
	assert_int_equal(rules_part(one.host, "test0", one.addresses), 0);
	network.shared = true;
	assert_int_equal(rules_make(one.host, &network), 0);
	assert_int_equal(rules_find("test0"), 0);
	assert_int_equal(rules_join(one.host, "test0", one.addresses, FAMILIES), 0);
	assert_int_equal(rules_join(one.host, "test0", one.addresses, FAMILIES), 0);
	assert_int_equal(rules_join(one.host, "test0", two.addresses, FAMILIES), 0);
	assert_true(has_in("set", "members4", "10.97.0.2") && has_in("set", "members4", "10.97.0.3"));
	assert_true(has_in("set", "members6", "fd63::2"));
	/* One that has lost the one or the other address parts from what is left. */
	free(nft("delete element inet contain-test0 members4 { 10.97.0.2 }"));
	assert_int_equal(rules_part(one.host, "test0", one.addresses), 0);
	assert_false(has_in("set", "members6", ""));
	assert_int_equal(rules_join(one.host, "test0", one.addresses, FAMILIES), 0);
	free(nft("delete element inet contain-test0 members6 { fd63::2 }"));
	assert_int_equal(rules_part(one.host, "test0", one.addresses), 0);
	assert_false(has_in("set", "members4", "10.97.0.2"));
	assert_true(has_in("set", "members4", "10.97.0.3"));
	assert_int_equal(rules_part(two.host, "test0", two.addresses), 0);
	assert_int_equal(rules_part(two.host, "test0", two.addresses), 0);
	assert_false(has_in("set", "members4", ""));
	assert_string_equal(fakehost_log(one.host), "");
	fakehost_free(one.host);
	fakehost_free(two.host);
}

static void ports_become_elements(void **state)
{
	struct given container = given("10.97.0.2", "fd63::2");

	(void)state;
	make(container.host);
	port(&container, "8080-8081:80-81");
	port(&container, "127.0.0.1:53:5353/udp");
	port(&container, "0.0.0.0:7:8/sctp");
	assert_int_equal(publish(&container), 0);
	assert_true(has("publish4", "tcp . 8080 : 10.97.0.2 . 80"));
	assert_true(has("publish4", "tcp . 8081 : 10.97.0.2 . 81"));
	assert_true(has("publish6", "tcp . 8081 : fd63::2 . 81"));
	assert_true(has("bound4", "127.0.0.1 . udp . 53 : 10.97.0.2 . 5353"));
	assert_true(has("publish4", "sctp . 7 : 10.97.0.2 . 8"));
	assert_false(has("publish6", "sctp"));
	assert_false(has("bound6", ""));
	assert_int_equal(unpublish(&container), 0);
	assert_false(has("publish4", ""));
	assert_false(has("publish6", ""));
	assert_false(has("bound4", ""));
	assert_int_equal(unpublish(&container), 0);
	fakehost_free(container.host);
}

static void a_family_that_the_container_has_not_is_passed_over(void **state)
{
	struct given container = given(NULL, "fd63::2");

	(void)state;
	make(container.host);
	port(&container, "127.0.0.1:80:80");
	assert_int_equal(publish(&container), 0);
	port(&container, "8080:80");
	assert_int_equal(publish(&container), 0);
	assert_false(has("publish4", ""));
	assert_false(has("bound4", ""));
	assert_true(has("publish6", "tcp . 8080 : fd63::2 . 80"));
	fakehost_free(container.host);
}

static void another_containers_port_stays(void **state)
{
	struct given one = given("10.97.0.2", "fd63::2"), other = given("10.97.0.3", "fd63::3");

	(void)state;
	make(one.host);
	port(&one, "8080:80");
	port(&one, "127.0.0.1:9000:90/udp");
	port(&other, "70:70");
	port(&other, "8070-8089:70-89");
	assert_int_equal(publish(&one), 0);
	assert_true(publish(&one) < 0);
	assert_true(publish(&other) < 0);
	assert_string_equal(fakehost_error(other.host),
			    "port 8080/tcp is published already by another container on the bridge 'test0'");
	/* All or none. */
	assert_false(has("publish4", "tcp . 70 "));
	assert_int_equal(unpublish(&other), 0);
	assert_true(has("publish4", "tcp . 8080 : 10.97.0.2 . 80"));
	assert_true(has("publish6", "tcp . 8080 : fd63::2 . 80"));
	/* Another protocol, and another address, are other ports. */
	other.count = 0;
	port(&other, "8080:80/udp");
	port(&other, "127.0.0.2:9000:90/udp");
	assert_int_equal(publish(&other), 0);
	assert_int_equal(unpublish(&one), 0);
	assert_false(has("publish4", "tcp"));
	assert_true(has("publish4", "udp . 8080 : 10.97.0.3 . 80"));
	assert_true(has("bound4", "127.0.0.2 . udp . 9000 : 10.97.0.3 . 90"));
	fakehost_free(one.host);
	fakehost_free(other.host);
}

/* In a user namespace a message of netlink is limited. */
static bool is_root(void)
{
	FILE *map = fopen("/proc/self/uid_map", "re");
	unsigned inside, outside, count = 0;
	bool all;

	assert_non_null(map);
	all = fscanf(map, "%u %u %u", &inside, &outside, &count) == 3 && count == UINT32_MAX;
	fclose(map);
	return all;
}

static void all_ports_fit(void **state)
{
	struct given container = given("10.97.0.2", "fd63::2"), other = given("10.97.0.3", NULL);

	(void)state;
	make(container.host);
	port(&container, is_root() ? "1-65535:1-65535/sctp" : "64512-65535:1-1024/sctp");
	port(&other, "65535:1/sctp");
	assert_int_equal(publish(&container), 0);
	assert_true(publish(&other) < 0);
	assert_non_null(strstr(fakehost_error(other.host), "port 65535/sctp is published already"));
	assert_int_equal(unpublish(&container), 0);
	assert_false(has("publish4", ""));
	assert_false(has("publish6", ""));
	/* At once, while the kernel still makes room for them. */
	assert_int_equal(publish(&container), 0);
	assert_int_equal(unpublish(&container), 0);
	assert_false(has("publish4", ""));
	assert_false(has("publish6", ""));
	fakehost_free(container.host);
	fakehost_free(other.host);
}

/* A file of a lease for another network, which then has a table with this element. */
static void other_network(const char *map, const char *element)
{
	struct contain_ctx *host = fakehost_new();
	char text[160], prefix[LEASE_PREFIX_SIZE];
	int fd;

	assert_int_equal(mount("none", "/run", "tmpfs", 0, NULL), 0);
	assert_int_equal(mkdir(LEASE_FOLDER, 0700), 0);
	assert_int_equal(lease_prefix(host, prefix), 0);
	snprintf(text, sizeof(text), LEASE_FOLDER "/%sother0", prefix);
	fd = open(text, O_CREAT | O_CLOEXEC | O_WRONLY, 0600);
	assert_true(fd >= 0);
	close(fd);
	/* One of another namespace, and one whose table was never made. */
	close(open(LEASE_FOLDER "/1-foreign0", O_CREAT | O_CLOEXEC | O_WRONLY, 0600));
	snprintf(text, sizeof(text), LEASE_FOLDER "/%sbare0", prefix);
	close(open(text, O_CREAT | O_CLOEXEC | O_WRONLY, 0600));
	snprintf(text, sizeof(text), "add element inet contain-other0 %s { %s }", map, element);
	struct network network = veth_network();
	network.name = network.links = "other0";
	assert_int_equal(rules_make(host, &network), 0);
	network.name = network.links = "foreign0";
	assert_int_equal(rules_make(host, &network), 0);
	free(nft(text));
	free(nft("add element inet contain-foreign0 publish4 { tcp . 8081 : 10.98.0.2 . 80 }"));
	fakehost_free(host);
}

static void another_networks_port_is_taken_too(void **state)
{
	struct given container = given("10.97.0.2", NULL);

	(void)state;
	make(container.host);
	other_network("bound4", "127.0.0.1 . tcp . 8080 : 10.98.0.2 . 80");
	port(&container, "8080:80");
	assert_true(publish(&container) < 0);
	assert_string_equal(fakehost_error(container.host),
			    "port 8080/tcp is published already by another container on the bridge 'other0'");
	assert_false(has("publish4", ""));
	container.count = 0;
	port(&container, "127.0.0.1:8080:80");
	assert_true(publish(&container) < 0);
	assert_false(has("bound4", ""));
	container.count = 0;
	port(&container, "127.0.0.2:8080:80");
	port(&container, "8081:80");
	assert_int_equal(publish(&container), 0);
	fakehost_free(container.host);
}

static void a_port_in_use_is_named(void **state)
{
	struct given container = given("10.97.0.2", "fd63::2");
	int tcp, udp;

	(void)state;
	make(container.host);
	tcp = veth_socket(SOCK_STREAM, "127.0.0.1", 8082);
	udp = veth_socket(SOCK_DGRAM, "0.0.0.0", 53);
	port(&container, "8080-8085:80-85");
	assert_true(publish(&container) < 0);
	assert_string_equal(fakehost_error(container.host), "port 8082/tcp is in use on the host: publish another one");
	container.count = 0;
	port(&container, "127.0.0.1:53:53/udp");
	assert_true(publish(&container) < 0);
	assert_string_equal(fakehost_error(container.host), "port 53/udp is in use on the host: publish another one");
	container.count = 0;
	port(&container, "127.0.0.2:8082:80");
	port(&container, "8082:53/udp");
	assert_int_equal(publish(&container), 0);
	close(tcp);
	close(udp);
	fakehost_free(container.host);
}

static void what_can_not_be_published_is_refused(void **state)
{
	static const struct {
		const char *port, *other, *error;
	} bad[] = {
		{ "10.1.2.3:80:80", NULL, "port 80/tcp can't be published on 10.1.2.3" },
		{ "[::1]:80:80", NULL, "port 80/tcp can't be published on ::1" },
		{ "80-90:80-90", "85:1", "port 85/tcp is published twice" },
		{ "80:80", "0.0.0.0:80:81", "port 80/tcp is published twice" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct given container = given("10.97.0.2", "fd63::2");

		make(container.host);
		port(&container, bad[i].port);
		if (bad[i].other)
			port(&container, bad[i].other);
		assert_true(publish(&container) < 0);
		assert_non_null(strstr(fakehost_error(container.host), bad[i].error));
		assert_false(has("publish4", ""));
		fakehost_free(container.host);
	}
}

static void without_a_table(void **state)
{
	struct given container = given("10.97.0.2", NULL);

	(void)state;
	fakehost_needs(veth_own_network());
	port(&container, "8080:80");
	assert_int_equal(unpublish(&container), 0);
	assert_int_equal(publish(&container), -ENOENT);
	assert_non_null(strstr(fakehost_error(container.host), "contain-test0"));
	/* So many messages that their errors are more than the socket holds. */
	port(&container, "1-65535:1-65535/sctp");
	port(&container, "127.0.0.1:1-65535:1-65535/sctp");
	port(&container, "127.0.0.2:1-65535:1-65535/sctp");
	if (is_root())
		assert_int_equal(publish(&container), -ENOENT);
	fakehost_free(container.host);
}

/* Addresses of lo stand for the container's: packets of the host itself are led there. */
static void packets_are_led(void **state)
{
	struct given container = given("127.0.1.2", NULL);
	int service;

	(void)state;
	make(container.host);
	service = veth_socket(SOCK_STREAM, "127.0.1.2", 80);
	port(&container, "8080:80");
	port(&container, "127.0.0.5:9000:80");
	assert_int_equal(veth_connect(SOCK_STREAM, "127.0.0.1", 8080), ECONNREFUSED);
	assert_int_equal(publish(&container), 0);
	assert_int_equal(veth_connect(SOCK_STREAM, "127.0.0.1", 8080), 0);
	assert_int_equal(veth_connect(SOCK_STREAM, "127.0.0.7", 8080), 0);
	assert_int_equal(veth_connect(SOCK_STREAM, "127.0.0.5", 9000), 0);
	assert_int_equal(veth_connect(SOCK_STREAM, "127.0.0.1", 9000), ECONNREFUSED);
	assert_int_equal(unpublish(&container), 0);
	assert_int_equal(veth_connect(SOCK_STREAM, "127.0.0.1", 8080), ECONNREFUSED);
	close(service);
	fakehost_free(container.host);
}

int veth_rules_tests(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_has_what_the_network_needs),
		cmocka_unit_test(names_that_nft_would_read_otherwise_are_refused),
		cmocka_unit_test(a_table_is_made_once_and_removed),
		cmocka_unit_test(members_come_and_go),
		cmocka_unit_test(ports_become_elements),
		cmocka_unit_test(a_family_that_the_container_has_not_is_passed_over),
		cmocka_unit_test(another_containers_port_stays),
		cmocka_unit_test(all_ports_fit),
		cmocka_unit_test(another_networks_port_is_taken_too),
		cmocka_unit_test(a_port_in_use_is_named),
		cmocka_unit_test(what_can_not_be_published_is_refused),
		cmocka_unit_test(without_a_table),
		cmocka_unit_test(packets_are_led),
	};

	return cmocka_run_group_tests_name("veth.rules", tests, NULL, NULL);
}
