/* SPDX-License-Identifier: MIT */
#include "veth_parts.h"

#include "../../plugins/veth/publish.h"

static void ports_are_read(void **state)
{
	static const struct {
		const char *text;
		uint8_t protocol;
		uint16_t host, inside, count;
		const char *address;
		bool bound;
	} good[] = {
		{ "8080:80", IPPROTO_TCP, 8080, 80, 1, "none", false },
		{ "8080:80/tcp", IPPROTO_TCP, 8080, 80, 1, "none", false },
		{ "53:53/udp", IPPROTO_UDP, 53, 53, 1, "none", false },
		{ "1:65535/sctp", IPPROTO_SCTP, 1, 65535, 1, "none", false },
		{ "8000-8009:9000-9009", IPPROTO_TCP, 8000, 9000, 10, "none", false },
		{ "1-65535:1-65535/udp", IPPROTO_UDP, 1, 1, 65535, "none", false },
		{ "127.0.0.1:8080:80", IPPROTO_TCP, 8080, 80, 1, "127.0.0.1", true },
		{ "127.0.0.1:7-8:17-18/udp", IPPROTO_UDP, 7, 17, 2, "127.0.0.1", true },
		{ "0.0.0.0:8080:80", IPPROTO_TCP, 8080, 80, 1, "0.0.0.0", false },
		{ "[fd00::1]:8080:80", IPPROTO_TCP, 8080, 80, 1, "fd00::1", true },
		{ "[::]:8080:80/udp", IPPROTO_UDP, 8080, 80, 1, "::", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		char why[160] = "", text[ADDRESS_TEXT_SIZE];
		struct port port;

		assert_int_equal(port_parse(good[i].text, &port, why, sizeof(why)), 0);
		assert_string_equal(why, "");
		assert_int_equal(port.protocol, good[i].protocol);
		assert_int_equal(port.host, good[i].host);
		assert_int_equal(port.inside, good[i].inside);
		assert_int_equal(port.count, good[i].count);
		assert_string_equal(address_text(&port.address, text), good[i].address);
		assert_int_equal(port_is_bound(&port), good[i].bound);
	}
}

static void bad_ports_say_why(void **state)
{
	static const struct {
		const char *text, *why;
	} bad[] = {
		{ "", "HOST:CONTAINER" },
		{ "80", "HOST:CONTAINER" },
		{ "[::1]", "HOST:CONTAINER" },
		{ "[::1]:80", "HOST:CONTAINER" },
		{ ":80", "'' for a port" },
		{ "80:", "'' for a port" },
		{ ":", "'' for a port" },
		{ "::", "" },
		{ ":80:80", "'' for an address" },
		{ "0:80", "'0' for a port" },
		{ "80:65536", "'65536' for a port" },
		{ "80:99999999999999999999", "for a port" },
		{ "80:http", "'http' for a port" },
		{ "+80:80", "'+80' for a port" },
		{ " 80:80", "' 80' for a port" },
		{ "80:80 ", "'80 ' for a port" },
		{ "80-:80", "'80-' for a port" },
		{ "-80:80", "'-80' for a port" },
		{ "80-82-84:80", "'80-82-84' for a port" },
		{ "90-80:90-80", "90-80, which ends before" },
		{ "80-82:80-81", "3 ports on the host, but 2" },
		{ "80-81:80", "2 ports on the host, but 1" },
		{ "80:80/TCP", "'TCP'" },
		{ "80:80/", "''" },
		{ "80:80/tcp/udp", "'80/tcp' for a port" },
		{ "256.0.0.1:80:80", "'256.0.0.1' for an address" },
		{ "localhost:80:80", "'localhost' for an address" },
		{ "fd00::1:80:80", "for an address" },
		{ "[127.0.0.1]:80:80", "for an address" },
		{ "[fd00::1:80:80", "for an address" },
		{ "[fd00::1]x:80:80", "for" },
		{ "[fd00:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0001]:80:80", "for an address" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		char why[160] = "";
		struct port port;

		assert_int_equal(port_parse(bad[i].text, &port, why, sizeof(why)), -EINVAL);
		if (!strstr(why, bad[i].why) || !*why)
			fail_msg("'%s' %s", bad[i].text, why);
	}
}

int veth_publish_tests(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ports_are_read),
		cmocka_unit_test(bad_ports_say_why),
	};

	return cmocka_run_group_tests_name("veth.publish", tests, NULL, NULL);
}
