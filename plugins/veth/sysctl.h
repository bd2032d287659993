/* SPDX-License-Identifier: MIT */
/* Settings of the network namespace that the process is in, /proc/sys/net, see ip-sysctl in the kernel's documentation.
 */
#pragma once

#include <stddef.h>

/* FOLDER/INTERFACE/NAME below /proc/sys; interface NULL: FOLDER/NAME. 0 or -errno, without a message. */
int sysctl_write(const char *folder, const char *interface, const char *name, const char *value);
int sysctl_read(const char *folder, const char *interface, const char *name, char *value, size_t size);
