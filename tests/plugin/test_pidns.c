/* SPDX-License-Identifier: MIT */
#define PLUGIN "pidns"
#define NAMESPACE CLONE_NEWPID
#include "namespace.h"
