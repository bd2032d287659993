/* SPDX-License-Identifier: MIT */
/* Tests of the parts of veth; each returns how many failed. */
#pragma once

#include <errno.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../plugins/veth/address.h"
#include "fakehost.h"

int veth_publish_tests(void);
int veth_rules_tests(void);
int veth_conntrack_tests(void);
int veth_forward_tests(void);

/* A network namespace of the test's own, with lo up. -errno where that is not allowed. */
int veth_own_network(void);

/* A socket, SOCK_STREAM (which listens) or SOCK_DGRAM, that is bound to an address of IPv4 and a port. */
int veth_socket(int type, const char *address, uint16_t port);

/* Connect, or send a datagram; 0 or an errno. It waits a second for the other side at most. */
int veth_connect(int type, const char *address, uint16_t port);

/* The network that the tests make. */
struct network veth_network(void);
