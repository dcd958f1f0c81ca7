/*
 * The clients: threads that connect, shut their side down, read to the end and close, one connection after the other.
 * usage: load SOCKET CLIENTS MILLISECONDS; a SOCKET of the form tcp:PORT is that port of 127.0.0.1. Connections over TCP are not shut down but
 * reset when the end has been read, or the ports would be used up by connections in TIME_WAIT.
 * Prints: connections, those per second, the median and the 99th percentile of their duration in microseconds,
 * the processor time of this process per connection in microseconds.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

struct client {
	pthread_t thread;
	uint32_t *durations;	/* in nanoseconds */
	size_t count, capacity;
};

static union {
	struct sockaddr any;
	struct sockaddr_un local;
	struct sockaddr_in tcp;
} address = { .local = { .sun_family = AF_UNIX } };
static uint64_t deadline;
static pthread_barrier_t start;

static uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

static void fail(const char *what)
{
	perror(what);
	_exit(111);
}

static void connect_once(void)
{
	char bytes[256];
	ssize_t count;
	static const struct linger reset = { .l_onoff = 1 };
	int over_tcp = address.any.sa_family == AF_INET;
	int connection = socket(address.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (connection < 0 || connect(connection, &address.any, over_tcp ? sizeof address.tcp : sizeof address.local) < 0)
		fail("connect");
	if (over_tcp)
		setsockopt(connection, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
	else
		shutdown(connection, SHUT_WR);
	/* A server that closes at once may reset the connection: that is an end too. */
	while ((count = read(connection, bytes, sizeof bytes)) > 0)
		;
	close(connection);
}

static void *run(void *argument)
{
	struct client *client = argument;
	uint64_t begin, end;

	pthread_barrier_wait(&start);
	for (begin = now();; begin = end) {
		connect_once();
		end = now();
		if (end > deadline)
			return 0;
		if (client->count == client->capacity) {
			client->capacity = client->capacity ? 2 * client->capacity : 4096;
			client->durations = realloc(client->durations, client->capacity * sizeof *client->durations);
			if (!client->durations)
				fail("realloc");
		}
		client->durations[client->count++] = end - begin < UINT32_MAX ? (uint32_t)(end - begin) : UINT32_MAX;
	}
}

static int compare(const void *left, const void *right)
{
	uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;

	return (a > b) - (a < b);
}

int main(int argc, char **argv)
{
	struct client *clients;
	struct rusage usage;
	uint32_t *all;
	size_t number, total = 0;
	long milliseconds;
	double processor;

	if (argc != 4 || strlen(argv[1]) >= sizeof address.local.sun_path || atol(argv[2]) < 1 || atol(argv[3]) < 1)
		return 100;
	if (strncmp(argv[1], "tcp:", 4) == 0)
		address.tcp = (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(argv[1] + 4)), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	else
		strcpy(address.local.sun_path, argv[1]);
	number = (size_t)atol(argv[2]);
	milliseconds = atol(argv[3]);
	clients = calloc(number, sizeof *clients);
	if (!clients)
		fail("calloc");
	/* A server that doesn't answer ends the measurement. */
	alarm((unsigned)(milliseconds / 1000 + 20));
	pthread_barrier_init(&start, 0, (unsigned)number + 1);
	for (size_t i = 0; i < number; i++) {
		if (pthread_create(&clients[i].thread, 0, run, &clients[i]))
			fail("pthread_create");
	}
	deadline = now() + (uint64_t)milliseconds * 1000000;
	pthread_barrier_wait(&start);
	for (size_t i = 0; i < number; i++) {
		pthread_join(clients[i].thread, 0);
		total += clients[i].count;
	}
	if (total == 0)
		return 111;
	getrusage(RUSAGE_SELF, &usage);
	processor = (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e6
		+ (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);

	all = malloc(total * sizeof *all);
	if (!all)
		fail("malloc");
	total = 0;
	for (size_t i = 0; i < number; i++) {
		memcpy(all + total, clients[i].durations, clients[i].count * sizeof *all);
		total += clients[i].count;
	}
	qsort(all, total, sizeof *all, compare);
	printf("%zu %.1f %.3f %.3f %.3f\n", total, (double)total * 1e3 / (double)milliseconds,
		all[(total - 1) / 2] / 1e3, all[(total - 1) * 99 / 100] / 1e3, processor / (double)total);
	return 0;
}
