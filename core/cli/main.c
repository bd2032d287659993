/* SPDX-License-Identifier: MIT */
#include <contain/plugin.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/kernel.h"
#include "base/suggest.h"
#include "base/trace.h"
#include "cli/args.h"
#include "cli/cli.h"
#include "cli/trace.h"
#include "container/child.h"
#include "container/command.h"
#include "container/state.h"

static const char *const log_formats[] = { "text", "json", NULL };

const struct contain_option global_options[] = {
	CONTAIN_BOOL_OPTION(struct global, quiet, "quiet", .flag = "quiet", .short_flag = 'q', .help = "errors only"),
	CONTAIN_BOOL_OPTION(struct global, verbose, "verbose", .flag = "verbose", .short_flag = 'v',
			    .help = "each hook, and at the end a table of where the time went"),
	CONTAIN_STRING_OPTION(struct global, log, "log", .flag = "log", .metavar = "FILE",
			      .help = "messages go to the end of this file"),
	CONTAIN_ENUM_OPTION(struct global, log_format, "log_format", .initial = "text", .choices = log_formats,
			    .flag = "log-format", .metavar = "text|json", .help = "how messages are written"),
	CONTAIN_STRING_OPTION(struct global, root, "root", .flag = "root", .metavar = "DIR",
			      .help = "keep the state of containers here (" STATE_ROOT
				      ", or $XDG_RUNTIME_DIR/contain for a user)"),
	CONTAIN_LIST_OPTION(struct global, plugin_dirs, "plugin_dir", .flag = "plugin-dir", .metavar = "DIR",
			    .help = "look for plugins here first"),
	CONTAIN_OPTIONS_END
};

void cli_log_errors(struct cli *cli, const struct text *errors)
{
	log_lines(&cli->log, LOG_ERROR, text_peek(errors));
}

static int make_root(struct cli *cli, const char *directory, const char *name)
{
	free(cli->user_root);
	if (asprintf(&cli->user_root, "%s/%s", directory, name) < 0) {
		cli->user_root = NULL;
		return -ENOMEM;
	}
	cli->global.root = cli->user_root;
	return 0;
}

/* A user has a directory of his own (file-hierarchy(7)); its variable is not for who runs with another's rights. */
static int find_root(struct cli *cli)
{
	const char *runtime = geteuid() == 0 ? NULL : secure_getenv("XDG_RUNTIME_DIR"), *given = cli->global.root;
	char here[PATH_MAX];

	/* The monitor goes to /, and a bundle is an absolute path (OCI runtime specification, state). */
	if (given && *given && *given != '/' && getcwd(here, sizeof(here)) && *here == '/')
		return make_root(cli, here, given);
	if (given)
		return 0;
	if (runtime && *runtime == '/')
		return make_root(cli, runtime, "contain");
	cli->global.root = STATE_ROOT;
	return 0;
}

int cli_apply_globals(struct cli *cli)
{
	_cleanup_text_ struct text errors = { 0 };
	struct log *log = &cli->log;

	settings_free(&cli->settings);
	cli->settings = (struct settings){ .section = SECTION_GLOBAL,
					   .options = global_options,
					   .self_size = sizeof(struct global) };
	if (settings_fill(&cli->settings, &cli->flags, &errors) < 0) {
		cli_log_errors(cli, &errors);
		return -1;
	}
	cli->global = *(struct global *)cli->settings.self;
	if (find_root(cli) < 0) {
		log_line(log, LOG_ERROR, "can't find the state directory: %s", strerror(ENOMEM));
		return -1;
	}
	log->most = cli->global.quiet ? LOG_ERROR : cli->global.verbose ? LOG_DEBUG : LOG_INFO;
	if (log->most >= LOG_DEBUG && !cli->tracing && !(cli->tracing = tracing_open())) {
		log_line(log, LOG_ERROR, "can't make room for the table of -v: %s", strerror(errno));
		return -1;
	}
	log->json = cli->global.log_format == LOG_FORMAT_JSON;
	if (cli->global.log && log->fd == STDERR_FILENO) {
		int fd = open(cli->global.log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY, 0600);

		if (fd < 0) {
			log_line(log, LOG_ERROR, "can't write the log %s: %s", cli->global.log, strerror(errno));
			return -1;
		}
		/* /dev/stderr, or the file that it goes to: one way to it is enough. */
		if (fd_same_file(fd, STDERR_FILENO))
			close(fd);
		else
			log->fd = fd;
	}
	return 0;
}

bool cli_find_global(void *user, const char *name, char letter, struct flag *flag)
{
	(void)user;
	return flag_in_table(SECTION_GLOBAL, global_options, name, letter, flag);
}

static void suggest_global(void *user, struct suggestion *suggestion)
{
	(void)user;
	flag_suggest_table(global_options, suggestion);
	suggest_offer(suggestion, "version");
}

