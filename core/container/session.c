/* SPDX-License-Identifier: MIT */
#include "container/session.h"

#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/tty.h"

#define PATIENCE_MSEC 100
#define STALL_USEC    60000000
#define DETACH_FIRST  ('P' & 0x1f)
#define DETACH_SECOND ('Q' & 0x1f)
#define END_KEY       ('D' & 0x1f)
#define KILL_KEY      ('U' & 0x1f) /* of a line */
#define END_NSEC      250000000
#define END_TRIES     240 /* a minute */

static struct session *of(struct relay *relay)
{
	return (struct session *)relay;
}

static void set_raw(struct session *session)
{
	/* In the background it is somebody else's, and to read from it would fail. */
	if (session->keyboard < 0 || !tty_is_ours(session->keyboard))
		return;
	if (session->master >= 0)
		tty_copy_size(session->keyboard, session->master);
	/* The first time only: later it may be as we, or a shell that took it for a while, have left it. */
	session->raw = tty_raw(session->keyboard, session->is_saved ? &(struct termios){ 0 } : &session->saved) == 0;
	session->is_saved = session->is_saved || session->raw;
	if (session->log)
		session->log->raw = session->raw;
}

static void set_cooked(struct session *session)
{
	if (session->log)
		session->log->raw = false;
	if (!session->raw)
		return;
	session->raw = false;
	/*
	 * TCSAFLUSH: what is in its input now was typed for the command, and is not for our caller's shell. From the
	 * background this works because SIGTTOU is blocked.
	 */
	tcsetattr(session->keyboard, TCSAFLUSH, &session->saved);
}

static void add(struct pollfd *fds, size_t *count, int fd, short events)
{
	if (fd >= 0)
		fds[(*count)++] = (struct pollfd){ .fd = fd, .events = events };
}

static size_t fill(struct relay *relay, struct pollfd *fds)
{
	struct session *session = of(relay);
	struct pump *pumps[] = { &session->in, &session->out, &session->err };
	size_t count = 0;

	for (size_t i = 0; i < 3; i++) {
		/* What is typed while another job has the terminal is not ours: to read it would fail (EIO). */
		if (i > 0 || session->keyboard < 0 || tty_is_ours(session->keyboard))
			add(fds, &count, pump_reads(pumps[i]), POLLIN);
		add(fds, &count, pump_writes(pumps[i]), POLLOUT);
	}
	add(fds, &count, session->end_timer, POLLIN);
	return count;
}

static bool is_ready(const struct pollfd *fds, size_t count, int fd, short events)
{
	for (size_t i = 0; fd >= 0 && i < count; i++) {
		if (fds[i].fd == fd && (fds[i].events & events) && fds[i].revents)
			return true;
	}
	return false;
}

/*
 * Ctrl-P Ctrl-Q, as docker(1) and podman(1) have it. The first of them is held back until it is known what follows.
 * Returns how many bytes are left of those that came last into the pump.
 */
static size_t look_for_detach(struct session *session, char *bytes, size_t length)
{
	struct pump *in = &session->in;

	if (session->held && *bytes == DETACH_SECOND) {
		session->detached = true;
		in->end -= length;
		return 0;
	}
	if (session->held && in->end < sizeof(in->bytes)) {
		memmove(bytes + 1, bytes, length++);
		*bytes = DETACH_FIRST;
		in->end++;
	}
	session->held = false;
	for (size_t i = 0; i + 1 < length; i++) {
		if (bytes[i] != DETACH_FIRST || bytes[i + 1] != DETACH_SECOND)
			continue;
		session->detached = true;
		in->end -= length - i;
		return i;
	}
	if (bytes[length - 1] == DETACH_FIRST) {
		session->held = true;
		in->end--;
		length--;
	}
	return length;
}

/*
 * Ctrl-C at a command that is the first process of its pid namespace, and does not catch it: the kernel drops it. Twice
 * is meant, as with the signal itself.
 */
