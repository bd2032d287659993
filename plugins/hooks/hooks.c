/* SPDX-License-Identifier: MIT */
/*
 * hooks: programs at the steps of a container's life, for people who do not write C. Each reads the container's state,
 * as the OCI runtime specification has it, as JSON from its standard input, and has a limit of time.
 *
 *	[hooks]
 *	parent_started = /usr/local/bin/announce --verbose
 *	teardown       = --timeout=60 LANG=C.UTF-8 /usr/local/bin/announce "the end"
 *
 *	key              where it runs                                          hook of the OCI runtime specification
 *	parent_prepare   host                                                   -
 *	parent_attach    host; the namespaces are made, nothing is in them yet  prestart, createRuntime
 *	child_setup      the container's namespaces; the host's files at /      createContainer
 *	child_enter      the container, as root                                 -
 *	child_seal       the container, as the command's user                   startContainer
 *	parent_started   host; the command runs                                 poststart
 *	teardown         host; the command has ended                            poststop
 *
 * A program that fails ends the run; in teardown it is a warning, as the specification wants it for poststop, so that
 * no program makes a container that can't be deleted.
 *
 * The first three and the last two are the host's programs: nobody but root and the user who runs contain may be able
 * to change them. They are executed by their path and not by a descriptor that was checked: a script is opened again
 * by its interpreter, for which the descriptor would have to stay open in it, and $0 would be /dev/fd/N (execveat(2),
 * BUGS); and as nobody else can write in any directory on the way, the path leads to the same file (trust.h).
 *
 * child_enter and child_seal run programs of the image, which is nothing to trust: that is what switching them on
 * means. What such a program has is its descriptors 0 to 2, of which 0 is sealed, and 1 and 2 are a pipe of which a
 * bounded part is told. It can't get at the memory and the descriptors of our own process (supervisor.c); to stop the
 * process that keeps its time makes it fail. It is in the cgroups and namespaces of the container, and what it leaves
 * behind ends with that.
 *
 * What a program leaves in its process group is ended with it. A daemon, in a session of its own, stays; it is its own
 * program's to end in teardown.
 */
#include <contain/plugin.h>
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "options.h"
#include "program.h"
#include "trust.h"

/* In the place of an earlier one of that name. */
static void put(const char **environment, const char *variable)
{
	size_t length = strcspn(variable, "=") + 1;

	while (*environment && strncmp(*environment, variable, length) != 0)
		environment++;
	*environment = variable;
}

static int run(struct contain_ctx *ctx, const struct hooks *hooks, int phase, const struct command *command,
	       char why[WHY_SIZE])
{
	char name[64], id[128];
	size_t count = 3;
	struct program program = {
		.phase = phases[phase].name,
		.command = command,
		.timeout = command->timeout ? command->timeout : hooks->timeout,
		.input = contain_state_json(ctx),
		.of_image = phases[phase].of_image,
	};
	const char **environment;
	int result;

	for (char **variable = command->variables; *variable; variable++)
		count++;
	environment = calloc(hooks->env.count + count, sizeof(*environment));
	if (!environment || !program.input) {
		free(environment);
		snprintf(why, WHY_SIZE, "%s", strerror(ENOMEM));
		return -ENOMEM;
	}
	for (size_t i = 0; i < hooks->env.count; i++)
		put(environment, hooks->env.items[i]);
	for (char **variable = command->variables; *variable; variable++)
		put(environment, *variable);
	snprintf(name, sizeof(name), "CONTAIN_PHASE=%s", phases[phase].name);
	snprintf(id, sizeof(id), "CONTAIN_ID=%s", contain_id(ctx));
	put(environment, name);
	put(environment, id);
	program.environment = (char *const *)environment;
	contain_info(ctx, "hooks: running %s (%s)", command->path, phases[phase].name);
	result = program_run(ctx, &program, why);
	free(environment);
	return result;
}

/* 0, or -errno and why. */
static int run_text(struct contain_ctx *ctx, const struct hooks *hooks, int phase, const char *text, char why[WHY_SIZE])
{
	struct command command;
	int result = command_parse(text, &command, why, WHY_SIZE);

	if (result < 0)
		return result;
	/* Without mounts of its own the container's files are the host's. */
	if (phases[phase].checked || (phases[phase].of_image && !contain_has_namespace(ctx, CLONE_NEWNS)))
		result = trust_program(command.path, hooks->user, why, WHY_SIZE);
	if (result == 0)
		result = run(ctx, hooks, phase, &command, why);
	command_free(&command);
	return result;
}

