// SPDX-License-Identifier: MIT
/*
 * timer: whole runs of several programs, in turn.
 *
 *	timer RUNS JSON-FILE|- <subjects
 *
 * A line of standard input is one subject, in fields that are separated by tabs: its name, the process whose mount
 * namespace it runs in (0: timer's own), the program's path and its arguments. Each round starts each of them once, in
 * an order of its own, so that none always runs in the wake of the same neighbour. Standard output gets a line each, in
 * microseconds: name, median, 10th and 90th percentile, and the median of the processor time that it and the processes
 * that it waited for took (which a busy machine disturbs less), separated by tabs. Standard error tells of each run
 * that failed; the exit status is 1 if the next one failed too.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SUBJECTS 64
#define WORDS    64
#define WARM_UP  3

struct subject {
	char *name, *argv[WORDS + 1];
	int mounts; /* mount namespace */
	double *times, *cpu;
};

struct timer {
	struct subject subjects[SUBJECTS];
	int count, runs, null, errors;
};

static int failed(const char *what)
{
	fprintf(stderr, "timer: %s: %s\n", what, strerror(errno));
	return -errno;
}

static int read_subject(struct timer *timer, char *line)
{
	struct subject *subject = &timer->subjects[timer->count];
	char path[64], *word;
	int words = 0;

	line[strcspn(line, "\n")] = '\0';
	subject->name = strsep(&line, "\t");
	word = strsep(&line, "\t");
	snprintf(path, sizeof path, "/proc/%s/ns/mnt", !word || !strcmp(word, "0") ? "self" : word);
	subject->mounts = open(path, O_RDONLY | O_CLOEXEC);
	if (subject->mounts < 0)
		return failed(path);
	while (words < WORDS && (word = strsep(&line, "\t")))
		subject->argv[words++] = word;
	subject->times = calloc((size_t)timer->runs, sizeof *subject->times);
	subject->cpu = calloc((size_t)timer->runs, sizeof *subject->cpu);
	if (!words || line || !subject->times || !subject->cpu) {
		errno = EINVAL;
		return failed(subject->name);
	}
	timer->count++;
	return 0;
}

static int read_subjects(struct timer *timer)
{
	char *line = NULL;
	size_t size = 0;

	for (; getline(&line, &size, stdin) > 0; line = NULL) {
		int err = timer->count < SUBJECTS ? read_subject(timer, line) : -E2BIG;
		if (err)
			return err;
	}
	free(line);
	return 0;
}

static pid_t launch(const struct subject *subject, int null, int errors)
{
	pid_t pid = vfork();

	if (!pid) {
		/* Also into the own mount namespace, so that the step costs everyone the same. */
		if (setns(subject->mounts, CLONE_NEWNS) < 0 || dup2(null, 0) < 0 || dup2(null, 1) < 0 ||
		    dup2(errors, 2) < 0)
			_exit(125);
		execv(subject->argv[0], subject->argv);
		_exit(127);
	}
	return pid;
}

static double microseconds(struct timeval tv)
{
	return (double)tv.tv_sec * 1e6 + (double)tv.tv_usec;
}

static void show_failure(const struct timer *timer, const struct subject *subject, int status)
{
	char text[4096];
	ssize_t got = pread(timer->errors, text, sizeof text, 0);

	fprintf(stderr, "timer: %s: wait status 0x%x\n%.*s", subject->name, (unsigned)status, got > 0 ? (int)got : 0,
		text);
}

