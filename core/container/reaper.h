/* SPDX-License-Identifier: MIT */
#pragma once

#include <sys/types.h>

/*
 * The first process of a container with [process] init: reaps whoever is left to it, passes signals on to the command,
 * and ends as the command does, with 128 and the signal's number if a signal ended that. Holds no descriptor.
 */
_Noreturn void reaper_run(pid_t command);
