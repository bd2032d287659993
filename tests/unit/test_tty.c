/* SPDX-License-Identifier: MIT */
/* A pseudo-terminal of the host's devpts, as any user can open one. */
#include "unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/tty.h"

struct pair {
	int master, slave;
};

static int setup(void **state)
{
	struct pair *pair = malloc(sizeof(*pair));

	*pair = (struct pair){ -1, -1 };
	*state = pair;
	return tty_open(&pair->master, &pair->slave);
}

static int teardown(void **state)
{
	struct pair *pair = *state;

	close(pair->master);
	close(pair->slave);
	free(pair);
	return 0;
}

static void both_ends(void **state)
{
	const struct pair *pair = *state;
	char bytes[16] = "";

	assert_true(isatty(pair->master) && isatty(pair->slave));
	assert_int_equal(write(pair->slave, "out", 3), 3);
	assert_int_equal(read(pair->master, bytes, sizeof(bytes)), 3);
	assert_string_equal(bytes, "out");
	assert_int_equal(write(pair->master, "in\n", 3), 3);
	assert_int_equal(read(pair->slave, bytes, sizeof(bytes)), 3);
	assert_memory_equal(bytes, "in\n", 3);
	/* Neither survives an execve, and a master never lets us wait. */
	assert_true(fcntl(pair->master, F_GETFD) & FD_CLOEXEC);
	assert_true(fcntl(pair->slave, F_GETFD) & FD_CLOEXEC);
	assert_true(fcntl(pair->master, F_GETFL) & O_NONBLOCK);
}

static void a_ptmx_and_what_is_none(void **state)
{
	const struct pair *pair = *state;
	static const char *const others[] = { "/dev/null", "/dev/tty", "/dev/pts", "/" };
	int pipe_ends[2];

	char path[] = "/tmp/contain-tty-XXXXXX";
	int own = open("/dev/pts/ptmx", O_PATH | O_CLOEXEC);

	assert_true(own >= 0);
	assert_true(tty_is_ptmx(own));
	close(own);
	/* The same device elsewhere is the host's ptmx, whose terminals are not the container's. Only root can make
	 * one. */
	close(mkstemp(path));
	unlink(path);
	if (mknod(path, S_IFCHR | 0600, makedev(5, 2)) == 0) {
		own = open(path, O_PATH | O_CLOEXEC);
		assert_true(own >= 0);
		assert_false(tty_is_ptmx(own));
		close(own);
		unlink(path);
	}
	assert_false(tty_is_ptmx(pair->slave));
	assert_false(tty_is_ptmx(-1));
	assert_int_equal(pipe2(pipe_ends, O_CLOEXEC), 0);
	assert_false(tty_is_ptmx(pipe_ends[0]));
	close(pipe_ends[0]);
	close(pipe_ends[1]);
	for (size_t i = 0; i < COUNT(others); i++) {
		int fd = open(others[i], O_PATH | O_CLOEXEC);

		assert_false(tty_is_ptmx(fd));
		if (fd >= 0)
			close(fd);
	}
}

static void raw_and_back(void **state)
{
	const struct pair *pair = *state;
	struct termios before, saved, now;
	char bytes[8] = "";

	assert_int_equal(tcgetattr(pair->slave, &before), 0);
	assert_int_equal(tty_raw(pair->slave, &saved), 0);
	assert_int_equal(saved.c_lflag, before.c_lflag);
	assert_int_equal(saved.c_iflag, before.c_iflag);
	assert_int_equal(tcgetattr(pair->slave, &now), 0);
	assert_int_equal(now.c_lflag & (ICANON | ECHO | ISIG | IEXTEN), 0);
	assert_int_equal(now.c_oflag & OPOST, 0);
	/* Ctrl-C and Ctrl-D are bytes like others, and no newline is waited for. */
	assert_int_equal(write(pair->master, "\x03\x04", 2), 2);
	assert_int_equal(read(pair->slave, bytes, sizeof(bytes)), 2);
	assert_memory_equal(bytes, "\x03\x04", 2);
	assert_int_equal(tcsetattr(pair->slave, TCSANOW, &saved), 0);
	assert_int_equal(tcgetattr(pair->slave, &now), 0);
	assert_true(now.c_lflag & ICANON);
	assert_true(tty_raw(-1, &saved) < 0);
}