/* One run; `run` is where its times go, negative for nowhere, and then its messages are kept. */
static int measure(const struct timer *timer, const struct subject *subject, int run)
{
	struct timespec begin, end;
	struct rusage usage;
	int status;

	if (ftruncate(timer->errors, 0) < 0 || lseek(timer->errors, 0, SEEK_SET) < 0)
		return failed("ftruncate");
	clock_gettime(CLOCK_MONOTONIC, &begin);
	pid_t pid = launch(subject, timer->null, run < 0 ? timer->errors : timer->null);
	if (pid < 0 || wait4(pid, &status, 0, &usage) < 0)
		return failed(subject->name);
	clock_gettime(CLOCK_MONOTONIC, &end);
	if (status) {
		show_failure(timer, subject, status);
		return -EAGAIN;
	}
	if (run < 0)
		return 0;
	subject->times[run] = (double)(end.tv_sec - begin.tv_sec) * 1e6 + (double)(end.tv_nsec - begin.tv_nsec) / 1e3;
	subject->cpu[run] = microseconds(usage.ru_utime) + microseconds(usage.ru_stime);
	return 0;
}

static void shuffle(int *order, int count)
{
	for (int i = count - 1; i > 0; i--) {
		int j = rand() % (i + 1), taken = order[i];
		order[i] = order[j];
		order[j] = taken;
	}
}

static int run_all(struct timer *timer)
{
	int order[SUBJECTS];

	for (int i = 0; i < timer->count; i++)
		order[i] = i;
	for (int round = -WARM_UP; round < timer->runs; round++) {
		shuffle(order, timer->count);
		for (int i = 0; i < timer->count; i++) {
			struct subject *subject = &timer->subjects[order[i]];
			int err = measure(timer, subject, round);
			/* A measured run that failed, which was told, is made up for if the next one works. */
			if (err == -EAGAIN && round >= 0 && !(err = measure(timer, subject, -1)))
				err = measure(timer, subject, round);
			if (err)
				return err;
		}
	}
	return 0;
}

static int compare(const void *a, const void *b)
{
	double difference = *(const double *)a - *(const double *)b;

	return (difference > 0) - (difference < 0);
}

static int write_json(const struct timer *timer, const char *path)
{
	FILE *file = fopen(path, "we");

	if (!file)
		return failed(path);
	fprintf(file, "{\"runs\": %d, \"subjects\": [", timer->runs);
	for (int i = 0; i < timer->count; i++) {
		fprintf(file, "%s\n{\"name\": \"%s\", \"times_us\": [", i ? "," : "", timer->subjects[i].name);
		for (int run = 0; run < timer->runs; run++)
			fprintf(file, "%s%.1f", run ? ", " : "", timer->subjects[i].times[run]);
		fprintf(file, "], \"cpu_us\": [");
		for (int run = 0; run < timer->runs; run++)
			fprintf(file, "%s%.0f", run ? ", " : "", timer->subjects[i].cpu[run]);
		fprintf(file, "]}");
	}
	fprintf(file, "\n]}\n");
	return fclose(file) ? failed(path) : 0;
}

int main(int argc, char **argv)
{
	static struct timer timer;

	timer.runs = argc == 3 ? atoi(argv[1]) : 0;
	if (timer.runs < 1) {
		fprintf(stderr, "usage: timer RUNS JSON-FILE|- <subjects\n");
		return 2;
	}
	timer.null = open("/dev/null", O_RDWR | O_CLOEXEC);
	timer.errors = memfd_create("errors", MFD_CLOEXEC);
	if (timer.null < 0 || timer.errors < 0 || read_subjects(&timer) || run_all(&timer))
		return 1;
	if (strcmp(argv[2], "-") && write_json(&timer, argv[2]))
		return 1;
	for (int i = 0; i < timer.count; i++) {
		struct subject *subject = &timer.subjects[i];
		qsort(subject->times, (size_t)timer.runs, sizeof *subject->times, compare);
		qsort(subject->cpu, (size_t)timer.runs, sizeof *subject->cpu, compare);
		printf("%s\t%.1f\t%.1f\t%.1f\t%.0f\n", subject->name, subject->times[timer.runs / 2],
		       subject->times[timer.runs / 10], subject->times[timer.runs * 9 / 10],
		       subject->cpu[timer.runs / 2]);
	}
	return 0;
}
