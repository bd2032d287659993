/* SPDX-License-Identifier: MIT */
/* What the core itself saves in a container's record. */
#pragma once

#define RECORD_CORE    "."       /* the owner: no plugin can be called so */
#define RECORD_CGROUPS "cgroups" /* paths, a line each */
#define RECORD_PID     "pid"     /* "PID STARTTIME": a recycled pid has another start time */
#define RECORD_BEGUN   "begun"   /* names of the plugins to tear down, a line each */
