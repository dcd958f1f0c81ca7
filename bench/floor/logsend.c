/*
 * The senders: processes that each send as many messages of 100 bytes, as datagrams or each with a null byte behind it through a stream; who has
 * no room for one makes them wait.
 * usage: logsend SOCKET SENDERS COUNT [stream|datagrams FILE]
 * With a FILE, the time ends when that has a line for each message. Prints messages per second, and the 99th percentile of the time that a message
 * takes to be sent, in microseconds.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { LONGEST_WAIT = 60 }; /* seconds */

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void run(const struct sockaddr_un *address, int type, int count, float *times)
{
	static char message[100];
	static const char header[] = "<30>Nov 21 23:28:26 ident[19713]: ";
	int client = socket(AF_UNIX, type, 0);

	memset(message, 'x', sizeof message);
	memcpy(message, header, sizeof header - 1);
	/* Who isn't read from at all doesn't wait for ever. */
	alarm(LONGEST_WAIT);
	if (type == SOCK_STREAM)
		message[sizeof message - 1] = '\0';
	if (client < 0 || connect(client, (const struct sockaddr *)address, sizeof *address) < 0)
		_exit(111);
	for (int i = 0; i < count; i++) {
		double start = now();
		for (size_t sent = 0; sent < sizeof message; ) {
			ssize_t length = send(client, message + sent, sizeof message - sent, MSG_NOSIGNAL);
			if (length < 0)
				_exit(111);
			sent += (size_t)length;
		}
		times[i] = (float)((now() - start) * 1e6);
	}
	_exit(0);
}

/* Reads a file as it grows, until it has so many lines; -1 when it takes too long. */
static int await_lines(const char *path, long lines)
{
	static char buffer[1 << 16];
	double limit = now() + LONGEST_WAIT;
	int file = open(path, O_RDONLY);

	if (file < 0)
		return -1;
	while (lines > 0) {
		ssize_t length = read(file, buffer, sizeof buffer);
		if (length < 0 || now() > limit)
			return -1;
		if (length == 0)
			usleep(200);
		for (ssize_t i = 0; i < length; i++)
			lines -= buffer[i] == '\n';
	}
	close(file);
	return 0;
}

static int compare(const void *left, const void *right)
{
	float a = *(const float *)left, b = *(const float *)right;

	return (a > b) - (a < b);
}

int main(int argc, char **argv)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int failed = 0, status;

	if ((argc != 4 && argc != 6) || strlen(argv[1]) >= sizeof address.sun_path)
		return 100;
	strcpy(address.sun_path, argv[1]);
	int senders = atoi(argv[2]), count = atoi(argv[3]);
	int type = argc == 6 && strcmp(argv[4], "stream") == 0 ? SOCK_STREAM : SOCK_DGRAM;
	size_t all = (size_t)senders * (size_t)count;
	float *times = mmap(NULL, all * sizeof *times, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (all == 0 || times == MAP_FAILED)
		return 111;
	double start = now();
	for (int i = 0; i < senders; i++)
		if (fork() == 0)
			run(&address, type, count, times + (size_t)i * (size_t)count);
	while (wait(&status) > 0)
		failed |= status;
	if (failed == 0 && argc == 6)
		failed = await_lines(argv[5], (long)all);
	double seconds = now() - start;
	qsort(times, all, sizeof *times, compare);
	printf("%.0f %.1f\n", (double)all / seconds, times[all * 99 / 100]);
	return failed != 0;
}
