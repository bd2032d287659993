/* SPDX-License-Identifier: MIT */
#include "rules_text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Words that begin with $ stand for what differs from network to network. */

/*
 * `create` fails if there is one. All is one transaction of the kernel. nft 1.0.6 passes over what stands between the
 * braces behind `create table`, except for the comment; hence two commands.
 */
static const char begin[] =
	"create table inet $TABLE { comment \"of contain, for its containers; removed with the last of them\"; }\n"
	"add table inet $TABLE {\n"
	"	map publish4 { type inet_proto . inet_service : ipv4_addr . inet_service; }\n"
	"	map publish6 { type inet_proto . inet_service : ipv6_addr . inet_service; }\n"
	"	map bound4 { type ipv4_addr . inet_proto . inet_service : ipv4_addr . inet_service; }\n"
	"	map bound6 { type ipv6_addr . inet_proto . inet_service : ipv6_addr . inet_service; }\n"
	"	set members4 { type ipv4_addr; }\n"
	"	set members6 { type ipv6_addr; }\n";

/*
 * route_localnet is on for our links, so the kernel itself lets 127.0.0.0/8 in from there: services of the host that
 * listen on it alone would be open to the containers (CVE-2020-8558).
 */
static const char guard[] =
	"	chain raw_prerouting {\n"
	"		type filter hook prerouting priority raw; policy accept;\n"
	"		iifname $LINKS ip daddr 127.0.0.0/8 counter drop comment \"127.0.0.1 of the host is not for containers\"\n"
	"		iifname $LINKS ip saddr 127.0.0.0/8 counter drop comment \"nor do containers speak for it\"\n";

/*
 * What comes from one of our links must come from where the host would send the answer to (RFC 3704, strict). rp_filter
 * alone does not see to that: IPv6 has none, and a host that has set it to 2 for `all` has made it loose for our links
 * too, as the larger number holds (ip-sysctl). Who has no address yet (DHCP, RFC 4862) has to ask for one.
 */
static const char strict[] =
	"		iifname $LINKS ip saddr != 0.0.0.0 fib saddr . iif oif missing counter drop comment \"an address "
	"that is not from there\"\n"
	"		iifname $LINKS ip6 saddr != :: fib saddr . iif oif missing counter drop\n";

static const char guard_end[] = "	}\n";

/*
 * A neighbour may send us a packet to 127.0.0.1, which the kernel only drops after this hook; led to a container here,
 * it would reach a port that is published on 127.0.0.1 alone (moby#45610). IPv6 drops such packets before.
 * Packets of the host itself pass `output` only. IPv6 has no route_localnet: the answer to what ::1 has sent would be
 * dropped. Left alone, `localhost` is refused on ::1 at once, and then tried by 127.0.0.1.
 */
static const char publish[] =
	"	chain nat_prerouting {\n"
	"		type nat hook prerouting priority dstnat; policy accept;\n"
	"		ip daddr 127.0.0.0/8 return comment \"published on 127.0.0.1 means for the host only\"\n"
	"		fib daddr type local jump publish\n"
	"	}\n"
	"	chain nat_output {\n"
	"		type nat hook output priority -100; policy accept;\n"
	"		ip6 daddr ::1 return comment \"there is no way from ::1 to a container\"\n"
	"		fib daddr type local jump publish\n"
	"	}\n"
	"	chain publish {\n"
	"		dnat ip to ip daddr . meta l4proto . th dport map @bound4 comment \"on one address of the host\"\n"
	"		dnat ip6 to ip6 daddr . meta l4proto . th dport map @bound6\n"
	"		dnat ip to meta l4proto . th dport map @publish4 comment \"on all addresses of the host\"\n"
	"		dnat ip6 to meta l4proto . th dport map @publish6\n"
	"	}\n";

static const char hide_begin[] =
	"	chain nat_postrouting {\n"
	"		type nat hook postrouting priority srcnat; policy accept;\n"
	"		oifname $LINKS ip saddr 127.0.0.0/8 masquerade comment \"the host to a published port of its 127.0.0.1\"\n";

/* Without it, the answer would go from one container to the other without passing here, and from a wrong address. */
static const char hide_hairpin[] =
	"		oifname $LINKS $FAMILY saddr $SUBNET ct status dnat masquerade comment "
	"\"a container to a port that another has published\"\n";

