/*
 * Two clients that take a lock in turns, and how long it takes from the one to the other.
 * usage: handover COUNT FILE COMMAND...: two processes run COMMAND, which takes the lock for "handover hold", COUNT times each. FILE, which
 * must not exist, is the standard output of the holders. Prints the median of the microseconds between the end of one and the start of the next.
 *        handover hold: holds the lock for two milliseconds and writes when it got it and when it ended.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define HOLD 2000000L /* nanoseconds: long enough that the other one waits when it ends */

struct turn {
	double start, end; /* seconds */
};

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static int hold(void)
{
	struct turn turn = { .start = now() };

	nanosleep(&(struct timespec){ .tv_nsec = HOLD }, NULL);
	turn.end = now();
	return write(1, &turn, sizeof turn) == sizeof turn ? 0 : 111;
}

static void contend(int count, char **command)
{
	while (count-- > 0) {
		int status;
		pid_t child = vfork();
		if (child == 0) {
			execv(command[0], command);
			_exit(111);
		}
		if (child < 0 || waitpid(child, &status, 0) != child || status != 0)
			_exit(111);
	}
	_exit(0);
}

static int compare(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;

	return (a > b) - (a < b);
}

int main(int argc, char **argv)
{
	int count, failed = 0, status, file;

	if (argc == 2 && strcmp(argv[1], "hold") == 0)
		return hold();
	if (argc < 4 || (count = atoi(argv[1])) <= 0)
		return 100;
	int output = dup(1);
	if (output < 0 || (file = open(argv[2], O_RDWR | O_CREAT | O_EXCL | O_APPEND, 0600)) < 0 || dup2(file, 1) < 0)
		return 111;
	for (int i = 0; i < 2; i++) {
		if (fork() == 0)
			contend(count, argv + 3);
	}
	while (wait(&status) > 0)
		failed |= status;
	struct turn *turns = calloc((size_t)count * 2, sizeof *turns);
	double *times = calloc((size_t)count * 2, sizeof *times);
	ssize_t size = (ssize_t)sizeof *turns * count * 2;
	if (failed != 0 || turns == NULL || times == NULL || pread(file, turns, (size_t)size, 0) != size)
		return 111;
	for (int i = 0; i + 1 < count * 2; i++) {
		times[i] = (turns[i + 1].start - turns[i].end) * 1e6;
		if (times[i] < 0) /* both had the lock */
			return 111;
	}
	qsort(times, (size_t)count * 2 - 1, sizeof *times, compare);
	dprintf(output, "%.1f\n", times[count]);
	return 0;
}
