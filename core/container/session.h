/* SPDX-License-Identifier: MIT */
/*
 * Somebody at the keyboard of a command: our standard input, output and error on one side, the other end of its
 * pseudo-terminal, or pipes, on the other. Our own terminal passes every key on while this lasts, and is as before
 * afterwards, whatever happens.
 */
#pragma once

#include <termios.h>

#include "base/log.h"
#include "base/pump.h"
#include "container/container.h"

struct session {
	struct relay relay;
	struct container *container; /* whose command is told of a Ctrl-C, and that nobody listens any more; NULL */
	struct log *log;             /* its lines need a carriage return meanwhile; NULL */
	int signals;                 /* of the container, borrowed: one that asks us to end is obeyed; -1 */
	int master;                  /* of the pseudo-terminal, borrowed; -1: there is none */
	int keyboard;                /* our terminal, if it is to be raw; -1 */
	bool raw;                    /* it is */
	bool is_saved;               /* its modes before all that are in `saved` */
	struct termios saved;
	struct pump in, out, err; /* `from` and `to` of our side are owned */
	bool can_detach;          /* Ctrl-P Ctrl-Q leaves */
	bool detached;
	bool hung_up;              /* nobody reads what the command writes */
	bool held;                 /* the first of them has come, and was not passed on yet */
	char last;                 /* of what was typed */
	int end_timer, end_tries;  /* when our input has ended: see type_end(); -1 */
	bool end_typed, end_lines; /* typed at all; typed when the terminal gave its reader whole lines */
};

/*
 * Where what is typed goes and what is shown comes from; with a pseudo-terminal all three are its master. -1: nowhere.
 * 0 or -errno without a message; session_close() in any case.
 */
int session_open(struct session *session, int master, int to_input, int from_output, int from_error);

/* Our terminal passes every key on. Not before there is somebody to hear it: until then Ctrl-C is for us. */
void session_begin(struct session *session);

/* What has come so far is written, to a slow reader too, if it reads at all; and the terminal is as before. */
void session_close(struct session *session);
