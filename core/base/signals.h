/* SPDX-License-Identifier: MIT */
#pragma once

/* "SIGKILL", "SIGRTMIN+6". Returns text. */
const char *signal_text(int number, char text[24]);
