/* SPDX-License-Identifier: MIT */
/*
 * A command that leaves a process behind which traces it: when it ends, it goes to the tracer first (ptrace(2)), and who
 * waits for it waits for the tracer. Exit status 5; 1 if this kernel does not let us.
 */
#include <signal.h>
#include <sys/ptrace.h>
#include <unistd.h>

int main(void)
{
	pid_t traced = getpid();
	int ready[2];
	char byte;

	if (pipe(ready) < 0)
		return 1;
	if (fork() == 0) {
		setsid();
		if (ptrace(PTRACE_SEIZE, traced, 0, 0) < 0 || write(ready[1], "r", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	close(ready[1]);
	return read(ready[0], &byte, 1) == 1 ? 5 : 1;
}
