/* SPDX-License-Identifier: MIT */
#define PLUGIN "cgroupns"
#define NAMESPACE CLONE_NEWCGROUP
#include "namespace.h"
