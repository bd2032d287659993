/* SPDX-License-Identifier: MIT */
/*
 * pty [-t SECONDS] STEP... -- COMMAND...: run a command on a terminal of its own, as somebody at the keyboard.
 *
 * A STEP is =TEXT, which waits until TEXT has come (from where the last one ended), +TEXT, which types it (\n, \xHH),
 * @ROWSxCOLUMNS, which makes the terminal another size, or !SIGNAL, which sends it to the command. All that came
 * goes to standard output; at the end a line says whether the terminal's settings are as before.
 * The exit status is the command's, 128 and its signal's number, or 99 if something did not come in time.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>
#include <utmp.h>

static char seen[1 << 20];
static size_t length, mark;

static long long now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
}

static _Noreturn void die(const char *what)
{
	perror(what);
	exit(98);
}

/* Take in what has come; false at the end. */
static int take(int master, int patience)
{
	struct pollfd fd = { .fd = master, .events = POLLIN };
	ssize_t n;

	if (poll(&fd, 1, patience) <= 0)
		return 1;
	n = read(master, seen + length, sizeof(seen) - 1 - length);
	/* EIO: no process has the terminal open any more. */
	if (n <= 0)
		return 0;
	length += (size_t)n;
	return 1;
}

static void unescape(char *text)
{
	char *to = text;

	for (const char *from = text; *from; to++) {
		if (from[0] == '\\' && from[1] == 'n') {
			*to = '\n';
			from += 2;
		} else if (from[0] == '\\' && from[1] == 'x' && isxdigit((unsigned char)from[2]) &&
			   isxdigit((unsigned char)from[3])) {
			char hex[3] = { from[2], from[3], 0 };

			*to = (char)strtol(hex, NULL, 16);
			from += 4;
		} else {
			*to = *from++;
		}
	}
	*to = '\0';
}

static int await(int master, const char *text, long long end)
{
	for (;;) {
		char *found = memmem(seen + mark, length - mark, text, strlen(text));

		if (found) {
			mark = (size_t)(found - seen) + strlen(text);
			return 1;
		}
		if (now() > end || !take(master, 50))
			return 0;
	}
}

/* False if there is no such step. */
static int act(int master, pid_t child, char kind, const char *text)
{
	struct winsize size = { 0 };

	if (kind == '+')
		return write(master, text, strlen(text)) >= 0;
	if (kind == '@')
		return sscanf(text, "%hux%hu", &size.ws_row, &size.ws_col) == 2 && ioctl(master, TIOCSWINSZ, &size) == 0;
	for (int number = 1; kind == '!' && number < NSIG; number++) {
		if (sigabbrev_np(number) && strcmp(sigabbrev_np(number), text) == 0)
			return kill(child, number) == 0;
	}
	return 0;
}

/* The command's end; one that is unwanted is asked to end, as often as it takes. */
static int finish(int master, pid_t child, long long end, int unwanted)
{
	long long asked = 0;
	int status;

	for (;;) {
		int open = take(master, 50);

		if (waitpid(child, &status, WNOHANG) == child)
			break;
		if (unwanted && now() > asked + 500) {
			kill(child, SIGTERM);
			asked = now();
		}
		if (now() > end) {
			fprintf(stderr, "pty: the command does not end\n");
			kill(child, SIGKILL);
			waitpid(child, &status, 0);
			return 99;
		}
		if (!open)
			poll(NULL, 0, 20);
	}
	/* What it wrote before its end. */
	for (size_t before = length + 1; before != length;) {
		before = length;
		take(master, 50);
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* Field by field: between them there is what nobody sets. */
static void print_change(const struct termios *before, const struct termios *after)
{
	const tcflag_t was[] = { before->c_iflag, before->c_oflag, before->c_cflag, before->c_lflag, before->c_line };
	const tcflag_t is[] = { after->c_iflag, after->c_oflag, after->c_cflag, after->c_lflag, after->c_line };
	bool same = true;

	for (size_t i = 0; i < sizeof(was) / sizeof(*was); i++) {
		if (was[i] != is[i])
			printf("%c: %o is %o, ", "iocl="[i], was[i], is[i]);
		same = same && was[i] == is[i];
	}
	same = same && memcmp(before->c_cc, after->c_cc, sizeof(before->c_cc)) == 0 &&
	       cfgetispeed(before) == cfgetispeed(after) && cfgetospeed(before) == cfgetospeed(after);
	printf("%s\n", same ? "as before" : "changed");
}

int main(int argc, char **argv)
{
	struct winsize size = { .ws_row = 33, .ws_col = 101 };
	struct termios before, after;
	long long seconds = 40;
	int at = 1, master, slave, status = 0;
	pid_t child;

	if (argc > 2 && strcmp(argv[1], "-t") == 0) {
		seconds = atoll(argv[2]);
		at = 3;
	}
	if (openpty(&master, &slave, NULL, NULL, &size) < 0)
		die("openpty");
	if (fcntl(master, F_SETFD, FD_CLOEXEC) < 0 || tcgetattr(slave, &before) < 0)
		die("terminal");
	int first = at;
	while (at < argc && strcmp(argv[at], "--") != 0)
		at++;
	if (at + 1 >= argc) {
		fprintf(stderr, "usage: pty [-t SECONDS] STEP... -- COMMAND...\n");
		return 98;
	}
	child = fork();
	if (child < 0)
		die("fork");
	if (child == 0) {
		if (login_tty(slave) < 0)
			die("login_tty");
		/* As at a login; what started the tests may ignore it, as nohup does. */
		signal(SIGHUP, SIG_DFL);
		execvp(argv[at + 1], argv + at + 1);
		die(argv[at + 1]);
	}
	/* Our own copy of the other end stays open: the settings are read from it at the end. */
	for (int step = first; step < at && status == 0; step++) {
		char *text = argv[step] + 1;

		unescape(text);
		if (*argv[step] != '=') {
			if (!act(master, child, *argv[step], text))
				die(argv[step]);
		} else if (!await(master, text, now() + seconds * 1000)) {
			fprintf(stderr, "pty: '%s' did not come\n", text);
			status = 99;
		}
	}
	int ended = finish(master, child, now() + seconds * 1000, status);
	fwrite(seen, 1, length, stdout);
	if (tcgetattr(slave, &after) < 0)
		die("tcgetattr");
	printf("\nterminal: ");
	print_change(&before, &after);
	return status ? status : ended;
}
