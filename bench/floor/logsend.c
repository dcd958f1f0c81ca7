/*
 * The senders: processes that each send as many messages of 100 bytes as datagrams; who has no room for one makes them wait.
 * usage: logsend SOCKET SENDERS COUNT
 * Prints messages per second.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void run(const struct sockaddr_un *address, int count)
{
	static char message[100];
	static const char header[] = "<30>Nov 21 23:28:26 ident[19713]: ";
	int client = socket(AF_UNIX, SOCK_DGRAM, 0);

	memset(message, 'x', sizeof message);
	memcpy(message, header, sizeof header - 1);
	if (client < 0 || connect(client, (const struct sockaddr *)address, sizeof *address) < 0)
		_exit(111);
	for (int i = 0; i < count; i++)
		if (send(client, message, sizeof message, 0) < 0)
			_exit(111);
	_exit(0);
}

int main(int argc, char **argv)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct timespec start, end;
	int failed = 0, status;

	if (argc != 4 || strlen(argv[1]) >= sizeof address.sun_path)
		return 100;
	strcpy(address.sun_path, argv[1]);
	int senders = atoi(argv[2]), count = atoi(argv[3]);
	clock_gettime(CLOCK_MONOTONIC, &start);
	for (int i = 0; i < senders; i++)
		if (fork() == 0)
			run(&address, count);
	while (wait(&status) > 0)
		failed |= status;
	clock_gettime(CLOCK_MONOTONIC, &end);
	double seconds = (double)(end.tv_sec - start.tv_sec) + (double)(end.tv_nsec - start.tv_nsec) / 1e9;
	printf("%.0f\n", (double)senders * count / seconds);
	return failed != 0;
}
