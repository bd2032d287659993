/* SPDX-License-Identifier: MIT */
#pragma once

/* "SIGKILL", "SIGRTMIN+6". Returns text. */
const char *signal_text(int number, char text[24]);

/* The number of "9", "KILL", "SIGKILL" in any case of letters, "RTMIN+3", "RTMAX-1"; -EINVAL. */
int signal_parse(const char *text);
