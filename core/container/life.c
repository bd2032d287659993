/* SPDX-License-Identifier: MIT */
#include "container/life.h"

#include <contain/plugin.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "container/cgroup.h"
#include "container/channel.h"
#include "container/record_keys.h"

static bool has(const struct record *record, const char *key)
{
	return record_get(record, RECORD_CORE, key) != NULL;
}

/* One whose `start` was killed between its last words for the record and the command: does it still listen? */
static bool waits_at_door(const struct state *state)
{
	_cleanup_close_ int fd = channel_connect(state->directory, STATE_DOOR);

	return fd >= 0 || fd == -EAGAIN;
}

void life_read(struct life *life, const struct record *record, const struct state *state)
{
	const char *name, *started = record_get(record, RECORD_CORE, RECORD_STARTED);
	pid_t pid = life_recorded_pid(record, &name);
	bool owned;

	*life = (struct life){ .detached = has(record, RECORD_DETACHED), .undone = has(record, RECORD_UNDONE) };
	life->ran_alone = life->detached && has(record, RECORD_RUNNING) &&
			  strcmp(record_get(record, RECORD_CORE, RECORD_DETACHED), RECORD_ALONE) == 0;
	life_read_exit(life, record);
	life->started_usec = started ? strtoll(started, NULL, 10) : 0;
	if (!life->exit_known && pid > 0 && life_is_alive(name, pid))
		life->pid = pid;
	/* Whoever makes, starts or removes a container has its lock all the time. */
	owned = (life->pid && life->detached && has(record, RECORD_CREATED)) || life->undone ||
		(!state->locked && state_is_owned(state));
	if (life->pid && !started)
		life->status = has(record, RECORD_CREATED) ? LIFE_CREATED : LIFE_CREATING;
	else if (life->pid)
		life->status = cgroups_are_frozen(record) ? LIFE_PAUSED : LIFE_RUNNING;
	else
		life->status = pid > 0 || life->exit_known || !owned ? LIFE_STOPPED : LIFE_CREATING;
	if (life->status == LIFE_RUNNING && life->detached && !has(record, RECORD_RUNNING) &&
	    has(record, RECORD_CREATED) && waits_at_door(state))
		life->status = LIFE_CREATED;
	life->abandoned = !owned;
}