static void the_size_of_a_window(void **state)
{
	const struct pair *pair = *state;
	const struct winsize size = { .ws_row = 31, .ws_col = 97 };
	struct winsize found = { 0 };
	int master, slave;

	assert_int_equal(tty_open(&master, &slave), 0);
	assert_int_equal(ioctl(pair->slave, TIOCSWINSZ, &size), 0);
	tty_copy_size(pair->slave, master);
	assert_int_equal(ioctl(slave, TIOCGWINSZ, &found), 0);
	assert_int_equal(found.ws_row, 31);
	assert_int_equal(found.ws_col, 97);
	/* What is no terminal has none: nothing changes. */
	tty_copy_size(-1, master);
	assert_int_equal(ioctl(slave, TIOCGWINSZ, &found), 0);
	assert_int_equal(found.ws_row, 31);
	close(master);
	close(slave);
}

/* In a child, which can have a session of its own. Its exit status: 0, or the line that failed. */
#define CHILD_ASSERT(CONDITION)                                                                                        \
	do {                                                                                                           \
		if (!(CONDITION))                                                                                      \
			_exit(__LINE__ & 0xff);                                                                        \
	} while (0)

static void whose_it_is(void **state)
{
	const struct pair *pair = *state;
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		CHILD_ASSERT(setsid() > 0);
		CHILD_ASSERT(!tty_is_ours(pair->slave));
		CHILD_ASSERT(ioctl(pair->slave, TIOCSCTTY, 0) == 0);
		CHILD_ASSERT(tty_is_ours(pair->slave));
		/* In its background. */
		pid = fork();
		if (pid == 0) {
			CHILD_ASSERT(setpgid(0, 0) == 0);
			CHILD_ASSERT(!tty_is_ours(pair->slave));
			_exit(0);
		}
		CHILD_ASSERT(waitpid(pid, &status, 0) == pid);
		_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 255);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_false(tty_is_ours(-1));
}

/* O_NONBLOCK is of a description: a new one leaves that which others have as it is. */
static void reopened(void **state)
{
	const struct pair *pair = *state;
	char path[] = "/tmp/contain-tty-XXXXXX";
	int ends[2], file = mkstemp(path), again;

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	again = tty_reopen(ends[0], O_RDONLY);
	assert_true(again > STDERR_FILENO);
	assert_true(fcntl(again, F_GETFL) & O_NONBLOCK);
	assert_true(fcntl(again, F_GETFD) & FD_CLOEXEC);
	assert_false(fcntl(ends[0], F_GETFL) & O_NONBLOCK);
	assert_int_equal(write(ends[1], "x", 1), 1);
	assert_int_equal(read(again, &(char){ 0 }, 1), 1);
	close(again);

	again = tty_reopen(pair->slave, O_WRONLY);
	assert_true(fcntl(again, F_GETFL) & O_NONBLOCK);
	assert_false(fcntl(pair->slave, F_GETFL) & O_NONBLOCK);
	assert_true(isatty(again));
	close(again);

	/* Another description of a file would write over what the first one writes. */
	again = tty_reopen(file, O_WRONLY);
	assert_int_equal(write(file, "one", 3), 3);
	assert_int_equal(write(again, "two", 3), 3);
	assert_int_equal(lseek(file, 0, SEEK_END), 6);
	close(again);
	close(file);
	unlink(path);
	close(ends[0]);
	close(ends[1]);
	assert_true(tty_reopen(-1, O_RDONLY) < 0);
}

#define TEST(NAME) cmocka_unit_test_setup_teardown(NAME, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(both_ends),    TEST(a_ptmx_and_what_is_none),
		TEST(raw_and_back), TEST(the_size_of_a_window),
		TEST(whose_it_is),  TEST(reopened),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
