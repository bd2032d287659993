/* SPDX-License-Identifier: MIT */
/* What the core itself saves in a container's record. Only who has the lock of the state directory writes there. */
#pragma once

#define RECORD_CORE     "."        /* the owner: no plugin can be called so */
#define RECORD_CGROUPS  "cgroups"  /* paths, a line each */
#define RECORD_PID      "pid"      /* "PID STARTTIME": a recycled pid has another start time */
#define RECORD_BEGUN    "begun"    /* names of the plugins to tear down, a line each */
#define RECORD_DETACHED "detached" /* it may live without a process of ours: "alone", or "monitored" if there is one */
#define RECORD_ALONE    "alone"
#define RECORD_CREATED  "created"  /* "yes": all is set up */
#define RECORD_STARTED  "started"  /* microseconds since 1970, just before the command runs */
#define RECORD_RUNNING  "running"  /* "yes": of one that `start` has started, once the command runs */
#define RECORD_EXIT     "exit"     /* "STATUS SIGNAL USEC": how and when the first process ended */
#define RECORD_USAGE    "usage"    /* what it used, as JSON members */
#define RECORD_UNDONE   "undone"   /* "yes": everything but the state directory is */
