/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The child's side, from the re-exec to the command's execve. The descriptors are those that the parent kept open: the
 * sealed configuration, and the channel. Returns the exit status for a failure, which the parent was told.
 */
int child_main(int config, int channel);