static void look_for_interrupt(struct session *session, const char *bytes, size_t length)
{
	struct container *container = session->container;
	struct termios settings;

	if (!container || container->mode.joining || tcgetattr(session->master, &settings) < 0 ||
	    !(settings.c_lflag & ISIG) || settings.c_cc[VINTR] == _POSIX_VDISABLE ||
	    tcgetpgrp(session->master) != container->ctx.pid)
		return;
	if (memchr(bytes, settings.c_cc[VINTR], length))
		container_interrupted(container);
}

/*
 * Our input has ended, and a terminal knows no end but the key for it. A shell that edits lines itself never sees that
 * if it was typed before the shell has set the terminal so (to n_tty it is a NUL then): so again when its modes have
 * changed.
 */
static void type_end(struct session *session)
{
	struct termios settings;
	bool lines;
	char key;

	if (tcgetattr(session->master, &settings) < 0)
		return;
	lines = settings.c_lflag & ICANON;
	if (session->end_typed && lines == session->end_lines)
		return;
	key = lines ? (char)settings.c_cc[VEOF] : END_KEY;
	/* Behind half a line the first one only ends that (termios(3)); the NUL may be one for the shell. */
	if (lines && !session->end_typed && session->last != '\n')
		pump_add(&session->in, &key, 1);
	if (!lines && session->end_typed)
		pump_add(&session->in, &(char){ KILL_KEY }, 1);
	pump_add(&session->in, &key, 1);
	pump_write(&session->in);
	session->end_typed = true;
	session->end_lines = lines;
}

static void begin_end(struct session *session)
{
	const struct timespec now_and_then = { .tv_nsec = END_NSEC };
	const struct itimerspec spec = { now_and_then, now_and_then };

	type_end(session);
	session->end_tries = END_TRIES;
	session->end_timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (session->end_timer >= 0)
		timerfd_settime(session->end_timer, 0, &spec, NULL);
}

static void move_input(struct session *session, bool can_read, bool can_write)
{
	bool was_ended = session->in.ended;
	char *bytes;
	size_t length;

	if (can_read && (length = pump_read(&session->in, &bytes)) > 0) {
		session->last = bytes[length - 1];
		if (session->can_detach)
			length = look_for_detach(session, bytes, length);
		if (session->master >= 0)
			look_for_interrupt(session, bytes, length);
	}
	if (session->in.ended && !was_ended && session->master >= 0)
		begin_end(session);
	if (can_write || can_read)
		pump_write(&session->in);
	/* What the command reads from ends when all of it has come. */
	if (pump_done(&session->in) && session->master < 0 && session->in.to >= 0)
		close(steal_fd(&session->in.to));
}

static void move(struct relay *relay, const struct pollfd *fds, size_t count)
{
	struct session *session = of(relay);
	struct pump *pumps[] = { &session->out, &session->err };
	char *bytes;

	move_input(session, is_ready(fds, count, pump_reads(&session->in), POLLIN),
		   is_ready(fds, count, pump_writes(&session->in), POLLOUT));
	if (is_ready(fds, count, session->end_timer, POLLIN) &&
	    read(session->end_timer, &(uint64_t){ 0 }, sizeof(uint64_t)) > 0) {
		type_end(session);
		if (--session->end_tries == 0)
			close(steal_fd(&session->end_timer));
	}
	for (size_t i = 0; i < 2; i++) {
		bool can_read = is_ready(fds, count, pump_reads(pumps[i]), POLLIN);
		bool can_write = is_ready(fds, count, pump_writes(pumps[i]), POLLOUT);

		if (can_read)
			pump_read(pumps[i], &bytes);
		if (can_write)
			pump_write(pumps[i]);
		/* As a terminal that goes away; a pipe's writer would get SIGPIPE. */
		if (pumps[i]->broken && !session->hung_up) {
			session->hung_up = true;
			if (session->container)
				container_hang_up(session->container);
		}
	}
}

