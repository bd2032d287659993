/* SPDX-License-Identifier: MIT */
/* Commands of nft(8), run by libnftables. */
#pragma once

#define NFTABLES_SAID_SIZE 256

/*
 * Run them, as one transaction, in a process of its own: libnftables ends the process in which it can't open a socket
 * (netlink_init_error() in its src/netlink.c), and speaks to standard error. 0; -EINVAL: what libnftables said of it is
 * in `said`; -ENOENT: it can't be loaded, and why is in `said`; or another -errno.
 */
int nftables_run(const char *commands, char said[NFTABLES_SAID_SIZE]);
