/* SPDX-License-Identifier: MIT */
/* Whether the host passes packets on between its interfaces: the sysctls of ip-sysctl. */
#pragma once

#include <contain/plugin.h>
#include <stdbool.h>

#include "address.h"

/*
 * See to it that packets of the network's families are passed on. `allowed`: switch on what is off, and say so; else
 * only warn. IPv6 is left off, with a warning, where the host has a default route from router advertisements: it would
 * lose that (accept_ra in ip-sysctl), unless accept_ra is 2. 0, or -errno with a message.
 */
int forward_enable(struct contain_ctx *ctx, const struct subnet subnets[FAMILIES], bool allowed);

/*
 * Packets of the host's 127.0.0.0/8 may go out to this interface, as published ports are reached by 127.0.0.1 too; the
 * rules see to it that none comes in from there (CVE-2020-8558). Only for interfaces of ours.
 */
int forward_loopback(struct contain_ctx *ctx, const char *interface);
