/* SPDX-License-Identifier: MIT */
#define PLUGIN "ipcns"
#define NAMESPACE CLONE_NEWIPC
#include "namespace.h"