static int run_all(struct contain_ctx *ctx, const struct hooks *hooks, int phase)
{
	char why[WHY_SIZE];
	const char *text;
	int result = 0;

	for (size_t i = 0; result == 0 && (text = nth_program(hooks, phase, i)); i++)
		result = run_text(ctx, hooks, phase, text, why);
	if (result < 0)
		contain_fail(ctx, 0, "the program of %s failed: %s", phases[phase].name, why);
	return result;
}

/* Looks only: what is wrong with a program of the host is better told now than in the middle, or at the end. */
static int configure(struct contain_ctx *ctx, void *self)
{
	struct hooks *hooks = self;
	char why[WHY_SIZE];
	const char *text;

	hooks->user = trust_user();
	for (int phase = 0; phase < PHASES; phase++) {
		for (size_t i = 0; !phases[phase].of_image && (text = nth_program(hooks, phase, i)); i++) {
			struct command command;
			int result = command_parse(text, &command, why, sizeof(why));

			if (result == 0) {
				result = trust_program(command.path, hooks->user, why, sizeof(why));
				command_free(&command);
			}
			if (result < 0)
				return contain_fail(ctx, 0, "can't run '%s' in %s: %s", text, phases[phase].name, why);
		}
	}
	return 0;
}

static int prepare(struct contain_ctx *ctx, void *self)
{
	const struct hooks *hooks = self;
	/* Those of teardown run if anything of ours did: whoever comes later knows by this. */
	int error = nth_program(hooks, TEARDOWN, 0) ? contain_state_set(ctx, "undone", "0") : 0;

	return error ? error : run_all(ctx, hooks, PREPARE);
}

static int attach(struct contain_ctx *ctx, void *self)
{
	return run_all(ctx, self, ATTACH);
}

static int setup(struct contain_ctx *ctx, void *self)
{
	struct hooks *hooks = self;

	hooks->starting = true;
	return run_all(ctx, hooks, SETUP);
}

static int enter(struct contain_ctx *ctx, void *self)
{
	return run_all(ctx, self, ENTER);
}

/* Of each exec's processes this is the only hook: startContainer is for the container's own command. */
static int seal(struct contain_ctx *ctx, void *self)
{
	const struct hooks *hooks = self;

	return hooks->starting ? run_all(ctx, hooks, SEAL) : 0;
}

static int started(struct contain_ctx *ctx, void *self)
{
	return run_all(ctx, self, STARTED);
}

/*
 * On record is how many have had their turn, so each has it once; but once more if contain is killed meanwhile. So a
 * program has to bear that.
 */
static int teardown(struct contain_ctx *ctx, void *self)
{
	const struct hooks *hooks = self;
	const char *undone = contain_state_get(ctx, "undone"), *text;
	char why[WHY_SIZE], number[24];

	if (!undone)
		return 0;
	for (size_t i = strtoul(undone, NULL, 10); (text = nth_program(hooks, TEARDOWN, i)); i++) {
		if (run_text(ctx, hooks, TEARDOWN, text, why) < 0)
			contain_warn(ctx, "hooks: the program of teardown failed: %s", why);
		snprintf(number, sizeof(number), "%zu", i + 1);
		/* A full disk is no reason to keep a container. */
		contain_state_set(ctx, "undone", number);
	}
	return 0;
}

/*
 * What runs before the command, with more rights than that, is the image's: all capabilities but CAP_SYS_PTRACE, and
 * without a user namespace those count against the host (mknod(2) of its disk), whatever another plugin takes away
 * later.
 */
static int check(struct contain_ctx *ctx, void *self)
{
	if (!nth_program(self, ENTER, 0))
		return 0;
	return contain_exposes(
		ctx, contain_has_namespace(ctx, CLONE_NEWUSER) ? 2 : 10,
		"programs of the image run as root, with nearly every capability, before the command is sealed: "
		"give them in [hooks] child_seal instead of child_enter, and the command a user");
}

CONTAIN_PLUGIN(.name = "hooks", .version = "0.1", .summary = "run programs at the steps of a container's life",
	       .self_size = sizeof(struct hooks), .options = hooks_options, .configure = configure,
	       .parent_prepare = prepare, .parent_attach = attach, .child_setup = setup, .child_enter = enter,
	       .child_seal = seal, .parent_started = started, .teardown = teardown, .check = check)
