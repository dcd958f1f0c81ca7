/*
 * Throughput of a program that copies between its standard descriptors and a connection, descriptors 6 and 7.
 * usage: stream out|in|both MEBIBYTES PROGRAM
 * Feeds it with pipe and socket, takes what it writes, and prints the bytes of all directions per second, in 1e9.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { PART = 256 * 1024 };

struct flow {
	pthread_t source, sink;
	int to, from;
	size_t size, arrived;
};

static char zeros[PART];

static void fail(const char *what)
{
	perror(what);
	_exit(111);
}

static void *feed(void *argument)
{
	struct flow *flow = argument;

	for (size_t left = flow->size; left > 0;) {
		ssize_t count = write(flow->to, zeros, left < PART ? left : PART);

		if (count < 0)
			fail("write");
		left -= (size_t)count;
	}
	/* One of the two is right for the kind of descriptor. */
	if (shutdown(flow->to, SHUT_WR) < 0)
		close(flow->to);
	return 0;
}

static void *take(void *argument)
{
	struct flow *flow = argument;
	char *bytes = malloc(PART);
	ssize_t count;

	if (!bytes)
		fail("malloc");
	while ((count = read(flow->from, bytes, PART)) > 0)
		flow->arrived += (size_t)count;
	free(bytes);
	return 0;
}

/* Out of the way of the numbers that the program gets. */
static int high(int descriptor)
{
	int copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 20);

	if (copy < 0)
		fail("fcntl");
	close(descriptor);
	return copy;
}

int main(int argc, char **argv, char **envp)
{
	struct flow flows[2] = { 0 };
	struct timespec begin, end;
	int input[2], output[2], connection[2], status;
	double seconds;
	pid_t child;

	if (argc != 4 || atol(argv[2]) < 1)
		return 100;
	if (pipe(input) < 0 || pipe(output) < 0 || socketpair(AF_UNIX, SOCK_STREAM, 0, connection) < 0)
		fail("pipe");
	for (int i = 0; i < 2; i++) {
		input[i] = high(input[i]);
		output[i] = high(output[i]);
		connection[i] = high(connection[i]);
	}
	alarm(60);
	clock_gettime(CLOCK_MONOTONIC, &begin);
	child = fork();
	if (child == 0) {
		dup2(input[0], 0);
		dup2(output[1], 1);
		dup2(connection[0], 6);
		dup2(connection[0], 7);
		execve(argv[3], argv + 3, envp);
		_exit(127);
	}
	close(input[0]);
	close(output[1]);
	close(connection[0]);
	flows[0].to = input[1];
	flows[0].from = connection[1];
	flows[1].to = connection[1];
	flows[1].from = output[0];
	flows[0].size = strcmp(argv[1], "in") ? (size_t)atol(argv[2]) << 20 : 0;
	flows[1].size = strcmp(argv[1], "out") ? (size_t)atol(argv[2]) << 20 : 0;
	for (int i = 0; i < 2; i++) {
		if (pthread_create(&flows[i].sink, 0, take, &flows[i]) || pthread_create(&flows[i].source, 0, feed, &flows[i]))
			fail("pthread_create");
	}
	for (int i = 0; i < 2; i++) {
		pthread_join(flows[i].source, 0);
		pthread_join(flows[i].sink, 0);
	}
	clock_gettime(CLOCK_MONOTONIC, &end);
	if (waitpid(child, &status, 0) < 0 || status != 0 || flows[0].arrived != flows[0].size || flows[1].arrived != flows[1].size) {
		fprintf(stderr, "stream: status %d, %zu and %zu bytes\n", status, flows[0].arrived, flows[1].arrived);
		return 111;
	}
	seconds = (double)(end.tv_sec - begin.tv_sec) + (double)(end.tv_nsec - begin.tv_nsec) / 1e9;
	printf("%.6f\n", (double)(flows[0].size + flows[1].size) / seconds / 1e9);
	return 0;
}