static const char hide_hairpin_shared[] =
	"		oifname $LINKS $FAMILY saddr $SUBNET $FAMILY daddr $MEMBERS ct status dnat masquerade comment "
	"\"to a port that a container has published\"\n";

static const char hide_outside_shared[] =
	"		oifname != $LINKS $FAMILY saddr $MEMBERS masquerade comment \"containers to the outside\"\n";

static const char hide_outside[] =
	"		oifname != $LINKS $FAMILY saddr $SUBNET masquerade comment \"containers to the outside\"\n";

/* The chain's policy is accept, as it sees all packets that the host passes on. */
static const char protect[] = "	}\n"
			      "	chain filter_forward {\n"
			      "		type filter hook forward priority filter; policy accept;\n"
			      "		oifname != $LINKS accept\n"
			      "		iifname $LINKS accept comment \"containers among themselves\"\n"
			      "		ct state established,related accept\n"
			      "		ct status dnat accept comment \"to published ports\"\n"
			      "		counter drop comment \"what comes from outside, and was not asked for\"\n"
			      "	}\n"
			      "}\n";

/* Who else is on the bridge is reached as before. */
static const char protect_shared[] =
	"	}\n"
	"	chain filter_forward {\n"
	"		type filter hook forward priority filter; policy accept;\n"
	"		oifname != $LINKS accept\n"
	"		iifname $LINKS accept comment \"among themselves\"\n"
	"		ct state established,related accept\n"
	"		ct status dnat accept comment \"to published ports\"\n"
	"		ip daddr @members4 counter drop comment \"what comes from outside, and was "
	"not asked for\"\n"
	"		ip6 daddr @members6 counter drop\n"
	"	}\n"
	"}\n";

struct word {
	const char *name, *value;
};

static void put(FILE *out, const char *template, const struct word *words)
{
	while (*template) {
		size_t plain = strcspn(template, "$");
		const struct word *word = words;

		fwrite(template, 1, plain, out);
		template += plain;
		if (!*template)
			break;
		while (word->name && strncmp(template, word->name, strlen(word->name)) != 0)
			word++;
		if (!word->name)
			break;
		fputs(word->value, out);
		template += strlen(word->name);
	}
}

static void put_subnet(FILE *out, const struct network *network, unsigned family, const char *links)
{
	char subnet[SUBNET_TEXT_SIZE];
	const struct word words[] = { { "$LINKS", links },
				      { "$FAMILY", family == V4 ? "ip" : "ip6" },
				      { "$SUBNET", subnet_text(&network->subnets[family], subnet) },
				      { "$MEMBERS", family == V4 ? "@members4" : "@members6" },
				      { 0 } };

	if (!network->subnets[family].base.family)
		return;
	put(out, network->shared ? hide_hairpin_shared : hide_hairpin, words);
	if (network->nat)
		put(out, network->shared ? hide_outside_shared : hide_outside, words);
}

/* What nft takes for a word, without quotes (`string` in its scanner.l). */
static bool is_word(const char *text, size_t length)
{
	return length > 0 &&
	       strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-") >= length;
}

char *rules_text(const struct network *network)
{
	size_t links_length = strlen(network->links), size;
	char table[64], links[32], *text = NULL;
	const struct word words[] = { { "$TABLE", table }, { "$LINKS", links }, { 0 } };
	FILE *out;

	if (links_length > 1 && network->links[links_length - 1] == '*')
		links_length--;
	if (!is_word(network->name, strlen(network->name)) || !is_word(network->links, links_length) ||
	    snprintf(table, sizeof(table), RULES_TABLE "%s", network->name) >= (int)sizeof(table) ||
	    snprintf(links, sizeof(links), "\"%s\"", network->links) >= (int)sizeof(links)) {
		errno = EINVAL;
		return NULL;
	}
	out = open_memstream(&text, &size);
	if (!out)
		return NULL;
	put(out, begin, words);
	put(out, guard, words);
	/* Who else is on a shared bridge may have addresses that the host knows nothing of. */
	if (!network->shared)
		put(out, strict, words);
	put(out, guard_end, words);
	put(out, publish, words);
	put(out, hide_begin, words);
	for (unsigned family = 0; family < FAMILIES; family++)
		put_subnet(out, network, family, links);
	put(out, network->shared ? protect_shared : protect, words);
	if (fclose(out) != 0) {
		free(text);
		errno = ENOMEM;
		return NULL;
	}
	return text;
}