/* argv[0] is anybody's to choose; where the executable lies is what the kernel says. NULL without /proc. */
static char *find_prefix(char path[PATH_MAX])
{
	ssize_t n = readlink("/proc/self/exe", path, PATH_MAX - 1);

	if (n < 0)
		return NULL;
	path[n] = '\0';
	/* PREFIX/bin/contain */
	for (int i = 0; i < 2; i++) {
		char *slash = strrchr(path, '/');

		if (slash)
			*slash = '\0';
	}
	return path;
}

static int fail_usage(struct cli *cli, const char *word)
{
	const char *next = cli->at + 1 < cli->argc ? cli->argv[cli->at + 1] : NULL;
	struct suggestion suggestion = { .wrong = word };
	char near[128];

	if (!word) {
		help_all();
		return STATUS_FAILED;
	}
	if (cli_is_family(word) && next && (strcmp(next, "--help") == 0 || strcmp(next, "-h") == 0)) {
		help_family(word);
		return 0;
	}
	if (cli_is_family(word) && next && *next != '-') {
		log_line(&cli->log, LOG_ERROR, "there is no command '%s %s'; `contain help %s` lists them", word, next,
			 word);
		return STATUS_FAILED;
	}
	if (cli_is_family(word)) {
		log_line(&cli->log, LOG_ERROR, "'%s' is half a command; `contain help %s` lists them", word, word);
		return STATUS_FAILED;
	}
	for (const struct command *command = commands; command->name; command++) {
		suggest_offer(&suggestion, command->name);
		if (command->alias)
			suggest_offer(&suggestion, command->alias);
	}
	log_line(&cli->log, LOG_ERROR, "there is no command '%s'%s; `contain help` lists them", word,
		 suggest_text(&suggestion, near, sizeof(near)));
	return STATUS_FAILED;
}

static int run_command(struct cli *cli)
{
	const struct flag_finder finder = { cli_find_global, suggest_global, NULL, NULL };
	_cleanup_text_ struct text errors = { 0 };
	const char *word;

	if (cli->argc > 1 && strcmp(cli->argv[1], "--version") == 0)
		return cmd_version(cli);
	if (args_parse(cli->argv, cli->argc, &cli->at, &finder, &cli->flags, &cli->help, &errors) < 0) {
		cli_log_errors(cli, &errors);
		return STATUS_FAILED;
	}
	if (cli_apply_globals(cli) < 0)
		return STATUS_FAILED;
	word = cli->at < cli->argc ? cli->argv[cli->at] : NULL;
	if (!word && cli->help) {
		help_all();
		return 0;
	}
	cli->command = cli_find_command(cli->argv, cli->argc, &cli->at);
	return cli->command ? cli->command->run(cli) : fail_usage(cli, word);
}

/* A caller may have closed them, and the next file that is opened would get such a number (POSIX, execve). */
static int open_standard_descriptors(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) < 0)
			return -errno;
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct cli cli = { .argc = argc, .argv = argv, .at = 1, .log = { .fd = STDERR_FILENO, .most = LOG_INFO } };
	char prefix[PATH_MAX];
	int status;

	/* The re-exec: nobody else gives these words together with such descriptors, and to them it does nothing. */
	if ((argc == 4 || argc == 5) && strcmp(argv[1], "child") == 0)
		_exit(child_main(atoi(argv[2]), atoi(argv[3]), argc == 5 ? atoi(argv[4]) : -1));
	/* Under a small `ulimit -f` a message into a file is lost, and nothing else (setrlimit(2)). */
	signal(SIGXFSZ, SIG_IGN);
	if (open_standard_descriptors() < 0)
		return STATUS_FAILED;
	/* What our caller left open stays in this process: an image may point the command at /proc/self/fd
	 * (CVE-2024-21626). */
	if (kernel_close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC) < 0) {
		log_line(&cli.log, LOG_ERROR, "can't close what the caller left open: close_range(2): %s",
			 strerror(errno));
		return STATUS_FAILED;
	}
	cli.prefix = find_prefix(prefix);
	if (!cli.prefix) {
		log_line(&cli.log, LOG_ERROR, "can't read /proc/self/exe: %s; mount /proc first", strerror(errno));
		return STATUS_FAILED;
	}
	/* So is this, but for what it undoes: that is what `contain delete --force` would. */
	if (argc == 8 && strcmp(argv[1], "crashed") == 0)
		return cli_crashed(argv + 2);
	cli.begun_nsec = clock_nsec();
	status = run_command(&cli);
	trace_show(cli.tracing, &cli.log);
	/* In one place for all commands. What failed before may have lost its reason since. */
	errno = 0;
	if (fflush(stdout) != 0 || ferror(stdout)) {
		log_line(&cli.log, LOG_ERROR, "can't write to standard output: %s", strerror(errno ? errno : EIO));
		status = status ? status : STATUS_FAILED;
	}
	settings_free(&cli.own);
	settings_free(&cli.settings);
	profile_free(&cli.flags);
	free(cli.words);
	tracing_close(cli.tracing);
	free(cli.user_root);
	return status;
}
