/* SPDX-License-Identifier: MIT */
/* /etc/hosts, /etc/hostname and /etc/resolv.conf of the container. */
#pragma once

#include <contain/plugin.h>

#include "options.h"

/* In the child, before the root is switched: write two of them, and mount all three, read-only. 0, or -errno with a
 * message. */
int files_mount(struct contain_ctx *ctx, const struct veth *veth);

/* Remove what files_mount() has written for the container with that link. 0, or -errno with a message. */
int files_remove(struct contain_ctx *ctx, const char *link);

/*
 * The text of resolv.conf(5) inside, from that of the host: without comments, and without name servers on a loopback
 * address or one of a link (fe80::1%eth0), which are others inside. What is given goes instead. Pure; -ENOMEM; the
 * caller frees it.
 */
int files_resolv_conf(const char *host, const struct contain_list *dns, const struct contain_list *search, char **text);
