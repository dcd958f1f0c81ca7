/*
 * dnsload COUNT HELD INPUT PROGRAM ARGS...: runs a program COUNT times in a network of its own, whose only host, 127.0.0.1, has a DNS server
 * that knows everything: A is 10.0.0.1, PTR is host.test. INPUT is the program's standard input, its output goes to the null device. The
 * server holds the first HELD answers back until as many queries are there. Prints the seconds of all runs together, and the most memory that
 * a run had, in KiB. "ask" in place of a program: the server is asked by this process, which shows its own time.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LARGEST 512
#define BATCH 64

struct query {
	struct sockaddr_in from;
	int size;
	unsigned char packet[LARGEST];
};

static const unsigned char address[] = { 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 10, 0, 0, 1 };
static const unsigned char name[] = { 0xc0, 12, 0, 12, 0, 1, 0, 0, 0, 60, 0, 11, 4, 'h', 'o', 's', 't', 4, 't', 'e', 's', 't', 0 };

static void fail(const char *what)
{
	perror(what);
	exit(111);
}

/* Turns a query into its answer, in place. */
static void answer(struct query *query)
{
	unsigned char *packet = query->packet;
	int end = 12, pointer;

	while (end < query->size && packet[end])
		end += packet[end] + 1;
	end += 5;
	if (query->size < 17 || end > query->size || end > LARGEST - 64)
		return;
	pointer = packet[end - 3] == 12;
	memcpy(packet + end, pointer ? name : address, pointer ? sizeof name : sizeof address);
	query->size = end + (pointer ? sizeof name : sizeof address);
	packet[2] = 0x81;
	packet[3] = 0x80;
	packet[7] = 1;
	memset(packet + 8, 0, 4);
}

static void serve(int udp, long held)
{
	static struct query queries[BATCH];
	static struct mmsghdr messages[BATCH];
	static struct iovec pieces[BATCH];
	struct query *waiting = held ? malloc(held * sizeof *waiting) : 0;
	long count = 0;
	int i, received;

	if (held && !waiting)
		fail("malloc");
	for (;;) {
		for (i = 0; i < BATCH; i++) {
			pieces[i].iov_base = queries[i].packet;
			pieces[i].iov_len = LARGEST;
			memset(&messages[i].msg_hdr, 0, sizeof messages[i].msg_hdr);
			messages[i].msg_hdr.msg_name = &queries[i].from;
			messages[i].msg_hdr.msg_namelen = sizeof queries[i].from;
			messages[i].msg_hdr.msg_iov = &pieces[i];
			messages[i].msg_hdr.msg_iovlen = 1;
		}
		received = recvmmsg(udp, messages, BATCH, MSG_WAITFORONE, 0);
		if (received < 0)
			fail("recvmmsg");
		for (i = 0; i < received; i++) {
			queries[i].size = messages[i].msg_len;
			answer(&queries[i]);
			pieces[i].iov_len = queries[i].size;
			if (count < held)
				waiting[count] = queries[i];
			count++;
		}
		if (count > held)
			sendmmsg(udp, messages, received, 0);
		else if (count == held)
			for (i = 0; i < held; i++)
				sendto(udp, waiting[i].packet, waiting[i].size, 0, (struct sockaddr *)&waiting[i].from, sizeof waiting[i].from);
	}
}

static void ask(const struct sockaddr_in *server)
{
	static const unsigned char query[] = { 1, 2, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 'a', 4, 't', 'e', 's', 't', 0, 0, 1, 0, 1 };
	unsigned char packet[LARGEST];
	int udp = socket(AF_INET, SOCK_DGRAM, 0);

	if (connect(udp, (const struct sockaddr *)server, sizeof *server) < 0 || send(udp, query, sizeof query, 0) < 0 || recv(udp, packet, LARGEST, 0) < 0)
		fail("ask");
	close(udp);
}

int main(int argc, char **argv)
{
	struct sockaddr_in server = { .sin_family = AF_INET, .sin_port = htons(53), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct ifreq loopback = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING };
	struct timespec start, end;
	struct rusage usage;
	int buffer = 64 << 20, udp, status, null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	long count, i;
	pid_t child, daemon;

	if (argc < 5)
		return 100;
	count = atol(argv[1]);
	if (unshare(CLONE_NEWNET) < 0)
		fail("unshare");
	udp = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (ioctl(udp, SIOCSIFFLAGS, &loopback) < 0 || bind(udp, (struct sockaddr *)&server, sizeof server) < 0)
		fail("bind");
	setsockopt(udp, SOL_SOCKET, SO_RCVBUFFORCE, &buffer, sizeof buffer);
	setenv("DNSCACHEIP", "127.0.0.1", 1);
	/* What connlimit wants. */
	setenv("PROTO", "IPC", 1);
	setenv("IPCCONNNUM", "1", 1);
	daemon = fork();
	if (daemon == 0)
		serve(udp, atol(argv[2]));
	clock_gettime(CLOCK_MONOTONIC, &start);
	for (i = 0; i < count; i++) {
		if (!strcmp(argv[4], "ask")) {
			ask(&server);
			continue;
		}
		child = vfork();
		if (child == 0) {
			int input = open(argv[3], O_RDONLY);

			dup2(input, 0);
			dup2(null, 1);
			close(input);
			execvp(argv[4], argv + 4);
			_exit(127);
		}
		if (wait4(child, &status, 0, 0) < 0 || status != 0) {
			fprintf(stderr, "%s: status %x\n", argv[4], status);
			kill(daemon, SIGKILL);
			return 111;
		}
	}
	clock_gettime(CLOCK_MONOTONIC, &end);
	kill(daemon, SIGKILL);
	waitpid(daemon, &status, 0);
	getrusage(RUSAGE_CHILDREN, &usage);
	printf("%.9f %ld\n", end.tv_sec - start.tv_sec + (end.tv_nsec - start.tv_nsec) / 1e9, usage.ru_maxrss);
	return 0;
}
