/*
 * A client of the descriptor holder: stores its standard input and retrieves it with deletion, again and again over one connection.
 * usage: holder SOCKET MILLISECONDS
 * Prints: round trips per second, each being a store and a retrieve.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

/* Length, number of descriptors, command, date in the year 2112 or so, length of the name, the name. */
static const unsigned char store[] = {0, 0, 0, 20, 0, 1, 'S', 0x40, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 5, 'b', 'e', 'n', 'c', 'h', 0};
static const unsigned char retrieve[] = {0, 0, 0, 9, 0, 0, 'R', 1, 5, 'b', 'e', 'n', 'c', 'h', 0};

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* Sends a request and reads its answer, seven bytes that end with 0. Returns the descriptor that came with it, or -1. */
static int ask(int connection, const unsigned char *request, size_t size, int descriptor)
{
	union { struct cmsghdr header; char bytes[CMSG_SPACE(sizeof(int))]; } control;
	unsigned char answer[7];
	struct iovec data = { (void *)request, size };
	struct msghdr message = { .msg_iov = &data, .msg_iovlen = 1 };
	struct cmsghdr *header = &control.header;
	size_t have = 0;
	ssize_t count;

	memset(&control, 0, sizeof control);
	if (descriptor >= 0) {
		message.msg_control = &control;
		message.msg_controllen = sizeof control;
		header->cmsg_level = SOL_SOCKET;
		header->cmsg_type = SCM_RIGHTS;
		header->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(header), &descriptor, sizeof descriptor);
	}
	if (sendmsg(connection, &message, MSG_NOSIGNAL) != (ssize_t)size)
		exit(111);
	descriptor = -1;
	while (have < sizeof answer) {
		data = (struct iovec){ answer + have, sizeof answer - have };
		message = (struct msghdr){ .msg_iov = &data, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control };
		count = recvmsg(connection, &message, MSG_CMSG_CLOEXEC);
		if (count <= 0)
			exit(111);
		have += (size_t)count;
		if (message.msg_controllen)
			memcpy(&descriptor, CMSG_DATA(header), sizeof descriptor);
	}
	if (answer[6])
		exit(111);
	return descriptor;
}

int main(int argc, char **argv)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int connection = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), descriptor;
	uint64_t trips = 0;
	double start, end;

	if (argc != 3 || strlen(argv[1]) >= sizeof address.sun_path || atol(argv[2]) < 1)
		return 100;
	strcpy(address.sun_path, argv[1]);
	if (connection < 0 || connect(connection, (struct sockaddr *)&address, sizeof address) < 0)
		return 111;
	alarm((unsigned)(atol(argv[2]) / 1000 + 20));
	start = now();
	end = start + (double)atol(argv[2]) / 1e3;
	while (now() < end) {
		ask(connection, store, sizeof store, 0);
		descriptor = ask(connection, retrieve, sizeof retrieve, -1);
		if (descriptor < 0)
			return 111;
		close(descriptor);
		trips++;
	}
	printf("%.1f\n", (double)trips / (now() - start));
	return 0;
}
