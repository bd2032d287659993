/* SPDX-License-Identifier: MIT */
#include "nftables.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <nftables/libnftables.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* Loaded only when commands are to be run, as it takes as long as all else that is done for a network. */
struct nftables {
	struct nft_ctx *(*ctx_new)(uint32_t);
	int (*buffer_output)(struct nft_ctx *);
	int (*buffer_error)(struct nft_ctx *);
	const char *(*error)(struct nft_ctx *);
	int (*run)(struct nft_ctx *, const char *);
};

static bool load(struct nftables *nftables)
{
	const struct {
		const char *name;
		void *function;
	} functions[] = {
		{ "nft_ctx_new", &nftables->ctx_new },
		{ "nft_ctx_buffer_output", &nftables->buffer_output },
		{ "nft_ctx_buffer_error", &nftables->buffer_error },
		{ "nft_ctx_get_error_buffer", &nftables->error },
		{ "nft_run_cmd_from_buffer", &nftables->run },
	};
	void *library = dlopen("libnftables.so.1", RTLD_NOW | RTLD_LOCAL);

	for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {
		void *symbol = library ? dlsym(library, functions[i].name) : NULL;

		if (!symbol)
			return false;
		memcpy(functions[i].function, &symbol, sizeof(symbol));
	}
	return true;
}

/* The host's handlers of a crash would undo the container; this process just ends, and its parent goes on. */
static void be_nobody(pid_t parent)
{
	static const int crashes[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP, SIGSYS };
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	for (size_t i = 0; i < sizeof(crashes) / sizeof(*crashes); i++)
		signal(crashes[i], SIG_DFL);
	/* With the parent ends who has the network's lock, which is this process's too (flock(2)). */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != parent || null < 0)
		_exit(EXIT_FAILURE);
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (dup2(null, fd) < 0)
			_exit(EXIT_FAILURE);
	}
}

/* The exit status is an errno. Nothing is freed: the process ends. */
static int run(const char *commands, int answer)
{
	struct nftables nftables;
	struct nft_ctx *nft;
	const char *said;
	int status = 0;

	if (!load(&nftables)) {
		said = dlerror();
		status = ENOENT;
	} else {
		nft = nftables.ctx_new(NFT_CTX_DEFAULT);
		if (!nft || nftables.buffer_output(nft) || nftables.buffer_error(nft))
			return ENOMEM;
		if (nftables.run(nft, commands) == 0)
			return 0;
		said = nftables.error(nft);
		status = EINVAL;
	}
	if (said && write(answer, said, strlen(said)) < 0)
		return EIO;
	return status;
}

/* The first line, without "Error: ", and without where in our text that is. */
static void keep_first_line(const char *text, char said[NFTABLES_SAID_SIZE])
{
	const char *error = strstr(text, "Error: ");

	snprintf(said, NFTABLES_SAID_SIZE, "%.*s", NFTABLES_SAID_SIZE - 1, error ? error + strlen("Error: ") : text);
	said[strcspn(said, "\n")] = '\0';
}

static void hear(int answer, char said[NFTABLES_SAID_SIZE])
{
	char text[4096];
	size_t length = 0;
	ssize_t got;

	do {
		got = read(answer, text + length, sizeof(text) - 1 - length);
		length += got > 0 ? (size_t)got : 0;
	} while (got > 0 || (got < 0 && errno == EINTR));
	text[length] = '\0';
	keep_first_line(text, said);
}

int nftables_run(const char *commands, char said[NFTABLES_SAID_SIZE])
{
	pid_t parent = getpid(), pid, ended;
	int answer[2], status;

	said[0] = '\0';
	if (pipe2(answer, O_CLOEXEC) < 0)
		return -errno;
	pid = fork();
	if (pid == 0) {
		be_nobody(parent);
		_exit(run(commands, answer[1]));
	}
	if (pid < 0) {
		int error = errno;

		close(answer[0]);
		close(answer[1]);
		return -error;
	}
	close(answer[1]);
	hear(answer[0], said);
	close(answer[0]);
	do {
		ended = waitpid(pid, &status, 0);
	} while (ended < 0 && errno == EINTR);
	if (ended < 0)
		return -errno;
	if (WIFEXITED(status) && (WEXITSTATUS(status) == 0 || *said))
		return -WEXITSTATUS(status);
	snprintf(said, NFTABLES_SAID_SIZE, "it ended with %s %d", WIFEXITED(status) ? "exit status" : "signal",
		 WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
	return -EINVAL;
}