static void on_signal(struct relay *relay, int signal)
{
	struct session *session = of(relay);

	if (signal == SIGWINCH && session->master >= 0 && session->keyboard >= 0)
		tty_copy_size(session->keyboard, session->master);
	/* Our caller's shell had the terminal, and has set it as it likes. */
	if (signal == SIGCONT && session->is_saved)
		set_raw(session);
}

int session_open(struct session *session, int master, int to_input, int from_output, int from_error)
{
	int stdin_fd = -1, stdout_fd = -1, stderr_fd = -1;

	*session = (struct session){ .relay = { fill, move, on_signal },
				     .master = master,
				     .keyboard = -1,
				     .signals = -1,
				     .end_timer = -1,
				     .last = '\n' };
	if (to_input >= 0)
		stdin_fd = tty_reopen(STDIN_FILENO, O_RDONLY);
	if (from_output >= 0)
		stdout_fd = tty_reopen(STDOUT_FILENO, O_WRONLY);
	if (from_error >= 0)
		stderr_fd = tty_reopen(STDERR_FILENO, O_WRONLY);
	session->in = (struct pump){ .from = stdin_fd, .to = to_input, .ended = stdin_fd < 0 };
	session->out = (struct pump){ .from = from_output, .to = stdout_fd, .ended = from_output < 0 };
	session->err = (struct pump){ .from = from_error, .to = stderr_fd, .ended = from_error < 0 };
	if (stdout_fd < 0 && from_output >= 0)
		return stdout_fd;
	if (stderr_fd < 0 && from_error >= 0)
		return stderr_fd;
	if (isatty(STDIN_FILENO)) {
		session->keyboard = STDIN_FILENO;
		/* Nothing that is typed elsewhere is ours to read. */
		session->in.ended = session->in.ended || !tty_is_ours(STDIN_FILENO);
	}
	if (master >= 0 && session->keyboard >= 0)
		tty_copy_size(session->keyboard, master);
	return 0;
}

void session_begin(struct session *session)
{
	if (session->master >= 0)
		set_raw(session);
}

/* Whether somebody asks us to end while we wait for whoever reads our output. */
static bool is_asked_to_end(const struct session *session)
{
	return session->signals >= 0 && poll(&(struct pollfd){ .fd = session->signals, .events = POLLIN }, 1, 0) > 0 &&
	       container_end_signal(session->signals, NULL) != 0;
}

void session_close(struct session *session)
{
	int64_t deadline = clock_usec() + STALL_USEC;
	struct pollfd fds[RELAY_FDS];

	/* Ctrl-C is ours again while we wait for whoever reads our output, unless that is the terminal itself. */
	if (!isatty(STDOUT_FILENO))
		set_cooked(session);
	session->in.ended = true;
	session->in.begin = session->in.end = 0;
	cleanup_close(&session->end_timer);
	session->end_timer = -1;
	/* What was written before the end is in the pipe or terminal; who still has it open may write on without us. */
	for (;;) {
		size_t count = fill(&session->relay, fds);
		bool writing = pump_writes(&session->out) >= 0 || pump_writes(&session->err) >= 0;
		int ready = count ? poll(fds, count, writing ? PATIENCE_MSEC : 0) : 0;

		/* A slow reader gets all of it; one that has stopped reading keeps others from the container's end. */
		if (ready < 0 || (ready == 0 && (!writing || clock_usec() > deadline)) || is_asked_to_end(session))
			break;
		if (ready > 0) {
			move(&session->relay, fds, count);
			deadline = clock_usec() + STALL_USEC;
		}
	}
	set_cooked(session);
	cleanup_close(&session->in.from);
	cleanup_close(&session->out.to);
	cleanup_close(&session->err.to);
	session->in.from = session->out.to = session->err.to = -1;
}
